"""Which plan for Ukraine a report tells of, who acts, and what has happened: by points, by name, by author."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from streams.logic.tag import Finding
from streams.logic.tag.reading import Read
from streams.logic.tag.slots import tells_of_years_gone
from streams.logic.tag.text import sentences
from tests.making import tagger

TOLD = [
    ("PEACE-UA/zelensky-formula tabled", 2022, "en",
     "President Volodymyr Zelenskiy presented a ten-point peace formula to the Group of 20 on Tuesday that asks "
     "for the "
     "withdrawal of Russian troops and a place under NATO's umbrella."),
    ("PEACE-UA/zelensky-formula rejected", 2023, "de",
     "Der Kreml hat die Friedensformel des ukrainischen Präsidenten am Dienstag zurückgewiesen. Sie sieht Zusagen der "
     "Nato vor."),
    ("PEACE-UA/china-12-points tabled", 2023, "en",
     "China's Foreign Ministry on Friday published a 12-point position paper on Ukraine that calls on NATO and "
     "Russia to "
     "give up a Cold War mentality."),
    ("PEACE-UA/china-12-points rejected", 2023, "de",
     "Nato-Generalsekretär Stoltenberg hat den chinesischen Zwölf-Punkte-Plan für ein Ende des Krieges in der "
     "Ukraine am Freitag "
     "zurückgewiesen."),
    ("PEACE-UA/china-12-points welcomed", 2023, "ru",
     "Россия приветствует мирный план Китая по Украине, заявили в МИД. В нём говорится о безопасности без НАТО."),
    ("PEACE-UA/victory-plan tabled", 2024, "en",
     "Volodymyr Zelenskiy on Thursday handed Joe Biden his victory plan, which asks for an invitation to join NATO."),
    ("PEACE-UA/victory-plan tabled", 2024, "ru",
     "Зеленский представил в Верховной раде план победы, первый пункт которого - приглашение в НАТО."),
    ("PEACE-UA/28-points rejected", 2025, "de",
     "Die Ukraine hat den amerikanischen 28-Punkte-Plan am Freitag zurückgewiesen. Er verlangt den Verzicht auf einen "
     "Nato-Beitritt."),
    ("ISTANBUL22 tabled", 2022, "en",
     "Ukrainian negotiators on Tuesday handed Russia written proposals at talks in Istanbul under which Kyiv "
     "would become "
     "neutral in return for guarantees of its security by several states."),
    ("ISTANBUL22 countered", 2022, "de",
     "Russland hat auf die ukrainischen Vorschläge von Istanbul mit einem eigenen Vertragsentwurf geantwortet, teilte "
     "Lawrow am Donnerstag mit."),
    ("UA-GUARANTEES floated", 2025, "de",
     "Keir Starmer hat am Montag angeboten, britische Soldaten als Sicherheitsgarantie in die Ukraine zu entsenden."),
    ("UA-GUARANTEES floated", 2025, "fr",
     "Emmanuel Macron a proposé mardi que les Européens donnent à l'Ukraine des garanties de sécurité face à la "
     "Russie."),
    ("UA-GUARANTEES rejected", 2022, "ru",
     "Киев опубликовал проект гарантий безопасности Украины от стран Запада. Россия его отвергает целиком."),
    ("EURASIA-ARCH floated", 2024, "ru",
     "Владимир Путин предложил создать новую евразийскую архитектуру безопасности, открытую и для европейских членов "
     "НАТО."),
]  # fmt: skip


def findings(text: str, lang: str, year: int) -> list[Finding]:
    return list(tagger().tag("", text, lang, datetime(year, 12, 1, tzinfo=UTC)).findings)


@pytest.mark.parametrize(("told", "year", "lang", "text"), TOLD)
def test_a_plan_is_told_by_its_points_its_name_or_its_author(told: str, year: int, lang: str, text: str) -> None:
    found = [f"{f.proposal}/{f.instance} {f.status}" if f.instance else f"{f.proposal} {f.status}" for f in
             findings(text, lang, year)]  # fmt: skip

    assert found[0] == told


ACTORS = [
    ("suspend NATO", "CFE", "de",
     "Als Antwort auf den russischen Austritt setzen auch die Nato-Staaten den KSE-Vertrag aus."),
    ("withdraw RU", "CFE", "ru",
     "Россия завершила процедуру выхода из ДОВСЕ, действие которого приостановила в 2007 году."),
    ("table UA", "ISTANBUL22", "de",
     "Die ukrainische Delegation hat am Dienstag der russischen Seite das Istanbuler Kommuniqué vorgelegt."),
    ("table UA", "UA-GUARANTEES", "en", "Kyiv publishes draft of security guarantees for Ukraine by Western states."),
    ("withdraw RU", "INF", "de", "Russland hat sein Moratorium für Mittelstreckenraketen in Europa aufgekündigt."),
]  # fmt: skip


@pytest.mark.parametrize(("told", "proposal", "lang", "text"), ACTORS)
def test_who_stands_beside_the_verb_is_not_who_did_it(told: str, proposal: str, lang: str, text: str) -> None:
    found = next(f for f in findings(text, lang, 2023) if f.proposal == proposal)

    assert f"{found.act} {','.join(found.actor)}" == told


def test_a_term_of_a_plan_that_is_named_is_no_second_proposal() -> None:
    text = (
        "Die ukrainische Delegation hat das Istanbuler Kommuniqué vorgelegt, nach dem die Ukraine auf den Beitritt zur "
        "Nato verzichtet. Es wurde übergeben."
    )

    assert [f.proposal for f in findings(text, "de", 2022)] == ["ISTANBUL22"]


def test_a_plan_whose_story_is_over_is_not_brought_up_by_words_that_another_shares() -> None:
    text = "Dmitri Medwedew hat den Entwurf von Sicherheitsgarantien für die Ukraine am Mittwoch zurückgewiesen."

    assert [f.proposal for f in findings(text, "de", 2022)] == ["UA-GUARANTEES"]


def test_a_sentence_that_names_only_years_gone_by_looks_back() -> None:
    told, year = "In Istanbul, in spring 2022, negotiators came as far as a communique.", date(2025, 11, 20)
    (one,) = (Read(sentence, 0) for sentence in sentences("text", told))

    assert tells_of_years_gone(one, year)
    assert not tells_of_years_gone(one, date(2022, 4, 1))
    assert not tells_of_years_gone(one, None)


def test_a_report_of_this_week_is_no_opinion_though_it_is_full_of_judgements() -> None:
    report = (
        "Североатлантический альянс в четверг отверг предложение Путина ввести мораторий на размещение в Европе ракет "
        "средней дальности. Представитель альянса назвал инициативу Москвы не заслуживающей доверия. По его словам, "
        "Россия уже развернула ракеты, из-за которых прекратил действие Договор о РСМД, и «не замечает реальности»."
    )
    (found,) = findings(report, "ru", 2019)

    assert (found.act, found.voice != "opinion") == ("reject", True)
