"""The life of a proposal, report by report: what moves it, what alerts, what is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from streams.contracts.records import Commitment, SourceHealth
from tests.logic.reports import DAY, Room, gone, mention, saying, tick


@pytest.mark.parametrize("voice", ["opinion", "rumour"])
def test_an_opinion_and_a_rumour_move_no_state_and_are_kept_with_the_reason(voice: str) -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))

    assert room.take(mention("b", "rejected", voice=voice, day=1)) == []
    assert room.life == ["floated"]
    assert f"{voice} moves no state" in room.held[0].reason


def test_a_fact_after_a_rumour_of_the_same_event_alerts() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", voice="rumour", day=1))

    (alert,) = room.take(mention("c", "rejected", day=2))
    assert (alert.type, alert.status, alert.origins) == ("raised", "rejected", 2)


def test_a_fact_after_a_leak_that_alerted_alerts_too() -> None:
    room = Room()
    (leak,) = room.take(mention("a", "tabled", voice="rumour", actor=["US"]))
    assert (leak.rule.id, room.life) == ("first-seen", [])

    (alert,) = room.take(mention("b", "tabled", day=1, actor=["US"]))
    assert (alert.type, alert.rule.id, room.life) == ("raised", "tabled", ["tabled"])


def test_somebody_else_s_offer_after_a_refusal_is_a_new_one() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", actor=["US"], day=5))
    assert room.take(mention("c", "floated", actor=["RU"], day=20)) == []

    (alert,) = room.take(mention("d", "floated", actor=["US"], day=40))
    assert (alert.status_before, alert.status, room.life) == ("rejected", "floated", ["floated", "rejected", "floated"])


@pytest.mark.parametrize(("who", "day", "is_new"), [("US", 200, True), ("RU", 200, False), ("US", 40, False)])
def test_somebody_else_s_offer_after_long_silence_is_a_new_one(who: str, day: int, is_new: bool) -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "discussing", day=5))

    assert bool(room.take(mention("c", "floated", actor=[who], day=day))) == is_new


def test_what_only_names_a_suspended_treaty_floats_nothing() -> None:
    room = Room()
    room.take(mention("a", "suspended"))

    assert room.take(mention("b", "floated", actor=["RU"], day=9, events=[])) == []
    assert room.life == ["suspended"]


def test_whether_a_report_says_so_itself_or_has_it_from_a_named_source_is_no_correction() -> None:
    room = Room()
    room.take(mention("a", "rejected", text="NATO rejected the treaty."))

    assert room.take(mention("a", "rejected", text="NATO rejected the treaty.", voice="quote", revision=2)) == []
    (alert,) = room.take(mention("a", "rejected", text="NATO rejected the treaty.", voice="rumour", revision=3))
    assert alert.type in ("corrected", "retracted")


def test_talks_without_what_was_hoped_for_are_talks() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["US"]))
    talks = saying("b", ("discuss", ["US", "RU"]), ("deny", ["US", "RU"]), status="discussing", day=5)
    events = [structs.replace(one, denied="floated") if one.act == "deny" else one for one in talks.events]

    (alert,) = room.take(structs.replace(talks, events=events))
    assert alert.status == "discussing"


def test_a_passing_look_back_moves_no_state() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    assert room.take(mention("b", "floated", time="historical", day=5, actor=["RU"])) == []
    assert room.life == ["rejected"]


def test_a_passing_look_back_takes_no_place_of_what_was_said_on_the_day() -> None:
    room = Room()
    room.take(mention("a", "rejected"))
    room.take(mention("b", "rejected", time="historical", day=90))

    assert room.dossier is not None
    assert [(p.actor, p.article) for p in room.dossier.positions] == [("NATO", "a")]


def test_a_look_back_alone_tells_where_somebody_stood() -> None:
    room = Room()
    room.take(mention("b", "rejected", time="historical", day=90))

    assert room.dossier is not None
    assert [(p.actor, p.position) for p in room.dossier.positions] == [("NATO", "rejects")]


def test_who_is_not_said_to_have_done_it_has_not() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))

    (alert,) = room.take(mention("b", "rejected", actor=[], day=1))
    assert alert.headline == "European Security Treaty: floated -> rejected"


def test_a_proposal_that_nobody_is_said_to_bring_is_its_proposers() -> None:
    (alert,) = Room().take(mention("a", "floated", actor=[]))

    assert alert.headline == "Russia proposes European Security Treaty: floated"


def test_a_correction_shows_the_evidence_as_it_was_written_before_and_after() -> None:
    room = Room()
    room.take(mention("a", "rejected", text="NATO Rejected the Treaty on Monday"))

    (alert,) = room.take(mention("a", "rejected", revision=2, text="NATO Rejected the Treaty on Tuesday"))
    assert [(c.field, c.before, c.after) for c in alert.changes] == [
        ("evidence", ["NATO Rejected the Treaty on Monday"], ["NATO Rejected the Treaty on Tuesday"])
    ]


def test_an_edit_of_case_and_line_breaks_alone_is_silent() -> None:
    room = Room()
    room.take(mention("a", "rejected", text="NATO rejected the treaty"))

    assert room.take(mention("a", "rejected", revision=2, text="NATO  Rejected\nthe treaty")) == []


def test_an_old_event_with_its_date_lands_in_the_history() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    assert room.take(mention("b", "tabled", when="2026-01-10", day=5, actor=["RU"])) == []
    assert room.life == ["tabled", "rejected"]
    assert "late report: 2026-01-10" in room.held[0].reason


def test_an_old_event_of_a_month_lands_on_its_last_day() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    assert room.take(mention("b", "tabled", when="2026-01", day=40, actor=["RU"])) == []
    assert "late report: 2026-01-31" in room.held[0].reason


def test_an_edit_of_a_report_that_never_alerted_raises_when_it_now_moves_the_state() -> None:
    room = Room()
    room.take(mention("a", "discussing", actor=["RU"]))
    assert room.take(mention("b", "discussing", day=5, actor=["RU"])) == []

    (alert,) = room.take(mention("b", "rejected", day=5, revision=2))
    assert (alert.type, alert.status_before, alert.status) == ("raised", "discussing", "rejected")


def test_a_new_report_does_not_join_a_story_that_was_retracted() -> None:
    room = Room()
    room.take(mention("a", "rejected"))
    (retracted,) = room.take(gone("a"))
    assert retracted.type == "retracted"

    (alert,) = room.take(mention("b", "rejected", day=1))
    assert alert.type == "raised"


def test_a_copy_of_a_retracted_report_is_no_news() -> None:
    room = Room()
    text = "NATO has rejected the treaty, a source at headquarters told this agency on Monday evening in Brussels."
    room.take(mention("a", "rejected", text=text))
    room.take(gone("a"))

    assert room.take(mention("b", "rejected", text=text, day=1)) == []
    assert room.held[0].reason == "a copy of a report that was retracted"
    assert room.life == [], "nor does it bring the state back"
    (alert,) = room.take(mention("b", "rejected", revision=2, day=1))
    assert alert.type == "raised", "an edit that makes it another text is a report like any other"


def test_news_does_not_disappear_in_a_story_of_old_material() -> None:
    room = Room()
    room.take(mention("a", "rejected", historical=True))
    room.take(mention("b", "tabled", day=1, actor=["RU"]))

    (alert,) = room.take(mention("c", "rejected", day=2))
    assert (alert.type, alert.historical) == ("raised", False)


def test_a_rollback_keeps_what_others_report_too() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", day=5))
    room.take(mention("c", "rejected", day=20))
    assert room.life == ["floated", "rejected"]

    room.take(gone("b", day=21))
    assert room.life == ["floated", "rejected"]
    room.take(gone("c", day=22))
    assert room.life == ["floated"]


def test_an_alert_goes_on_with_the_words_of_another_report_when_its_own_is_retracted() -> None:
    room = Room()
    room.take(mention("a", "rejected"))
    room.take(mention("b", "rejected", day=1))

    (alert,) = room.take(gone("a", day=2))
    assert (alert.type, alert.origins, alert.article and alert.article.id) == ("corrected", 1, "b")
    (alert,) = room.take(gone("b", day=3))
    assert alert.type == "retracted"
    assert {"field": "status", "before": "rejected", "after": None} in [
        {"field": c.field, "before": c.before, "after": c.after} for c in alert.changes
    ]


def test_an_edit_to_another_event_leaves_the_story_to_its_other_reports() -> None:
    room = Room()
    room.take(mention("a", "rejected"))
    room.take(mention("b", "rejected", day=1))

    told = room.take(mention("a", "agreed", revision=2, day=2, actor=["RU", "NATO"]))
    assert [(a.type, a.status) for a in told] == [("corrected", "rejected"), ("raised", "agreed")]


PROMISE = Commitment(who=["RU"], what="give details", due="2026-03-05", quote="will give details on March 5")


def states(room: Room) -> list[str]:
    assert room.dossier is not None
    return [c.state for c in room.dossier.commitments]


def test_a_promised_day_comes_and_passes_and_alerts_once() -> None:
    room = Room()
    room.take(mention("a", "discussing", commitments=[PROMISE]))
    assert states(room) == ["open"]

    assert room.take(tick(2)) == []
    assert room.take(tick(3)) == []
    assert states(room) == ["due"]
    (alert,) = room.take(tick(4))
    assert (alert.rule.id, alert.commitments[0].due) == ("commitment-overdue", "2026-03-05")
    assert states(room) == ["overdue"]
    assert room.take(tick(5)) == []


def test_a_promise_is_kept_by_who_made_it_on_the_day() -> None:
    room = Room()
    room.take(mention("a", "discussing", commitments=[PROMISE]))
    room.take(mention("b", "discussing", day=3, actor=["RU"], act="clarify"))

    assert states(room) == ["kept"]
    assert room.take(tick(4)) == []


def test_a_promise_goes_with_its_last_report() -> None:
    room = Room()
    room.take(mention("a", "discussing", commitments=[PROMISE]))
    room.take(mention("b", "discussing", day=1, commitments=[PROMISE]))
    room.take(gone("a", day=2))
    assert states(room) == ["open"]
    room.take(gone("b", day=2))

    assert states(room) == ["withdrawn"]
    assert room.take(tick(4)) == []


def test_old_promises_pass_without_an_alert_and_plays_have_their_own_clock() -> None:
    room = Room()
    room.take(mention("a", "discussing", commitments=[PROMISE], historical=True))
    assert room.take(tick(4)) == []
    assert states(room) == ["overdue"]

    other = Room()
    other.take(mention("a", "discussing", commitments=[PROMISE], clock="play"))
    assert other.take(tick(9)) == []
    assert [a.rule.id for a in other.take(tick(9, "play"))] == ["commitment-overdue"]


def test_two_origins_that_report_opposite_states_are_a_contradiction() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", day=5))

    (alert,) = room.take(mention("c", "welcomed", day=5))
    assert alert.rule.id == "contradiction"
    assert room.dossier is not None
    assert [c.statuses for c in room.dossier.contradictions] == [["rejected", "welcomed"]]


def test_of_two_reports_on_one_day_the_later_published_counts() -> None:
    room = Room()
    room.take(mention("a", "rejected", day=0.25))
    room.take(mention("z", "tabled", actor=["RU"], day=-0.25))

    assert room.life == ["tabled", "rejected"]


ALWAYS = "id: always\nversion: '1'\nwhen: [status_change, first_seen]\nseverity: notice\n"
SILENCE = "silence: s\nauthor: anna\nuntil: 2026-04-01\nreason: a test\nmatch: {status: rejected}\n"
AGREED = "id: agreed\nversion: '1'\nwhen: agreement\nseverity: critical\n"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"always": ALWAYS + "throttle: 10d\n"}, "throttled: always"),
        ({"always": ALWAYS + "inhibited_by: {agreed: 10d}\n", "agreed": AGREED}, "inhibited: agreed"),
        (
            {
                "always": ALWAYS,
                "s": "silence: s\nauthor: anna\nuntil: 2026-04-01\nreason: a test\nmatch: {status: rejected}\n",
            },
            "silenced by anna until 2026-04-01T00:00:00Z: a test",
        ),
    ],
    ids=["throttle", "inhibit", "silence"],
)
def test_what_is_held_back_is_kept_with_its_reason(more: dict[str, str], reason: str) -> None:
    room = Room(**{f"{name}.yaml": text for name, text in more.items()})
    assert room.take(mention("a", "agreed", actor=["RU", "NATO"]))

    assert room.take(mention("b", "rejected", day=5)) == []
    assert room.held[0].reason.startswith(reason)
    assert room.life == ["agreed", "rejected"], "what is held back happened all the same"
    late = room.take(mention("c", "discussing", day=40))
    assert late, "and it ends"


def test_a_group_lets_its_first_out_and_the_others_leave_together() -> None:
    room = Room(**{"always.yaml": ALWAYS + "group: {by: [proposal], for: 12h}\n"})
    assert [a.type for a in room.take(mention("a", "floated", actor=["RU"]))] == ["raised"]
    assert room.take(mention("b", "rejected", day=0.05)) == []
    assert room.take(mention("c", "discussing", day=0.1)) == []

    (digest,) = room.take(tick(1.1))
    assert (digest.type, len(digest.changes)) == ("digest", 2)
    assert room.take(tick(2)) == []


def test_what_waits_for_a_digest_leaves_when_its_clock_ends_and_by_no_other_clock() -> None:
    """An archive's play has no tick after its last: nothing may be held for ever."""
    room = Room(**{"always.yaml": ALWAYS + "group: {by: [proposal], for: 12h}\n"})
    assert [a.type for a in room.take(mention("a", "floated", actor=["RU"], clock="play"))] == ["raised"]
    assert room.take(mention("b", "rejected", day=0.05, clock="play", commitments=[PROMISE])) == []
    assert [a.type for a in room.take(mention("c", "agreed", day=0.1))] == ["raised"]
    assert room.take(mention("d", "suspended", day=0.15)) == []

    assert room.take(tick(0.6, "other")) == []
    (played,) = room.take(structs.replace(tick(0.6, "play"), end=True))
    assert (played.type, played.article and played.article.id, len(played.changes)) == ("digest", "b", 1)
    assert states(room) == ["open"], "days after the end do not come"
    (live,) = room.take(tick(1.1))
    assert (live.type, live.article and live.article.id) == ("digest", "d")


