"""A worker that takes nothing of what waits for it is told from one that is idle, slow, or cut off."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from confluent_kafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams.settings import load
from streams.transport import standstill
from streams.transport.standstill import Standstill, Stillness
from streams.transport.witness import Place


def test_who_does_nothing_while_records_wait_stands_still() -> None:
    watched = Stillness()

    assert [watched.seconds(True, "same", now) for now in (100, 110, 160)] == [0, 10, 60]


def test_who_has_nothing_to_do_does_not_stand_still() -> None:
    watched = Stillness()
    watched.seconds(False, "same", 0)

    assert watched.seconds(False, "same", 500) == 0
    assert watched.seconds(True, "same", 510) == 10, "counted from when nothing waited"


def test_any_sign_of_work_begins_the_count_anew() -> None:
    watched = Stillness()
    watched.seconds(True, "recovered 10", 0)

    assert watched.seconds(True, "recovered 20", 500) == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 50)), min_size=1))
def test_it_is_never_longer_than_the_time_since_the_last_change(looks: list[tuple[bool, int, int]]) -> None:
    watched, now, since, before = Stillness(), 0, 0, None
    for waiting, sign, step in looks:
        now += step
        if not waiting or sign != before:
            since, before = now, sign
        assert watched.seconds(waiting, sign, now) == now - since


@pytest.mark.parametrize(("seconds", "said"), [(0, False), (29, False), (30, True), (90, True)])
def test_it_is_told_before_the_worker_ends(seconds: float, said: bool) -> None:
    watching = Standstill(load().but(standstill=60), set, lambda place: 0, lambda *_: None)
    watching.seconds = seconds

    assert watching.suspected() is said


def test_it_can_be_turned_off() -> None:
    watching = Standstill(load().but(standstill=0), set, lambda place: 0, lambda *_: None)
    watching.seconds = 1000
    watching.run()

    assert not watching.suspected()


class Broker:
    """What a witness sees: committed offsets, log ends, and where a record can be read."""

    def __init__(self, ends: dict[Place, int], marks: frozenset[Place] = frozenset()) -> None:
        self.committed = dict.fromkeys(ends, 0)
        self.ends, self.marks = ends, marks

    def look(self, held: Collection[Place]) -> tuple[dict[Place, int], list[TopicPartition]]:
        at = {place: self.committed[place] for place in held}
        return at, [TopicPartition(*place, offset) for place, offset in at.items() if self.ends[place] > offset]

    def readable(self, waiting: Collection[TopicPartition]) -> set[Place]:
        return {(w.topic, w.partition) for w in waiting} - self.marks


def watching(broker: Broker) -> tuple[Standstill, list[dict[Place, int]]]:
    ended: list[dict[Place, int]] = []
    found = Standstill(
        load().but(standstill=60), lambda: broker.ends, lambda place: 0, lambda _, deaf: ended.append(dict(deaf))
    )
    found._witness = broker  # type: ignore[assignment]
    return found, ended


ITEMS, MENTIONS = ("news.items", 3), ("news.mentions", 1)


def test_one_place_that_is_deaf_is_seen_while_the_others_move() -> None:
    broker = Broker({ITEMS: 31, MENTIONS: 1000})
    stillness, ended = watching(broker)
    for now in range(0, 100, 5):
        broker.committed[MENTIONS] += 1
        stillness._judge(*broker.look(broker.ends), now)
        if ended:
            break

    assert (now, ended) == (60, [{ITEMS: 0}])


def test_a_mark_of_a_transaction_is_nothing_to_wait_for() -> None:
    broker = Broker({ITEMS: 1, MENTIONS: 0}, marks=frozenset([ITEMS]))
    stillness, ended = watching(broker)
    for now in range(0, 300, 5):
        stillness._judge(*broker.look(broker.ends), now)
        assert not stillness.suspected()

    assert not ended


def test_a_place_that_went_to_another_worker_is_not_waited_for() -> None:
    broker = Broker({ITEMS: 31, MENTIONS: 0})
    stillness, ended = watching(broker)
    stillness._judge(*broker.look([ITEMS]), 0)
    stillness._judge(*broker.look([MENTIONS]), 50)
    stillness._judge(*broker.look([ITEMS]), 100)

    assert not ended


def test_a_look_that_fails_by_a_bug_is_said_and_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []

    def held() -> Collection[Place]:
        looks.append(1)
        if len(looks) == 1:
            raise RuntimeError("ours")
        watch.patience = 0  # the end, for a test
        return ()

    monkeypatch.setattr(standstill, "LOOK", 0.0)
    watch = Standstill(load().but(standstill=60), held, lambda place: 0, lambda *_: None)
    watch.run()

    assert len(looks) == 2
    assert [record.getMessage() for record in caplog.records] == ["whether this worker stands still could not be seen"]
