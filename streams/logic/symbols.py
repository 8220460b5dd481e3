"""What words stand for in the phrases of the knowledge base: every element of every phrase is a number."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import islice, takewhile
from typing import cast

from streams.logic.search import NOTHING, Beside, Chain, Form, Phrase
from streams.logic.words import WORD, fold

KNOWN = 200_000
"""Words that are remembered with what they stand for; then it begins anew."""

COMMON = 3.0
"""How much rarer in texts a word becomes with each letter that is asked for, roughly, where nobody counted."""

UNCOUNTED = 0.003
"""Share of sentences that no word reaches of which that was not counted."""

HEAD = 3
"""Letters by which it is known which beginnings a word may have: few to try, not thousands."""

EVERYWHERE = frozenset(["the", "and", "for"])
"""Longer words that stand in most sentences."""


class PhraseError(ValueError):
    """A phrase that cannot be read; the text says why."""


class Symbols:
    """The numbers of elements, and the words, beginnings and concepts that stand for each."""

    def __init__(self, common: Mapping[str, float]) -> None:
        self._shares = common
        self._words = sorted(common)
        self._numbers: dict[str, int] = {}
        self.of_concept: dict[str, list[int]] = defaultdict(list)
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._cased: dict[str, set[int]] = defaultdict(set)
        self._alone: dict[int, list[object]] = defaultdict(list)
        self._joined: set[int] = set()
        self.common: dict[int, float] = defaultdict(float)
        """How often words of a text stand for a number, roughly."""

    def number(self, text: str) -> int:
        """The number of an element, made when it is new."""
        if text not in self._numbers:
            self._numbers[text] = len(self._numbers)
            for choice in text.split("|"):
                self.choice(choice, self._numbers[text])
        return self._numbers[text]

    def choice(self, choice: str, number: int) -> None:
        """Let one word, stem or concept stand for `number`."""
        if choice.startswith("<") and choice.endswith(">"):
            self.of_concept[choice[1:-1]].append(number)
            return
        bare = choice.lstrip("=").rstrip("*")
        if not WORD.fullmatch(bare):
            raise PhraseError(f"{choice!r} is not one word; write blanks between words")
        self.common[number] += self._share(fold(bare), choice.endswith("*"))
        if choice.startswith("="):
            self._cased[bare].add(number)
        elif choice.endswith("*"):
            self._stems[fold(bare)].add(number)
        else:
            self._exact[fold(bare)].add(number)

    def _share(self, bare: str, begins: bool) -> float:
        """Of what share of sentences a word, or any that begins so, is part, roughly."""
        known = self._shares.get(bare, 0.0)
        if begins:
            longer = takewhile(lambda word: word.startswith(bare), islice(self._words, bisect(self._words, bare), None))
            known += sum(map(self._shares.__getitem__, longer))
        return known or min(COMMON ** -len(bare), UNCOUNTED)

    def alone(self, text: str, payload: object) -> None:
        """A phrase of one word: its payload goes with the word's forms."""
        self._alone[self.number(text)].append(payload)

    def joined(self, text: str) -> int:
        """The number of an element that stands beside others."""
        number = self.number(text)
        self._joined.add(number)
        return number

    def of(self, word: str, heads: Mapping[str, tuple[str, ...]]) -> set[int]:
        """Numbers that a word stands for; `heads` as below."""
        folded = word.lower() if word.isascii() else fold(word)  # as `fold`, which remembers what is asked once here
        found: set[int] = set()
        stems = heads.get(folded[:HEAD]) or heads[""]
        if folded.startswith(stems):  # most do not
            found.update(*(self._stems[stem] for stem in stems if folded.startswith(stem)))
        if folded in self._exact:
            found |= self._exact[folded]
        if word in self._cased:
            found |= self._cased[word]
        return found

    def heads(self) -> dict[str, tuple[str, ...]]:
        """The beginnings that words with this head may have; under "" those shorter than a head."""
        short = tuple(stem for stem in self._stems if len(stem) < HEAD)
        found: dict[str, list[str]] = defaultdict(list)
        for stem in self._stems:
            found[stem[:HEAD]].append(stem)
        return {head: (*short, *stems) for head, stems in found.items() if len(head) == HEAD} | {"": short}

    def spelt(self) -> dict[str, set[int]]:
        """What is looked for in a folded text, a word between blanks and a beginning after one, with its numbers."""
        found: dict[str, set[int]] = defaultdict(set)
        for word, numbers in self._exact.items():
            found[f" {word} "] |= numbers
        for word, numbers in self._cased.items():
            found[f" {fold(word)} "] |= numbers
        for stem, numbers in self._stems.items():
            found[f" {stem}"] |= numbers
        return found

    def common_words(self) -> set[int]:
        """Numbers that only words of one or two letters stand for, and the like."""
        concepts = {number for numbers in self.of_concept.values() for number in numbers}
        return {
            number
            for text, number in self._numbers.items()
            if number not in concepts and all(len(c) <= 2 or c in EVERYWHERE for c in text.split("|"))
        }

    def beside(self, numbers: set[int]) -> tuple[int, ...]:
        """Those that stand beside others."""
        return tuple(sorted(numbers & self._joined))

    def payloads(self, numbers: set[int]) -> tuple[object, ...]:
        """Those of phrases of one word."""
        return tuple(payload for number in sorted(numbers & self._alone.keys()) for payload in self._alone[number])


