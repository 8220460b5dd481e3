"""Who is no subject although he stands before the verb: what hangs on a preposition, an object, an owner."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from streams.logic.tag.particles import (
    AND,
    ARTICLES,
    BY,
    COMPOUNDS,
    FEMININE,
    GERMAN_ARTICLES,
    HANGS,
    OBJECTS,
    PROPOSAL_NOUNS,
    TITLES,
    TREATIES,
    TREATY_COMPOUNDS,
)
from streams.logic.tag.who import Who
from streams.logic.words import fold

_NO_SUBJECT = HANGS | OBJECTS
BEFORE, JOINED, CHAIN = 4, 3, 6
"""How many actors before one are looked at, how many words may join two, and how long a chain of them is followed."""


def _hangs(words: Sequence[str], who: Who) -> bool:
    """Whether an actor hangs on a preposition, or stands in the German dative ("hat der NATO vorgelegt")."""
    before = _folded(words, max(0, who.first - 2), who.first)
    if not _NO_SUBJECT.isdisjoint(before) or _folded(words, who.last, who.last + 1) == ["gegenuber"]:
        return True
    if before[-1:] in _MET and fold(words[who.first - 2]) in _AFTER:
        return True  # "said after meeting Russian leaders"
    if who.actor.person and _led_to(words, who.first) in HANGS:
        return True  # "mit Präsident Dmitri Medwedew"
    # "Направил лидерам стран НАТО", "предложил странам НАТО"; "ответ Москве Белый дом пообещал дать"
    if any(_DATIVE.fullmatch(fold(word)) for word in words[max(0, who.first - 2) : who.last]) or (
        who.last - who.first == 1 and _TO_A_CAPITAL.fullmatch(fold(words[who.first]))
    ):
        return True
    feminine = who.actor.code in FEMININE or _WEAK.fullmatch(words[who.first])
    if not (before[-1:] == ["der"] and feminine):
        return False
    # "Und der": as the one before. After a noun it is a genitive, and of the subject: "die Botschafter der NATO".
    noun = words[who.first - 2][:1].isupper() and not _DAY.fullmatch(words[who.first - 2])
    # "Hat den Rückzug der USA bedauert": of the object.
    led = _folded(words, max(0, who.first - 4), max(0, who.first - 2))
    if led[-1:] and led[-1].endswith("en") and led[-1] not in GERMAN_ARTICLES:
        led.pop()  # "einen neuen Sicherheitsdialog der Europäer"
    if led[-1:] and led[-1] in AND:
        led = _folded(words, max(0, who.first - 5), max(0, who.first - 4))  # "den Staats- und Regierungschefs der NATO"
    of_object = noun and bool(led) and led[-1] in GERMAN_ARTICLES
    return len(before) < 2 or of_object or (before[0] not in AND and not noun)


_WEAK = re.compile(r"[a-zäöü]\w+schen")
"""A German adjective after "der": "hat am Dienstag der russischen Seite einen Entwurf vorgelegt"."""
_DAY = re.compile(r"(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag\w*|Mittwoch\w*|Morgen|Abend|Nachmittag")


_MET = (["meeting"], ["seeing"], ["visiting"], ["receiving"], ["hosting"])
_AFTER = frozenset(["after", "before", "upon", "on"])


def _led_to(words: Sequence[str], at: int) -> str:
    """The word before a name, its given name and titles passed over."""
    if at and words[at - 1][:1].isupper() and not TITLES.fullmatch(fold(words[at - 1])):
        at -= 1
    while at and TITLES.fullmatch(fold(words[at - 1])):
        at -= 1
    return fold(words[at - 1]) if at else ""


_DATIVE = re.compile(r"[а-яіїєґ]{3,}(?:ам|ям)")
"""Russian and Ukrainian nouns of whom something is given to, in the plural."""
_TO_A_CAPITAL = re.compile(
    r"москве|варшаве|анкаре|москві|(?:вашингтон|києв|киев|лондон|париж|берл[иі]н)у|кремлю|брюсселю"
)
"""The same of capitals: nobody in this case does anything."""


def _joins(between: Sequence[str]) -> bool:
    return bool(between) and between[0] in AND and set(between[1:]) <= ARTICLES


def _those_before(actors: Sequence[Who], place: int) -> Iterator[tuple[int, Who]]:
    """The few actors that stand right before one, the nearest first."""
    for at in range(place - 1, max(-1, place - 1 - BEFORE), -1):
        if 0 <= actors[place].first - actors[at].last <= JOINED:
            yield at, actors[at]


def hangs_with_others(words: Sequence[str], actors: Sequence[Who], place: int) -> bool:
    """Whether an actor hangs, or is joined to one that does: "hat der Ukraine und Russland vorgelegt"."""
    for _ in range(CHAIN):
        who = actors[place]
        if _hangs(words, who):
            return True
        joined = (
            at
            for at, w in _those_before(actors, place)
            # "With Russia's envoy, Dmitry Rogozin": he is the envoy.
            if _joins(_folded(words, w.last, who.first))
            or (who.actor.person and w.actor.code == who.actor.code)
            or _listed(words, actors, at, place)
        )
        if (at := next(joined, None)) is None:
            return False
        place = at
    return False


def _listed(words: Sequence[str], actors: Sequence[Who], before: int, place: int) -> bool:
    """Whether two actors stand in a list that "and" ends: "НАТО, ЕС и ОБСЕ", where commas are no words."""
    one, other = actors[before], actors[place]
    if other.first - one.last > 1 or _folded(words, one.last, other.first) not in ([], ["the"]):
        return False
    for last, after in pairwise(actors[place:]):
        between = _folded(words, last.last, after.first)
        if _joins(between):
            return True
        if between not in ([], ["the"]):
            return False
    return False


def _folded(words: Sequence[str], first: int, last: int) -> list[str]:
    return [fold(word) for word in words[first:last]]


def _is_a_proposal(word: str) -> bool:
    return word.startswith(PROPOSAL_NOUNS) or word.endswith(COMPOUNDS)


def is_of_a_noun(words: Sequence[str], actors: Sequence[Who], place: int) -> bool:
    """Whether an actor is the genitive of what is acted on: "hat das Angebot Russlands begrüßt"."""
    for _ in range(CHAIN):
        who = actors[place]
        near = _folded(words, max(0, who.first - 2), who.first)
        if near and _is_a_proposal(near[-1]):
            return True
        if len(near) > 1 and _is_a_proposal(near[0]) and (near[1] in BY or near[1] in ARTICLES):
            return True
        # "the offer of Russian President Vladimir Putin": each hangs on the one before.
        led = (at for at, w in _those_before(actors, place) if w.first < who.first and who.first - w.last < JOINED)
        if (at := next(led, None)) is None:
            return False
        place = at
    return False


def is_a_german_object(words: Sequence[str], actors: Sequence[Who], place: int) -> bool:
    """Whether an actor follows the verb that its subject stands before: "die Nato hat Russland ... übermittelt"."""
    who = actors[place]
    verb = who.first - 1
    with_article = verb > 0 and fold(words[verb]) == "die"
    if with_article:
        verb -= 1  # "Russland hat die USA aufgefordert"; not "nach dem russischen Angriff hat die Nato"
    if verb < 0 or not _GERMAN_FINITE.fullmatch(fold(words[verb])):
        return False
    return any(
        0 <= verb - other.last <= 1
        and not (with_article and (_hangs(words, other) or _WEAK.fullmatch(words[other.first])))
        for other in actors[:place]
    )


def is_the_object_of(words: Sequence[str], one: Who, other: Who) -> bool:
    """Whether the second of two actors side by side is a German dative: "hat die Nato Russland ... unterbreitet"."""
    at = one.first - 1
    if at > 0 and fold(words[at]) in ARTICLES:
        at -= 1
    return one.last == other.first and one.actor.code != other.actor.code and at >= 0 and fold(words[at]) in HAVE


HAVE = frozenset(["hat", "haben", "hatte", "hatten", "wird", "werden", "will", "wollen"])
_GERMAN_FINITE = re.compile(
    r"hat|haben|hatte|hatten|(?:ubermittel|schick|send|sand|biet|leg|uberreich|versicher|droh|antworte|versprich|teil|erklar)t?e?n?"
    r"|bot|boten|ubergab|ubergibt|gab|gibt|schlug|schlagt|versprach|warf|wirft|forderte?|fordert|bittet|bat|warnt|warnte|wird|will"
)


OWNED = 5
"""Words from an owner to the treaty: "Russia's European security treaty"."""


def owns(words: Sequence[str], who: Who, at: int) -> bool:
    """Whether an actor only owns what is acted on: "Die NATO hat Russlands Vorschlag abgelehnt"."""
    after = [fold(word) for word in words[who.last : min(who.last + OWNED, at)]]
    if any(word.startswith(PROPOSAL_NOUNS) and word != "called" for word in after[:2]):
        return True
    # "Medwedews Sicherheitsvertrag", "Russia's security treaty": not "NATO den Vertrag", "Paris could back the treaty".
    if not (after[:1] == ["s"] or _OWNING.fullmatch(fold(words[who.last - 1])) or _is_a_treaty(after[:1])):
        return False
    own = next(
        (n for n, word in enumerate(after) if word in ARTICLES or word in GERMAN_ARTICLES or word in HANGS), OWNED
    )
    return _is_a_treaty(after[:own])


def brought(words: Sequence[str], who: Who) -> bool:
    """Whether an actor only brought what is acted on: "der von Russland vorgeschlagene Vertrag"."""
    after = fold(words[who.last]) if who.last < len(words) else ""
    return bool(_PARTICIPLE.fullmatch(after)) and who.first > 0 and fold(words[who.first - 1]) in ("von", "vom")


_PARTICIPLE = re.compile(r"\w*ge\w+(?:en|t)e[mnrs]?")


def _is_a_treaty(words: Sequence[str]) -> bool:
    return any(word.startswith(TREATIES) or word.endswith(TREATY_COMPOUNDS) for word in words)


_OWNING = re.compile(r"\w+(?:land|wede|skau|kreml|ropa)?s|\w+(?:ian|ish|isch\w*|ск\w{1,3})")
"""A genitive or an adjective, as words are compared."""
