"""The readers by format: what the parsing process runs."""

from __future__ import annotations

from typing import Literal

from connectors.entries import Reading

Format = Literal["feed", "sitemap", "page", "gdelt"]
FORMATS: tuple[Format, ...] = ("feed", "sitemap", "page", "gdelt")


def read(form: Format, url: str, raw: bytes, kind: str = "", had: frozenset[str] = frozenset()) -> Reading:
    """What a document says; `SourceFault` when it is not of this format.

    `had` are hashes of entries that need not be read again (`Entry.raw`).
    """
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
