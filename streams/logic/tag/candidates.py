"""Which proposals a document may speak of, in which sentences, and how strongly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.tag.features import Features, of_document, of_sentence, of_whole, weigh
from streams.logic.tag.reading import Read

EVIDENCE = 3
"""Sentences that a mention quotes at most."""

FAR_BELOW = 2.5
"""A sentence is no evidence when its weight falls so far below the best one's."""


class Candidate(NamedTuple):
    """A proposal with the sentences that may speak of it."""

    proposal: Proposal
    on: tuple[Read, ...]
    """In the order of the text."""
    best: Read
    scores: Mapping[int, float]
    """What each sentence weighs, by its number."""
    features: Features
    beside: frozenset[str] = frozenset()
    """Whom those are put to that differ from it by that alone and are told of as well."""


def evidence_of(candidate: Candidate) -> list[Read]:
    """The sentence that shows most, then what shows nearly as much."""
    best, scores = candidate.best, candidate.scores
    least = scores[best.number] - FAR_BELOW
    others = [one for one in candidate.on if one is not best and scores[one.number] >= least]
    return [best, *sorted(others, key=lambda one: (-scores[one.number], one.number))[: EVIDENCE - 1]]


def candidates(knowledge: Knowledge, read: Sequence[Read], day: date | None) -> list[Candidate]:
    """Every proposal that some sentence may speak of; an entry that came later than the text is none."""
    spoken: dict[str, list[Read]] = defaultdict(list)
    for one in read:
        for name in one.proposals():
            if not day or knowledge.proposals[name].since <= day.year:
                spoken[name].append(one)
    weights = knowledge.models["sentence"][""]
    shown = {
        name: {one.number: of_sentence(knowledge.proposals[name], one, read) for one in on}
        for name, on in spoken.items()
    }
    scores = {name: {number: weigh(weights, its) for number, its in own.items()} for name, own in shown.items()}
    whole = of_whole(read) if spoken else {}
    found = []
    for name in sorted(spoken):
        proposal, on, own = knowledge.proposals[name], spoken[name], scores[name]
        best = max(on, key=lambda one: (own[one.number], -one.number))
        features = shown[name][best.number] | whole | of_document(proposal, best, on, read, scores, spoken)
        found.append(Candidate(proposal, tuple(on), best, own, features))
    return found
