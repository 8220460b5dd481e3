"""Alerts as Atom (RFC 4287) and JSON Feed 1.1: an entry is a thread, so a correction updates the entry it corrects.

Both take the filters of the page, so there is a feed for each proposal, rule, actor, language or search.
"""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ET
from typing import Any

import msgspec
from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk, answered
from connectors.page.find import Entry, read_filter
from connectors.page.look import link, moment
from connectors.page.strings import Words
from connectors.sinks.message import change_of

NEWEST = 200
ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold at all."""


def stamp(milliseconds: int) -> str:
    """RFC 3339 in UTC."""
    return moment(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said(entry: Entry, words: Words) -> str:
    """An entry's text: what happened, the quotes, what changed, where from."""
    alert = entry.alert
    lines = [f"“{' '.join(e.quote.split())}”" for e in alert.evidence]
    lines += [f"{words('alert.changes')}: {change_of(c)}" for c in alert.changes]
    if alert.article:
        published = words.moment(alert.article.published) if alert.article.published else words("page.undated")
        lines.append(f"{alert.article.source}, {words('alert.published')} {published}")
    return "\n\n".join(lines)


def _title(entry: Entry, words: Words) -> str:
    kind = entry.alert.type
    mark = f"[{words.name('type', kind)}] " if kind in ("corrected", "retracted") else ""
    return mark + entry.alert.headline


async def _wanted(request: web.Request) -> tuple[Desk, list[Entry], Words, str, str]:
    desk: Desk = request.app[DESK]
    wanted = read_filter(request.query)

    def ask(db: sqlite3.Connection) -> list[Entry]:
        return find.threads(db, wanted, NEWEST)[0]

    return desk, await desk.ask(ask), desk.look.words["en"], desk.home(request), wanted.address()


async def json_feed(request: web.Request) -> web.Response:
    """JSON Feed 1.1."""
    desk, entries, words, home, query = await _wanted(request)
    items: list[dict[str, Any]] = []
    for one in entries:
        alert = one.alert
        item: dict[str, Any] = {
            "id": alert.thread, "url": f"{home}alerts/{alert.thread}", "title": _title(one, words),
            "summary": desk.look.facts(alert, "en"), "content_text": said(one, words) or alert.headline,
            "date_published": stamp(one.first), "date_modified": stamp(one.at),
            "tags": [alert.proposal or "coverage", alert.rule.id, alert.severity, alert.type],
        }  # fmt: skip
        if alert.article and link(alert.article.url):
            item["external_url"] = alert.article.url
        if alert.article and alert.article.lang:
            item["language"] = alert.article.lang
        items.append(item)
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": "treatywatch alerts" + (f" {query}" if query else ""),
        "home_page_url": home + query, "feed_url": home + "alerts.json" + query, "language": "en", "items": items,
    }  # fmt: skip
    return answered(request, msgspec.json.encode(feed), "application/feed+json")


async def atom(request: web.Request) -> web.Response:
    """Atom; the same entries under the same ids."""
    desk, entries, words, home, query = await _wanted(request)
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})

    def add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
        found = ET.SubElement(parent, f"{{{ATOM}}}{name}", {k: _FORBIDDEN.sub("", v) for k, v in attributes.items()})
        found.text = _FORBIDDEN.sub("", text) or None
        return found

    add(feed, "id", "urn:treatywatch:alerts" + (":" + query.removeprefix("?") if query else ""))
    add(feed, "title", "treatywatch alerts" + (f" {query}" if query else ""))
    add(feed, "updated", stamp(max((e.at for e in entries), default=0)))
    add(add(feed, "author"), "name", "treatywatch")
    add(feed, "link", rel="self", type="application/atom+xml", href=home + "alerts.atom" + query)
    add(feed, "link", rel="alternate", type="text/html", href=home + query)
    for one in entries:
        alert, entry = one.alert, add(feed, "entry")
        add(entry, "id", f"urn:treatywatch:{alert.thread}")
        add(entry, "title", _title(one, words))
        add(entry, "published", stamp(one.first))
        add(entry, "updated", stamp(one.at))
        add(entry, "link", rel="alternate", type="text/html", href=f"{home}alerts/{alert.thread}")
        if alert.article and link(alert.article.url):
            add(entry, "link", rel="via", href=_iri(alert.article.url))
        for term in (alert.proposal or "coverage", alert.rule.id, alert.severity):
            add(entry, "category", term=term)
        add(entry, "summary", desk.look.facts(alert, "en"))
        add(entry, "content", said(one, words) or alert.headline, type="text")
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return answered(request, body, "application/atom+xml")


def _iri(url: str) -> str:
    """An address without what an IRI may not hold."""
    return re.sub(r"[\x00-\x20<>\"{}|\\^`]", lambda m: "".join(f"%{b:02X}" for b in m.group().encode()), url)
