"""What a mention says beside its proposal: status, role, voice and time, each a choice by named features.

A slot's model (`weights/<slot>.yaml`) holds a weight for each pair of answer and feature; the answer with
the greatest sum wins, the first in the order of the contract when two are equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, get_args

from streams.contracts.records import Role, Status, Time, Voice
from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.tag.dates import years
from streams.logic.tag.features import Features, of_sentence, weigh
from streams.logic.tag.reading import Read, payload

ANSWERS: dict[str, tuple[str, ...]] = {
    "status": get_args(Status),
    "role": get_args(Role),
    "voice": get_args(Voice),
    "time": get_args(Time),
}

_QUOTED = re.compile(r"[\"“”„«»‟]")
_EXCHANGE = re.compile(r"^\s*(?:Q\b|A\b|Вопрос|Ответ|Frage|Question|MR\.|MS\.|[A-Z][A-Z .]{6,}:)")


class Manner(NamedTuple):
    """How a whole document speaks: shares of its sentences."""

    said: float
    quoted: float
    argued: float
    own: float
    exchange: float
    asked: float
    total: int
    last_year: int | None


def manner(read: Sequence[Read], day: date | None) -> Manner:
    """The manner of a document; `last_year` is its own year: of publication, else the latest it names."""
    total = max(len(read), 1)
    named = [year for one in read for year in years(one.text)]

    def share(count: int) -> float:
        return count / total

    return Manner(
        said=share(sum(bool(one.cues.get("speech")) for one in read)),
        quoted=share(sum(bool(_QUOTED.search(one.text)) for one in read)),
        argued=share(sum(bool(one.cues.get("opinion")) for one in read)),
        own=share(sum(bool(one.cues.get("own")) for one in read)),
        exchange=share(sum(bool(_EXCHANGE.match(one.text)) for one in read)),
        asked=share(sum(one.text.rstrip().endswith("?") for one in read)),
        total=total,
        last_year=day.year if day else max(named, default=None),
    )


class Place(NamedTuple):
    """Where a proposal stands among those of its document."""

    rank: int
    candidates: int
    score: float


def features(
    proposal: Proposal, best: Read, on: Sequence[Read], read: Sequence[Read], how: Manner, place: Place
) -> dict[str, Features]:
    """For each slot the features that its model weighs."""
    sentence = of_sentence(proposal, best, read)
    document: Features = {
        "said": how.said,
        "quoted": how.quoted,
        "argued": how.argued,
        "own words": how.own,
        "exchange": min(how.exchange * 4, 1.0),
        "asked": how.asked,
        "length": math.log(how.total) / 4,
        "quotes here": float(bool(_QUOTED.search(best.text))),
        "own words here": float(bool(best.cues.get("own"))),
        "said around": float(
            any(other.cues.get("speech") for other in read[max(0, best.number - 1) : best.number + 2])
        ),
        "mostly own words": float(how.own > 0.3),
        "mostly said": float(how.said > 0.4),
        "short piece": float(how.total < 12),
        "undated": float(how.last_year is None),
    }
    return {
        "status": sentence | _elsewhere(proposal, best, on),
        "role": _prominence(best, on, how, place) | {f"entry {proposal.id}": 1.0},
        "voice": sentence | document,
        "time": sentence | _years(best, how),
    }


def _elsewhere(proposal: Proposal, best: Read, on: Sequence[Read]) -> Features:
    found: Features = {}
    for one in on:
        if one is not best:
            for act in one.acts:
                found[f"elsewhere {payload(act).id}"] = 1.0
    for act in best.acts:
        found[f"sentence {payload(act).id}"] = 1.0
        if any(0 <= act.first - cue.last <= 3 for cue in best.cues.get("negation", ())):
            found[f"not {payload(act).id}"] = 1.0
    by = {who.actor.code for who in best.actors if who.first <= 3}
    if "RU" in by:
        found["Russia first"] = 1.0
    if by & {"US", "NATO", "EU"}:
        found["the West first"] = 1.0
    del proposal
    return found


def _prominence(best: Read, on: Sequence[Read], how: Manner, place: Place) -> Features:
    count = len(on)
    return {
        "in the title": float(any(one.sentence.field == "title" for one in on)),
        "in the lead": float(any(one.number <= 3 for one in on)),
        "best in the lead": float(best.number <= 3),
        "sentences": math.log1p(count - 1),
        "share": math.sqrt(count / how.total),
        "alone": float(place.candidates == 1),
        "first of several": float(place.rank == 0 and place.candidates > 1),
        "rank": math.log1p(place.rank),
        "score": place.score,
        "length": math.log(how.total) / 4,
        "how far in": best.number / how.total,
        "short piece": float(how.total < 12),
    }


def _years(best: Read, how: Manner) -> Features:
    named = years(best.text)
    found: Features = {}
    if named and how.last_year is not None:
        ago = how.last_year - max(named)
        found["this year named"] = float(ago <= 1)
        found["some years ago"] = float(2 <= ago <= 5)
        found["many years ago"] = float(ago > 5)
    if any(who.actor.code == "USSR" for who in best.actors):
        found["the Soviet Union here"] = 1.0
        if how.last_year is not None and how.last_year > 1993:
            found["the Soviet Union after its end"] = 1.0
    if how.last_year is not None and how.last_year < 1993:
        found["before 1993"] = 1.0
    return found


def choose(knowledge: Knowledge, slot: str, found: Mapping[str, float]) -> str:
    """The answer with the greatest weight."""
    model = knowledge.models[slot]
    return max(ANSWERS[slot], key=lambda answer: weigh(model[answer], found) if answer in model else -math.inf)
