"""How much what readers said of a rule's alerts tells about the rule. Pure."""

from __future__ import annotations


def interval(relevant: int, said: int) -> tuple[float, float]:
    """Wilson's score interval at 95 % (E. B. Wilson, JASA 22, 1927) of a share; `said` is at least 1."""
    z = 1.959964
    share, whole = relevant / said, 1 + z * z / said
    middle = (share + z * z / (2 * said)) / whole
    half = z * ((share * (1 - share) / said + z * z / (4 * said * said)) ** 0.5) / whole
    return max(0.0, middle - half), min(1.0, middle + half)
