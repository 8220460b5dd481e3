"""Records of a partition that come as one message: scheduled, acknowledged and passed on as if they came alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from faust.transport.consumer import Consumer as Stock
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.transport import intake
from streams.transport.continuity import Continuity, PassedOver
from tests.transport.parcels import CHANGELOG, INBOX, Acking, Record

fetched = st.dictionaries(
    st.builds(TP, st.sampled_from([INBOX, CHANGELOG]), st.integers(0, 7)),
    st.lists(st.sampled_from([-1, 1, 3000, 50_000, intake.PARCEL_BYTES, 2_000_000]), max_size=3 * intake.PARCEL).map(
        lambda sizes: [Record(offset, size) for offset, size in enumerate(sizes)]
    ),
)


@given(fetched)
def test_every_record_is_scheduled_once_and_in_its_partition_s_order(records: dict[TP, list[Record]]) -> None:
    scheduled: dict[TP, list[Record]] = {tp: [] for tp in records}
    for tp, given_ in intake.ByParcel(frozenset([INBOX])).iterate(records):
        assert isinstance(given_, list) == (tp.topic == INBOX), "changelogs come record by record"
        parcel = given_ if isinstance(given_, list) else [given_]
        assert 1 <= len(parcel) <= intake.PARCEL
        assert len(parcel) == 1 or sum(record.serialized_value_size for record in parcel) <= intake.PARCEL_BYTES
        scheduled[tp] += parcel

    assert scheduled == records


def test_a_parcel_is_as_full_as_it_may_be() -> None:
    records = {TP(INBOX, 0): [Record(i) for i in range(100)] + [Record(100 + i, 60_000) for i in range(5)]}

    parcels = [len(parcel) for _, parcel in intake.ByParcel(frozenset([INBOX])).iterate(records)]

    assert parcels == [64, 38, 2, 1]


def test_partitions_take_turns() -> None:
    records = {TP(INBOX, p): [Record(i) for i in range(2 * intake.PARCEL)] for p in range(3)}

    turns = [tp.partition for tp, _ in intake.ByParcel(frozenset([INBOX])).iterate(records)]

    assert turns == [0, 1, 2, 0, 1, 2]


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
