"""The one loop that every room runs: take a batch, decide, deliver, remember, acknowledge.

The order is the promise. For each batch: what it caused is delivered; then the room's state is
delivered to its changelog and written to its table; then the offsets are acknowledged. A worker that
dies in between repeats a batch, and the state tells what was done already; none is lost.

Faust acknowledges a batch when the loop leaves it, by an error or a cancelled task too. So a batch is
never left half-done: it is finished, or the process ends at once without committing (`_give_up`).
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec
import rocksdict

from streams.agents import journal
from streams.agents.acknowledged import Acknowledged
from streams.contracts.faults import NotYet, RecordFault, WorldFault
from streams.contracts.topics import BY_NAME, DEAD, KIND, MAX_RECORD, Outgoing, Topic
from streams.ops import meters
from streams.transport.outbox import DeliveryFault, Outbox

T = TypeVar("T")
log = logging.getLogger("treatywatch.room")

HEADROOM = 64 * 1024
MAX_STATE = MAX_RECORD + HEADROOM
"""Bytes of a record that the broker counts beside the value: key, headers, framing."""


@dataclass(slots=True)
class Taken:
    """A record as a room gets it."""

    kind: str
    """`kind` header; empty for the topic's own record."""
    key: bytes | None
    value: bytes | None
    topic: str
    partition: int
    offset: int
    timestamp: float


