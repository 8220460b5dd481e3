"""What we changed of Faust's consumer does what Faust's own does, and Faust still asks for it."""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet

import faust
import pytest
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer as Stock
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st
from intervaltree import IntervalTree  # type: ignore[import-untyped]  # it comes without types
from mode import Service

from streams.transport import intake
from streams.transport.continuity import Continuity, PassedOver


class Racing(intake.Intake):
    """An intake without a broker: only what the race needs."""

    def __init__(self) -> None:
        Service.__init__(self)
        self.suspend_flow = asyncio.Event()


async def test_a_hand_over_that_need_not_wait_makes_no_task() -> None:
    taken = []

    async def hand_over() -> None:
        async with asyncio.Lock():
            taken.append("record")

    racing, before = Racing(), len(asyncio.all_tasks())
    await racing.wait_first(hand_over(), racing.suspend_flow.wait())

    assert taken == ["record"]
    assert len(asyncio.all_tasks()) == before


async def test_a_hand_over_that_waits_is_brought_to_its_end() -> None:
    room = asyncio.Event()
    taken = []

    async def hand_over() -> None:
        taken.append("begun")
        await room.wait()
        await asyncio.sleep(0)
        taken.append("done")

    racing = Racing()
    race = asyncio.create_task(racing.wait_first(hand_over(), racing.suspend_flow.wait()))
    await asyncio.sleep(0.01)
    assert taken == ["begun"]
    room.set()
    await asyncio.wait_for(race, 60)

    assert taken == ["begun", "done"]


async def test_a_rebalance_ends_a_hand_over_that_waits() -> None:
    ended = []

    async def hand_over() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    racing = Racing()
    race = asyncio.create_task(racing.wait_first(hand_over(), racing.suspend_flow.wait()))
    await asyncio.sleep(0.01)
    racing.suspend_flow.set()
    await asyncio.wait_for(race, 60)
    await asyncio.sleep(0.01)

    assert ended == ["cancelled"]


async def test_a_fault_of_a_hand_over_is_seen() -> None:
    async def hand_over() -> None:
        raise KeyError("at once")

    racing = Racing()
    with pytest.raises(KeyError):
        await racing.wait_first(hand_over(), racing.suspend_flow.wait())


def test_faust_is_the_one_that_this_was_written_for() -> None:
    drained = inspect.getsource(Stock._drain_messages)
    assert "await self.wait_first(\n" in drained
    assert "callback(message), self.suspend_flow.wait()" in drained
    assert faust.__version__ == "0.15.3"


def test_a_request_for_nothing_is_held_for_a_short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Made:
        _fetch_max_wait_ms = 1500

    made: Any = Made()
    monkeypatch.setattr(AIOKafkaConsumerThread, "_create_worker_consumer", lambda *_: made)
    thread = intake._Thread.__new__(intake._Thread)

    assert thread._create_worker_consumer(None)._fetch_max_wait_ms == intake.FETCH_MS


INBOX, CHANGELOG = "news.items", "treatywatch-dossier-changelog"


class Record:
    """As much of aiokafka's record as a parcel needs."""

    def __init__(self, offset: int) -> None:
        self.offset, self.timestamp, self.timestamp_type = offset, 1000 * offset, 1
        self.topic, self.partition, self.headers, self.key, self.value, self.checksum = INBOX, 0, (), b"k", b"v", None
        self.serialized_key_size = self.serialized_value_size = 1


fetched = st.dictionaries(
    st.builds(TP, st.sampled_from([INBOX, CHANGELOG]), st.integers(0, 7)),
    st.integers(0, 3 * intake.PARCEL).map(lambda n: [Record(offset) for offset in range(n)]),
)


@given(fetched)
def test_every_record_is_scheduled_once_and_in_its_partition_s_order(records: dict[TP, list[Record]]) -> None:
    scheduled: dict[TP, list[Record]] = {tp: [] for tp in records}
    for tp, given_ in intake.ByParcel(frozenset([INBOX])).iterate(records):
        assert isinstance(given_, list) == (tp.topic == INBOX), "changelogs come record by record"
        parcel = given_ if isinstance(given_, list) else [given_]
        assert 1 <= len(parcel) <= intake.PARCEL
        scheduled[tp] += parcel

    assert scheduled == records


