"""What a page says of itself, for machines: JSON-LD and `meta` elements."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.dates import day, moment

_ARTICLE = re.compile(
    r"Article$|^(?:BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|Review|HowTo|Recipe|CreativeWork|"
    r"PodcastEpisode|WebPage|VideoObject)$"
)
_PAGE = frozenset(["WebPage", "VideoObject"])
_WRAPPED = re.compile(
    r"^\s*(?:/\*|//)?\s*(?:<!\[CDATA\[|<!--)(?:\s*\*/)?|(?:/\*|//)?\s*(?:\]\]>|-->)\s*(?:\*/)?\s*$|;\s*$"
)
"""What pages put around JSON, to hide it from readers of XHTML or of long ago."""
_SAID = re.compile(r'"(datePublished|dateModified|headline)"\s*:\s*("(?:[^"\\\n]|\\.){1,1000}")')


def structured(tree: Any) -> Iterator[dict[str, Any]]:
    """JSON-LD objects that are about an article, in document order."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        text = _WRAPPED.sub("", re.sub(r"[\x00-\x1f]", " ", script.text or ""))
        try:
            left: list[Any] = [json.loads(text, strict=False)]
        except ValueError:
            left = [_broken(text)]
        except RecursionError:
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


def _broken(text: str) -> dict[str, Any]:
    """What JSON that cannot be read says of one article: of several, nothing."""
    said: dict[str, Any] = {
        "@type": next((k for k in ("NewsArticle", "BlogPosting", "Article") if f'"{k}"' in text), "")
    }
    given = [(name, value) for name, value in _SAID.findall(text[:1_000_000])]
    for name in {name for name, _ in given}:
        values = {value for other, value in given if other == name}
        if len(values) == 1:
            with contextlib.suppress(ValueError):
                said[name] = json.loads(values.pop(), strict=False)
    return said


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


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of when a page was published."""

    at: datetime
    how: str
    weight: float


def whole(text: object) -> datetime | None:
    """A stated date that names its day."""
    if re.fullmatch(r"\s*\d{4}(?:[-/.]\d{1,2})?\s*", str(text or "")):
        return None
    return moment(text) or day(text)


def close(one: datetime, other: datetime) -> bool:
    """Whether two dates are one day, told in different zones."""
    return abs(one - other) <= timedelta(hours=36)
