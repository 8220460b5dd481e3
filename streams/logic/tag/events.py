"""What happens to a proposal in a text: who does what, when; and what is promised for later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from streams.contracts.records import Commitment, Event, Evidence
from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.dates import Dated, days
from streams.logic.tag.negation import not_done
from streams.logic.tag.parties import by
from streams.logic.tag.reading import Read, payload
from streams.logic.tag.telling import Standing, becomes, dateline, in_order, is_a_paper, standing
from streams.logic.tag.text import Sentence
from streams.logic.words import fold

CONTEXT = 40
"""Characters of prefix and suffix around a quote."""

MOST_EVENTS = 40


def evidence(fields: Mapping[str, str], sentence: Sentence) -> Evidence:
    """The sentence, verbatim, with what stands around it."""
    text = fields[sentence.field]
    return Evidence(
        field=sentence.field,  # type: ignore[arg-type]  # sentences come from these two fields only
        start=sentence.start,
        end=sentence.end,
        quote=text[sentence.start : sentence.end],
        prefix=text[max(0, sentence.start - CONTEXT) : sentence.start],
        suffix=text[sentence.end : sentence.end + CONTEXT],
    )


def events(
    knowledge: Knowledge,
    fields: Mapping[str, str],
    related: Sequence[Read],
    day: date | None,
    voice: Any,
    time: Any,
) -> list[Event]:
    """All that the related sentences say is done, each act of each actor once a sentence, a sentence's news first."""
    found: list[Event] = []
    seen = set()
    before: Read | None = None
    # A publisher's note on its earlier words tells no event, save where there is nothing else.
    for one in [one for one in related if not one.cues.get("notice")] or related:
        start = dateline(one)
        doers = [who for who in one.actors if who.first >= start and not _set_against(one, who)]
        for act, kind, status in told(knowledge, one):
            actors = roles.codes(_who(one, doers, act)) or _meant_by_a_pronoun(one, before)
            denied = knowledge.acts.get(payload(act).id) if kind == "deny" else None
            key = (kind, denied, tuple(actors), one.number)
            if key in seen:
                continue
            seen.add(key)
            dated = days(one.text, day, bool(one.cues.get("future")))
            found.append(
                Event(
                    act=kind,  # type: ignore[arg-type]  # checked when the entry was compiled
                    actor=actors,
                    status=status,  # type: ignore[arg-type]  # likewise
                    denied=denied,  # type: ignore[arg-type]  # likewise
                    voice="quote" if one.cues.get("speech") else voice,
                    time=time,
                    when=dated[0].day.isoformat() if dated else None,
                    evidence=[evidence(fields, one.sentence)],
                )
            )
        before = one
    return found[:MOST_EVENTS]


NOT = frozenset(["not", "не", "nicht", "non", "pas"])


def _set_against(one: Read, who: roles.Who) -> bool:
    """Whether an actor is named only to say that it is another: "NATO, not the OSCE, rejected"."""
    before = [fold(word) for word in one.sentence.words[max(0, who.first - 2) : who.first]]
    if before and before[-1] in roles.ARTICLES:
        before.pop()
    return bool(before) and before[-1] in NOT


PRONOUNS = frozenset(["he", "she", "он", "она", "він", "вона", "er", "él", "ella", "той", "ele", "ela"])
"""Words that stand for somebody named just before, where a sentence begins with them. French "il" and German "sie"
stand for too much else."""


def _meant_by_a_pronoun(one: Read, before: Read | None) -> list[str]:
    """Who "he" is, where a sentence about the proposal begins so: whoever the sentence before named first in person."""
    words = one.sentence.words
    if before is None or before.number != one.number - 1 or not words or fold(words[0]) not in PRONOUNS:
        return []
    return roles.codes([who for who in before.actors if who.actor.person][:1])


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
    for place in in_order(one, taken_back):
        act = one.acts[place]
        kind = becomes(one, act, place in taken_back)
        if place not in taken_back and (
            _about_doing(one, act)
            or _asked_for(one, act)
            or _proposed_to_be_done(one, act)
            or _ends_a_war(one, act)
            or (kind == "agree" and _agrees_to(one, act))
        ):
            continue
        yield Told(act, kind, _state(knowledge, one, kind, act))


def _who(one: Read, doers: Sequence[roles.Who], act: Hit) -> list[roles.Who]:
    """Who does an act; who is asked to clarify does not do it: "NATO asked Russia to clarify the plan"."""
    words, at = one.sentence.words, act.first
    if payload(act).id == "demand" and MODAL.fullmatch(fold(words[at])):
        return _who_says_so(one, doers, act)
    if payload(act).id == "clarify" and at and fold(words[at - 1]) == "to":
        asked = next((who for who in reversed(doers) if who.last <= at and at - who.last <= 4), None)
        rest = [who for who in doers if asked is None or who.last <= asked.first]
        while asked and rest and rest[-1].actor.code == asked.actor.code:  # "Russian envoy Dmitry Rogozin"
            asked = rest.pop()
        if rest:
            return roles.subject(words, rest, at, _agents(one, act), act.last)
    return roles.subject(words, doers, at, _agents(one, act), act.last)


