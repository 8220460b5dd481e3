"""Promises: whose they are, when they are for, and what becomes of one that is put off."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from streams.contracts.records import Commitment
from streams.logic.tag.dates import days
from tests.logic.reports import Room, mention, saying
from tests.making import tagger

DAY = datetime(2009, 10, 6, tzinfo=UTC)


def promised(text: str, lang: str = "en") -> list[tuple[list[str], str | None]]:
    (found,) = tagger().tag("", text, lang, DAY).findings
    return [(one.who, one.due) for one in found.commitments]


@pytest.mark.parametrize(
    ("lang", "text", "who", "due"),
    [
        ("en", "NATO has postponed its answer to Russia's draft European security treaty from Oct. 20 to Nov. 4.",
         ["NATO"], "2009-11-04"),
        ("de", "Die Nato verschob ihre Antwort auf den russischen Entwurf eines europäischen Sicherheitsvertrags vom "
         "20. Oktober auf den 4. November.", ["NATO"], "2009-11-04"),
        ("ru", "НАТО перенесла ответ на проект договора о европейской безопасности с 20 октября на 4 ноября.", ["NATO"],
         "2009-11-04"),
        ("en", "BRUSSELS, Oct. 6 -- NATO will discuss Russia's European security treaty on Nov. 4.", ["NATO"],
         "2009-11-04"),
        ("en", "Obama and Medvedev agreed on New START. The presidents will sign it in Prague on Nov. 4.",
         ["US", "RU"], "2009-11-04"),
        ("en", "Obama and Medvedev agreed on New START. They will sign it on Nov. 4, the White House said.",
         ["US", "RU"], "2009-11-04"),
    ],
    ids=["put off", "put off, German", "put off, Russian", "not the dateline", "the presidents, not the place",
         "nor who says so"],
)  # fmt: skip
def test_a_promise_has_who_makes_it_and_its_last_day(lang: str, text: str, who: list[str], due: str) -> None:
    assert promised(text, lang) == [(who, due)]


@pytest.mark.parametrize(
    "text",
    [
        "After the end of the INF treaty on Aug. 2 Russia promised not to be the first to deploy missiles in Europe.",
        "The United States will suspend its obligations under the INF treaty with Russia, effective Nov. 2.",
    ],
    ids=["a day that has been", "what is decided already"],
)
def test_what_is_over_or_decided_is_promised_for_no_day(text: str) -> None:
    assert promised(text) == []


@pytest.mark.parametrize(
    "source",
    [
        "two diplomats who asked not to be named",
        "an official not authorized to speak",
        "a source on condition of anonymity",
    ],
)
def test_a_source_that_will_not_be_named_is_a_rumour(source: str) -> None:
    text = f"NATO has shelved the talks on Russia's European security treaty, according to {source}."
    (found,) = tagger().tag("", text, "en", DAY).findings

    assert found.voice == "rumour"


def test_what_is_put_off_is_not_missed_on_its_first_day() -> None:
    room = Room()
    first = Commitment(who=["NATO"], what="NATO will answer.", due="2026-03-20", quote="NATO will answer on March 20.")
    later = Commitment(
        who=["NATO"], what="NATO postponed it.", due="2026-04-04", quote="NATO has postponed it to April 4."
    )
    room.take(mention("a", "discussing", act="promise", commitments=[first]))
    room.take(mention("b", "discussing", act="promise", commitments=[later], day=9))

    assert room.dossier is not None
    assert [(c.due, c.state) for c in room.dossier.commitments] == [("2026-03-20", "withdrawn"), ("2026-04-04", "open")]


def test_reports_of_one_promise_are_one_story_whatever_state_they_name() -> None:
    room = Room()
    one = Commitment(who=["RU"], what="Russia will explain.", due="2026-03-20", quote="Russia will explain.")
    room.take(mention("a", "discussing", act="promise", actor=["RU"], commitments=[one]))

    (alert,) = room.take(mention("b", "floated", act="promise", actor=["RU"], commitments=[one]))
    assert (alert.type, alert.origins) == ("updated", 2)


def test_who_is_wary_of_what_was_refused_brings_no_talk_about() -> None:
    room = Room()
    room.take(mention("a", "rejected"))

    assert room.take(saying("b", ("concern", ["PL"]), status="discussing", day=5)) == []
    assert room.life == ["rejected"]


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("Moscow promised a draft by Nov. 27.", "2009-11-03", "2009-11-27"),
        ("Проект передадут до 12 февраля.", "2010-01-14", "2010-02-12"),
        ("Der Text sollte bis zum 12. Februar kommen.", "2009-12-20", "2010-02-12"),
        ("Answers had been due by Feb. 12.", "2010-03-20", "2010-02-12"),
        ("La réponse est attendue d'ici au 5 mars.", "2009-11-20", "2010-03-05"),
        ("On Dec. 17 Russia published its drafts.", "2022-01-26", "2021-12-17"),
    ],
)
def test_a_day_by_which_something_is_due_lies_ahead_or_has_passed_lately(text: str, published: str, day: str) -> None:
    assert [one.day.isoformat() for one in days(text, date.fromisoformat(published), future=False)] == [day]
