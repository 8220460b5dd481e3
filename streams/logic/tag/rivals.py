"""Proposals that are hard to tell apart: which gives way to which, unless both are named in one breath. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set

from streams.logic.knowledge import Knowledge
from streams.logic.tag.findings import Finding
from streams.logic.tag.leading import BRIEF
from streams.logic.tag.reading import Read

NEARLY = 0.1
"""How much less sure an entry may be than a class that means the same."""


def told_apart(knowledge: Knowledge, found: Sequence[Finding], sentences: Sequence[Read]) -> list[Finding]:
    """Without those that give way to another that is found as surely; a class to an entry nearly as sure.

    What is named in the same breath gives way to nothing: "a draft treaty with the United States and a draft
    agreement with NATO".
    """
    proposals, scores = knowledge.proposals, {f.proposal: f.score for f in found}
    entries = [f for f in found if not proposals[f.proposal].other]
    named_with = {f.proposal: any(_with_whom(knowledge, one, f.proposal) for one in sentences) for f in found}

    def stands(f: Finding) -> bool:
        its = proposals[f.proposal]
        if its.other and len(sentences) <= BRIEF and any(e.score > f.score for e in entries):
            return False  # a few lines are about one thing
        if its.other and any(e.score > f.score and set(_places(f)) <= set(_places(e)) for e in entries):
            return False  # all that it would rest on is evidence of an entry: it is the same idea
        least = f.score - (NEARLY if its.other else 0.0)
        rivals = [other for other in _rivals(knowledge, f.proposal) if other in scores]
        if rivals and named_with[f.proposal] != any(named_with[other] for other in rivals):
            return named_with[f.proposal]
        return all(
            scores.get(other, 0.0) < least or any(_beside(knowledge, one, f.proposal, other) for one in sentences)
            for other in its.yields_to
        )

    return [f for f in found if stands(f)]


def paired(knowledge: Knowledge, proposal: str, sure: Set[str], sentences: Sequence[Read]) -> bool:
    """Whether a sentence names a proposal beside a rival that is surely spoken of: "one with the United States and
    one with NATO"."""
    return any(
        other in sure and _beside(knowledge, one, proposal, other)
        for other in _rivals(knowledge, proposal)
        for one in sentences
    )


def _rivals(knowledge: Knowledge, proposal: str) -> list[str]:
    """The entries that are hard to tell from this one, each from the other."""
    proposals = knowledge.proposals
    return [
        other
        for other in proposals[proposal].yields_to
        if other in proposals and proposal in proposals[other].yields_to
    ]


def _beside(knowledge: Knowledge, one: Read, proposal: str, other: str) -> bool:
    """Whether a sentence names both, each in words of its own; of rivals, with whom each is."""
    if other not in _rivals(knowledge, proposal):
        return _named_beside(one, proposal, other)
    return _with_whom(knowledge, one, proposal) and _with_whom(knowledge, one, other)


def _with_whom(knowledge: Knowledge, one: Read, proposal: str) -> bool:
    party = next(iter(knowledge.proposals[proposal].addressee), None)
    return any(
        who.actor.code == party and hit.first <= who.first and who.last <= hit.last
        for hit in one.names.get(proposal, ())
        for who in one.actors
    )


def _named_beside(one: Read, proposal: str, other: str) -> bool:
    """Whether a sentence names both, each in words of its own."""
    theirs = one.names.get(other, ())
    return bool(theirs) and any(
        all(hit.last <= its.first or its.last <= hit.first for its in theirs) for hit in one.names.get(proposal, ())
    )


def _places(found: Finding) -> list[tuple[str, int]]:
    return [(one.field, one.start) for one in found.evidence]
