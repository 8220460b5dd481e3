"""Which sentences of a text may hold a phrase: one pass of an automaton over all of them, before words are made.

Most words of most texts stand for something, one sentence in fifteen has all parts of a phrase.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation

from streams.logic.haystack import PARTED, spaced
from streams.logic.search import Form, bits


class Clues:
    """Words and beginnings of words that phrases are made of, in one automaton.

    `spelt` gives what each stands for, a word between blanks, a beginning after one; `everywhere` the symbols (as
    bits) that every sentence is taken to have.
    """

    def __init__(self, spelt: Mapping[str, Form], everywhere: int) -> None:
        told = {text: form for text, form in spelt.items() if form.alone or bits(form.symbols) & ~everywhere}
        forms = [Form((), (), 0, (), ()), *told.values()]
        self._automaton = BytesAhoCorasick([t.encode() for t in (PARTED, *told)], implementation=Implementation.DFA)
        self._here = [bits(form.symbols) for form in forms]
        self._helps = [form.helps for form in forms]
        # What is a phrase alone needs nothing else.
        self._needs = [{0} if form.alone else {phrase.needs & ~everywhere for phrase in form.rare} for form in forms]
        self._ways = [[(1 << concept, way.needs & ~everywhere) for concept, way in form.ways] for form in forms]

    def likely(self, texts: Sequence[str]) -> Iterator[int]:
        """Numbers of the sentences that may hold a phrase; no other does."""
        if not texts:
            return
        helps, needs = self._helps, self._needs
        found = [index for index, _, _ in self._automaton.find_matches_as_indexes(spaced(texts), overlapping=True)]
        number, here, began = 0, 0, 0
        wanted: list[int] = []
        for at, index in enumerate([*found, 0]):
            if index:
                here |= helps[index]
                wanted += needs[index]
                continue
            if wanted:
                able = [need for need in wanted if need & here == need]
                if able and self._complete(able, found[began:at]):
                    yield number
                wanted.clear()
            number, here, began = number + 1, 0, at + 1

    def _complete(self, needs: Sequence[int], found: Sequence[int]) -> bool:
        """Whether any set of symbols is there, a concept of several words with all words of one of its ways."""
        here = 0
        for index in found:
            here |= self._here[index]
        made = here
        for index in found:
            for concept, way in self._ways[index]:
                if way & here == way:
                    made |= concept
        return any(need & made == need for need in needs)
