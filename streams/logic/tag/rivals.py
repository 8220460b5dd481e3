"""Proposals that are hard to tell apart: which gives way to which, unless both are named in one breath. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from streams.logic.knowledge import Knowledge
from streams.logic.tag.counterparts import rivals
from streams.logic.tag.features import CLAUSES, NEEDS_A_CLAUSE
from streams.logic.tag.findings import Finding
from streams.logic.tag.reading import Read
from streams.logic.tag.slots import SHORT

OVER = 2
"""Years after an entry's last in which only its content brings it up."""
NEARLY = 0.1
"""How much less sure an entry may be than a class that means the same."""


def told_apart(
    knowledge: Knowledge, found: Sequence[Finding], sentences: Sequence[Read], day: date | None
) -> list[Finding]:
    """Without those that give way to another that is found as surely; a class to an entry nearly as sure; an entry
    whose story is over, and which nobody names, to any that goes on.

    What is named in the same breath gives way to nothing, and those that differ by whom they are put to are told apart
    already (`counterparts`).
    """
    proposals = knowledge.proposals

    def over(f: Finding) -> bool:
        until = proposals[f.proposal].until
        gone = bool(until) and day is not None and day.year > until + OVER
        return gone and not any(one.names.get(f.proposal) for one in sentences)

    now = [f for f in found if not over(f)]
    left = [f for f in found if f in now or not any(not proposals[e.proposal].other or e.score >= f.score for e in now)]
    scores = {f.proposal: f.score for f in left}
    entries = [f for f in left if not proposals[f.proposal].other]
    plans = [
        e
        for e in entries
        if e.proposal in NEEDS_A_CLAUSE
        and (named_case(e, sentences) or any(one.names.get(e.proposal) for one in sentences))
    ]

    def stands(f: Finding) -> bool:
        its = proposals[f.proposal]
        if f.proposal in CLAUSES and any(set(_places(f)) <= set(_places(e)) for e in plans if e is not f):
            return False  # told as a term of the plan, in no sentence of its own
        if its.other and len(sentences) <= SHORT and any(e.score > f.score for e in entries):
            return False  # a few lines are about one thing
        if its.other and any(e.score > f.score and set(_places(f)) <= set(_places(e)) for e in entries):
            return False  # all that it would rest on is evidence of an entry: it is the same idea
        least = f.score - (NEARLY if its.other else 0.0)
        told = rivals(knowledge, f.proposal)
        return all(
            other in told
            or scores.get(other, 0.0) < least
            or any(_named_beside(one, f.proposal, other) for one in sentences)
            for other in its.yields_to
        )

    return [f for f in left if stands(f)]


def named_case(found: Finding, sentences: Sequence[Read]) -> bool:
    """Whether a text names one case of a plan ("the victory plan"): what else is told there may be a term of it."""
    return found.instance is not None and any(
        case.id == found.instance for one in sentences for case in one.instances.get(found.proposal, ())
    )


def _named_beside(one: Read, proposal: str, other: str) -> bool:
    """Whether a sentence names both, each in words of its own."""
    theirs = one.names.get(other, ())
    return bool(theirs) and any(
        all(hit.last <= its.first or its.last <= hit.first for its in theirs) for hit in one.names.get(proposal, ())
    )


def _places(found: Finding) -> list[tuple[str, int]]:
    return [(one.field, one.start) for one in found.evidence]
