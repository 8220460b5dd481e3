"""Who: the proposer by the noun, the actor by the verb, the addressee by what follows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from streams.logic.knowledge import Actor
from streams.logic.words import fold

NEAR = 6
"""Words between an actor and the noun that it may own."""

BY = frozenset(
    [
        "by",
        "from",
        "von",
        "vom",
        "durch",
        "par",
        "de",
        "por",
        "przez",
        "przed",
        "от",
        "von",
        "by",
        "of",
        "der",
        "des",
        "du",
        "del",
        "da",
        "od",
    ]
)
# As words are compared, without dots and accents; "à" alone stands as it is, for without it French would have an "a".
TO = frozenset(
    [
        "to",
        "with",
        "upon",
        "at",
        "for",
        "an",
        "à",
        "a",
        "con",
        "com",
        "mit",
        "gegenuber",
        "auprès",
        "к",
        "с",
        "для",
        "до",
        "con",
        "do",
        "z",
        "на",
        "ke",
        "bei",
        "al",
        "aux",
        "au",
        "from",
    ]
)
AND = frozenset(["and", "und", "et", "y", "e", "и", "та", "і", "й", "i", "oraz", "&"])
"""Words that join two subjects, in the languages that have a pack."""

ARTICLES = frozenset(["the", "die", "der", "das", "les", "la", "le", "l", "los", "las", "el", "os", "as", "o"])

OBJECTS = frozenset(
    [
        "den",
        "dem",
        "told",
        "tells",
        "give",
        "gives",
        "gave",
        "giving",
        "given",
        "handed",
        "hands",
        "sent",
        "sends",
        "informed",
        "informs",
        "notified",
        "notifies",
        "warned",
        "warns",
        "assured",
        "assures",
        "reminded",
        "reminds",
    ]
)
"""Words after which nobody is the subject: "hat den USA vorgeschlagen", "told Russian leaders that he"."""

FEMININE = frozenset(["NATO", "EU", "OSCE", "UA", "TR"])
"""Actors that German gives the feminine article: with "der" they are no subject."""

HANGS = frozenset(
    [
        "by",
        "von",
        "vom",
        "durch",
        "par",
        "por",
        "przez",
        "with",
        "about",
        "in",
        "at",
        "to",
        "for",
        "on",
        "against",
        "mit",
        "uber",
        "zu",
        "fur",
        "gegen",
        "an",
        "avec",
        "sur",
        "à",
        "pour",
        "contre",
        "con",
        "sobre",
        "para",
        "contra",
        "с",
        "со",
        "о",
        "об",
        "в",
        "к",
        "для",
        "на",
        "против",
        "про",
        "із",
        "з",
        "до",
        "за",
        "със",
        "com",
        "sobre",
        "pela",
        "pelo",
        "przeciw",
        "wobec",
    ]
)
PROPOSAL_NOUNS = (
    "propos", "offer", "initiativ", "idea", "plan", "draft", "demand", "call", "concept", "предложен",
    "инициатив", "иде", "проект", "требован", "план", "пропозиц", "ініціатив", "вимог", "vorschl",
    "vorschlag", "forderung", "angebot", "entwurf", "proposition", "offre", "exigence", "projet", "propuest",
    "oferta", "iniciativa", "exigencia", "proyecto", "предложение", "идея", "искан", "propozycj", "żądani",
    "inicjatyw", "proposta", "exigência",
)  # fmt: skip


MOST = 20
"""Actors before an act among whom its subject is looked for: more stand in no sentence that was written to be read."""

AGENT, OF_A_NOUN = 6, 9
"""Words from an act to who did it; of a noun's the treaty stands between: "the rejection of the treaty by NATO"."""

BEFORE, JOINED, CHAIN = 4, 3, 6
"""How many actors before one are looked at, how many words may join two, and how long a chain of them is followed."""

WARS = re.compile(r"wars?|invasion|aggression|(?:angriffs)?krieg\w*|войн\w*|вторжени\w*|агресси\w*|guerre|guerra")
"""What only bears an actor's name: "the Russian invasion"."""

COMPOUNDS = ("plan", "plans", "vorschlag", "entwurf", "angebot", "forderung", "initiative")
"""Last parts of German nouns for a proposal: "der Siegesplan des Präsidenten"."""


