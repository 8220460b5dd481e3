"""Sitemaps: lists of pages, indexes of such lists, and Google's news extension."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from connectors.base import SourceFault, bare
from connectors.coding import gunzip
from connectors.dates import moment
from connectors.entries import Entry, Reading
from connectors.fetch import MOST_BYTES
from connectors.markup import harmless, one_line, plain

_WHOLE = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[\w/.%~=&?+,:;!-]*", re.ASCII)
"""An address that is taken as it is, as nearly all of them."""
MOST_ENTRIES = 50_000
MOST_CHILDREN = 500


def read(url: str, raw: bytes, kind: str = "") -> Reading:
    """What a sitemap, or an index of sitemaps, lists; `SourceFault` when it is neither."""
    if raw[:2] == b"\x1f\x8b":
        raw = gunzip(raw, MOST_BYTES)
    if b"<" not in raw[:1024]:
        return _lines(url, raw)
    entries: list[Entry] = []
    children: list[tuple[str, str]] = []
    skipped, root = 0, ""
    try:
        for tag, fields in _records(raw):
            root = root or tag
            address = _address(url, fields.get("loc", ""))
            if not address:
                skipped += 1
            elif tag == "sitemap" and len(children) < MOST_CHILDREN:
                children.append((address, fields.get("lastmod", "")))
            elif tag == "url" and len(entries) < MOST_ENTRIES:
                entries.append(_entry(address, fields))
            else:
                skipped += 1
    except (ParseError, DefusedXmlException, LookupError, ValueError) as fault:
        raise SourceFault(f"{bare(url)} is not a sitemap: {str(fault)[:80]}", "not-a-feed") from fault
    return Reading(entries, children=tuple(children), skipped=skipped)


def _records(raw: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Each `url` or `sitemap` with its fields by local name; what does not nest so is passed over."""
    parser: Any = DefusedXMLParser(target=_Flat(), forbid_dtd=False, forbid_entities=True, forbid_external=True)
    target: _Flat = parser.target if hasattr(parser, "target") else parser._target
    for begin in range(0, len(raw), 256 * 1024):
        parser.feed(raw[begin : begin + 256 * 1024])
        yield from target.take()
    parser.close()
    yield from target.take()
    if target.root not in {"urlset", "sitemapindex"}:
        raise ValueError(f"begins with <{target.root[:40]}>")


class _Flat:
    """Gathers records without building a tree: a sitemap may be 50 MB."""

    def __init__(self) -> None:
        self.root = ""
        self.done: list[tuple[str, dict[str, str]]] = []
        self._fields: dict[str, str] | None = None
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> Element | None:
        local = tag.rpartition("}")[2]
        self.root = self.root or local
        if local in {"url", "sitemap"} and self._fields is None:
            self._fields = {}
        self._text = []
        return None

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> Element | None:
        local = tag.rpartition("}")[2]
        if self._fields is not None and local in {"url", "sitemap"}:
            self.done.append((local, self._fields))
            self._fields = None
        elif self._fields is not None and "image" not in tag and "video" not in tag:
            key = f"news:{local}" if "news" in tag else local
            self._fields.setdefault(key, "".join(self._text).strip())
        self._text = []
        return None

    def take(self) -> list[tuple[str, dict[str, str]]]:
        done, self.done = self.done, []
        return done

    def close(self) -> None:
        return None


def _entry(address: str, fields: dict[str, str]) -> Entry:
    published = moment(fields.get("news:publication_date"))
    title = one_line(plain(fields.get("news:title", "")))
    return Entry(
        guid="",
        link=address,
        title=title or address,
        lang=fields.get("news:language") or None,
        published=published,
        modified=moment(fields.get("lastmod")),
        dated_by="feed" if published else None,
        flags=() if title else ("no-title",),
    )


def _lines(url: str, raw: bytes) -> Reading:
    """The plain text form: an address a line."""
    every = raw.decode("utf-8", "replace").splitlines()
    lines = every[:MOST_ENTRIES]
    found = [_address(url, line) if "://" in line else "" for line in lines]
    if not found or sum(map(bool, found)) * 2 < len(found):
        raise SourceFault(f"{bare(url)} is not a sitemap", "not-a-feed")
    return Reading([_entry(address, {}) for address in found if address], skipped=len(every) - len(lines))


def _address(url: str, text: str) -> str:
    if _WHOLE.fullmatch(text) and "/." not in text:
        return text
    try:
        whole = bare(urljoin(url, text.strip())) if text.strip() else ""
    except ValueError:
        return ""
    return whole if whole.startswith(("http://", "https://")) and harmless(whole) == whole else ""
