"""The same sentence in other dress, in five languages; and texts that nobody wrote in good faith."""

# ruff: noqa: E501 - sentences and tables
from __future__ import annotations

import random
import re
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.logic.tag import Finding, Near
from tests.making import tagger

SENTENCES = {
    "en": "Russia proposed to NATO a European security treaty, and President Medvedev sent the draft to Brussels.",
    "ru": "Россия предложила НАТО договор о европейской безопасности, и президент Медведев направил проект в Брюссель.",
    "uk": "Росія запропонувала НАТО договір про європейську безпеку, і президент Медведєв надіслав проєкт до Брюсселя.",
    "de": "Russland hat der NATO einen europäischen Sicherheitsvertrag vorgeschlagen, Präsident Medwedew schickte den Entwurf.",
    "fr": "La Russie a proposé à l'OTAN un traité sur la sécurité européenne, et le président Medvedev a envoyé le projet.",
}  # fmt: skip
ALIKE = str.maketrans("aceopxасеорх", "асеорхaceopx")
SPELLINGS = {
    "en": ("Medvedev", "Medvedyev"),
    "ru": ("Медведев", "Медведев"),
    "uk": ("Медведєв", "Медведев"),
    "de": ("Medwedew", "Medwedjew"),
    "fr": ("Medvedev", "Medvédev"),
}


def homoglyphs(text: str) -> str:
    """The second letter of each longer word from the other script, where it has a double."""
    return re.sub(r"\b\w{4,}\b", lambda word: word[0][0] + word[0][1:].translate(ALIKE)[:1] + word[0][2:], text)


DRESS: dict[str, Callable[[str], str]] = {
    "all caps": str.upper,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "homoglyphs": homoglyphs,
    "soft hyphens": lambda text: re.sub(r"(\w{3})(\w{3})", "\\1\u00ad\\2", text),
    "line breaks": lambda text: text.replace(" ", "\n", 8),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "zero-width": lambda text: re.sub(r"(\w{4})(\w)", "\\1\u200b\\2", text),
    "quotes and dashes": lambda text: "«" + text.replace(", ", " — ") + "»",
}


def found(text: str, lang: str) -> set[str]:
    return {f.proposal for f in tagger().tag("", text, lang).findings}


@pytest.mark.parametrize("lang", SENTENCES)
@pytest.mark.parametrize("dress", DRESS)
def test_dress_changes_nothing(dress: str, lang: str) -> None:
    assert "EST" in found(DRESS[dress](SENTENCES[lang]), lang)


@pytest.mark.parametrize("lang", SENTENCES)
def test_another_spelling_of_a_name_changes_nothing(lang: str) -> None:
    assert "EST" in found(SENTENCES[lang].replace(*SPELLINGS[lang]), lang)


HOSTILE = {
    "no space": "Russia NATO treaty " + "x" * 100_000,
    "a megabyte": "Russia proposed a treaty to NATO. " * 30_000,
    "one long sentence": "Russia proposed a treaty to NATO and " * 6_000,
    "quotes": "Russia NATO treaty " + '"' * 100_000,
    "dots": "Russia NATO treaty " + "." * 100_000,
    "line breaks": "Russia NATO treaty" + "\n \n" * 40_000,
    "marks": "Russia NATO treaty a" + "\u0301" * 100_000,
    "brackets": "Russia NATO " + "(" * 50_000 + ")" * 50_000,
    "control and surrogate": "Russia\x00 \x07NATO \ud800treaty" * 1_000,
    "numbers": "Russia NATO treaty " + "1.2.2008 " * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_bounded_time(name: str) -> None:
    """Ten times the text may take no more than some thirty times as long: nothing is quadratic."""

    def took(text: str) -> float:
        began = time.process_time()
        tagger().tag("", text, "en")
        return time.process_time() - began

    short = HOSTILE[name][: len(HOSTILE[name]) // 10]
    took(short)

    assert took(HOSTILE[name]) <= 30 * max(took(short), 0.01)


def test_a_sentence_full_of_acts_takes_no_longer_than_many_sentences() -> None:
    """What was made of acts and actors alone took ten times as long; a few such in a batch stopped a worker."""

    def took(text: str) -> float:
        began = time.process_time()
        tagger().tag("", text, "en")
        return time.process_time() - began

    plain, full = ((words * 3_000)[:60_000] for words in (
        "Russia proposed a European Security Treaty to NATO. ", "NATO Russia treaty proposed rejected ",
    ))  # fmt: skip
    took(plain)

    assert took(full) <= 5 * took(plain)


def verbatim(title: str, text: str, findings: tuple[Finding | Near, ...]) -> bool:
    record = {"title": title, "text": text}
    spans = [e for f in findings for e in f.evidence]
    spans += [e for f in findings if isinstance(f, Finding) for event in f.events for e in event.evidence]
    return all(record[e.field][e.start : e.end] == e.quote for e in spans)


PIECES = ["Russia", "NATO", "Россия", "НАТО", "INF treaty", "договор", "proposed", "не", "signed", "Ukraine", "neutral", ".", "\n", "\n\n",
          "“", "\u00ad", "\u0301", "!", "?", " ", "2008", "Sept. 24", "\ud800", "гарантии безопасности", "withdraw"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_offsets_point_into_any_text(pieces: list[str], title: str) -> None:
    text = " ".join(pieces)
    tagged = tagger().tag(title, text, "en")

    assert verbatim(title, text, (*tagged.findings, *tagged.near))


@given(st.lists(st.sampled_from(PIECES), max_size=40))
@settings(max_examples=50, deadline=None)
def test_the_same_text_gives_the_same_findings(pieces: list[str]) -> None:
    text = SENTENCES["en"] + " " + " ".join(pieces)

    assert tagger().tag("", text, "en") == tagger().tag("", text, "en")


def test_a_sentence_about_other_things_far_away_changes_no_mention() -> None:
    weather = "The harvest was good this year. " * 6
    text = f"{SENTENCES['en']} NATO discussed the draft. {weather}"

    def mentions(text: str) -> list[tuple[str, list[str], list[str]]]:
        return [(f.proposal, f.proposer, [e.quote for e in f.evidence]) for f in tagger().tag("", text, "en").findings]

    assert mentions(text + "A bakery opened in the old town.") == mentions(text)


def test_a_random_order_of_words_is_read_too() -> None:
    words = " ".join(SENTENCES.values()).split()
    random.Random(7).shuffle(words)

    assert tagger().tag("", " ".join(words), "en").gated
