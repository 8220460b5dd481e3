"""Proposals that differ by whom they are put to: which of them a text means. Pure.

Of two drafts, one for the United States and one for NATO, most sentences name neither by its title: that the American
envoy talks of "the security guarantees", or that Brussels answers, says which. Such entries yield to each other in the
knowledge base (`yields_to`), and the first addressee of each is its counterpart. A sentence that tells of one of them
is booked under those whose counterpart the text tells of; where it tells of none, under the entry whose words it uses.

Where a text tells of several counterparts, the entry that is put to them all stands for all, unless the text speaks of
the others' drafts as such: "a draft treaty with the United States".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.candidates import Candidate
from streams.logic.tag.particles import AND
from streams.logic.tag.reading import Read, by, payload
from streams.logic.tag.telling import REPLIES
from streams.logic.tag.who import Who
from streams.logic.words import fold

Part = tuple[str, float]


class Scored(NamedTuple):
    """A candidate with its sum and the parts of it."""

    logit: float
    parts: list[Part]
    one: Candidate


BETWEEN = 3
"""Words that may stand between two counterparts named together: "the United States and its NATO allies"."""

ALLIES = frozenset(
    ["allies", "союзники", "союзникам", "союзниками", "союзников", "verbundete", "verbundeten", "союзників", "aliados"]
)
"""Who stands beside one counterpart for the alliance that is the other: "the United States and its allies"."""


def rivals(knowledge: Knowledge, proposal: str) -> list[str]:
    """The entries that are hard to tell from this one, each from the other."""
    proposals = knowledge.proposals
    return [
        other
        for other in proposals[proposal].yields_to
        if other in proposals and proposal in proposals[other].yields_to
    ]


def put_to(knowledge: Knowledge, proposal: str) -> frozenset[str]:
    """Whom the entries of a family are put to: none of them has proposed one of it. Nothing for an entry of none."""
    others = rivals(knowledge, proposal)
    family = (proposal, *others) if others else ()
    return frozenset(code for name in family for code in knowledge.proposals[name].addressee[:1])


def booked(knowledge: Knowledge, found: Sequence[Scored]) -> list[Scored]:
    """The candidates, those of a family of rivals under the entries that are meant, the surest first."""
    rest = list(found)
    told: list[Scored] = []
    for scored in found:
        family = {scored.one.proposal.id, *rivals(knowledge, scored.one.proposal.id)}
        if len(family) > 1 and scored in rest:
            own = [one for one in rest if one.one.proposal.id in family]
            rest = [one for one in rest if one not in own]
            told += _told(knowledge, sorted(family), own)
    return sorted([*rest, *told], key=lambda one: (-one.logit, one.one.proposal.id)) if told else rest


def _told(knowledge: Knowledge, family: Sequence[str], own: list[Scored]) -> list[Scored]:
    """A family's candidates as they are meant: each with the sentences about it and those that leave it open."""
    party = {name: next(iter(knowledge.proposals[name].addressee), "") for name in family}
    on = {one.number: one for scored in own for one in scored.one.on}
    with_whom = {number: _counterparts(party, one) for number, one in on.items()}
    meant = _meant(with_whom, on)
    named = {name for number in on for name in with_whom[number] if _named(on[number], name, party[name])}
    if not meant | named:
        meant = {own[0].one.proposal.id}
    scores: dict[int, float] = {}
    for scored in own:
        for number, value in scored.one.scores.items():
            scores[number] = max(value, scores.get(number, value))
    surest = max(own, key=lambda one: one.logit)
    if whole := _for_all(knowledge, meant | named, on, with_whom):
        meant, named = {whole}, set()
        with_whom = {number: {whole} for number in on}
    found = []
    for name in family:
        candidate = next((one for one in own if one.one.proposal.id == name), None)
        if name in meant:
            base = surest
        elif name in named and candidate is not None:
            base = candidate
        else:
            continue
        its = [one for number, one in sorted(on.items()) if not with_whom[number] or name in with_whom[number]]
        if not its:
            continue
        for one in its:
            _hand_over(one, family, name)
        best = max(its, key=lambda one: (scores[one.number], -one.number))
        meaning = base.one._replace(proposal=knowledge.proposals[name], on=tuple(its), best=best, scores=scores)
        found.append(Scored(base.logit, base.parts, meaning))
    told = frozenset(party[scored.one.proposal.id] for scored in found)
    return [scored._replace(one=scored.one._replace(beside=told - {party[scored.one.proposal.id]})) for scored in found]


def its_own(one: Candidate, codes: Sequence[str]) -> list[str]:
    """Of some actors those whose matter it is, not another draft's: of "the replies of the United States and NATO" each
    is an answer to one of two."""
    if not one.beside or not set(codes) - one.beside:
        return list(codes)
    return [code for code in codes if code not in one.beside]


def _meant(with_whom: Mapping[int, set[str]], on: Mapping[int, Read]) -> set[str]:
    """Which are meant: those of the headline with those of the first sentence that tells with whom."""
    title = {name for number, names in with_whom.items() if on[number].sentence.field == "title" for name in names}
    text = (names for number, names in sorted(with_whom.items()) if on[number].sentence.field != "title")
    return title | next((names for names in text if names), set())


