"""A text as the tagger reads it: folded words with their places in the original, and sentences."""

from __future__ import annotations

import re

import msgspec

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


class Sentence(msgspec.Struct, eq=False, gc=False):
    """A stretch of one field."""

    field: str
    start: int
    end: int
    source: str
    """The whole field."""
    _words: tuple[str, ...] | None = None

    @property
    def text(self) -> str:
        """The sentence as it stands."""
        return self.source[self.start : self.end]

    @property
    def words(self) -> tuple[str, ...]:
        """Its words as they stand; parted when first asked for, which for most sentences is never."""
        if self._words is None:
            self._words = tuple(WORD.findall(self.source, self.start, self.end))
        return self._words


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
    if start == end or not (text[start].isalnum() or WORD.search(text, start, end)):
        return
    if end - start < 2 * MAX_SENTENCE_WORDS:  # words have something between them: it cannot hold too many
        found.append(Sentence(field, start, end, text))
        return
    places = [one.span() for one in WORD.finditer(text, start, end)]
    for at in range(0, len(places), MAX_SENTENCE_WORDS):
        part = places[at : at + MAX_SENTENCE_WORDS]
        last = at + MAX_SENTENCE_WORDS >= len(places)
        found.append(Sentence(field, part[0][0] if at else start, end if last else part[-1][1], text))
