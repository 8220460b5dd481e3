"""The dashboards without Grafana: one HTML page of what Prometheus says now.

    python -m deploy.grafana.page overview http://127.0.0.1:9090 > overview.html

The same panels with the same queries, drawn as plain SVG: to look at a stack where Grafana is not run, and for the
pictures in the docs.
"""

from __future__ import annotations

import html
import json
import math
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from deploy.grafana.boards import BOARDS, Board, Panel

Ask = Callable[[str, dict[str, str]], list[dict[str, Any]]]
"""Asks Prometheus: path of its API and parameters; the result list."""

COLOURS = ("#3274d9", "#56a64b", "#e0b400", "#e02f44", "#8f3bb8", "#ff780a", "#1f9e9e", "#7c7c7c")
POINTS = 120
_ACROSS, _DOWN, _LEFT, _BOTTOM = 600, 190, 58, 20


class Line(NamedTuple):
    """One series: its legend, and (unix seconds, value) in order."""

    legend: str
    points: list[tuple[float, float]]


def asking(prometheus: str) -> Ask:
    """A question to Prometheus at this address."""

    def ask(path: str, given: dict[str, str]) -> list[dict[str, Any]]:
        address = f"{prometheus}/api/v1/{path}?{urlencode(given)}"
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - the operator's own address
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found

    return ask


SIZES = {
    "s": ((86400, " d"), (3600, " h"), (60, " min"), (1, " s"), (0.001, " ms")),
    "bytes": ((2**30, " GiB"), (2**20, " MiB"), (2**10, " KiB"), (1, " B")),
    "Bps": ((2**30, " GiB/s"), (2**20, " MiB/s"), (2**10, " KiB/s"), (1, " B/s")),
    "percentunit": ((0.01, " %"),),
    "cps": ((1, "/s"),),
    "rps": ((1, "/s"),),
}
"""Sizes of a unit with their names, the largest first."""


def shown(value: float, unit: str) -> str:
    """A value as a reader wants it."""
    if math.isnan(value):
        return "–"
    if unit == "bool_on_off":
        return "on" if value else "off"
    size, name = _size(value, unit)
    scaled = value / size
    # What is counted is whole; `increase` guesses at fractions.
    return (f"{scaled:,.0f}" if abs(scaled) >= 1000 or unit == "short" else f"{scaled:.3g}") + name


def _size(value: float, unit: str) -> tuple[float, str]:
    """The size that a value is told in, and its name; nothing is told in the plain unit."""
    sizes = SIZES.get(unit, ((1, ""),))
    return next((one for one in sizes if abs(value or 1) >= one[0]), sizes[-1])


def ticks(low: float, high: float, unit: str) -> list[float]:
    """Round values for an axis, three or a few more: the first is `low` or less, the last `high` or more."""
    size = _size(high, unit)[0]
    rough = (high - low) / size / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    step = (max(step, 1) if unit == "short" else step) * size
    return [n * step for n in range(math.floor(low / step), math.ceil(high / step * 0.999) + 1)]


def legend(form: str, labels: dict[str, str]) -> str:
    """`{{label}}` filled in, as Grafana does."""
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return form


def _query(expr: str) -> str:
    return expr.replace("$__rate_interval", "1m").replace("$source", ".*")


def now(panel: Panel, ask: Ask) -> list[Line]:
    """The latest value of each series."""
    found = []
    for expr, form in panel.queries:
        for one in ask("query", {"query": _query(expr)}):
            at, value = one["value"]
            found.append(Line(legend(form, one["metric"]), [(float(at), float(value))]))
    return found


def lately(panel: Panel, ask: Ask, seconds: float, end: float) -> list[Line]:
    """Each series over the last `seconds`."""
    given = {"start": f"{end - seconds:.3f}", "end": f"{end:.3f}", "step": f"{max(seconds / POINTS, 1):.3f}"}
    found = []
    for expr, form in panel.queries:
        for one in ask("query_range", {"query": _query(expr), **given}):
            points = [(float(at), float(value)) for at, value in one["values"]]
            found.append(Line(legend(form, one["metric"]), [p for p in points if math.isfinite(p[1])]))
    return [line for line in found if line.points]


