"""RSS and Atom. feedparser gets bytes, never an address, and works in a process of its own."""

from __future__ import annotations

import calendar
import codecs
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import feedparser

from connectors.base import SourceFault, bare, make_item
from connectors.manners import Wishes, wishes
from streams.contracts.records import Item

MOST_ENTRIES = 1000
_BLOCKS = frozenset(["p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6",
                     "blockquote", "tr", "table", "section", "article"])  # fmt: skip
_SILENT = frozenset(["script", "style", "template", "noscript", "iframe", "object", "svg", "head"])
_BLANKS = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\s*\n\s*\n\s*")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]{0,1000}\[", re.IGNORECASE)
_DOCTYPE_END = re.compile(rb"\]\s*>")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def plain(markup: str) -> str:
    """The text of some markup: paragraphs apart, no tags, nothing that runs."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    reader = _Text()
    reader.feed(markup)
    reader.close()
    text = _BLANKS.sub(" ", "".join(reader.parts))
    return _LINES.sub("\n\n", text).strip()


def _day(entry: Any, *names: str) -> datetime | None:
    for name in names:
        # Not entry.get: feedparser would give the published date where no update is stated.
        parts = dict.get(entry, f"{name}_parsed")
        if parts:
            try:
                return datetime.fromtimestamp(calendar.timegm(parts), UTC)
            except (OverflowError, ValueError, OSError):
                continue
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed as the parsing process hands it back."""

    items: list[Item]
    wishes: Wishes


class Feed:
    """A feed's bytes as items. Identity: guid, else link, else title and date.

    `within` is what the ids of its items hang on; the name may change without making all of them new.
    """

    def __init__(self, name: str, url: str, lang: str | None = None, within: str | None = None) -> None:
        self.name, self.url, self.lang, self.within = name, bare(url), lang, within

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """Items of a feed; `SourceFault` when it is none."""
        return self.reading(raw, seen).items

    def reading(self, raw: bytes, seen: datetime) -> Reading:
        """Items of a feed, and when it wants to be read again."""
        parsed = feedparser.parse(without_entities(raw), response_headers={"content-location": self.url})
        if not parsed.entries and not parsed.get("version"):
            raise SourceFault(f"{self.url} is not a feed", "not-a-feed")
        lang = self.lang or (parsed.feed.get("language") or None)
        entries = parsed.entries[:MOST_ENTRIES]
        told = _Told(entries)
        items = [item for entry in entries if (item := self._item(entry, told, seen, lang)) is not None]
        about = parsed.feed
        return Reading(
            items, wishes(raw, about.get("ttl"), about.get("sy_updateperiod"), about.get("sy_updatefrequency"))
        )

    def _item(self, entry: Any, told: _Told, seen: datetime, lang: str | None) -> Item | None:
        title = plain(html.unescape(entry.get("title") or ""))
        bodies = [plain(part.get("value") or "") for part in entry.get("content") or []]
        bodies.append(plain(entry.get("summary") or ""))
        text = max(bodies, key=len)
        if not title and not text:
            return None
        published = _day(entry, "published", "created")
        link = str(entry.get("link") or "")
        return make_item(
            self.name,
            told.apart(entry) or f"{title}|{published.isoformat() if published else ''}",
            url=bare(link) if link.startswith(("http://", "https://")) else self.url,
            title=title,
            text=text,
            seen=seen,
            lang=lang,
            published=published,
            modified=_day(entry, "updated"),
            within=self.within,
        )


class _Told:
    """Which guids and links tell the entries of a feed apart: not those that different entries share."""

    def __init__(self, entries: Sequence[Any]) -> None:
        self.guids: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.links: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            link, title = str(entry.get("link") or ""), str(entry.get("title") or "")
            self.guids[str(entry.get("id") or "").strip()].add((link, title))
            self.links[link].add(title)

    def apart(self, entry: Any) -> str | None:
        """The entry's guid, or its link, or nothing."""
        guid, link = str(entry.get("id") or "").strip(), str(entry.get("link") or "")
        if guid and len(self.guids[guid]) == 1:
            return guid
        return link if link and len(self.links[link]) == 1 else None


def without_entities(raw: bytes) -> bytes:
    """A document without the declarations in its DOCTYPE: nothing of ours expands or fetches an entity."""
    for mark, coding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
                         (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):  # fmt: skip
        if raw.startswith(mark):
            raw = _DECLARATION.sub("", raw.decode(coding, "replace")).encode("utf-8", "replace")
            break
    begin = _DOCTYPE.search(raw)
    end = _DOCTYPE_END.search(raw, begin.end()) if begin else None
    return raw[: begin.start()] + raw[end.end() :] if begin and end else raw


def read_bytes(name: str, url: str, lang: str | None, raw: bytes, seen: datetime, within: str) -> Reading:
    """What the parsing process runs: everything in, everything out, nothing kept."""
    return Feed(name, url, lang, within).reading(raw, seen)
