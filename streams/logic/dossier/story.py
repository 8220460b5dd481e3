"""Copies and origins: all copies of one report are ONE origin. Pure."""

from __future__ import annotations

import base64
import functools
import operator
import struct

import msgspec

LONG, SHORT = (60, 0.6), (15, 0.85)
"""Of a text of so many runs of words, so much must stand in another to be a copy; between the two, as a line goes.

Flashes of one sentence are alike because there are few ways to say it: they must agree nearly word for word.
"""

MOST_ORIGINS = 200


class Origin(msgspec.Struct):
    """One report and its copies."""

    signature: str
    articles: list[str]


def contained(one: str, other: str) -> tuple[float, int]:
    """Of two signatures: how much of the shorter text stands in the longer one (an estimate), and its runs of words.

    Jaccard's likeness J is the share of equal minima; what is common to sets of sizes a <= b is J (a + b) / (1 + J).
    Nothing without a signature.
    """
    if not one or not other:
        return 0.0, 0
    (a, *first), (b, *second) = _numbers(one), _numbers(other)
    alike = sum(map(operator.eq, first, second)) / len(first)
    return min(1.0, alike * (a + b) / (min(a, b) * (1 + alike))), min(a, b)


def same(one: str, other: str) -> bool:
    """Whether two texts are one report by their signatures: edited, cut, or with something added."""
    if one == other:
        return bool(one)
    share, runs = contained(one, other)
    return share > 0 and share >= _asked(runs)


def _asked(runs: int) -> float:
    (long, least), (short, most) = LONG, SHORT
    place = (min(max(runs, short), long) - short) / (long - short)
    return most + (least - most) * place


@functools.lru_cache(maxsize=4096)
def _numbers(signature: str) -> tuple[int, ...]:
    raw = base64.b64decode(signature)
    return struct.unpack(f">{len(raw) // 4}I", raw)


def place(origins: list[Origin], article: str, signature: str) -> tuple[list[Origin], bool]:
    """The origins with `article` among them, and whether it is a new one rather than a copy.

    An article that is already placed stays where it is: so repeats change nothing.
    """
    if any(article in origin.articles for origin in origins):
        return origins, False
    for at, origin in enumerate(origins):
        if same(origin.signature, signature):
            joined = Origin(origin.signature, [*origin.articles, article])
            return [*origins[:at], joined, *origins[at + 1 :]], False
    return [*origins, Origin(signature, [article])][-MOST_ORIGINS:], True


def without(origins: list[Origin], article: str) -> list[Origin]:
    """The origins without an article that was withdrawn."""
    left = [Origin(o.signature, [a for a in o.articles if a != article]) for o in origins]
    return [origin for origin in left if origin.articles]


def figures(origins: list[Origin]) -> tuple[int, int]:
    """Independent origins, and further copies."""
    return len(origins), sum(len(origin.articles) - 1 for origin in origins)
