"""Words as they are searched: the form as it stands, and its stems, so that other forms are found too.

Snowball's stemmers for the languages that have one; for Ukrainian and Bulgarian, which have none, the commonest endings
are taken off. Beside them the lemmas that simplemma's lists know. A query does not say its language, so it asks by the
stems of all languages of its script.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import snowballstemmer
from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy
from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory

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

LISTED = ("uk", "bg", "ru", "de", "en", "fr")
"""Languages whose lemmas are looked up, too: the two without a stemmer, and where lists are small or stems are weak.
The lists of all nine would take 120 MB, these 55."""

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


_LEMMAS = Lemmatizer(
    cache_max_size=0,  # ours holds for whole answers
    lemmatization_strategy=DefaultStrategy(dictionary_factory=StreamDictionaryFactory(cache_max_size=len(LISTED))),
)


_ONE = threading.Lock()
"""Reading a list takes a second: who comes meanwhile waits and does not read it again."""


def warm(done: threading.Event) -> None:
    """Read all lists, so that nobody's first search waits for them; stops early when `done`."""
    for lang in LISTED:
        if not done.is_set():
            stems("warm", lang)


@lru_cache(maxsize=50_000)
def stems(word: str, lang: str) -> tuple[str, ...]:
    """What a word of one of our languages shares with its other forms, folded; the word itself left out.

    Stemmers and lists want the accents that `fold` takes away.
    """
    if any(letter.isdigit() for letter in word):
        return ()  # a number, or what holds one: no forms, and the lists would be searched through in vain
    lowered = unicodedata.normalize("NFC", word.lower())
    found = {fold(_stemmer(lang)(lowered))}
    if lang in LISTED:
        with _ONE:
            found.add(fold(_LEMMAS.lemmatize(lowered, lang)))
    return tuple(sorted(found - {fold(word)}))


def indexed(text: str, lang: str | None) -> tuple[str, str]:
    """A text's words for the index: as they stand, and their stems where these differ; blanks between.

    A word in another script than the language's (a Latin name in a Russian text) is stemmed as English or Russian.
    """
    forms, shared = [], list[str]()
    for word in WORD.findall(text):
        known = CYRILLIC if _IS_CYRILLIC.search(word) else LATIN
        forms.append(fold(word))
        shared += stems(word, lang if lang in known else known[0])
    return " ".join(forms), " ".join(shared)


def _forms(word: str) -> list[str]:
    known = CYRILLIC if _IS_CYRILLIC.search(word) else LATIN
    return sorted({fold(word), *(stem for lang in known for stem in stems(word, lang))})


_PART = re.compile(r'"([^"]*)"|(\S+)')


def _asked(text: str) -> Iterator[str]:
    for part in _PART.finditer(text):
        phrase, plain = part.group(1), part.group(2)
        words = WORD.findall(phrase if phrase is not None else plain)
        if not words:
            continue
        if phrase is not None:
            yield f'forms : "{" ".join(map(fold, words))}"'
        elif plain.endswith("*"):
            yield " AND ".join(f'"{fold(word)}"*' for word in words)
        else:
            yield " AND ".join("(" + " OR ".join(f'"{form}"' for form in _forms(word)) + ")" for word in words)


def query(text: str) -> str:
    """What SQLite's FTS5 is asked for a reader's words: all of them, in any form.

    `"in quotes"` is those words as they stand, one after another; `nucl*` is any word that begins so. Empty when the
    text holds no word.
    """
    return " AND ".join(_asked(text[:500]))
