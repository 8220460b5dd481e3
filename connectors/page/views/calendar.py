"""Promises by day: what is to come, what came or did not, and what was promised for no day."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.page import find
from connectors.page.views.shown import show

MOST_PAST = 80


async def calendar(request: web.Request) -> web.Response:
    """The page."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    wanted = find.read_filter(request.query)

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        told = {
            (id_, tuple(c.who), c.what, c.due): (id_, life, c)
            for id_, life in find.dossiers(db).items()
            for c in life.commitments
            if not wanted.proposal or {id_, life.proposal} & set(wanted.proposal)
        }
        dated = sorted((one for one in told.values() if one[2].due), key=lambda one: one[2].due or "")
        # A month or a year is to come as long as any of its days is.
        coming = [one for one in dated if (one[2].due or "") >= today[: len(one[2].due or "")]]
        past = [one for one in reversed(dated) if one not in coming]
        return {
            "coming": _by_month(coming), "past": _by_month(past[:MOST_PAST]),
            "undated": [one for one in told.values() if not one[2].due],
        }  # fmt: skip

    return await show(request, "calendar.html", "calendar", ask)


def _by_month(found: list[Any]) -> list[tuple[str, list[Any]]]:
    months: dict[str, list[Any]] = {}
    for one in found:
        months.setdefault((one[2].due or "")[:7], []).append(one)
    return list(months.items())
