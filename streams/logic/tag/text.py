"""A text as the tagger reads it: folded words with their places in the original, and sentences."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

from streams.logic.phrases import WORD, Word

MAX_CHARACTERS = 200_000
"""Beyond this a text is not read further: no article is longer, and time stays bounded."""

MAX_SENTENCE_WORDS = 160
"""A longer run without an end is cut: tables, lists, hostile text."""

_IGNORED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Letters that look alike, for words that mix the two scripts; towards Cyrillic and towards Latin.
_CYRILLIC = str.maketrans("aceopxyktmhbiACEOPXYKTMHB", "асеорхукттнвіАСЕОРХУКТМНВ")
_LATIN = str.maketrans("асеорхукмнвіАСЕОРХУКТМНВІ", "aceopxykmhbiACEOPXYKTMHBI")
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*\s+|\n\s*\n\s*|[。！？]")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-ZА-ЯЁЇІЄҐ]|Mr|Mrs|Ms|Dr|Gen|Sen|Gov|St|No|vs|Prof|Lt|Col|Rep|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|U\.S|U\.K|U\.N|e\.g|i\.e|z\.B|bzw|ca|Nr|им|г|гг|т|д|п|см|стр|ст|рр|р))\.$"
)


class Sentence(NamedTuple):
    """A stretch of one field; `words` have offsets into that field."""

    field: str
    start: int
    end: int
    words: tuple[Word, ...]


@functools.lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """`word` as it is compared: no case, composed, and one script when it mixes two."""
    text = unicodedata.normalize("NFKC", word.translate(_IGNORED))
    if not text.isascii():
        latin = sum("LATIN" in unicodedata.name(c, "") for c in text)
        cyrillic = sum("CYRILLIC" in unicodedata.name(c, "") for c in text)
        if latin and cyrillic:
            text = text.translate(_CYRILLIC if cyrillic >= latin else _LATIN)
    return text.casefold()


# A word may hold what is not seen (soft hyphens) and what is not yet composed (combining marks).
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u00ad\u200b-\u200d\u2060\ufeff\u0300-\u036f])*")


def words(text: str, start: int = 0, end: int | None = None) -> tuple[Word, ...]:
    """The words between two offsets."""
    return tuple(
        Word(fold(found.group()), found.group(), found.start(), found.end())
        for found in _WORD.finditer(text, start, len(text) if end is None else end)
    )


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
    inside = words(text, start, end)
    for at in range(0, len(inside), MAX_SENTENCE_WORDS):
        part = inside[at : at + MAX_SENTENCE_WORDS]
        last = at + MAX_SENTENCE_WORDS >= len(inside)
        found.append(Sentence(field, start if at == 0 else part[0].start, end if last else part[-1].end, part))


__all__ = ["WORD", "Sentence", "fold", "sentences", "words"]
