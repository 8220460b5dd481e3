"""What a mention says beside its proposal and its state: role, voice and time, each a choice by named features.

A slot's model (`weights/<slot>.yaml`) holds a weight for each pair of answer and feature; the answer with
the greatest sum wins, the first in the order of the contract when two are equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, get_args

from streams.contracts.records import Role, Time, Voice
from streams.logic.knowledge import Knowledge, Proposal
from streams.logic.tag.dates import month_of, years
from streams.logic.tag.features import Features, of_sentence, weigh
from streams.logic.tag.parties import GROUPS
from streams.logic.tag.reading import Read, once

ANSWERS: dict[str, tuple[str, ...]] = {
    "role": get_args(Role),
    "voice": get_args(Voice),
    "time": get_args(Time),
    "genre": ("opinion", "news", "official", "channel"),
}
"""What each model chooses among; `genre` is no slot, the voice leans on it."""

SLOTS = ("role", "voice", "time")

QUOTED = re.compile(r"[\"“”„«»‟]")
# "**bold**", pictures, "[a link](http...": one class of characters first, so that all else is passed over at once.
_MARKED = re.compile(
    r"[*\[\u2600-\u27bf\u25aa-\u25fe\U0001f300-\U0001faff](?:(?<=\*)\*|(?<=\[)[^\]]+\]\(http|(?<![*\[]))"
)
_EXCHANGE = re.compile(r"^\s*(?:Q\b|A\b|Вопрос|Ответ|Frage|Question|MR\.|MS\.|[A-Z][A-Z .]{6,}:)")


class Manner(NamedTuple):
    """How a whole document speaks."""

    total: int
    own_year: int | None
    """Its own year."""
    features: Features
    """Shares of its sentences that say, quote, argue, ask; marks of a briefing, a channel, an agency."""


def manner(read: Sequence[Read], day: date | None) -> Manner:
    """The manner of a document."""
    total = max(len(read), 1)
    texts = [one.text for one in read]
    counts = {
        "said": sum(bool(one.cues.get("speech")) for one in read),
        "quoted": sum(bool(QUOTED.search(text)) for text in texts),
        "argued": sum(bool(one.cues.get("opinion")) for one in read),
        "own words": sum(bool(one.cues.get("own")) for one in read),
        "exchange": sum(bool(_EXCHANGE.match(text)) for text in texts),
        "asked": sum(text.rstrip().endswith("?") for text in texts),
        "agency": sum(bool(one.cues.get("agency")) for one in read),
        "marked": sum(bool(_MARKED.search(text)) for text in texts),
        "people": sum(any(who.actor.person for who in one.actors) for one in read),
        "negated": sum(bool(one.cues.get("negation")) for one in read),
    }
    words = sum(len(one.sentence.words) for one in read)
    found: Features = {name: count / total for name, count in counts.items()}
    found |= {
        f"some {name}": float(count > 0) for name, count in counts.items() if name in ("exchange", "marked", "agency")
    }
    found |= {
        "length": math.log(total) / 4,
        "long sentences": words / total / 25,
        "short piece": float(total < 12),
        "very short piece": float(total < 5),
        "mostly own words": float(found["own words"] > 0.3),
        "mostly said": float(found["said"] > 0.4),
        "undated": float(day is None),
    }
    return Manner(total, own_year(read, day), found)


def own_year(read: Sequence[Read], day: date | None) -> int | None:
    """The year a text speaks from: of publication, else the latest that it names as come, or in which somebody whom it
    names took office."""
    if day:
        return day.year
    named = [year for one in read if not one.cues.get("future") for year in years(one.text)]
    offices = [int(who.actor.since[:4]) for one in read for who in one.actors if who.actor.person and who.actor.since]
    return max([*named, *offices], default=None)


def looks_back(one: Read, day: date | None) -> bool:
    """Whether a sentence begins with a month or a day well before `day`: "In June 2008 Medvedev proposed ..."."""
    if _YEARS_AGO.search(one.text) or remembers(one):
        return True
    begins = _BEGINS_DATED.match(one.text)
    then = month_of(begins["month"]) if begins else None
    if day is None:
        return False
    if then is None and (undated := _BEGINS_WITH_A_MONTH.match(one.text)):
        month = month_of(undated["month"])
        return month is not None and (day.month - month) % 12 >= PAST_MONTHS
    if begins is None or then is None:
        return False
    return (day.year - int(begins["year"])) * 12 + day.month - then >= PAST_MONTHS


def tells_of_years_gone(one: Read, day: date | None) -> bool:
    """Whether all years that a sentence names are well before `day`: "in Istanbul, in spring 2022, they met"."""
    named = years(one.text)
    return day is not None and bool(named) and max(named) <= day.year - PAST_YEARS


PAST_YEARS = 2
"""Years before its publication from which on a sentence beside a text's topic looks back."""


