"""Whose proposal it is and whom it is put to: each actor of the text is weighed by named features."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set

from streams.contracts.records import Reason
from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.features import Features, logistic, weigh
from streams.logic.tag.negation import not_done
from streams.logic.tag.particles import BY, PROPOSAL_NOUNS, TO, TREATIES
from streams.logic.tag.reading import Read, by, payload
from streams.logic.tag.speakers import is_ours, said_by, we_do
from streams.logic.tag.standing import Standing, standing
from streams.logic.tag.who import Who, codes
from streams.logic.tag.wishes import EXPERT, by_another, only_wished, ought_to, who_says_so, wished_by, wished_of

WEST = "other:the West"
"""Named as such; its alliance stands for it where an addressee is asked for."""

ALSO = 0.8
"""A second proposer or addressee needs this score."""

GROUPS = (
    dict.fromkeys(("propose", "demand", "table", "promise"), "propose")
    | dict.fromkeys(("withdraw", "suspend"), "end")
    | dict.fromkeys(("reject", "welcome", "counter", "concern", "support"), "answer")
)
"""Acts that say the same of who is who; the rest stand for themselves."""


def owners_here(proposal: Proposal, one: Read) -> list[str]:
    """Whose the sentence says the proposal is."""
    ought = ought_to(one)
    for hit in one.hits(proposal.id):
        found = [who for who in roles.owners(one.sentence.words, one.actors, hit.first, hit.last) if who not in ought]
        if found:
            return codes(found)
    return []


def is_somebodys(proposal: Proposal, one: Read) -> bool:
    """Whether a sentence calls the proposal somebody's, by a noun for it: "Russia's proposal", "the plan of France"."""
    words, owners = one.sentence.folded, owners_here(proposal, one)
    verbs = {at for act in one.acts if standing(one, act) is Standing.TOLD for at in range(act.first, act.last)}
    nouns = [at for at, word in enumerate(words) if at not in verbs and word.startswith(_NOUNS)] if owners else []
    theirs = [who for who in one.actors if who.actor.code in owners and words[max(0, who.first - 1)] not in TO]
    return any(
        0 <= at - who.last <= OWNED or (0 < who.first - at <= OWNED and not BY.isdisjoint(words[at + 1 : who.first]))
        for who in theirs
        for at in nouns
    )


OWNED = 3
"""Words between whose a proposal is and the noun for it: "the Russian draft", "the plan put forward by Paris"."""
_NOUNS = (*PROPOSAL_NOUNS, *TREATIES)


def features(
    proposal: Proposal, best: Read, on: Sequence[Read], read: Sequence[Read], piece: Features
) -> dict[str, Features]:
    """For each actor that could be a party, what speaks for it; `piece` is the document's genre."""
    found: dict[str, Features] = defaultdict(dict)
    kind = "treaty" if proposal.treaty else "class" if proposal.other else "plan"
    _usual(found, proposal, kind)
    for code in owners_here(proposal, best):
        found[code]["owns it"] = 1.0
    for one in on:
        for code in owners_here(proposal, one) if one is not best else ():
            found[code]["owns it elsewhere"] = 1.0
    doing = _doing(found, best)
    _standing(found, best, read)
    for code, its in found.items():
        _what_it_is(its, code, proposal, kind)
        if "here" in its:
            its["alone here"] = float(len({w.actor.code for w in best.actors}) == 1)
    owned = any("owns it" in its for its in found.values())
    found[EXPERT] = _author(best, read, piece, kind, doing) | {"the author, somebody owns it": float(owned)}
    return found


def _usual(found: dict[str, Features], proposal: Proposal, kind: str) -> None:
    for group, usual in (("proposer", proposal.proposer), ("addressee", proposal.addressee)):
        for place, code in enumerate(usual):
            found[code][f"usual {group}"] = 1.0
            found[code][f"usual {group} of a {kind}"] = 1.0
            if place == 0:
                found[code][f"first usual {group}"] = 1.0


def _doing(found: dict[str, Features], best: Read) -> dict[str, set[str]]:
    """Who does what in the sentence: actor -> kinds of act."""
    subjects: dict[str, set[str]] = {}
    for act in best.acts:
        group = GROUPS.get(payload(act).id, payload(act).id)
        for code in codes(_who_does(best, act)):
            subjects.setdefault(code, set()).add(group)
            found[code][f"does {group}"] = 1.0
        for code in codes(roles.told(best.sentence.words, best.actors, act.first)):
            found[code][f"is told: {group}"] = 1.0
    return subjects


def _who_does(best: Read, act: Hit) -> list[Who]:
    if wished_of(best, act):
        return who_says_so(best, best.actors, act)
    if only_wished(best, act):
        return []
    return roles.subject(best.sentence.words, best.actors, act.first, by(best), act.last)


def _standing(found: dict[str, Features], best: Read, read: Sequence[Read]) -> None:
    for place, who in enumerate(best.actors):
        its = found[who.actor.code]
        its["here"] = 1.0
        if place == 0:
            its["first here"] = 1.0
        if who.actor.person:
            its["by a person"] = 1.0
    for one in read[max(0, best.number - 1) : best.number]:
        for who in one.actors:
            found[who.actor.code]["just before"] = 1.0
    counts = Counter(who.actor.code for one in read for who in one.actors)
    total = sum(counts.values()) or 1
    for code in {*found, *counts}:
        found[code]["share"] = math.sqrt(counts[code] / total)


