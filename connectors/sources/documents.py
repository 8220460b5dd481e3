"""The readers by format: what the parsing process runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal

from connectors.base import bare
from connectors.entries import Declaration, Reading, fitted, to_item
from connectors.identity import match
from streams.contracts.records import Item

Format = Literal["feed", "sitemap", "page", "gdelt"]
FORMATS: tuple[Format, ...] = ("feed", "sitemap", "page", "gdelt")


class Documents:
    """A place that publishes documents of one format, each of them read by itself: `base.Source` for all formats.

    `within` is what the ids of its items hang on; the name may change.
    """

    def __init__(self, form: Format, name: str, url: str, within: str | None = None) -> None:
        self.form, self.name, self.url, self.within = form, name, bare(url), within

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """Items of a document; `SourceFault` when it is not of this format."""
        about = Declaration(self.within or self.name, self.name, self.url)
        entries = read(self.form, self.url, raw).entries
        found, _, _ = match(about.id, entries, (), None if self.form == "feed" else "link")
        return [to_item(one, about, seen, "new", first=False) for one in found if not one.entry.withdrawn]


def read(form: Format, url: str, raw: bytes, kind: str = "", had: frozenset[str] = frozenset()) -> Reading:
    """What a document says; `SourceFault` when it is not of this format.

    `had` are hashes of entries that need not be read again (`Entry.raw`).
    """
    found = _read(form, url, raw, kind, had)
    entries = [fitted(one) for one in found.entries]
    # What is known by its address only is nothing without one.
    usable = entries if form == "feed" else [one for one in entries if one.link]
    return replace(found, entries=usable, skipped=found.skipped + len(entries) - len(usable))


def _read(form: Format, url: str, raw: bytes, kind: str, had: frozenset[str]) -> Reading:
    # Imported where needed: the extractor of pages takes half a second and 60 MB to load.
    if form == "page":
        from connectors.sources import page  # noqa: PLC0415

        return page.read(url, raw, kind)
    if form == "sitemap":
        from connectors.sources import sitemap  # noqa: PLC0415

        return sitemap.read(url, raw, kind)
    if form == "gdelt":
        from connectors.sources import gdelt  # noqa: PLC0415

        return gdelt.read(url, raw, kind)
    from connectors.sources import feed  # noqa: PLC0415

    return feed.read(url, raw, kind, had)
