"""The tagger neither stops nor misquotes, whatever it is given: ten seconds here, two minutes in `make fuzz`."""

from __future__ import annotations

import os
import random
import time
import unicodedata

import pytest

from streams.logic.tag import PACKS, Finding
from tests.golden.reading import articles, lines
from tests.making import tagger

SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
SLOWEST = 3.0
"""Seconds of one thread for one text of some thousand characters: a guard against what never ends."""

TEXTS = [f"{a['title']}\n\n{a['text']}" for a in articles()] + [line.text for line in lines("negation.txt")]
MARKS = [
    ".",
    "\n",
    "\n\n",
    "\u00ad",
    "\u0301",
    "\u200b",
    "\x00",
    "\ud800",
    "“",
    "»",
    "(",
    "!",
    "?",
    "…",
    "\u202e",
    "9" * 50,
    "ß",
    "Ї",
]


def mangled(chance: random.Random) -> str:
    """Pieces of our texts, cut, joined, doubled, mixed, with marks thrown in."""
    parts = []
    for _ in range(chance.randint(1, 8)):
        text = chance.choice(TEXTS)
        start = chance.randrange(len(text))
        part = text[start : start + chance.choice([3, 30, 300, 3000])]
        how = chance.randrange(6)
        if how == 0:
            part = part.upper()
        elif how == 1:
            part = unicodedata.normalize("NFD", part)
        elif how == 2:
            part = part.replace(" ", chance.choice(MARKS))
        elif how == 3:
            part = "".join(chance.sample(part, len(part)))
        elif how == 4:
            part *= chance.randint(1, 3)
        parts.append(part + chance.choice(MARKS))
    return "".join(parts)


@pytest.mark.slow
def test_whatever_comes_is_read_and_quoted_word_for_word() -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    tagger().tag("", TEXTS[0])  # it is made at the first text, which takes a second
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        title, text, lang = mangled(chance)[:200], mangled(chance), chance.choice([*sorted(PACKS), None, "xx"])
        began = time.thread_time()
        tagged = tagger().tag(title, text, lang, near_in_full=chance.random() < 0.5)
        assert time.thread_time() - began < SLOWEST, f"seed {seed}"
        record = {"title": title, "text": text}
        for f in (*tagged.findings, *tagged.near):
            assert 0.0 <= f.score <= 1.0, f"seed {seed}"
            events = f.events if isinstance(f, Finding) else []
            for e in (*f.evidence, *(e for event in events for e in event.evidence)):
                assert record[e.field][e.start : e.end] == e.quote, f"seed {seed}"
