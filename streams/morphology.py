"""Lexica of nine languages, for those who write entries: all forms of a phrase (`kb lint --forms`).

pymorphy3 for Russian and Ukrainian, whose noun phrases agree in case and number; simplemma's word lists for the
others, where each beginning is inflected for itself. Both come as packages with their data: nothing is downloaded.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from streams.logic.words import fold

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
NUMBERS = ("sing", "plur")
DECLINED = frozenset(["NOUN", "ADJF", "PRTF"])
AGREEING = frozenset(["ADJF", "PRTF"])

VERBAL = frozenset(["VERB", "INFN"])
RARE = frozenset(
    [
        "ADJS",
        "PRTS",
        "COMP",
        "V-be",
        "V-ej",
        "V-ey",
        "V-oy",
        "V-bi",
        "V-sh",
        "Infr",
        "Arch",
        "Slng",
        "Dist",
        "Erro",
        "impr",
    ]
)
"""Grammemes of forms that a newspaper does not print: short, old and wrong ones, orders."""

PAST = ("л", "в")
ACRONYMS = frozenset(["нато", "сша", "рф", "про"])
"""Names that a lexicon takes for words of three or four letters."""

UNUSUAL = {"pl": ("yj", "scy", "ccy")}
"""Endings of forms that names of treaties do not take: of old genitives, and of adjectives said of men."""

LISTED = frozenset(["bg", "de", "en", "es", "fr", "pl", "pt"])

LONGEST_ENDING = 4
"""Letters that a lemma may have beyond a written beginning: what is longer is another word."""

WHOLE = 0.7
"""Share of a word's forms that begin as an entry's author wrote it; the rest is what he may have forgotten."""

LEAST = 0.3
"""Share under which a beginning is of a part only, such as the participle of a verb, and not of the word."""

BEGINNING = 3
LONGEST_ENDING = 4
"""Letters that a lemma may have beyond a written beginning: what is longer is another word."""


def available() -> bool:
    """Whether the extra that brings the lexica is installed."""
    return all(importlib.util.find_spec(name) for name in ("pymorphy3", "simplemma"))


class Lexicon:
    """All forms of the words of phrases, per language; a language's data are read when it is first asked for."""

    languages = frozenset(["ru", "uk"]) | LISTED

    def __init__(self, languages: Collection[str] | None = None) -> None:
        if languages is not None:
            self.languages = frozenset(languages)
        self._slavic: dict[str, Agreeing] = {}
        self._lists: dict[str, WordList] = {}

    def variants(self, lang: str, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Each form of a phrase."""
        if lang in ("ru", "uk"):
            if lang not in self._slavic:
                self._slavic[lang] = Agreeing(lang)
            yield from self._slavic[lang].variants(words)
            return
        if lang not in self._lists:
            self._lists[lang] = WordList(lang)
        yield from self._lists[lang].variants(words)


class Agreeing:
    """Russian or Ukrainian: the noun phrase that a phrase begins with agrees, what follows it stands."""

    def __init__(self, lang: str) -> None:
        import pymorphy3  # noqa: PLC0415 - an extra: who only tags does not have it

        # It tells of each dictionary that it loads; who lints wants problems.
        logging.getLogger("pymorphy3").setLevel(logging.WARNING)
        self._morph = pymorphy3.MorphAnalyzer(lang=lang)

    def variants(self, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """The phrase as written, then its noun phrase in every case and number, then each other stem inflected."""
        read = [self._read(word) for word in words]
        plain = tuple(self._plain(word, one) for word, one in zip(words, read, strict=True))
        head = self._head(read)
        if head is None:
            yield plain
        else:
            for number in NUMBERS:
                for case in CASES:
                    phrase = [self._agreed(one, read[head], number, case) for one in read[: head + 1]]
                    if all(phrase):
                        yield (*(str(word) for word in phrase), *plain[head + 1 :])
        for at, one in enumerate(read):
            # Words that are written out behind the noun are governed by it: they have this form only.
            if one is not None and (head is None or at > head) and words[at].endswith("*"):
                for form in self._forms(one, words[at][:-1]):
                    yield (*plain[:at], form, *plain[at + 1 :])

    @staticmethod
    def _forms(one: Any, stem: str) -> Iterator[str]:
        if one.tag.POS in VERBAL and stem.endswith(PAST):
            return  # written for what has happened: other tenses are not meant
        for form in one.lexeme:
            # Participles are adjectives of their own; comparatives and old forms do not come up.
            if not RARE & set(form.tag.grammemes) and not (one.tag.POS in VERBAL and form.tag.POS not in VERBAL):
                yield form.word

    @staticmethod
    def _plain(word: str, read: Any) -> str:
        if not word.endswith("*"):
            return word.lstrip("=")
        if read is None:
            return word[:-1]
        whole = (f.word for f in read.lexeme if f.tag.POS == read.tag.POS and not RARE & set(f.tag.grammemes))
        return str(next(whole, read.word))

    @staticmethod
    def _head(read: Sequence[Any]) -> int | None:
        """The first noun, where only adjectives stand before it."""
        for at, one in enumerate(read):
            if one is None or one.tag.POS not in DECLINED:
                return None
            if one.tag.POS == "NOUN":
                return at
        return None

    @staticmethod
    def _agreed(one: Any, noun: Any, number: str, case: str) -> str | None:
        """The form in this case and number; of an adjective, that which goes with the noun."""
        plural = number == "plur"
        fitting = [
            form
            for form in one.lexeme
            # The singular is what is not plural: the Ukrainian lexicon does not mark it.
            if case in (its := set(form.tag.grammemes))
            and ("plur" in its) == plural
            and not RARE & its
            # Of a participle those of its own voice.
            and form.tag.POS == one.tag.POS
            and form.tag.voice == one.tag.voice
        ]
        wanted = {noun.tag.gender} if not plural else set()
        wanted |= {noun.tag.animacy} if case == "accs" else set()
        if one.tag.POS in AGREEING:
            fitting.sort(key=lambda form: -len(wanted & set(form.tag.grammemes)))
        return str(fitting[0].word) if fitting else None

    @functools.lru_cache(maxsize=20_000)  # noqa: B019 - lives as long as the program does
    def _read(self, word: str) -> Any:
        if word.startswith("=") or word in ACRONYMS:
            return None
        if not word.endswith("*"):
            known = [one for one in self._morph.parse(word) if self._morph.word_is_known(word)]
            return next((one for one in known if one.tag.POS in DECLINED), known[0] if known else None)
        stem = word[:-1]
        lemmas: dict[str, Any] = {}
        for form in self._morph.dictionary.words.iterkeys(stem):
            if len(form) <= len(stem) + LONGEST_ENDING:
                for one in self._morph.parse(form):
                    if not RARE & set(one.tag.grammemes):
                        lemmas.setdefault(one.normal_form, one)
        return min(
            lemmas.values(),
            key=lambda one: (
                not self._whole(one, stem),
                one.tag.POS not in DECLINED | VERBAL,
                len(one.normal_form),
                one.tag.POS != "NOUN",
                one.normal_form,
            ),
            default=None,
        )

    @staticmethod
    def _whole(one: Any, stem: str) -> bool:
        """Whether most of a word's forms begin so: that is the word which a beginning means."""
        forms = [str(form.word) for form in one.lexeme]
        return sum(form.startswith(stem) for form in forms) >= WHOLE * len(forms)


class WordList:
    """Another language: which forms share a lemma, from simplemma's list."""

    def __init__(self, lang: str) -> None:
        from simplemma.strategies.dictionaries.dictionary_factory import (  # noqa: PLC0415 - an extra
            DefaultDictionaryFactory,
        )

        lemma_of: Mapping[str, str] = DefaultDictionaryFactory().get_dictionary(lang)
        self._forms: dict[str, set[str]] = defaultdict(set)
        self._beginning: dict[str, set[str]] = defaultdict(set)
        for form, lemma in lemma_of.items():
            if form.isalpha() and lemma.isalpha() and not form.endswith(UNUSUAL.get(lang, ())):
                self._forms[lemma.lower()].add(form.lower())
                self._beginning[fold(lemma)[:BEGINNING]].add(lemma.lower())

    def variants(self, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """The phrase as written, then with each beginning in all forms of its word."""
        plain = tuple(self._plain(word) for word in words)
        yield plain
        for at, word in enumerate(words):
            if word.endswith("*"):
                lemma = self._of_stem(word[:-1])
                for form in sorted(self._forms.get(lemma, ())) if lemma else ():
                    yield (*plain[:at], form, *plain[at + 1 :])

    def _plain(self, word: str) -> str:
        if not word.endswith("*"):
            return word.lstrip("=")
        return self._of_stem(word[:-1]) or word[:-1]

    @functools.lru_cache(maxsize=20_000)  # noqa: B019 - lives as long as the program does
    def _of_stem(self, stem: str) -> str | None:
        """The word that the beginning leaves whole: of those with most forms that begin so, the shortest."""
        folded = fold(stem)
        found = [lemma for lemma in self._beginning.get(folded[:BEGINNING], ()) if self._near(lemma, folded)]
        shares = {lemma: self._share(lemma, folded) for lemma in found}
        meant = [lemma for lemma in found if shares[lemma] >= LEAST]
        return min(meant, key=lambda lemma: (shares[lemma] < WHOLE, len(lemma), lemma), default=None)

    @staticmethod
    def _near(lemma: str, stem: str) -> bool:
        # One letter of the stem may be another in the lemma: pakci-e of pakt, виход-у of вихід.
        return len(lemma) <= len(stem) + LONGEST_ENDING and fold(lemma).startswith(
            stem[: max(BEGINNING, len(stem) - 2)]
        )

    def _share(self, lemma: str, stem: str) -> float:
        forms = self._forms[lemma]
        return sum(fold(form).startswith(stem) for form in forms) / len(forms)