def test_a_digest_counts_stories_and_not_their_reports() -> None:
    text = "id: ideas\nversion: '1'\nwhen: story\nseverity: info\ngroup: {by: [proposal], for: 12h}\n"
    room = Room(**{"ideas.yaml": text})
    room.take(mention("a", "floated", actor=["RU"], proposal="OTHER-ARCH"))
    for n, article in enumerate(("b", "c"), 1):
        assert room.take(mention(article, "tabled", actor=["FR"], proposal="OTHER-ARCH", day=0.05 * n)) == []

    (digest,) = room.take(tick(1.1))
    assert (len(digest.changes), digest.origins) == (1, 2)


def source(outcome: str, minute: int) -> SourceHealth:
    return SourceHealth(id="s1", name="Agency", url="", format="feed", enabled=True, outcome=outcome,  # type: ignore[arg-type]
                        reason="answers 403", polled=DAY + timedelta(minutes=minute), changed=None, next=None,
                        items=0, failures=9)  # fmt: skip


def test_a_source_that_goes_blind_is_told_once_and_again_when_it_sees() -> None:
    room = Room()
    assert room.take(source("ok", 0)) == []
    (blind,) = room.take(source("refused", 1))
    assert (blind.proposal, blind.rule.id, blind.type) == (None, "source-blind", "raised")
    assert room.take(source("failed", 2)) == []

    (seen,) = room.take(source("ok", 3))
    assert (seen.type, seen.thread, seen.replaces) == ("updated", blind.thread, blind.id)
