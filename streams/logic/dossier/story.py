"""Copies and origins: all copies of one report are ONE origin. Pure."""

from __future__ import annotations

import base64

import msgspec

SAME = 0.55
"""Estimated Jaccard similarity from which two texts are one report, edited or cut."""

MOST_ORIGINS = 200


class Origin(msgspec.Struct):
    """One report and its copies."""

    signature: str
    articles: list[str]


def similarity(one: str, other: str) -> float:
    """Estimated Jaccard similarity of the texts behind two MinHash signatures; 0 without one."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    a, b = base64.b64decode(one), base64.b64decode(other)
    same = sum(a[i : i + 4] == b[i : i + 4] for i in range(0, min(len(a), len(b)), 4))
    return same / (len(a) // 4)


def same(one: str, other: str) -> bool:
    """Whether two texts are one report by their signatures."""
    return similarity(one, other) >= SAME


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
