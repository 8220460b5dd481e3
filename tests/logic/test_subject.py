"""What a text is about, and what it only mentions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.making import tagger


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (
            2020,
            "ODESSA -- Talks on grain contracts collapsed on Monday when Russian exporters turned "
            "down an American offer.",
        ),
        (
            2020,
            "МОСКВА. Переговоры о поставках зерна сорвались: российские трейдеры отвергли американское предложение.",
        ),
        (
            2020,
            "HAMBURG -- Gespräche über Gaslieferungen sind gescheitert. Russische Händler lehnten ein "
            "amerikanisches Angebot ab.",
        ),
        (
            2022,
            "BREST -- Un projet d'accord sur la pêche a été remis mardi aux banques. La proposition "
            "russe avait été rejetée.",
        ),
        (2022, "МОСКВА. Проект соглашения о пошлинах передан в понедельник банкам. Российское предложение отклонено."),
        (2022, "КИЇВ. Проєкт угоди про мита передали банкам у вівторок. Російську пропозицію відхилили."),
    ],
)
def test_an_offer_in_a_trade_is_no_security_proposal(year: int, text: str) -> None:
    assert tagger().tag("", text, None, datetime(year, 6, 2, tzinfo=UTC)).findings == ()


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (
            2020,
            "GENEVA -- Russian diplomats and bankers rejected an American offer of talks on arms control on Tuesday.",
        ),
        (
            2022,
            "BRUXELLES -- Le projet d'accord de Moscou, qui tient aussi aux banques, a été discuté lundi par l'OTAN.",
        ),
    ],
)
def test_a_word_of_trade_hides_no_offer_on_security(year: int, text: str) -> None:
    assert tagger().tag("", text, None, datetime(year, 6, 2, tzinfo=UTC)).relevant


ASIDES = [
    (
        2021,
        "Bahnhof wird saniert",
        "WIEN -- Der Bahnhof wird bis Herbst saniert. In seinem Wartesaal froren 1990 die "
        "Diplomaten, die den KSE-Vertrag mit der Sowjetunion ausgehandelt hatten.",
    ),
    (
        2018,
        "В Хельсинки закрылось кафе",
        "ХЕЛЬСИНКИ. Кафе у гавани закрылось в понедельник. Здесь в 2008 году обедал Дмитрий "
        "Медведев, предложивший НАТО договор о европейской безопасности.",
    ),
    (
        2016,
        "Un photographe expose",
        "PARIS -- Une galerie montre depuis lundi ses images. On y voit la salle où, en 1997, la "
        "Russie et l'OTAN ont signé l'Acte fondateur.",
    ),
    (
        2023,
        "Muzeum dostało teczkę",
        "WARSZAWA -- Muzeum otrzymało w środę teczkę dyplomaty. Jest w niej projekt traktatu o "
        "bezpieczeństwie europejskim, który Rosja przedstawiła NATO w 2009 roku.",
    ),
    (
        2019,
        "Hotel on the lake reopens",
        "GENEVA -- The hotel opens again on Monday. Its guest book holds the names of the "
        "delegations of 1985, when Gorbachev and Reagan spoke of limits on SDI and the ABM "
        "treaty.",
    ),
]


@pytest.mark.parametrize(("year", "title", "text"), ASIDES, ids=lambda value: str(value)[:30])
def test_what_a_piece_on_something_else_looks_back_on_is_passing_and_past(year: int, title: str, text: str) -> None:
    found = tagger().tag(title, text, None, datetime(year, 6, 2, tzinfo=UTC)).findings

    assert [(one.role, one.time) for one in found] == [("passing", "historical")]


def test_what_a_report_begins_with_is_its_news_though_it_names_an_old_year() -> None:
    text = "MOSCOW -- Russia on Monday suspended the CFE treaty of 1990. The United States regretted it."
    found = tagger().tag("Russia suspends CFE treaty", text, None, datetime(2007, 7, 16, tzinfo=UTC)).findings

    assert [(one.role, one.time) for one in found if one.proposal == "CFE"] == [("main", "current")]
