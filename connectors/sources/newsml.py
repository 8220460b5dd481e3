"""NewsML-G2 (IPTC): news items with their status, as agencies send them."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.base import SourceFault, bare
from connectors.dates import moment
from connectors.entries import Entry, Reading
from connectors.markup import harmless, one_line

MOST_ENTRIES = 1000
_ENDED = ("canceled", "cancelled", "withheld")


def sniffed(raw: bytes) -> bool:
    """Whether a document is NewsML-G2."""
    return b"<newsMessage" in raw[:4096] or b"<newsItem" in raw[:4096]


def read(url: str, raw: bytes) -> Reading:
    """The news items of a document; `SourceFault` when it is none."""
    try:
        root: Any = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as fault:
        raise SourceFault(f"{bare(url)} is not NewsML-G2: {str(fault)[:80]}", "not-a-feed") from fault
    found = [one for one in root.iter() if _local(one) == "newsItem" and one.get("guid")][:MOST_ENTRIES]
    if not found:
        raise SourceFault(f"{bare(url)} has no news item", "not-a-feed")
    return Reading([_entry(one) for one in found])


def _local(one: Any) -> str:
    return str(one.tag).rpartition("}")[2]


def _first(item: Any, *names: str) -> Any:
    for name in names:
        for one in item.iter():
            if _local(one) == name:
                return one
    return None


def _words(one: Any) -> str:
    if one is None:
        return ""
    paragraphs = [part for part in one.iter() if _local(part) == "p"] or [one]
    return "\n\n".join(" ".join("".join(part.itertext()).split()) for part in paragraphs).strip()


def _entry(item: Any) -> Entry:
    guid = str(item.get("guid"))
    status = _first(item, "pubStatus")
    said = " ".join(map(str, status.attrib.values())).lower() if status is not None else ""
    link = _first(item, "link", "altLoc")
    href = str(link.get("href") or "") if link is not None else ""
    published = moment(_words(_first(item, "firstCreated", "contentCreated", "published")))
    lang = item.get("{http://www.w3.org/XML/1998/namespace}lang")
    return Entry(
        guid=guid,
        link=bare(href) if href.startswith(("http://", "https://")) and harmless(href) == href else "",
        title=one_line(harmless(_words(_first(item, "headline", "title")))) or harmless(guid),
        text=harmless(_words(_first(item, "inlineXML", "inlineData"))),
        lang=lang,
        published=published,
        modified=moment(_words(_first(item, "versionCreated"))),
        dated_by="feed" if published else None,
        withdrawn=said.endswith(_ENDED),
    )
