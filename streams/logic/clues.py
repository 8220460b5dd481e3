"""Which sentences of a text may hold a phrase: automata look at the bytes of all of them, before words are made.

Most words of most texts stand for something, one sentence in three has the rarest part of a phrase, one in fifteen
all its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation

from streams.logic.haystack import Pieces, spelt
from streams.logic.search import Form

NOTHING: frozenset[int] = frozenset()


class Clues:
    """Words and beginnings of words that phrases are made of: the rarest of each in one automaton, all in another.

    `known` gives what each stands for, a word between blanks, a beginning after one; `everywhere` the symbols that
    every sentence is taken to have.
    """

    def __init__(self, known: Mapping[str, Form], everywhere: frozenset[int]) -> None:
        told = {text: form for text, form in known.items() if form.alone or not everywhere.issuperset(form.symbols)}
        rare = {text: form for text, form in told.items() if form.alone or form.rare or form.beside}
        self._needs = [
            # What is a phrase alone needs nothing else.
            [NOTHING] if form.alone else list({phrase.parts - everywhere for phrase in form.begins()})
            for form in rare.values()
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
        needs: dict[int, list[frozenset[int]]] = {}
        number, end = -1, 0
        for index, start, _ in self._rare.find_matches_as_indexes(text, overlapping=True):
            while start >= end:
                number += 1
                end = ends[number] - 2  # no word begins in the last blank, nor right before it
            if number in needs:
                needs[number] += self._needs[index]
            else:
                needs[number] = self._needs[index][:]
        unsure = [number for number, its in needs.items() if NOTHING not in its]
        there = self._there([text[starts[number] : ends[number]] for number in unsure])
        for number, here in zip(unsure, there, strict=True):
            if not any(map(here.issuperset, needs[number])):
                del needs[number]
        return list(needs)

    def _there(self, some: Sequence[bytes]) -> list[set[int]]:
        """The symbols of each of some sentences, a concept of several words with all words of one of its ways.

        The automaton looks at all of them at once: to begin takes it as long as to read two.
        """
        found: list[set[int]] = [set() for _ in some]
        led_to: list[tuple[set[int], int]] = []
        its, ways = self._here, self._ways
        number, end, here = -1, 0, set()
        for index, start, _ in self._all.find_matches_as_indexes(b"".join(some), overlapping=True):
            while start >= end:
                number += 1
                end += len(some[number])
                here = found[number]
            here |= its[index]
            if index in ways:
                led_to.append((here, index))
        for here, index in led_to:
            here.update([concept for concept, way in ways[index] if here.issuperset(way)])
        return found


def _automaton(texts: Iterable[str]) -> BytesAhoCorasick:
    # Not a full table, which is no faster here: it does not stay in the processor's cache.
    return BytesAhoCorasick([spelt(text) for text in texts], implementation=Implementation.ContiguousNFA)
