"""What a room has done is acknowledged in the end, and nothing else is."""

from __future__ import annotations

from streams.agents.acknowledged import PATIENCE, Acknowledged


def test_what_stays_behind_is_committed_again_after_a_while() -> None:
    room = Acknowledged()
    room.done("items/0", 4)
    room.done("items/1", 7)

    assert room.lost({"items/0": 4, "items/1": 5}, {"items/0", "items/1"}, 100.0) == {}
    assert room.lost({"items/0": 4, "items/1": 5}, {"items/0", "items/1"}, 100.0 + PATIENCE) == {"items/1": 7}
    assert room.lost({"items/0": 4, "items/1": 7}, {"items/0", "items/1"}, 120.0) == {}


def test_a_commit_that_moves_is_not_lost() -> None:
    room = Acknowledged()
    for second in range(40):
        room.done("items/0", second + 10)
        assert room.lost({"items/0": second + 9}, {"items/0"}, float(second)) == {}


def test_a_partition_that_was_never_committed_counts_from_its_beginning() -> None:
    room = Acknowledged()
    room.done("items/0", 3)
    room.lost({"items/0": None}, {"items/0"}, 0.0)

    assert room.lost({"items/0": None}, {"items/0"}, PATIENCE) == {"items/0": 3}


def test_what_another_worker_holds_now_is_its_own() -> None:
    room = Acknowledged()
    room.done("items/0", 9)
    assert room.lost({}, set(), 0.0) == {}

    assert room.lost({"items/0": 2}, {"items/0"}, 2 * PATIENCE) == {}
    assert room.lost({"items/0": 2}, {"items/0"}, 4 * PATIENCE) == {}
