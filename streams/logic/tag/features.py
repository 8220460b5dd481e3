"""What speaks for and against a mention: named features of a sentence, and of a document.

A feature is a name with a value, mostly 1. The weights are the knowledge base's (`weights/`); a score is
the logistic function of their weighted sum, so every score can be told term by term.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from streams.logic.knowledge import Proposal
from streams.logic.tag.reading import LEAD, Read, payload

NEAR = 8
"""Words between what names a proposal and what happens to it."""

SHORT = 3
"""Sentences of a flash, the headline counted: it has weights of its own (`weights/flash.yaml`), because
nothing around its one sentence can speak for or against it."""

CONTENT = frozenset(["reject", "withdraw", "suspend", "agree", "ratify", "deny"])
"""Acts that may be what a plan asks for rather than what happens to it."""

NEEDS_A_CLAUSE = frozenset(["PEACE-UA", "ISTANBUL22", "MINSK", "OTHER-TALKS"])
"""Entries that count only where terms of hard security are told with them: peace alone is none."""

CLAUSES = frozenset(["UA-NEUTRAL", "UA-GUARANTEES", "NO-ENLARGE", "NUKE-SHARE", "DEC21-NATO"])
"""Entries whose content is such a term."""

OF_MANY = frozenset(["CFE", "HELSINKI", "OPEN-SKIES", "TEST-BAN", "VIENNA-DOC"])
"""Treaties that many states keep or break: spoken of without the two sides, they are mostly no matter between these."""

UKRAINE_IS_A_SIDE = ("UA-", "PEACE", "ISTANBUL", "MINSK", "BUDA")
"""Entries where Ukraine stands for the West's side: its membership, its guarantees."""

BEST = "best sentence"

NOTHING = -6.0
"""What a sentence weighs that does not speak of a proposal at all."""

Features = dict[str, float]


def west_of(proposal: Proposal) -> set[str]:
    """The sides that face Russia in this proposal."""
    return {"west", "ukraine"} if proposal.id.startswith(UKRAINE_IS_A_SIDE) else {"west"}


def of_sentence(proposal: Proposal, one: Read, read: Sequence[Read]) -> Features:
    """Features of one sentence that may speak of a proposal."""
    names, terms, hints = (group.get(proposal.id, ()) for group in (one.names, one.terms, one.hints))
    found: Features = {f"entry {proposal.id}": 1.0}
    kind = "treaty" if proposal.treaty else "class" if proposal.other else "plan"
    if names:
        found["named"] = 1.0
        found[f"named {kind}"] = 1.0
    if terms:
        found["content"] = 1.0
        found[f"content {kind}"] = 1.0
        found["contents"] = min(len({payload(hit).phrase for hit in terms}), 4) - 1.0
    if hints:
        found["hint"] = 1.0
        found[f"hint {kind}"] = 1.0
        found["hints"] = min(len({payload(hit).phrase for hit in hints}), 5) - 1.0
    if not names and not terms:
        found["hint only"] = 1.0
        found[f"hint only {kind}"] = 1.0
    _acts(found, proposal, one)
    _sides(found, proposal, one, read)
    _place(found, one)
    rivals = {p for p in (*one.names, *one.terms) if p != proposal.id and p not in one.nots}
    if any(p in one.names for p in rivals):
        found["another is named here"] = 1.0
        if not names:
            found["another is named, this is not"] = 1.0
    elif rivals and not names and not terms:
        found["another's content stands here"] = 1.0
    return {name: value for name, value in found.items() if value}


def acts_on(proposal: Proposal, one: Read) -> tuple[set[str], set[str], set[str]]:
    """Acts beside what names a proposal, further off, and those that are part of its content.

    In "Ukraine must renounce NATO" nobody has renounced anything: where a plan's content is told, the ending
    and refusing words inside it are what is asked for.
    """
    hits = one.hits(proposal.id)
    told = [] if proposal.treaty else [*one.terms.get(proposal.id, ()), *one.hints.get(proposal.id, ())]
    near: set[str] = set()
    far: set[str] = set()
    content: set[str] = set()
    for act in one.acts:
        kind = payload(act).id
        if kind in CONTENT and any(hit.first <= act.first and act.last <= hit.last for hit in told):
            content.add(kind)
        elif any(act.first - hit.last <= NEAR and hit.first - act.last <= NEAR for hit in hits):
            near.add(kind)
        else:
            far.add(kind)
    return near, far - near, content - near


def _acts(found: Features, proposal: Proposal, one: Read) -> None:
    near, far, content = acts_on(proposal, one)
    for act in near:
        found[f"act {act}"] = 1.0
    for act in content:
        found[f"content {act}"] = 1.0
    if far:
        found["an act further off"] = 1.0
    if not near:
        found["no act"] = 1.0
        if proposal.treaty:
            found["a treaty without an act"] = 1.0
    found["acts"] = math.log1p(len(near))


