"""RSS and Atom. feedparser gets bytes, never an address, and works in a process of its own."""

from __future__ import annotations

import calendar
import html
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import feedparser

from connectors.base import SourceFault, make_item
from streams.contracts.records import Item

MOST_ENTRIES = 1000
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "tr",
        "table",
        "section",
        "article",
    ]
)
_SILENT = frozenset(["script", "style", "template", "noscript", "iframe", "object", "svg", "head"])
_BLANKS = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\s*\n\s*\n\s*")


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


class Feed:
    """A feed's bytes as items. Identity: guid, else link, else title and date."""

    def __init__(self, name: str, url: str, lang: str | None = None) -> None:
        self.name, self.url, self.lang = name, url, lang

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """Items of a feed; `SourceFault` when it is none."""
        parsed = feedparser.parse(raw, response_headers={"content-location": self.url})
        if not parsed.entries and not parsed.get("version"):
            raise SourceFault(f"{self.url} is not a feed", "not-a-feed")
        lang = self.lang or (parsed.feed.get("language") or None)
        entries = parsed.entries[:MOST_ENTRIES]
        guids = Counter(e.get("id") for e in entries)
        for entry in entries:
            item = self._item(entry, guids, seen, lang)
            if item is not None:
                yield item

    def _item(self, entry: Any, guids: Counter[Any], seen: datetime, lang: str | None) -> Item | None:
        title = plain(html.unescape(entry.get("title") or ""))
        bodies = [plain(part.get("value") or "") for part in entry.get("content") or []]
        bodies.append(plain(entry.get("summary") or ""))
        text = max(bodies, key=len)
        if not title and not text:
            return None
        published = _day(entry, "published", "created")
        guid, link = entry.get("id"), entry.get("link") or ""
        # An empty or a shared guid tells nothing apart: then the link does, then title and date.
        if guid and guids[guid] == 1:
            key = str(guid)
        else:
            key = link or f"{title}|{published.isoformat() if published else ''}"
        return make_item(
            self.name,
            key,
            url=link if link.startswith(("http://", "https://")) else self.url,
            title=title,
            text=text,
            seen=seen,
            lang=lang,
            published=published,
            modified=_day(entry, "updated"),
        )


def read_bytes(name: str, url: str, lang: str | None, raw: bytes, seen: datetime) -> list[Item]:
    """What the parsing process runs: everything in, everything out, nothing kept."""
    return list(Feed(name, url, lang).read(raw, seen))


def limit_memory(megabytes: int = 1024) -> None:
    """Start of a parsing process: a feed that wants more than this ends the process, not us."""
    import resource  # noqa: PLC0415 - only in the child

    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