def _chart(lines: Sequence[Line], unit: str, start: float, end: float) -> str:
    values = [value for line in lines for _, value in line.points]
    low, high = min(0.0, *values), max(values)
    marks = ticks(low, high if high > low else low + 1, unit)
    low, high = marks[0], marks[-1]

    def across(at: float) -> float:
        return _LEFT + (at - start) / (end - start) * (_ACROSS - _LEFT - 6)

    def up(value: float) -> float:
        return 8 + (high - value) / (high - low) * (_DOWN - 8 - _BOTTOM)

    drawn = [
        f'<line x1="{_LEFT}" x2="{_ACROSS - 6}" y1="{up(v):.1f}" y2="{up(v):.1f}" class="grid"/>'
        f'<text x="{_LEFT - 5}" y="{up(v) + 4:.1f}" text-anchor="end">{shown(v, unit)}</text>'
        for v in marks
    ]
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = start + share * (end - start)
        drawn.append(
            f'<text x="{across(at):.0f}" y="{_DOWN - 5}" text-anchor="{anchor}">'
            f"{time.strftime('%H:%M:%S', time.gmtime(at))}</text>"
        )
    for number, line in enumerate(lines):
        path = " ".join(f"{across(at):.1f},{up(value):.1f}" for at, value in line.points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[number % len(COLOURS)]}"/>')
    return f'<svg viewBox="0 0 {_ACROSS} {_DOWN}">{"".join(drawn)}</svg>'


def _drawn(panel: Panel, ask: Ask, seconds: float, end: float) -> str:
    head = f'<h2 title="{html.escape(panel.about)}">{html.escape(panel.title)}</h2>'
    if panel.kind == "stat":
        lines = now(panel, ask)
        big = "".join(
            f"<b{' class=red' if panel.red is not None and line.points[0][1] >= panel.red else ''}>"
            f"{shown(line.points[0][1], panel.unit)}</b><i>{html.escape(line.legend)}</i>"
            for line in lines[:3]
        )
        inside = f"<p class=stat>{big or 'nothing'}</p>"
    else:
        lines = sorted(lately(panel, ask, seconds, end), key=lambda line: -line.points[-1][1])[: len(COLOURS)]
        inside = _chart(lines, panel.unit, end - seconds, end) if lines else "<p class=none>nothing has happened</p>"
        named = (
            f'<span><u style="background:{COLOURS[n]}"></u>{html.escape(line.legend)}: '
            f"{shown(line.points[-1][1], panel.unit)}</span>"
            for n, line in enumerate(lines)
        )
        inside += f"<p class=legend>{''.join(named)}</p>"
    return f'<section style="grid-column: span {panel.width}">{head}{inside}</section>'


STYLE = """body{font:13px system-ui,sans-serif;margin:16px;background:#f4f5f5;color:#222}
h1{font-size:18px;margin:0 0 2px}header p{margin:0 0 12px;color:#555}
main{display:grid;grid-template-columns:repeat(24,1fr);gap:8px}
section{background:#fff;border:1px solid #ddd;border-radius:3px;padding:8px;min-width:0}
h2{font-size:13px;margin:0 0 4px}svg{width:100%}svg text{font-size:10px;fill:#666}.grid{stroke:#e5e5e5}
polyline{stroke-width:1.6}.stat{margin:4px 0;display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
.stat b{font-size:24px;color:#2c7a2c}.stat b.red{color:#c4162a}.stat i{font-style:normal;color:#666}
.legend{margin:2px 0 0;font-size:11px;color:#444;display:flex;flex-wrap:wrap;gap:2px 10px}.none{color:#777}
.legend u{display:inline-block;width:10px;height:3px;margin-right:4px;vertical-align:middle}"""


def page(board: Board, ask: Ask, seconds: float = 3600, end: float | None = None) -> str:
    """The board as an HTML page; the charts show the last `seconds` before `end` (unix seconds; now)."""
    end = time.time() if end is None else end
    panels: Iterable[str] = (_drawn(panel, ask, seconds, end) for panel in board.panels)
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(end))
    return (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(board.title)}</title><style>{STYLE}</style>"
        f"<header><h1>{html.escape(board.title)}</h1><p>{html.escape(board.about)} {when}, the last "
        f"{shown(seconds, 's')}.</p></header><main>{''.join(panels)}</main>"
    )


if __name__ == "__main__":
    sys.stdout.write(page(BOARDS[sys.argv[1]], asking(sys.argv[2].rstrip("/"))))