OWNED = 5
"""Words from an owner to the treaty: "Russia's European security treaty"."""
TREATIES = (
    "treaty",
    "treaties",
    "pact",
    "accord",
    "договор",
    "пакт",
    "соглашени",
    "vertrag",
    "abkommen",
    "pakt",
    "traité",
)
TREATY_COMPOUNDS = ("vertrag", "vertrags", "vertrages", "pakt", "pakts", "abkommen", "abkommens")
GERMAN_ARTICLES = frozenset(["den", "dem", "des", "ein", "einen", "einem", "eines", "a", "an"])


class Who(NamedTuple):
    """An actor at a place of a sentence (word positions)."""

    actor: Actor
    first: int
    last: int


def valid(actor: Actor, published: date | None) -> bool:
    """Whether a person held the office when the article was published."""
    if not actor.person or published is None:
        return True
    year = str(published.year)
    return (not actor.since or actor.since[:4] <= year) and (not actor.until or year <= actor.until[:4])


def codes(found: Iterable[Who]) -> list[str]:
    """Actor codes in order, each once."""
    return list(dict.fromkeys(who.actor.code for who in found))


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
        return _joined(before[-1], actors)
    after = [
        w
        for w in actors
        if w.first >= (start + 1 if noun and start < first else last)
        and w.first <= last + 3
        and (w.first >= last or start < w.first < first)
        and any(fold(word) in BY for word in words[max(start, w.first - 3) : w.first])
    ]
    return _joined(after[0], actors) if after else []


def _joined(one: Who, actors: Sequence[Who]) -> list[Who]:
    """An actor with those that are coordinated to it ("France and Germany")."""
    found = [one]
    for who in actors:
        if who is not one and (0 <= who.first - found[-1].last <= 1):
            found.append(who)
    return found


def _with_those_before(one: Who, actors: Sequence[Who], words: Sequence[str]) -> list[Who]:
    """An actor with those that lead up to it ("NATO and Russia signed")."""
    found = [one]
    for who in reversed(actors):
        between = [fold(word) for word in words[who.last : found[0].first]]
        # "Obama and Russian President Dmitry Medvedev": who stands between is the one who is joined.
        same = {
            at
            for w in actors
            if w.actor.code == found[0].actor.code and w.last <= found[0].first
            for at in range(w.first, w.last)
        }
        rest = [words[at] for at in range(who.last, found[0].first) if at not in same]
        if who is not one and who.actor.code != found[0].actor.code and (not between or _joins_titled(rest)):
            found.insert(0, who)
    return found


TITLES = re.compile(
    r"(?:vice|deputy|prime|foreign|defen[cs]e|president|minister|chancellor|secretary|general|of|state|envoy|king|leader"
    r"|президент\w*|премьер\w*|министр\w*|канцлер\w*|генсек\w*|глав\w+|госсекретар\w*|иностранных|дел|обороны"
    r"|prasident\w*|kanzler\w*|bundeskanzler\w*|\w*minister\w*|generalsekretar\w*|staatschef\w*|kollege\w*|ihr|sein)"
)
"""What stands before a name and is no actor of its own. As words are compared: without dots."""
TITLED = 5
"""Words that may lead from "and" to whom it joins: "and Russian President Dmitry Medvedev"."""


def _joins_titled(between: Sequence[str]) -> bool:
    """Whether two actors are joined: "Obama and President Dmitry Medvedev"."""
    if not between or len(between) > TITLED or fold(between[0]) not in AND:
        return False
    rest = [(word, fold(word)) for word in between[1:]]
    return all(plain in ARTICLES or word[:1].isupper() or TITLES.fullmatch(plain) for word, plain in rest)


def _hangs(words: Sequence[str], who: Who) -> bool:
    """Whether an actor hangs on a preposition, or stands in the German dative ("hat der NATO vorgelegt")."""
    if any(fold(word) in HANGS for word in words[max(0, who.first - 2) : who.first]):
        return True
    if any(fold(word) in OBJECTS for word in words[max(0, who.first - 2) : who.first]):
        return True
    if any(_DATIVE.fullmatch(fold(word)) for word in words[max(0, who.first - 2) : who.last]):
        return True  # "направил лидерам стран НАТО", "предложил странам НАТО"
    if not (who.first > 0 and fold(words[who.first - 1]) == "der" and who.actor.code in FEMININE):
        return False
    if who.first > 1 and fold(words[who.first - 2]) in AND:
        return False  # as the one before it does
    # After a noun it is a genitive, and of the subject: "die Botschafter der NATO".
    return not (who.first > 1 and words[who.first - 2][:1].isupper())


