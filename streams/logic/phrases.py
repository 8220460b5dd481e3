"""Phrases over words: what the knowledge base is written in, and how it is found in a text.

A phrase is words with blanks between, in the order of the text. `stem*` is any word that begins so; `a|b`
is either; `=INF` is exactly these letters in this case; `..4` is up to four words of any kind; `<missile>`
is any phrase of the concept of that name. A phrase that begins with `~12` has its parts in any order within
twelve words. Matching is linear in the text for a given set of phrases: what a word fits is looked up once
for each form, gaps and windows are bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from streams.logic.words import WORD, fold

MAX_GAP = 8
MAX_WINDOW = 30
_KNOWN_FORMS = 200_000

Table = dict[int, list[tuple[int, int]]]
"""For each symbol its places in a sentence: first word, past-the-last word; in the order of the text."""


Form = tuple[tuple[int, ...], tuple[object, ...]] | tuple[()]
"""What a form of a word stands for: symbols beside others, payloads alone; mostly nothing."""


class Hit(NamedTuple):
    """A phrase found: which payload, and the first and past-the-last word."""

    payload: object
    first: int
    last: int


class PhraseError(ValueError):
    """A phrase that cannot be read; the text says why."""


class _Sequence(NamedTuple):
    """Symbols with the slack allowed before each (the first has none)."""

    symbols: tuple[int, ...]
    slack: tuple[int, ...]
    payload: object
    needs: frozenset[int]


class _Window(NamedTuple):
    """Symbols in any order within so many words; `key` is looked for first."""

    key: int
    others: tuple[int, ...]
    size: int
    payload: object
    needs: frozenset[int]


class _Symbols:
    """What single words stand for: every element of every phrase is a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.of_concept: dict[str, list[int]] = defaultdict(list)
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._cased: dict[str, set[int]] = defaultdict(set)
        self._lengths: list[int] = []
        self.forms: dict[str, Form] = {}
        self._alone: dict[int, list[object]] = defaultdict(list)
        self._joined: set[int] = set()

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
        if choice.startswith("="):
            self._cased[bare].add(number)
        elif choice.endswith("*"):
            self._stems[fold(bare)].add(number)
        else:
            self._exact[fold(bare)].add(number)

    def freeze(self) -> None:
        """Call when all elements are known."""
        self._lengths = sorted({len(stem) for stem in self._stems})

    def alone(self, text: str, payload: object) -> None:
        """A phrase of one word: its payload goes with the word's forms."""
        self._alone[self.number(text)].append(payload)

    def joined(self, text: str) -> int:
        """The number of an element that stands beside others."""
        number = self.number(text)
        self._joined.add(number)
        return number

    def of(self, raw: str) -> Form:
        """What a word stands for beside others, and alone; looked up once for each form."""
        folded = fold(raw)
        numbers = self._exact.get(folded, set()) | self._cased.get(raw, set())
        for length in self._lengths:
            if length > len(folded):
                break
            numbers |= self._stems.get(folded[:length], set())
        symbols = tuple(sorted(number for number in numbers if number in self._joined))
        alone = tuple(payload for number in sorted(numbers) for payload in self._alone.get(number, ()))
        found = (symbols, alone) if symbols or alone else ()
        if len(self.forms) >= _KNOWN_FORMS:
            self.forms.clear()
        self.forms[raw] = found
        return found


