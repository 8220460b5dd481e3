"""Promises with a day to come: who promises what for when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from streams.contracts.records import Commitment
from streams.logic.tag import roles
from streams.logic.tag.asked import SLAVIC_INFINITIVE
from streams.logic.tag.datelines import dateline
from streams.logic.tag.dates import Dated, days
from streams.logic.tag.doers import RECEIVING, group_before, who_says_last, whose_deed
from streams.logic.tag.negation import not_done
from streams.logic.tag.reading import Read, by, payload, word_at
from streams.logic.tag.standing import Standing, standing
from streams.logic.tag.telling import becomes, means_to
from streams.logic.tag.who import Who, codes


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
        put_off = bool(POSTPONED.search(one.text))
        if not (promises or one.cues.get("future") or put_off or means_to(one)):
            continue
        ahead: list[Dated] = [
            d
            for d in days(one.text, day, future=True)
            if (day is None or d.day > day)
            and (d.stated_year or day is None or d.day - day <= A_DAY_TO_COME)
            and not _AFTER.search(one.text[: d.start])
        ]
        if not ahead or (not promises and _decided(one)):
            continue
        due = ahead[-1] if put_off else ahead[0]
        doers = _doers(one)
        if promises and is_infinitive_at(one, promises[0].last):
            doers = [who for who in doers if who.last <= promises[0].first]  # "пообещал ответить НАТО"
        found.append(
            Commitment(
                who=(group_before(read, one.number) if _TOGETHER.match(one.text) else [])
                or _in_its_part(one, due)
                or _who_promises(one, doers, promises)
                or codes(doers[:1])
                or group_before(read, one.number),
                what=one.text.strip()[:300],
                due=due.day.isoformat(),
                quote=fields[one.sentence.field][one.sentence.start : one.sentence.end],
            )
        )
    # A headline that names nobody tells of the promise that its text names somebody for.
    return [one for one in found if one.who or not any(other.who and other.due == one.due for other in found)]


POSTPONED = re.compile(
    r"\b(?:postpon|put(?:s|ting)? off|delay|defer|push(?:es|ed)? back|verschob|verschieb|vertag"
    r"|перен[её]с|отлож|відкла|report[eé]|repouss)",
    re.IGNORECASE,
)
"""What is put off has a day still, another one: "from Oct. 20 to Nov. 4"."""


def is_infinitive_at(one: Read, at: int) -> bool:
    """Whether a Slavic infinitive follows a promise: whom it names has been promised something."""
    return bool(SLAVIC_INFINITIVE.fullmatch(word_at(one, at)))


def _doers(one: Read) -> list[Who]:
    """Whom a sentence names, other than as a place ("BRUSSELS, Dec. 3 - ", "in Prague") or as who is given something
    ("reply to Russia's draft", "Moscow will get our reply")."""
    words, start = one.sentence.folded, dateline(one)
    return [
        who
        for who in one.actors
        if who.first >= start
        and not (who.first and words[who.first - 1] in _PLACED)
        and not (who.last + 1 < len(words) and words[who.last] in _WILL and words[who.last + 1] in RECEIVING)
    ]


_TOGETHER = re.compile(
    r"(?:the (?:two )?(?:presidents|leaders|sides|countries|ministers)|both (?:sides|countries|leaders)|they\b"
    r"|(?:обе )?стороны|президенты|лидеры|они\b|(?:die )?beiden? (?:seiten|präsidenten|staaten)|die präsidenten)",
    re.IGNORECASE,
)
"""Who stands for those that the sentence before named together."""
_PLACED = frozenset(["in", "at", "near", "to", "в", "во", "у", "к", "bei", "dans", "à", "a", "w", "en"])
_WILL = frozenset(["will", "would", "shall", "wird", "werden", "soll", "sollen"])

A_DAY_TO_COME = timedelta(days=300)
"""A day of no year is not promised for nearly a year ahead: it is one that has been."""
_AFTER = re.compile(r"\b(?:after|since|following|после|nach|seit|après|depuis)(?: \w+){0,8} ?$", re.IGNORECASE)


def _decided(one: Read) -> bool:
    """Whether what is to come is told as decided: "will suspend its obligations, effective February 2"."""
    taken_back = not_done(one)
    return any(
        payload(act).id in ("suspend", "withdraw")
        and place not in taken_back
        and becomes(one, act, taken_back=False) == payload(act).id
        and standing(one, act) is Standing.TOLD
        for place, act in enumerate(one.acts)
    )


def _in_its_part(one: Read, dated: Dated) -> list[str]:
    """Who stands in the part of a headline that names the day: "Blinken promises reply, Lavrov to answer on Feb. 1"."""
    comma = one.text.rfind(", ", 0, dated.start)
    if one.sentence.field != "title" or comma < 0:
        return []
    spans = one.sentence.places
    return codes([who for who in one.actors if comma < spans[who.first][0] < dated.start][:1])


def _who_promises(one: Read, doers: Sequence[Who], promises: Sequence[Any]) -> list[str]:
    places = promises or one.cues.get("future", [])
    for place in places:
        who = codes(whose_deed(one, doers, place) or who_says_last(one, doers, place)) if promises else []
        who = who or codes(roles.subject(one.sentence.words, doers, place.first, by(one), place.last))
        if who:
            return who
    return []
