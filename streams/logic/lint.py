"""Checks a knowledge base: it compiles, no phrase stands for two things, and its own tests pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from streams.logic.knowledge import KnowledgeFault, Proposal, compile_knowledge
from streams.logic.tag import Tagger
from streams.logic.yamltext import line_of

_SHORT = re.compile(r"^[A-ZА-Я]{2,4}$")


def lint(files: Mapping[str, str]) -> Iterator[str]:
    """Problems as `path:line: what`; none when all is well."""
    try:
        knowledge = compile_knowledge(files)
    except KnowledgeFault as fault:
        yield str(fault)
        return
    owners: dict[str, str] = {}
    for proposal in knowledge.proposals.values():
        line = line_of(files[proposal.path], "names")
        for phrase in dict.fromkeys((*proposal.names, *proposal.terms)):
            other = owners.setdefault(phrase, proposal.id)
            if other != proposal.id:
                yield f"{proposal.path}:{line}: {phrase!r} names {other} too"
            if _SHORT.match(phrase):
                yield f"{proposal.path}:{line}: the short {phrase!r} needs a word beside it"
        yield from _tests(Tagger(knowledge), proposal, files[proposal.path])


def _tests(tagger: Tagger, proposal: Proposal, text: str) -> Iterator[str]:
    if not proposal.hits or not proposal.misses:
        yield f"{proposal.path}:1: an entry carries its own tests: hits and misses"
    for sentence in proposal.hits:
        found = [f.proposal for f in tagger.tag("", sentence).findings]
        if proposal.id not in found:
            yield f"{proposal.path}:{line_of(text, 'hits')}: does not find itself in {sentence!r} (found {found})"
    for sentence in proposal.misses:
        if proposal.id in [f.proposal for f in tagger.tag("", sentence).findings]:
            yield f"{proposal.path}:{line_of(text, 'misses')}: finds itself in {sentence!r}"
