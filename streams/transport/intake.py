"""Faust's consumer as a stream of news needs it: parcels of records, no task where none waits, no long poll in the way.

Seven things of its aiokafka driver are changed. Faust is pinned; `tests/transport/test_intake.py` guards them.

- Each record is a message and an event of its own, which costs several times what a room does with it. Here the
  records of a room's inbox that one partition gave at once are one message, a `Parcel`: acknowledging it
  acknowledges each of its offsets. Changelogs stay as they are; Faust reads them itself.
- It hands each record on by racing the hand-over against a rebalance (`Service.wait_first`): four tasks, and a wait
  for something that, while there is room in the buffer, is done at its first step. Here the hand-over is tried
  first, and only one that has to wait goes the long way.
- One request at a time asks the broker for all partitions whose buffer is empty, and waits 1.5 s for them: a
  partition that runs dry meanwhile is not asked for until then. Here it waits for `FETCH_MS`.
- What it believes to be committed outlives the truth. A commit that the broker refuses, because the member's session
  ran out or a rebalance has begun, is noted as done; and when it seeks to what is committed, a partition without any
  commit stays where it is, with what was noted for it. So after two assignments in short order the first records of a
  partition were passed over, or decided and never committed. Here a refused commit is not noted, and where nothing is
  committed the seek goes to the beginning and forgets.
- A fetch that waits looks at the set of partitions to read as it is when records come. A rebalance empties that set,
  and none means all: the fetch then takes records, of a changelog too, that are dropped and not asked for again, and a
  recovery would wait for them. Here what a fetch took and may not hand on is given back, before anything else seeks.
- When the tables are recovered, it lets the inboxes be read, then seeks to what is committed, then empties the queues
  of the agents: what was read in between is in none of them any more, and the consumer is past it. Here the inboxes
  are read from when the flow resumes, which is the last of these steps.
- Its assignor leaves out a changelog of which its metadata does not know yet, "Ignoring missing topic", and goes on: a
  worker that takes an inbox over then has no state, and decides without. So changelogs are made before anything
  starts (`topics.make`), and here an inbox without its changelog ends the worker before it takes a record.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from inspect import iscoroutine
from itertools import zip_longest
from types import coroutine
from typing import Any, cast

from faust.transport.consumer import ensure_TP
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types.transports import SchedulingStrategyT
from faust.types.tuples import TP, ConsumerMessage, ack_lock
from mode.utils.futures import notify

from streams.transport.continuity import Continuity, StandsBetween

FETCH_MS = 50
"""Milliseconds that the broker holds a request for which it has nothing."""

PARCEL = 64
"""Records that one message carries at most: enough to make Faust's part small, few enough to share a batch fairly."""

PARCEL_BYTES = 128 * 1024
"""Bytes after which a parcel takes no further record: who is stopped brings the parcels it has begun to their end, and
long texts take their time."""


class Parcel(ConsumerMessage):
    """Consecutive records of one partition as one message; its offset is the first's."""

    records: Sequence[Any]
    """Records as aiokafka gives them, at least one."""

    @property
    def last(self) -> int:
        """Offset of the last record."""
        return int(self.records[-1].offset)


class ByParcel(SchedulingStrategyT):
    """Faust's scheduling strategy: parcels of the inboxes, single records of the rest, partitions in turn."""

    def __init__(self, inboxes: frozenset[str]) -> None:
        self.inboxes = inboxes

    def iterate(self, records: Mapping[Any, Sequence[Any]]) -> Iterator[tuple[Any, Any]]:
        """Pairs of partition and parcel (a list of records) or single record, partitions taking turns."""
        shares = [
            [(tp, parcel) for parcel in _parcels(taken)]
            if tp.topic in self.inboxes
            else [(tp, record) for record in taken]
            for tp, taken in records.items()
        ]
        for turn in zip_longest(*shares):
            yield from (pair for pair in turn if pair is not None)


def _parcels(taken: Sequence[Any]) -> Iterator[Sequence[Any]]:
    begun, held = 0, 0
    for at, record in enumerate(taken):
        if at > begun and (at - begun == PARCEL or held + record.serialized_value_size > PARCEL_BYTES):
            yield taken[begun:at]
            begun, held = at, 0
        held += record.serialized_value_size
    if taken:
        yield taken[begun:]


@coroutine
def _rest(begun: Coroutine[Any, Any, Any], waits_for: Any) -> Generator[Any, Any, Any]:
    """What is left of a coroutine that was begun by hand and waits for `waits_for`."""
    while True:
        step: Callable[..., Any]
        try:
            given = yield waits_for
            step = begun.send
        except BaseException as thrown:  # noqa: BLE001 - a cancellation too is the coroutine's to see
            given, step = thrown, begun.throw
        try:
            waits_for = step(given)
        except StopIteration as done:
            return done.value


async def _resumed(begun: Coroutine[Any, Any, Any], waits_for: Any) -> Any:
    return await _rest(begun, waits_for)


class _Thread(AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MS
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Any,
        timeout: float | None = None,  # noqa: ASYNC109 - as the one it stands for
        max_records: int | None = None,
    ) -> dict[Any, Any]:
        intake = cast(Intake, self.consumer)
        generation = self.app.consumer_generation_id
        records = dict(await super()._fetch_records(consumer, active_partitions, timeout, max_records))
        overtaken = not intake.flow_active or generation != self.app.consumer_generation_id
        for tp in list(records):
            if overtaken or (tp not in active_partitions and tp not in intake._buffered_partitions):
                taken = records.pop(tp)
                if tp in consumer.assignment():
                    consumer._fetcher.seek_to(tp, taken[0].offset)
        return records

    async def seek_to_committed(self) -> Any:
        """As Faust's, next offset or `None` by partition; an inbox's without a commit is read from its beginning."""
        return await self.call_thread(self._to_committed, self._ensure_consumer())

    async def _to_committed(self, consumer: Any) -> Mapping[Any, int | None]:
        inboxes: frozenset[str] = cast(Intake, self.consumer).inboxes
        committed: Mapping[Any, int | None] = await consumer.seek_to_committed()
        held = consumer.assignment()
        # Not the changelogs: recovery reads them, from where the tables end.
        fresh = [tp for tp, at in committed.items() if not at and tp.topic in inboxes and tp in held]
        if fresh:
            await consumer.seek_to_beginning(*fresh)
        return committed


