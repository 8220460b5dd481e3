"""Checks a knowledge base beyond that it compiles: what would mislead, miss itself, or was never shown to work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from streams.logic import yamltext
from streams.logic.knowledge import Knowledge, KnowledgeFault, Payload, Proposal, compile_knowledge
from streams.logic.phrases import Phrases
from streams.logic.tag import Tagger
from streams.logic.tag.text import sentences
from streams.logic.words import WORD

LANGUAGES = ("en", "ru", "uk", "de", "fr")
"""Every entry speaks these, by phrases of its own or by concepts (`all`)."""

SHORT = 4
"""An acronym of so few letters needs a miss that shows it in other company."""

_ACRONYM = re.compile(r"=?[A-ZА-ЯЁІЇЄҐ]{2,}$")


def lint(files: Mapping[str, str]) -> Iterator[str]:
    """Problems as `path:line: what`; none when all is well."""
    try:
        knowledge = compile_knowledge(files)
    except KnowledgeFault as fault:
        yield str(fault)
        return
    yield from _doubled(knowledge, files)
    yield from _formulas(knowledge, files)
    tagger = Tagger(knowledge)
    for proposal in knowledge.proposals.values():
        text = files[proposal.path]
        yield from _acronyms(proposal, text)
        yield from _own(knowledge, proposal, text)
        yield from _languages(proposal, text)
        yield from _tests(tagger, proposal, text)


def _formulas(knowledge: Knowledge, files: Mapping[str, str]) -> Iterator[str]:
    """Formulas that no test shows, or whose test fails."""
    for entry in sorted(knowledge.said.values(), key=lambda one: one.path):
        path, text = entry.path, files[entry.path]
        if not entry.hits or not entry.misses:
            yield f"{path}:1: a formula carries hits and misses"
        for wanted, examples in ((True, entry.hits), (False, entry.misses)):
            for example in examples:
                words = [word for s in sentences("text", example) for word in s.words]
                hits = {h.payload.id for h in knowledge.formulas.find(words) if isinstance(h.payload, Payload)}
                if (entry.id in hits) != wanted:
                    line = next((n for n, row in enumerate(text.splitlines(), 1) if example in row), 1)
                    yield f"{path}:{line}: {'a hit is missed' if wanted else 'a miss is hit'}: {example}"


def _at(proposal: Proposal, text: str, phrase: str) -> str:
    """`path:line` of a phrase."""
    quoted = re.search(rf"""(?<![^\s\["',]){re.escape(phrase)}(?![^\s\]"',])""", text)
    line = text[: quoted.start()].count("\n") + 1 if quoted else 1
    return f"{proposal.path}:{line}"


def _doubled(knowledge: Knowledge, files: Mapping[str, str]) -> Iterator[str]:
    """The same phrase, or a name inside another's name, for two entries that nothing tells apart."""
    owners: dict[str, str] = {}
    for proposal in knowledge.proposals.values():
        for phrase in dict.fromkeys((*proposal.names, *proposal.terms)):
            other = owners.setdefault(phrase, proposal.id)
            if other != proposal.id:
                yield f"{_at(proposal, files[proposal.path], phrase)}: {phrase!r} stands for {other} too"
    names = Phrases([(name, p.id) for p in knowledge.proposals.values() for name in p.names], knowledge.concepts)
    for proposal in knowledge.proposals.values():
        for name in dict.fromkeys(proposal.names):
            words = WORD.findall(_sample(name, knowledge.concepts))
            for other in sorted({str(hit.payload) for hit in names.find(words)} - {proposal.id}):
                if other not in proposal.yields_to and proposal.id not in knowledge.proposals[other].yields_to:
                    where = _at(proposal, files[proposal.path], name)
                    yield f"{where}: {name!r} holds a name of {other}; say which gives way (yields_to)"


def _acronyms(proposal: Proposal, text: str) -> Iterator[str]:
    for name in dict.fromkeys(proposal.names):
        if not _ACRONYM.match(name):
            continue
        bare = name.lstrip("=")
        if not name.startswith("="):
            yield f"{_at(proposal, text, name)}: {name!r} would be any word of these letters; write '={bare}'"
        elif len(bare) <= SHORT and not any(bare in miss for miss in proposal.misses):
            yield f"{_at(proposal, text, name)}: the short {bare!r} needs a miss that shows it in other company"


def _sample(phrase: str, concepts: Mapping[str, tuple[str, ...]]) -> str:
    """A text that a phrase should be found in: its first ways, its gaps left out."""
    parts = []
    for part in phrase.split():
        if part.startswith((".", "~")):
            continue
        choice = part.split("|")[0]
        way = concepts[choice[1:-1]][0] if choice.startswith("<") else choice
        parts.append(" ".join(w.split("|")[0] for w in way.split() if not w.startswith("..")).replace("*", ""))
    return " ".join(parts).replace("=", "")


def _own(knowledge: Knowledge, proposal: Proposal, text: str) -> Iterator[str]:
    for phrase in dict.fromkeys((*proposal.names, *proposal.terms, *proposal.hints)):
        hits = knowledge.phrases.find(WORD.findall(_sample(phrase, knowledge.concepts)))
        if not any(isinstance(hit.payload, Payload) and hit.payload.id == proposal.id for hit in hits):
            yield f"{_at(proposal, text, phrase)}: {phrase!r} does not find {proposal.id} in its own words"


def _languages(proposal: Proposal, text: str) -> Iterator[str]:
    given = yamltext.parse(proposal.path, text, KnowledgeFault)
    groups = [given[key] for key in ("names", "terms", "hints") if isinstance(given.get(key), dict)]
    spoken = {lang for group in groups for lang in group}
    missing = [lang for lang in LANGUAGES if lang not in spoken] if "all" not in spoken else []
    if missing:
        yield f"{proposal.path}:{yamltext.line_of(text, 'names')}: no phrase in {', '.join(missing)}"


def _tests(tagger: Tagger, proposal: Proposal, text: str) -> Iterator[str]:
    if not proposal.hits or not proposal.misses:
        yield f"{proposal.path}:1: an entry carries its own tests: hits and misses"
    for sentence in proposal.hits:
        found = [f.proposal for f in tagger.tag("", sentence).findings]
        if proposal.id not in found:
            yield f"{_at(proposal, text, sentence)}: does not find itself in {sentence!r} (found {found})"
    for sentence in proposal.misses:
        if proposal.id in [f.proposal for f in tagger.tag("", sentence).findings]:
            yield f"{_at(proposal, text, sentence)}: finds itself in {sentence!r}"