_DATIVE = re.compile(
    r"(?:лидер|глав|стран|государств|союзник|партнер|министр|посл|член|участник|представител)(?:ам|ям)"
)


def _joins(between: Sequence[str]) -> bool:
    return bool(between) and between[0] in AND and set(between[1:]) <= ARTICLES


def _those_before(actors: Sequence[Who], place: int) -> Iterator[tuple[int, Who]]:
    """The few actors that stand right before one, the nearest first."""
    for at in range(place - 1, max(-1, place - 1 - BEFORE), -1):
        if 0 <= actors[place].first - actors[at].last <= JOINED:
            yield at, actors[at]


def _hangs_with_others(words: Sequence[str], actors: Sequence[Who], place: int) -> bool:
    """Whether an actor hangs, or is joined to one that does: "hat der Ukraine und Russland vorgelegt"."""
    for _ in range(CHAIN):
        who = actors[place]
        if _hangs(words, who):
            return True
        joined = (
            at
            for at, w in _those_before(actors, place)
            # "With Russia's envoy, Dmitry Rogozin": he is the envoy.
            if _joins(_folded(words, w.last, who.first)) or (who.actor.person and w.actor.code == who.actor.code)
        )
        if (at := next(joined, None)) is None:
            return False
        place = at
    return False


def _folded(words: Sequence[str], first: int, last: int) -> list[str]:
    return [fold(word) for word in words[first:last]]


def _is_a_proposal(word: str) -> bool:
    return word.startswith(PROPOSAL_NOUNS) or word.endswith(COMPOUNDS)


def _is_of_a_noun(words: Sequence[str], actors: Sequence[Who], place: int) -> bool:
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


def _is_a_german_object(words: Sequence[str], actors: Sequence[Who], place: int) -> bool:
    """Whether an actor follows the verb that its subject stands before: "die Nato hat Russland ... übermittelt"."""
    who = actors[place]
    if not who.first or not _GERMAN_FINITE.fullmatch(fold(words[who.first - 1])):
        return False
    return any(0 <= who.first - 1 - other.last <= 1 for other in actors[:place])


def _is_the_object_of(words: Sequence[str], one: Who, other: Who) -> bool:
    """Whether the second of two actors side by side is a German dative: "hat die Nato Russland ... unterbreitet"."""
    at = one.first - 1
    if at > 0 and fold(words[at]) in ARTICLES:
        at -= 1
    return one.last == other.first and one.actor.code != other.actor.code and at >= 0 and fold(words[at]) in _HAVE


_HAVE = frozenset(["hat", "haben", "hatte", "hatten", "wird", "werden", "will", "wollen"])
_GERMAN_FINITE = re.compile(
    r"hat|haben|hatte|hatten|(?:ubermittel|schick|send|sand|biet|leg|uberreich|versicher|droh|antworte|versprich|teil|erklar)t?e?n?"
    r"|bot|boten|ubergab|ubergibt|gab|gibt|schlug|schlagt|versprach|warf|wirft|forderte?|fordert|bittet|bat|warnt|warnte|wird|will"
)


def _owns(words: Sequence[str], who: Who, at: int) -> bool:
    """Whether an actor only owns what is acted on: "Die NATO hat Russlands Vorschlag abgelehnt"."""
    after = [fold(word) for word in words[who.last : min(who.last + OWNED, at)]]
    if any(word.startswith(PROPOSAL_NOUNS) for word in after[:2]):
        return True
    # "Medwedews Sicherheitsvertrag", "Russia's security treaty": not "NATO den Vertrag", "Paris could back the treaty".
    if not (after[:1] == ["s"] or _OWNING.fullmatch(fold(words[who.last - 1])) or _is_a_treaty(after[:1])):
        return False
    own = next(
        (n for n, word in enumerate(after) if word in ARTICLES or word in GERMAN_ARTICLES or word in HANGS), OWNED
    )
    return _is_a_treaty(after[:own])


def _brought(words: Sequence[str], who: Who) -> bool:
    """Whether an actor only brought what is acted on: "der von Russland vorgeschlagene Vertrag"."""
    after = fold(words[who.last]) if who.last < len(words) else ""
    return bool(_PARTICIPLE.fullmatch(after)) and who.first > 0 and fold(words[who.first - 1]) in ("von", "vom")


_PARTICIPLE = re.compile(r"\w*ge\w+(?:en|t)e[mnrs]?")


