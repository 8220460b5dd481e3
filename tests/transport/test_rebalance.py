"""What an intake reads from, and believes to be committed, as partitions come and go."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer as Stock
from faust.types import TP

from streams.transport import intake
from tests.transport.parcels import CHANGELOG, INBOX, Acking, Record


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
