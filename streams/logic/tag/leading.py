"""What is news of a proposal in a piece: which of the events told there, who does it, and the state that leaves. Pure.

A few lines are about their news, and so is a report's lead, headline and first sentence, whatever it looks back on
further down; of longer pieces the state is weighed (`state`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from datetime import date
from typing import NamedTuple

import msgspec

from streams.contracts.records import Event
from streams.logic.knowledge import Proposal
from streams.logic.tag import roles, slots
from streams.logic.tag.acts import NAMING, is_a_charge
from streams.logic.tag.datelines import dateline, is_a_dateline
from streams.logic.tag.dates import years
from streams.logic.tag.events import is_a_question
from streams.logic.tag.negation import not_done
from streams.logic.tag.papers import is_a_reply
from streams.logic.tag.reading import Read, payload
from streams.logic.tag.standing import Standing, is_a_term, standing
from streams.logic.tag.telling import becomes, done_to_it
from streams.logic.tag.who import codes
from streams.logic.words import fold


class News(NamedTuple):
    """What is news of a proposal."""

    event: Event | None
    actor: list[str]
    status: str


def news(
    done: Sequence[Event],
    related: Sequence[Read],
    best: Read,
    proposal: Proposal,
    proposer: list[str],
    lead: Sequence[Read],
    total: int,
    day: date | None,
    weighed: str,
) -> News:
    """Which of the events `done` in the `related` sentences is news of `proposal`.

    `best` is its best sentence, `lead` a report's lead (or nothing), `total` the piece's sentences, `weighed` the
    state by its signs.
    """
    happened = _without_terms(done, proposal, related)
    if lead and total > FLASH:
        happened = _within(happened, [r for r in related if r in lead or not is_background(r, day)]) or happened
    brief = total <= BRIEF
    if not brief and (first := _within(happened, lead)):
        happened, brief = first, True
    happened = _without_charges(_without_replies_to_come(happened, related), related)
    happened = _without_talks_to_come(happened, related)
    told = _plainly(happened, related)
    leading = _leading(told if lead else happened, best) or _leading(happened, best)
    if total <= slots.SHORT:
        leading = _answer(leading, happened, related) or leading
    status = weighed
    if brief:
        status = _outright(leading, happened, told, weighed, min(total, BRIEF), plan=not proposal.treaty)
    leading = leading or _leading(done, best)
    doers = _doers(leading, told, proposer, related)
    if leading and not doers:
        # Headline and first sentence tell one event.
        doers = next((e.actor for e in _within(happened, lead) if e.act == leading.act and e.actor), doers)
    return News(leading, doers, status)


OPEN = frozenset(["propose", "table", "demand", "promise", "discuss"])
"""Acts that may be answered further on in the same piece."""

TALKING = frozenset(["discuss", "clarify"])
BRIEF = 4
"""Sentences, the headline counted, up to which a piece's news settles the state: of longer ones it is weighed."""

FLASH = 2
"""Sentences, the headline counted, in which nothing is further on."""

STATE_OF = {"support": "welcomed"}
"""States that answers bring about which leave a proposal's own state open."""

UNTRUE = frozenset(["rejected", "agreed", "suspended", "in_force"])
"""States that are not reached when the act that would bring them about is denied."""


ANSWERS = frozenset(["welcome", "reject", "counter", "support"])
"""Acts by which the other side answers."""


def _news(done: Sequence[Event]) -> list[Event]:
    """The first event of each sentence: its news."""
    places = {(e.evidence[0].field, e.evidence[0].start): e for e in reversed(done)}
    return list(reversed(places.values()))


def _after(one: Event, other: Event) -> bool:
    places = [(e.evidence[0].field == "text", e.evidence[0].start) for e in (other, one)]
    return places[0] < places[1]


def lead_of(sentences: Sequence[Read]) -> list[Read]:
    """Headline and first sentence of a report: it begins with a place, or tells of a day of this week. Else nothing."""
    text = [one for one in sentences if one.sentence.field == "text"]
    dated = bool(text) and is_a_dateline(text[0])
    first = next((one for one in text[dated:] if not is_a_question(one)), None)
    if first is None or not (dated or dateline(first) or slots.names_a_weekday(first)):
        return []
    return [*(one for one in sentences if one.sentence.field == "title"), first]


