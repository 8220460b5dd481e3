"""What a source's health means to a reader: may its silence be trusted?"""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.contracts.records import SourceHealth

STATES = ("fresh", "stale", "refused", "blind", "waiting", "off")
STALE = timedelta(days=7)
BLIND_AFTER = 3
"""Failed polls in a row after which what happens there is not seen; as the rule `source-blind` has it."""


def state_of(source: SourceHealth, now: datetime) -> str:
    """One of `STATES`."""
    if not source.enabled:
        return "off"
    if source.outcome is None:
        return "waiting"
    if source.outcome == "gone" or source.failures >= BLIND_AFTER:
        return "blind"
    if source.outcome not in ("ok", "unchanged"):
        return "refused"
    if source.changed is None or now - source.changed > STALE:
        return "stale"
    return "fresh"
