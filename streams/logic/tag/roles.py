"""Who: the proposer by the noun, the actor by the verb, the addressee by what follows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.logic.tag.hanging import (
    HAVE,
    JOINED,
    brought,
    hangs_with_others,
    is_a_german_object,
    is_of_a_noun,
    is_the_object_of,
    owns,
)
from streams.logic.tag.particles import ANOTHER_CLAUSE, BY, PARTED, PROPOSAL_NOUNS, TO, WARS, WITH
from streams.logic.tag.who import Who, joined, joins_titled, with_those_before
from streams.logic.words import fold

NEAR = 6
"""Words between an actor and the noun that it may own."""


def owners(words: Sequence[str], actors: Sequence[Who], first: int, last: int) -> list[Who]:
    """Who owns the proposal named at [first, last): "Medvedev's proposal for a new treaty",
    "the Russian initiative", "предложение Москвы", "the plan put forward by Paris"."""
    start = first
    for at in range(first - 1, max(-1, first - NEAR - 1), -1):
        if fold(words[at]).startswith(PROPOSAL_NOUNS):
            start = at
            break
    noun = fold(words[start]).startswith(PROPOSAL_NOUNS) if start < len(words) else False
    before = [w for w in actors if w.last <= start and start - w.last <= 2 and w.last > start - NEAR]
    if before and (noun or start == first):
        return joined(before[-1], actors)
    after = [
        w
        for w in actors
        if w.first >= (start + 1 if noun and start < first else last)
        and w.first <= last + 3
        and (w.first >= last or start < w.first < first)
        and (
            any(fold(word) in BY for word in words[max(start, w.first - 3) : w.first])
            or (noun and start < first and w.first == start + 1 and _CYRILLIC.match(words[start]) is not None)
        )
    ]
    return joined(after[0], actors) if after else []


_CYRILLIC = re.compile("[а-яіїєґ]", re.IGNORECASE)
"""Where a genitive stands right after its noun: "план Германии о выводе", "предложение США"."""


MOST = 20
"""Actors before an act among whom its subject is looked for: more stand in no sentence that was written to be read."""

A_DAY = 3
"""Words from the end of an act of several words to its agent: "was published on Sunday by"."""

AGENT, OF_A_NOUN = 6, 9
"""Words from an act to who did it; of a noun's the treaty stands between: "the rejection of the treaty by NATO"."""


def subject(words: Sequence[str], actors: Sequence[Who], at: int, passive: Sequence[int], last: int) -> list[Who]:
    """Who does the act at word `at`: the nearest actor before the verb; after `by` in a passive."""
    if agents := _german_agents(words, actors, at) or _agents(words, actors, at, passive, last):
        return agents
    return _before(words, actors, at, last)


def _agents(words: Sequence[str], actors: Sequence[Who], at: int, passive: Sequence[int], last: int) -> list[Who]:
    """Who did what a passive tells, where it says so."""
    noun = fold(words[last - 1]).endswith(("ion", "al", "ance", "ment", "ung"))
    reach = OF_A_NOUN if noun else AGENT
    for by in passive:
        # "Rejected the treaty drafted by Russia": the agent is the drafting's.
        before_it = fold(words[by - 1]) if by - 1 > at else ""
        another_s = before_it.endswith("ed") or (
            before_it.startswith(PROPOSAL_NOUNS) and any(w.last <= at for w in actors)
        )  # "Ukraine welcomed an offer by the United States": the offer's
        if at <= by <= max(at + reach, last + A_DAY) and not another_s:
            agents = [w for w in actors if by < w.first <= by + 5]
            if agents:
                return joined(agents[0], actors)
    return []


