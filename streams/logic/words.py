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
_CYRILLIC_LETTER = re.compile(r"[\u0400-\u04ff]")
_RUSSIAN = re.compile(r"[\u0400-\u045f]+")
"""Most words that are not ASCII: nothing to compose, no other script."""

JOINING = r"\u00ad\u200b-\u200d\u2060\ufeff\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
WORD = re.compile(rf"[^\W_]+(?:[{JOINING}]+[^\W_]*)*")
"""A word may hold what is not seen (soft hyphens), what is not yet composed (combining marks), and the signs of
Devanagari."""

_PARTED = bytes(code if code > 127 or chr(code).isalnum() else ord(" ") for code in range(256))
_PLAIN_MARKS = "–—‘’“”„…«»"
"""Marks beyond ASCII that stand in many sentences."""


def parted(text: str) -> list[str]:
    """The words of a text as they stand."""
    if text.isascii():
        return text.encode().translate(_PARTED).decode().split()  # a sixth of the time
    plain = text
    for mark in _PLAIN_MARKS:
        plain = plain.replace(mark, " ")
    words = plain.encode("utf-8", "replace").translate(_PARTED).decode().split()
    return words if "".join(words).isalnum() else WORD.findall(text)  # two thirds


@functools.lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """`word` as it is compared."""
    if word.isascii():
        return word.lower()
    if _RUSSIAN.fullmatch(word):
        return word.casefold().replace("ё", "е")
    # Devanagari is written with and without the dot of foreign sounds.
    text = unicodedata.normalize("NFKC", word.translate(_UNSEEN)).replace(NUKTA, "")
    cyrillic, latin = len(_CYRILLIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text))
    if cyrillic and latin:
        text = text.translate(_CYRILLIC if cyrillic >= latin else _LATIN)
    if cyrillic and cyrillic >= latin:
        return text.casefold().replace("ё", "е")
    return _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