@once
def remembers(one: Read) -> bool:
    """Whether a sentence tells what somebody remembers: "recalls how Warsaw rejected the treaty", "in his memoirs"."""
    return bool(_REMEMBERS.search(one.text))


def names_a_weekday(one: Read) -> bool:
    """Whether a sentence tells of a day of this week, as only news does: "on Tuesday", "во вторник"."""
    return bool(_WEEKDAY.search(one.text))


def weekdays(one: Read) -> list[tuple[int, int]]:
    """Where a sentence names days of this week."""
    return [hit.span() for hit in _WEEKDAY.finditer(one.text)]


PAST_MONTHS = 2
"""Months before its publication from which on what a text begins with is a look back."""

_YEARS_AGO = re.compile(
    r"\b(?:(?:a|one|two|three|four|five|ten|\d+) (?:years?|decades?) ago|back in (?:\w+ )?(?:19|20)\d\d"
    r"|as early as (?:\w+ )?(?:19|20)\d\d"
    r"|(?:год|лет|года) (?:тому )?назад|ещ[её] в (?:\w+ )?(?:19|20)\d\d"
    r"|vor (?:genau |rund |gut |fast )?(?:einem|zwei|drei|vier|fünf|zehn|\d+) (?:jahr|jahren|jahrzehnten)"
    r"|(?:schon|bereits) im (?:\w+ )?(?:19|20)\d\d"
    r"|il y a (?:un|deux|trois|\d+) ans?|рік тому|роки тому)\b",
    re.IGNORECASE,
)
_REMEMBERS = re.compile(
    r"\b(?:recall(?:s|ed|ing)? (?:how|that|the day|by |an? )|remember(?:s|ed)? (?:how|that)|memoirs?\b|reminisce\w*"
    r"|вспомина\w+|вспомнил\w*|воспоминани\w+|мемуар\w*|згаду\w+, як|спогад\w*"
    r"|erinnert(?:e)? sich|in (?:seinen|ihren) erinnerungen|memoiren|mémoires|se souvient"
    r"|souvenirs|memorias|wspomina\w*"
    r"|(?:the|those|these) (?:\w+ )?(?:years|days|times) (?:when|in which)"
    r"|(?:the|those) (?:years|days|times) of|the time when"
    r"|(?:die|den|diese|jene) (?:\w+ )?(?:jahren?|tagen?|zeiten), (?:als|in denen)|die zeit, (?:als|in der)"
    r"|(?:времена|время|годы|дни), когда|(?:часи|роки|дні), коли"
    r"|(?:les|aux) (?:années|jours|temps) où|l['’]époque où)",
    re.IGNORECASE,
)
_BEGINS_DATED = re.compile(
    r"\W*(?:[^\W\d_]{1,3}\s+)?(?:\d{1,2}\.?\s+(?:de\s+)?)?(?P<month>[^\W\d_]{3,12})\.?\s+"
    r"(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:de\s+)?(?P<year>(?:19|20)\d\d)\b"
)
_BEGINS_WITH_A_MONTH = re.compile(
    r"\W*(?:in|im|en|em|w|в|у)\s+(?P<month>[^\W\d_]{3,12})\b(?!\.?,?\s+(?:\d|next|this))", re.IGNORECASE
)
"""A month of no year is the last of its name: "In April negotiators agreed"."""
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday|(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)(?:morgen|vormittag|mittag|nachmittag|abend|nacht)?s?"
    r"|понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье|сегодня|вчера"
    r"|понеділок|вівторок|середу|четвер|п.ятницю|суботу|неділю|сьогодні|вчора"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b",
    re.IGNORECASE,
)


def genre(knowledge: Knowledge, how: Manner) -> Features:
    """What kind of piece it is, as features that add up to 1."""
    model = knowledge.models["genre"]
    sums = {answer: weigh(model[answer], how.features) for answer in ANSWERS["genre"] if answer in model}
    highest = max(sums.values())
    parts = {answer: math.exp(value - highest) for answer, value in sums.items()}
    whole = sum(parts.values())
    return {f"reads like {answer}": part / whole for answer, part in parts.items()}


class Place(NamedTuple):
    """Where a proposal stands among those of its document."""

    rank: int
    candidates: int
    score: float


