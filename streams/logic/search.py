"""Looks for phrases in the sentences of one text: first which the text can hold at all, then where.

Most words of most texts stand for something, hardly any sentence holds a phrase; so what cannot be complete
anywhere in the text is dropped before its sentences are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

Form = tuple[tuple[int, ...], tuple[object, ...]] | tuple[()]
"""What a form of a word stands for: symbols beside others, payloads alone; mostly nothing."""

Table = dict[int, list[tuple[int, int]]]
"""For each symbol its places in a sentence: first word, past-the-last word; in the order of the text."""


class Hit(NamedTuple):
    """A phrase found: which payload, and the first and past-the-last word."""

    payload: object
    first: int
    last: int


class Chain(NamedTuple):
    """Symbols one after the other, with the slack allowed before each (the first has none)."""

    symbols: tuple[int, ...]
    slack: tuple[int, ...]
    payload: object
    needs: frozenset[int]

    @property
    def start(self) -> int:
        """The symbol that is looked for first."""
        return self.symbols[0]

    def places(self, table: Table) -> Iterator[tuple[int, int]]:
        """First and past-the-last word of each of its places in a sentence."""
        for first, last in table[self.symbols[0]]:
            end = self._follow(table, last)
            if end:
                yield first, end

    def _follow(self, table: Table, at: int) -> int:
        """Where the rest ends, when it begins at word `at`; 0 when it does not."""
        for k in range(1, len(self.symbols)):
            for first, last in table.get(self.symbols[k], ()):
                if first < at:
                    continue
                if first > at + self.slack[k]:
                    return 0
                at = last
                break
            else:
                return 0
        return at


class Window(NamedTuple):
    """Symbols in any order within so many words; `start` is looked for first."""

    start: int
    others: tuple[int, ...]
    size: int
    payload: object
    needs: frozenset[int]

    def places(self, table: Table) -> Iterator[tuple[int, int]]:
        """For each place of the first symbol the nearest of each other part, none on another's words."""
        for place in table[self.start]:
            taken = [place]
            for symbol in self.others:
                best = min(
                    (p for p in table[symbol] if not any(p[0] < t[1] and t[0] < p[1] for t in taken)),
                    key=lambda p: max(p[0] - place[1], place[0] - p[1]),
                    default=None,
                )
                if best is None:
                    break
                taken.append(best)
            else:
                first, last = min(t[0] for t in taken), max(t[1] for t in taken)
                if last - first <= self.size:
                    yield first, last


Phrase = Chain | Window
P = TypeVar("P", bound=Phrase)


class Search:
    """The phrases that a text can hold at all.

    `forms` is what each of its words stands for, where it stands for anything; `phrases` by their start, and
    `parts` the ways of concepts that have several words, by theirs.
    """

    def __init__(
        self,
        forms: Mapping[str, Form],
        phrases: Mapping[int, Sequence[Phrase]],
        parts: Mapping[int, Sequence[Chain]],
    ) -> None:
        standing: dict[int, list[str]] = defaultdict(list)
        alone = {word for word, form in forms.items() if form and form[1]}
        for word, form in forms.items():
            for symbol in form[0] if form else ():
                standing[symbol].append(word)
        present = standing.keys()
        made = [part for symbol in present & parts.keys() for part in parts[symbol] if part.needs <= present]
        for part in made:
            # A concept of several words can begin wherever its first word stands.
            standing[part.payload] += standing[part.start]  # type: ignore[index]  # the concept's number
        possible = [
            phrase for symbol in present & phrases.keys() for phrase in phrases[symbol] if phrase.needs <= present
        ]
        needed = frozenset().union(*(phrase.needs for phrase in possible))
        made = [part for part in made if part.payload in needed]
        self._parts = _by_start(made)
        self._starts = _by_start(possible)
        needed = needed.union(*(part.needs for part in made))
        self._forms = {
            word: (tuple(symbol for symbol in form[0] if symbol in needed), form[1])
            for word, form in forms.items()
            if form and (form[1] or not needed.isdisjoint(form[0]))
        }
        self.telling = alone.union(*(min((standing[one] for one in phrase.needs), key=len) for phrase in possible))
        """Words such that a sentence with none of them holds no phrase: those alone, and of each phrase those for
        the part that the fewest words of the text stand for."""

    def find(self, words: Sequence[str]) -> Iterator[Hit]:
        """Every phrase at every place of a sentence's words."""
        forms, table = self._forms, Table()
        for at, (symbols, alone) in [(at, forms[word]) for at, word in enumerate(words) if word in forms]:
            for payload in alone:
                yield Hit(payload, at, at + 1)
            for symbol in symbols:
                if symbol in table:
                    table[symbol].append((at, at + 1))
                else:
                    table[symbol] = [(at, at + 1)]
        self._concepts_of(table)
        for symbol in sorted(table.keys() & self._starts.keys()):
            for phrase in self._starts[symbol]:
                if phrase.needs <= table.keys():
                    for first, last in phrase.places(table):
                        yield Hit(phrase.payload, first, last)

    def _concepts_of(self, table: Table) -> None:
        """Add the places of concepts of several words."""
        made: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for symbol in table.keys() & self._parts.keys():
            for part in self._parts[symbol]:
                if part.needs <= table.keys():
                    made[part.payload].update(part.places(table))  # type: ignore[index]  # the concept's number
        for number, places in made.items():
            table[number] = sorted(places.union(table.get(number, ())))


def _by_start(phrases: Iterable[P]) -> dict[int, list[P]]:
    found: dict[int, list[P]] = defaultdict(list)
    for one in phrases:
        found[one.start].append(one)
    return dict(found)
