"""Whose proposal it is that somebody ought to do something: not his who ought to, but whose words they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.logic.tag import Finding
from tests.making import tagger

DAY = datetime(2023, 3, 9, tzinfo=UTC)
EXPERT = "expert/think-tank"
OPINION = {
    "en": "Comment. In my view neither side can win this war, and I believe that we have been too sure of ourselves. ",
    "de": "Kommentar. Meiner Meinung nach gewinnt keine Seite diesen Krieg, und ich glaube, wir waren uns zu sicher. ",
    "ru": "Мнение. На мой взгляд, ни одна из сторон не победит в этой войне, и я считаю, что мы были самоуверенны. ",
    "fr": "Tribune. À mon avis, aucun camp ne peut gagner cette guerre, et je crois que nous avons été trop sûrs. ",
    "uk": "Думка. На мій погляд, жодна сторона не переможе у цій війні, і я вважаю, що ми були самовпевнені. ",
    "es": "Opinión. A mi juicio, ningún bando puede ganar esta guerra, y creo que hemos estado demasiado seguros. ",
    "pl": "Opinia. Moim zdaniem żadna ze stron nie wygra tej wojny i sądzę, że byliśmy zbyt pewni siebie. ",
}
ARGUED = [
    ("en", "UA-NEUTRAL", "Ukraine should become neutral and stay outside NATO, and Russia should accept its borders."),
    ("en", "UA-NEUTRAL", "Ukraine must remain a neutral state outside NATO if there is to be peace with Russia."),
    ("en", "NO-ENLARGE", "NATO should promise Russia not to expand any further to the east."),
    ("en", "NUKE-SHARE", "Russia should withdraw its tactical nuclear weapons from Belarus, and America its own."),
    (
        "de",
        "UA-NEUTRAL",
        "Die Ukraine muss neutral werden und auf die Nato verzichten, sonst kommt kein Frieden mit Russland.",
    ),
    (
        "de",
        "UA-NEUTRAL",
        "Die Ukraine sollte auf die Mitgliedschaft in der Nato verzichten, dann könnte Russland abziehen.",
    ),
    ("ru", "UA-NEUTRAL", "Украина должна стать нейтральной и не вступать в НАТО, иначе Россия на мир не пойдёт."),
    ("fr", "UA-NEUTRAL", "L'Ukraine doit devenir neutre et renoncer à l'OTAN, et la Russie retirer ses troupes."),
    ("uk", "UA-NEUTRAL", "Україна повинна стати нейтральною і не вступати до НАТО, а Росія має вивести війська."),
    ("es", "UA-NEUTRAL", "Ucrania debe ser un país neutral y renunciar a la OTAN, y Rusia retirar sus tropas."),
    ("pl", "UA-NEUTRAL", "Ukraina powinna stać się państwem neutralnym i zrezygnować z NATO, a Rosja wycofać wojska."),
]
QUOTED = [
    (
        "RU",
        "en",
        "UA-NEUTRAL",
        "MOSCOW, March 9 - Ukraine must become neutral and stay outside NATO, Dmitry Peskov said.",
    ),
    (
        "FR",
        "en",
        "UA-NEUTRAL",
        "PARIS, March 9 - Emmanuel Macron said that Ukraine should become neutral and stay out of NATO.",
    ),
    (
        "other:Hungary",
        "en",
        "UA-NEUTRAL",
        "Ukraine should be a neutral state outside NATO, Viktor Orban said on Thursday.",
    ),
    (
        "RU",
        "en",
        "NO-ENLARGE",
        "NATO should promise Moscow not to expand further east, Sergei Lavrov said on Thursday.",
    ),
    (
        "NATO",
        "en",
        "NUKE-SHARE",
        "Russia should withdraw its tactical nuclear weapons from Belarus, Jens Stoltenberg said.",
    ),
    (
        "US",
        "en",
        "INF",
        "Russia must destroy the missiles that violate the INF treaty, the U.S. State Department said.",
    ),
    ("RU", "ru", "UA-NEUTRAL", "Украина должна стать нейтральной и не вступать в НАТО, заявил Лавров."),
    (
        "RU",
        "de",
        "UA-NEUTRAL",
        "Die Ukraine müsse neutral werden und auf die Nato verzichten, sagte Außenminister Lawrow.",
    ),
    (
        "RU",
        "pl",
        "UA-NEUTRAL",
        "Ukraina musi stać się państwem neutralnym i zrezygnować z NATO, powiedział Siergiej Ławrow.",
    ),
    (
        EXPERT,
        "en",
        "UA-NEUTRAL",
        "Ukraine should become a neutral state outside NATO, the political scientist John Mearsheimer said.",
    ),
    (
        EXPERT,
        "de",
        "UA-NEUTRAL",
        "Die Ukraine müsse neutral werden und auf die Nato verzichten, sagte der Politikwissenschaftler Varwick.",
    ),
    (
        EXPERT,
        "ru",
        "UA-NEUTRAL",
        "Украина должна стать нейтральной и отказаться от НАТО, считает эксперт Фёдор Лукьянов.",
    ),
]
SOMEBODYS = [
    ("RU", "Ukraine should accept Russia's demand that it stay neutral and outside NATO, Viktor Orban said."),
    ("RU", "NATO should accept Russia's proposal of a neutral Ukraine, Viktor Orban said on Thursday."),
]


def found(text: str, lang: str, proposal: str) -> Finding:
    return next(one for one in tagger().tag("", text, lang, DAY).findings if one.proposal == proposal)


@pytest.mark.parametrize(("lang", "proposal", "idea"), ARGUED)
def test_what_an_author_wishes_of_a_state_is_his_and_not_its_own(lang: str, proposal: str, idea: str) -> None:
    its = found(OPINION[lang] + idea, lang, proposal)

    assert (its.proposer, its.status) == ([EXPERT], "floated")


@pytest.mark.parametrize(("who", "lang", "proposal", "text"), QUOTED)
def test_a_wish_is_whose_words_it_is(who: str, lang: str, proposal: str, text: str) -> None:
    its = found(text, lang, proposal)

    assert its.proposer == [who]
    assert who not in its.addressee


@pytest.mark.parametrize(("who", "text"), SOMEBODYS)
def test_what_ought_to_be_done_with_a_proposal_makes_it_nobody_else_s(who: str, text: str) -> None:
    assert found(text, "en", "UA-NEUTRAL").proposer == [who]


def test_he_who_said_so_is_who_was_named_before() -> None:
    text = (
        "МОСКВА, 9 марта. Россия не изменит своих целей, заявила представитель МИД Мария Захарова. "
        "Запад должен отказаться от расширения НАТО, добавила она."
    )

    assert found(text, "ru", "NO-ENLARGE").proposer == ["RU"]


def test_an_experts_wish_is_an_idea_of_which_no_state_has_done_anything() -> None:
    its = found(
        "Ukraine should become a neutral state outside NATO, an analyst in Moscow said on Thursday.", "en", "UA-NEUTRAL"
    )

    assert (its.proposer, its.status) == ([EXPERT], "floated")
    assert not {"UA", "NATO", "RU"} & {code for event in its.events if event.act == "demand" for code in event.actor}