class Phrases:
    """Many phrases, found together; each carries a payload of the caller's."""

    def __init__(
        self, phrases: Iterable[tuple[str, object]], concepts: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._symbols = _Symbols()
        self._words: dict[int, list[object]] = defaultdict(list)
        self._sequences: dict[int, list[_Sequence]] = defaultdict(list)
        self._windows: dict[int, list[_Window]] = defaultdict(list)
        self._parts: dict[int, list[_Sequence]] = defaultdict(list)
        windows = []
        named = set()
        for text, payload in phrases:
            if text.startswith("~"):
                windows.append(self._window(text, payload))
            else:
                made = self._sequence(text, payload)
                if len(made.symbols) > 1:
                    self._sequences[made.symbols[0]].append(made)
                elif "<" in text:
                    self._words[made.symbols[0]].append(payload)
                else:
                    self._symbols.alone(text, payload)
            named |= {part for part in text.replace("|", " ").split() if part.startswith("<")}
        for name in sorted(named):
            if not concepts or name[1:-1] not in concepts:
                raise PhraseError(f"no concept {name}")
        for name, ways in (concepts or {}).items():
            for text in ways:
                self._concept(name, text)
        self._choose_keys(windows)
        self._symbols.freeze()
        self._starts = self._words.keys() | self._sequences.keys() | self._windows.keys()
        self._begins = set(self._parts)

    def _concept(self, name: str, text: str) -> None:
        numbers = self._symbols.of_concept.get(name)
        if "<" in text or text.startswith("~"):
            raise PhraseError(f"{text!r}: a concept is made of words, not of concepts or windows")
        if " " not in text:
            for number in numbers or ():
                for choice in text.split("|"):
                    self._symbols.choice(choice, number)
            return
        made = self._sequence(text, None)
        for number in numbers or ():
            self._parts[made.symbols[0]].append(made._replace(payload=number))

    def _sequence(self, text: str, payload: object) -> _Sequence:
        symbols, slack, gap = [], [], 0
        parts = text.split()
        if not parts or parts[0].startswith("..") or parts[-1].startswith(".."):
            raise PhraseError(f"{text!r}: a phrase begins and ends with a word")
        for part in parts:
            if part.startswith(".."):
                gap = _bounded(part[2:], MAX_GAP, "a gap is ..1 to ..8", part)
                continue
            symbols.append(self._symbols.joined(part) if len(parts) > 1 or "<" in part else self._symbols.number(part))
            slack.append(gap)
            gap = 0
        return _Sequence(tuple(symbols), tuple(slack), payload, frozenset(symbols))

    def _window(self, text: str, payload: object) -> tuple[tuple[int, ...], int, object]:
        size, *parts = text.split()
        words = _bounded(size[1:], MAX_WINDOW, f"a window is ~2 to ~{MAX_WINDOW}", size)
        if len(parts) < 2:
            raise PhraseError(f"{text!r}: a window holds two parts or more")
        return tuple(self._symbols.joined(part) for part in parts), words, payload

    def _choose_keys(self, windows: Sequence[tuple[tuple[int, ...], int, object]]) -> None:
        """Look first for the part that the fewest windows share: it is the rarest in texts, mostly."""
        uses: dict[int, int] = defaultdict(int)
        for symbols, _, _ in windows:
            for symbol in symbols:
                uses[symbol] += 1
        for symbols, size, payload in windows:
            key = min(range(len(symbols)), key=lambda at: (uses[symbols[at]], -at))
            others = symbols[:key] + symbols[key + 1 :]
            self._windows[symbols[key]].append(_Window(symbols[key], others, size, payload, frozenset(others)))

    def find(self, words: Sequence[str]) -> Iterator[Hit]:
        """Every phrase at every place of a sentence's words."""
        table: Table = {}
        for at, (symbols, alone) in self._forms_of(words):
            for payload in alone:
                yield Hit(payload, at, at + 1)
            for symbol in symbols:
                if symbol in table:
                    table[symbol].append((at, at + 1))
                else:
                    table[symbol] = [(at, at + 1)]
        if len(table) > 1:
            self._concepts_of(table)
        for symbol in sorted(table.keys() & self._starts):
            yield from self._from(symbol, table)

    def _forms_of(self, words: Sequence[str]) -> Iterator[tuple[int, tuple[tuple[int, ...], tuple[object, ...]]]]:
        """The words that stand for anything."""
        forms, of = self._symbols.forms, self._symbols.of
        for at, known in enumerate(map(forms.get, words)):
            form = of(words[at]) if known is None else known
            if form:
                yield at, form

    def _from(self, symbol: int, table: Table) -> Iterator[Hit]:
        """The phrases of several parts that are looked for at this symbol."""
        places = table[symbol]
        for payload in self._words.get(symbol, ()):
            for at, end in places:
                yield Hit(payload, at, end)
        for sequence in self._sequences.get(symbol, ()):
            if sequence.needs <= table.keys():
                for at, last in places:
                    end = _follow(sequence, table, last)
                    if end:
                        yield Hit(sequence.payload, at, end)
        for window in self._windows.get(symbol, ()):
            if window.needs <= table.keys():
                yield from _within(window, table, places)

    def _concepts_of(self, table: Table) -> None:
        """Add the places of concepts of several words."""
        made: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for symbol in table.keys() & self._begins:
            for part in self._parts[symbol]:
                if part.needs <= table.keys():
                    for first, last in table[symbol]:
                        end = _follow(part, table, last)
                        if end:
                            made[part.payload].add((first, end))  # type: ignore[index]  # the concept's number
        for number, places in made.items():
            table[number] = sorted(places.union(table.get(number, ())))


def _bounded(text: str, most: int, rule: str, part: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise PhraseError(f"{part!r}: {rule}")
    return int(text)


def _follow(sequence: _Sequence, table: Table, at: int) -> int:
    """Where the rest of a sequence ends, when it begins at word `at`; 0 when it does not."""
    symbols, slack = sequence.symbols, sequence.slack
    for k in range(1, len(symbols)):
        for first, last in table.get(symbols[k], ()):
            if first < at:
                continue
            if first > at + slack[k]:
                return 0
            at = last
            break
        else:
            return 0
    return at


def _within(window: _Window, table: Table, places: Sequence[tuple[int, int]]) -> Iterator[Hit]:
    """The places of the key with the nearest of each other part, none on another's words."""
    for place in places:
        taken = [place]
        for symbol in window.others:
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
            if last - first <= window.size:
                yield Hit(window.payload, first, last)
