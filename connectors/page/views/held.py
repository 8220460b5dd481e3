"""Suppressed and near misses: what did not go out, and what was nearly found, each with its reason."""

from __future__ import annotations

import sqlite3
from typing import Any

from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk
from connectors.page.find import Filter
from connectors.page.views.shown import show
from connectors.page.views.workbench import files_in_force
from connectors.page.workshop import TooSlow, WorkFault

SHOWN = 40
SHOWN_NEAR = 20
LOOKED_THROUGH = 500
"""Articles that near misses are looked for in."""


async def held(request: web.Request) -> web.Response:
    """The page. Near misses are those that the worker told; when asked for, the latest articles are read once more."""
    desk: Desk = request.app[DESK]
    proposal, reason = request.query.get("proposal", "")[:200], request.query.get("reason", "")[:200]
    cursor = request.query.get("cursor", "")
    older, near, fault, slow = request.query.get("older", ""), None, "", False
    if "near" in request.query:
        try:
            files = await desk.ask(files_in_force, desk, "knowledge")
            near = await desk.workshop.ask("near", knowledge=files, most=LOOKED_THROUGH)
        except WorkFault as broken:
            fault, slow = str(broken), isinstance(broken, TooSlow)

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        found, following = find.held(db, proposal, reason, SHOWN, cursor)
        misses, older_misses = find.near(db, proposal, SHOWN_NEAR, older)
        return {
            "misses": misses, "older_misses": older_misses, "n_near": find.count(db, "near"),
            "held": found, "following": following, "cursor": cursor, "reasons": find.held_reasons(db), "reason": reason,
            "wanted": Filter(proposal=(proposal,) if proposal else ()), "near": near, "fault": fault, "slow": slow,
            "most": LOOKED_THROUGH,
        }  # fmt: skip

    return await show(request, "held.html", "held", ask)