def _what_it_is(its: Features, code: str, proposal: Proposal, kind: str) -> None:
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


def _author(best: Read, read: Sequence[Read], piece: Features, kind: str, doing: Mapping[str, set[str]]) -> Features:
    argued = piece.get("reads like opinion", 0.0)
    ought = bool(best.cues.get("ought"))
    near = read[max(0, best.number - 1) : best.number + 2]
    total = max(len(read), 1)
    sides = {"russia" if code in ("RU", "USSR") else "west" for code in doing}
    acts = {payload(act).id for act in best.acts}
    return {
        "is the author": 1.0,
        f"is the author of a {kind}": 1.0,
        "the author, in an opinion piece": argued,
        "the author, prescribing": float(ought),
        "the author, prescribing in an opinion piece": argued * ought,
        "the author, prescribing around": float(any(other.cues.get("ought") for other in near)),
        "the author, ending": float(any("end" in group for group in doing.values())),
        "the author, agreed": float(bool(acts & {"agree", "ratify"})),
        "the author, a question": float(best.text.rstrip().endswith("?")),
        "the author argues": float(bool(best.cues.get("opinion"))),
        "the author, nobody acts": float(not doing),
        "the author, it is said": float(bool(best.cues.get("speech"))),
        "the author, argued": math.sqrt(sum(bool(o.cues.get("opinion")) for o in read) / total),
        "the author, said": math.sqrt(sum(bool(o.cues.get("speech")) for o in read) / total),
        "the author, both act": float(len(sides) > 1),
    }


def is_the_authors(proposal: Proposal, best: Read, found: Mapping[str, Features]) -> bool:
    """Whether an argued piece puts the idea forward itself: "my proposal is", or it prescribes what nobody else is said
    to propose or to own."""
    if _MINE.search(best.text):
        return True
    if by_another(best):
        return False
    others = [its for code, its in found.items() if code != EXPERT]
    owned = is_somebodys(proposal, best) if ought_to(best) else any("owns it" in its for its in others)
    return bool(found[EXPERT]["the author, prescribing"]) and not owned and not any("does propose" in o for o in others)


def whose_wish(
    proposal: Proposal,
    best: Read,
    read: Sequence[Read],
    found: Mapping[str, Features],
    never: Set[str],
    *,
    argued: bool,
) -> list[str]:
    """Who puts forward himself what nobody else is said to have proposed: the author, where a piece is `argued`, or who
    is quoted with what somebody ought to do, or with what "we proposed"."""
    if argued and is_the_authors(proposal, best, found):
        return [EXPERT]
    wished = wished_by(best, read) or _offered_by(best, read)
    return [] if is_somebodys(proposal, best) or not never.isdisjoint(wished) else wished


def _offered_by(best: Read, read: Sequence[Read]) -> list[str]:
    """Whose side says that it has proposed it: "we proposed", "our initiative"."""
    taken_back = not_done(best)
    for place, act in enumerate(best.acts):
        told = standing(best, act) is Standing.TOLD or is_ours(best, act)
        if payload(act).id in OFFERS and told and place not in taken_back and we_do(best, act):
            return said_by(best, read)
    return []


OFFERS = frozenset(["propose", "table", "demand"])


_MINE = re.compile(
    r"(?<![\"“„«])\b(?:my (?:own )?(?:proposal|suggestion)|i (?:would |therefore |also )?(?:propose|suggest)"
    r"|мо[её] предложение|я (?:бы )?предлагаю|я бы предложил|моя пропозиція|я пропоную|mein vorschlag|ich schlage"
    r"|je propose|ma proposition|propongo|mi propuesta|proponho|(?:a )?minha proposta|proponuję|moja propozycja)\b",
    re.IGNORECASE,
)
"""How an author announces what he proposes himself, outside quotation marks."""


def choose(
    knowledge: Knowledge, found: Mapping[str, Features], never: Set[str] = frozenset(), own: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Proposer and addressee. Nobody is both, unless the text makes two sides do it together; `never` a proposer is
    whom the knowledge base has it put to for good, and always whose `own` it is."""
    model = knowledge.models
    proposing = {code: weigh(model["proposer"][""], its) for code, its in found.items() if code not in never}
    proposer = list(own) or _best(proposing)
    telling = {
        code: weigh(model["addressee"][""], its | after(code, proposer))
        for code, its in found.items()
        if code != EXPERT
    }
    addressee = _best({code: logit for code, logit in telling.items() if code not in proposer})
    return proposer, ["NATO" if code == WEST else code for code in addressee]


SAID = frozenset(["here", "just before", "owns it", "owns it elsewhere"])


def inferred(found: Mapping[str, Features], chosen: Mapping[str, Sequence[str]]) -> list[Reason]:
    """A remark for each party that the sentences do not name: it is taken from the entry, as a rule of it."""
    return [
        Reason(feature=f"{group} inferred", weight=0.0, text=f"{code}: as a rule of this proposal; not said here")
        for group, codes in chosen.items()
        for code in codes
        if f"usual {group}" in (its := found.get(code, {})) and not SAID & {n for n, value in its.items() if value}
    ]


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
