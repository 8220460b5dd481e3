"""Whether the names of an entry are found in every form that its language gives them.

The tagger matches beginnings of words, not lemmas (docs/decisions/0002-tagging.md). What that misses shows where
a lexicon says the forms: `Договор` has `договору`, `Vertrag` has `Verträge`, `договір` has `договору`. Lexica are
for those who write entries; nothing here runs while texts are tagged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from streams.logic import yamltext
from streams.logic.knowledge import Knowledge, KnowledgeFault, Payload, Proposal
from streams.logic.phrases import Phrases
from streams.logic.words import WORD


class Forms(Protocol):
    """A lexicon."""

    languages: frozenset[str]

    def variants(self, lang: str, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """A phrase's words (`договор*` is a beginning, `=INF` a fixed word) in each form it has in a text."""


class Looked(NamedTuple):
    """A form of a phrase, and whether it is found."""

    lang: str
    phrase: str
    form: str
    found: bool


def of_entry(knowledge: Knowledge, proposal: Proposal, text: str, forms: Forms) -> Iterator[Looked]:
    """Every form of the names and gap patterns that `text`, the entry's file, gives by language."""
    given = yamltext.parse(proposal.path, text, KnowledgeFault)

    def found(words: Sequence[str]) -> bool:
        hits = knowledge.phrases.find(words)
        return any(
            isinstance(h.payload, Payload) and h.payload.id == proposal.id and h.payload.kind != "not" for h in hits
        )

    groups = [given.get("names"), given.get("terms")]
    groups += [{"": one.get("names")} for one in (given.get("instances") or {}).values()]
    for group in groups:
        yield from _looked(group, forms, found)


def of_concepts(knowledge: Knowledge, text: str, path: str, forms: Forms) -> Iterator[tuple[str, Looked]]:
    """Every form of the ways of each concept of a file, with the concept's name."""
    given = yamltext.parse(path, text, KnowledgeFault)
    alone = Phrases([(f"<{name}>", name) for name in given], knowledge.concepts)
    for name, group in given.items():

        def found(words: Sequence[str], name: str = name) -> bool:
            return any(hit.payload == name for hit in alone.find(words))

        for looked in _looked(group, forms, found):
            yield name, looked


def missed(knowledge: Knowledge, proposal: Proposal, text: str, forms: Forms) -> Iterator[tuple[str, list[str]]]:
    """Phrases of an entry with those of their forms that do not find it."""
    lost: dict[str, list[str]] = {}
    for looked in of_entry(knowledge, proposal, text, forms):
        if not looked.found:
            lost.setdefault(looked.phrase, []).append(looked.form)
    yield from lost.items()


def _looked(group: Any, forms: Forms, found: Callable[[Sequence[str]], bool]) -> Iterator[Looked]:
    """Phrases by language; what names no language cannot be inflected."""
    if not isinstance(group, Mapping):
        return
    for lang in sorted(forms.languages & group.keys()):
        for phrase in group[lang]:
            seen: set[tuple[str, ...]] = set()
            for words in _choices(phrase):
                for form in forms.variants(lang, words):
                    if form not in seen:
                        seen.add(form)
                        shown = " ".join(form)
                        yield Looked(lang, phrase, shown, found(WORD.findall(shown)))


def _choices(phrase: str) -> Iterable[tuple[str, ...]]:
    """A phrase's words without its gaps, once for each alternative; none when it holds concepts or is a window."""
    if "<" in phrase or phrase.startswith("~"):
        return []
    parts = [part.split("|") for part in phrase.split() if not part.startswith("..")]
    first = tuple(choices[0] for choices in parts)
    found = [first]
    for at, choices in enumerate(parts):
        found += [(*first[:at], other, *first[at + 1 :]) for other in choices[1:]]
    return found
