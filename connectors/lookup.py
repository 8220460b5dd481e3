"""Whose entry an id or an address is, looked up in the log: a withdrawal names no more than that, easily."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from connectors.reader import read_through
from streams.contracts.faults import BrokerFault, BrokerRefuses, RecordFault
from streams.contracts.ids import item_id
from streams.contracts.topics import ARTICLES, ITEMS
from streams.contracts.wire import decode
from streams.settings import Settings
from streams.transport.whole import PATIENCE

NAMELESS = "ingest"
"""The source of an article that states none."""

PAUSE = 1.0
"""Seconds until a Kafka that is away is asked again."""

Name = tuple[str, str]
"""`("id", ...)` or `("url", ...)`."""


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What an item, or an article (which names its `item`), says of whose entry it is."""

    id: str
    source: str
    url: str
    seen: datetime
    item: str = ""


@dataclass(slots=True)
class Owner:
    """An entry that the log has under a name: its item's id, and of which source it is."""

    source: str
    identity: str
    others: list[str] = field(default_factory=list)
    """Sources of further entries of the same name."""


Look = Callable[[Iterable[Name]], dict[Name, Owner]]
"""Finds the owners of names; one that nobody has is left out."""


def look_up(settings: Settings, names: Iterable[Name]) -> dict[Name, Owner]:
    """The owners of `names` by all items and articles that are kept, as they stand.

    Both, because articles are kept for longer, and an item is there before its article. A Kafka that is away is
    waited for; `BrokerFault` when it stays away, `BrokerRefuses` at once where it does not let us read.
    """
    wanted, until = set(names), time.monotonic() + PATIENCE
    while True:
        try:
            with contextlib.closing(_logged(settings)) as logged:
                return owners(wanted, logged)
        except BrokerRefuses:
            raise
        except BrokerFault:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)


def _logged(settings: Settings) -> Generator[Logged]:
    with contextlib.closing(read_through(settings, [ARTICLES.name, ITEMS.name])) as records:
        for message in records:
            if message.headers():
                continue  # a canary, an activation: nobody's entry
            with contextlib.suppress(RecordFault):
                yield decode(Logged, message.value())


def owners(names: Iterable[Name], logged: Iterable[Logged]) -> dict[Name, Owner]:
    """The entry behind each name: one that named no source either, else the one that was seen first."""
    wanted = set(names)
    ids = [value for kind, value in wanted if kind == "id"]
    of_source: dict[str, dict[str, Name]] = {}
    found: dict[Name, dict[str, tuple[bool, datetime, str]]] = defaultdict(dict)
    for one in logged:
        identity = one.item or one.id
        if one.source not in of_source:
            of_source[one.source] = {item_id(one.source, own): ("id", own) for own in ids}
        by_id = of_source[one.source].get(identity)
        for name in wanted.intersection((("url", one.url), *((by_id,) if by_id else ()))):
            rank = (one.source != NAMELESS, one.seen, one.source)
            found[name][identity] = min(rank, found[name].get(identity, rank))
    answer = {}
    for name, entries in found.items():
        first, *others = sorted(entries.items(), key=lambda entry: entry[1])
        answer[name] = Owner(first[1][2], first[0], [rank[2] for _, rank in others])
    return answer
