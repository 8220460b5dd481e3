"""Saving from the workbench: only with the administrator's token, only what passes its tests, only in their folder."""

from __future__ import annotations

import asyncio
import hmac
import logging
import sqlite3
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.page import keeping
from connectors.page.desk import DESK, Desk
from connectors.page.keeping import KeepFault
from connectors.page.views.workbench import named, shown, text_of
from connectors.page.workshop import WorkFault
from streams import knowledge, rules
from streams.logic.knowledge import KnowledgeFault
from streams.logic.rules import RulesFault
from streams.ops import meters
from streams.settings import Settings

log = logging.getLogger("treatywatch.web")

STATUS = {"forbidden": 403, "conflict": 409, "refused": 422, "failed": 503, "saved": 200}
"""What becomes of a save, and how it is answered."""


def may_save(settings: Settings, token: str) -> bool:
    """Whether this is the administrator's token; never where none is set."""
    wanted: str = settings.web_admin_token
    return bool(wanted) and hmac.compare_digest(token.encode(), wanted.encode())


async def save(request: web.Request) -> web.Response:
    """`POST /workbench/save`: keep an edited copy in the operator's folder and put it in force.

    The guard has seen to it that it comes from our own page; the token is asked for each time and never remembered.
    """
    desk: Desk = request.app[DESK]
    form = await request.post()
    opened, content, base = str(form.get("open", "")), text_of(form, "content"), str(form.get("base", ""))
    named(opened)
    header = desk.settings.web_reader_header
    by = f"{request.remote} {request.headers.get(header, '')[:80]!r}" if header else f"{request.remote}"
    # Once begun it is gone through with, also when its asker has hung up: half an activation is nobody's wish.
    said = await asyncio.shield(_judged(desk, opened, content, base, str(form.get("token", "")), by))
    outcome = said["outcome"]
    tested = {"problems": said["problems"], "compared": None} if said.get("problems") else None
    # What was refused is shown again as it was given, with the mark it was given with.
    given = None if outcome == "saved" else base
    return await shown(request, opened, content, base=given, saved=said, tested=tested, status=STATUS[outcome])


async def _judged(desk: Desk, opened: str, content: str, base: str, token: str, by: str) -> dict[str, Any]:
    kind, path = named(opened)
    said: dict[str, Any] = {"outcome": "forbidden"}
    if may_save(desk.settings, token):
        async with desk.saving:
            said = await _saved(desk, kind, path, content, base)
    meters.WORKBENCH_SAVES.labels(kind, said["outcome"]).inc()
    level = logging.INFO if said["outcome"] == "saved" else logging.WARNING
    log.log(level, "workbench: saving %s: %s (by %s) %s", opened, said["outcome"], by, said.get("why", ""))
    return said


async def _saved(desk: Desk, kind: str, path: str, content: str, base: str) -> dict[str, Any]:
    folder = keeping.folder_of(desk.settings, kind)
    if folder is None:
        return {"outcome": "failed"}
    try:
        refused = await _kept(desk, folder, kind, path, content, base)
    except (KeepFault, KnowledgeFault, RulesFault, WorkFault) as fault:
        return {"outcome": "failed", "why": str(fault)}
    if refused is not None:
        return refused
    try:
        return {"outcome": "saved", "told": await keeping.put_in_force(desk.settings, kind)}
    except KeepFault as fault:
        return {"outcome": "failed", "why": str(fault), "kept": True}


async def _kept(desk: Desk, folder: Path, kind: str, path: str, content: str, base: str) -> dict[str, Any] | None:
    """Write what stands the tests; else what is to be said."""

    def before(_db: sqlite3.Connection) -> tuple[str, dict[str, str]]:
        keeping.place(folder, kind, path)
        return keeping.mark(folder, kind, path), rules.read(folder) if kind == "rules" else knowledge.read(folder)

    stands, files = await desk.ask(before)
    if stands != base:
        return {"outcome": "conflict"}
    problems = await desk.workshop.ask("check", kind=kind, files=files | {path: content})
    if problems:
        return {"outcome": "refused", "problems": problems}
    await asyncio.to_thread(keeping.write, folder, kind, path, content)
    return None
