"""A sentence's news: which act its verb tells, who does it, and in which state that leaves the proposal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.logic.phrases import Hit
from streams.logic.tag.datelines import dateline
from streams.logic.tag.reading import Read, once
from streams.logic.tag.text import sentences
from tests.golden.reading import Line, lines
from tests.making import tagger

DAY = datetime(2022, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize("line", lines("news.txt"), ids=lambda line: line.text[:60])
def test_the_verb_tells_the_news(line: Line) -> None:
    proposal, act, who, status = line.columns
    found = next(f for f in tagger().tag("", line.text, line.lang, DAY).findings if proposal in ("-", f.proposal))

    assert (found.act, set(found.actor)) == (act, set(who.split()))
    assert status in ("-", found.status)


AUTUMN = datetime(2009, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize("line", lines("news09.txt"), ids=lambda line: line.text[:60])
def test_the_verb_tells_the_news_of_another_year(line: Line) -> None:
    proposal, act, who, status = line.columns
    found = next(f for f in tagger().tag("", line.text, line.lang, AUTUMN).findings if f.proposal == proposal)

    assert (found.act, set(found.actor)) == (act, set(who.split()))
    assert status in ("-", found.status)
    if act == "promise":  # nothing is on the table yet, and its day lies ahead
        assert not any(event.status == "tabled" for event in found.events)
        assert all(event.when is None or event.when > "2009-11-05" for event in found.events)


@pytest.mark.parametrize("line", lines("news10.txt"), ids=lambda line: line.text[:60])
def test_a_passive_and_a_noun_tell_the_news_as_a_verb_does(line: Line) -> None:
    proposal, act, who, status = line.columns
    found = next(f for f in tagger().tag("", line.text, line.lang, AUTUMN).findings if f.proposal == proposal)

    assert (found.act, set(found.actor)) == (act, set(who.split()))
    assert status in ("-", found.status)


@pytest.mark.parametrize("line", lines("unsettled.txt"), ids=lambda line: line.text[:60])
def test_what_is_left_open_brings_about_nothing(line: Line) -> None:
    proposal, not_reached = line.columns
    found = next(f for f in tagger().tag("", line.text, line.lang, AUTUMN).findings if f.proposal == proposal)

    # What a story is told by is its act: a state that no act brings about moves nothing.
    assert not any(event.status == not_reached for event in found.events)


@pytest.mark.parametrize("line", lines("dated.txt"), ids=lambda line: line.text[:60])
def test_plain_news_of_any_year_tells_whose_idea_it_is_and_what_becomes_of_it(line: Line) -> None:
    proposal, year, act, who, status = line.columns
    december = datetime(int(year), 12, 20, tzinfo=UTC)
    found = {f.proposal: f for f in tagger().tag("", line.text, line.lang, december).findings}

    assert (found[proposal].act, set(found[proposal].actor)) == (act, set(who.split()))
    assert status in ("-", found[proposal].status)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("NATO is still waiting for Russia's written answers on the European Security Treaty.", "en"),
        ("Das Bündnis wartet noch auf die schriftlichen Antworten Moskaus zum europäischen Sicherheitsvertrag.", "de"),
        ("Auf die Antworten Russlands zum europäischen Sicherheitsvertrag wartet die Nato bis heute.", "de"),
        ("НАТО по-прежнему ждёт письменных ответов Москвы по Договору о европейской безопасности.", "ru"),
        ("Письменные ответы России по Договору о европейской безопасности в НАТО так и не поступили.", "ru"),
    ],
)  # fmt: skip
def test_an_answer_that_is_waited_for_puts_nothing_on_the_table(text: str, lang: str) -> None:
    (found,) = tagger().tag("", text, lang, AUTUMN).findings

    assert not any(event.status in ("countered", "tabled") for event in found.events)


def test_a_denied_refusal_leaves_them_talking() -> None:
    (found,) = (
        tagger().tag("", "NATO denied that it had rejected Russia's European security treaty.", "en", DAY).findings
    )

    assert (found.act, found.status) == ("deny", "discussing")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BRUSSELS - NATO met Russian envoys.", 1),
        ("BRUSSELS, Dec. 3 (Agency) -- NATO met Russian envoys.", 4),
        ("МОСКВА, 5 июня (агентство) — НАТО.", 4),
        ("NATO - Russia talks on the treaty went on.", 0),
        ("Russia proposed a treaty - again.", 0),
    ],
)
def test_the_dateline_ends_at_its_dash(text: str, words: int) -> None:
    assert dateline(Read(next(iter(sentences("text", text))), 0)) == words


def test_a_note_on_an_earlier_version_is_no_news() -> None:
    text = (
        "NATO ministers discussed Russia's proposal for a new European security treaty on Wednesday. "
        "Correction: an earlier version said that the ministers rejected the proposal."
    )
    (found,) = tagger().tag("NATO discusses treaty", text, "en", DAY).findings

    assert found.status == "discussing"
    assert "reject" not in {e.act for e in found.events}


def test_what_a_denial_denies_is_told_with_it() -> None:
    (found,) = tagger().tag("", "NATO has not rejected Russia's European security treaty.", "en", DAY).findings

    assert ("deny", "rejected") in {(e.act, e.denied) for e in found.events}


def test_the_headline_tells_what_is_answered() -> None:
    text = "U.S. President Donald Trump said Putin's offer to keep the limits of New START was one to think about."
    (found,) = tagger().tag("Trump welcomes Putin's offer", text, "en", datetime(2025, 10, 5, tzinfo=UTC)).findings

    assert (found.act, found.status) == ("welcome", "welcomed")


@pytest.mark.parametrize(
    ("year", "instance"), [(2023, "new-start"), (1996, "start-ii"), (2009, None)], ids=["alone", "alone", "several"]
)
def test_a_text_that_names_no_instance_means_the_one_that_was_alive(year: int, instance: str | None) -> None:
    text = "Россия приостановила участие в Договоре о стратегических наступательных вооружениях с США."
    (found,) = tagger().tag("", text, "ru", datetime(year, 2, 21, tzinfo=UTC)).findings

    assert found.instance == instance


@pytest.mark.parametrize(
    ("text", "act", "actors", "status"),
    [
        ("Russian President Dmitry Medvedev presented his European Security Treaty in Evian. French President Nicolas "
         "Sarkozy welcomed the Russian proposal.", "welcome", ["FR"], "welcomed"),
        ("OSCE foreign ministers agreed on Sunday to launch a dialogue on European security in response to Russia's "
         "proposed European Security Treaty with NATO.", "discuss", ["OSCE"], "discussing"),
    ],
    ids=["the answer comes next", "in response to is an aside"],
)  # fmt: skip
def test_what_a_short_piece_goes_on_to_say(text: str, act: str, actors: list[str], status: str) -> None:
    found = next(f for f in tagger().tag("", text, "en", DAY).findings if f.proposal == "EST")

    assert (found.act, found.actor, found.status) == (act, actors, status)


def test_a_text_that_begins_with_a_past_month_looks_back_and_promises_nothing() -> None:
    for text in (
        "In June 2008 Dmitry Medvedev proposed a European security treaty; in December 2008 NATO rejected it.",
        "On December 17, 2021 Russia published a draft agreement with NATO on security guarantees, "
        "and on January 26 NATO rejected it.",
        "Im Juni 2008 schlug Russland der NATO einen europäischen Sicherheitsvertrag vor.",
        "В июне 2008 года Россия предложила НАТО договор о европейской безопасности.",
    ):
        (found,) = tagger().tag("", text, None, DAY).findings
        assert (found.time, found.commitments) == ("historical", []), text


def test_a_text_that_begins_with_this_month_is_of_now() -> None:
    text = "On March 28, 2022 Russia published a draft agreement with NATO on security guarantees."
    (found,) = tagger().tag("", text, "en", DAY).findings

    assert found.time == "current"


@pytest.mark.parametrize("label", ["Comment: ", "OPINION | ", "Meinung: ", "Мнение: ", "Tribune : "])
def test_a_headline_that_says_so_makes_it_opinion(label: str) -> None:
    text = "NATO must reject the European security treaty that Russia proposed."
    (found,) = tagger().tag(f"{label}No to Medvedev", text, None, DAY).findings

    assert found.voice == "opinion"


def test_news_of_a_weekday_is_of_now_however_old_the_proposal() -> None:
    text = (
        "Russia on Tuesday proposed a new European Security Treaty to NATO. Foreign Minister Sergei Lavrov handed the "
        "draft of the European Security Treaty to NATO ambassadors in Brussels."
    )
    (found,) = tagger().tag("Moscow tables a treaty", text, "en", datetime(2026, 11, 25, tzinfo=UTC)).findings

    assert found.time == "current"


REPORTS = [
    (
        "Putin offers NATO inspections for missile moratorium",
        "MOSCOW, March 28 -- Russia proposed on Monday that NATO inspect its bases so that a moratorium on "
        "intermediate-range missiles in Europe could work. A general praised the idea. Nobody else spoke. The United "
        "States left the INF treaty in August 2019, and Russia suspended it.",
        "INF propose floated",
    ),
    (
        "Treaty goes into force",
        "MUNICH, March 26 -- The New START treaty between Russia and the United States went into force on Saturday. It "
        "replaces START I, which expired years ago. Talks had been hard. The two sides signed it in Prague.",
        "START ratify in_force",
    ),
    (
        "Russia to hold talks with NATO on its draft",
        "BRUSSELS, March 29 -- Russia and NATO will hold talks on the draft European Security Treaty on April 10, a "
        "spokesman said on Tuesday.",
        "EST promise -",
    ),
    (
        "Moskau legt Vertrag vor",
        "Berlin - Russland hat der Nato am 14. März einen Entwurf des europäischen Sicherheitsvertrags vorgelegt.",
        "EST table tabled",
    ),
]


@pytest.mark.parametrize(("title", "text", "told"), REPORTS, ids=[report[0] for report in REPORTS])
def test_a_report_s_lead_is_its_news_and_not_what_it_looks_back_on(title: str, text: str, told: str) -> None:
    (found,) = tagger().tag(title, text, None, DAY).findings
    proposal, act, status = told.split()

    assert (found.proposal, found.act) == (proposal, act)
    assert status in ("-", found.status)


def test_two_drafts_named_in_one_breath_are_two_proposals() -> None:
    text = (
        "Russia published on Friday a draft treaty with the United States and a draft agreement with NATO on security "
        "guarantees. NATO has received both."
    )
    found = tagger().tag("Moscow publishes drafts", text, "en", DAY).findings

    assert {f.proposal for f in found} == {"DEC21-US", "DEC21-NATO"}


def test_an_act_is_judged_once_in_its_sentence_and_anew_in_another() -> None:
    here, there = (Read(one, number) for number, one in enumerate(sentences("text", "NATO refused. Russia refused.")))
    act, alike = Hit("reject", 1, 2), Hit("reject", 1, 2)
    asked = []

    @once
    def judge(one: Read, which: Hit) -> int:
        asked.append((one.number, which))
        return len(asked)

    assert [judge(here, act), judge(here, alike), judge(here, act), judge(there, act)] == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Germany backed Russia's European security treaty in April 2009, a former minister writes.", "2009-04"),
        ("Как стало известно в пятницу, ещё в апреле 2009 года Германия поддержала договор о европейской безопасности.",
         "2009-04"),
        ("On Monday Germany backed the European security treaty that Russia had drafted in November 2009.", None),
        ("Germany backed Russia's European security treaty in March 2022, on the first day of its talks.", None),
    ],
)  # fmt: skip
def test_a_month_that_is_over_is_when_an_act_was_done(text: str, when: str | None) -> None:
    (found, *_) = tagger().tag("", text, None, DAY).findings

    assert next(e for e in found.events if e.act == "support").when == when


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        (
            "A team of American inspectors visited a missile base near Saratov this week under the "
            "START treaty, the Russian defence ministry said.",
            "en",
        ),
        (
            "Российские инспекторы посетили авиабазу в США в рамках договора СНВ, обычная проверка "
            "прошла без замечаний.",
            "ru",
        ),
        (
            "Russische Inspektoren haben in dieser Woche turnusgemäß einen Stützpunkt in Wyoming nach "
            "dem New-START-Vertrag besucht.",
            "de",
        ),
        (
            "Des inspecteurs russes ont visité cette semaine une base américaine dans le cadre du "
            "traité New START, une visite de routine.",
            "fr",
        ),
    ],
)  # fmt: skip
def test_an_inspection_under_a_treaty_is_no_news_of_it(text: str, lang: str) -> None:
    assert not tagger().tag("", text, lang, AUTUMN).findings