def _for_all(
    knowledge: Knowledge, told: Collection[str], on: Mapping[int, Read], with_whom: Mapping[int, set[str]]
) -> str | None:
    """Of several entries the one that is put to whom the others are put to as well, where no draft of these is spoken
    of as such: "the replies of the United States and NATO" are answers to one demand."""
    put = {name: knowledge.proposals[name].addressee for name in told}
    whole = next((name for name in put if all(set(put[name]) >= set(put[other]) for other in put)), None)
    if whole is None or len(put) < 2 or any(_each_has_its_own(one) for n, one in on.items() if len(with_whom[n]) > 1):
        return None
    apart = any(
        not any(word.startswith(REPLIES) for word in one.sentence.folded[hit.first : hit.last])
        for one in on.values()
        for name, (code, *_) in put.items()
        if name != whole
        for hit in _named(one, name, code)
    )
    return None if apart else whole


def _each_has_its_own(one: Read) -> bool:
    """Whether a sentence hands several over: "will hand the United States and NATO its draft agreements"."""
    acts = {payload(act).id for act in one.acts}
    drafts = any(_DRAFTS.fullmatch(word) for word in one.sentence.folded) or _DRAFT_TREATIES.search(one.text)
    return bool(drafts and acts & HANDED_OVER and not acts & ANSWERS)


HANDED_OVER = frozenset(["table", "promise"])
ANSWERS = frozenset(["reject", "counter", "welcome", "support", "concern", "agree"])
"""Told beside, it is the news, and what was handed over looked back on."""
_DRAFTS = re.compile(
    r"drafts|проект(?:ы|ов|ами)|проєкт(?:и|ів|ами)|\w*entwurfen?|projets|proyectos|borradores|projekt(?:y|ow|ami)"
    r"|projetos|minutas"
)
"""As words are compared; of a German one the singular has no "e"."""
_DRAFT_TREATIES = re.compile(r"\bdraft (?:\w+ )?(?:treaties|agreements|pacts|accords|documents|texts)\b", re.IGNORECASE)


def _counterparts(party: Mapping[str, str], one: Read) -> set[str]:
    """With whom a sentence tells of it, by entry; nothing where that stays open."""
    of = {code: name for name, code in party.items()}
    present = [who for who in one.actors if who.actor.code in of and _in_its_clause(one, who, party)]
    codes = {who.actor.code for who in present}
    if not codes:
        return set()
    if len(codes) == 1:
        (code,) = codes
        return {of[code]} if not _with_allies(one, present) else set()  # whichever it is
    if any(_together(one, a, b) for a, b in pairwise(present)):
        return set(party)
    named = {name for name, code in party.items() if _named(one, name, code)}
    if len(named) > 1:
        return named
    doing = {who.actor.code for who in _doing(one)} & codes
    if len(doing) == 1:
        (code,) = doing
        return {of[code]}
    return named or {of[code] for code in doing}


def _in_its_clause(one: Read, who: Who, family: Collection[str]) -> bool:
    """Whether no semicolon parts an actor from all that a sentence says of a family: "Blinken left Geneva; Putin spoke
    of guarantees"."""
    spans = one.sentence.places

    def parted(hit: Hit) -> bool:
        first, last = min(who.last, hit.last), max(who.first, hit.first)
        if first > last:  # one within the other
            first, last = hit.first + 1, hit.last - 1
        return ";" in one.text[spans[first - 1][1] : spans[last][0]]

    return not all(parted(hit) for name in family for hit in one.hits(name))


def _with_allies(one: Read, present: Sequence[Who]) -> bool:
    """Whether a counterpart stands there with its allies: "the United States and its allies"."""
    words = one.sentence.words
    return any(
        {fold(word) for word in words[who.last : who.last + BETWEEN]} & ALLIES
        and not {fold(word) for word in words[who.last : who.last + BETWEEN]}.isdisjoint(AND)
        for who in present
    )


def _together(one: Read, a: Who, b: Who) -> bool:
    """Whether two counterparts are joined: "the replies of the United States and NATO"."""
    between = [fold(word) for word in one.sentence.words[a.last : b.first]]
    return a.actor.code != b.actor.code and len(between) <= BETWEEN and (not between or between[0] in AND)


def _named(one: Read, name: str, code: str) -> list[Hit]:
    """Where a sentence names an entry by whom it is with: "a draft treaty with the United States"."""
    return [
        hit
        for hit in one.names.get(name, ())
        if any(who.actor.code == code and hit.first <= who.first and who.last <= hit.last for who in one.actors)
    ]


def _doing(one: Read) -> list[Who]:
    """Who acts in a sentence, with whom, and to whom."""
    words, actors = one.sentence.words, one.actors
    found: list[Who] = []
    for act in one.acts:
        found += roles.subject(words, actors, act.first, by(one), act.last)
        found += roles.partner(words, actors, act.first, act.last)
        found += roles.told(words, actors, act.first)
    return found


def _hand_over(one: Read, family: Sequence[str], name: str) -> None:
    """What names any of a family in a sentence, booked under the one that is meant there as well."""
    one.names = _with(one.names, family, name)
    one.terms = _with(one.terms, family, name)
    one.hints = _with(one.hints, family, name)


def _with(hits: Mapping[str, list[Hit]], family: Sequence[str], name: str) -> Mapping[str, list[Hit]]:
    if name in hits:
        return hits
    theirs = [hit for other in family for hit in hits.get(other, ())]
    return {**hits, name: theirs} if theirs else hits
