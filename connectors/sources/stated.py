"""What a page says of itself, for machines: JSON-LD and `meta` elements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

_ARTICLE = re.compile(r"Article$|^(?:BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|WebPage|VideoObject)$")
_PAGE = frozenset(["WebPage", "VideoObject"])


def structured(tree: Any) -> Iterator[dict[str, Any]]:
    """JSON-LD objects that are about an article, in document order."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            left: list[Any] = [json.loads(re.sub(r"[\x00-\x1f]", " ", script.text or ""), strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(500):
            if not left:
                break
            one = left.pop(0)
            if isinstance(one, list):
                left = one[:100] + left
            elif isinstance(one, dict):
                if any(isinstance(k, str) and _ARTICLE.search(k) for k in _kinds(one)):
                    yield one
                left += [v for k, v in one.items() if k in {"@graph", "mainEntity", "mainEntityOfPage"}]


def about_page(one: dict[str, Any]) -> bool:
    """Whether a JSON-LD object is about a page or a film on it, rather than about its article."""
    return not _PAGE.isdisjoint(k for k in _kinds(one) if isinstance(k, str))


def _kinds(one: dict[str, Any]) -> list[Any]:
    kinds = one.get("@type")
    return kinds if isinstance(kinds, list) else [kinds]


def metas(tree: Any) -> Iterator[tuple[str, str]]:
    """Name in small letters and content of each `meta` element that has both."""
    for one in tree.iter("meta"):
        name = (one.get("property") or one.get("name") or one.get("itemprop") or "").strip().lower()
        content = (one.get("content") or "").strip()
        if name and content:
            yield name, content


def named(tree: Any, names: Sequence[str]) -> Iterator[str]:
    """What `meta` elements of these names state, in the order of the names."""
    given = list(metas(tree))
    for name in names:
        yield from (content for had, content in given if had == name)


def words(one: Any) -> str:
    """The text of an element, white space made one blank; at most 200 characters."""
    return " ".join("".join(one.itertext()).split())[:200] if isinstance(one.tag, str) else ""
