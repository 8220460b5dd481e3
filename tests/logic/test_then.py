"""What a proposal is called while everybody knows which draft is meant, and what it is not called later."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.making import tagger

TEXTS = [
    ("EST", 2009, "en", "NATO sees no need for the security treaty that Moscow wants, Rasmussen said."),
    ("EST", 2009, "de", "Die Nato hält den russischen Sicherheitspakt für überflüssig."),
    ("EST", 2009, "ru", "НАТО не видит необходимости в российском пакте безопасности."),
    ("DEC21-NATO", 2022, "en", "NATO rejected the draft pact with NATO that Russia had published."),
    ("DEC21-US", 2022, "en", "Russia made public a draft pact with the United States on Friday."),
    ("DEC21-US", 2022, "de", "Russland veröffentlichte den Entwurf eines Vertrags mit den USA."),
]


def found(text: str, lang: str, year: int) -> set[str]:
    tagged = tagger().tag("", text, lang, datetime(year, 1, 20, tzinfo=UTC))
    return {one.proposal for one in tagged.findings}


@pytest.mark.parametrize(("proposal", "year", "lang", "text"), TEXTS)
def test_a_draft_needs_no_full_name_in_its_time(proposal: str, year: int, lang: str, text: str) -> None:
    assert proposal in found(text, lang, year)
    assert proposal not in found(text, lang, 2018)


def test_two_drafts_in_one_breath_are_told_apart_by_whom_they_are_with() -> None:
    text = "Russia on Friday made public two draft pacts, one with the United States and one with NATO."

    assert found(text, "en", 2022) == {"DEC21-US", "DEC21-NATO"}