def _sides(found: Features, proposal: Proposal, one: Read, read: Sequence[Read]) -> None:
    west = west_of(proposal)
    # "NATO-Russia Council": who stands in a name alone does nothing in the sentence.
    named = one.names.get(proposal.id, ())
    here = {
        who.actor.side
        for who in one.actors
        if not any(hit.first <= who.first and who.last <= hit.last for hit in named)
    }
    around = here | {side for other in read[max(0, one.number - 1) : one.number + 2] for side in other.sides}
    russia, facing = "russia" in here, bool(here & west)
    if russia and facing:
        found["both sides here"] = 1.0
    elif "russia" in around and around & west:
        found["both sides around"] = 1.0
    if not russia and not facing:
        found["no side here"] = 1.0
    if russia:
        found["Russia here"] = 1.0
    if facing:
        found["the West here"] = 1.0
    if "ukraine" in here:
        found["Ukraine here"] = 1.0
    others = sum(who.actor.side == "other" for who in one.actors)
    if proposal.id in OF_MANY:
        which = "both sides here", "both sides around", "Russia here", "no side here"
        found |= {f"a treaty of many, {side}": 1.0 for side in which if side in found} | {"a treaty of many": 1.0}
    if others:
        found["third parties here"] = 1.0
        if not russia:
            found["third parties, no Russia"] = 1.0


def _place(found: Features, one: Read) -> None:
    if one.sentence.field == "title":
        found["in the title"] = 1.0
    elif one.number <= LEAD:
        found["in the lead"] = 1.0
    for cue in ("hypothesis", "routine", "speech", "opinion", "negation", "past", "carry", "rumour", "elsewhere"):
        if one.cues.get(cue):
            found[f"cue {cue}"] = 1.0
    if one.text.rstrip().endswith("?"):
        found["a question"] = 1.0
    long = len(one.sentence.words)
    if long < 8:
        found["a short sentence"] = 1.0
    if long > 45:
        found["a long sentence"] = 1.0


def of_whole(read: Sequence[Read]) -> Features:
    """Features of a document, whichever proposal it speaks of: who is named in it, and its length."""
    # Of the sentences that were read for actors at all: the lead, and what speaks of proposals with its neighbours.
    sides = [one.sides for one in read if one.near]
    russia = sum("russia" in here for here in sides) / len(sides)
    west = sum(bool(here & {"west", "ukraine"}) for here in sides) / len(sides)
    third = sum("other" in here for here in sides) / len(sides)
    found: Features = {}
    found["Russia in the document"] = math.sqrt(russia)
    found["the West in the document"] = math.sqrt(west)
    found["third parties in the document"] = math.sqrt(third)
    if not russia:
        found["Russia is never named"] = 1.0
    if not west:
        found["the West is never named"] = 1.0
    found["length"] = math.log(max(len(read), 1)) / 4
    return {name: value for name, value in found.items() if value}


def of_document(
    proposal: Proposal,
    best: Read,
    on: Sequence[Read],
    read: Sequence[Read],
    scores: Mapping[str, Mapping[int, float]],
    others: Mapping[str, Sequence[Read]],
) -> Features:
    """Features of a proposal in a document, beside those of its best sentence and of the whole; `scores` are those of
    all proposals' sentences by number."""
    found: Features = {}
    ordered = sorted((scores[proposal.id][one.number] for one in on), reverse=True)
    found[BEST] = ordered[0]
    found["second sentence"] = max(ordered[1], -4.0) + 4.0 if len(ordered) > 1 else 0.0
    found["sentences"] = math.log1p(len(on) - 1)
    found["named often"] = math.log1p(sum(bool(one.names.get(proposal.id)) for one in on))
    found["content often"] = math.log1p(sum(bool(one.terms.get(proposal.id)) for one in on))
    if any(one.sentence.field == "title" for one in on):
        found["the title speaks of it"] = 1.0
    if any(one.number <= LEAD for one in on):
        found["the lead speaks of it"] = 1.0
    rest = {p: o for p, o in others.items() if p != proposal.id}
    found["others named"] = math.log1p(sum(any(o.names.get(p) for o in on_) for p, on_ in rest.items()))
    found["others' content"] = math.log1p(sum(any(o.terms.get(p) for o in on_) for p, on_ in rest.items()))
    if proposal.id in NEEDS_A_CLAUSE:
        said = any(_has_clause(one) for one in read[max(0, best.number - 2) : best.number + 3])
        found["a plan with a security clause" if said else "a plan without a security clause"] = 1.0
    kind = "a class" if proposal.other else "an entry"
    here = max((its.get(best.number, NOTHING) for p, its in scores.items() if p in rest), default=NOTHING)
    anywhere = max((max(its.values()) for p, its in scores.items() if p in rest), default=NOTHING)
    found[f"{kind} with a rival in its sentence"] = max(here, NOTHING) - NOTHING
    found[f"{kind} behind its rival"] = max(here - ordered[0], 0.0)
    found[f"{kind} with a rival in the document"] = max(anywhere, NOTHING) - NOTHING
    found[f"{kind} behind another of the document"] = max(anywhere - ordered[0], 0.0)
    return {name: value for name, value in found.items() if value}


def _has_clause(one: Read) -> bool:
    return any(who.actor.code == "NATO" for who in one.actors) or bool(one.proposals() & CLAUSES)


def weigh(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The weighted sum; a feature without a weight says nothing. The order of the features makes no difference."""
    return math.fsum([weights.get("start", 0.0), *[weights.get(name, 0.0) * value for name, value in features.items()]])


def model_of(read: Sequence[Read]) -> str:
    """Which weights judge a document."""
    return "flash" if len(read) <= SHORT else "document"


def logistic(logit: float) -> float:
    """The score that a weighted sum stands for, between 0 and 1."""
    if logit < -700:
        return 0.0
    return 1 / (1 + math.exp(-logit))
