"""What is no news: what is told of long ago, what is named again, what is asked for; and what keeps a promise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from streams.contracts.records import Commitment, Status
from tests.logic.reports import DAY, Room, mention, ref, saying


def test_what_is_told_of_long_ago_lands_in_the_life_and_wakes_nobody() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"], when="2026-03-02"))

    assert room.take(mention("b", "discussing", day=400, when="2026-03-10")) == []
    assert "is long before 2027-04-06" in room.held[0].reason
    assert room.life == ["floated", "discussing"]


def test_a_proposal_that_is_only_remembered_is_not_seen_for_the_first_time() -> None:
    room = Room()

    assert room.take(mention("a", "welcomed", day=400, when="2026-03-02")) == []
    assert "long before" in room.held[0].reason


def test_a_proposal_looked_back_on_in_passing_is_no_news() -> None:
    room = Room()

    assert room.take(mention("a", "floated", actor=["RU"], time="historical", role="passing")) == []
    assert room.held[0].reason == "no rule fires: first_seen"


@pytest.mark.parametrize("act", ["table", "demand", "concern"])
def test_a_draft_that_is_known_is_not_tabled_by_being_named_again(act: str) -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"]))
    room.take(mention("b", "discussing", day=5))

    assert room.take(mention("c", "tabled", act=act, actor=["RU"], day=9)) == []
    assert room.life == ["tabled", "discussing"]


@pytest.mark.parametrize(
    "text",
    ["Russia handed over a revised draft of the treaty.", "Россия передала новый проект договора.",
     "Russland legte einen überarbeiteten Entwurf vor."],
)  # fmt: skip
def test_a_new_draft_is_tabled_anew(text: str) -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"]))
    room.take(mention("b", "rejected", day=5))

    (alert,) = room.take(mention("c", "tabled", actor=["RU"], day=9, text=text))
    assert (alert.status_before, alert.status) == ("rejected", "tabled")


def test_the_draft_that_follows_a_demand_is_another_thing() -> None:
    room = Room()
    room.take(mention("a", "tabled", act="demand", actor=["RU"]))
    room.take(mention("b", "discussing", day=5))

    (alert,) = room.take(mention("c", "tabled", act="table", actor=["RU"], day=9))
    assert alert.status == "tabled"


def test_who_only_demands_something_of_another_s_proposal_tables_nothing() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))

    assert room.take(mention("b", "tabled", act="demand", actor=["UK"], day=2)) == []
    assert room.life == ["floated"]


def promise(what: str) -> list[Commitment]:
    return [Commitment(who=["RU"], what=what, due="2026-03-20", quote=what)]


@pytest.mark.parametrize(
    ("what", "kept"), [("Russia will hand over its text.", False), ("Russia will sign the treaty.", True)]
)
def test_to_agree_early_keeps_a_promise_to_sign_and_no_other(what: str, kept: bool) -> None:
    room = Room()
    room.take(mention("a", "floated", act="promise", actor=["RU"], commitments=promise(what)))
    room.take(mention("b", "agreed", actor=["RU"], day=4))

    assert room.dossier is not None
    assert [c.state for c in room.dossier.commitments] == ["kept" if kept else "open"]


def test_an_answer_keeps_the_promise_of_one() -> None:
    room = Room()
    room.take(mention("a", "floated", act="promise", actor=["RU"], commitments=promise("Russia will send its reply.")))
    room.take(mention("b", "countered", act="counter", actor=["RU"], day=4, proposer=["NATO"]))

    assert room.dossier is not None
    assert [c.state for c in room.dossier.commitments] == ["kept"]


def test_a_draft_that_another_s_news_only_names_keeps_no_promise() -> None:
    room = Room()
    room.take(mention("a", "floated", act="promise", actor=["RU"], commitments=promise("Russia will publish a draft.")))
    room.take(saying("b", ("counter", ["NATO"]), ("table", ["RU"]), status="countered", day=18))

    assert room.dossier is not None
    assert [c.state for c in room.dossier.commitments] == ["open"]


def test_a_report_that_is_dated_ahead_stands_where_it_was_seen_and_makes_nothing_after_it_late() -> None:
    room = Room()
    ahead = structs.replace(
        mention("a", "tabled", actor=["RU"]), article=ref("a", published=DAY + timedelta(days=9999))
    )
    room.take(ahead)

    (alert,) = room.take(mention("b", "rejected", day=3))

    assert alert.status_before == "tabled"
    assert room.dossier is not None
    assert [t.at for t in room.dossier.transitions] == ["2026-03-02", "2026-03-05"]


MIDNIGHT = DAY.replace(hour=0)


def test_a_source_that_dates_by_the_day_alone_is_not_late_on_that_day() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"]))
    dated = ref("b", seen=DAY + timedelta(hours=3), published=MIDNIGHT)
    (alert,) = room.take(structs.replace(mention("b", "rejected"), article=dated))

    assert (alert.status_before, alert.status) == ("tabled", "rejected")
    assert room.take(structs.replace(mention("c", "welcomed"), article=ref("c", seen=DAY, published=MIDNIGHT))) == []
    assert room.held[0].reason == "late report: 2026-03-02T12:00:00Z is before 2026-03-02T15:00:00Z"


STATES: tuple[tuple[str, Status], ...] = (("z", "tabled"), ("m", "rejected"), ("a", "agreed"))


def test_of_reports_of_one_moment_the_one_seen_first_comes_first() -> None:
    room = Room()
    for n, (article, status) in enumerate(STATES):
        at = ref(article, seen=DAY + timedelta(hours=30, microseconds=n), published=MIDNIGHT)
        assert room.take(structs.replace(mention(article, status), article=at)), "none is late"

    assert room.life == ["tabled", "rejected", "agreed"]
