"""The acts that a sentence tells, without those that it only asks for, proposes or speaks about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.negation import not_done
from streams.logic.tag.pending import only_possible, waited_for
from streams.logic.tag.reading import Read, payload
from streams.logic.tag.standing import Standing, is_a_paper, is_a_reply, standing
from streams.logic.tag.telling import becomes, in_order
from streams.logic.words import fold


def is_a_charge(act: Hit) -> bool:
    """Whether an act only charges somebody with a breach: a treaty is not suspended by being broken."""
    return payload(act).id == "suspend" and bool(_BREACH.match(payload(act).phrase))


_BREACH = re.compile(
    r"violat|breach|betray|infring|non comp|not comply|undermin|наруш|попр|не выполн|поруш|verletz|verstoß|verstöß"
    r"|gebroch|bruch|brach|viol|enfrein|incumpl|narusz|łama|złama"
)


class Told(NamedTuple):
    """An act of a sentence."""

    act: Hit
    kind: str
    """What it comes to: a support that is refused is a refusal."""
    status: str | None
    """The state that it puts a proposal in."""


def told(knowledge: Knowledge, one: Read) -> Iterator[Told]:
    """The acts that a sentence tells, its news first, without those that are only asked for or spoken about."""
    taken_back = not_done(one)
    named = {place for place, act in enumerate(one.acts) if standing(one, act) is Standing.NAMED}
    # "Russia will publish its draft": there is no draft on the table yet, though it is named.
    promised = any(
        payload(act).id in NAMING | {"suspend"} and becomes(one, act, place in taken_back) == "promise"
        for place, act in enumerate(one.acts)
    )
    for place in in_order(one, taken_back):
        act = one.acts[place]
        kind = becomes(one, act, place in taken_back)
        if place not in taken_back and (
            _about_doing(one, act)
            or _asked_for(one, act)
            or _proposed_to_be_done(one, act)
            or _ends_a_war(one, act)
            or (kind == "agree" and _agrees_to(one, act))
            or (kind == "demand" and _says_what_it_holds(one, act))
            or (payload(act).id in NAMING and place in named and promised)
            or (place in named and payload(act).phrase.startswith(("moratori", "моратор")))
            or (payload(act).id == "discuss" and _is_an_act_to_come(one, act))
            or (kind == "counter" and is_a_reply(act) and waited_for(one))
        ):
            continue
        yield Told(act, kind, _state(knowledge, one, kind, act))


NAMING = frozenset(["propose", "table"])
"""Acts whose nouns name what they brought: "the draft"."""
ITSELF = frozenset(
    ("it", "treaty", "pact", "accord", "document", "text", "он", "она", "договор", "документ", "пакт", "соглашение",
     "er", "es", "vertrag", "pakt", "abkommen", "papier", "il", "traite", "pacte")
)  # fmt: skip
"""What stands for a proposal as the subject of a modal verb."""


def _says_what_it_holds(one: Read, act: Hit) -> bool:
    """Whether a modal verb only says what a proposal holds: "the treaty should confirm"."""
    words = one.sentence.words
    if act.last - act.first != 1 or not MODAL.fullmatch(fold(words[act.first])):
        return False
    before = fold(words[act.first - 1]) if act.first else ""
    if (
        _GERMAN_MODAL.fullmatch(fold(words[act.first]))
        and before.endswith(("en", "ln", "rn"))
        and before not in GERMAN_OBJECTS
    ):
        return True
    named = [hit for places in (one.names, one.terms) for hits in places.values() for hit in hits]
    return before in ITSELF or any(hit.last == act.first for hit in named)


GERMAN_OBJECTS = frozenset(["staaten", "parteien", "seiten", "landern", "truppen"])
_GERMAN_MODAL = re.compile(r"soll|sollen|sollte|sollten")


def _is_an_act_to_come(one: Read, act: Hit) -> bool:
    """Whether talking is only that of an act that is yet to come: "ready to resume", "is considering withdrawing"."""
    return any(
        other is not act
        and (other.first == act.first or 0 <= other.first - act.last <= 2)
        and only_possible(one, other)
        for other in one.acts
    )


# As words are compared: without dots.
MODAL = re.compile(
    r"must|should|soll|sollen|sollte|sollten|muss|musse|mussen|musste\w*|doit|doivent|debe|deben|deve|devem|должн\w|должен|повин\w+"
)
RATIFIED = ("ratif", "ратифи", "ratyf")


def _state(knowledge: Knowledge, one: Read, kind: str, act: Hit) -> str | None:
    """In which state an act puts a proposal."""
    if kind == "demand" and any(payload(o).id == "clarify" and 0 <= o.first - act.last <= 4 for o in one.acts):
        return "discussing"  # to be asked to explain is to be in discussion, not to face a demand
    if kind == "demand" and payload(act).phrase.startswith(WISHED) and _to_be_talked_about(one, act):
        return "floated"  # who only wishes it talked about puts nothing on the table
    if kind == "counter" and payload(act).id in ON_TERMS:
        return None  # who names terms for what he would do has not moved it, nor put others' terms in its place
    if kind == "ratify" and payload(act).phrase.startswith(RATIFIED):
        return "agreed"  # one side's consent: in force is what is said to be in force
    return knowledge.acts.get(kind)


ON_TERMS = frozenset(["revive", "ratify", "suspend", "withdraw", "reject", "support", "welcome", "agree"])
"""Acts that somebody names terms for: a condition is no counter-offer."""
WISHED = ("want", "хочет", "хотел", "хотят", "хоче", "прагне", "chce")


def _to_be_talked_about(one: Read, act: Hit) -> bool:
    return any(payload(other).id == "discuss" and 0 <= other.first - act.last <= ASKED for other in one.acts)


ABOUT = frozenset(["о", "об", "про", "щодо"])
"""Prepositions after which an act is only what something is about: "предложение о заключении договора"."""


def _about_doing(one: Read, act: Hit) -> bool:
    words = one.sentence.words
    if act.first < 1 or fold(words[act.first - 1]) not in ABOUT:
        return False
    return act.first < 2 or not is_a_paper(fold(words[act.first - 2]))


THAT = frozenset(["that", "dass", "daß", "чтобы", "щоб", "que"])
ASKED = 8
"""Words from a demand to what is demanded."""


def _asked_for(one: Read, act: Hit) -> bool:
    """Whether an act is only asked for: "demanding that the alliance rule out enlargement", "требует отказа"."""
    if payload(act).id in ("demand", "propose", "table"):
        return False
    words = one.sentence.words
    for demand in one.acts:
        apart = act.first - demand.last
        if payload(demand).id == "demand" and 0 <= apart <= ASKED:
            between = {fold(word) for word in words[demand.last : act.first]}
            if between & THAT or apart == 0 or _INFINITIVE.fullmatch(fold(words[act.first])):
                return True
    return False


COMPLETING = frozenset(["ratify", "suspend", "withdraw", "agree"])
BY_A_NOUN = COMPLETING | {"revive"}
_INFINITIVE = re.compile(r"\w+(?:ть|ти|ться|тися|чь)")
_GERMAN_INFINITIVE = re.compile(r"\w*zu\w+en")
OFFERED = 2
"""Words from "proposal" to what is proposed to be done: "a proposal to prolong"."""
PROPOSED = 6
"""Words from "proposed" to what is proposed to be done."""


def _proposed_to_be_done(one: Read, act: Hit) -> bool:
    """Whether an act is only proposed: "proposed extending the treaty", "предложил продлить договор"."""
    if payload(act).id not in BY_A_NOUN:
        return False
    words = one.sentence.words
    word, before = fold(words[act.first]), fold(words[act.first - 1]) if act.first else ""
    if not (
        before in ("to", "be", "zu")
        or word.endswith("ing")
        or _INFINITIVE.fullmatch(word)
        or _GERMAN_INFINITIVE.fullmatch(word)
    ):
        return False
    return any(
        payload(other).id == "propose"
        and (
            (standing(one, other) is Standing.TOLD and payload(act).id in COMPLETING)
            or 0 <= act.first - other.last <= OFFERED
        )
        and (0 <= act.first - other.last <= PROPOSED or (before == "be" and other.last <= act.first))
        for other in one.acts
    )


WARS = re.compile(r"war|wars|fighting|hostilities|krieg\w*|kampf\w*|войн\w*|війн\w*|guerre|guerra|wojn\w*|конфликт\w*")
PEACE = frozenset(["peace", "мир", "мира", "миру", "frieden", "paix", "paz", "pokoju"])


def _ends_a_war(one: Read, act: Hit) -> bool:
    """Whether what is ended is a war, or what is concluded the peace: after a war no plan is at its end."""
    words = one.sentence.words
    if payload(act).id == "agree":
        peace = [fold(word) for word in words[act.last : act.last + 2]]
        return bool(peace) and peace[0] in PEACE and not (len(peace) > 1 and peace[1].startswith(roles.PROPOSAL_NOUNS))
    if payload(act).id != "suspend":
        return False
    return any(WARS.fullmatch(fold(word)) for word in words[act.last : act.last + 3])


AGREED_ON = frozenset(["on", "auf", "о", "об", "про", "sur", "sobre"])
A_THING = frozenset(["the", "a", "an", "this", "that", "its", "their"])
"""What follows "to" where a thing is agreed to, not something to do."""


def _agrees_to(one: Read, act: Hit) -> bool:
    """Whether what is agreed is to do another act, which then tells what happens: "agreed to revive the council".

    To agree to ratify or to extend is to agree, and so is to agree to a thing: "agreed to the treaty Moscow suggested".
    """
    words, others = one.sentence.words, [other for other in one.acts if payload(other).id not in ("agree", "ratify")]
    after = [fold(word) for word in words[act.last : act.last + 5]]
    if "to" in after[:4]:
        to_a_thing = not A_THING.isdisjoint(after[after.index("to") + 1 :][:1])
        return not to_a_thing and any(act.last < other.first <= act.last + 5 for other in others)
    if any(act.last <= other.first <= act.last + 2 and _infinitive(one, other) for other in others):
        return True
    talks = [other for other in others if payload(other).id == "discuss"]
    # "Vereinbart, über die Sicherheit zu beraten"
    if any(act.last < other.first <= act.last + FURTHER_ON and fold(words[other.first - 1]) == "zu" for other in talks):
        return True
    return any(act.last < other.first <= act.last + 4 and fold(words[other.first - 1]) in AGREED_ON for other in talks)


FURTHER_ON = 12
"""Words from a German verb to the infinitive that ends the clause after it."""
INFINITIVE = re.compile(r"\w+(?:ть|ться|тись|чь|ти|тися)")
"""Of Russian and Ukrainian verbs."""


def _infinitive(one: Read, act: Hit) -> bool:
    words = one.sentence.words
    word, before = fold(words[act.first]), fold(words[act.first - 1])
    return bool(INFINITIVE.fullmatch(word)) or (before in ("de", "d", "à") and word.endswith(("er", "ir", "re")))
