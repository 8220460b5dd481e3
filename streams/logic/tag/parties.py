"""Whose proposal it is and whom it is put to: each actor of the text is weighed by named features."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.tag import roles
from streams.logic.tag.features import Features, logistic, weigh
from streams.logic.tag.reading import Read, payload

EXPERT = "expert/think-tank"
"""The author or an expert as proposer: a candidate of every mention."""

WEST = "other:the West"
"""Named as such; its alliance stands for it where an addressee is asked for."""

ALSO = 0.55
"""A second proposer or addressee needs this score."""

_PROPOSING = frozenset(["propose", "demand", "table", "promise"])
_ENDING = frozenset(["withdraw", "suspend"])
_ANSWERING = frozenset(["reject", "welcome", "counter", "concern", "support"])


def by(one: Read) -> list[int]:
    """Where an agent of a passive is announced."""
    return [hit.first for hit in one.cues.get("passive_by", ())]


def owners_here(proposal: Proposal, one: Read) -> list[str]:
    """Whose the sentence says the proposal is."""
    for hit in one.hits(proposal.id):
        found = roles.owners(one.sentence.words, one.actors, hit.first, hit.last)
        if found:
            return roles.codes(found)
    return []


def features(proposal: Proposal, best: Read, on: Sequence[Read], read: Sequence[Read]) -> dict[str, Features]:
    """For each actor that could be a party, what speaks for it."""
    found: dict[str, Features] = {}

    def note(code: str, name: str, value: float = 1.0) -> None:
        found.setdefault(code, {})[name] = value

    kind = "treaty" if proposal.treaty else "class" if proposal.other else "plan"
    for group, codes in (("proposer", proposal.proposer), ("addressee", proposal.addressee)):
        for place, code in enumerate(codes):
            note(code, f"usual {group}")
            note(code, f"usual {group} of a {kind}")
            if place == 0:
                note(code, f"first usual {group}")
    for code in owners_here(proposal, best):
        note(code, "owns it")
    for one in on:
        if one is not best:
            for code in owners_here(proposal, one):
                note(code, "owns it elsewhere")
    subjects: dict[str, set[str]] = {}
    for act in best.acts:
        act_id = payload(act).id
        group = (
            "propose" if act_id in _PROPOSING else "end" if act_id in _ENDING
            else "answer" if act_id in _ANSWERING else act_id
        )  # fmt: skip
        for code in roles.codes(roles.subject(best.sentence.words, best.actors, act.first, by(best), act.last)):
            subjects.setdefault(code, set()).add(group)
            note(code, f"does {group}")
        for code in roles.codes(roles.told(best.sentence.words, best.actors, act.first)):
            note(code, f"is told: {group}")
    for place, who in enumerate(best.actors):
        note(who.actor.code, "here")
        if place == 0:
            note(who.actor.code, "first here")
        if who.actor.person:
            note(who.actor.code, "by a person")
    for one in read[max(0, best.number - 1) : best.number]:
        for who in one.actors:
            note(who.actor.code, "just before")
    total = sum(len(one.actors) for one in read) or 1
    for one in read:
        for who in one.actors:
            code = who.actor.code
            found.setdefault(code, {})
            found[code]["share"] = found[code].get("share", 0.0) + 1 / total
    sides = {"russia" if code in ("RU", "USSR") else "west" for code in subjects}
    for code, its in found.items():
        if code in ("RU", "USSR"):
            its["is Russia"] = 1.0
            its[f"is Russia in {proposal.id}"] = 1.0
        elif code in ("US", "NATO", "EU", "OSCE"):
            its[f"is {code}"] = 1.0
            its[f"is {code} in a {kind}"] = 1.0
        elif code == "UA":
            its["is Ukraine"] = 1.0
        else:
            its["is another"] = 1.0
        if "here" in its:
            its["alone here"] = float(len({w.actor.code for w in best.actors}) == 1)
        its["share"] = math.sqrt(its.get("share", 0.0))
    found[EXPERT] = {
        "is the author": 1.0,
        f"is the author of a {kind}": 1.0,
        "the author argues": float(bool(best.cues.get("opinion"))),
        "the author, nobody acts": float(not subjects),
        "the author, somebody owns it": float(any("owns it" in its for its in found.values())),
        "the author, it is said": float(bool(best.cues.get("speech"))),
        "the author, argued": math.sqrt(sum(bool(o.cues.get("opinion")) for o in read) / max(len(read), 1)),
        "the author, said": math.sqrt(sum(bool(o.cues.get("speech")) for o in read) / max(len(read), 1)),
        "the author, both act": float(len(sides) > 1),
    }
    return found


def choose(knowledge: Knowledge, proposal: Proposal, found: Mapping[str, Features]) -> tuple[list[str], list[str]]:
    """Proposer and addressee. Nobody is both, unless the text makes two sides do it together."""
    model = knowledge.models
    proposing = {code: weigh(model["proposer"][""], its) for code, its in found.items()}
    proposer = _best(proposing)
    telling = {
        code: weigh(model["addressee"][""], its | after(code, proposer))
        for code, its in found.items()
        if code != EXPERT
    }
    addressee = _best({code: logit for code, logit in telling.items() if code not in proposer})
    del proposal
    return proposer, ["NATO" if code == WEST else code for code in addressee]


def after(code: str, proposer: Sequence[str]) -> Features:
    """What the choice of a proposer says of an addressee."""
    side = {"russia" if c in ("RU", "USSR") else EXPERT if c == EXPERT else "west" for c in proposer}
    own = "russia" if code in ("RU", "USSR") else "west"
    return {
        "the proposer's side": float(own in side),
        "the other side": float(own not in side and EXPERT not in side),
        "Russia, the West proposing": float(own == "russia" and "west" in side),
        "Russia, the author proposing": float(own == "russia" and EXPERT in side),
    }


def _best(logits: Mapping[str, float]) -> list[str]:
    if not logits:
        return []
    ordered = sorted(logits, key=lambda code: (-logits[code], code))
    return [ordered[0], *(code for code in ordered[1:3] if logistic(logits[code]) >= ALSO)]