class Stateless(Exception):  # noqa: N818 - what the worker would be
    """An inbox came without the changelog of its room: what was decided before would not be known."""


class Intake(Consumer):
    """Faust's aiokafka consumer by parcels, with a short way for what need not wait."""

    inboxes: frozenset[str] = frozenset()
    """Topics whose records come in parcels."""

    changelogs: Mapping[str, str] = {}
    """By inbox, the changelog of the room that reads it."""

    stands_between: StandsBetween
    """Asks the log what stands where a parcel does not follow the one before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheduler = ByParcel(self.inboxes)
        self._due: set[Any] = set()
        self._continuity = Continuity(self.stands_between)

    def pause_partitions(self, tps: Iterable[Any]) -> None:
        """As Faust's; what was to be read when the flow resumes no longer is."""
        paused = set(tps)
        self._due -= paused
        super().pause_partitions(paused)

    def resume_partitions(self, tps: Iterable[Any]) -> None:
        """As Faust's; of an inbox nothing is read before the flow resumes."""
        resumed = set(tps)
        inboxes = {tp for tp in resumed if tp.topic in self.inboxes}
        self._due |= inboxes
        super().resume_partitions(resumed - inboxes)

    def resume_flow(self) -> None:
        """As Faust's, with the inboxes that are due; `Stateless` when the changelog of one is not held."""
        if self._due:
            held = self.assignment()
            missing = {
                TP(self.changelogs[tp.topic], tp.partition) for tp in self._due & held if tp.topic in self.changelogs
            } - held
            if missing:
                raise Stateless(f"inboxes without the state of their rooms: {sorted(missing)}")
            super().resume_partitions(self._due & held)
            self._due.clear()
        super().resume_flow()

    def stop_flow(self) -> None:
        """As Faust's; the assignment that comes next says what is due, and no queue that was full before has a say."""
        self._due.clear()
        self._buffered_partitions.clear()
        super().stop_flow()

    def _to_message(self, tp: Any, record: Any) -> ConsumerMessage:
        if not isinstance(record, list):
            return super()._to_message(tp, record)
        first = record[0]
        parcel = Parcel(
            tp.topic,
            tp.partition,
            first.offset,
            first.timestamp / 1000.0,
            first.timestamp_type,
            None,
            None,
            b"",
            None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )
        parcel.records = record
        return parcel

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109 - as the one it stands for
        """As Faust's; a parcel was read to its last record, not to the one that gives its offset.

        `PassedOver` when it does not follow the one before.
        """
        async for tp, message in super().getmany(timeout):
            if not isinstance(message, Parcel):
                yield tp, message
                continue
            if await self._continuity.check(tp, message.offset) and self._overtaken(message):
                return  # a rebalance came meanwhile: the next assignment seeks, and reads it again
            yield tp, message
            self._read_offset[tp] = message.last
            self._continuity.taken(tp, message.last)

    def _overtaken(self, message: Parcel) -> bool:
        return not self.flow_active or message.generation_id != self.app.consumer_generation_id

    async def perform_seek(self) -> None:
        """As Faust's; what was believed of a partition without a commit is forgotten, not kept."""
        for found, at in (await self.seek_to_committed()).items():
            tp = ensure_TP(found)
            self._read_offset[tp] = at
            self._committed_offset[tp] = at or None
            if tp.topic in self.inboxes:
                self._continuity.begin(tp, at)

    async def _commit_offsets(self, offsets: Mapping[Any, int], start_new_transaction: bool = True) -> bool:
        """As Faust's; what the broker refused does not count as committed."""
        done = bool(await super()._commit_offsets(offsets, start_new_transaction))
        if not done:
            for tp in offsets:
                # How far it is then, the next seek or commit tells; `Acknowledged` asks for the latter.
                self._committed_offset[tp] = None
        return done

    def ack(self, message: Any) -> bool:
        """As Faust's; a parcel acknowledges every offset it spans."""
        if not isinstance(message, Parcel):
            return bool(super().ack(message))
        with ack_lock:
            if message.acked:
                return False
            message.acked = True
            tp = message.tp
            committed, known = self._committed_offset[tp], self._acked_index[tp]
            spans = [
                offset
                for offset in range(message.offset, message.last + 1)
                if (committed is None or offset >= committed) and offset not in known
            ]
            self._unacked_messages.discard(message)
            known.update(spans)
            self._acked[tp].extend(spans)
            self._n_acked += len(spans)
            notify(self._waiting_for_ack)
            return bool(spans)

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def wait_first(self, *coros: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109 - as the one it stands for
        """As `Service.wait_first`; for a hand-over raced against a rebalance, without tasks when it does not wait."""
        if timeout is not None or len(coros) != 2 or not all(map(iscoroutine, coros)) or self.suspend_flow.is_set():
            return await super().wait_first(*coros, timeout=timeout)
        hand_over, rebalance = coros
        try:
            waits_for = hand_over.send(None)
        except StopIteration:
            rebalance.close()
            return None
        except BaseException:
            rebalance.close()
            raise
        return await super().wait_first(_resumed(hand_over, waits_for), rebalance)