def _before(words: Sequence[str], actors: Sequence[Who], at: int, last: int) -> list[Who]:
    """The subject before its verb; what a verb's parts stand around; what follows it."""
    before = list({(w.actor.code, w.first): w for w in actors if w.last <= at}.values())[-MOST:]
    if before:
        # "NATO ambassadors met with their Russian counterpart and called on him": what hangs on a
        # preposition is not the subject, unless there is nothing else.
        free = [
            w
            for place, w in enumerate(before)
            if not hangs_with_others(words, before, place)
            and not is_a_german_object(words, before, place)
            and not owns(words, w, at)
            and not is_of_a_noun(words, before, place)
            and not (w.last < len(words) and WARS.fullmatch(fold(words[w.last])))
        ]
        if not free and all(owns(words, w, at) or brought(words, w) for w in before):
            return []  # "Medwedews Vertrag liegt auf Eis": whose it is has done nothing
        # "Договор с НАТО предложил президент России"
        within = [] if free else _office_after(words, actors, last) or _inside_a_parted_verb(words, actors, at, last)
        if within:
            return within  # "als Antwort auf den russischen Austritt setzen die Nato-Staaten den Vertrag aus"
        if len(free) > 1 and is_the_object_of(words, free[-2], free[-1]):
            free.pop()
        return with_those_before(free[-1] if free else before[-1], free or before, words)
    if inside := _inside_a_parted_verb(words, actors, at, last):
        return inside
    after = [
        w
        for w in actors
        if last <= w.first <= last + 3
        and not any(word in ANOTHER_CLAUSE or word in TO for word in map(fold, words[last : w.first]))
    ]  # not whom it is put to: "allies promise reply to Russia"
    return after[:1]


def _office_after(words: Sequence[str], actors: Sequence[Who], last: int) -> list[Who]:
    """Who holds the office that follows a Slavic verb as its subject: "предложил президент России"."""
    if last >= len(words) or not _OFFICE.fullmatch(fold(words[last])):
        return []
    return [w for w in actors if last <= w.first <= last + 3][:1]


_OFFICE = re.compile(r"президент|премьер|министр|канцлер|генсек|посол|глава|постпред|представитель|міністр|представник")


def _german_agents(words: Sequence[str], actors: Sequence[Who], at: int) -> list[Who]:
    """Who did what a German participle tells at the end of a passive: "ist vom Präsidenten in einer Rede angeregt
    worden"."""
    if at + 1 >= len(words) or fold(words[at + 1]) != "worden":
        return []
    by = next((n for n in range(at - 1, max(-1, at - CLAUSE - 1), -1) if fold(words[n]) in ("von", "vom")), None)
    agents = [w for w in actors if by is not None and by < w.first <= min(by + 4, at)]
    return joined(agents[0], actors) if agents else []


CLAUSE = 16
"""Words from the agent of a German passive to the participle that ends its clause."""


def _inside_a_parted_verb(words: Sequence[str], actors: Sequence[Who], at: int, last: int) -> list[Who]:
    """Whom a German verb's two parts stand around: "schlug der russische Präsident in Berlin einen Vertrag vor"."""
    if fold(words[last - 1]) not in PARTED:
        return []
    inside = [w for n, w in enumerate(actors) if at < w.first < last and not hangs_with_others(words, actors, n)]
    return joined(inside[0], actors) if inside else []


def together(words: Sequence[str], actors: Sequence[Who]) -> list[Who]:
    """Whom a sentence names first, with those that are joined to him: "Ambassadors of NATO and Russia"."""
    found = list(actors[:1])
    for who in actors[1:]:
        between = words[found[-1].last : who.first]
        if who.actor.code == found[-1].actor.code and len(between) <= JOINED:
            found[-1] = who
        elif not between or joins_titled(between):
            found.append(who)
        else:
            break
    return found


PARTNER = 8
"""Words from an act of talking to "with", and from there to whom it is done with."""


def partner(words: Sequence[str], actors: Sequence[Who], first: int, last: int) -> list[Who]:
    """With whom somebody talks: "discussed it with Vladimir Putin", "hat es mit Wladimir Putin erörtert"."""
    at = next((at for at in range(last, min(last + PARTNER, len(words))) if fold(words[at]) in WITH), None)
    if at is None and any(fold(word) in HAVE for word in words[:first]):
        at = next((at for at in range(first - 1, 0, -1) if fold(words[at]) == "mit"), None)
    if at is None:
        return []
    return [who for who in actors if at < who.first <= at + PARTNER][:1]


def told(words: Sequence[str], actors: Sequence[Who], at: int) -> list[Who]:
    """To whom: the first actor after the act that a preposition of direction leads to."""
    return [
        w for w in actors if w.first > at and any(fold(word) in TO for word in words[max(at, w.first - 3) : w.first])
    ][:1]
