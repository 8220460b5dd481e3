"""What happens to a proposal in a text: who does what, when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from streams.contracts.records import Event, Evidence
from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.acts import MODAL, NAMING, is_a_charge, told
from streams.logic.tag.datelines import dateline
from streams.logic.tag.dates import days, months_gone_by
from streams.logic.tag.negation import rejects_reports
from streams.logic.tag.parties import by
from streams.logic.tag.reading import Read, payload
from streams.logic.tag.slots import weekdays
from streams.logic.tag.standing import Standing, standing
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
    read: Sequence[Read],
    day: date | None,
    voice: Any,
    time: Any,
) -> list[Event]:
    """All that the related sentences say is done, each act of each actor once a sentence, a sentence's news first."""
    found: list[Event] = []
    seen = set()
    before: Read | None = None
    # A publisher's note on its earlier words tells no event, save where there is nothing else.
    telling = [one for one in related if not _is_a_notice(one)]
    for one in [one for one in telling if not is_a_question(one)] or telling or related:
        start = dateline(one)
        doers = [who for who in one.actors if who.first >= start and not _set_against(one, who)]
        for act, kind, status in told(knowledge, one):
            if standing(one, act) is Standing.SUPPOSED:
                continue
            speaker = _who_speaks(one, act, read)
            if kind == "discuss":
                doers_too = roles.codes(roles.partner(one.sentence.words, one.actors, act.last))
            else:
                doers_too = []
            meant = _meant_by_a_pronoun(one, before)
            if any(who.first < act.first for who in doers):
                actors = speaker or roles.codes(_who(one, doers, act)) or meant
            else:
                actors = speaker or meant or roles.codes(_who(one, doers, act))
            actors = list(dict.fromkeys([*actors, *doers_too])) if actors else actors
            denied = knowledge.acts.get(payload(act).id) if kind == "deny" else None
            if denied == "rejected" and rejects_reports(one, act):
                denied = None
            key = (kind, denied, tuple(actors), one.number)
            if key in seen:
                continue
            seen.add(key)
            dated = days(one.text, day, bool(one.cues.get("future")))
            found.append(
                Event(
                    act=kind,  # type: ignore[arg-type]  # checked when the entry was compiled
                    actor=actors,
                    status=None if is_a_charge(act) or _gone_by(one, act) else status,  # type: ignore[arg-type]  # likewise
                    denied=denied,  # type: ignore[arg-type]  # likewise
                    voice="quote" if one.cues.get("speech") else voice,
                    time=time,
                    when=dated[0].day.isoformat() if dated else _month(one, act, day),
                    evidence=[evidence(fields, one.sentence)],
                )
            )
        before = one
    return found[:MOST_EVENTS]


def _month(one: Read, act: Hit, day: date | None) -> str | None:
    """The month gone by that an act is told of, unless a day of this week is told nearer to it."""
    months = months_gone_by(one.text, day)
    if not months:
        return None
    start, end = one.sentence.places[act.first][0], one.sentence.places[act.last - 1][1]

    def apart(where: tuple[int, int]) -> int:
        return max(where[0] - end, start - where[1], 0)

    nearest = min(months, key=lambda month: apart((month.start, month.end)))
    this_week = min((apart(where) for where in weekdays(one)), default=None)
    return nearest.month if this_week is None or apart((nearest.start, nearest.end)) < this_week else None


def _gone_by(one: Read, act: Hit) -> bool:
    """Whether an act is only looked back on, and so brings about nothing now: "after the end of the treaty"."""
    how = standing(one, act)
    if how is Standing.ASKED:
        return payload(act).id != "demand"  # what must be done is not done
    return payload(act).id not in NAMING and how is Standing.LOOKED_BACK_ON


def is_a_question(one: Read) -> bool:
    """Whether a sentence asks, and so tells nothing."""
    return one.text.rstrip(" »”\"'’)").endswith("?")


def _is_a_notice(one: Read) -> bool:
    """Whether a sentence speaks of its publisher's earlier words; not a headline that only begins "CORRECTED-"."""
    notices: Sequence[Hit] = one.cues.get("notice", ())
    return bool(notices) and not (
        one.sentence.field == "title" and notices[0].first == 0 and len(one.sentence.words) > 3
    )


NOT = frozenset(["not", "не", "nicht", "non", "pas"])


