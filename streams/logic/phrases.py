"""Phrases over words: what the knowledge base is written in, and how it is found in a text.

A phrase is words with blanks between. `stem*` is any word that begins so; `a|b` is either; `=INF` is
exactly these letters in this case; `..4` is up to four words of any kind. Matching is linear in the text
for a given set of phrases: every element looks at one word, and gaps are bounded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

WORD = re.compile(r"[^\W_]+")
MAX_GAP = 8


class Word(NamedTuple):
    """A word of the text: folded, as it stands, and where (offsets into the original field)."""

    folded: str
    raw: str
    start: int
    end: int


class Hit(NamedTuple):
    """A phrase found: which payload, and the first and past-the-last word."""

    payload: object
    first: int
    last: int


class _Element(NamedTuple):
    exact: frozenset[str]
    stems: tuple[str, ...]
    cased: frozenset[str]
    gap: int

    def fits(self, word: Word) -> bool:
        return (
            word.folded in self.exact
            or word.raw in self.cased
            or (bool(self.stems) and word.folded.startswith(self.stems))
        )


class PhraseError(ValueError):
    """A phrase that cannot be read; the text says why."""


def _element(text: str) -> _Element:
    if text.startswith(".."):
        if not text[2:].isdigit() or not 1 <= int(text[2:]) <= MAX_GAP:
            raise PhraseError(f"{text!r}: a gap is ..1 to ..{MAX_GAP}")
        return _Element(frozenset(), (), frozenset(), int(text[2:]))
    exact, stems, cased = set(), [], set()
    for choice in text.split("|"):
        bare = choice.lstrip("=").rstrip("*")
        if not WORD.fullmatch(bare):
            raise PhraseError(f"{choice!r} is not one word; write blanks between words")
        if choice.startswith("="):
            cased.add(bare)
        elif choice.endswith("*"):
            stems.append(bare.casefold())
        else:
            exact.add(bare.casefold())
    return _Element(frozenset(exact), tuple(stems), frozenset(cased), 0)


class Phrases:
    """Many phrases, found together; each carries a payload of the caller's."""

    def __init__(self, phrases: Sequence[tuple[str, object]]) -> None:
        self._exact: dict[str, list[tuple[tuple[_Element, ...], object]]] = defaultdict(list)
        self._cased: dict[str, list[tuple[tuple[_Element, ...], object]]] = defaultdict(list)
        self._stems: dict[str, list[tuple[tuple[_Element, ...], object]]] = defaultdict(list)
        self._lengths: tuple[int, ...] = ()
        for text, payload in phrases:
            elements = tuple(_element(part) for part in text.split())
            if not elements or elements[0].gap or elements[-1].gap:
                raise PhraseError(f"{text!r}: a phrase begins and ends with a word")
            entry = (elements, payload)
            for word in elements[0].exact:
                self._exact[word].append(entry)
            for word in elements[0].cased:
                self._cased[word].append(entry)
            for stem in elements[0].stems:
                self._stems[stem].append(entry)
        self._lengths = tuple(sorted({len(stem) for stem in self._stems}))

    def find(self, words: Sequence[Word]) -> Iterator[Hit]:
        """Every phrase at every place, in the order of the text."""
        for at, word in enumerate(words):
            for entry in self._exact.get(word.folded, ()):
                yield from self._try(entry, words, at)
            for entry in self._cased.get(word.raw, ()):
                yield from self._try(entry, words, at)
            for length in self._lengths:
                if length > len(word.folded):
                    break
                for entry in self._stems.get(word.folded[:length], ()):
                    yield from self._try(entry, words, at)

    @staticmethod
    def _try(entry: tuple[tuple[_Element, ...], object], words: Sequence[Word], first: int) -> Iterator[Hit]:
        elements, payload = entry
        at, slack, end = first + 1, 0, len(words)
        for element in elements[1:]:
            if element.gap:
                slack = element.gap
                continue
            limit = min(end, at + slack + 1)
            while at < limit and not element.fits(words[at]):
                at += 1
            if at >= limit:
                return
            at, slack = at + 1, 0
        yield Hit(payload, first, at)
