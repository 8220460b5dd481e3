"""The source list, and how its sources are doing."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.address import allowed, place
from connectors.base import SourceFault, bare
from connectors.fetch import Fetcher, user_agent
from connectors.parsing import Parser
from connectors.sources.declared import MOST_BYTES, PACKAGED, Declared, addresses, parse, read
from connectors.sources.documents import read as read_document
from connectors.state import SourceState, State
from streams.settings import Settings

__all__ = ["MOST_BYTES", "PACKAGED", "Declared", "addresses", "check", "listing", "parse", "read"]

STALE_DAYS = 30
"""A source whose newest dated entry is older than this is said to be stale."""
SECRET = ("credentials_file", "proxy")


def listing(settings: Settings, as_json: bool) -> str:
    """The list with what is known of each source here."""
    declared = read(settings.sources)
    store_at = settings.data / "connectors.sqlite"
    store = State(store_at) if store_at.exists() else None
    rows = [(one, store.get(one.id) if store else SourceState(one.id)) for one in declared]
    if store:
        store.close()
    if as_json:
        shown = [{**_shown(one), "state": _told(state)} for one, state in rows]
        return json.dumps(shown, indent=1, ensure_ascii=False)
    lines = [
        f"{'on ' if one.enabled else 'off'}  {one.status or '-':<6}  {state.outcome or '-':<10} {state.items:>6}"
        f"  {one.name}  <{bare(one.url)}>"
        + (f"  {state.reason or one.evidence}" if state.reason or not one.enabled else "")
        for one, state in rows
    ]
    return "\n".join(["on?  status  last poll   items  source", *lines])


def _shown(one: Declared) -> dict[str, Any]:
    """A declaration as it may be shown: where its secrets are is nobody's."""
    return {k: v for k, v in asdict(one).items() if k not in SECRET} | {"url": bare(one.url)}


def _told(state: SourceState) -> dict[str, Any]:
    found = asdict(state)
    told = ("outcome", "reason", "polled", "changed", "next", "failures", "items", "policy", "fallen", "ended")
    return {name: found[name] for name in told} | {"address": bare(state.address) if state.address else None}


async def check(settings: Settings, as_json: bool) -> str:
    """Ask each enabled source once: fresh, stale, gone, refused, failed, not-a-feed."""
    parser, gate = Parser(), asyncio.Semaphore(8)
    hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(fetcher: Fetcher, one: Declared) -> dict[str, Any]:
        async with hosts[place(one.url)], gate:
            outcome, reason, newest = await _look(fetcher, parser, one)
        return {
            "id": one.id,
            "name": one.name,
            "url": bare(one.url),
            "outcome": outcome,
            "newest": f"{newest:%Y-%m-%dT%H:%M:%SZ}" if newest else None,
            "reason": reason,
        }

    try:
        async with Fetcher(user_agent(settings.user_agent, settings.contact), allowed(settings.allow)) as fetcher:
            found = await asyncio.gather(*(ask(fetcher, one) for one in read(settings.sources) if one.enabled))
    finally:
        parser.close()
    if as_json:
        return json.dumps(found, indent=1, ensure_ascii=False)
    width = max((len(row["name"]) for row in found), default=6)
    lines = [f"{row['outcome']:<10}  {row['name']:<{width}}  {row['reason']}" for row in found]
    return "\n".join([f"{'outcome':<10}  {'source':<{width}}  what was seen", *lines])


async def _look(fetcher: Fetcher, parser: Parser, one: Declared) -> tuple[str, str, datetime | None]:
    now = datetime.now(UTC)
    try:
        answer = await fetcher.get(one.url, access=one.access())
        kind = answer.headers.get("content-type", "")
        reading = await parser.do(read_document, one.format, answer.url, answer.body, kind)
    except SourceFault as fault:
        return fault.outcome, str(fault), None
    items = reading.entries
    words = f"{len(items)} entries" if not reading.children else f"{len(reading.children)} documents"
    if answer.moved:
        words += f", moved for good to {bare(answer.moved)}"
    dates = [at for item in items if (at := item.published or item.modified) and at <= now + timedelta(days=1)]
    if not dates:
        return "fresh", words + ", undated", None
    newest = max(dates)
    words += f", newest {newest:%Y-%m-%d}"
    return ("stale" if now - newest > timedelta(days=STALE_DAYS) else "fresh"), words, newest
