"""An offer whose answer stands further on in the report has the state that the answer leaves it in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.making import tagger

DAY = datetime(2024, 6, 14, tzinfo=UTC)
OFFER = (
    "MOSCOW - President Vladimir Putin told diplomats that Russia wanted talks to start without delay.\n\n"
    "He also demanded that Ukraine give up its plans to join NATO and accept a neutral status."
)
REST = "\n\nThe rouble was little changed. Oil fell by a dollar. In Kazan a bridge was opened. Snow is expected."


def status(text: str) -> str:
    found = tagger().tag("Putin speaks of terms", text, "en", DAY).findings
    return next(one.status for one in found if one.proposal == "UA-NEUTRAL")


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ('NATO Secretary-General Jens Stoltenberg said the offer was "not made in good faith".', "rejected"),
        ("NATO rejected the proposal within hours.", "rejected"),
        ("In Washington the White House said that it did not regard this as a credible offer.", "rejected"),
        ("President Volodymyr Zelensky called it an ultimatum.", "rejected"),
        ("A spokesman for NATO said that neutrality was not on the agenda.", "rejected"),
        ('The German government called the move "a welcome step".', "welcomed"),
        ("NATO foreign ministers discussed the offer in Brussels.", "discussing"),
    ],
)
def test_the_other_sides_answer_is_the_state(answer: str, left: str) -> None:
    assert status(f"{OFFER} {answer}{REST}") == left


@pytest.mark.parametrize(
    "no_answer",
    [
        "Russia rejected the criticism.",
        "Kremlin spokesman Dmitry Peskov welcomed the proposal.",
        "Had NATO rejected the proposal, he would have withdrawn it.",
        "Has NATO rejected the proposal?",
        "NATO rejected a report on the harvest.",
        "In 2021 NATO had rejected the proposal of another summit.",
    ],
)
def test_what_is_no_answer_leaves_it_open(no_answer: str) -> None:
    assert status(f"{OFFER} {no_answer}{REST}") == "tabled"


def test_an_answer_after_another_proposal_is_given_to_that() -> None:
    text = f"{OFFER} He announced that Russia was leaving the New START treaty. NATO rejected the move.{REST}"

    assert status(text) == "tabled"


def test_a_demand_that_is_said_to_be_refused_is_refused() -> None:
    text = (
        "VIENNA - Still to be settled is the CFE Treaty, where Russia wants the ceilings for tanks to apply to NATO as "
        f"a bloc, a demand the allies have refused.{REST}"
    )

    found = tagger().tag("Envoys meet in Vienna", text, "en", datetime(1997, 5, 28, tzinfo=UTC)).findings

    assert [one.status for one in found if one.proposal == "CFE"] == ["rejected"]


def test_who_calls_a_move_something_is_its_subject() -> None:
    text = 'Russia proposed to NATO an INF treaty. President Reagan called the treaty "a welcome step".'

    (found,) = tagger().tag("", text, "en", datetime(1987, 3, 3, tzinfo=UTC)).findings

    assert ("welcome", ["US"]) in [(event.act, event.actor) for event in found.events]


IN_OTHER_LANGUAGES = {
    "es": (
        "MOSCÚ - El presidente Vladímir Putin habló ante los diplomáticos.\n\nExigió que Ucrania renuncie a ingresar "
        "en la OTAN y acepte un estatuto neutral. {} El rublo apenas cambió. El petróleo bajó un dólar. "
        "En Kazán se abrió un puente. Se espera nieve."
    ),
    "fr": (
        "MOSCOU - Le président Vladimir Poutine a parlé aux diplomates.\n\nIl a exigé que l'Ukraine renonce à "
        "rejoindre l'OTAN et accepte un statut neutre. {} Le rouble a peu varié. Le pétrole a reculé d'un dollar. "
        "A Kazan un pont a ouvert. La neige est attendue."
    ),
    "pt": (
        "MOSCOVO - O presidente Vladimir Putin falou aos diplomatas.\n\nExigiu que a Ucrânia renuncie a aderir à NATO "
        "e aceite um estatuto neutro. {} O rublo pouco mudou. O petróleo caiu um dólar. Em Kazan abriu uma ponte. "
        "Espera-se neve."
    ),
    "pl": (
        "MOSKWA - Prezydent Władimir Putin przemawiał do dyplomatów.\n\nZażądał, by Ukraina zrezygnowała z członkostwa "
        "w NATO i przyjęła status neutralny. {} Rubel prawie się nie zmienił. Ropa staniała o dolara. "
        "W Kazaniu otwarto most. Spodziewany jest śnieg."
    ),
}


@pytest.mark.parametrize(
    ("language", "answer", "left"),
    [
        ("es", "El presidente Zelenski calificó la propuesta de ultimátum.", "rejected"),
        ("es", "La OTAN desestimó sus condiciones.", "rejected"),
        ("es", "El portavoz del Kremlin, Dmitri Peskov, celebró la propuesta.", "tabled"),
        ("fr", "Le président Zelensky a qualifié la proposition d'ultimatum.", "rejected"),
        ("fr", "L'OTAN a rejeté ses exigences.", "rejected"),
        ("pt", "O presidente Zelensky classificou a proposta de ultimato.", "rejected"),
        ("pt", "O porta-voz do Kremlin, Dmitri Peskov, elogiou a proposta.", "tabled"),
        ("pl", "NATO odrzuciło jego propozycję.", "rejected"),
    ],
)
def test_an_answer_is_understood_in_other_languages(language: str, answer: str, left: str) -> None:
    found = tagger().tag("", IN_OTHER_LANGUAGES[language].format(answer), language, DAY).findings

    assert [one.status for one in found if one.proposal == "UA-NEUTRAL"] == [left]
