"""What a document says of each of its entries, what is kept of it, and the item that it becomes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.base import bare, make_item
from connectors.edits import page_of, print_of, settled
from connectors.manners import Wishes
from streams.contracts.ids import digest
from streams.contracts.records import Item, Kind

Policy = Literal["guid", "link", "guid+link", "title+date"]
POLICIES: tuple[Policy, ...] = ("guid", "link", "guid+link", "title+date")
MOST_TITLE, MOST_TEXT, MOST_ADDRESS = 2000, 400_000, 8192
"""Characters of a title and a text, of which what is longer is cut, and flagged; of an address, which is none then."""
AHEAD = timedelta(hours=24)
"""A date further ahead of us than this is kept, and flagged."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its document has it."""

    guid: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    lang: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    dated_by: str | None = None
    """What stated `published`: feed, json-ld, opengraph, page, gdelt."""
    withdrawn: bool = False
    """The document says that this entry is no more."""
    flags: tuple[str, ...] = ()
    raw: str = ""
    """Hash of its bytes in the document; empty where the document does not fall into entries by itself."""
    same: bool = False
    """Its bytes are those of an entry that is known: it was not read again."""
    print: str = ""
    """Fingerprint of what the publisher says in it."""
    place: str = ""
    """Its link as far as it names the page."""
    named: str = ""
    """Its title together with its date; empty when one of them is missing."""

    def __post_init__(self) -> None:
        # Reckoned once, in the parsing process, and carried along.
        title = "" if self.print and self.named else settled(self.title)
        if not self.print:
            object.__setattr__(self, "print", print_of(title, settled(self.text)))
        if self.link and not self.place:
            object.__setattr__(self, "place", page_of(self.link))
        if self.published and self.title and not self.named:
            object.__setattr__(self, "named", digest("named", title, self.published.isoformat()))

    def but(self, **changes: Any) -> Entry:
        """The same entry with some fields changed, and what hangs on them reckoned anew."""
        return replace(self, **({"print": "", "place": "", "named": ""} | changes))


def fitted(entry: Entry) -> Entry:
    """An entry that fits into a record."""
    if len(entry.title) <= MOST_TITLE and len(entry.text) <= MOST_TEXT and len(entry.link) <= MOST_ADDRESS:
        return entry
    link = entry.link if len(entry.link) <= MOST_ADDRESS else ""
    title, text = entry.title[:MOST_TITLE], entry.text[:MOST_TEXT]
    return entry.but(title=title, text=text, link=link, flags=(*entry.flags, "cut"))


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is known of a source before it is read; `id` is what the ids of its items hang on."""

    id: str
    name: str
    url: str
    lang: str | None = None
    identity: Policy | None = None
    full_text: bool = False
    retention: float = 0.0
    """Seconds that an entry is remembered after it left its document; 0: the format's own."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as the parsing process hands it back."""

    entries: list[Entry]
    wishes: Wishes = field(default_factory=Wishes)
    children: tuple[tuple[str, str], ...] = ()
    """Documents to read for the rest, each with what the parent says of it (a date, a checksum)."""
    hub: str | None = None
    topic: str | None = None
    ended: bool = False
    """The publisher says that nothing more will come."""
    skipped: int = 0
    """Entries that were left out: they could not be used, or are more than are read of one document."""
    order: tuple[str, ...] = ()
    """Hashes of all entries in document order, also of those that were not read again; empty when all were."""
    cut: bool = False
    """The document lacks its end: what was whole was taken, and the rest must be asked for again."""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that was sent before, as the store keeps it."""

    item: str
    event: str
    print: str = ""
    guid: str = ""
    place: str = ""
    named: str = ""
    kind: str = "new"
    url: str = ""
    title: str = ""
    published: str | None = None
    present: bool = True
    page: str = ""
    """Validators and checks of the page behind it, as JSON."""
    raw: str = ""

    def again(self) -> Entry:
        """The entry as it stands in a document that has it byte for byte."""
        return Entry(
            self.guid, self.url, self.title, raw=self.raw, same=True,
            print=self.print or "-", place=self.place or "-", named=self.named or "-",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matched:
    """An entry with the item id that is its own, and what was known of it."""

    entry: Entry
    item: str
    known: Known | None
    quiet: bool = False
    """One of many known under other names before their site was rebuilt: to be remembered, not to be told."""


def to_item(
    matched: Matched, within: Declaration, seen: datetime, kind: Kind, first: bool, entry: Entry | None = None
) -> Item:
    """The item that a matched entry becomes."""
    one = entry or matched.entry
    flags = list(one.flags)
    if one.published is not None and one.published > seen + AHEAD:
        flags.append("future-date")
    return make_item(
        within.name,
        "",
        url=one.link or (matched.known.url if matched.known else "") or bare(within.url),
        title=one.title or (matched.known.title if matched.known else ""),
        text=one.text,
        seen=seen,
        kind=kind,
        lang=one.lang or within.lang,
        published=one.published,
        modified=one.modified,
        first_poll=first,
        within=within.id,
        identity=matched.item,
        dated_by=one.dated_by if one.published else None,
        flags=flags,
    )


def merged(entry: Entry, page: Entry) -> Entry:
    """A feed's entry with the text of its page: the feed's title and date, the page's where the feed has none."""
    longer = len(page.text) >= max(200, 0.8 * len(entry.text))
    own = bool(entry.title) and entry.title != entry.link
    flags = tuple(flag for flag in entry.flags if flag != "no-title" or not page.title)
    return entry.but(
        title=entry.title if own else page.title or entry.title,
        text=page.text if longer else entry.text,
        published=entry.published or page.published,
        modified=entry.modified or page.modified,
        dated_by=entry.dated_by if entry.published else page.dated_by,
        lang=entry.lang or page.lang,
        flags=(*flags, "full-text") if longer else flags,
    )
