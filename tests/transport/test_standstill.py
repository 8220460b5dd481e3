"""A worker that takes nothing of what waits for it is told from one that is idle, slow, or cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.settings import load
from streams.transport.standstill import Standstill, Stillness


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
    watching = Standstill(load().but(standstill=60), set, int, lambda *_: None)
    watching.seconds = seconds

    assert watching.suspected() is said


def test_it_can_be_turned_off() -> None:
    watching = Standstill(load().but(standstill=0), set, int, lambda *_: None)
    watching.seconds = 1000
    watching.run()

    assert not watching.suspected()