class Forms:
    """What the words of texts stand for: looked up once for each, then remembered."""

    def __init__(self, symbols: Symbols, phrases: Sequence[Phrase], ways: Mapping[int, Sequence[Chain]]) -> None:
        self._symbols, self._heads = symbols, symbols.heads()
        self._known: dict[str, Form] = {}
        often = defaultdict(float, symbols.common)
        self._ways: dict[int, list[tuple[int, Chain]]] = defaultdict(list)
        for concept, some in sorted(ways.items()):
            for way in some:
                rarest = min(way.symbols, key=lambda symbol: (often[symbol], symbol))
                self._ways[rarest].append((concept, way))
                often[concept] += often[rarest]
        self._rare: dict[int, list[Phrase]] = defaultdict(list)
        self._beside: dict[int, dict[tuple[int, int, int], list[Phrase]]] = defaultdict(lambda: defaultdict(list))
        for phrase in phrases:
            rarest = min(phrase.symbols, key=lambda symbol: (often[symbol], symbol))
            neighbour = _neighbour(phrase, rarest, ways.keys())
            (self._beside[rarest][neighbour] if neighbour else self._rare[rarest]).append(phrase)
        self._made: dict[object, Form] = {}

    def of(self, words: Sequence[str]) -> list[Form]:
        """What each of some words stands for."""
        found = list(map(self._known.get, words))
        if all(found):  # nearly always; `None in found` would compare each
            return cast("list[Form]", found)
        return [self._known.get(word) or self._new(word) for word in words]

    def _new(self, word: str) -> Form:
        if len(self._known) >= KNOWN:
            self._known.clear()
        numbers = self._symbols.of(word, self._heads)
        self._known[word] = found = self.form(numbers) if numbers else NOTHING
        return found

    def form(self, numbers: set[int]) -> Form:
        """What a word is that stands for these numbers; many words are the same."""
        key = frozenset(numbers)
        if key not in self._made:
            symbols = self._symbols.beside(numbers)
            ways = tuple(way for symbol in symbols for way in self._ways.get(symbol, ()))
            helps = sorted({*symbols, *(concept for concept, _ in ways)})
            rare = tuple(phrase for symbol in helps for phrase in self._rare.get(symbol, ()))
            beside = tuple(
                Beside(*where, tuple(some))
                for symbol in symbols
                for where, some in self._beside.get(symbol, {}).items()
            )
            self._made[key] = Form(symbols, self._symbols.payloads(numbers), frozenset(helps), rare, beside, ways)
        return self._made[key]

    def everywhere(self) -> frozenset[int]:
        """Symbols of words so common that a sentence without them is not worth telling from others."""
        return frozenset(self._symbols.common_words() - self._rare.keys() - self._beside.keys() - self._ways.keys())

    def spelt(self) -> dict[str, Form]:
        """What is looked for in a folded text (`Symbols.spelt`), with what it stands for."""
        return {text: self.form(numbers) for text, numbers in self._symbols.spelt().items()}


def _neighbour(phrase: Phrase, rarest: int, long: Set[int]) -> tuple[int, int, int] | None:
    """What stands beside the rarest part of a phrase, and where (`Beside`); `long` is what may be several words."""
    symbols = phrase.symbols
    if not isinstance(phrase, Chain) or symbols.count(rarest) > 1 or rarest in long:
        return None
    place = symbols.index(rarest)
    if place + 1 < len(symbols) and symbols[place + 1] not in long:
        return 1, 2 + phrase.slack[place + 1], symbols[place + 1]
    if place and symbols[place - 1] not in long:
        return -1 - phrase.slack[place], 0, symbols[place - 1]
    return None
