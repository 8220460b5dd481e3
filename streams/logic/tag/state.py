"""In which state a proposal is when the text is written: what its sentences tell, and what history tells of that year.

Each sign points at a state: a verb that refuses at `rejected`, the entry's own course (`course` in the knowledge base)
at the state that it had reached in the text's year. How much a sign is worth does not hang on the state that it points
at, so few examples teach it (`weights/status.yaml` under `each`); beside it every state has weights of its own, for
what points nowhere: the entry, the kind of piece, cues.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, get_args

from streams.contracts.records import Status
from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.tag.acts import told
from streams.logic.tag.dates import years
from streams.logic.tag.features import Features, acts_on, weigh
from streams.logic.tag.negation import not_done
from streams.logic.tag.reading import Read, payload
from streams.logic.tag.standing import Standing, is_a_term, standing

STATES: tuple[str, ...] = get_args(Status)

EACH = "each"
"""The model's line of what a sign is worth to the state that it points at, whichever that is."""

TOLD = f"news {Standing.TOLD.name.lower()}"
"""The sign of the state that the best sentence's news brings about."""

ADVANCE = (
    "floated", "revived", "discussing", "welcomed", "countered",
    "tabled", "agreed", "in_force", "rejected", "suspended",
)  # fmt: skip
"""Which of several states said of a proposal is mostly the latest."""

CUES = ("ought", "future", "unreal", "hypothesis", "speech", "opinion", "own", "past", "negation")

LATELY = 2
"""Years back to where a proposal's state is still remembered as the former one."""


class Signs(NamedTuple):
    """What speaks for the states of one mention."""

    pointing: Mapping[str, Features]
    """Signs that point at a state, by that state."""
    general: Features
    """What each state has weights of its own for."""


def signs(
    knowledge: Knowledge,
    proposal: Proposal,
    best: Read,
    on: Sequence[Read],
    read: Sequence[Read],
    day: date | None,
    piece: Features,
) -> Signs:
    """The signs of a proposal's state on the text's `day`; `piece` is its genre. Without a day history is silent."""
    pointing: dict[str, Features] = {}

    def point(status: str | None, sign: str) -> None:
        if status:
            pointing.setdefault(status, {})[sign] = 1.0

    for status, sign in (
        *_of_history(proposal, best, day.year if day else None),
        *_of_the_sentence(knowledge, proposal, best),
        *_of_the_others(knowledge, proposal, best, on, read),
    ):
        point(status, sign)
    return Signs(pointing, _general(proposal, best, piece))


def choose(knowledge: Knowledge, found: Signs) -> str:
    """The state with the greatest weight, the first in the order of the contract when two are equal.

    That a proposal is at its end is said: where the best sentence tells something else, nothing but words that point
    there makes it `suspended`.
    """
    model = knowledge.models["status"]
    other = any(TOLD in its for its in found.pointing.values()) and not found.pointing.get("suspended")
    likely = [status for status in STATES if not (other and status == "suspended")]
    return max(likely, key=lambda status: _weight(model, found, status))


def _weight(model: Mapping[str, Mapping[str, float]], found: Signs, status: str) -> float:
    if status not in model:
        return -math.inf
    pointing = found.pointing.get(status, {})
    worth = model.get(EACH, {})
    return weigh(model[status], found.general) + math.fsum(worth.get(sign, 0.0) * v for sign, v in pointing.items())


def _of_history(proposal: Proposal, best: Read, year: int | None) -> Iterable[tuple[str | None, str]]:
    stands = proposal.stood(year) if year else None
    yield stands or proposal.status, "stands"
    if stands is None:
        yield proposal.status, "stands by default"
    if year is None:
        return
    before = proposal.stood(year - LATELY)
    if before != stands:
        yield stands, "turned"
        yield before, "stood before"
    named = [one for one in years(best.text) if one <= year]
    if named and max(named) < year - 1:
        yield proposal.stood(max(named)), "stood then"


def _of_the_sentence(knowledge: Knowledge, proposal: Proposal, best: Read) -> Iterable[tuple[str | None, str]]:
    near, _, _ = acts_on(proposal, best)
    acts = [one for one in told(best, knowledge) if not is_a_term(best, one.act, proposal)]
    said = {status for act, _, status in acts if status and payload(act).id in near}
    yield from ((one, "says") for one in said)
    if len(said) == 1:
        yield min(said), "says only"
    if said:
        yield max(said, key=ADVANCE.index), "says last"
    for place in not_done(best):
        yield knowledge.acts.get(payload(best.acts[place]).id), "denied"
    for order, (act, _, status) in enumerate(acts):
        how = standing(best, act).name.lower().replace("_", " ")
        sign = f"{'also' if order else 'news'} {how}"
        yield status, sign
        if payload(act).id in near:
            yield status, f"near {sign}"


def _of_the_others(
    knowledge: Knowledge, proposal: Proposal, best: Read, on: Sequence[Read], read: Sequence[Read]
) -> Iterable[tuple[str | None, str]]:
    for one in on:
        if one is best:
            continue
        near, _, _ = acts_on(proposal, one)
        taken_back = {payload(one.acts[place]).id for place in not_done(one)}
        for act in near - taken_back:
            yield knowledge.acts.get(act), "elsewhere near"
        yield _news(knowledge, proposal, one), "elsewhere news"
    for one in read[best.number + 1 : best.number + 2]:
        yield _news(knowledge, proposal, one), "next news"
        if one.cues.get("carry"):
            yield _news(knowledge, proposal, one), "next carries"
    for one in read[max(0, best.number - 1) : best.number]:
        yield _news(knowledge, proposal, one), "news before"
    for one in read:
        if one.sentence.field == "title" and one is not best:
            yield _news(knowledge, proposal, one), "headline news"


def _news(knowledge: Knowledge, proposal: Proposal, one: Read) -> str | None:
    """The state that a sentence's news brings about."""
    return next((act.status for act in told(one, knowledge) if not is_a_term(one, act.act, proposal)), None)


def _general(proposal: Proposal, best: Read, piece: Features) -> Features:
    kind = "treaty" if proposal.treaty else "class" if proposal.other else "plan"
    found = {f"entry {proposal.id}": 1.0, f"a {kind}": 1.0, **piece}
    found |= {f"cue {cue}": 1.0 for cue in CUES if best.cues.get(cue)}
    if not acts_on(proposal, best)[0]:
        found["no act"] = 1.0
    return found
