"""What a dossier keeps of words: promises, kept and overdue, and who was the first to use a formula."""

from __future__ import annotations

from streams.contracts.records import Commitment, Evidence, Formula
from tests.logic.reports import Room, gone, mention, tick

PROMISE = Commitment(who=["RU"], what="give details", due="2026-03-05", quote="will give details on March 5")


def an_overdue_promise(*articles: str) -> Room:
    room = Room()
    for n, article in enumerate(articles):
        room.take(mention(article, "discussing", act="discuss", commitments=[PROMISE], day=n / 10))
    room.take(tick(3))
    assert [a.rule.id for a in room.take(tick(4))] == ["commitment-overdue"]
    return room


def test_an_alert_on_a_promise_is_retracted_with_it() -> None:
    room = an_overdue_promise("a")

    kinds = {(a.type, a.act) for a in room.take(gone("a", day=5))}
    assert kinds == {("retracted", "promise"), ("retracted", "discuss")}


def test_an_alert_on_a_promise_goes_on_with_another_report_of_it() -> None:
    room = an_overdue_promise("a", "b")

    corrected = [a for a in room.take(gone("a", day=5)) if a.act == "promise"]
    assert [(a.type, a.article and a.article.id) for a in corrected] == [("corrected", "b")]


def test_a_promise_kept_a_day_late_is_told_to_who_heard_it_was_overdue() -> None:
    room = an_overdue_promise("a")

    told = room.take(mention("b", "tabled", actor=["RU"], day=4))
    assert [(a.type, a.headline[:15]) for a in told] == [("updated", "Kept after all:"), ("raised", "Russia tables t")]


def test_a_draft_before_its_day_keeps_the_promise() -> None:
    room = Room()
    room.take(mention("a", "discussing", act="discuss", commitments=[PROMISE]))
    room.take(mention("b", "tabled", actor=["RU"], day=1))

    assert room.take(tick(4)) == []


def test_a_plan_that_came_with_a_promise_does_not_keep_it() -> None:
    """ "Russia presented a plan, and will explain it in three days": the next day's papers tell of the plan."""
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"], commitments=[PROMISE]))
    room.take(mention("b", "tabled", actor=["RU"], day=1))

    assert [a.rule.id for a in room.take(tick(4))] == ["commitment-overdue"]


def test_an_edit_leaves_a_promise_as_it_was_and_a_moved_day_replaces_it() -> None:
    room = Room()
    room.take(mention("a", "discussing", act="discuss", commitments=[PROMISE]))
    room.take(mention("a", "discussing", act="discuss", commitments=[PROMISE], revision=2, text="in other words"))
    later = Commitment(who=["RU"], what="give details", due="2026-03-09", quote="will give details on March 9")
    assert room.dossier is not None
    assert [(c.due, c.state) for c in room.dossier.commitments] == [("2026-03-05", "open")]

    room.take(mention("a", "discussing", act="discuss", commitments=[later], revision=3, text="in words that differ"))
    assert [(c.due, c.state) for c in room.dossier.commitments] == [("2026-03-05", "withdrawn"), ("2026-03-09", "open")]
    assert room.take(tick(4)) == []


def test_who_is_not_named_in_one_report_of_a_promise_is_named_in_another() -> None:
    nobody = Commitment(who=[], what="details will be given", due="2026-03-05", quote="q")
    room = Room()
    room.take(mention("a", "discussing", act="discuss", commitments=[nobody]))
    room.take(mention("b", "discussing", act="discuss", commitments=[PROMISE], day=0.1))

    assert room.dossier is not None
    assert [(c.who, c.due) for c in room.dossier.commitments] == [(["RU"], "2026-03-05")]


def using(speaker: str, by: str = "") -> list[Formula]:
    quote = [Evidence(field="text", start=0, end=4, quote="used")]
    return [Formula(formula="red-lines", name="red lines", speaker=speaker, by=by, evidence=quote)]


def test_the_first_use_of_a_formula_by_a_speaker_alerts_and_the_second_does_not() -> None:
    room = Room()
    room.take(mention("a", "discussing", act="discuss", actor=["NATO"]))

    (first,) = room.take(mention("b", "floated", day=5, actor=["RU"], formulas=using("RU", "Lavrov")))
    assert (first.rule.id, first.headline) == (
        "formula", "Russia (Lavrov) speaks of “red lines” for the first time (European Security Treaty)",
    )  # fmt: skip
    assert first.evidence[0].quote == "used"
    assert room.take(mention("c", "floated", day=10, actor=["RU"], formulas=using("RU", "Lavrov"))) == []
    (other,) = room.take(mention("d", "floated", day=15, actor=["RU"], formulas=using("RU", "Putin")))
    assert "(Putin)" in other.headline


def test_an_opinion_piece_uses_no_formula_and_a_withdrawn_report_was_no_use() -> None:
    room = Room()
    room.take(mention("a", "discussing", act="discuss", actor=["NATO"]))
    assert room.take(mention("b", "floated", day=5, voice="opinion", actor=["RU"], formulas=using("RU"))) == []
    assert len(room.take(mention("c", "floated", day=10, actor=["RU"], formulas=using("RU")))) == 1
    room.take(gone("c", day=11))

    assert len(room.take(mention("d", "floated", day=20, actor=["RU"], formulas=using("RU")))) == 1


def test_a_formula_in_a_further_report_of_an_alerted_event_updates_its_alert() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    (alert,) = room.take(mention("b", "rejected", day=1, formulas=using("NATO")))
    assert (alert.type, [c.field for c in alert.changes]) == ("updated", ["origins", "formulas"])
