"""Which sentences of a text may hold a phrase: automata look at the bytes of all of them, before words are made.

Most words of most texts stand for something, one sentence in three has the rarest part of a phrase, one in fifteen
all its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from ahocorasick_rs import BytesAhoCorasick, Implementation

from streams.logic.haystack import PARTED, spaced
from streams.logic.search import Form, bits


class Clues:
    """Words and beginnings of words that phrases are made of: the rarest of each in one automaton, all in another.

    `spelt` gives what each stands for, a word between blanks, a beginning after one; `everywhere` the symbols (as
    bits) that every sentence is taken to have.
    """

    def __init__(self, spelt: Mapping[str, Form], everywhere: int) -> None:
        told = {text: form for text, form in spelt.items() if form.alone or bits(form.symbols) & ~everywhere}
        rare = {text: form for text, form in told.items() if form.alone or form.rare}
        # What is a phrase alone needs nothing else.
        self._needs = [
            {0} if form.alone else {phrase.needs & ~everywhere for phrase in form.rare} for form in rare.values()
        ]
        self._here = [bits(form.symbols) for form in told.values()]
        self._ways = [[(1 << concept, way.needs & ~everywhere) for concept, way in form.ways] for form in told.values()]
        self._rare, self._all = _automaton(rare), _automaton(told)

    def likely(self, texts: Sequence[str]) -> Iterator[int]:
        """Numbers of the sentences that may hold a phrase; no other does."""
        folded = spaced(texts)
        pieces = folded.split(PARTED.encode())
        number, end = 0, len(pieces[0])
        needs: set[int] = set()
        for index, start, _ in self._rare.find_matches_as_indexes(folded, overlapping=True):
            if start > end:
                if needs and self._any(needs, pieces[number]):
                    yield number
                needs.clear()
                while start > end:
                    number += 1
                    end += len(pieces[number]) + 1
            needs |= self._needs[index]
        if needs and self._any(needs, pieces[number]):
            yield number

    def _any(self, needs: Set[int], piece: bytes) -> bool:
        """Whether any set of symbols is there, a concept of several words with all words of one of its ways."""
        if 0 in needs:
            return True
        here = 0
        ways: list[tuple[int, int]] = []
        for index, _, _ in self._all.find_matches_as_indexes(piece, overlapping=True):
            here |= self._here[index]
            ways += self._ways[index]
        for concept, way in ways:
            if way & here == way:
                here |= concept
        return any(need & here == need for need in needs)


def _automaton(spelt: Iterable[str]) -> BytesAhoCorasick:
    # Not a full table, which is no faster here: it does not stay in the processor's cache.
    return BytesAhoCorasick([text.encode() for text in spelt], implementation=Implementation.ContiguousNFA)
