"""An archive of articles, from JSON lines to items: backfill, and tests."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TextIO, cast

from connectors.base import Outlet, make_item
from connectors.lookup import NAMELESS, Look, Name, Owner, look_up
from connectors.producer import HEADROOM, Publisher
from streams.contracts.faults import BrokerRefuses
from streams.contracts.ids import item_id
from streams.contracts.records import Item, Kind
from streams.contracts.topics import ITEMS, Outgoing
from streams.contracts.wire import encode
from streams.settings import Settings

BATCH = 500


SAID = 20
"""Refused lines that are told one by one; the reasons of all are kept with them."""


@dataclass(slots=True)
class IngestReport:
    """What was sent, and how far: `offsets` is the next offset by partition of `news.items`."""

    sent: int = 0
    refused: int = 0
    offsets: dict[int, int] = field(default_factory=dict)

    @property
    def useless(self) -> bool:
        """Whether there were lines, and not one of them was an article."""
        return self.refused > 0 and self.sent == 0

    def words(self) -> str:
        """The report for people."""
        if self.useless:
            return (
                f"nothing sent: none of {self.refused} line(s) can be taken (kept in news.dead). A line is one JSON "
                "object with a url or an id, and a title or a text; `treatywatch ingest --help` tells the rest"
            )
        bad = f", {self.refused} line(s) refused (kept in news.dead)" if self.refused else ""
        return f"{self.sent} item(s) sent{bad}" if self.sent else "0 item(s) sent: there was no line"


MOST_NAMES = 400_000


class Earlier:
    """Whose entry an id or an address is, in one archive: a later line may name it by that alone.

    An entry is told by its source and its id, else its address. A line that leaves the source out (a retraction does,
    easily) or the id means the entry that had the same id or address before. The first 400,000 such names are kept.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}

    def entry(self, given: Mapping[str, Any]) -> tuple[str, str]:
        """Source and item id of the entry that a line speaks of, and speaks of from now on."""
        source, own = given.get("source") or "", given.get("id") or ""
        names = named(given)
        asked = (*names[0], source) if source else names[0]
        found = (source, item_id(source, own)) if source and own else self._known.get(asked)
        if found is None:
            found = source or NAMELESS, item_id(source or NAMELESS, names[0][1])
        if len(self._known) < MOST_NAMES:
            for name in names:
                self._known.setdefault(name, found)
                self._known.setdefault((*name, found[0]), found)
        return found

    def withdraws_unknown(self, given: Mapping[str, Any]) -> bool:
        """Whether a line withdraws what no line before had, and does not say of which source."""
        return given.get("kind") == "retraction" and not given.get("source") and named(given)[0] not in self._known

    def learn(self, name: Name, owner: Owner) -> None:
        """From now on `name` means the entry of `owner`."""
        self._known.setdefault(name, (owner.source, owner.identity))


def named(given: Mapping[str, Any]) -> list[Name]:
    """What a line names its entry by: its id and its address, as far as it has them."""
    return [(key, given[key]) for key in ("id", "url") if given.get(key)]


def item_of(line: bytes, seen: datetime, earlier: Earlier | None = None) -> Item:
    """The item that a line describes, among the `earlier` ones of its archive; `ValueError` says what is wrong."""
    return _made(_given(line), seen, earlier or Earlier())


def _given(line: bytes) -> Mapping[str, Any]:
    """What a line states, as far as it can be an article."""
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
    return given


def _made(given: Mapping[str, Any], seen: datetime, earlier: Earlier) -> Item:
    published = _moment(given.get("published"))
    source, identity = earlier.entry(given)
    return make_item(
        source,
        "",
        identity=identity,
        url=given.get("url") or f"ingest:{given['id']}",
        title=given.get("title") or "",
        text=given.get("text") or "",
        seen=seen,
        kind=cast(Kind, given.get("kind") or "new"),
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
    look: Look | None = None,
) -> IngestReport:
    """Send every good line; a bad one is said with its number and kept as a dead letter."""
    report, waiting = IngestReport(), list[Outgoing]()
    publisher = outlet or Publisher(settings)
    try:
        read = articles(lines, lambda item: item, report, say, publisher, look or partial(look_up, settings), now)
        for _, record in read:
            waiting.append(record)
            if len(waiting) >= BATCH:
                _send(publisher, waiting, report, say)
        _send(publisher, waiting, report, say)
    finally:
        publisher.close()
        if say.isatty():
            say.write("\r\033[K")
    return report


def articles(
    lines: Iterable[bytes],
    shape: Callable[[Item], Item],
    report: IngestReport,
    say: TextIO,
    publisher: Outlet,
    look: Look,
    now: datetime | None = None,
) -> Iterator[tuple[Item, Outgoing]]:
    """The items of an archive, as `shape` makes them (`ValueError` refuses one), and their records; bad lines are told.

    A withdrawal that names no source, of what no line before it has, comes last: its entry is looked up in the log.
    """
    earlier, held = Earlier(), list[tuple[int, bytes]]()

    def one(number: int, line: bytes, *, may_wait: bool) -> Iterator[tuple[Item, Outgoing]]:
        try:
            given = _given(line)
            if may_wait and earlier.withdraws_unknown(given):
                held.append((number, line))
                return
            item = shape(_made(given, now or datetime.now(UTC), earlier))
            yield item, record_of(item)
        except ValueError as fault:
            refuse(line, number, str(fault), report, say, publisher)

    for number, raw in enumerate(lines, 1):
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if line.strip():
            yield from one(number, line, may_wait=True)
    unread = _learn(earlier, held, say, look)
    for number, line in held:
        if unread and earlier.withdraws_unknown(_given(line)):
            refuse(line, number, f"a retraction that names no source; {unread}", report, say, publisher)
        else:
            yield from one(number, line, may_wait=False)


def _learn(earlier: Earlier, held: Iterable[tuple[int, bytes]], say: TextIO, look: Look) -> str:
    """Look up what withdrawals mean, and say what was not found or is not alone; the reason where we may not read."""
    given = [(number, _given(line)) for number, line in held]
    # What stood further down in the archive itself is known by now.
    asked = [(number, named(one)) for number, one in given if earlier.withdraws_unknown(one)]
    try:
        found = look({name for _, names in asked for name in names}) if asked else {}
    except BrokerRefuses as fault:
        return f"the log was to tell which is meant: {fault}"
    for number, names in asked:
        owner = next((found[name] for name in names if name in found), None)
        if owner is None:
            say.write(f"line {number}: the log has nothing of that {names[0][0]}; if it is older, name its source\n")
            continue
        earlier.learn(names[0], owner)
        if owner.others:
            rest = ", ".join(owner.others)
            say.write(f"line {number}: withdraws that of {owner.source}; {rest} has it too: name the source for that\n")
    return ""


def refuse(line: bytes, number: int, why: str, report: IngestReport, say: TextIO, publisher: Outlet) -> None:
    """Say what is wrong with a line, and keep it as a dead letter."""
    report.refused += 1
    if report.refused <= SAID:
        say.write(f"line {number}: {why}\n")
    elif report.refused == SAID + 1:
        say.write("more lines are refused; the reason of each is kept with it in news.dead\n")
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
