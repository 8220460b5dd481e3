"""What a dossier lets go, and says that it did."""

from __future__ import annotations

import pytest

from streams.contracts.records import Status
from streams.contracts.wire import encode
from streams.logic.dossier import account
from tests.logic.reports import Room, gone, mention, words_of


def test_a_long_life_stays_within_its_size_and_says_what_it_left_out() -> None:
    room = Room()
    for n in range(260):
        statuses: tuple[Status, ...] = ("rejected", "tabled", "welcomed")
        status = statuses[n % 3]
        room.take(mention(f"a{n}", status, day=4 * n, text=f"{words_of(str(n))} " * 12))

    assert room.dossier is not None
    assert room.dossier.omitted > 0
    assert len(encode(room.dossier)) <= account.LARGEST
    assert room.dossier.status == room.dossier.transitions[-1].status


def test_past_the_bound_the_oldest_stories_go_with_their_reports_save_those_that_something_rests_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.logic.dossier.forgetting.MOST_STORIES", 3)
    monkeypatch.setattr("streams.logic.dossier.life.MOST_STEPS", 6)
    monkeypatch.setattr("streams.logic.dossier.stances.MOST_POSITIONS", 4)
    room = Room()

    def kept(prefix: str) -> int:
        return sum(key.startswith(prefix) for key in room.memory.raw)

    forgotten = 0
    for week in range(30):
        room.take(mention(f"talks-{week}", "discussing", day=7.0 * week, actor=["RU", "NATO"]))
        forgotten += room.counts.get("story_let_go", 0)

    assert (kept("s/"), forgotten) == (3, 27)
    assert kept("m/") == 6  # as many as steps that are kept, for each story tells a state

    # What a state rests on is taken back though its story is gone; an edit of what was forgotten is old news.
    room.take(gone("talks-24", day=300))
    assert "story_let_go" in room.counts
    assert room.take(mention("talks-3", "rejected", day=21, revision=2)) == []
    assert room.life == ["rejected", "discussing"]
