"""A whole text as bytes to search in, folded as its words are: `Haystack` for parts of words, `Pieces` for words.

Most texts are in Western letters or in Russian ones with plain marks; for these bytes are exchanged by table, which
takes a tenth of the time that words take one by one. `fold` says what is right: the tables only come to the same.
"""

from __future__ import annotations

import codecs
import functools
import re
import string
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from streams.logic.words import JOINING, NUKTA, UNSEEN, WORD, fold, parted

PARTED = "\x1e"
"""Stands between the texts of `spaced`."""

_MARKS = "\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026"
"""Beyond Latin-1, but everywhere: dashes, quotes, the ellipsis."""

_BEYOND = re.compile(rf"[^\x00-\xff{_MARKS}]")
_BEYOND_RUSSIAN = re.compile(rf"[^\x00-\x7f\u0400-\u045f\u00a0«»{_MARKS}]")
_LETTERS = {"ł": "\x01", "œ": "\x02"}
"""Letters of Western languages that are compared as themselves, and a byte to carry them."""

_CYRILLIC = {chr(code): bytes([code - 0x430 + 0xC0]) for code in range(0x430, 0x460)}
"""A byte for each small letter: none that in UTF-8 follows another, so that nothing is taken for half a letter."""

_ONE_BYTE = {letter.encode(): byte for letter, byte in _CYRILLIC.items()} | {
    letter.encode(): byte.encode() for letter, byte in _LETTERS.items()
}
_TWO_BYTES = re.compile(b"|".join(sorted(map(re.escape, _ONE_BYTE))))
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


def _russian_byte(letter: str) -> int:
    """The byte for a character of Russian texts, as it is compared."""
    return spelt(fold(letter))[0] if letter.isalnum() else ord(letter) if letter.isascii() else ord(" ")


def spelt(folded: str) -> bytes:
    """What is looked for in a text, as it stands there: a byte for a letter, save those of scripts that are rare."""
    return _TWO_BYTES.sub(lambda two: _ONE_BYTE[two.group()], folded.encode("utf-8", "replace"))


_WESTERN = bytes(map(_western_byte, range(256)))
_RUSSIAN_PAGE = "".join(map(chr, (*range(128), *range(0x400, 0x460)))) + f"{_MARKS}«»\u00a0"
_RUSSIAN_CODES = codecs.charmap_build(_RUSSIAN_PAGE.ljust(256, "\ufffe"))
_RUSSIAN = bytes(map(_russian_byte, _RUSSIAN_PAGE)).ljust(256)
_KEPT = {ord(PARTED), *map(ord, _LETTERS.values())}
_BLANKS = bytes(code if code > 127 or code in _KEPT or chr(code).isalnum() else ord(" ") for code in range(256))
_WORDS = bytes(ord(" ") if code == ord(PARTED) else byte for code, byte in enumerate(_BLANKS))
_SCRIPTS = bytes(
    ord("c") if code > 127 else ord("l") if chr(code).isalpha() or code in _KEPT - {ord(PARTED)} else ord(" ")
    for code in range(256)
)


class Pieces(NamedTuple):
    """Sentences of a text for searching words in them: folded, and with a blank before and after each word."""

    text: bytes
    starts: Sequence[int]
    """First byte of each, a blank; in the order of the text."""
    ends: Sequence[int]
    """Past the last byte of each, a blank; it may be the next one's first."""


class Haystack(NamedTuple):
    """A text for searching parts of words in it."""

    text: bytes
    characters: int
    """Of the text as it stands."""
    aligned: bool
    """Whether each byte stands for the character at its place: so in most texts in Western and Russian letters."""

    def pieces(self, starts: Sequence[int], ends: Sequence[int]) -> Pieces:
        """Its sentences, by their places in the text; it must be `aligned`."""
        return Pieces(b" %b " % self.text.translate(_WORDS), starts, [end + 2 for end in ends])


def haystack(text: str) -> Haystack:
    """A text as it is searched."""
    found = _plain(text)
    if found is None:
        return Haystack(spelt(_any(text)), len(text), aligned=False)
    # No character is lost but those unseen, and some become several bytes.
    aligned = len(found) == len(text) and not any(one in text for one in UNSEEN)
    return Haystack(found, len(text), aligned)


def flat(text: str) -> bytes:
    """A part of a word, for looking it up in a haystack."""
    return haystack(text).text


def pieces(texts: Sequence[str]) -> Pieces:
    """Sentences, each folded anew."""
    folded = spaced(texts)
    starts, ends, start = [], [], 0
    for piece in folded.split(PARTED.encode()):
        starts.append(start)
        ends.append(start + len(piece))
        start += len(piece) + 1
    return Pieces(folded, starts, ends)


def spaced(texts: Sequence[str]) -> bytes:
    """Texts for searching words in them, with a blank before and after each; `PARTED` stands between the texts."""
    joined = f" {PARTED} ".join(texts)
    found = _plain(joined) if joined.count(PARTED) == len(texts) - 1 else None
    if found is not None:
        return b" %b " % found.translate(_BLANKS)
    folded = f" {PARTED} ".join(" ".join(map(fold, parted(text))) for text in texts)
    return spelt(f" {folded} ")


def _plain(text: str) -> bytes | None:
    """By table; `None` for what the tables do not hold."""
    if any(byte in text for byte in _LETTERS.values()):
        return None
    if text.isascii():
        return text.encode().translate(_WESTERN)
    latin = text.encode("latin-1", "replace")
    lost = latin.count(b"?") - text.count("?")
    return _russian(text) if lost * 4 > len(text) else _western(text, latin, lost) or _russian(text)


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
    found = _in_russian(text, _respelt)
    if found is None:
        return None
    scripts = found.translate(_SCRIPTS, string.digits.encode())
    if b"lc" not in scripts and b"cl" not in scripts:
        return found
    # Of words that mix the scripts `fold` says which they are in.
    return None if _JOINS.search(text) else _in_russian(WORD.sub(lambda word: fold(word.group()), text), _folded)


def _in_russian(text: str, respelt: Callable[[re.Match[str]], str]) -> bytes | None:
    found: bytes = codecs.charmap_encode(text, "replace", _RUSSIAN_CODES)[0]
    lost = found.count(b"?") - text.count("?")
    if lost * 4 > len(text):
        return None  # another script: nothing to respell
    if lost:
        found = codecs.charmap_encode(_BEYOND_RUSSIAN.sub(respelt, text), "replace", _RUSSIAN_CODES)[0]
    return found.translate(_RUSSIAN) if found.count(b"?") == text.count("?") else None


def _respelt(found: re.Match[str]) -> str:
    return _spelt(found.group())


def _folded(found: re.Match[str]) -> str:
    """As `_respelt`, of words that are folded."""
    letter = found.group()
    return letter if letter.isalnum() and letter not in _LETTERS else _spelt(letter)


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
    for byte in _LETTERS.values():
        lowered = lowered.replace(byte, " ")
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
