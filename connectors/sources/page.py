"""An HTML page as one article: its text by trafilatura, its date only from who states one."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import trafilatura

from connectors.base import SourceFault, bare
from connectors.entries import Entry, Reading
from connectors.markup import harmless
from connectors.sources import dated, headline
from connectors.sources.stated import structured

MOST_PAGE = 4 * 1024 * 1024
_CHROME = re.compile(
    r"(?:\d+\s+)?comments?$|(?:advertisement|anzeige|publicité|реклама|share this|don['’]t miss|filed under.{0,80})\W*$"
    r"|(?:read more|see more|see also|related|more on this|читайте также|lesen sie auch|lire aussi)\s*:.{0,160}$"
    r"|(?:sign up (?:for|to)|subscribe to|follow us on) .{0,120}$",
    re.IGNORECASE,
)


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
    title = headline.found(tree, said, url)
    latest = (seen or datetime.now(UTC)) + timedelta(days=1)
    published, dated_by = dated.published(tree, said, latest, url, title)
    text = _body(tree, title)
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


def _body(tree: Any, title: str = "") -> str:
    """The article's text, without its headline before it: what an editor says of the whole stands at the beginning.

    The careful reading; where it keeps less than half of the quick one, the quick one.
    """
    careful = trafilatura.bare_extraction(
        deepcopy(tree), include_comments=False, with_metadata=False, favor_precision=True
    )
    quick = trafilatura.bare_extraction(deepcopy(tree), include_comments=False, with_metadata=False, fast=True)
    first, second = (str(getattr(found, "text", None) or "") for found in (careful, quick))
    text = first if len(first) > len(second) / 2 else second
    lines = [line for given in harmless(text).splitlines() if (line := given.strip()) and not _CHROME.match(line)]
    if title and lines and headline.letters(lines[0]) == headline.letters(title):
        del lines[0]
    return "\n\n".join(lines)


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
