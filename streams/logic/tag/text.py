"""A text as the tagger reads it: folded words with their places in the original, and sentences."""

from __future__ import annotations

import re
from typing import Final, final

from mypy_extensions import mypyc_attr

from streams.logic.words import WORD, fold, parted

MAX_CHARACTERS = 200_000
"""Beyond this a text is not read further: no article is longer, and time stays bounded."""

MAX_SENTENCE_WORDS = 160
"""A longer run without an end is cut: tables, lists, hostile text."""

_ABBREVIATIONS = (
    "[A-ZА-ЯЁЇІЄҐгтдпр]",  # "U.S.", "т. д."
    "Mr|Ms|Dr|St|No|vs|Lt|ca|Nr|им|гг|см|ст|рр",
    "Mrs|Gen|Sen|Gov|Col|Rep|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|bzw|стр|e[.]g|i[.]e",
    "Prof|Sept",
)
"""By their length, as what is looked for behind a place has to have one."""

_ABBREVIATED = "|".join(rf"(?<=\b(?:{some})[.])" for some in _ABBREVIATIONS)

_MONTH = "(?i:(?:jan|febr?)(?:uar)?|märz|april|mai|jun[ie]|jul[ie]|august|okt(?:ober)?|(?:sept|nov|dez)(?:ember)?)"
_DAY_OF_A_MONTH = rf"(?:(?<=\D\d[.])|(?<=\D\d\d[.]))\s+(?={_MONTH}\b)"
"""In a German date the full stop makes an ordinal, and ends no sentence: "am 26. Januar"."""

# One class of characters first, so that all else is passed over at once. A run of marks is taken whole, whether
# a blank follows or not: a million dots are looked at once.
_END = re.compile(
    rf"""[.!?…。！？।\n](?:
        (?:{_ABBREVIATED})[.!?…]*["'”’»)\]]*\s*
      | {_DAY_OF_A_MONTH}
      | (?<=[.!?…])[.!?…]*["'”’»)\]]*(?P<blank>\s+)?
      | (?<=\)\n)(?P<closed>\s*(?=[A-ZА-ЯЁЇІЄҐÄÖÜ]))
      | (?<=\n)(?P<gap>\s*\n\s*)?
    )?""",
    re.VERBOSE,
)
_ENDS_ALONE = frozenset("。！？।")


@final
@mypyc_attr(acyclic=True)
class Sentence:
    """A stretch of one field."""

    __slots__ = ("_folded", "_places", "_words", "end", "field", "source", "start")

    def __init__(self, field: str, start: int, end: int, source: str) -> None:
        self.field: Final = field
        self.start: Final = start
        self.end: Final = end
        self.source: Final = source
        """The whole field."""
        self._words: tuple[str, ...] | None = None
        self._folded: tuple[str, ...] | None = None
        self._places: tuple[tuple[int, int], ...] | None = None

    @property
    def text(self) -> str:
        """The sentence as it stands."""
        return self.source[self.start : self.end]

    @property
    def words(self) -> tuple[str, ...]:
        """Its words as they stand; parted when first asked for, which for most sentences is never."""
        if self._words is None:
            self._words = tuple(parted(self.text))
        return self._words

    @property
    def folded(self) -> tuple[str, ...]:
        """Its words as they are compared."""
        if self._folded is None:
            self._folded = tuple(map(fold, self.words))
        return self._folded

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """First and past-the-last character of each word, in its text."""
        if self._places is None:
            self._places = tuple(word.span() for word in WORD.finditer(self.text))
        return self._places


def sentences(field: str, text: str) -> list[Sentence]:
    """Sentences of a field. A single line break ends none but after a bracket; an abbreviation's full stop neither."""
    text = text[:MAX_CHARACTERS]
    found: list[Sentence] = []
    start = 0
    for mark in _END.finditer(text):
        how = mark.lastgroup
        stop = mark.start(how) if how else mark.end()
        if how in ("gap", "closed"):
            stop = mark.start()
        elif not (how or mark.group() in _ENDS_ALONE) or text[mark.end() : mark.end() + 1].islower():
            continue
        _add(found, field, text, start, stop)
        start = mark.end()
    _add(found, field, text, start, len(text))
    return found


def _add(found: list[Sentence], field: str, text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end or not (text[start].isalnum() or WORD.search(text, start, end)):
        return
    # Words have something between them: what is short cannot hold too many.
    if end - start < 2 * MAX_SENTENCE_WORDS or len(parted(text[start:end])) <= MAX_SENTENCE_WORDS:
        found.append(Sentence(field, start, end, text))
        return
    places = [one.span() for one in WORD.finditer(text, start, end)]
    for at in range(0, len(places), MAX_SENTENCE_WORDS):
        part = places[at : at + MAX_SENTENCE_WORDS]
        last = at + MAX_SENTENCE_WORDS >= len(places)
        found.append(Sentence(field, part[0][0] if at else start, end if last else part[-1][1], text))
