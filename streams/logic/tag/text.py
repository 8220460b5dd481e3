"""A text as the tagger reads it: folded words with their places in the original, and sentences."""

from __future__ import annotations

import re
from typing import NamedTuple

from streams.logic.words import WORD

MAX_CHARACTERS = 200_000
"""Beyond this a text is not read further: no article is longer, and time stays bounded."""

MAX_SENTENCE_WORDS = 160
"""A longer run without an end is cut: tables, lists, hostile text."""

# One class of characters first, so that all else is passed over at once. A run of marks is taken whole, whether
# a blank follows or not: a million dots are looked at once.
_END = re.compile(
    r"""[.!?…。！？।\n](?:
        (?<=[.!?…])[.!?…]*["'”’»)\]]*(?P<blank>\s+)?
      | (?<=\n)(?P<gap>\s*\n\s*)?
    )?""",
    re.VERBOSE,
)
_ENDS_ALONE = frozenset("。！？।")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-ZА-ЯЁЇІЄҐ]|Mr|Mrs|Ms|Dr|Gen|Sen|Gov|St|No|vs|Prof|Lt|Col|Rep|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|U\.S|U\.K|U\.N|e\.g|i\.e|z\.B|bzw|ca|Nr|им|г|гг|т|д|п|см|стр|ст|рр|р))\.$"
)
_LONGEST_ABBREVIATION = 4
"""Letters without a full stop inside."""


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
        how = mark.lastgroup
        stop = mark.start(how) if how else mark.end()
        if how == "gap":
            stop = mark.start()
        elif (
            not (how or mark.group() in _ENDS_ALONE)
            or text[mark.end() : mark.end() + 1].islower()
            or _abbreviates(text, mark.start())
        ):
            continue
        _add(found, field, text, start, stop)
        start = mark.end()
    _add(found, field, text, start, len(text))
    return found


def _abbreviates(text: str, at: int) -> bool:
    """Whether the full stop at `at` belongs to an abbreviation."""
    if text[at] != "." or (text[max(0, at - _LONGEST_ABBREVIATION - 1) : at].isalpha() and at > _LONGEST_ABBREVIATION):
        return False
    return bool(_ABBREVIATED.search(text[max(0, at - 12) : at + 1]))


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