class Decide(Protocol):
    """A room's judgement of one record: what goes out, and what to count."""

    def __call__(self, memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
        """Decide; `RecordFault` when the record's producer is at fault."""


class TableMemory:
    """One partition's state: the table's store under this batch's changes.

    Changes of a record count only when its decision came to an end (`keep`), and are written only
    after what the batch caused was delivered.
    """

    def __init__(self, read: Callable[[bytes], bytes | None]) -> None:
        self._read = read
        self.changes: dict[bytes, bytes | None] = {}
        self._record: dict[bytes, bytes | None] = {}

    def get(self, key: str, kind: type[T]) -> T | None:
        """What is remembered under `key`, or `None`."""
        raw_key = key.encode()
        if raw_key in self._record:
            raw = self._record[raw_key]
        elif raw_key in self.changes:
            raw = self.changes[raw_key]
        else:
            raw = self._read(raw_key)
        return None if raw is None else msgspec.json.decode(raw, type=kind)

    def put(self, key: str, value: msgspec.Struct) -> None:
        """Remember `value` under `key`."""
        self._record[key.encode()] = msgspec.json.encode(value)

    def drop(self, key: str) -> None:
        """Forget `key`."""
        self._record[key.encode()] = None

    def keep(self) -> None:
        """The record was decided: its changes belong to the batch."""
        self.changes |= self._record
        self._record = {}

    def discard(self) -> None:
        """The record was set aside: as if it had never been looked at."""
        self._record = {}


@dataclass(slots=True)
class _Work:
    """What one partition's share of a batch comes to."""

    outgoing: list[Outgoing] = field(default_factory=list)
    dead: list[tuple[Taken, str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def _kind(headers: Any) -> str:
    pairs = headers.items() if isinstance(headers, dict) else headers or ()
    for name, value in pairs:
        if name == KIND:
            return bytes(value).decode("utf-8", "replace")
    return ""


def judge(memory: TableMemory, taken: Sequence[Taken], decide: Decide, room: str) -> _Work:
    """Decide each record; one that cannot be read or judged is set aside and costs no other.

    `WorldFault` when what decides could not be had (knowledge and rules stand in Kafka): no record's fault, so none is
    set aside.
    """
    work = _Work()
    for record in taken:
        try:
            outgoing, counts = decide(memory, record)
            for out in outgoing:
                limit = BY_NAME[out.topic].max_record if out.topic in BY_NAME else MAX_RECORD
                if len(out.value) + HEADROOM > limit:
                    raise RecordFault(f"what it causes is too large for {out.topic}: {len(out.value)} bytes")
        except RecordFault as fault:
            if isinstance(fault, NotYet):
                memory.keep()
            else:
                memory.discard()
            work.dead.append((record, "record", str(fault)))
        except WorldFault:
            raise
        except Exception as bug:
            memory.discard()
            log.exception("%s: a bug in judging %s/%s@%s", room, record.topic, record.partition, record.offset)
            work.dead.append((record, "bug", f"{type(bug).__name__}: {bug}"))
        else:
            memory.keep()
            work.outgoing.extend(outgoing)
            for what, n in counts.items():
                work.counts[what] += n
    return work


def _give_up(room: str, fault: BaseException) -> None:
    """End the process without a commit: a repeat after the restart is safe, going on is not."""
    log.critical("%s: stopping without acknowledging: %s", room, fault)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(3)


Counted = Callable[[str, Sequence[Outgoing], dict[str, int]], None]


class Room:
    """A room: its inbox, its table, its judgement."""

    def __init__(
        self,
        app: Any,
        name: str,
        inbox: Topic,
        outbox: Callable[[], Outbox],
        decide: Decide,
        counted: Counted,
        min_insync: int = 1,
    ) -> None:
        self.app, self.name, self.inbox, self.outbox = app, name, inbox, outbox
        self.decide, self.counted = decide, counted
        self.table = app.Table(
            name,
            key_type=bytes,
            value_type=bytes,
            partitions=None,
            extra_topic_configs={
                "max.message.bytes": str(MAX_STATE),
                # As the topics': what is acknowledged rests on the state that stands here.
                "min.insync.replicas": str(min_insync),
            },
        )
        self.changelog = f"{app.conf.id}-{name}-changelog"
        self._seals: dict[int, bytes] = {}
        self.acknowledged = Acknowledged()
        for reason in ("record", "bug"):
            # Told from the start: a counter that first appears with its first letter shows no increase.
            meters.DEAD.labels(name, reason)

    def open(self, parcels: int, linger: float) -> None:
        """Install the agent that runs this room."""
        source = self.app.topic(
            self.inbox.name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )

        @self.app.agent(source, name=self.name, concurrency=1)  # type: ignore[untyped-decorator]  # Faust is untyped
        async def room(stream: Any) -> None:
            async for events in stream.take_events(parcels, within=linger):
                work = asyncio.ensure_future(self._batch(events))
                try:
                    await asyncio.shield(work)
                except asyncio.CancelledError:
                    # Being stopped: what was begun is brought to its end, then acknowledged.
                    await work
                    raise

    async def _batch(self, events: Sequence[Any]) -> None:
        began = time.monotonic()
        shares: dict[int, list[Taken]] = defaultdict(list)
        for event in events:
            for r in event.message.records:
                shares[r.partition].append(
                    Taken(_kind(r.headers), r.key, r.value, r.topic, r.partition, r.offset, (r.timestamp or 0) / 1000)
                )
        try:
            await self._shares(shares)
        except (DeliveryFault, Exception) as fault:  # noqa: BLE001 - whatever it is, it must not be acknowledged
            _give_up(self.name, fault)
        for event in events:
            self.acknowledged.done(event.message.tp, event.message.records[-1].offset + 1)
        meters.ROOM_IN.labels(self.name).inc(sum(map(len, shares.values())))
        meters.ROOM_SECONDS.labels(self.name).observe(time.monotonic() - began)

    async def _shares(self, shares: Mapping[int, Sequence[Taken]]) -> None:
        """Decide each partition's share by its own state; deliver what they cause together, then their states."""
        outbox = self.outbox()
        await self._remember(outbox, self._left(shares))
        states: dict[int, journal.Pairs] = {}
        outgoing: list[Outgoing] = []
        counts: dict[str, int] = defaultdict(int)
        for partition, taken in shares.items():
            memory = TableMemory(self._db(partition).get)
            work = judge(memory, taken, self.decide, self.name)
            for record, reason, text in work.dead:
                await self._set_aside(outbox, record, reason, text)
            if memory.changes:
                states[partition] = journal.written(memory.changes, MAX_RECORD)
            outgoing += work.outgoing
            for what, n in work.counts.items():
                counts[what] += n
        await outbox.deliver(outgoing)
        await self._remember(outbox, states)
        for topic, n in Counter(out.topic if out.topic in BY_NAME else "alerts" for out in outgoing).items():
            meters.ROOM_OUT.labels(self.name, topic).inc(n)
        self.counted(self.name, outgoing, counts)

    def memory(self, partition: int) -> TableMemory:
        """What the room remembers of a partition now, to look at."""
        return TableMemory(self._db(partition).get)

    def _db(self, partition: int) -> Any:
        return self.table.data._db_for_partition(partition)

    def _left(self, partitions: Iterable[int]) -> dict[int, journal.Pairs]:
        """What another holder of these partitions (or this one, killed) left to be done of its last batch."""
        left = {}
        for partition in partitions:
            read = self._db(partition).get
            if read(journal.SEAL) != self._seals.get(partition):
                found = journal.sealed(read)
                if found is not None:
                    self._seals[partition], left[partition] = found
        return left

    async def _remember(self, outbox: Outbox, states: Mapping[int, journal.Pairs]) -> None:
        """Deliver the pairs of each partition to the changelog, then write them to the table, whole."""
        last = await outbox.deliver_raw(self.changelog, states)
        for partition, pairs in states.items():
            writes = rocksdict.WriteBatch(raw_mode=True)
            for key, value in pairs:
                if value is None:
                    writes.delete(key)
                else:
                    writes.put(key, value)
                if key == journal.SEAL and value is not None:
                    self._seals[partition] = value
            # The store's own mark of how far it has the changelog; Faust recovers from there.
            writes.put(self.table.data.offset_key, str(last[partition]).encode())
            self._db(partition).write(writes)

    async def _set_aside(self, outbox: Outbox, record: Taken, reason: str, text: str) -> None:
        log.warning(
            "%s set aside %s/%s@%s: %s",
            self.name,
            record.topic,
            record.partition,
            record.offset,
            text[:300],
        )
        meters.DEAD.labels(self.name, reason).inc()
        headers = [
            ("room", self.name.encode()),
            ("reason", text[:2000].encode("utf-8", "replace")),
            ("topic", record.topic.encode()),
            ("partition", str(record.partition).encode()),
            ("offset", str(record.offset).encode()),
            ("at", str(record.timestamp).encode()),
        ]
        await outbox.dead(DEAD.name, record.partition, record.key, record.value, headers)
