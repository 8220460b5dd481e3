"""Checks a knowledge base beyond that it compiles: what would mislead, miss itself, or was never shown to work."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Iterator, Mapping

from streams.logic import inflection, yamltext
from streams.logic.compile import compile_knowledge
from streams.logic.inflection import Forms
from streams.logic.knowledge import Knowledge, KnowledgeFault, Payload, Proposal
from streams.logic.phrases import Phrases
from streams.logic.strangers import strangers
from streams.logic.tag import Tagger
from streams.logic.tag.explain import missing
from streams.logic.tag.text import sentences
from streams.logic.tag.wishes import EXPERT
from streams.logic.words import WORD, fold

LANGUAGES = ("en", "ru", "uk", "de", "fr")
"""Every entry speaks these, by phrases of its own or by concepts (`all`)."""

SHORT = 4
"""An acronym of so few letters needs a miss that shows it in other company."""

PLOVER = ("AGREE", "CONSULT", "SUPPORT", "COOPERATE", "AID", "YIELD", "REQUEST", "ACCUSE", "REJECT", "THREATEN",
          "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT", "null")  # fmt: skip
"""Event types of PLOVER; `null` where it has none (statements)."""

_CAMEO = re.compile(r"[0-9]{2,4}")
_ONE = re.compile(r"\w+\*?")
_ACRONYM = re.compile(r"=?[A-ZА-ЯЁІЇЄҐ]{2,}$")


def lint(
    files: Mapping[str, str],
    forms: Forms | None = None,
    own: Container[str] | None = None,
    everyday: Mapping[str, Mapping[str, int]] | None = None,
) -> Iterator[str]:
    """Problems as `path:line: what`; none when all is well.

    With `forms`, the forms of words in several languages, each name of the files `own` (of all, when left out) is
    looked for in every inflected form too. With `everyday`, the common words of each language, the beginnings of words
    that they hold are looked at too.
    """
    left, shared = dict(files), False
    while True:
        try:
            knowledge = compile_knowledge(left)
            break
        except KnowledgeFault as fault:
            yield str(fault)
            # The rest of the files is checked without this one, so that one run tells all there is to mend.
            path = str(fault).partition(":")[0]
            shared |= not path.startswith("proposals/")
            if left.pop(path, None) is None:
                return
    if shared:
        return  # what all entries lean on is broken: what they then miss is not theirs
    yield from _parties(knowledge, left)
    yield from _codes(left)
    yield from _doubled(knowledge, left)
    yield from _formulas(knowledge, left)
    if everyday:
        yield from strangers({path: text for path, text in left.items() if own is None or path in own}, everyday)
    tagger = Tagger(knowledge)
    for proposal in knowledge.proposals.values():
        text = left[proposal.path]
        yield from _acronyms(proposal, text)
        yield from _own(knowledge, proposal, text)
        yield from _languages(proposal, text)
        yield from _tests(knowledge, tagger, proposal, text)
        if forms and (own is None or proposal.path in own):
            for phrase, lost in inflection.missed(knowledge, proposal, text, forms):
                more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
                yield f"{_at(proposal, text, phrase)}: {phrase!r} does not find {proposal.id} as {lost[0]!r}{more}"


def _parties(knowledge: Knowledge, files: Mapping[str, str]) -> Iterator[str]:
    """Proposers, addressees and neighbours that no entry knows: a typo would be a rule that never fires."""
    known = knowledge.actors | {EXPERT}
    for proposal in knowledge.proposals.values():
        text = files[proposal.path]
        for key, codes in (("proposer", proposal.proposer), ("addressee", proposal.addressee)):
            for code in codes:
                if code not in known:
                    where = f"{proposal.path}:{yamltext.line_of(text, key)}"
                    yield f"{where}: {key} {code!r} is no actor's id{_near(code, known)}"
        for other in proposal.yields_to:
            if other not in knowledge.proposals:
                where = f"{proposal.path}:{yamltext.line_of(text, 'yields_to')}"
                yield f"{where}: yields_to {other!r} is no entry{_near(other, knowledge.proposals)}"


def _near(given: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(given, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _codes(files: Mapping[str, str]) -> Iterator[str]:
    """Acts without the codes by which event data are compared."""
    for path in sorted(files):
        if path.startswith("acts/"):
            given = yamltext.parse(path, files[path], KnowledgeFault)
            if not _CAMEO.fullmatch(given.get("cameo", "")):
                where = f"{path}:{yamltext.line_of(files[path], 'cameo')}"
                yield f"{where}: an act has its CAMEO code, of two to four digits; not {given.get('cameo')!r}"
            if given.get("plover") not in PLOVER:
                where = f"{path}:{yamltext.line_of(files[path], 'plover')}"
                yield f"{where}: plover {given.get('plover')!r} is not one of {', '.join(PLOVER)}"


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
            # As it is compared: two that differ by case, an accent or a star only are one.
            other = owners.setdefault(" ".join(map(fold, phrase.replace("*", "").split())), proposal.id)
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
        bare = name.lstrip("=")
        if _ACRONYM.match(name):
            if not name.startswith("="):
                yield f"{_at(proposal, text, name)}: {name!r} would be any word of these letters; write '={bare}'"
            elif len(bare) <= SHORT and not any(bare in miss for miss in proposal.misses):
                yield f"{_at(proposal, text, name)}: the short {bare!r} needs a miss that shows it in other company"
        elif name == bare and len(name.rstrip("*")) <= SHORT and _ONE.fullmatch(name):
            yield f"{_at(proposal, text, name)}: {name!r} is too short to stand alone; name what stands beside it"


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
    spoken: set[str] = set()
    for key in ("names", "terms"):
        group = given.get(key)
        if isinstance(group, dict):
            spoken |= set(group)
            # A phrase of concepts alone says it in every language that they are told in.
            if any(all(part.startswith(("<", "~", "..")) for part in p.split()) for p in group.get("all", [])):
                spoken |= set(LANGUAGES)
    missing = [lang for lang in LANGUAGES if lang not in spoken]
    if missing:
        yield f"{proposal.path}:{_line(text, 'names', 'terms')}: no phrase in {', '.join(missing)}"
    for key in ("hits", "misses"):
        shown = given.get(key)
        missing = [lang for lang in LANGUAGES if not shown.get(lang)] if isinstance(shown, dict) else []
        if missing:
            yield f"{proposal.path}:{yamltext.line_of(text, key)}: {key} show nothing in {', '.join(missing)}"


def _line(text: str, *keys: str) -> int:
    """Of the first of the keys that stands there."""
    return next((line for key in keys if (line := yamltext.line_of(text, key)) > 1), 1)


def _tests(knowledge: Knowledge, tagger: Tagger, proposal: Proposal, text: str) -> Iterator[str]:
    if not proposal.hits or not proposal.misses:
        yield f"{proposal.path}:1: an entry carries its own tests: hits and misses"
    for sentence in proposal.hits:
        tagged = tagger.tag("", sentence)
        found = [f.proposal for f in tagged.findings]
        if proposal.id not in found:
            why = f"found {found}" if tagged.gated else f"left at the gate: {missing(knowledge.gate, sentence)}"
            hint = "" if tagged.gated else "; an entry says in `gate` which parts of words let a text through"
            yield f"{_at(proposal, text, sentence)}: does not find itself in {sentence!r} ({why}{hint})"
    for sentence in proposal.misses:
        if proposal.id in [f.proposal for f in tagger.tag("", sentence).findings]:
            yield f"{_at(proposal, text, sentence)}: finds itself in {sentence!r}"
