"""The source list: OPML with a few attributes of our own, and how its sources are doing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from connectors.base import SourceFault
from connectors.fetch import Fetcher, allowed
from connectors.state import SourceState, State
from streams.contracts.ids import digest
from streams.settings import Settings, SettingsFault

PACKAGED = Path(__file__).parent.parent / "sources.opml"
OURS = "{urn:treatywatch:opml:1}"


@dataclass(frozen=True, slots=True)
class Declared:
    """A source as the list declares it."""

    id: str
    name: str
    url: str
    lang: str | None
    enabled: bool
    group: str
    evidence: str


def read(path: Path | None) -> list[Declared]:
    """The sources of an OPML file; `SettingsFault` names the file and what is wrong with it."""
    place = path or PACKAGED
    try:
        raw = place.read_bytes()
        if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
            raise SettingsFault(f"{place}: a source list has no DOCTYPE")
        body = ET.fromstring(raw).find("body")  # noqa: S314 - the operator's own file, DOCTYPE refused above
    except OSError as fault:
        raise SettingsFault(f"cannot read the source list {place}: {fault.strerror}") from fault
    except ET.ParseError as fault:
        raise SettingsFault(f"{place}: not OPML: {fault}") from fault
    if body is None:
        raise SettingsFault(f"{place}: OPML without a body")
    found: dict[str, Declared] = {}
    _walk(body, "", found)
    return list(found.values())


def _walk(node: ET.Element, group: str, found: dict[str, Declared]) -> None:
    for outline in node.findall("outline"):
        url = outline.get("xmlUrl")
        name = outline.get("text") or outline.get("title") or url or ""
        if url:
            one = Declared(
                id=outline.get(f"{OURS}id") or "f" + digest("source", url)[:12],
                name=name,
                url=url,
                lang=outline.get("language") or None,
                enabled=outline.get(f"{OURS}enabled", "true") != "false",
                group=group,
                evidence=outline.get(f"{OURS}source") or "",
            )
            found.setdefault(one.id, one)
        _walk(outline, name if not url else group, found)


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
            [asdict(one) | {"state": asdict(state)} for one, state in rows],
            indent=1,
            ensure_ascii=False,
        )
    lines = [
        f"{'on ' if one.enabled else 'off'}  {state.outcome or '-':<10} {state.items:>6}  {one.name}  <{one.url}>"
        + (f"  {state.reason or one.evidence}" if state.reason or not one.enabled else "")
        for one, state in rows
    ]
    return "\n".join(["on?  last poll   items  source", *lines])


async def check(settings: Settings, as_json: bool) -> str:
    """Ask each enabled source once."""
    found: list[dict[str, Any]] = []
    async with Fetcher(settings.user_agent, allowed(settings.allow)) as fetcher:
        for one in read(settings.sources):
            if not one.enabled:
                continue
            try:
                answer = await fetcher.get(one.url)
                outcome, reason = "fresh", f"{len(answer.body)} bytes"
            except SourceFault as fault:
                outcome, reason = fault.outcome, str(fault)
            found.append(
                {
                    "id": one.id,
                    "name": one.name,
                    "url": one.url,
                    "outcome": outcome,
                    "reason": reason,
                }
            )
    if as_json:
        return json.dumps(found, indent=1, ensure_ascii=False)
    return "\n".join(f"{row['outcome']:<12} {row['name']}: {row['reason']}" for row in found)
