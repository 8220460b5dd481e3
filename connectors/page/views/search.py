"""Search and archive: everything that ever alerted, by words in any form and by all filters."""

from __future__ import annotations

import sqlite3
from typing import Any

from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk
from connectors.page.find import Group
from connectors.page.views.shown import options, show

SHOWN = 30
COUNTED = 1000
"""More matches than these are not counted: "at least 1,000"."""


async def search(request: web.Request) -> web.Response:
    """The page."""
    desk: Desk = request.app[DESK]
    wanted, cursor = find.read_filter(request.query), request.query.get("cursor", "")
    words = desk.look.words[desk.look.lang(request)]

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        entries, following = find.threads(db, wanted, SHOWN, cursor)
        condition, values = wanted.where("t")
        found = db.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM threads t WHERE {condition} LIMIT ?)",  # noqa: S608 - conditions of ours
            (*values, COUNTED),
        ).fetchone()[0]
        return {
            "groups": [Group(one, []) for one in entries], "following": following, "wanted": wanted, "cursor": cursor,
            "feed_query": wanted.address(),
            "options": options(db, words, wanted), "found": found, "more": found == COUNTED,
        }  # fmt: skip

    return await show(request, "search.html", "search", ask)
