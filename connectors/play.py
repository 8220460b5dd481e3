"""An archive played as if each article had been seen when it was published: alerts as on the day.

Articles go out in the order of `published`, and the next instant only when all that the last one caused has come
out; so a play is repeatable. Its records carry a clock of its own (a name made from the archive), and the play
writes that clock's ticks: at the midnights that open promises wait for, before each instant, and a last one at the end,
by which digests that are still open leave. Promises for days after the end stay open.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import TextIO

import msgspec
from confluent_kafka import KafkaException, Message, TopicPartition

from connectors.base import Outlet
from connectors.entries import AHEAD
from connectors.ingest import IngestReport, articles
from connectors.lookup import look_up
from connectors.producer import Publisher
from streams.contracts.clock import moments, promised
from streams.contracts.faults import BrokerFault, RecordFault
from streams.contracts.ids import digest
from streams.contracts.records import Dossier, Item, Tick
from streams.contracts.topics import DOSSIERS, ITEMS, KIND, MENTIONS, TICK, Outgoing
from streams.contracts.wire import decode, encode
from streams.settings import Settings
from streams.transport.ends import spans
from streams.transport.whole import reader, through

Settle = Callable[[Mapping[int, int]], None]
"""Returns when all that the items before these offsets, and the ticks so far, caused is out."""


def play(lines: Iterable[bytes], settings: Settings, say: TextIO, settle: Settle, partitions: int) -> IngestReport:
    """Play an archive; a line that cannot be played (no date, not an article) is refused and kept as a dead letter."""
    kept = list(lines)
    clock = "play-" + hashlib.sha256(b"".join(line for line in kept if line.strip())).hexdigest()[:12]
    report, publisher = IngestReport(), Publisher(settings)
    calendar = Calendar(settings)
    try:
        read = articles(kept, partial(on_its_day, clock), report, say, publisher, partial(look_up, settings))
        items = list(in_turn(revised(sorted((item for item, _ in read), key=lambda item: item.seen))))
        last: datetime | None = None
        for at, group in itertools.groupby(items, key=lambda item: item.seen):
            together = list(group)
            for moment in calendar.moments(last, at):
                _tick(publisher, clock, moment, partitions)
                settle({})
            ends = publisher.publish([Outgoing(ITEMS.name, item.id, encode(item)) for item in together], "ingest")
            for partition, end in ends.items():
                report.offsets[partition] = max(report.offsets.get(partition, 0), end)
            report.sent += len(together)
            settle(report.offsets)
            last = at
            if say.isatty():
                say.write(f"\r\033[K{at:%Y-%m-%d}: {report.sent} of {len(items)} played")
                say.flush()
        if last is not None:
            _tick(publisher, clock, last, partitions, end=True)
            settle({})
    finally:
        calendar.close()
        publisher.close()
        if say.isatty():
            say.write("\r\033[K")
    return report


def on_its_day(clock: str, item: Item) -> Item:
    """The item as if it had been seen when it was published; `ValueError` when it cannot be played."""
    if item.published is None:
        raise ValueError("an article without `published` has no place in a play")
    if item.published > item.seen + AHEAD:
        # Seen in 2099, it would make all that is known look older than is remembered.
        raise ValueError(f"published lies ahead of today: {item.published:%Y-%m-%d}; an archive is of the past")
    return msgspec.structs.replace(item, seen=item.published, clock=clock)


def in_turn(items: Iterable[Item]) -> Iterator[Item]:
    """Items of one moment a microsecond apart, in the order of the file: where only days are given, that tells most."""
    last: datetime | None = None
    for item in items:
        last = item.seen if last is None else max(item.seen, last + timedelta(microseconds=1))
        yield msgspec.structs.replace(item, seen=last)


def revised(items: Iterable[Item]) -> Iterator[Item]:
    """The items in order; a revision keeps the day on which its article was first published."""
    first: dict[str, datetime | None] = {}
    for item in items:
        if item.id in first:
            yield msgspec.structs.replace(item, published=first[item.id], modified=item.published)
        else:
            first[item.id] = item.published
            yield item


def _tick(publisher: Outlet, clock: str, at: datetime, partitions: int, *, end: bool = False) -> None:
    """The play's clock, in every partition: ids are a function of clock, moment and partition."""
    stated: str = msgspec.to_builtins(at) + (" end" if end else "")
    publisher.publish(
        [
            Outgoing(
                MENTIONS.name, TICK,
                encode(Tick(id="k" + digest("tick", clock, stated, str(p)), at=at, partition=p, clock=clock, end=end)),
                ((KIND, TICK.encode()),), p,
            )
            for p in range(partitions)
        ],
        "ingest",
    )  # fmt: skip


class Calendar:
    """The promised days that dossiers hold open, as the topic of dossiers tells them."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._consumer = settings, reader(settings, "treatywatch-reader")
        self._read: dict[int, int] = {}
        self._due: dict[bytes, set[date]] = {}

    def _catch_up(self) -> None:
        """Read to where the topic ends now, however long that takes: a promise that is missed has no tick."""
        try:
            for partition, (low, end) in spans(self._consumer, DOSSIERS.name).items():
                start = TopicPartition(DOSSIERS.name, partition, max(low, self._read.get(partition, low)))
                for record in through(self._settings, self._consumer, start, end):
                    self._take(record)
                self._read[partition] = end
        except KafkaException as fault:
            raise BrokerFault(
                f"cannot read {DOSSIERS.name} on {self._settings.bootstrap}: {fault.args[0].str()}"
            ) from fault

    def _take(self, record: Message) -> None:
        try:
            dossier = decode(Dossier, record.value())
        except RecordFault:
            return  # a tombstone, or another version's: it promises nothing here
        self._due[bytes(record.key() or b"")] = promised(dossier)

    def moments(self, last: datetime | None, at: datetime) -> list[datetime]:
        """When the clock must tick after `last` and up to `at`: as promised days come and pass, and at the end."""
        if last is None:
            return []
        self._catch_up()
        return moments(set().union(*self._due.values()), last, at)

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()
