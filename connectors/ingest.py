"""An archive of articles, from JSON lines to items: backfill, and tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO, cast

from connectors.base import Outlet, make_item
from connectors.producer import HEADROOM, Publisher
from streams.contracts.records import Item, Kind
from streams.contracts.topics import ITEMS, Outgoing
from streams.contracts.wire import encode
from streams.settings import Settings

BATCH = 500


@dataclass(slots=True)
class IngestReport:
    """What was sent, and how far: `offsets` is the next offset by partition of `news.items`."""

    sent: int = 0
    refused: int = 0
    offsets: dict[int, int] = field(default_factory=dict)

    def words(self) -> str:
        """The report for people."""
        bad = f", {self.refused} line(s) refused (kept in news.dead)" if self.refused else ""
        return f"{self.sent} item(s) sent{bad}"


MOST_NAMES = 400_000


class Earlier:
    """Whose entry an id or an address is, in one archive: a later line may name it by that alone.

    An entry is told by its source and its id, else its address. A line that leaves the source out (a retraction does,
    easily) or the id means the entry that had the same id or address before. The first 400,000 such names are kept.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}

    def entry(self, given: Mapping[str, Any]) -> tuple[str, str]:
        """Source and entry that a line speaks of, and speaks of from now on."""
        source, own, url = (given.get(key) or "" for key in ("source", "id", "url"))
        named = [key for key in (("id", own), ("url", url)) if key[1]]
        asked = (*named[0], source) if source else named[0]
        found = (source, own) if source and own else self._known.get(asked)
        found = found or (source or "ingest", own or url)
        if len(self._known) < MOST_NAMES:
            for key in named:
                self._known.setdefault(key, found)
                self._known.setdefault((*key, found[0]), found)
        return found


def item_of(line: bytes, seen: datetime, earlier: Earlier | None = None) -> Item:
    """The item that a line describes, among the `earlier` ones of its archive; `ValueError` says what is wrong."""
    try:
        given: Any = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise ValueError(f"not UTF-8 at byte {fault.start}") from fault
    except (json.JSONDecodeError, RecursionError) as fault:
        raise ValueError(f"not JSON: {fault}") from fault
    if not isinstance(given, dict):
        raise ValueError("an article is a JSON object")
    for key in ("url", "title", "text", "lang", "source", "id", "kind", "published"):
        if given.get(key) is not None and not isinstance(given[key], str):
            raise ValueError(f"{key} is a text, not {type(given[key]).__name__}")
    kind = given.get("kind") or "new"
    if kind not in {"new", "update", "retraction"}:
        raise ValueError(f"kind is new, update or retraction, not {kind!r}")
    if not (given.get("id") or given.get("url")):
        raise ValueError("an article needs a url or an id")
    if kind != "retraction" and not (given.get("text") or given.get("title")):
        raise ValueError("an article needs a title or a text")
    published = _moment(given.get("published"))
    source, entry = (earlier or Earlier()).entry(given)
    return make_item(
        source,
        entry,
        url=given.get("url") or f"ingest:{entry}",
        title=given.get("title") or "",
        text=given.get("text") or "",
        seen=seen,
        kind=cast(Kind, kind),
        lang=given.get("lang"),
        published=published,
    )


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise ValueError(f"published is a date or an RFC 3339 time, not {text!r}") from fault
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError as fault:
        raise ValueError(f"published is out of range: {text!r}") from fault


def publish(
    lines: Iterable[bytes],
    settings: Settings,
    say: TextIO,
    now: datetime | None = None,
    outlet: Outlet | None = None,
) -> IngestReport:
    """Send every good line; a bad one is said with its number and kept as a dead letter."""
    report, waiting, earlier = IngestReport(), [], Earlier()
    publisher = outlet or Publisher(settings)
    try:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                item = item_of(line, now or datetime.now(UTC), earlier)
                waiting.append(record_of(item))
            except ValueError as fault:
                refuse(line, number, str(fault), report, say, publisher)
                continue
            if len(waiting) >= BATCH:
                _send(publisher, waiting, report, say)
        _send(publisher, waiting, report, say)
    finally:
        publisher.close()
        if say.isatty():
            say.write("\r\033[K")
    return report


def refuse(line: bytes, number: int, why: str, report: IngestReport, say: TextIO, publisher: Outlet) -> None:
    """Say what is wrong with a line, and keep it as a dead letter."""
    report.refused += 1
    say.write(f"line {number}: {why}\n")
    publisher.dead(line.rstrip(b"\n"), "ingest", f"line {number}: {why}", topic=ITEMS.name)


def record_of(item: Item) -> Outgoing:
    """The item's record; `ValueError` when it is too large."""
    value = encode(item)
    if len(value) + HEADROOM > ITEMS.max_record:
        raise ValueError(f"{len(value)} bytes are too many for {ITEMS.name}")
    return Outgoing(ITEMS.name, item.id, value)


def _send(publisher: Outlet, waiting: list[Outgoing], report: IngestReport, say: TextIO) -> None:
    for partition, end in publisher.publish(waiting, "ingest").items():
        report.offsets[partition] = max(report.offsets.get(partition, 0), end)
    report.sent += len(waiting)
    waiting.clear()
    if say.isatty():
        say.write(f"\r\033[K{report.sent} sent")
        say.flush()
