"""What is one story and what is not; what was held back; what a correction reaches."""

from __future__ import annotations

import pytest
from msgspec import structs

from streams.contracts.records import Commitment, Event, Evidence, Mention, Status
from tests.logic.reports import Room, gone, mention, saying, tick

EVERY = "id: every\nversion: '1'\nwhen: [status_change, story]\nseverity: notice\n"
TABLED = "id: tabled\nversion: '1'\nwhen: tabled\nseverity: critical\ntopic: breaking\n"
REFUSED = "id: refused\nversion: '1'\nwhen: rejection\nseverity: warning\ntopic: ministry\n"


def test_a_known_proposal_that_is_named_again_is_not_floated_anew() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    assert room.take(mention("b", "floated", day=9, actor=["RU"])) == []
    assert room.life == ["rejected"]


@pytest.mark.parametrize("over", ["in_force", "suspended"])
def test_after_a_proposal_has_run_its_course_a_new_one_is_floated(over: Status) -> None:
    room = Room()
    room.take(mention("a", over, actor=["RU", "NATO"]))

    (alert,) = room.take(mention("b", "floated", day=9, actor=["RU"]))
    assert (alert.status_before, alert.status) == (over, "floated")


def test_a_denial_is_no_second_origin_of_what_it_denies_but_contradicts_it() -> None:
    room = Room()
    room.take(mention("a", "discussing", act="discuss", actor=["RU", "NATO"]))
    (rejected,) = room.take(mention("b", "rejected", day=3))
    (denied,) = room.take(saying("c", ("reject", ["NATO"]), ("deny", ["NATO"]), status="rejected", day=3.1))

    assert (denied.rule.id, denied.story != rejected.story, denied.origins) == ("contradiction", True, 1)
    assert denied.headline == "NATO denies that it rejects European Security Treaty"
    assert room.life == ["discussing", "rejected"]
    assert room.dossier is not None
    assert [c.statuses for c in room.dossier.contradictions] == [["rejected", "discussing"]]
    assert ("NATO", "denies") in {(p.actor, p.position) for p in room.dossier.positions}


def test_an_opinion_is_no_origin_of_the_event_that_it_argues_for() -> None:
    room = Room()
    room.take(mention("a", "rejected", voice="opinion"))

    (alert,) = room.take(mention("b", "rejected", day=1))
    assert alert.origins == 1


def test_who_discusses_the_proposed_treaty_has_not_proposed_it() -> None:
    room = Room()
    room.take(saying("a", ("discuss", ["NATO"]), ("propose", ["NATO"]), ("propose", ["RU"]), status="discussing"))

    assert room.dossier is not None
    assert {(p.actor, p.position) for p in room.dossier.positions} == {("RU", "proposes")}


def test_a_proposal_is_proposed_by_its_proposer() -> None:
    room = Room()
    room.take(saying("a", ("propose", ["DE", "RU"]), status="floated"))

    assert room.dossier is not None
    assert {(p.actor, p.position) for p in room.dossier.positions} == {("RU", "proposes")}


def test_an_alert_names_the_state_that_the_proposal_is_in_where_its_report_moves_none() -> None:
    promise = Commitment(who=["RU"], what="give details", due="2026-03-20", quote="q")
    room = Room()
    room.take(mention("a", "discussing", actor=["RU"]))

    (alert,) = room.take(mention("b", "floated", day=6, actor=["RU"], commitments=[promise]))
    assert (alert.rule.id, alert.status_before, alert.status) == ("new-commitment", "discussing", "discussing")


THROTTLED = {"every.yaml": EVERY + "throttle: 1d\n"}
SILENT = {
    "every.yaml": EVERY,
    "s.yaml": "silence: s\nauthor: anna\nuntil: 2026-03-03\nreason: a test\nmatch: {status: rejected}\n",
}


@pytest.mark.parametrize("files", [THROTTLED, SILENT], ids=["throttled", "silenced"])
def test_what_was_held_back_comes_out_with_an_independent_report_and_never_with_a_copy(files: dict[str, str]) -> None:
    text = "NATO has rejected the treaty, a spokesman at headquarters told this agency on Monday evening in Brussels."
    room = Room(**files)
    room.take(mention("a", "tabled", actor=["RU"]))
    assert room.take(mention("b", "rejected", text=text, day=0.2)) == []

    assert room.take(mention("c", "rejected", day=0.4)) == [], "it is held back still"
    assert room.take(mention("d", "rejected", text=text, day=1.6)) == []
    assert room.held[0].reason.startswith("a copy of what was held back (")
    (alert,) = room.take(mention("e", "rejected", day=1.7))
    assert (alert.status_before, alert.status, alert.origins, alert.copies) == ("tabled", "rejected", 3, 1)
    assert [a.type for a in room.take(mention("f", "rejected", day=1.8))] == ["updated"]


