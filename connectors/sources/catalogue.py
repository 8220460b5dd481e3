"""The source list: OPML with a few attributes of our own, and how its sources are doing."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from connectors.address import allowed
from connectors.base import SourceFault, bare
from connectors.entries import Policy
from connectors.fetch import Fetcher, user_agent
from connectors.parsing import Parser
from connectors.sources.documents import Format
from connectors.sources.documents import read as read_document
from connectors.state import SourceState, State
from streams.contracts.ids import digest
from streams.settings import Settings, SettingsFault

PACKAGED = Path(__file__).parent.parent / "sources.opml"
OURS = "{urn:treatywatch:opml:1}"
MOST_BYTES = 4 * 1024 * 1024
STALE_DAYS = 30
"""A feed whose newest dated entry is older than this is said to be stale."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A source as the list declares it."""

    id: str
    name: str
    url: str
    lang: str | None
    enabled: bool
    group: str
    status: str
    """How good the evidence is that it works: A (seen), B (others list it), X (dead)."""
    checked: str
    """Date of that evidence, as far as it is known."""
    evidence: str
    format: Format = "feed"
    full_text: bool = False
    identity: Policy | None = None
    least: float = 0.0
    """Seconds between polls, at least; 0: the setting's."""
    most: float = 0.0
    """Seconds between polls, at most, of a source that brings nothing; 0: the default."""
    owner: str = ""
    publisher: str = ""
    """official, state-controlled or independent; empty when nobody judged it."""
    terms: str = ""
    """What the publisher's terms say of use by machines."""
    reliability: str = ""
    """A to F, as the desk judges it."""


def read(path: Path | None) -> list[Declared]:
    """The sources of an OPML file; `SettingsFault` names the file and what is wrong with it."""
    place = path or PACKAGED
    try:
        return parse(place.read_bytes())
    except OSError as fault:
        raise SettingsFault(f"cannot read the source list {place}: {fault.strerror}") from fault
    except ValueError as fault:
        raise SettingsFault(f"{place}: {fault}") from fault


def parse(raw: bytes) -> list[Declared]:
    """The sources of an OPML document; `ValueError` says what is wrong with it."""
    if len(raw) > MOST_BYTES:
        raise ValueError(f"a source list is at most {MOST_BYTES} bytes")
    flat = raw.replace(b"\0", b"")  # UTF-16 hides nothing either
    if b"<!DOCTYPE" in flat or b"<!ENTITY" in flat:
        raise ValueError("a source list has no DOCTYPE")
    try:
        body = ET.fromstring(raw).find("body")  # noqa: S314 - DOCTYPE refused above
    except (ET.ParseError, LookupError) as fault:
        raise ValueError(f"not OPML: {fault}") from fault
    if body is None:
        raise ValueError("OPML without a body")
    found: dict[str, Declared] = {}
    left = [(outline, "") for outline in reversed(body.findall("outline"))]
    while left:
        outline, group = left.pop()
        url = (outline.get("xmlUrl") or "").strip()
        name = outline.get("text") or outline.get("title") or bare(url)
        if url:
            one = _declared(outline, url, name, group)
            found.setdefault(one.id, one)
        left.extend((inner, group if url else name) for inner in reversed(outline.findall("outline")))
    return list(found.values())


def addresses(raw: bytes) -> list[str]:
    """Addresses of the enabled sources of an OPML document; `SourceFault` when it is none."""
    try:
        return [one.url for one in parse(raw) if one.enabled]
    except ValueError as fault:
        raise SourceFault(str(fault), "not-a-feed") from fault


def _declared(outline: ET.Element, url: str, name: str, group: str) -> Declared:
    enabled = outline.get(f"{OURS}enabled", "true").strip().lower()
    if enabled not in {"true", "false"}:
        raise ValueError(f"{name}: tw:enabled is true or false, not {enabled!r}")
    return Declared(
        id=outline.get(f"{OURS}id") or "f" + digest("source", url)[:12],
        name=name,
        url=url,
        lang=outline.get("language") or None,
        enabled=enabled == "true",
        group=group,
        status=outline.get(f"{OURS}status") or "",
        checked=outline.get(f"{OURS}checked") or "",
        evidence=outline.get(f"{OURS}source") or "",
    )


def listing(settings: Settings, as_json: bool) -> str:
    """The list with what is known of each source here."""
    declared = read(settings.sources)
    place = settings.data / "connectors.sqlite"
    store = State(place) if place.exists() else None
    rows = [(one, store.get(one.id) if store else SourceState(one.id)) for one in declared]
    if store:
        store.close()
    if as_json:
        return json.dumps(
            [asdict(one) | {"url": bare(one.url), "state": asdict(state)} for one, state in rows],
            indent=1,
            ensure_ascii=False,
        )
    lines = [
        f"{'on ' if one.enabled else 'off'}  {state.outcome or '-':<10} {state.items:>6}  {one.name}  <{bare(one.url)}>"
        + (f"  {state.reason or one.evidence}" if state.reason or not one.enabled else "")
        for one, state in rows
    ]
    return "\n".join(["on?  last poll   items  source", *lines])


async def check(settings: Settings, as_json: bool) -> str:
    """Ask each enabled source once: fresh, stale, gone, refused, failed, not-a-feed."""
    parser, gate = Parser(), asyncio.Semaphore(8)
    hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(fetcher: Fetcher, one: Declared) -> dict[str, Any]:
        async with hosts[urlsplit(one.url).netloc], gate:
            outcome, reason = await _look(fetcher, parser, one)
        return {"id": one.id, "name": one.name, "url": bare(one.url), "outcome": outcome, "reason": reason}

    try:
        async with Fetcher(user_agent(settings.user_agent, settings.contact), allowed(settings.allow)) as fetcher:
            found = await asyncio.gather(*(ask(fetcher, one) for one in read(settings.sources) if one.enabled))
    finally:
        parser.close()
    if as_json:
        return json.dumps(found, indent=1, ensure_ascii=False)
    return "\n".join(f"{row['outcome']:<12} {row['name']}: {row['reason']}" for row in found)


async def _look(fetcher: Fetcher, parser: Parser, one: Declared) -> tuple[str, str]:
    now = datetime.now(UTC)
    try:
        answer = await fetcher.get(one.url)
        kind = answer.headers.get("content-type", "")
        items = (await parser.do(read_document, "feed", answer.url, answer.body, kind)).entries
    except SourceFault as fault:
        return fault.outcome, str(fault)
    words = f"{len(items)} entries"
    dates = [at for item in items if (at := item.published or item.modified)]
    if not dates:
        return "fresh", words + ", undated"
    newest = max(dates)
    words += f", newest {newest:%Y-%m-%d}"
    return ("stale" if now - newest > timedelta(days=STALE_DAYS) else "fresh"), words
