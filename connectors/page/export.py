"""A selection taken away: CSV for spreadsheets, JSONL for programs, and a report that prints well."""

from __future__ import annotations

import csv
import io
import sqlite3
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk
from connectors.page.feeds import stamp
from connectors.page.find import MOST, Entry, read_filter
from connectors.page.live import written
from connectors.page.look import link
from connectors.page.views.shown import show
from streams.contracts.wire import encode

COLUMNS = (
    "thread", "id", "type", "severity", "historical", "proposal", "instance", "proposal_name", "proposer", "addressee",
    "status_before", "status", "act", "actor", "voice", "headline", "quote", "source", "title", "url", "lang",
    "published", "seen", "changed", "origins", "copies", "rule", "score",
)  # fmt: skip
PAGE = 500


def row(entry: Entry) -> list[str]:
    """One alert as the columns of the CSV. What a spreadsheet would run as a formula is made text."""
    alert, article = entry.alert, entry.alert.article
    values: dict[str, Any] = {name: getattr(alert, name, None) for name in COLUMNS} | {
        "quote": " … ".join(" ".join(e.quote.split()) for e in alert.evidence), "rule": alert.rule.id,
        "source": article.source if article else None, "title": article.title if article else None,
        "url": link(article.url) if article else None, "lang": article.lang if article else None,
        "published": article.published.isoformat() if article and article.published else None,
        "seen": article.seen.isoformat() if article else None, "changed": stamp(entry.at),
    }  # fmt: skip
    return [_cell(values[name]) for name in COLUMNS]


def _cell(value: Any) -> str:
    text = "/".join(value) if isinstance(value, list) else "" if value is None else str(value)
    # OWASP's advice: a cell that begins so is a formula to a spreadsheet; numbers of ours never begin so.
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


async def csv_file(request: web.Request) -> web.StreamResponse:
    """The selection as CSV (UTF-8 with a mark, as spreadsheets want it), all of it, written as it is read."""

    def lines(entries: list[Entry]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows(row(e) for e in entries)
        return out.getvalue().encode()

    head = io.StringIO()
    csv.writer(head).writerow(COLUMNS)
    return await _written(request, "csv", "text/csv", b"\xef\xbb\xbf" + head.getvalue().encode(), lines)


async def jsonl_file(request: web.Request) -> web.StreamResponse:
    """The selection as the alerts' own JSON, one a line."""

    def lines(entries: list[Entry]) -> bytes:
        return b"".join(encode(e.alert) + b"\n" for e in entries)

    return await _written(request, "jsonl", "application/jsonl", b"", lines)


async def _written(request: web.Request, ending: str, kind: str, head: bytes, lines: Any) -> web.StreamResponse:
    desk: Desk = request.app[DESK]
    wanted = read_filter(request.query)
    answer = web.StreamResponse(
        headers={
            "Content-Type": kind + "; charset=utf-8",
            "Content-Disposition": f'attachment; filename="treatywatch-{datetime.now(UTC):%Y%m%d-%H%M}.{ending}"',
        }
    )

    def some(db: sqlite3.Connection, cursor: str) -> tuple[bytes, str]:
        entries, following = find.threads(db, wanted, PAGE, cursor)
        return lines(entries), following

    body, cursor = await desk.ask(some, "")
    await answer.prepare(request)
    try:
        await written(answer, head + body)
        while cursor:
            body, cursor = await desk.ask(some, cursor)
            await written(answer, body)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()  # cut short, and seen to be: the last piece of a chunked answer never came
    return answer


async def report(request: web.Request) -> web.Response:
    """The selection as a page for paper: every alert with its quotes, source and date."""
    wanted = read_filter(request.query)

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        entries, _ = find.threads(db, wanted, find.limit_of(request.query, MOST))
        return {"entries": entries, "wanted": wanted, "made": datetime.now(UTC)}

    return await show(request, "report.html", "search", ask)
