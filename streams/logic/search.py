"""Looks for phrases in a sentence: first which it can hold at all, then where.

What a word stands for is a `Form`, looked up once for each word. Most words of most texts stand for
something, hardly any sentence holds a phrase: a phrase is thought of only where the rarest of its parts stands, and
what is one word beside it stands there too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

import msgspec

Table = dict[int, list[tuple[int, int]]]
"""For each symbol its places in a sentence: first word, past-the-last word; in the order of the text."""


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A phrase found: which payload, and the first and past-the-last word."""

    payload: object
    first: int
    last: int


class Chain(NamedTuple):
    """Symbols one after the other, with the slack allowed before each (the first has none)."""

    order: int
    """Its rank among the phrases: hits come in this order."""
    symbols: tuple[int, ...]
    slack: tuple[int, ...]
    payload: object
    parts: frozenset[int]
    """Its symbols."""

    def places(self, table: Table) -> Iterator[tuple[int, int]]:
        """First and past-the-last word of each of its places in a sentence."""
        for first, last in table[self.symbols[0]]:
            end = self._follow(table, last)
            if end:
                yield first, end

    def _follow(self, table: Table, at: int) -> int:
        """Where the rest ends, when it begins at word `at`; 0 when it does not."""
        for k in range(1, len(self.symbols)):
            for first, last in table[self.symbols[k]]:
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
    """Symbols in any order within so many words; the first is looked for first."""

    order: int
    symbols: tuple[int, ...]
    size: int
    payload: object
    parts: frozenset[int]

    def places(self, table: Table) -> Iterator[tuple[int, int]]:
        """For each place of the first symbol the nearest of each other part, none on another's words."""
        for place in table[self.symbols[0]]:
            taken = [place]
            for symbol in self.symbols[1:]:
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


class Beside(NamedTuple):
    """Phrases that have their rarest part in one word, and right before or after it what is one word too."""

    first: int
    last: int
    """Words from the rarest part among which the other stands: first, past the last."""
    symbol: int
    """The other."""
    phrases: tuple[Phrase, ...]


class Form(msgspec.Struct, frozen=True):
    """What a word stands for."""

    symbols: tuple[int, ...]
    """Beside others."""
    alone: tuple[object, ...]
    """The payloads of phrases of this one word."""
    helps: frozenset[int]
    """Its symbols, and the concepts of which some way of several words has its rarest part here."""
    rare: tuple[Phrase, ...]
    """Phrases of which this word can be the rarest part."""
    beside: tuple[Beside, ...]
    """Likewise those that need only be thought of where a neighbour fits."""
    ways: tuple[tuple[int, Chain], ...]
    """Concepts, each with a way of several words of which this word is the rarest part."""

    def begins(self) -> Iterator[Phrase]:
        """All phrases of which this word can be the rarest part."""
        yield from self.rare
        for _, _, _, phrases in self.beside:
            yield from phrases


def possible(phrases: Iterable[Phrase], forms: Iterable[Form]) -> list[Phrase]:
    """The phrases of which words of these forms may be all parts; more than are there, never fewer."""
    here = set[int]().union(*[form.helps for form in forms])
    return [phrase for phrase in phrases if here.issuperset(phrase.parts)]


def find(forms: Sequence[Form | None]) -> list[Hit]:
    """Every phrase at every place of a sentence, whose words have these forms."""
    hits: list[Hit] = []
    rare: list[Phrase] = []
    for at, form in enumerate(forms):
        if form is None:
            continue
        for payload in form.alone:
            hits.append(Hit(payload, at, at + 1))
        rare += form.rare
        for first, last, symbol, phrases in form.beside:
            for other in forms[at + first if at + first > 0 else 0 : at + last]:
                if other is not None and symbol in other.symbols:
                    rare += phrases
                    break
    if rare:
        hits += _of_several_words(rare, [(at, form) for at, form in enumerate(forms) if form is not None])
    return hits


def _of_several_words(rare: Sequence[Phrase], known: Sequence[tuple[int, Form]]) -> Iterator[Hit]:
    wanted = {phrase.order: phrase for phrase in possible(rare, [form for _, form in known])}
    if not wanted:
        return
    symbols = set[int]().union(*[phrase.parts for phrase in wanted.values()])
    ways = [way for _, form in known for way in form.ways if way[0] in symbols]
    table = _places(known, symbols.union(*[way.parts for _, way in ways]))
    _add_ways(table, ways)
    there = set(table)
    for order in sorted(wanted):
        phrase = wanted[order]
        if there.issuperset(phrase.parts):
            for first, last in phrase.places(table):
                yield Hit(phrase.payload, first, last)


def _places(known: Iterable[tuple[int, Form]], symbols: Set[int]) -> Table:
    """Where these symbols stand."""
    table: Table = defaultdict(list)
    for at, form in known:
        for symbol in form.symbols:
            if symbol in symbols:
                table[symbol].append((at, at + 1))
    return table


def _add_ways(table: Table, ways: Iterable[tuple[int, Chain]]) -> None:
    """Add the places of concepts of several words."""
    there = set(table)
    made: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for concept, way in ways:
        if there.issuperset(way.parts):
            made[concept].update(way.places(table))
    for concept, places in made.items():
        if places:
            table[concept] = sorted(places.union(table.get(concept, ())))