def test_partitions_take_turns() -> None:
    records = {TP(INBOX, p): [Record(i) for i in range(2 * intake.PARCEL)] for p in range(3)}

    turns = [tp.partition for tp, _ in intake.ByParcel(frozenset([INBOX])).iterate(records)]

    assert turns == [0, 1, 2, 0, 1, 2]


class Acking(intake.Intake):
    """An intake without a broker: only what acknowledging needs."""

    def __init__(self, committed: int | None) -> None:
        self.app: Any = SimpleNamespace(consumer_generation_id=1)
        self._committed_offset = defaultdict(lambda: committed)
        self._acked, self._acked_index = defaultdict(list), defaultdict(set)
        self._gap = defaultdict(IntervalTree)
        self._unacked_messages = WeakSet()
        self._n_acked, self._waiting_for_ack = 0, None
        self.stands: set[int] = set()
        self.flow_active = True
        self._continuity = Continuity(lambda _, start, end: bool(self.stands & set(range(start, end))))

    def parcel(self, offsets: Iterable[int]) -> Any:
        message = self._to_message(TP(INBOX, 0), [Record(offset) for offset in offsets])
        self._unacked_messages.add(message)
        return message


def test_a_parcel_acknowledges_all_its_offsets_and_only_once() -> None:
    taken = Acking(committed=10)
    parcel = taken.parcel(range(10, 20))

    assert taken.ack(parcel)
    assert not taken.ack(parcel)
    assert taken._new_offset(TP(INBOX, 0)) == 20
    assert not taken._unacked_messages


def test_an_open_parcel_holds_the_commit_back_to_its_first_offset() -> None:
    taken = Acking(committed=10)
    first, second, third = taken.parcel(range(10, 20)), taken.parcel(range(20, 30)), taken.parcel(range(30, 31))
    taken.ack(third)
    assert taken._new_offset(TP(INBOX, 0)) is None
    taken.ack(first)
    assert taken._new_offset(TP(INBOX, 0)) == 20
    taken._committed_offset[TP(INBOX, 0)] = 20
    taken.ack(second)

    assert taken._new_offset(TP(INBOX, 0)) == 31


def test_a_hole_in_a_parcel_s_offsets_holds_nothing_back() -> None:
    taken = Acking(committed=10)
    taken.ack(taken.parcel([10, 13, 17]))

    assert taken._new_offset(TP(INBOX, 0)) == 18


def test_a_parcel_carries_the_generation_or_faust_would_pass_over_it() -> None:
    assert Acking(committed=None).parcel([5]).generation_id == 1


