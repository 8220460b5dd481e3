"""How the other side answers an offer, in the sentences after the one that makes it. Pure.

"Putin proposed a moratorium. ... NATO said the offer was not credible": the state that counts is the latest, and
what is answered further on is "the offer", "his idea", "it".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.phrases import Hit
from streams.logic.tag.acts import told
from streams.logic.tag.datelines import dateline
from streams.logic.tag.doers import set_against, who_does
from streams.logic.tag.events import is_a_question
from streams.logic.tag.features import acts_on
from streams.logic.tag.leading import is_background
from streams.logic.tag.reading import Read, payload, word_at
from streams.logic.tag.speakers import who_speaks
from streams.logic.tag.standing import Standing, standing
from streams.logic.tag.who import codes

OPEN = frozenset(["floated", "tabled"])
"""States of an offer that nobody has answered."""
BRINGS = {"reject": "rejected", "welcome": "welcomed", "support": "welcomed", "discuss": "discussing"}
"""The state that each answer leaves an offer in."""
FOLLOWS = 4
"""Sentences after an offer in which it is answered, while no other proposal is named."""
OBJECT = 7
"""Words between an answer and the offer that it is given to."""


def answered(
    knowledge: Knowledge,
    proposal: Proposal,
    best: Read,
    on: Sequence[Read],
    read: Sequence[Read],
    proposer: Sequence[str],
    day: date | None,
) -> str | None:
    """The state in which the last answer of another side leaves an offer; nothing where none is told."""
    sides = {who.actor.code: who.actor.side for one in read for who in one.actors}
    own = {sides[code] for code in proposer if code in sides}
    if not own:
        return None
    state = None
    for one in _further_on(proposal, best, on, read):
        if is_a_question(one) or is_background(one, day):
            continue
        for act, kind, _ in told(one, knowledge):
            if (
                kind not in BRINGS
                or standing(one, act) is not Standing.TOLD
                or not _to_it(proposal, best, one, act, kind)
            ):
                continue
            who = _who_answers(one, act, read)
            if who and not set(who) & set(proposer) and not {sides.get(code) for code in who} & own:
                state = BRINGS[kind]
                break
    return state


def _further_on(proposal: Proposal, best: Read, on: Sequence[Read], read: Sequence[Read]) -> list[Read]:
    """The offer's sentence, those right after it and the later ones on the same proposal, in order."""
    near = {one.number: one for one in on if one.number >= best.number}
    for one in read[best.number : best.number + FOLLOWS + 1]:
        if one not in on and any(other != proposal.id for other in (*one.names, *one.terms)):
            break
        near[one.number] = one
    return [near[number] for number in sorted(near)]


def _to_it(proposal: Proposal, best: Read, one: Read, act: Hit, kind: str) -> bool:
    """Whether an act answers the offer of the `best` sentence."""
    if _of_the_offer(one, act) or (one.number == best.number + 1 and _VERDICT.match(payload(act).phrase)):
        return True
    return kind == "reject" and one is not best and payload(act).id in acts_on(proposal, one)[0]


def _of_the_offer(one: Read, act: Hit) -> bool:
    """Whether an answer is given to what was spoken of before: "rejected the offer", "called it an ultimatum"."""
    for at in range(act.first - OBJECT, act.last + OBJECT):
        if _OFFER.fullmatch(word_at(one, at)) and any(
            _DETERMINES.fullmatch(word_at(one, before)) for before in (at - 1, at - 2)
        ):
            return True
    return any(word_at(one, at) in _IT for at in range(act.first, act.last + 1))


def _who_answers(one: Read, act: Hit, read: Sequence[Read]) -> list[str]:
    """Who answers: in a clause on the offer, "a demand the allies have refused", whoever stands between."""
    for at in range(act.first - 1, act.first - OBJECT, -1):
        if _OFFER.fullmatch(word_at(one, at)):
            if between := [who for who in one.actors if at < who.first and who.last <= act.first]:
                return codes(between[:1])
            break
    people = [who for who in one.actors if who.last < act.first and who.actor.person]
    if people and word_at(one, act.first - 1) in _HE:
        return codes(people[-1:])
    start = dateline(one)
    doers = [who for who in one.actors if who.first >= start and not set_against(one, who)]
    return who_speaks(one, act, read) or codes(who_does(one, doers, act))


_OFFER = re.compile(
    r"offers?|proposals?|ideas?|initiatives?|demands?|plans?|suggestions?|terms|moves?|letter|drafts?|request|package"
    r"|conditions|overture|предложени\w+|инициатив\w+|иде[яиюей]|план\w{0,2}|требовани\w+|пропозиці\w+|ініціатив\w+|вимог\w*"
    r"|vorschlag\w*|vorschlage\w*|angebote?s?|forderung(?:en)?|idee|initiative|vorstoß|entwurf\w*"
    r"|propositions?|offre|exigences?|demande|projet|propuestas?|ofertas?|iniciativas?|exigencias?|condiciones|borradore?s?"
    r"|propostas?|ideias?|condicoes|projetos?|propozycj\w+|ofert\w+|inicjatyw\w+|pomysł\w*|zadani\w+|warunk\w+|projekt\w*"
)
_DETERMINES = re.compile(
    r"the|this|that|these|those|such|its|his|her|their|a|an|s|\w+ian|soviet|[а-яіїєґ]+"
    r"|der|die|das|den|dem|diese[mnrs]?|seine?[mnrs]?|ihre?[mnrs]?|russische[nrs]?"
    r"|le|la|les|l|cette|ces|ses|sa|son|leurs?|du|el|los|las|esta|estas|sus?|del|o|os|as|sua|seu|suas|seus"
    r"|te|tej|tego|jego|jej|ich|rosyjsk\w+|radzieck\w+|amerykansk\w+"
)
_HE = frozenset(["he", "she", "er", "il", "elle", "ella", "ele", "ela", "он", "она", "він", "вона"])
_IT = frozenset(["it", "them", "его", "ее", "их", "його", "її"])
_VERDICT = re.compile(
    r"not on |not \.\.\d (?:credible|serious)|not made|non ?starter|out of the question|unaccept|not acceptable"
    r"|inakzept|unannehm|kommt nicht|nicht hinnehm|inaccept|hors de|inacept|inadmis|fuera de|no negoci|inaceit|inegoci"
    r"|fora de|nie do przyj|niedopuszcz|nie ma mowy"
)
"""How phrases begin that judge what was just said, whatever it is called."""