def features(
    knowledge: Knowledge,
    proposal: Proposal,
    best: Read,
    on: Sequence[Read],
    read: Sequence[Read],
    how: Manner,
    place: Place,
) -> dict[str, Features]:
    """For each slot the features that its model weighs."""
    sentence = of_sentence(proposal, best, read)
    kind = genre(knowledge, how)
    near = read[max(0, best.number - 1) : best.number + 2]
    said = bool(best.cues.get("speech"))
    quoted = bool(QUOTED.search(best.text))
    own = bool(best.cues.get("own"))
    document: Features = kind | {
        "quotes here": float(quoted),
        "own words here": float(own),
        "said around": float(any(other.cues.get("speech") for other in near)),
        "quotes around": float(any(QUOTED.search(other.text) for other in near)),
        "a person here": float(any(who.actor.person for who in best.actors)),
    }
    for name, value in kind.items():
        document[f"{name}, said here"] = value * said
        document[f"{name}, own words here"] = value * own
        document[f"{name}, quotes here"] = value * quoted
    document |= {f"document {name}": how.features[name] for name in ("said", "quoted", "argued", "own words")}
    done = {name.removeprefix("act "): 1.0 for name in sentence if name.startswith("act ")}
    return {
        "role": _prominence(best, on, how, place) | _what_it_is(proposal) | done | kind,
        "voice": _told(sentence) | {f"does {GROUPS.get(act, act)}": 1.0 for act in done} | document,
        "time": sentence | _years(proposal, best, read, how) | kind,
    }


TELLING = ("cue speech", "cue opinion", "cue rumour", "cue negation", "a question", "in the lead")
CALLED = ("named", "named treaty", "named plan", "content", "hint only", "no act")


def _told(sentence: Features) -> Features:
    """What a sentence shows of its voice: how it tells, and whether it calls the proposal by its name.

    Which proposal it is says nothing of the voice, though it seems to where examples are few.
    """
    return {name: sentence[name] for name in (*TELLING, *CALLED) if name in sentence}


def _what_it_is(proposal: Proposal) -> Features:
    """Of prominence not which entry it is: what the labelled years wrote of most says nothing of the next ones."""
    return {"a treaty" if proposal.treaty else "a class" if proposal.other else "a plan": 1.0}


def _prominence(best: Read, on: Sequence[Read], how: Manner, place: Place) -> Features:
    count = len(on)
    return {
        "in the title": float(any(one.sentence.field == "title" for one in on)),
        "in the lead": float(any(one.number <= 3 for one in on)),
        "best in the lead": float(best.number <= 3),
        "sentences": math.log1p(count - 1),
        "share": math.sqrt(count / how.total),
        "alone": float(place.candidates == 1),
        "first of several": float(place.rank == 0 and place.candidates > 1),
        "rank": math.log1p(place.rank),
        "score": place.score,
        "length": math.log(how.total) / 4,
        "how far in": best.number / how.total,
        "short piece": float(how.total < 12),
    }


def _years(proposal: Proposal, best: Read, read: Sequence[Read], how: Manner) -> Features:
    """How long ago it was for the document: by the years named here and last before, and by its own time."""
    found: Features = {}
    now = how.own_year
    soviet = any(who.actor.code == "USSR" for who in best.actors)
    if soviet:
        found["the Soviet Union here"] = 1.0
    if now is None:
        return found
    if soviet and now > SOVIET_END + 2:
        found["the Soviet Union after its end"] = 1.0
    if now <= SOVIET_END + 1:
        found["before 1993"] = 1.0
    found |= _ago("named here", now, years(best.text))
    for one in reversed(read[max(0, best.number - TOLD_BEFORE) : best.number]):
        if told := years(one.text):
            found |= _ago("named before", now, told)
            break
    found |= _ago(
        "named after", now, [year for one in read[best.number + 1 : best.number + 3] for year in years(one.text)]
    )
    if proposal.until and now > proposal.until + 1:
        found["its time is over"] = 1.0
        found["its time is long over"] = math.log1p(now - proposal.until - 1)
    return found


SOVIET_END = 1991
TOLD_BEFORE = 5
"""Sentences back to where a year may be named that still holds."""


def _ago(where: str, now: int, named: Sequence[int]) -> Features:
    if not named:
        return {}
    ago = now - max(named)
    return {f"{where}: {'this year' if ago <= 1 else 'some years ago' if ago <= 5 else 'many years ago'}": 1.0}


SHORT = 12
"""Sentences up to which a piece is taken at its word: the models are for what says a thing in many ways."""


def plain(slot: str, found: Mapping[str, float], how: Manner) -> str | None:
    """What a short piece says outright: its source has no name, its author speaks for himself."""
    if how.total > SHORT:
        return None
    if slot == "voice":
        if found.get("cue rumour"):
            return "rumour"
        if found.get("cue opinion") and found.get("own words here"):
            return "opinion"
    return None


def choose(knowledge: Knowledge, slot: str, found: Mapping[str, float], how: Manner) -> str:
    """What is said outright, else what weighs most."""
    return plain(slot, found, how) or weighed(knowledge, slot, found)


def weighed(knowledge: Knowledge, slot: str, found: Mapping[str, float]) -> str:
    """The answer with the greatest weight."""
    model = knowledge.models[slot]
    return max(ANSWERS[slot], key=lambda answer: weigh(model[answer], found) if answer in model else -math.inf)
