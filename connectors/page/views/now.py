"""Now: alerts as they come, by story; and one alert with its whole history."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk
from connectors.page.live import event_id, read_so_far
from connectors.page.views import coverage
from connectors.page.views.shown import options, show
from streams.contracts.records import DossierCommitment

SHOWN = 40
"""Stories on the first page."""
LIVES, PROMISES = 12, 6


async def index(request: web.Request) -> web.Response:
    """The first page."""
    desk: Desk = request.app[DESK]
    wanted, cursor = find.read_filter(request.query), request.query.get("cursor", "")
    words = desk.look.words[desk.look.lang(request)]
    today = f"{datetime.now(UTC):%Y-%m-%d}"

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        # Before the list is read, so that nothing falls between the page and its live updates.
        after = event_id(read_so_far(db))
        groups, following = find.stories(db, wanted, SHOWN, cursor)
        lives = find.dossiers(db)
        recent = sorted(lives.items(), key=lambda pair: pair[1].last_activity or OLD, reverse=True)[:LIVES]
        states = Counter(coverage.state_of(s, datetime.now(UTC)) for s in find.sources(db).values())
        return {
            "groups": groups, "following": following, "wanted": wanted, "cursor": cursor, "after": after,
            "feed_query": wanted.address(),
            "options": options(db, words, wanted), "lives": recent, "promises": _upcoming(lives.values(), today),
            "coverage": [(name, states[name]) for name in coverage.STATES],
            "empty": not groups and not wanted and not cursor, "played": "played" in request.query,
        }  # fmt: skip

    return await show(request, "now.html", "now", ask)


OLD = datetime(1, 1, 1, tzinfo=UTC)


def _upcoming(lives: Any, today: str) -> list[DossierCommitment]:
    found = [c for d in lives for c in d.commitments if c.due and c.due >= today and c.state in ("open", "due")]
    return sorted(found, key=lambda c: c.due or "")[:PROMISES]


async def one(request: web.Request) -> web.Response:
    """One alert, by its own id or its thread's."""
    identity = request.match_info["id"]
    desk: Desk = request.app[DESK]
    history = await desk.ask(find.history, identity)
    if not history:
        raise web.HTTPNotFound(text="no such alert in the archive")
    alert = next((a for a in history if a.id == identity), history[-1])

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        return {
            "alert": alert, "history": history, "verdicts": find.verdicts(db, alert.thread),
            "story": find.of_story(db, alert.story or "", alert.thread),
        }  # fmt: skip

    return await show(request, "alert.html", "now", ask)
