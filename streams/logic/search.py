"""Looks for phrases in a sentence: first which it can hold at all, then where.

What a word stands for is a `Form`, looked up once for each word. Most words of most texts stand for
something, hardly any sentence holds a phrase: a phrase is thought of only where the rarest of its parts stands, and
what is one word beside it stands there too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Final, final

from mypy_extensions import mypyc_attr

Table = dict[int, list[tuple[int, int]]]
"""For each symbol its places in a sentence: first word, past-the-last word; in the order of the text."""


@final
@mypyc_attr(acyclic=True)
class Hit:
    """A phrase found: which payload, and the first and past-the-last word."""

    __slots__ = ("first", "last", "payload")

    def __init__(self, payload: object, first: int, last: int) -> None:
        self.payload: Final = payload
        self.first: Final = first
        self.last: Final = last

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Hit)
            and self.first == other.first
            and self.last == other.last
            and self.payload == other.payload
        )

    def __hash__(self) -> int:
        return hash((self.payload, self.first, self.last))


class Phrase:
    """Symbols that belong together, and what they carry."""

    __slots__ = ("order", "parts", "payload", "symbols")

    def __init__(self, symbols: tuple[int, ...], payload: object) -> None:
        self.order = 0
        """Its rank among the phrases, once all are known: hits come in this order."""
        self.symbols = symbols
        self.payload: Final = payload
        self.parts: Final = frozenset(symbols)

    def places(self, table: Table) -> list[tuple[int, int]]:
        """First and past-the-last word of each of its places in a sentence that has all its symbols."""
        raise NotImplementedError  # a phrase is always one of the two kinds below, each with places of its own


@final
class Chain(Phrase):
    """Symbols one after the other, with the slack allowed before each (the first has none)."""

    __slots__ = ("slack",)

    def __init__(self, symbols: tuple[int, ...], slack: tuple[int, ...], payload: object) -> None:
        super().__init__(symbols, payload)
        self.slack: Final = slack

    def places(self, table: Table) -> list[tuple[int, int]]:
        """One for each place of the first symbol after which the rest follows."""
        found = []
        for first, last in table[self.symbols[0]]:
            end = self._follow(table, last)
            if end:
                found.append((first, end))
        return found

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


@final
class Window(Phrase):
    """Symbols in any order within so many words; the first is looked for first."""

    __slots__ = ("size",)

    def __init__(self, symbols: tuple[int, ...], size: int, payload: object) -> None:
        super().__init__(symbols, payload)
        self.size: Final = size

    def places(self, table: Table) -> list[tuple[int, int]]:
        """For each place of the first symbol the nearest of each other part, none on another's words."""
        found = []
        for place in table[self.symbols[0]]:
            taken = [place]
            for symbol in self.symbols[1:]:
                best = _nearest(table[symbol], place, taken)
                if best is None:
                    break
                taken.append(best)
            else:
                first, last = min([t[0] for t in taken]), max([t[1] for t in taken])
                if last - first <= self.size:
                    found.append((first, last))
        return found


def _nearest(
    places: Sequence[tuple[int, int]], to: tuple[int, int], taken: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """Which of some places has the fewest words between it and another, the first when equal; none that is taken."""
    best, least = None, 0
    for place in places:
        apart = max(place[0] - to[1], to[0] - place[1])
        if best is not None and apart >= least:
            continue
        for other in taken:
            if place[0] < other[1] and other[0] < place[1]:
                break
        else:
            best, least = place, apart
    return best


@final
@mypyc_attr(acyclic=True)
class Beside:
    """Phrases that have their rarest part in one word, and right before or after it what is one word too."""

    __slots__ = ("first", "last", "phrases", "symbol")

    def __init__(self, first: int, last: int, symbol: int, phrases: tuple[Phrase, ...]) -> None:
        self.first: Final = first
        """Words from the rarest part among which the other stands: first, past the last."""
        self.last: Final = last
        self.symbol: Final = symbol
        """The other."""
        self.phrases: Final = phrases


@final
@mypyc_attr(acyclic=True)
class Form:
    """What a word stands for."""

    __slots__ = ("alone", "beside", "helps", "rare", "symbols", "ways")

    def __init__(
        self,
        symbols: tuple[int, ...],
        alone: tuple[object, ...],
        helps: frozenset[int],
        rare: tuple[Phrase, ...],
        beside: tuple[Beside, ...],
        ways: tuple[tuple[int, Chain], ...],
    ) -> None:
        self.symbols: Final = symbols
        """Beside others."""
        self.alone: Final = alone
        """The payloads of phrases of this one word."""
        self.helps: Final = helps
        """Its symbols, and the concepts of which some way of several words has its rarest part here."""
        self.rare: Final = rare
        """Phrases of which this word can be the rarest part."""
        self.beside: Final = beside
        """Likewise those that need only be thought of where a neighbour fits."""
        self.ways: Final = ways
        """Concepts, each with a way of several words of which this word is the rarest part."""

    def begins(self) -> list[Phrase]:
        """All phrases of which this word can be the rarest part."""
        return [*self.rare, *(phrase for beside in self.beside for phrase in beside.phrases)]


NOTHING = Form((), (), frozenset(), (), (), ())
"""What a word is that stands for nothing."""


def possible(phrases: Iterable[Phrase], forms: Iterable[Form]) -> list[Phrase]:
    """The phrases of which words of these forms may be all parts; more than are there, never fewer."""
    here = set[int]().union(*[form.helps for form in forms])
    return [phrase for phrase in phrases if phrase.parts <= here]


def find(forms: Sequence[Form]) -> list[Hit]:
    """Every phrase at every place of a sentence, whose words have these forms."""
    hits: list[Hit] = []
    rare: list[Phrase] = []
    for at, form in enumerate(forms):
        if form is NOTHING:
            continue
        for payload in form.alone:
            hits.append(Hit(payload, at, at + 1))
        rare += form.rare
        for beside in form.beside:
            for other in forms[at + beside.first if at + beside.first > 0 else 0 : at + beside.last]:
                if beside.symbol in other.symbols:
                    rare += beside.phrases
                    break
    if rare:
        _add_those_of_several_words(hits, rare, [(at, form) for at, form in enumerate(forms) if form is not NOTHING])
    return hits


def _add_those_of_several_words(hits: list[Hit], rare: Sequence[Phrase], known: Sequence[tuple[int, Form]]) -> None:
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
        if phrase.parts <= there:
            for first, last in phrase.places(table):
                hits.append(Hit(phrase.payload, first, last))


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
        if way.parts <= there:
            made[concept].update(way.places(table))
    for concept, places in made.items():
        if places:
            table[concept] = sorted(places.union(table.get(concept, ())))