def is_background(one: Read, day: date | None) -> bool:
    """Whether a sentence of a report looks back, on a year gone by or on what had been done; none of this week does."""
    if slots.names_a_weekday(one):
        return False
    named = years(one.text)
    gone = bool(named) and day is not None and max(named) < day.year
    return gone or any(fold(word) in HAD for word in one.sentence.words)


HAD = frozenset(["had", "hatte", "hatten", "avait", "avaient"])


def is_an_aside(on: Sequence[Read], lead: Sequence[Read], day: date | None) -> bool:
    """Whether a report that begins with something else only looks back on a proposal: "No Russian crew has called since
    2020, when the United States withdrew from the Open Skies treaty"."""
    return bool(lead) and not any(
        one in lead
        or slots.names_a_weekday(one)
        or not (slots.tells_of_years_gone(one, day) or _LAST_YEAR.search(one.text))
        for one in on
    )


_LAST_YEAR = re.compile(
    r"\b(?:last year|в прошлом году|торік|минулого року|letztes jahr|im (?:vergangenen|vorigen) jahr"
    r"|l['’]an(?:née)? derni(?:er|ère)|el año pasado|w zeszłym roku)\b",
    re.IGNORECASE,
)


def _within(done: Sequence[Event], some: Sequence[Read]) -> list[Event]:
    """The events that some sentences tell."""
    places = {(one.sentence.field, one.sentence.start) for one in some}
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start) in places]


