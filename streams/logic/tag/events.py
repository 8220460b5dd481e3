"""What happens to a proposal in a text: who does what, when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from streams.contracts.records import Event, Evidence
from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.acts import NAMING, is_a_charge, told
from streams.logic.tag.datelines import dateline
from streams.logic.tag.dates import Period, days, gone_by
from streams.logic.tag.doers import meant_by_a_pronoun, set_against, who_does
from streams.logic.tag.negation import rejects_reports
from streams.logic.tag.reading import Read, payload
from streams.logic.tag.slots import remembers, weekdays
from streams.logic.tag.speakers import who_speaks
from streams.logic.tag.standing import Standing, standing
from streams.logic.tag.telling import gives_his_word
from streams.logic.tag.text import Sentence
from streams.logic.tag.who import codes

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
    # A publisher's note on its earlier words and what somebody remembers tell no event, save where nothing else does.
    telling = [one for one in related if not _is_a_notice(one) and not remembers(one)]
    for one in [one for one in telling if not is_a_question(one)] or telling or related:
        if len(found) >= MOST_EVENTS:
            break
        start = dateline(one)
        doers = [who for who in one.actors if who.first >= start and not set_against(one, who)]
        remembered = remembers(one)
        promised = any(gives_his_word(one, act) for act in one.acts)
        for act, kind, status in told(one, knowledge):
            if standing(one, act) is Standing.SUPPOSED:
                continue
            speaker = who_speaks(one, act, read)
            doers_too = (
                codes(roles.partner(one.sentence.words, one.actors, act.first, act.last)) if kind == "discuss" else []
            )
            meant = meant_by_a_pronoun(one, before)
            if any(who.first < act.first for who in doers):
                actors = speaker or codes(who_does(one, doers, act)) or meant
            else:
                actors = speaker or meant or codes(who_does(one, doers, act))
            actors = list(dict.fromkeys([*actors, *doers_too])) if actors else actors
            denied = knowledge.acts.get(payload(act).id) if kind == "deny" else None
            if denied == "rejected" and rejects_reports(one, act):
                denied = None
            key = (kind, denied, tuple(actors), one.number)
            if key in seen:
                continue
            seen.add(key)
            dated = days(one.text, day, promised or kind == "promise" or bool(one.cues.get("future")))
            if kind == "promise" and day is not None:
                dated = [told_of for told_of in dated if told_of.day <= day]  # what is due is ahead, the word was given
            found.append(
                Event(
                    act=kind,  # type: ignore[arg-type]  # checked when the entry was compiled
                    actor=actors,
                    status=None if is_a_charge(act) or remembered or _gone_by(one, act) else status,  # type: ignore[arg-type]  # likewise
                    denied=denied,  # type: ignore[arg-type]  # likewise
                    voice="quote" if one.cues.get("speech") else voice,
                    time=time,
                    when=dated[0].day.isoformat() if dated else _period(one, act, day),
                    evidence=[evidence(fields, one.sentence)],
                )
            )
        before = one
    return found[:MOST_EVENTS]


def _period(one: Read, act: Hit, day: date | None) -> str | None:
    """The month or year gone by that an act is told of, unless a day of this week is told nearer to it."""
    periods = [period for period in gone_by(one.text, day) if len(period.when) > YEAR or _told_with(one, act, period)]
    if not periods:
        return None
    start, end = one.sentence.places[act.first][0], one.sentence.places[act.last - 1][1]

    def apart(where: tuple[int, int]) -> int:
        return max(where[0] - end, start - where[1], 0)

    nearest = min(periods, key=lambda period: apart((period.start, period.end)))
    other_days = [where for where in weekdays(one) if not nearest.start <= where[0] < nearest.end]
    this_week = min(map(apart, other_days), default=None)
    return nearest.when if this_week is None or apart((nearest.start, nearest.end)) < this_week else None


YEAR = len("1957")
LED, LEADS = 1, 6
"""Words between an act and its year, "предложенный Россией в 2008 году", and between a year and its act."""


def _told_with(one: Read, act: Hit, year: Period) -> bool:
    """Whether a year belongs to an act: with no comma and no other act between them."""
    places = one.sentence.places
    at = next((n for n, (start, _) in enumerate(places) if start >= year.start), len(places))
    if at >= act.last:
        first, last, reach = act.last, at, LED
        between = one.text[places[act.last - 1][1] : year.start]
    else:
        first, last, reach = at + 2, act.first, LEADS
        between = one.text[year.end + 1 : places[act.first][0]]
    return last - first <= reach and "," not in between and not any(first <= o.first < last for o in one.acts)


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