def test_what_was_held_back_is_no_news_once_the_state_has_moved_on() -> None:
    room = Room(**THROTTLED)
    room.take(mention("a", "tabled", actor=["RU"]))
    room.take(mention("b", "rejected", day=0.2))
    room.take(mention("c", "agreed", day=1.5, actor=["RU", "NATO"]))

    assert room.take(mention("d", "rejected", day=1.6, when="2026-03-02")) == []


def test_a_rule_may_wait_for_a_second_origin() -> None:
    room = Room(**{"two.yaml": EVERY + "match: {origins|gte: 2}\n"})
    text = "NATO has rejected the treaty, a spokesman at headquarters told this agency on Monday evening in Brussels."
    assert room.take(mention("a", "rejected", text=text)) == []
    assert room.take(mention("b", "rejected", text=text, day=0.1)) == []

    (alert,) = room.take(mention("c", "rejected", day=0.2))
    assert (alert.type, alert.status_before, alert.origins) == ("raised", None, 2)


def test_a_correction_goes_where_its_alert_went_and_where_what_it_says_now_goes() -> None:
    room = Room(**{"every.yaml": EVERY, "refused.yaml": REFUSED, "tabled.yaml": TABLED})
    (raised,) = room.take(mention("a", "tabled", actor=["RU"]))
    (corrected,) = room.take(mention("a", "rejected", revision=2))

    assert (corrected.thread, corrected.replaces, corrected.rule.id) == (raised.thread, raised.id, "refused")
    assert corrected.severity == "critical", "what was said so loudly is not taken back in a whisper"
    assert room.sent == [(t, "corrected") for t in ("alerts.all", "alerts.breaking", "alerts.ministry")]
    assert ("rule", "tabled", "refused") in [(c.field, c.before, c.after) for c in corrected.changes]
    room.take(gone("a", revision=3))
    assert room.sent == [(t, "retracted") for t in ("alerts.all", "alerts.breaking", "alerts.ministry")]


def test_a_contradiction_is_settled_when_one_side_is_withdrawn() -> None:
    room = Room()
    room.take(mention("a", "welcomed", actor=["NATO"]))
    (alert,) = room.take(mention("b", "rejected", day=0.1))
    assert alert.rule.id == "contradiction"

    told = room.take(gone("a"))
    assert [(a.type, a.thread == alert.thread) for a in told] == [("retracted", False), ("updated", True)]
    assert [(c.field, c.before, c.after) for c in told[1].changes] == [
        ("contradicts", "a", None),
        ("status_before", "welcomed", None),
    ]
    assert room.dossier is not None
    assert room.dossier.contradictions == []


def test_a_contradiction_stays_when_one_side_is_edited_and_says_it_still() -> None:
    room = Room()
    room.take(mention("a", "welcomed", actor=["NATO"]))
    room.take(mention("b", "rejected", day=0.1))
    room.take(mention("a", "welcomed", actor=["NATO"], revision=2, text="NATO welcomed it, in other words", day=0.2))

    assert room.dossier is not None
    assert len(room.dossier.contradictions) == 1


GROUPED = {"every.yaml": EVERY + "group: {by: [proposal], for: 12h}\n"}


def test_a_story_that_is_retracted_before_its_digest_is_not_in_it() -> None:
    room = Room(**GROUPED)
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", day=0.05))
    room.take(mention("c", "discussing", day=0.1))
    assert room.take(gone("b")) == []
    assert room.held[0].reason == "retracted before its digest went out"

    (digest,) = room.take(tick(1.1))
    assert [c.after for c in digest.changes] == ["NATO discusses European Security Treaty: floated -> discussing"]


def test_a_retraction_reaches_who_read_the_digest() -> None:
    room = Room(**GROUPED)
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", day=0.05))
    (digest,) = room.take(tick(1.1))

    (retracted,) = room.take(gone("b"))
    assert (retracted.type, retracted.thread) == ("retracted", digest.thread)
    assert room.sent == [("alerts.all", "retracted"), ("alerts.digest", "retracted")]


