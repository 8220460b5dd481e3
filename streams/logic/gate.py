"""Which texts are worth reading: a cheap look for something of the Russian side and for a security term."""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, Implementation

from streams.logic.haystack import Haystack, flat

SHORT_TEXT = 1_000
"""Characters up to which a plainer security term, or Ukraine without Russia, is enough."""


class Gate:
    """Lets through what could concern a proposal; meant to err towards letting through.

    Sets of parts of words in one automaton, searched in the folded text: what the tagger would find by
    whole words is found by their parts too. In a short text Ukraine may stand for Russia: "Ukraine offered NATO
    umbrella" has no room to say against whom.
    """

    def __init__(
        self, russia: Iterable[str], security: Iterable[str], short: Iterable[str], ukraine: Iterable[str]
    ) -> None:
        self._kinds = [
            *((flat(s), 1) for s in russia),
            *((flat(s), 2) for s in security),
            *((flat(s), 4) for s in short),
            *((flat(s), 8) for s in ukraine),
        ]
        self._automaton = BytesAhoCorasick([s for s, _ in self._kinds], implementation=Implementation.DFA)

    def passes(self, text: Haystack) -> bool:
        """Whether a text is worth reading."""
        seen = 0
        for index, _, _ in self._automaton.find_matches_as_indexes(text.text, overlapping=True):
            seen |= self._kinds[index][1]
            if seen & 3 == 3:
                return True
        return text.characters <= SHORT_TEXT and (seen & 5 == 5 or seen & 10 == 10)