async def test_a_parcel_counts_as_read_to_its_last_record(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Acking(committed=None)
    taken._read_offset = {}

    async def getmany(*_: Any, **__: Any) -> AsyncIterator[tuple[TP, Any]]:
        yield TP(INBOX, 0), taken.parcel(range(10, 20))
        yield TP(CHANGELOG, 0), taken.parcel([3])

    monkeypatch.setattr(Stock, "getmany", getmany)
    async for tp, message in taken.getmany(timeout=1):
        taken._read_offset[tp] = message.offset

    assert taken._read_offset[TP(INBOX, 0)] == 19


async def got(taken: Acking, monkeypatch: pytest.MonkeyPatch, *parcels: Any) -> list[int]:
    """First offsets of what comes of these, handed on as Faust does."""

    async def getmany(*_: Any, **__: Any) -> AsyncIterator[tuple[TP, Any]]:
        for parcel in parcels:
            yield TP(INBOX, 0), parcel

    monkeypatch.setattr(Stock, "getmany", getmany)
    return [message.offset async for _, message in taken.getmany(timeout=1)]


async def test_a_parcel_that_leaves_out_what_stands_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Acking(committed=None)
    taken._read_offset, taken.stands = {}, {24}
    taken._continuity.begin(TP(INBOX, 0), 10)

    assert await got(taken, monkeypatch, taken.parcel(range(10, 20))) == [10]
    with pytest.raises(PassedOver):
        await got(taken, monkeypatch, taken.parcel(range(25, 30)))
    assert taken._read_offset[TP(INBOX, 0)] == 19


async def test_a_parcel_behind_a_hole_in_the_log_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Acking(committed=None)
    taken._read_offset = {}
    taken._continuity.begin(TP(INBOX, 0), None)

    assert await got(taken, monkeypatch, taken.parcel([7, 9]), taken.parcel([11])) == [7, 11]


@pytest.mark.parametrize("rebalance", ["begun", "through"])
async def test_what_a_rebalance_overtook_while_the_log_was_asked_is_left_to_the_next_assignment(
    monkeypatch: pytest.MonkeyPatch, rebalance: str
) -> None:
    taken = Acking(committed=None)
    taken._read_offset = {TP(INBOX, 0): 10}
    parcel = taken.parcel([12])

    def meanwhile(*_: Any) -> bool:
        if rebalance == "begun":
            taken.flow_active = False
        else:
            taken.app.consumer_generation_id += 1
        return False

    taken._continuity = Continuity(meanwhile)
    taken._continuity.begin(TP(INBOX, 0), 10)

    assert await got(taken, monkeypatch, parcel) == []
    assert taken._read_offset == {TP(INBOX, 0): 10}


class Broker:
    """As much of aiokafka's consumer as seeking and fetching need: positions, commits, and what waits to be taken."""

    def __init__(self, committed: dict[TP, int | None], waiting: dict[TP, list[Record]]) -> None:
        self.committed, self.waiting, self.positions = committed, waiting, dict.fromkeys(committed, 99)
        self._closed, self._fetcher = False, self
        self._subscriptions = SimpleNamespace(fetch_context=nullcontext)
        self.meanwhile: Callable[[], None] = lambda: None

    def assignment(self) -> set[TP]:
        return set(self.committed)

    async def seek_to_committed(self) -> dict[TP, int | None]:
        for tp, at in self.committed.items():
            if at:
                self.seek_to(tp, at)
        return self.committed

    async def seek_to_beginning(self, *partitions: TP) -> None:
        for tp in partitions:
            self.seek_to(tp, 0)

    def seek_to(self, tp: TP, at: int) -> None:
        self.positions[tp] = at

    async def fetched_records(self, partitions: set[TP], **_: Any) -> dict[TP, list[Record]]:
        self.meanwhile()
        # As aiokafka's: no partition at all means every one.
        taken = {tp: records for tp, records in self.waiting.items() if not partitions or tp in partitions}
        for tp, records in taken.items():
            self.positions[tp] = records[-1].offset + 1
        return taken


class Assigned(Acking):
    """An intake with a thread on a `Broker`."""

    def __init__(self, broker: Broker, inboxes: Iterable[str] = (INBOX,)) -> None:
        super().__init__(committed=None)
        self.inboxes, self._read_offset = frozenset(inboxes), {}
        self.flow_active, self._buffered_partitions = True, set()
        thread: Any = intake._Thread.__new__(intake._Thread)
        self._thread = thread
        thread.consumer, thread.app, thread._consumer = self, self.app, broker

        async def call_thread(called: Any, *args: Any) -> Any:
            return await called(*args)

        thread.call_thread = call_thread


async def test_a_partition_without_a_commit_is_read_from_its_beginning_and_what_was_believed_is_forgotten() -> None:
    new, old, changelog = TP(INBOX, 0), TP(INBOX, 1), TP(CHANGELOG, 0)
    broker = Broker({new: None, old: 7, changelog: None}, {})
    taken = Assigned(broker)
    taken._committed_offset.update({new: 40, old: 40})

    await taken.perform_seek()

    assert broker.positions == {new: 0, old: 7, changelog: 99}, "recovery alone moves in a changelog"
    assert (taken._committed_offset[new], taken._committed_offset[old]) == (None, 7)
    assert taken.ack(taken.parcel(range(3))), "what comes again is acknowledged again"
    assert taken._new_offset(new) == 3


@pytest.mark.parametrize(("answer", "believed"), [(True, 20), (False, None)])
async def test_a_refused_commit_does_not_count(
    monkeypatch: pytest.MonkeyPatch, answer: bool, believed: int | None
) -> None:
    tp = TP(INBOX, 0)
    taken = Assigned(Broker({tp: 10}, {}))
    taken._committed_offset[tp] = 10

    async def commit(*_: Any) -> bool:
        taken._committed_offset[tp] = 20  # as Faust does, whatever the answer
        return answer

    monkeypatch.setattr(Stock, "_commit_offsets", commit)

    assert await taken._commit_offsets({tp: 20}) is answer
    assert taken._committed_offset[tp] == believed


def test_faust_still_notes_a_commit_whatever_the_answer_and_keeps_what_it_believes() -> None:
    assert "        self._committed_offset.update(committable_offsets)" in inspect.getsource(Stock._commit_offsets)
    assert "if offset is not None" in inspect.getsource(Stock.perform_seek)


async def test_a_fetch_hands_on_what_is_to_be_read() -> None:
    tp = TP(INBOX, 0)
    broker = Broker({tp: 5}, {tp: [Record(5), Record(6)]})

    records = await Assigned(broker)._thread._fetch_records(broker, {tp}, 1)

    assert [record.offset for record in records[tp]] == [5, 6]
    assert broker.positions[tp] == 7


@pytest.mark.parametrize("rebalance", ["begun", "through", "recovering"])
async def test_a_fetch_that_a_rebalance_overtook_gives_back_what_it_took(rebalance: str) -> None:
    tp, changelog = TP(INBOX, 0), TP(CHANGELOG, 0)
    broker = Broker({tp: 5, changelog: None}, {tp: [Record(5), Record(6)], changelog: [Record(3)]})
    taken, active = Assigned(broker), {tp}

    def meanwhile() -> None:
        active.clear()
        if rebalance == "begun":
            taken.flow_active = False
        elif rebalance == "through":
            taken.app.consumer_generation_id += 1
            active.update({tp, changelog})

    broker.meanwhile = meanwhile

    assert await taken._thread._fetch_records(broker, active, 1) == {}
    assert broker.positions == {tp: 5, changelog: 3}


class Flowing(intake.Intake):
    """An intake without a broker: only what it may read, and when."""

    def __init__(self, *held: TP) -> None:
        self.app: Any = SimpleNamespace(in_recovery=False)
        self.inboxes, self.held = frozenset([INBOX]), set(held)
        self._due, self._paused_partitions = set(), set()
        self._active_partitions, self._buffered_partitions = set(), set()
        self.can_resume_flow, self.suspend_flow = asyncio.Event(), asyncio.Event()
        self.stop_flow()

    def assignment(self) -> set[TP]:
        return self.held


def test_an_inbox_is_read_from_when_the_flow_resumes() -> None:
    inbox, changelog = TP(INBOX, 0), TP(CHANGELOG, 0)
    flowing = Flowing(inbox, changelog)

    flowing.resume_partitions([inbox, changelog])
    assert flowing._active_partitions == {changelog}
    flowing.resume_flow()
    assert flowing._active_partitions == {inbox, changelog}
    assert flowing.flow_active


def test_an_inbox_without_the_state_of_its_room_is_not_read() -> None:
    inbox, other = TP(INBOX, 0), TP(CHANGELOG, 1)
    flowing = Flowing(inbox, other)
    flowing.changelogs = {INBOX: CHANGELOG}
    flowing.resume_partitions([inbox])

    with pytest.raises(intake.Stateless, match="inboxes without the state of their rooms"):
        flowing.resume_flow()
    assert not flowing._active_partitions
    assert not flowing.flow_active


@pytest.mark.parametrize("how", ["revoked", "paused"])
def test_an_inbox_that_is_gone_when_the_flow_resumes_is_not_read(how: str) -> None:
    gone, kept = TP(INBOX, 0), TP(INBOX, 1)
    flowing = Flowing(gone, kept)
    flowing.resume_partitions([gone, kept])
    if how == "revoked":
        flowing.held.remove(gone)
    else:
        flowing.pause_partitions([gone])
    flowing.resume_flow()

    assert flowing._active_partitions == {kept}


def test_a_rebalance_forgets_what_was_due() -> None:
    flowing = Flowing(TP(INBOX, 0))
    flowing.resume_partitions(flowing.held)
    flowing.stop_flow()
    flowing.resume_flow()

    assert not flowing._active_partitions


def test_a_queue_that_was_full_before_a_rebalance_does_not_let_its_partition_be_read() -> None:
    inbox = TP(INBOX, 0)
    flowing = Flowing(inbox)
    flowing.resume_partitions([inbox])
    flowing.resume_flow()
    flowing.on_buffer_full(inbox)
    flowing.stop_flow()
    flowing.pause_partitions([inbox])
    flowing.on_buffer_drop(inbox)

    assert not flowing._active_partitions


def test_faust_still_lets_the_inboxes_be_read_before_it_seeks_and_empties_the_queues() -> None:
    steps = inspect.getsource(Recovery.on_recovery_completed)
    order = [
        "consumer.resume_partitions(",
        "consumer.perform_seek()",
        "flow_control.resume()",
        "consumer.resume_flow()",
    ]

    assert sorted(order, key=steps.index) == order
