"""Which sentences of a text may hold a phrase: automata look at the bytes of all of them, before words are made.

Most words of most texts stand for something, one sentence in three has the rarest part of a phrase, one in fifteen
all its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from ahocorasick_rs import BytesAhoCorasick, Implementation

from streams.logic.haystack import Pieces, spelt
from streams.logic.search import Form

Places = list[tuple[int, int, int]]
"""What an automaton finds: the number of a text, its first byte, past its last; in the order of the bytes."""


class Clues:
    """Words and beginnings of words that phrases are made of: the rarest of each in one automaton, all in another.

    `known` gives what each stands for, a word between blanks, a beginning after one; `everywhere` the symbols that
    every sentence is taken to have.
    """

    def __init__(self, known: Mapping[str, Form], everywhere: frozenset[int]) -> None:
        told = {text: form for text, form in known.items() if form.alone or not everywhere.issuperset(form.symbols)}
        rare = {text: form for text, form in told.items() if form.alone or form.rare or form.beside}
        self._needs = [list({phrase.parts - everywhere for phrase in form.begins()}) for form in rare.values()]
        self._alone = [
            bool(form.alone) or frozenset() in needs for form, needs in zip(rare.values(), self._needs, strict=True)
        ]
        self._here = [frozenset(form.symbols) for form in told.values()]
        self._ways = {
            at: [(concept, way.parts - everywhere) for concept, way in form.ways]
            for at, form in enumerate(told.values())
            if form.ways
        }
        self._rare, self._all = _automaton(rare), _automaton(told)

    def likely(self, pieces: Pieces) -> list[int]:
        """Numbers of the sentences that may hold a phrase; no other does."""
        text, starts, ends = pieces
        places: Places = self._rare.find_matches_as_indexes(text, overlapping=True)
        rare: dict[int, list[int]] = {}
        its: list[int] = []
        number, end = -1, 0
        for index, start, _ in places:
            if start >= end:
                while start >= end:
                    number += 1
                    end = ends[number] - 2  # no word begins in the last blank, nor right before it
                its = rare[number] = []
            its.append(index)
        unsure = [number for number, its in rare.items() if not self._holds_one_alone(its)]
        for number, here in zip(unsure, self._there([text[starts[one] : ends[one]] for one in unsure]), strict=True):
            if not self._may_hold_one(rare[number], here):
                del rare[number]
        return list(rare)

    def _holds_one_alone(self, rare: Sequence[int]) -> bool:
        """Whether one of some words is a phrase by itself and needs nothing else."""
        return any(self._alone[index] for index in rare)

    def _may_hold_one(self, rare: Sequence[int], here: Set[int]) -> bool:
        """Whether all parts stand here of a phrase that one of some words is the rarest part of."""
        for index in rare:
            for parts in self._needs[index]:
                if parts <= here:
                    return True
        return False

    def _there(self, some: Sequence[bytes]) -> list[set[int]]:
        """The symbols of each of some sentences, a concept of several words with all words of one of its ways.

        The automaton looks at all of them at once: to begin takes it as long as to read two.
        """
        found: list[set[int]] = [set() for _ in some]
        led_to: list[tuple[set[int], int]] = []
        its, ways = self._here, self._ways
        here: set[int] = set()
        number, end = -1, 0
        places: Places = self._all.find_matches_as_indexes(b"".join(some), overlapping=True)
        for index, start, _ in places:
            while start >= end:
                number += 1
                end += len(some[number])
                here = found[number]
            here |= its[index]
            if index in ways:
                led_to.append((here, index))
        for here, index in led_to:
            for concept, way in ways[index]:
                if way <= here:
                    here.add(concept)
        return found


def _automaton(texts: Iterable[str]) -> BytesAhoCorasick:
    # Not a full table, which is no faster here: it does not stay in the processor's cache.
    return BytesAhoCorasick([spelt(text) for text in texts], implementation=Implementation.ContiguousNFA)