def _is_a_treaty(words: Sequence[str]) -> bool:
    return any(word.startswith(TREATIES) or word.endswith(TREATY_COMPOUNDS) for word in words)


_OWNING = re.compile(r"\w+(?:land|wede|skau|kreml|ropa)?s|\w+(?:ian|ish|isch\w*|ск\w{1,3})")
"""A genitive or an adjective, as words are compared."""


def subject(words: Sequence[str], actors: Sequence[Who], at: int, passive: Sequence[int], last: int) -> list[Who]:
    """Who does the act at word `at`: the nearest actor before the verb; after `by` in a passive."""
    noun = fold(words[last - 1]).endswith(("ion", "al", "ance", "ment", "ung"))
    reach = OF_A_NOUN if noun else AGENT
    for by in passive:
        # "Rejected the treaty drafted by Russia": the agent is the drafting's.
        another_s = by - 1 >= last and fold(words[by - 1]).endswith("ed")
        if at <= by <= at + reach and not another_s:
            agents = [w for w in actors if by < w.first <= by + 5]
            if agents:
                return _joined(agents[0], actors)
    before = list({(w.actor.code, w.first): w for w in actors if w.last <= at}.values())[-MOST:]
    if before:
        # "NATO ambassadors met with their Russian counterpart and called on him": what hangs on a
        # preposition is not the subject, unless there is nothing else.
        free = [
            w
            for place, w in enumerate(before)
            if not _hangs_with_others(words, before, place)
            and not _is_a_german_object(words, before, place)
            and not _owns(words, w, at)
            and not _is_of_a_noun(words, before, place)
            and not (w.last < len(words) and WARS.fullmatch(fold(words[w.last])))
        ]
        if not free and all(_owns(words, w, at) or _brought(words, w) for w in before):
            return []  # "Medwedews Vertrag liegt auf Eis": whose it is has done nothing
        if len(free) > 1 and _is_the_object_of(words, free[-2], free[-1]):
            free.pop()
        return _with_those_before(free[-1] if free else before[-1], free or before, words)
    # "Schlug der russische Präsident in Berlin einen Vertrag vor": inside a parted verb.
    inside = [w for n, w in enumerate(actors) if at < w.first < last and not _hangs_with_others(words, actors, n)]
    if inside and fold(words[last - 1]) in PARTED:
        return _joined(inside[0], actors)
    after = [
        w
        for w in actors
        if last <= w.first <= last + 3 and ANOTHER_CLAUSE.isdisjoint(fold(word) for word in words[last : w.first])
    ]
    return after[:1]


PARTED = frozenset(["vor", "ab", "an", "aus", "zu", "ein", "auf", "zuruck"])
"""What a German verb leaves at the end of its clause."""
ANOTHER_CLAUSE = frozenset(
    ("weil", "dass", "nachdem", "obwohl", "wenn", "because", "after", "while", "since", "as", "that", "потому", "что",
     "поскольку", "после", "если", "parce", "que", "porque")
)  # fmt: skip
"""Words that begin a clause of its own: who stands in it does nothing in the one before."""


def together(words: Sequence[str], actors: Sequence[Who]) -> list[Who]:
    """Whom a sentence names first, with those that are joined to him: "Ambassadors of NATO and Russia"."""
    found = list(actors[:1])
    for who in actors[1:]:
        between = words[found[-1].last : who.first]
        if who.actor.code == found[-1].actor.code and len(between) <= JOINED:
            found[-1] = who
        elif not between or _joins_titled(between):
            found.append(who)
        else:
            break
    return found


WITH = frozenset(["with", "mit", "с", "со", "avec", "con", "із", "з", "z", "com"])
PARTNER = 5
"""Words from an act of talking to "with", and from there to whom it is done with."""


def partner(words: Sequence[str], actors: Sequence[Who], last: int) -> list[Who]:
    """With whom somebody talks: "discussed it with Vladimir Putin"."""
    at = next((at for at in range(last, min(last + PARTNER, len(words))) if fold(words[at]) in WITH), None)
    if at is None:
        return []
    return [who for who in actors if at < who.first <= at + PARTNER][:1]


def told(words: Sequence[str], actors: Sequence[Who], at: int) -> list[Who]:
    """To whom: the first actor after the act that a preposition of direction leads to."""
    return [
        w for w in actors if w.first > at and any(fold(word) in TO for word in words[max(at, w.first - 3) : w.first])
    ][:1]
