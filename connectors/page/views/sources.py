"""Sources and coverage: who was looked at, how far the worker is, how fast alerts come, and what was not seen."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk
from connectors.page.find import Filter
from connectors.page.views import coverage
from connectors.page.views.shown import show
from connectors.progress import Progress
from streams.logic.precision import interval

BINS = ((1, "< 1 s"), (5, "< 5 s"), (30, "< 30 s"), (120, "< 2 min"), (600, "< 10 min"), (3600, "< 1 h"))
UNSEEN = 15
PROGRESS_SECONDS = 4.0


def times(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """Alerts by how long after the article was seen they came; of current material, at most a day back."""
    rows = db.execute(
        "SELECT (first - seen) / 1000.0 FROM threads WHERE historical = 0 AND seen IS NOT NULL"
        " AND first - seen BETWEEN 0 AND 86400000"
    )
    counts = dict.fromkeys([name for _, name in BINS] + ["≥ 1 h"], 0)
    for (seconds,) in rows:
        counts[next((name for most, name in BINS if seconds < most), "≥ 1 h")] += 1
    return list(counts.items()) if any(counts.values()) else []


def rules(db: sqlite3.Connection) -> list[tuple[str, int, int, int, tuple[float, float]]]:
    """Rule, alerts, verdicts, verdicts "relevant", and between which shares the rule's own lies as these tell it."""
    rows = db.execute(
        "SELECT t.rule, t.n, coalesce(s.n, 0), coalesce(s.well, 0)"
        " FROM (SELECT rule, count(*) n FROM threads GROUP BY rule) t"
        " LEFT JOIN (SELECT rule, count(*) n, sum(verdict = 'relevant') well FROM said GROUP BY rule) s"
        " ON s.rule = t.rule ORDER BY t.n DESC"
    )
    return [(*row, interval(row[3], row[2]) if row[2] else (0.0, 1.0)) for row in rows]


async def sources(request: web.Request) -> web.Response:
    """The page."""
    desk: Desk = request.app[DESK]
    try:
        progress = await asyncio.wait_for(asyncio.to_thread(desk.progress), PROGRESS_SECONDS)
    except TimeoutError:
        progress = Progress(why=f"no answer within {PROGRESS_SECONDS:g} s")
    now = datetime.now(UTC)

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        states: dict[str, list[Any]] = {name: [] for name in ("blind", "refused", "stale", "waiting", "fresh", "off")}
        for one in find.sources(db).values():
            states[coverage.state_of(one, now)].append(one)
        shares = db.execute(
            "SELECT lang, count(*) FROM threads WHERE lang IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 12"
        ).fetchall()
        return {
            "states": states, "progress": progress, "dead": find.dead(db), "times": times(db), "shares": shares,
            "rules": rules(db), "unseen": find.threads(db, Filter(rule=("source-blind",)), UNSEEN)[0],
        }  # fmt: skip

    return await show(request, "sources.html", "sources", ask)