def _set_against(one: Read, who: roles.Who) -> bool:
    """Whether an actor is named only to say that it is another: "NATO, not the OSCE, rejected"."""
    before = [fold(word) for word in one.sentence.words[max(0, who.first - 2) : who.first]]
    if before and before[-1] in roles.ARTICLES:
        before.pop()
    return bool(before) and before[-1] in NOT


FIRST_PERSON = frozenset(["we", "i", "мы", "я", "wir", "ich", "nous", "ми"])
SUBJECT = 5
"""Words from "we" to what we do."""


def _who_speaks(one: Read, act: Hit, read: Sequence[Read]) -> list[str]:
    """Who "we" are, where they do it: whom the sentence quotes, else who spoke last: "SHERMAN: We were firm"."""
    words = one.sentence.words
    own = next(
        (at for at in range(act.first - 1, max(-1, act.first - SUBJECT - 1), -1) if fold(words[at]) in FIRST_PERSON),
        None,
    )
    if own is None and JUDGED.match(payload(act).phrase) and not one.cues.get("speech"):
        own = next((at for at, word in enumerate(words) if fold(word) in FIRST_PERSON and at > act.last), None)
        return last_speaker(read, one.number) if own is not None else []
    if own is None or any(own < who.first < act.first for who in one.actors):
        return []
    said = [cue.first for cue in one.cues.get("speech", ())]
    people = [who for who in one.actors if who.actor.person]
    near = [who for who in people if any(abs(who.first - at) <= SAID for at in said)]
    return roles.codes((near or people)[:1]) or last_speaker(read, one.number)


PLURAL = frozenset(["they", "они", "вони", "sie", "ils", "ellos"])
PRONOUNS = frozenset(["he", "she", "он", "она", "він", "вона", "er", "él", "ella", "той", "ele", "ela"])
"""Words that stand for somebody named just before, where a sentence begins with them. French "il" and German "sie"
stand for too much else."""


def _meant_by_a_pronoun(one: Read, before: Read | None) -> list[str]:
    """Who "he" is, where a sentence about the proposal begins so: whoever the sentence before named first in person."""
    words = one.sentence.words
    if before is None or before.number != one.number - 1 or not words:
        return []
    if fold(words[0]) in PLURAL and len(group := roles.codes(roles.together(before.sentence.words, before.actors))) > 1:
        return group
    if fold(words[0]) not in PRONOUNS:
        return []
    return roles.codes([who for who in before.actors if who.actor.person][:1])


def _who(one: Read, doers: Sequence[roles.Who], act: Hit) -> list[roles.Who]:
    """Who does an act; who is asked to clarify does not do it: "NATO asked Russia to clarify the plan"."""
    words, at = one.sentence.words, act.first
    if payload(act).id == "demand" and MODAL.fullmatch(fold(words[at])):
        return _who_says_so(one, doers, act)
    if payload(act).id == "reject" and JUDGED.match(payload(act).phrase) and (said := _who_says_so(one, doers, act)):
        return said
    if payload(act).id == "clarify" and at and fold(words[at - 1]) == "to":
        asked = next((who for who in reversed(doers) if who.last <= at and at - who.last <= 4), None)
        rest = [who for who in doers if asked is None or who.last <= asked.first]
        while asked and rest and rest[-1].actor.code == asked.actor.code:  # "Russian envoy Dmitry Rogozin"
            asked = rest.pop()
        if rest:
            return roles.subject(words, rest, at, _agents(one, act), act.last)
    return roles.subject(words, doers, at, _agents(one, act), act.last)


JUDGED = re.compile(
    r"unaccept|неприемлем|inakzept|unannehm|inaccept|inacept|non starter|superfluous|unnecessary|überfl|лишн|излишн"
)
"""What is said of a thing, so that who says it does it: "the deployment is unacceptable, the ministry said"."""


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


def group_before(read: Sequence[Read], number: int) -> list[str]:
    """Who "they" and "the presidents" are: whom the sentence before names first, together; else who spoke last."""
    for one in read[max(0, number - 1) : number]:
        if one.actors:
            return roles.codes(roles.together(one.sentence.words, one.actors))
    return last_speaker(read, number)


def last_speaker(read: Sequence[Read], number: int) -> list[str]:
    """Whom a text named last in person before a sentence."""
    for one in reversed(read[:number]):
        people = [w for w in one.actors if w.actor.person]
        if people:
            return roles.codes(people[:1])
    return []
