"""Workbench: what is made of a text and why; a rule or an entry changed here, tested here, taken away as a file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from connectors.page import find, keeping
from connectors.page.desk import DESK, Desk
from connectors.page.find import Filter, QueryFault
from connectors.page.views.shown import show
from connectors.page.workshop import TooSlow, WorkFault
from streams import knowledge, rules

MOST_TEXT = 200_000
DAYS = (0, 7, 30, 90, 365)
_NAME = re.compile(r"(?P<kind>rules|knowledge)/(?P<path>.{1,200})")
EDITABLE = ("proposals/", "acts/", "actors/", "concepts/", "cues/")


def files_in_force(db: sqlite3.Connection, desk: Desk, kind: str) -> dict[str, str]:
    """The bundle that was last put in force, as the log has it; else what is installed here."""
    stated = find.bundle_files(db, kind)
    if stated is not None:
        return stated
    return rules.read(desk.settings.rules) if kind == "rules" else knowledge.read(desk.settings.knowledge)


def named(opened: str) -> tuple[str, str]:
    """Kind and path of an entry by its name (`rules/rejection.yaml`); `QueryFault` when it is none."""
    found = _NAME.fullmatch(opened)
    if not found or not keeping.NAMES[found["kind"]].fullmatch(found["path"]):
        raise QueryFault(f"open={opened!r} is not accepted; it takes a name such as rules/rejection.yaml")
    return found["kind"], found["path"]


def text_of(form: Mapping[str, Any], field: str) -> str:
    """A field of a form as it was typed, its line ends ours, cut where no text is as long."""
    return str(form.get(field, "")).replace("\r\n", "\n")[:MOST_TEXT]


def _names(db: sqlite3.Connection, desk: Desk) -> list[tuple[str, list[str]]]:
    entries = [p for p in files_in_force(db, desk, "knowledge") if p.startswith(EDITABLE)]
    return [("rules", sorted(files_in_force(db, desk, "rules"))), ("knowledge", sorted(entries))]


_EMPTY: Mapping[str, Any] = {
    "given": {"title": "", "text": "", "lang": "", "published": ""}, "result": None, "fault": "", "slow": False,
    "tested": None, "days": 0, "saved": None,
}  # fmt: skip


async def shown(
    request: web.Request,
    opened: str,
    content: str | None = None,
    base: str | None = None,
    status: int = 200,
    **more: Any,
) -> web.Response:
    """The page with an entry opened; `content` is a text of the reader's for it, `base` the mark it was begun from."""
    desk: Desk = request.app[DESK]

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        text, stands, folder, rule = "", "", None, ""
        if opened:
            kind, path = named(opened)
            text, folder = files_in_force(db, desk, kind).get(path, ""), keeping.folder_of(desk.settings, kind)
            stands = keeping.mark(folder, kind, path)
            rule = path.removesuffix(".yaml") if kind == "rules" else ""
        return {
            **_EMPTY, "names": _names(db, desk), "opened": opened, "content": text if content is None else content,
            "all_days": DAYS, "base": stands if base is None else base,
            "admin": bool(desk.settings.web_admin_token), "folder": folder is not None,
            "feed_query": Filter(rule=(rule,)).address() if rule else "", **more,
        }  # fmt: skip

    return await show(request, "workbench.html", "workbench", ask, status)


async def workbench(request: web.Request) -> web.Response:
    """The page: empty, with an entry opened, or with an archived article read."""
    opened, identity = request.query.get("open", ""), request.query.get("article", "")
    if not identity:
        return await shown(request, opened)
    desk: Desk = request.app[DESK]
    history = await desk.ask(find.history, request.query.get("alert", ""))
    told = next((a.article for a in history if a.article and a.article.id == identity), None)
    seen = told.seen.isoformat() if told else request.query.get("seen", "")
    try:
        article = await desk.workshop.ask("article", identity=identity, seen=seen)
    except WorkFault as fault:
        return await shown(request, opened, fault=str(fault), slow=isinstance(fault, TooSlow))
    if article is None:
        return await shown(request, opened, gone=True)
    given = {k: article[k] or "" for k in ("title", "text", "lang", "published")}
    return await _read(request, given)


async def _read(request: web.Request, given: dict[str, str]) -> web.Response:
    desk: Desk = request.app[DESK]

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        return {"knowledge": files_in_force(db, desk, "knowledge"), "rules": files_in_force(db, desk, "rules")}

    try:
        result = await desk.workshop.ask("read", **await desk.ask(ask), **given)
    except WorkFault as fault:
        return await shown(request, "", given=given, fault=str(fault), slow=isinstance(fault, TooSlow))
    return await shown(request, "", given=given, result=result)


async def read_text(request: web.Request) -> web.Response:
    """`POST /workbench/read`: a pasted text."""
    form = await request.post()
    given = {k: text_of(form, k) for k in ("title", "text", "lang", "published")}
    return await _read(request, given)


async def edited(request: web.Request) -> web.Response:
    """`POST /workbench/edit`: test a changed copy, compare it, or take it away as a file."""
    desk: Desk = request.app[DESK]
    form = await request.post()
    opened, content, base = str(form.get("open", "")), text_of(form, "content"), str(form.get("base", ""))
    kind, path = named(opened)
    days_text = str(form.get("days", "0"))
    if days_text not in map(str, DAYS):
        raise QueryFault(f"days={days_text!r} is not accepted; it takes {', '.join(map(str, DAYS))}")

    if form.get("do") == "take":
        name = path.rpartition("/")[2]
        return web.Response(
            body=content.encode(), content_type="application/yaml", charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )  # fmt: skip
    days, files = int(days_text), await desk.ask(files_in_force, desk, kind)
    try:
        tested = await desk.workshop.ask("test", kind=kind, files=files, path=path, content=content, days=days)
    except WorkFault as fault:
        return await shown(request, opened, content, base, fault=str(fault), slow=isinstance(fault, TooSlow), days=days)
    return await shown(request, opened, content, base, tested=tested, days=days)