def test_a_state_is_of_who_brought_it_about_and_of_that_day() -> None:
    """ "On December 17 Russia published its draft. On January 26 NATO rejected it." """
    room = Room()
    tabled = saying("a", ("table", ["RU"]), quote="Russia published its draft.").events[0]
    rejected = saying("a", ("reject", ["NATO"]), quote="NATO rejected it.").events[0]
    tabled = structs.replace(tabled, when="2025-12-17")
    later = [structs.replace(rejected.evidence[0], start=40, end=57)]
    events = [tabled, structs.replace(rejected, evidence=later, when="2026-01-26")]
    room.take(mention("a", "rejected", act="table", actor=["RU"], when="2025-12-17", events=events,
                      evidence=tabled.evidence))  # fmt: skip

    assert room.dossier is not None
    assert [(t.status, t.actor, t.at) for t in room.dossier.transitions] == [("rejected", ["NATO"], "2026-01-26")]


def test_what_is_only_proposed_is_not_on_the_table() -> None:
    room = Room()
    room.take(structs.replace(saying("a", ("propose", ["RU"])), status="tabled"))

    assert room.life == ["floated"]


def test_what_a_report_says_beside_a_known_proposal_is_its_news_in_every_revision() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    welcome = Event(act="welcome", actor=["FR"], status="welcomed", voice="quote", time="current", when=None,
                    evidence=[Evidence(field="text", start=50, end=57, quote="welcome")])  # fmt: skip

    def report(revision: int, text: str) -> Mention:
        one = mention("b", "floated", day=9 + revision / 10, actor=["RU"], text=text, revision=revision)
        return structs.replace(one, events=[*one.events, welcome])

    (alert,) = room.take(report(1, "Medvedev set out his treaty"))
    assert (alert.act, alert.actor, alert.status, alert.evidence[0].quote) == ("welcome", ["FR"], "welcomed", "welcome")
    assert room.take(report(2, "Medvedev set out his treaty")) == [], "an edit beside the evidence"
    assert room.life == ["floated", "welcomed"]


def test_a_state_that_nothing_in_the_report_brings_about_moves_nothing() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"]))

    guess = mention("b", "agreed", day=5, actor=["RU"], act="discuss", events=[])
    assert room.take(guess) == []
    assert room.life == ["tabled"]


def test_who_backs_another_s_draft_tables_nothing() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    (alert,) = room.take(saying("b", ("table", ["FR"]), ("support", ["FR"]), status="tabled", day=5))
    assert (alert.act, alert.actor, alert.status) == ("support", ["FR"], "welcomed")


FLASH = (
    "Germany {} the European Security Treaty that Russia proposed to NATO, Chancellor Angela Merkel said on Thursday."
)


def test_a_flash_that_says_the_opposite_in_nearly_the_same_words_is_no_copy() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"], day=-5))
    room.take(mention("b", "rejected", actor=["DE"], text=FLASH.format("rejected")))
    (alert,) = room.take(mention("c", "welcomed", actor=["DE"], day=0.1, text=FLASH.format("welcomed")))

    assert (alert.rule.id, alert.status_before, alert.status, alert.copies) == (
        "contradiction",
        "rejected",
        "welcomed",
        0,
    )


def test_what_is_issued_again_after_a_retraction_and_says_the_opposite_is_news() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"], day=-5))
    room.take(mention("b", "rejected", actor=["DE"], text=FLASH.format("rejected")))
    room.take(gone("b"))
    (alert,) = room.take(mention("c", "welcomed", actor=["DE"], day=0.1, text=FLASH.format("welcomed")))

    assert (alert.type, alert.status_before, alert.status) == ("raised", "tabled", "welcomed")


def test_a_denial_in_the_words_of_what_it_denies_is_no_copy() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"], day=-5))
    (alert,) = room.take(mention("b", "rejected", actor=["DE"], text=FLASH.format("rejected")))
    told = room.take(mention("c", "rejected", actor=["DE"], act="deny", day=0.1, text=FLASH.format("never rejected")))

    assert alert.thread not in {a.thread for a in told}


def test_an_alert_quotes_the_words_of_its_event_first() -> None:
    room = Room()
    room.take(mention("a", "tabled", actor=["RU"], day=-5))
    named = Evidence(field="text", start=80, end=97, quote="Russia promised a draft of the European Security Treaty.")
    its = Evidence(field="text", start=0, end=19, quote="France welcomed it.")
    welcome = Event(
        act="welcome", actor=["FR"], status="welcomed", voice="fact", time="current", when=None, evidence=[its]
    )

    (alert,) = room.take(mention("b", "welcomed", actor=["FR"], evidence=[named], events=[welcome]))

    assert alert.evidence == [its, named]
    assert room.dossier is not None
    assert room.dossier.transitions[-1].evidence == [its]
