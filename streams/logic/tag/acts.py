"""The acts that a sentence tells, without those that it only asks for, proposes or speaks about. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag.asked import SLAVIC_INFINITIVE
from streams.logic.tag.deeds import UNDOING, left_open
from streams.logic.tag.negation import not_done
from streams.logic.tag.papers import is_a_paper, is_a_reply
from streams.logic.tag.particles import PROPOSAL_NOUNS
from streams.logic.tag.pending import only_possible, waited_for
from streams.logic.tag.reading import Read, once, payload, word_at
from streams.logic.tag.standing import Standing, standing
from streams.logic.tag.telling import becomes, gives_his_word, in_order, says_something
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


@once
def told(one: Read, knowledge: Knowledge) -> list[Told]:
    """The acts that a sentence tells, its news first, without those that are only asked for or spoken about."""
    taken_back = not_done(one)
    named = {place for place, act in enumerate(one.acts) if standing(one, act) is Standing.NAMED}
    # "Russia will publish its draft": there is no draft on the table yet, though it is named.
    promised = any(
        (payload(act).id in NAMING | {"suspend", "withdraw"} and becomes(one, act, place in taken_back) == "promise")
        or (place not in taken_back and gives_his_word(one, act))
        for place, act in enumerate(one.acts)
    )
    doing = any(payload(act).id in NAMING and standing(one, act) is Standing.TOLD for act in one.acts)
    found = []
    for place in in_order(one, taken_back):
        act = one.acts[place]
        kind = becomes(one, act, place in taken_back)
        if place in named and payload(act).phrase.startswith(MORATORIUM):
            continue  # also of "no longer bound by its moratorium"
        if _only_what_it_is_about(one, act):
            continue
        if place not in taken_back and (
            _about_doing(one, act)
            or left_open(one, act)
            or (payload(act).id == "discuss" and (_talks_of_its_end(one) or _is_met_with(one, act)))
            or _asked_for(one, act)
            or _proposed_to_be_done(one, act)
            or _ends_a_war(one, act)
            or (kind == "agree" and _agrees_to(one, act))
            or (kind == "demand" and _says_what_it_holds(one, act))
            or (payload(act).id in NAMING and place in named and (promised or (not doing and waited_for(one))))
            or (promised and payload(act).phrase.startswith(DETAILS))
            or (kind == "promise" and says_something(one, act))
            or (payload(act).id == "discuss" and (_is_an_act_to_come(one, act) or _is_a_purpose(one, act)))
            or _to_be_drafted(one, act)
            or (kind == "counter" and _is_a_reply(one, act) and waited_for(one))
            or (place in named and kind == "promise" and _only_names_guarantees(one, act))
        ):
            continue
        found.append(Told(act, kind, _state(knowledge, one, kind, act)))
    return found


MORATORIUM = ("moratori", "moratoire", "моратор")
"""How phrases begin that may be what a proposal is for, and so no act."""


def _only_what_it_is_about(one: Read, act: Hit) -> bool:
    """Whether a noun for prolonging is only what a verb offers or refuses: "rejects extension of New START"."""
    if payload(act).id != "ratify" or not word_at(one, act.last - 1).startswith(PROLONGING):
        return False
    return any(payload(o).id in SPOKEN_OF and o is not act and standing(one, o) is Standing.TOLD for o in one.acts)


PROLONGING = (
    "extension",
    "prolongation",
    "verlangerung",
    "продлени",
    "пролонгаци",
    "продовженн",
    "przedluzeni",
    "przedłużeni",
)
SPOKEN_OF = frozenset(
    ["propose", "table", "reject", "discuss", "demand", "counter", "welcome", "support", "agree", "promise"]
)
"""Acts that are done to what is proposed, or settled."""


def _talks_of_its_end(one: Read) -> bool:
    """Whether what is talked about is only to end a proposal: "the withdrawal is being considered"."""
    return any(payload(other).id in UNDOING and left_open(one, other) for other in one.acts)


def _is_met_with(one: Read, act: Hit) -> bool:
    """Whether "met" is what a thing is with an answer, and no meeting: "the idea was met with a refusal"."""
    if word_at(one, act.first) != "met":
        return False
    passive = word_at(one, act.first - 1) in ("was", "were", "been", "be", "is")
    return passive or word_at(one, act.last + 1) in _ANSWERED or word_at(one, act.last + 2) in _ANSWERED


_ANSWERED = frozenset(
    ["refusal", "rejection", "criticism", "scepticism", "skepticism", "opposition", "resistance", "silence"]
)


def _to_be_drafted(one: Read, act: Hit) -> bool:
    """Whether "draft" is what somebody is to do: "agreed to draft a treaty"."""
    words = one.sentence.words
    return (
        payload(act).id == "table"
        and act.first > 0
        and [fold(w) for w in words[act.first - 1 : act.first + 1]] == ["to", "draft"]
    )


def _only_names_guarantees(one: Read, act: Hit) -> bool:
    """Whether "guarantees" is what a proposal is about beside another act: nobody promises by it."""
    return payload(act).phrase.startswith(GUARANTEES) and any(
        not payload(other).phrase.startswith(GUARANTEES) for other in one.acts
    )


GUARANTEES = ("guarant", "garant", "гарант", "gwarant", "gwaranc", "гаранц")


def _is_a_reply(one: Read, act: Hit) -> bool:
    """Whether an act of countering is a noun for a paper; of the German "Antworten" its capital tells."""
    return is_a_reply(act) or (
        payload(act).phrase.startswith("antwort") and one.sentence.words[act.first][:1].isupper()
    )


DETAILS = ("details", "подробност", "подробиц", "einzelheit")
"""How phrases of explaining begin that are nouns: who promises details has explained nothing."""
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


def _is_a_purpose(one: Read, act: Hit) -> bool:
    """Whether talking is only what something that is proposed is for: "proposed a summit to discuss arms"."""
    if act.first < 1 or fold(one.sentence.words[act.first - 1]) not in ("to", "zu"):
        return False
    return any(
        payload(other).id == "propose"
        and OFFERED < act.first - other.last <= PURPOSE
        and standing(one, other) is Standing.TOLD
        for other in one.acts
    )


PURPOSE = 14
"""Words from "proposed" to what it is for."""
# As words are compared: without dots.
MODAL = re.compile(
    r"must|should|soll|sollen|sollte|sollten|muss|musse|mussen|musste\w*|doit|doivent|devrai\w+|debe|deben|deberia\w*"
    r"|deve|devem|deveria\w*|должн\w|должен|повин\w+|powin\w+|musi|musza|трябва"
)
RATIFIED = ("ratif", "ратифи", "ratyf")


def _state(knowledge: Knowledge, one: Read, kind: str, act: Hit) -> str | None:
    """In which state an act puts a proposal."""
    if kind == "demand" and any(payload(o).id == "clarify" and 0 <= o.first - act.last <= 4 for o in one.acts):
        return "discussing"  # to be asked to explain is to be in discussion, not to face a demand
    if kind == "demand" and any(
        word_at(one, at).startswith(ANSWER) for at in range(act.last, min(act.last + ASKED, len(one.sentence.words)))
    ):
        return None  # who presses for an answer to what is on the table puts nothing on it
    if kind == "demand" and payload(act).phrase.startswith(WISHED) and _to_be_talked_about(one, act):
        return "floated"  # who only wishes it talked about puts nothing on the table
    if kind == "counter" and payload(act).id in ON_TERMS:
        return None  # who names terms for what he would do has not moved it, nor put others' terms in its place
    if kind == "ratify" and payload(act).phrase.startswith(RATIFIED):
        return "agreed"  # one side's consent: in force is what is said to be in force
    return knowledge.acts.get(kind)


ON_TERMS = frozenset(["revive", "ratify", "suspend", "withdraw", "reject", "support", "welcome", "agree"])
"""Acts that somebody names terms for: a condition is no counter-offer."""
ANSWER = ("answer", "repl", "respon", "ответ", "відпов", "antwort", "répon", "repon", "respuest", "odpowied", "respost")
"""How words for an answer begin, as they are compared."""
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
            at_once = apart == 0 and not _GERMAN_DEMAND.fullmatch(words[demand.last - 1])
            if between & THAT or at_once or SLAVIC_INFINITIVE.fullmatch(fold(words[act.first])):
                return True
    return False


_GERMAN_DEMAND = re.compile(r"\w*[Ff]orderung(?:en)?")
"""The noun, after which comes what is done to it: "die Forderung abgelehnt"."""
COMPLETING = frozenset(["ratify", "suspend", "withdraw", "agree"])
BY_A_NOUN = COMPLETING | {"revive"}
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
        or SLAVIC_INFINITIVE.fullmatch(word)
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


WARS = re.compile(
    r"war|wars|fighting|hostilities|fire|shooting|krieg\w*|kampf\w*|feuers?|войн\w*|війн\w*|guerre|guerra|wojn\w*|конфликт\w*"
    r"|огня|вогню|боев\w*|боїв|бойов\w*|стрельб\w*|broni|ognia|walk|feu|combats|hostilites"
)
PEACE = frozenset(["peace", "мир", "мира", "миру", "frieden", "paix", "paz", "pokoju"])


def _ends_a_war(one: Read, act: Hit) -> bool:
    """Whether what is ended is a war, or what is concluded the peace: after a war no plan is at its end."""
    words = one.sentence.words
    if payload(act).id == "agree":
        peace = [fold(word) for word in words[act.last : act.last + 2]]
        return bool(peace) and peace[0] in PEACE and not (len(peace) > 1 and peace[1].startswith(PROPOSAL_NOUNS))
    if payload(act).id != "suspend":
        return False
    return any(WARS.fullmatch(fold(word)) for word in words[act.last : act.last + 3])


AGREED_ON = frozenset(["on", "auf", "о", "об", "про", "sur", "sobre"])
A_THING = frozenset(["the", "a", "an", "this", "that", "its", "their"])
"""What follows "to" where a thing is agreed to, not something to do."""


def _agrees_to(one: Read, act: Hit) -> bool:
    """Whether what is agreed is to do another act, which then tells what happens: "agreed to revive the council".

    To agree to ratify or to extend is to agree, and so is to agree to a thing: "agreed to the treaty Moscow suggested",
    "to Russia's demand".
    """
    words, others = one.sentence.words, [other for other in one.acts if payload(other).id not in ("agree", "ratify")]
    after = [fold(word) for word in words[act.last : act.last + 5]]
    if "to" in after[:4]:
        place = act.last + after.index("to") + 1
        to_a_thing = word_at(one, place) in A_THING or any(who.first == place for who in one.actors)
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
