"""A state that is taken back, and what rested on it: later alerts are corrected, what it had hidden comes out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts.records import Alert, Commitment, Status
from tests.logic.reports import Room, gone, mention, tick


def told(alerts: list[Alert]) -> list[tuple[str, str | None, str | None]]:
    return [(a.type, a.status_before, a.status) for a in alerts]


def test_an_alert_that_names_a_withdrawn_state_as_the_one_before_is_corrected() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "tabled", day=5, actor=["RU"]))
    (later,) = room.take(mention("c", "rejected", day=10))
    assert later.headline == "NATO rejects European Security Treaty: tabled -> rejected"

    retracted, corrected = room.take(gone("b", day=12))

    assert told([retracted, corrected]) == [("retracted", "floated", "tabled"), ("corrected", "floated", "rejected")]
    assert corrected.headline == "Corrected: NATO rejects European Security Treaty: floated -> rejected"
    assert (corrected.thread, corrected.replaces) == (later.thread, later.id)
    assert [(c.field, c.before, c.after) for c in corrected.changes] == [("status_before", "tabled", "floated")]
    assert corrected.evidence == later.evidence
    assert corrected.article == later.article
    assert room.sent[-2:] == [("alerts.all", "corrected"), ("alerts.breaking", "corrected")]


def test_an_edit_that_changes_a_state_corrects_the_alert_after_it_and_none_further() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "tabled", day=5, actor=["RU"]))
    room.take(mention("c", "rejected", day=10))
    room.take(mention("d", "agreed", day=20))

    own, later = room.take(mention("b", "discussing", actor=["RU"], day=5, revision=2))

    assert told([own, later]) == [("corrected", "floated", "discussing"), ("corrected", "discussing", "rejected")]


def test_a_withdrawal_that_leaves_the_state_as_it_was_corrects_nothing_else() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "tabled", day=5, actor=["RU"]))
    room.take(mention("b2", "tabled", day=5, actor=["RU"]))
    room.take(mention("c", "rejected", day=10))

    assert told(room.take(gone("b", day=12))) == [("corrected", "floated", "tabled")]


def test_the_first_state_that_falls_away_leaves_no_state_before() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "tabled", day=5, actor=["RU"]))

    corrected = room.take(gone("a", day=6))[-1]

    assert told([corrected]) == [("corrected", None, "tabled")]
    assert corrected.headline.endswith("European Security Treaty: tabled")


def test_an_alert_that_moved_nothing_and_named_the_withdrawn_state_names_the_one_that_holds() -> None:
    rule = 'id: d\nversion: "1"\nwhen: [status_change, formula, new_commitment]\nseverity: notice\n'
    room = Room(**{"d.yaml": rule})
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", day=5))
    promise = Commitment(who=["RU"], what="explain", due="2026-09-24", quote="explain")
    (later,) = room.take(mention("c", "floated", day=8, actor=["RU"], act="promise", commitments=[promise]))
    assert told([later]) == [("raised", "rejected", "rejected")]

    corrected = room.take(gone("b", day=9))[-1]

    assert told([corrected]) == [("corrected", "floated", "floated")]
    assert "promised for 2026-09-24" in corrected.headline


def test_a_story_that_waits_for_its_digest_leaves_with_the_state_that_holds() -> None:
    rule = (
        'id: d\nversion: "1"\nwhen: [status_change]\nmatch: {actor: NATO}\nseverity: notice\n'
        "group: {by: [actor], for: 30d}\n"
    )
    room = Room(**{"d.yaml": rule})
    room.take(mention("0", "floated", actor=["RU"]))
    room.take(mention("a", "discussing", day=1))
    room.take(mention("b", "tabled", day=5, actor=["RU"]))
    assert room.take(mention("c", "rejected", day=10)) == []

    room.take(gone("b", day=12))
    (digest,) = room.take(tick(40))
    assert digest.status_before == "discussing"
    assert digest.headline.endswith("discussing -> rejected")


def test_what_another_report_had_said_before_is_told_when_that_one_is_withdrawn() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    (first,) = room.take(mention("b", "rejected", day=5, actor=["FR"]))
    assert room.take(mention("c", "rejected", day=9, actor=["DE"])) == []

    retracted, raised = room.take(gone("b", day=12))

    assert told([retracted, raised]) == [("retracted", "floated", "rejected"), ("raised", "floated", "rejected")]
    assert raised.rule.id == first.rule.id
    assert raised.actor == ["DE"]
    assert room.take(gone("c", day=13))[0].thread == raised.thread


def test_what_was_known_late_corrects_nothing() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("c", "rejected", day=10))

    assert room.take(mention("b", "tabled", day=11, when="2026-03-05", actor=["RU"])) == []
    assert room.dossier is not None
    assert [(t.before, t.status) for t in room.dossier.transitions][-1] == ("tabled", "rejected")


STATES: tuple[Status, ...] = ("floated", "tabled", "discussing", "welcomed", "rejected")
REPORTS = st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(("RU", "FR", "DE"))), min_size=2, max_size=8)


@given(REPORTS, st.lists(st.integers(0, 7), max_size=5, unique=True))
@settings(max_examples=150, deadline=None)
def test_no_alert_that_stands_names_a_state_before_that_no_standing_report_brings(
    reports: list[tuple[Status, str]], taken_back: list[int]
) -> None:
    room = Room()
    last: dict[str, Alert] = {}
    for day, (status, actor) in enumerate(reports):
        last |= {a.thread: a for a in room.take(mention(f"a{day}", status, day=day * 4, actor=[actor]))}
    for place in taken_back:
        last |= {a.thread: a for a in room.take(gone(f"a{place}", day=50 + place))}

    assert room.dossier is not None
    turned = [step.status for step in room.dossier.transitions]
    for alert in last.values():
        assert alert.type == "retracted" or alert.status_before in (None, *turned)
    named = {a.status for a in last.values() if a.type != "retracted"}
    named |= {c.after for a in last.values() for c in a.changes if c.field == "status"}
    assert room.dossier.status is None or room.dossier.status in named, "the state that holds was told"
