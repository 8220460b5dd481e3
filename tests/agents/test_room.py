"""One record that cannot be judged costs no other, and leaves no half of its state."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from streams.agents.room import HEADROOM, TableMemory, Taken, judge
from streams.contracts.faults import BrokerFault, RecordFault
from streams.contracts.topics import ALERTS, MAX_RECORD, Outgoing
from streams.logic.dossier import Mark


def record(value: bytes, offset: int = 0) -> Taken:
    return Taken(kind="", key=b"k", value=value, topic="news.items", partition=0, offset=offset, timestamp=0.0)


def decide(memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
    memory.put("mark", Mark(taken.offset))
    match taken.value:
        case b"fault":
            raise RecordFault("not what it should be")
        case b"bug":
            raise ZeroDivisionError("ours")
        case b"away":
            raise BrokerFault("no Kafka tells the rules in force")
        case b"large":
            return (Outgoing(ALERTS.name, "k", b"x" * (MAX_RECORD - HEADROOM + 1)),), {}
    return (Outgoing(ALERTS.name, "k", bytes(taken.value or b"")),), {"taken": 1}


@pytest.mark.parametrize(
    ("bad", "reason", "says"),
    [
        (b"fault", "record", "not what it should be"),
        (b"bug", "bug", "ZeroDivisionError: ours"),
        (b"large", "record", "too large for alerts.all"),
    ],
)
def test_a_record_that_cannot_be_judged_is_set_aside_and_costs_no_other(bad: bytes, reason: str, says: str) -> None:
    memory = TableMemory(lambda _: None)
    work = judge(memory, [record(b"one", 1), record(bad, 2), record(b"two", 3), record(bad, 4)], decide, "room")

    assert [out.value for out in work.outgoing] == [b"one", b"two"]
    assert [(one.offset, why) for one, why, _ in work.dead] == [(2, reason), (4, reason)]
    assert all(says in text for *_, text in work.dead)
    assert work.counts == {"taken": 2}
    assert memory.get("mark", Mark) == Mark(3), "what a record that was set aside had put is gone"


def test_a_record_is_not_set_aside_because_kafka_is_away() -> None:
    memory = TableMemory(lambda _: None)
    with pytest.raises(BrokerFault):
        judge(memory, [record(b"one", 1), record(b"away", 2)], decide, "room")


def test_a_decision_sees_what_the_one_before_it_put_and_reads_through() -> None:
    memory = TableMemory({b"old": b'{"offset":7}', b"mark": b'{"offset":1}'}.get)
    judge(memory, [record(b"one", 2)], decide, "room")

    assert memory.get("old", Mark) == Mark(7)
    assert memory.get("mark", Mark) == Mark(2)
    memory.drop("old")
    assert memory.get("old", Mark) is None
    memory.keep()
    assert memory.changes == {b"mark": b'{"offset":2}', b"old": None}
