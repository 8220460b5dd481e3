"""Which texts are worth reading: a cheap look for something of the Russian side and for a security term."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick_rs

from streams.logic.words import flat

SHORT_TEXT = 1_000
"""Characters up to which a plainer security term is enough."""


class Gate:
    """Lets through what could concern a proposal; meant to err towards letting through.

    Two sets of parts of words in one automaton, searched in the folded text: what the tagger would find by
    whole words is found by their parts too.
    """

    def __init__(self, russia: Iterable[str], security: Iterable[str], short: Iterable[str]) -> None:
        self._kinds = [
            *((flat(s), 1) for s in russia),
            *((flat(s), 2) for s in security),
            *((flat(s), 4) for s in short),
        ]
        self._automaton = ahocorasick_rs.AhoCorasick([s for s, _ in self._kinds])

    def passes(self, text: str) -> bool:
        """Whether a flat text (`streams.logic.words.flat`) is worth reading."""
        seen = 0
        # A lone surrogate is no character and stops the automaton; it can be part of no phrase.
        text = text.encode("utf-8", "replace").decode()
        for index, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            seen |= self._kinds[index][1]
            if seen & 3 == 3:
                return True
        return seen == 5 and len(text) <= SHORT_TEXT
