"""An actor at a place of a sentence, and those that are joined to him: "Obama and President Medvedev"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from streams.logic.knowledge import Actor
from streams.logic.tag.particles import AND, ARTICLES, PEOPLE, TITLES
from streams.logic.words import fold


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


def joined(one: Who, actors: Sequence[Who]) -> list[Who]:
    """An actor with those that are coordinated to it ("France and Germany")."""
    found = [one]
    for who in actors:
        if who is not one and (0 <= who.first - found[-1].last <= 1):
            found.append(who)
    return found


def with_those_before(one: Who, actors: Sequence[Who], words: Sequence[str]) -> list[Who]:
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
        if who is not one and who.actor.code != found[0].actor.code and (not between or joins_titled(rest)):
            found.insert(0, who)
    return found


_WHENCE = frozenset(["from", "of", "aus", "von", "из", "від", "de"])
TITLED = 6
"""Words that may lead from "and" to whom it joins: "and Russian President Dmitry Medvedev"."""


def joins_titled(between: Sequence[str]) -> bool:
    """Whether two actors are joined: "Obama and President Dmitry Medvedev", "NATO ministers and their counterpart",
    "officers from NATO states and from Russia"."""
    rest = [(word, fold(word)) for word in between]
    while rest and PEOPLE.fullmatch(rest[0][1]):
        rest.pop(0)
    if not rest or len(between) > TITLED or rest[0][1] not in AND:
        return False
    if rest[1:] and rest[1][1] in _WHENCE:
        del rest[1]
    return all(plain in ARTICLES or word[:1].isupper() or TITLES.fullmatch(plain) for word, plain in rest[1:])
