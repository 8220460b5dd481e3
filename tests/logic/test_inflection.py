"""Names of entries in every form that lexica know: what beginnings of words miss is known, and little."""

from __future__ import annotations

from collections import Counter

import pytest

from streams import knowledge
from streams.logic import inflection
from streams.morphology import Lexicon
from tests.making import tagger

FLOORS = {"ru": 0.998, "uk": 0.998, "en": 0.985, "fr": 0.99}
"""The rest are mistakes of the lists: `écriteau` for a form of `écrit`."""


@pytest.mark.slow
@pytest.mark.parametrize("lang", FLOORS)
def test_names_and_gap_patterns_are_found_in_all_their_forms(lang: str) -> None:
    files, known, lexicon = knowledge.read(), tagger().knowledge, Lexicon([lang])
    looked: Counter[bool] = Counter()
    for proposal in known.proposals.values():
        looked.update(form.found for form in inflection.of_entry(known, proposal, files[proposal.path], lexicon))

    assert looked.total() > 400
    assert looked[True] / looked.total() >= FLOORS[lang]


@pytest.mark.parametrize(
    ("lang", "words", "form"),
    [
        ("ru", ("европейский", "договор*"), ("европейскому", "договору")),
        ("ru", ("запрещени*", "ядерных", "испытаний"), ("запрещением", "ядерных", "испытаний")),
        ("uk", ("договір", "про", "безпеку"), ("договору", "про", "безпеку")),
        ("fr", ("traité*", "de", "paix"), ("traités", "de", "paix")),
        ("en", ("=INF", "accord*"), ("INF", "accords")),
    ],
    ids=["agreeing", "what the noun governs stays", "a vowel that changes", "plural", "acronyms stay"],
)
def test_a_phrase_has_the_forms_of_its_noun(lang: str, words: tuple[str, ...], form: tuple[str, ...]) -> None:
    assert form in set(Lexicon([lang]).variants(lang, words))
