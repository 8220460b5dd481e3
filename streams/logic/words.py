"""Words as they are compared: one case, one composition, one script, no accents on Latin letters.

Texts and the phrases of the knowledge base go through the same `fold`, so they can only differ in what
they say. Offsets always point into the text as it was given.
"""

from __future__ import annotations

import functools
import re
import unicodedata

UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphens, zero-width blanks and joiners: they stand inside words and are not seen."""

NUKTA = "\u093c"

_UNSEEN = dict.fromkeys(map(ord, UNSEEN))
# Letters that look alike, for words that mix the two scripts; towards Cyrillic and towards Latin.
_CYRILLIC = str.maketrans("aceopxyktmhbiACEOPXYKTMHB", "асеорхукттнвіАСЕОРХУКТМНВ")
_LATIN = str.maketrans("асеорхукмнвіАСЕОРХУКТМНВІ", "aceopxykmhbiACEOPXYKTMHBI")
_MARKS = re.compile("[\u0300-\u036f]")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0900-\u097f]")
_CYRILLIC_LETTER = re.compile(r"[\u0400-\u04ff]")

_JOINING = r"\u00ad\u200b-\u200d\u2060\ufeff\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
WORD = re.compile(rf"[^\W_]+(?:[{_JOINING}]+[^\W_]*)*")
"""A word may hold what is not seen (soft hyphens), what is not yet composed (combining marks), and the signs of
Devanagari."""


@functools.lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """`word` as it is compared."""
    if word.isascii():
        return word.lower()
    # Devanagari is written with and without the dot of foreign sounds.
    text = unicodedata.normalize("NFKC", word.translate(_UNSEEN)).replace(NUKTA, "")
    cyrillic, latin = len(_CYRILLIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text))
    if cyrillic and latin:
        text = text.translate(_CYRILLIC if cyrillic >= latin else _LATIN)
    if cyrillic and cyrillic >= latin:
        return text.casefold().replace("ё", "е")
    return _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))


_MIXED = re.compile(r"[a-z][\u0430-\u045f]|[\u0430-\u045f][a-z]")


def flat(text: str) -> str:
    """A whole text for searching parts of words in it: folded as its words are, offsets lost."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    if not _OTHER_SCRIPT.search(lowered):
        # Without accents and what else is not ASCII; of the Latin letters only the Polish one has no other way.
        return unicodedata.normalize("NFKD", lowered.replace("ł", "l")).encode("ascii", "ignore").decode()
    for mark in UNSEEN:
        lowered = lowered.replace(mark, "")
    if not unicodedata.is_normalized("NFC", lowered):
        lowered = unicodedata.normalize("NFC", lowered)
    if _MIXED.search(lowered):
        lowered = WORD.sub(lambda word: fold(word.group()), lowered)
    return lowered.replace("ё", "е").replace(NUKTA, "")
