"""Why a mention scores as it does: the terms of its sum, and what in the text each is about. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from streams.contracts.records import Reason
from streams.logic.knowledge import Knowledge
from streams.logic.tag.candidates import Candidate
from streams.logic.tag.features import BEST
from streams.logic.tag.reading import Read, payload

SMALL = 0.05
"""Terms of a score that weigh less are told together."""


def terms(knowledge: Knowledge, one: Candidate, model: str) -> list[tuple[str, float]]:
    """What adds up to a candidate's score: the start, then each feature's part, those that weigh little as one."""
    models = knowledge.models
    weights, of_sentence = models[model][""], models["sentence"][""]
    # The best sentence's own sum is told by its parts.
    share = weights.get(BEST, 0.0)
    parts = {
        name: weights.get(name, 0.0) * value + share * of_sentence.get(name, 0.0) * value
        for name, value in one.features.items()
        if name != BEST
    }
    found = [("start", weights.get("start", 0.0) + share * of_sentence.get("start", 0.0))]
    rest = 0.0
    for name, weight in sorted(parts.items(), key=lambda pair: (-abs(pair[1]), pair[0])):
        if abs(weight) < SMALL:
            rest += weight
        else:
            found.append((name, weight))
    if rest:
        found.append(("the rest", rest))
    return found


SAID = {"start": "no mention until shown", "the rest": "features that weigh little each"}


def why(found: Sequence[tuple[str, float]], one: Candidate) -> list[Reason]:
    """The terms as reasons, each with the words it is about."""
    return [Reason(feature=name, weight=weight, text=SAID.get(name) or _shown(name, one)) for name, weight in found]


def _shown(name: str, one: Candidate) -> str:
    """A feature in words: what in the text it is about, where one can point at it."""
    best, proposal = one.best, one.proposal.id
    if name in ("named", "content", "hint"):
        return quote(best, proposal)
    if name.startswith("act "):
        for act in best.acts:
            if payload(act).id == name[4:]:
                return _words_of(best, act.first, act.last)
    return name


def quote(read_: Read, proposal: str) -> str:
    """The words by which a sentence names a proposal, else its id."""
    hits = read_.hits(proposal)
    return _words_of(read_, hits[0].first, hits[0].last) if hits else proposal


def _words_of(read_: Read, first: int, last: int) -> str:
    """The text from word `first` to before word `last`."""
    places = read_.sentence.places
    return read_.text[places[first][0] : places[last - 1][1]]
