"""Phrases over words: what the knowledge base is written in, and how it is found in a text.

A phrase is words with blanks between, in the order of the text. `stem*` is any word that begins so; `a|b`
is either; `=INF` is exactly these letters in this case; `..4` is up to four words of any kind; `<missile>`
is any phrase of the concept of that name. A phrase that begins with `~12` has its parts in any order within
twelve words. Matching (`search`) is linear in the text for a given set of phrases: what a word fits is looked
up once for each form, gaps and windows are bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from streams.logic.clues import Clues
from streams.logic.haystack import Pieces
from streams.logic.search import Chain, Hit, Phrase, Window, find
from streams.logic.symbols import Forms, PhraseError, Symbols

__all__ = ["Hit", "PhraseError", "Phrases"]

MAX_GAP = 12
MAX_WINDOW = 30


class Phrases:
    """Many phrases, found together; each carries a payload of the caller's.

    `common` says of what share of sentences a word is part, for words of which that is known; it is for speed alone.
    """

    def __init__(
        self,
        phrases: Iterable[tuple[str, object]],
        concepts: Mapping[str, Sequence[str]] | None = None,
        common: Mapping[str, float] | None = None,
    ) -> None:
        self._symbols = Symbols(common or {})
        self._clues: Clues | None = None
        made: list[Phrase] = []
        windows: list[Window] = []
        named: set[str] = set()
        for text, payload in phrases:
            if text.startswith("~"):
                windows.append(self._window(text, payload))
            else:
                chain = self._chain(text, payload)
                if len(chain.symbols) > 1 or "<" in text:
                    made.append(chain)
                else:
                    self._symbols.alone(text, payload)
            named |= {part for part in text.replace("|", " ").split() if part.startswith("<")}
        for name in sorted(named):
            if not concepts or name[1:-1] not in concepts:
                raise PhraseError(f"no concept {name}")
        self._ways: dict[int, list[Chain]] = defaultdict(list)
        for name, ways in (concepts or {}).items():
            for text in ways:
                self._concept(name, text)
        _key(windows)
        made += windows
        made.sort(key=lambda phrase: phrase.symbols[0])
        for at, one in enumerate(made):
            one.order = at
        self._forms = Forms(self._symbols, made, self._ways)

    def _concept(self, name: str, text: str) -> None:
        numbers = self._symbols.of_concept.get(name)
        if "<" in text or text.startswith("~"):
            raise PhraseError(f"{text!r}: a concept is made of words, not of concepts or windows")
        if " " not in text:
            for number in numbers or ():
                for choice in text.split("|"):
                    self._symbols.choice(choice, number)
            return
        way = self._chain(text, None)
        for number in numbers or ():
            self._ways[number].append(way)

    def _chain(self, text: str, payload: object) -> Chain:
        symbols, slack, gap = [], [], 0
        parts = text.split()
        if not parts or parts[0].startswith("..") or parts[-1].startswith(".."):
            raise PhraseError(f"{text!r}: a phrase begins and ends with a word")
        for part in parts:
            if part.startswith(".."):
                gap = _bounded(part[2:], MAX_GAP, "a gap is ..1 to ..12", part)
                continue
            symbols.append(self._symbols.joined(part) if len(parts) > 1 or "<" in part else self._symbols.number(part))
            slack.append(gap)
            gap = 0
        return Chain(tuple(symbols), tuple(slack), payload)

    def _window(self, text: str, payload: object) -> Window:
        size, *parts = text.split()
        words = _bounded(size[1:], MAX_WINDOW, f"a window is ~2 to ~{MAX_WINDOW}", size)
        if len(parts) < 2:
            raise PhraseError(f"{text!r}: a window holds two parts or more")
        return Window(tuple(self._symbols.joined(part) for part in parts), words, payload)

    def likely(self, sentences: Pieces) -> list[int]:
        """Which of the sentences of a text may hold a phrase, at a fraction of the time of `find`; no other does."""
        if self._clues is None:
            self._clues = Clues(self._forms.spelt(), self._forms.everywhere())
        return self._clues.likely(sentences)

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Every phrase at every place of a sentence's words."""
        return find(self._forms.of(words))


def _key(windows: Sequence[Window]) -> None:
    """Look first for the part that the fewest windows share: it is the rarest in texts, mostly."""
    uses: dict[int, int] = defaultdict(int)
    for window in windows:
        for symbol in window.symbols:
            uses[symbol] += 1
    for window in windows:
        symbols = window.symbols
        key = min(range(len(symbols)), key=lambda at: (uses[symbols[at]], -at))
        window.symbols = (symbols[key], *symbols[:key], *symbols[key + 1 :])


def _bounded(text: str, most: int, rule: str, part: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise PhraseError(f"{part!r}: {rule}")
    return int(text)
