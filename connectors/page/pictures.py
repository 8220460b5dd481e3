"""Pictures drawn on the server: SVG with a title and the figures as text, coloured by the style sheet alone.

Every picture is decorative beside a table or a sentence that says the same; `role="img"` and its label say what it
shows. No inline style: the content security policy allows none.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

HEIGHT = 64


def _svg(width: float, height: float, label: str, body: str) -> Markup:
    return Markup(
        '<svg class="picture" role="img" viewBox="0 0 {w:g} {h:g}" aria-label="{label}"><title>{label}</title>'
    ).format(w=width, h=height, label=label) + Markup(body + "</svg>")  # noqa: S704 - every text in it went through escape


def bars(values: Sequence[tuple[str, int]], label: str, *, width: int = 480, height: int = HEIGHT) -> Markup:
    """One bar a value, side by side; the first, the last and the highest are labelled."""
    most = max((n for _, n in values), default=0) or 1
    step = width / max(1, len(values))
    body = [f'<line class="axis" x1="0" y1="{height + 0.5}" x2="{width}" y2="{height + 0.5}"/>']
    for number, (name, n) in enumerate(values):
        tall = round(height * n / most, 1) if n else 0
        body.append(
            f'<rect class="bar" x="{number * step + step * 0.12:.1f}" y="{height - tall:.1f}" width="{step * 0.76:.1f}"'
            f' height="{tall:.1f}"><title>{escape(name)}: {n}</title></rect>'
        )
    if values:
        body.append(f'<text class="tick" x="0" y="{height + 14}">{escape(values[0][0])}</text>')
        if len(values) > 1:
            body.append(
                f'<text class="tick" x="{width}" y="{height + 14}" text-anchor="end">{escape(values[-1][0])}</text>'
            )
    return _svg(width, height + 18, label, "".join(body))


def shares(values: Sequence[tuple[str, int]], label: str, *, width: int = 480) -> Markup:
    """Parts of a whole as horizontal bars, each with its name and its number."""
    whole = sum(n for _, n in values) or 1
    most = max((n for _, n in values), default=0) or 1
    body = []
    for number, (name, n) in enumerate(values):
        y = number * 22
        body.append(
            f'<text class="name" x="0" y="{y + 14}">{escape(name)}</text>'
            f'<rect class="track" x="70" y="{y + 5}" width="{width - 160}" height="10" rx="2"/>'
            f'<rect class="bar" x="70" y="{y + 5}" width="{max(1.5, (width - 160) * n / most) if n else 0:.1f}" height="10" rx="2"/>'
            f'<text class="value" x="{width}" y="{y + 14}" text-anchor="end">{n} · {100 * n / whole:.0f} %</text>'
        )
    return _svg(width, max(22, len(values) * 22), label, "".join(body))


ORDER = (
    "rejected", "suspended", "countered", "floated", "tabled", "discussing", "welcomed", "revived", "agreed", "in_force",
)  # fmt: skip
"""States from the farthest from agreement to the nearest: how high they stand in the picture of a life."""


def life(steps: Sequence[tuple[float, str, str, str]], label: str, *, width: int = 720) -> Markup:
    """A life as a stair: `(place from 0 to 1, status, its name, its day)` for each step, in order."""
    used = [status for status in ORDER if any(s == status for _, s, _, _ in steps)]
    names = {status: name for _, status, name, _ in steps}
    row, left = 24, 96
    height = max(1, len(used)) * row

    def y(status: str) -> float:
        return height - (used.index(status) + 0.5) * row

    def x(share: float) -> float:
        return left + 8 + share * (width - left - 20)

    body = [
        f'<text class="name" x="0" y="{y(s) + 4:.1f}">{escape(names[s])}</text>'
        f'<line class="grid" x1="{left}" y1="{y(s):.1f}" x2="{width}" y2="{y(s):.1f}"/>'
        for s in used
    ]
    path = ""
    for share, status, _, _ in steps:
        path += f"H{x(share):.1f}V{y(status):.1f}" if path else f"M{x(share):.1f} {y(status):.1f}"
    if steps:
        body.append(f'<path class="stair" d="{path}H{width}"/>')
        body += [
            f'<circle class="step" cx="{x(share):.1f}" cy="{y(s):.1f}" r="4"><title>{escape(day)}: {escape(name)}</title></circle>'
            for share, s, name, day in steps
        ]
        body.append(f'<text class="tick" x="{left}" y="{height + 14}">{escape(steps[0][3])}</text>')
        if len(steps) > 1:
            body.append(
                f'<text class="tick" x="{width}" y="{height + 14}" text-anchor="end">{escape(steps[-1][3])}</text>'
            )
    return _svg(width, height + 18, label, "".join(body))
