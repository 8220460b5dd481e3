"""An HTML page as one article: its text by trafilatura, its date only from who states one."""

from __future__ import annotations

import html
import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import trafilatura

from connectors.base import SourceFault, bare
from connectors.entries import Entry, Reading
from connectors.markup import harmless, one_line
from connectors.sources import dated
from connectors.sources.stated import metas, structured

MOST_PAGE = 4 * 1024 * 1024
_CHROME = re.compile(
    r"(?:\d+\s+)?comments?$|(?:advertisement|anzeige|publicité|реклама|share this|don['’]t miss|filed under.{0,80})\W*$"
    r"|(?:read more|see more|see also|related|more on this|читайте также|lesen sie auch|lire aussi)\s*:.{0,160}$"
    r"|(?:sign up (?:for|to)|subscribe to|follow us on) .{0,120}$",
    re.IGNORECASE,
)
MOST_HEADS, AGREED = 20, 0.3
"""First-level headings that are looked at; the share of words that one must have in common with the page's title."""
_SITE = re.compile(r"\s+(?:[|–—\-·•»:]|::)\s+")


def read(url: str, raw: bytes, kind: str = "", seen: datetime | None = None) -> Reading:
    """The one article of a page; `SourceFault` when there is none."""
    if len(raw) > MOST_PAGE:
        raise SourceFault(f"a page of more than {MOST_PAGE} bytes", "not-a-feed")
    if kind and not re.search(r"html|xml|text/plain|octet", kind, re.IGNORECASE):
        raise SourceFault(f"{bare(url)} is no page but {kind[:40]}", "not-a-feed")
    tree = _tree(raw, kind)
    if tree is None:
        raise SourceFault(f"{bare(url)} is not a page", "not-a-feed")
    said = list(structured(tree))
    title = _title(tree, said, url)
    latest = (seen or datetime.now(UTC)) + timedelta(days=1)
    published, dated_by = dated.published(tree, said, latest, url, title)
    text = _body(tree)
    if not text and not title:
        raise SourceFault(f"{bare(url)} has no text", "not-a-feed")
    lang = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    entry = Entry(
        guid="",
        link=bare(url),
        title=title,
        text=text,
        lang=lang[:35] if lang else None,
        published=published,
        modified=dated.modified(tree, said),
        dated_by=dated_by,
        flags=("full-text",) if text else (),
    )
    return Reading([entry])


def _body(tree: Any) -> str:
    """The article's text. The careful reading; where it keeps less than half of the quick one, the quick one."""
    careful = trafilatura.bare_extraction(
        deepcopy(tree), include_comments=False, with_metadata=False, favor_precision=True
    )
    quick = trafilatura.bare_extraction(deepcopy(tree), include_comments=False, with_metadata=False, fast=True)
    first, second = (str(getattr(found, "text", None) or "") for found in (careful, quick))
    text = first if len(first) > len(second) / 2 else second
    lines = (line for line in harmless(text).splitlines() if not _CHROME.match(line.strip()))
    return "\n\n".join(line.strip() for line in lines if line.strip())


def _tree(raw: bytes, kind: str) -> Any:
    stated = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", kind, re.IGNORECASE)
    text: Any = raw
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        if stated:
            try:
                text = raw.decode(stated[1], "replace")
            except LookupError:
                text = raw
    return trafilatura.load_html(text)


def _title(tree: Any, said: list[dict[str, Any]], url: str = "") -> str:
    """The headline: as the page shows it, where that agrees with what it says of itself."""
    given = dict(reversed(list(metas(tree))))
    site = one_line(given.get("og:site_name", ""))
    graph = one_line(given.get("og:title", "") or given.get("twitter:title", ""))
    shown = one_line("".join(next(tree.iter("title"), tree.makeelement("title")).itertext()))
    stated = [one_line(html.unescape(str(one["headline"]))) for one in said if isinstance(one.get("headline"), str)]
    others = [_alone(text, site, url, text is shown) for text in (*stated, graph, shown) if text]
    heads = [text for head in tree.iter("h1") if (text := one_line("".join(head.itertext())).rstrip(" ¶#§"))]
    if not others:
        return harmless(heads[0]) if heads else ""
    best = max(heads[:MOST_HEADS], key=lambda head: max(_alike(head, text) for text in others), default="")
    agreed = best and max(_alike(best, text) for text in others) >= AGREED
    return harmless(best if agreed else others[0])


def _alone(title: str, site: str, url: str, whole: bool) -> str:
    """A title without the name of its site, which is the last part of a `whole` page title."""
    parts = _SITE.split(title)
    last = parts[-1].casefold()
    host = (urlsplit(url).hostname or "").removeprefix("www.").split(".")[0]
    named = last == site.casefold() or (len(host) > 2 and host in re.sub(r"\W", "", last))
    if len(parts) < 2 or not (whole or named):
        return title
    return title[: title.rindex(parts[-1])].rstrip(" |–—-·•»:")


def _alike(head: str, other: str) -> float:
    """The share of their words that two titles have in common."""
    ours, theirs = (set(re.findall(r"\w+", text.casefold())) for text in (head, other))
    if not ours or not theirs:
        return float(head == other)
    return len(ours & theirs) / len(ours | theirs)