MODAL = re.compile(
    r"must|should|muss|müsse|müssen|müsste\w*|doit|doivent|debe|deben|deve|devem|должн\w|должен|повин\w+"
)


def _who_says_so(one: Read, doers: Sequence[roles.Who], act: Hit) -> list[roles.Who]:
    """Who demands by "must" is who says it: in "Ukraine must stay out of NATO, Putin said" it is Russia."""
    said = [cue.first for cue in one.cues.get("speech", ())]
    must = roles.subject(one.sentence.words, [who for who in doers if who.last <= act.first], act.first, [], act.last)
    others = [who for who in doers if who not in must]
    away = {who: min((abs(who.first - at) for at in said), default=SAID + 1) for who in others}
    near = [who for who in others if away[who] <= SAID]
    return sorted(near, key=lambda who: (not who.actor.person, away[who]))[:1]


SAID = 5
"""Words between "said" and who did."""


def _agents(one: Read, act: Hit) -> list[int]:
    """Where the agent of a passive may be announced: not after "worried", nor by "von" after a finite verb."""
    words = one.sentence.words
    if payload(act).id == "concern":
        return []
    finite = "ge" not in fold(words[act.last - 1])
    return [place for place in by(one) if not (finite and fold(words[place]) == "von")]


RATIFIED = ("ratif", "ратифи", "ratyf")


def _state(knowledge: Knowledge, one: Read, kind: str, act: Hit) -> str | None:
    """In which state an act puts a proposal."""
    if kind == "demand" and any(payload(o).id == "clarify" and 0 <= o.first - act.last <= 4 for o in one.acts):
        return "discussing"  # to be asked to explain is to be in discussion, not to face a demand
    if kind == "demand" and payload(act).phrase.startswith(WISHED) and _to_be_talked_about(one, act):
        return "floated"  # who only wishes it talked about puts nothing on the table
    if kind == "ratify" and payload(act).phrase.startswith(RATIFIED):
        return "agreed"  # one side's consent: in force is what is said to be in force
    return knowledge.acts.get(kind)


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
_INFINITIVE = re.compile(r"\w+(?:ть|ти|ться|тися|чь)")
_GERMAN_INFINITIVE = re.compile(r"\w*zu\w+en")
PROPOSED = 6
"""Words from "proposed" to what is proposed to be done."""


def _proposed_to_be_done(one: Read, act: Hit) -> bool:
    """Whether an act is only proposed: "proposed extending the treaty", "предложил продлить договор"."""
    if payload(act).id not in COMPLETING:
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
        and standing(one, other) is Standing.TOLD
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
    return any(act.last < other.first <= act.last + 4 and fold(words[other.first - 1]) in AGREED_ON for other in talks)


INFINITIVE = re.compile(r"\w+(?:ть|ться|тись|чь|ти|тися)")
"""Of Russian and Ukrainian verbs."""


def _infinitive(one: Read, act: Hit) -> bool:
    words = one.sentence.words
    word, before = fold(words[act.first]), fold(words[act.first - 1])
    return bool(INFINITIVE.fullmatch(word)) or (before in ("de", "d", "à") and word.endswith(("er", "ir", "re")))


def commitments(
    fields: Mapping[str, str], read: Sequence[Read], related: Sequence[Read], day: date | None
) -> list[Commitment]:
    """Promises with a day to come, in sentences near the proposal."""
    near = {n for r in related for n in (r.number - 1, r.number, r.number + 1)}
    found = []
    for one in read:
        if one.number not in near:
            continue
        promises = [
            act for act in one.acts if payload(act).id == "promise" and standing(one, act) is not Standing.NAMED
        ]
        if not (promises or one.cues.get("future")):
            continue
        ahead: list[Dated] = [d for d in days(one.text, day, future=True) if day is None or d.day > day]
        if not ahead:
            continue
        found.append(
            Commitment(
                who=_who_promises(one, promises) or roles.codes(one.actors[:1]) or _last_speaker(read, one.number),
                what=one.text.strip()[:300],
                due=ahead[0].day.isoformat(),
                quote=fields[one.sentence.field][one.sentence.start : one.sentence.end],
            )
        )
    return found


def _who_promises(one: Read, promises: Sequence[Any]) -> list[str]:
    places = promises or one.cues.get("future", [])
    for place in places:
        who = roles.codes(roles.subject(one.sentence.words, one.actors, place.first, by(one), place.last))
        if who:
            return who
    return []


def _last_speaker(read: Sequence[Read], number: int) -> list[str]:
    for one in reversed(read[:number]):
        people = [w for w in one.actors if w.actor.person]
        if people:
            return roles.codes(people[:1])
    return []
