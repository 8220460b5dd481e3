"""What was published: the entry as a connector saw it, and the article that it became."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.records.codes import Kind, Record


class Item(Record, frozen=True, kw_only=True):
    """One entry as a connector saw it, before anybody judged it."""

    id: str
    """Stable per source and publisher's entry: `streams.contracts.ids.item_id`."""
    kind: Kind
    event: str
    """Hash of id, kind and normalised content; tells a repeat from an edit."""
    source: str
    url: str
    title: str
    text: str
    lang: str | None = None
    """As the source states it (BCP 47); `normalise` looks for itself when this is `None`."""
    published: datetime | None = None
    """`None` when the source states no date; never the fetch time in disguise."""
    modified: datetime | None = None
    seen: datetime
    first_poll: bool = False
    """Whether this came with the source's first poll: undated entries there are old news."""
    dated_by: str | None = None
    """What stated `published`: feed, json-ld, opengraph, page, gdelt; `None` when nothing did, or nobody noted it."""
    flags: list[str] = msgspec.field(default_factory=list)
    """What a reader should know: `future-date`, `full-text` (the page's text, not the feed's)."""
    clock: str = "live"


class Pushed(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article as `POST /items` takes it: a `url` or an `id`, and a `title` or a `text` unless it is withdrawn."""

    url: str = ""
    id: str = ""
    """The sender's own; the same again is a revision. Default: the `url`."""
    title: str = ""
    text: str = ""
    """Plain text; markup in it is not shown as such."""
    source: str = "default"
    """The sender's name for where it is from; ids are apart by it."""
    kind: Kind = "new"
    lang: str | None = None
    published: str | None = None
    """RFC 3339."""
    modified: str | None = None


class Article(Record, frozen=True, kw_only=True):
    """The normalised item. `title` and `text` are the publisher's, character for character."""

    id: str
    revision: int
    """1, 2, 3, ... per article; a retraction is a revision too."""
    kind: Kind
    item: str
    event: str
    source: str
    url: str
    title: str
    text: str
    lang: str | None
    """ISO 639-1, or `None` when the text is too short to tell."""
    published: datetime | None
    modified: datetime | None
    seen: datetime
    historical: bool
    """Published more than 7 days before it was seen, or undated at its source's first poll."""
    signature: str
    """How many runs of three words the text has, and their MinHash (base64 of 65 big-endian uint32), so that copies
    are told downstream; empty when there is no text."""
    clock: str = "live"