def _plainly(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events that verbs tell, rather than nouns that name a thing or words that look back."""
    told = {
        (one.sentence.field, one.sentence.start, becomes(one, act, place in taken_back))
        for one in related
        for taken_back in [not_done(one)]
        for place, act in enumerate(one.acts)
        if standing(one, act) <= Standing.ASKED
    }
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) in told]


def without_their_drafts(done: Sequence[Event], related: Sequence[Read], put_to: Set[str]) -> list[Event]:
    """The events without those by which a noun makes a draft theirs whom it is put to: "will hand Washington its answer
    to the draft"."""
    if not put_to:
        return list(done)
    told = _plainly(done, related)
    return [e for e in done if e in told or e.act not in NAMING or not e.actor or not set(e.actor) <= put_to]


def own_answer(event: Event, proposer: Sequence[str], proposal: Proposal, related: Sequence[Read]) -> Event:
    """Whose proposal it is counters nothing by an answer of his: he puts one more paper on the table. What two sides
    put to each other either may counter, and what another is said to have put: "countered NATO's plan"."""
    if set(event.actor) & set(proposal.proposer) & set(proposal.addressee):
        return event
    if event.act == "counter" and any(
        _place(event) == (one.sentence.field, one.sentence.start) and set(of_another) - set(event.actor)
        for one in related
        for hit in one.hits(proposal.id)
        for of_another in [codes(roles.owners(one.sentence.words, one.actors, hit.first, hit.last))]
    ):
        return event
    if event.act == "counter" and event.status == "countered" and event.actor and set(event.actor) <= set(proposer):
        return msgspec.structs.replace(event, act="table", status="tabled")
    return event


def _without_replies_to_come(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events without the reply that a noun names where its giver only promises it: "reply to draft on Oct. 20"."""
    told = {
        (one.sentence.field, one.sentence.start, becomes(one, act, False))
        for one in related
        for act in one.acts
        if standing(one, act) is Standing.TOLD
    }
    promising = {actor for e in done if e.act == "promise" and (*_place(e), "promise") in told for actor in e.actor}
    named = {
        (one.sentence.field, one.sentence.start)
        for one in related
        for act in one.acts
        if is_a_reply(act) and standing(one, act) is Standing.NAMED
    }
    return [
        e
        for e in done
        if not (
            e.act == "counter"
            and _place(e) in named
            and (*_place(e), "counter") not in told  # handed over
            and promising & set(e.actor)
        )
    ]


def _without_talks_to_come(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events without the talks of a headline that are yet to be held by the text: "council meets on Wednesday"."""
    talks = [
        (one.sentence.field, becomes(one, act, place in taken_back))
        for one in related
        for taken_back in [not_done(one)]
        for place, act in enumerate(one.acts)
        if payload(act).id == "discuss"
    ]
    if ("text", "promise") not in talks or ("text", "discuss") in talks:
        return list(done)
    return [e for e in done if not (e.act == "discuss" and e.evidence[0].field == "title")]


def _without_charges(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events without mere charges of a breach, where a treaty is suspended or left by a decision."""
    charged = {
        (one.sentence.field, one.sentence.start, payload(act).id)
        for one in related
        for act in one.acts
        if is_a_charge(act)
    }
    rest = [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) not in charged]
    return rest if any(e.act in ("suspend", "withdraw") for e in rest) else list(done)


def _outright(
    leading: Event | None, done: Sequence[Event], told: Sequence[Event], weighed: str, total: int, *, plan: bool
) -> str:
    """The state of a short piece's proposal: what its news says, else what was weighed; `total` sentences.

    `told`: those of what is `done` that verbs tell; `plan`: whether it is no treaty in force.
    """
    if leading is None:
        return weighed
    if leading.act in OPEN:
        acts = {e.act for e in (told if leading in told else done)} - {"promise"}
        if acts & TALKING and acts <= TALKING | NAMING:
            return "discussing"
        if acts != {"propose"} and (total > FLASH or leading.act in ("promise", "demand")):
            # What was weighed may be what the piece goes on to say; of a text not what none of its words says.
            said = {e.status for e in (told if leading.act == "propose" else done)}
            unsaid = weighed not in said and (leading.act in ("propose", "table", "discuss") or total <= FLASH)
            return str(leading.status) if unsaid else weighed
    if leading.act == "deny":
        return _denied(leading, weighed)
    if leading.act == "concern" and plan and weighed not in {e.status for e in told}:
        return "discussing"  # who voices concern about a draft has neither tabled nor refused it
    return STATE_OF.get(leading.act) or leading.status or weighed


def _answer(leading: Event | None, done: Sequence[Event], related: Sequence[Read]) -> Event | None:
    """What a short piece goes on to say of a proposal that its news leaves open: "Medvedev proposed. NATO refused.",
    "Medvedev proposed a treaty, and NATO refused it"."""
    if leading is None or leading.act not in OPEN:
        return None
    offered = set(leading.actor)
    answers = [e for e in done if e.act in ANSWERS and not offered & set(e.actor)]
    later = next((e for e in reversed(_news(done)) if e in answers and _after(e, leading)), None)
    if later:
        return later
    here = [one for one in related if (one.sentence.field, one.sentence.start) == _place(leading)]
    its = {act for one in here for act in done_to_it(one)}
    return next((e for e in answers if _place(e) == _place(leading) and e.act in its), None)


def _place(one: Event) -> tuple[str, int]:
    return one.evidence[0].field, one.evidence[0].start


def _denied(leading: Event, weighed: str) -> str:
    """The state that is left when the news is a denial."""
    if weighed == leading.denied == "tabled":
        return "floated"
    return "discussing" if weighed in UNTRUE else weighed


def _without_terms(done: Sequence[Event], proposal: Proposal, related: Sequence[Read]) -> list[Event]:
    """The events that are no term of a plan: in "Ukraine must renounce NATO" nobody has renounced anything."""
    terms = {
        (one.sentence.field, one.sentence.start, payload(act).id)
        for one in related
        for act in one.acts
        if is_a_term(one, act, proposal)
    }
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) not in terms]


def _leading(done: Sequence[Event], best: Read) -> Event | None:
    """The event that a mention is about: its best sentence's news, else the first that a sentence tells."""
    own = [e for e in done if (e.evidence[0].field, e.evidence[0].start) == (best.sentence.field, best.sentence.start)]
    answered = [e for e in _news(done) if e.evidence[0].field == "title" and e.act in ANSWERS]
    if answered and own and own[0].act in OPEN:
        return answered[0]  # "Trump welcomes Putin's offer"
    # What is only promised is news where nothing has happened.
    happened = [*own[:1], *_news(done)]
    return next((e for e in happened if e.act != "promise"), next(iter([*own, *done]), None))


def _doers(leading: Event | None, told: Sequence[Event], proposer: list[str], related: Sequence[Read]) -> list[str]:
    """Who does what is news. Where only a noun names it, whose it is tells more than who stands nearest: "caught Bush
    off guard with an offer"."""
    if leading is None:
        return []
    if leading.act not in NAMING or leading in told or set(leading.actor) & set(proposer):
        return leading.actor
    there = {who.actor.code for one in related for who in one.actors}
    return [code for code in proposer if code in there] or leading.actor
