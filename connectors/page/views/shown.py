"""What all pages share: a nonce, the language, the frame; asked and rendered in one thread off the loop."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk
from connectors.page.find import Filter
from connectors.page.guard import policy
from connectors.page.look import COOKIE
from connectors.page.strings import LOCALES, Words
from streams.logic.dossier.alert import people

PAGES = (
    ("now", "/"), ("proposals", "/proposals"), ("calendar", "/calendar"), ("search", "/search"),
    ("sources", "/sources"), ("held", "/held"), ("workbench", "/workbench"),
)  # fmt: skip
YEAR = 365 * 86400


async def show(
    request: web.Request,
    template: str,
    here: str,
    question: Callable[[sqlite3.Connection], Mapping[str, Any]],
    status: int = 200,
) -> web.Response:
    """A page: `question` asks the archive for what `template` shows."""
    desk: Desk = request.app[DESK]
    lang, nonce = desk.look.lang(request), secrets.token_urlsafe(16)
    kept = urlencode([(k, v) for k, v in request.query.items() if k != "ui"])

    def make(db: sqlite3.Connection) -> str:
        return desk.look.render(
            template, lang, nonce=nonce, pages=PAGES, here=here, loading=desk.loading,
            keep_query=kept + "&" if kept else "", **question(db),
        )  # fmt: skip

    answer = web.Response(text=await desk.ask(make), content_type="text/html", charset="utf-8", status=status)
    answer.headers["Content-Security-Policy"] = policy(nonce)
    answer.headers["Content-Language"] = lang
    answer.headers["Vary"] = "Accept-Language, Cookie"
    if request.query.get("ui") in LOCALES:
        answer.set_cookie(COOKIE, lang, max_age=YEAR, httponly=True, samesite="Lax", path="/")
    return answer


def options(db: sqlite3.Connection, words: Words, wanted: Filter) -> dict[str, list[tuple[str, str]]]:
    """What the fields of a filter offer: the closed lists, and what the archive holds."""
    found: dict[str, list[tuple[str, str]]] = {
        field: [(v, words.name(field, v)) for v in values]
        for field, values in find.CLOSED.items()
        if field != "historical"
    }
    for field in ("proposal", "actor", "lang", "rule", "source"):
        values = sorted({*find.choices(db, field), *getattr(wanted, field)})
        found[field] = [(v, f"{v} · {people([v])}" if field == "actor" and people([v]) != v else v) for v in values]
    return found
