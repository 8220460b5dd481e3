"""A whole text as bytes to search in, folded as its words are: `flat` for parts of words, `spaced` for words.

Most texts are in Western letters or in Russian ones with plain marks; for these bytes are exchanged by table, which
takes a tenth of the time that words take one by one. `fold` says what is right: the tables only come to the same.
"""

from __future__ import annotations

import functools
import re
import string
import unicodedata
from collections.abc import Sequence

from streams.logic.words import JOINING, NUKTA, UNSEEN, WORD, fold, parted

PARTED = "\x1e"
"""Stands between the texts of `spaced`."""

_MARKS = "\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026"
"""Beyond Latin-1, but everywhere: dashes, quotes, the ellipsis."""

_BEYOND = re.compile(rf"[^\x00-\xff{_MARKS}]")
_BEYOND_RUSSIAN = re.compile(rf"[^\x00-\x7f\u0400-\u045f{_MARKS}]")
_LETTERS = {"ł": "\x01", "œ": "\x02"}
"""Letters of Western languages that are compared as themselves, and a byte to carry them."""

_JOINS = re.compile(rf"[{JOINING}]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0900-\u097f]")
_MIXED = re.compile(r"[a-z][\u0430-\u045f]|[\u0430-\u045f][a-z]")


def _western_byte(code: int) -> int:
    """Of a Latin-1 character the ASCII one it is compared as; itself where there is none."""
    letter = chr(code)
    if not letter.isalnum():
        return code if letter.isascii() else ord(" ")
    folded = fold(letter)
    return ord(folded) if len(folded) == 1 and folded.isascii() else code


_WESTERN = bytes(map(_western_byte, range(256)))
_BLANKS = bytes(code if code > 127 or chr(code).isalnum() or chr(code) == PARTED else ord(" ") for code in range(256))
# In UTF-8: the letters from U+0400 to U+047F have the leads D0 and D1, and what follows a lead is 80 to BF.
_CYRILLIC = bytes([*range(128), 0xD0, 0xD1, *range(0x80, 0xC0)])
_SCRIPTS = bytes(
    ord("c") if code > 127 else ord("l") if chr(code).isalpha() or chr(code) in _LETTERS.values() else ord(" ")
    for code in range(256)
)


def flat(text: str) -> bytes:
    """A text for searching parts of words in it; offsets are lost."""
    found = _plain(text)
    return _any(text).encode("utf-8", "replace") if found is None else found


def spaced(texts: Sequence[str]) -> bytes:
    """Texts for searching words in them, with a blank before and after each; `PARTED` stands between the texts."""
    joined = f" {PARTED} ".join(texts)
    found = _plain(joined) if joined.count(PARTED) == len(texts) - 1 else None
    if found is not None:
        return b" %b " % found.translate(_BLANKS)
    folded = f" {PARTED} ".join(" ".join(map(fold, parted(text))) for text in texts)
    return f" {folded} ".encode("utf-8", "replace")


def _plain(text: str) -> bytes | None:
    """By table; `None` for what the tables do not hold."""
    if text.isascii():
        return text.encode().translate(_WESTERN)
    if any(byte in text for byte in _LETTERS.values()):
        return None
    latin = text.encode("latin-1", "replace")
    lost = latin.count(b"?") - text.count("?")
    found = _russian(text) if lost * 4 > len(text) else _western(text, latin, lost) or _russian(text)
    if found is not None:
        for letter, byte in _LETTERS.items():
            found = found.replace(byte.encode(), letter.encode())
    return found


def _western(text: str, latin: bytes, lost: int) -> bytes | None:
    marks = sum(map(text.count, _MARKS)) if lost else 0
    if lost != marks:
        text = _BEYOND.sub(_respelt, text)
        latin = text.encode("latin-1", "replace")
        if latin.count(b"?") - text.count("?") != marks:
            return None
    found = latin.translate(_WESTERN, b"\xad").replace(b"\xdf", b"ss")
    return found if found.isascii() else None


def _russian(text: str) -> bytes | None:
    lowered = text.casefold().replace("ё", "е")
    for mark in (*_MARKS, "«", "»", "\u00a0"):
        lowered = lowered.replace(mark, " ")
    found = lowered.encode("utf-8", "replace")
    if found.translate(None, _CYRILLIC):
        found = _BEYOND_RUSSIAN.sub(_respelt, lowered).encode("utf-8", "replace")
        if found.translate(None, _CYRILLIC):
            return None
    scripts = found.translate(_SCRIPTS, string.digits.encode())
    return None if b"lc" in scripts or b"cl" in scripts else found


def _respelt(found: re.Match[str]) -> str:
    return _spelt(found.group())


@functools.lru_cache(maxsize=1_000)
def _spelt(letter: str) -> str:
    """A character beyond the tables as those within, where that can be: what is no part of a word is a blank."""
    if letter in UNSEEN:
        return ""
    if not letter.isalnum():
        return letter if _JOINS.match(letter) else " "
    folded = fold(letter)
    return _LETTERS.get(folded, folded if folded.isascii() else letter)


def _any(text: str) -> str:
    """The whole text at once, where it is not plain."""
    lowered = text.casefold()
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
