"""A text as the tagger reads it: folded words with their places in the original, and sentences."""

from __future__ import annotations

import re
from typing import NamedTuple

from streams.logic.words import WORD

MAX_CHARACTERS = 200_000
"""Beyond this a text is not read further: no article is longer, and time stays bounded."""

MAX_SENTENCE_WORDS = 160
"""A longer run without an end is cut: tables, lists, hostile text."""

# Only where a run of marks begins: a million dots are looked at once.
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*\s+|\n\s*\n\s*|[。！？।]")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-ZА-ЯЁЇІЄҐ]|Mr|Mrs|Ms|Dr|Gen|Sen|Gov|St|No|vs|Prof|Lt|Col|Rep|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|U\.S|U\.K|U\.N|e\.g|i\.e|z\.B|bzw|ca|Nr|им|г|гг|т|д|п|см|стр|ст|рр|р))\.$"
)


class Sentence(NamedTuple):
    """A stretch of one field and its words as they stand."""

    field: str
    start: int
    end: int
    words: tuple[str, ...]


def sentences(field: str, text: str) -> list[Sentence]:
    """Sentences of a field. A single line break ends none; an abbreviation's full stop neither."""
    text = text[:MAX_CHARACTERS]
    found: list[Sentence] = []
    start = 0
    for mark in _END.finditer(text):
        stop = mark.start() + len(mark.group().rstrip())
        gap = mark.group().strip() == ""
        if not gap:
            if _ABBREVIATED.search(text[max(0, mark.start() - 12) : mark.start() + 1]):
                continue
            after = text[mark.end() : mark.end() + 1]
            if after.islower():
                continue
        _add(found, field, text, start, mark.start() if gap else stop)
        start = mark.end()
    _add(found, field, text, start, len(text))
    return found


def _add(found: list[Sentence], field: str, text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    inside = tuple(WORD.findall(text, start, end))
    if not inside:
        return
    if len(inside) <= MAX_SENTENCE_WORDS:
        found.append(Sentence(field, start, end, inside))
        return
    places = [one.span() for one in WORD.finditer(text, start, end)]
    for at in range(0, len(inside), MAX_SENTENCE_WORDS):
        part = places[at : at + MAX_SENTENCE_WORDS]
        last = at + MAX_SENTENCE_WORDS >= len(inside)
        found.append(
            Sentence(
                field,
                start if at == 0 else part[0][0],
                end if last else part[-1][1],
                inside[at : at + MAX_SENTENCE_WORDS],
            )
        )
