"""Words as they are searched: the form as it stands, and its stem, so that other forms are found too.

Snowball's stemmers for the languages that have one; for Ukrainian and Bulgarian, which have none, the commonest
endings are taken off. A query does not say its language, so it asks by the stems of all languages of its script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import snowballstemmer

from streams.logic.words import WORD, fold

LATIN = ("en", "de", "fr", "es", "pl", "pt")
CYRILLIC = ("ru", "uk", "bg")
_SNOWBALL = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "pl": "polish", "pt": "portuguese",
    "ru": "russian",
}  # fmt: skip
_ENDINGS = {
    "uk": (
        "еннями", "ення", "енню", "енням", "ському", "ського", "ськими", "ських", "ський", "ська", "ську", "ські",
        "ською", "ськой", "ові", "еві", "ами", "ями", "ого", "ому", "ими", "ому", "ів", "їв", "ам", "ям", "ах", "ях",
        "ою", "ею", "єю", "ій", "ої", "их", "им", "ою", "а", "я", "у", "ю", "е", "є", "и", "і", "ї", "о", "ь", "й",
    ),
    "bg": (
        "овете", "ският", "ската", "ското", "ските", "овци", "ението", "ението", "ение", "ения", "ове", "ият", "ият",
        "ата", "ята", "ите", "ето", "ски", "ска", "ско", "ът", "ят", "та", "то", "те", "а", "я", "и", "о", "е", "й",
    ),
}  # fmt: skip
_SHORTEST = 4
"""Letters that an ending must leave."""

_IS_CYRILLIC = re.compile("[\u0400-\u04ff]")


def _cut(endings: tuple[str, ...]) -> Callable[[str], str]:
    ordered = sorted(set(endings), key=len, reverse=True)

    def cut(word: str) -> str:
        for ending in ordered:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
                return word[: -len(ending)]
        return word

    return cut


@cache
def _stemmer(lang: str) -> Callable[[str], str]:
    if lang in _SNOWBALL:
        stem: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[lang]).stemWord
        return stem
    return _cut(_ENDINGS[lang])


@lru_cache(maxsize=50_000)
def stem(word: str, lang: str) -> str:
    """The stem of a folded word in one of our languages."""
    return _stemmer(lang)(word)


def indexed(text: str, lang: str | None) -> tuple[str, str]:
    """A text's words for the index: as they stand, and their stems where these differ; blanks between.

    A word in another script than the language's (a Latin name in a Russian text) is stemmed as English or Russian.
    """
    forms = [fold(word) for word in WORD.findall(text)]
    stems = []
    for form in forms:
        cyrillic = bool(_IS_CYRILLIC.search(form))
        known = CYRILLIC if cyrillic else LATIN
        found = stem(form, lang if lang in known else known[0])
        if found != form:
            stems.append(found)
    return " ".join(forms), " ".join(stems)


def _forms(word: str) -> list[str]:
    folded = fold(word)
    known = CYRILLIC if _IS_CYRILLIC.search(folded) else LATIN
    return sorted({folded, *(stem(folded, lang) for lang in known)})


_PART = re.compile(r'"([^"]*)"|(\S+)')


def _asked(text: str) -> Iterator[str]:
    for part in _PART.finditer(text):
        phrase, plain = part.group(1), part.group(2)
        words = [fold(w) for w in WORD.findall(phrase if phrase is not None else plain)]
        if not words:
            continue
        if phrase is not None:
            yield f'forms : "{" ".join(words)}"'
        elif plain.endswith("*"):
            yield " AND ".join(f'"{word}"*' for word in words)
        else:
            yield " AND ".join("(" + " OR ".join(f'"{form}"' for form in _forms(word)) + ")" for word in words)


def query(text: str) -> str:
    """What SQLite's FTS5 is asked for a reader's words: all of them, in any form.

    `"in quotes"` is those words as they stand, one after another; `nucl*` is any word that begins so. Empty when the
    text holds no word.
    """
    return " AND ".join(_asked(text[:500]))
