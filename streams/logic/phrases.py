"""Phrases over words: what the knowledge base is written in, and how it is found in a text.

A phrase is words with blanks between, in the order of the text. `stem*` is any word that begins so; `a|b`
is either; `=INF` is exactly these letters in this case; `..4` is up to four words of any kind; `<missile>`
is any phrase of the concept of that name. A phrase that begins with `~12` has its parts in any order within
twelve words. Matching (`search`) is linear in the text for a given set of phrases: what a word fits is looked
up once for each form, gaps and windows are bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from streams.logic.search import Chain, Form, Hit, Phrase, Search, Window
from streams.logic.words import WORD, fold

__all__ = ["Hit", "PhraseError", "Phrases", "Search"]

MAX_GAP = 8
MAX_WINDOW = 30
_KNOWN_FORMS = 200_000
_BEGINNING = 3


class PhraseError(ValueError):
    """A phrase that cannot be read; the text says why."""


class _Symbols:
    """What single words stand for: every element of every phrase is a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.of_concept: dict[str, list[int]] = defaultdict(list)
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._cased: dict[str, set[int]] = defaultdict(set)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        """How long the stems are that begin so: few beginnings have any."""
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
        for stem in self._stems:
            self._lengths[stem[:_BEGINNING]].add(len(stem))

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
        for letters in range(1, _BEGINNING + 1):
            for length in self._lengths.get(folded[:letters], ()):
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
        self._phrases: dict[int, list[Phrase]] = defaultdict(list)
        self._parts: dict[int, list[Chain]] = defaultdict(list)
        windows = []
        named = set()
        for text, payload in phrases:
            if text.startswith("~"):
                windows.append(self._window(text, payload))
            else:
                made = self._chain(text, payload)
                if len(made.symbols) > 1 or "<" in text:
                    self._phrases[made.start].append(made)
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

    def _concept(self, name: str, text: str) -> None:
        numbers = self._symbols.of_concept.get(name)
        if "<" in text or text.startswith("~"):
            raise PhraseError(f"{text!r}: a concept is made of words, not of concepts or windows")
        if " " not in text:
            for number in numbers or ():
                for choice in text.split("|"):
                    self._symbols.choice(choice, number)
            return
        made = self._chain(text, None)
        for number in numbers or ():
            self._parts[made.start].append(made._replace(payload=number))

    def _chain(self, text: str, payload: object) -> Chain:
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
        return Chain(tuple(symbols), tuple(slack), payload, frozenset(symbols))

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
            self._phrases[symbols[key]].append(Window(symbols[key], others, size, payload, frozenset(symbols)))

    def search(self, words: Iterable[str]) -> Search:
        """To find phrases in the sentences of a text that has these words."""
        forms, of = self._symbols.forms, self._symbols.of
        known = {word: forms.get(word) for word in words}
        return Search(
            {word: of(word) if form is None else form for word, form in known.items() if form != ()},
            self._phrases,
            self._parts,
        )

    def find(self, words: Sequence[str]) -> Iterator[Hit]:
        """Every phrase at every place of a lone sentence's words."""
        return self.search(words).find(words)


def _bounded(text: str, most: int, rule: str, part: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise PhraseError(f"{part!r}: {rule}")
    return int(text)
