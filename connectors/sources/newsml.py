"""NewsML (IPTC) as agencies send it: G2 with its status, and 1.x, which was in use in 2008."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.base import SourceFault, bare
from connectors.dates import moment
from connectors.entries import Entry, Reading
from connectors.markup import harmless, one_line, plain

MOST_ENTRIES = 1000
MOST_BYTES, MOST_TAGS = 16 * 1024 * 1024, 500_000
"""A document of more is not read: it is made a tree, and a tag of four bytes takes hundreds in it."""
_ENDED = ("canceled", "cancelled", "withheld", "killed", "deleted")
_BEGINS = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:newsMessage|newsItem|NewsML|NewsItem)[\s>]")
_REVISION = re.compile(r":\d{1,9}[NUA]?$")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_GAP = re.compile(r"\n\s*\n")


def sniffed(raw: bytes) -> bool:
    """Whether a document is NewsML of one kind or the other."""
    return _BEGINS.search(raw[:4096]) is not None


def read(url: str, raw: bytes) -> Reading:
    """The news items of a document, of each its last revision; `SourceFault` when it is none."""
    if len(raw) > MOST_BYTES or raw.count(b"<") > MOST_TAGS:
        raise SourceFault(f"{bare(url)} is larger than NewsML may be", "not-a-feed")
    try:
        # 1.x comes with a DOCTYPE. What it names is not fetched, and one that declares something is cut off before.
        root: Any = fromstring(raw)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as fault:
        raise SourceFault(f"{bare(url)} is not NewsML: {str(fault)[:80]}", "not-a-feed") from fault
    last: dict[str, tuple[int, Entry]] = {}
    skipped = 0
    for one in root.iter():
        kind = _local(one)
        entry, revision = _g2(one) if kind == "newsItem" else _first_edition(one) if kind == "NewsItem" else (None, 0)
        if entry is not None and (entry.guid in last or len(last) < MOST_ENTRIES):
            before = last.get(entry.guid)
            if before is None or revision >= before[0]:
                last[entry.guid] = revision, entry
        elif entry is not None:
            skipped += 1
    if not last:
        raise SourceFault(f"{bare(url)} has no news item", "not-a-feed")
    return Reading([entry for _, entry in last.values()], skipped=skipped)


def _local(one: Any) -> str:
    return str(one.tag).rpartition("}")[2]


def _all(item: Any, name: str) -> Iterator[Any]:
    return (one for one in item.iter() if _local(one) == name)


def _first(item: Any, *names: str) -> Any:
    return next((one for name in names for one in _all(item, name)), None)


def _words(one: Any) -> str:
    """The text of an element, its paragraphs apart."""
    if one is None:
        return ""
    paragraphs = ["".join(part.itertext()) for part in _all(one, "p")] or _GAP.split("".join(one.itertext()))
    return "\n\n".join(filter(None, (one_line(text) for text in paragraphs)))


def _number(text: object) -> int:
    found = re.match(r"\s*(\d{1,9})", str(text or ""))
    return int(found[1]) if found else 0


def _web(text: str) -> str:
    return bare(text) if text.startswith(("http://", "https://")) and harmless(text) == text else ""


def _g2(item: Any) -> tuple[Entry | None, int]:
    guid = str(item.get("guid") or "")
    if not guid:
        return None, 0
    status = _first(item, "pubStatus")
    said = " ".join(map(str, status.attrib.values())).lower() if status is not None else ""
    link = _first(item, "link", "altLoc")
    published = moment(_words(_first(item, "firstCreated", "contentCreated", "published")))
    withdrawn = said.endswith(_ENDED)
    entry = Entry(
        guid=guid,
        link=_web(str(link.get("href") or "")) if link is not None else "",
        title=_title(item, guid, withdrawn, "headline", "title"),
        text=harmless(_words(_first(item, "inlineXML", "inlineData"))),
        lang=item.get(_LANG),
        published=published,
        modified=moment(_words(_first(item, "versionCreated"))),
        dated_by="feed" if published else None,
        withdrawn=withdrawn,
    )
    return entry, _number(item.get("version"))


def _first_edition(item: Any) -> tuple[Entry | None, int]:
    """A NewsItem of NewsML 1.x: told by provider, day and name, whatever its revision."""
    revision = _first(item, "RevisionId")
    names = [_words(_first(item, name)) for name in ("ProviderId", "DateId", "NewsItemId")]
    public = _words(_first(item, "PublicIdentifier"))
    guid = "urn:newsml:" + ":".join(names) if all(names) else _REVISION.sub("", public)
    if not guid:
        return None, 0
    lang = _first(item, "Language")
    published = moment(_words(_first(item, "FirstCreated")))
    withdrawn = any(
        str(one.get("FormalName") or "").lower().endswith(_ENDED)
        for management in _all(item, "NewsManagement")
        for one in management
        if _local(one) in {"Status", "Instruction"}
    )
    entry = Entry(
        guid=guid,
        title=_title(item, guid, withdrawn, "HeadLine", "hl1", "title"),
        text=_body(item),
        lang=(str(lang.get("FormalName") or "") if lang is not None else "") or item.get(_LANG),
        published=published,
        modified=moment(_words(_first(item, "ThisRevisionCreated"))),
        dated_by="feed" if published else None,
        withdrawn=withdrawn,
    )
    return entry, _number(_words(revision))


def _title(item: Any, guid: str, withdrawn: bool, *names: str) -> str:
    """The headline; else the item's name, but for a withdrawal: that has the title which is known."""
    return one_line(harmless(_words(_first(item, *names)))) or ("" if withdrawn else harmless(guid))


def _body(item: Any) -> str:
    """The longest content: others are captions, and the same in other formats."""
    found = []
    for content in _all(item, "DataContent"):
        inner = _first(content, "body.content", "body")
        text = _words(content if inner is None else inner)
        found.append(harmless(text) if len(content) else plain(text))
    return max(found, key=len, default="")
