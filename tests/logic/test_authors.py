"""Whose an idea is that an author puts forward himself, and not one of the states that it is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.making import tagger

DAY = datetime(2015, 2, 9, tzinfo=UTC)
BEFORE = (
    "Comment: A way out. For a year the war in Ukraine has been fought in the valleys of the Donbas. "
    "In my view neither side can win it. I believe that we in the West have been too sure of ourselves, "
    "and that our own history holds better advice."
)


def found(idea: str, text: str = BEFORE) -> tuple[list[str], str]:
    findings = tagger().tag("", f"{text} {idea}", "en", DAY).findings
    return next((one.proposer, one.status) for one in findings if one.proposal == "UA-NEUTRAL")


@pytest.mark.parametrize(
    "idea",
    [
        "My proposal: let Ukraine, the United States and Russia sign a treaty by which Kiev is neutral, not in NATO.",
        "I would propose that Ukraine become a neutral state outside NATO, by a treaty of Russia with the West.",
        "The way out is a neutral Ukraine outside NATO, and it is time that Russia and the West agreed on it.",
    ],
)
def test_what_an_author_puts_forward_is_his(idea: str) -> None:
    assert found(idea) == (["expert/think-tank"], "floated")


@pytest.mark.parametrize(
    "idea",
    [
        "Russia has proposed that Ukraine should become a neutral state outside NATO.",
        "Russia's proposal of a neutral Ukraine outside NATO should be rejected by the West.",
    ],
)
def test_what_a_state_proposes_stays_its_own(idea: str) -> None:
    assert found(idea)[0] == ["RU"]


def test_who_is_quoted_is_no_author() -> None:
    report = "MOSCOW, Feb 9 (Reuters) - Russian President Vladimir Putin spoke to reporters on Monday in Moscow."

    assert found('"My proposal is that Ukraine stay neutral and outside NATO," Putin said on Monday.', report)[0] == [
        "RU"
    ]
