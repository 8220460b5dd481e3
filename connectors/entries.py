"""What a document says of each of its entries, and which of them is which through all polls. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.base import bare, make_item
from connectors.edits import fingerprint, page_of, settled
from connectors.manners import Wishes
from streams.contracts.ids import digest, item_id
from streams.contracts.records import Item, Kind

Policy = Literal["guid", "link", "guid+link", "title+date"]
POLICIES: tuple[Policy, ...] = ("guid", "link", "guid+link", "title+date")
AHEAD = timedelta(hours=24)
"""A date further ahead of us than this is kept, and flagged."""
BURST = 3
"""So many entries with known words and new names at once are a site that was rebuilt."""


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
        if not self.print:
            object.__setattr__(self, "print", fingerprint(self.title, self.text))
        if self.link and not self.place:
            object.__setattr__(self, "place", page_of(self.link))
        if self.published and self.title and not self.named:
            named = digest("named", settled(self.title), self.published.isoformat())
            object.__setattr__(self, "named", named)

    def but(self, **changes: Any) -> Entry:
        """The same entry with some fields changed, and what hangs on them reckoned anew."""
        return replace(self, **({"print": "", "place": "", "named": ""} | changes))


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
    """Entries that could not be used."""
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


@dataclass(slots=True)
class Names:
    """Which guids and links tell the entries of one document apart: not those that different entries share."""

    guids: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Names:
        """Count the names of `entries`; the same entry listed twice counts once."""
        names = cls()
        for guid, place, _ in {(e.guid, e.place, settled(e.title)) for e in entries}:
            names.guids[guid] += bool(guid)
            names.places[place] += bool(place)
            names.pairs[guid, place] += bool(guid and place)
        return names

    def key(self, entry: Entry, policy: Policy | None = None) -> tuple[Policy, str]:
        """The policy that `entry` can be told by, and its name under it; the source's own policy if it can."""
        order: Sequence[Policy] = (policy, *POLICIES) if policy else POLICIES
        for one in order:
            if one == "guid" and self.guids[entry.guid] == 1:
                return one, entry.guid
            if one == "link" and self.places[entry.place] == 1:
                return one, entry.place
            if one == "guid+link" and self.pairs[entry.guid, entry.place] == 1:
                return one, f"{entry.guid} {entry.place}"
        stated = entry.published.isoformat() if entry.published else ""
        return "title+date", f"{settled(entry.title)}|{stated}" if entry.title else f"|{stated}|{settled(entry.text)}"


def match(
    within: str, entries: Sequence[Entry], known: Iterable[Known], policy: Policy | None
) -> tuple[list[Matched], Policy | None, int]:
    """Tell which entries are known; the source's identity policy from now on; how many had to fall back.

    A guid or link names an entry only where no other entry shares it. Where guids change under the same links,
    or pass from one article to another, the source is told by its links from then on.
    """
    kept = list(known)
    names = Names.of(entries)
    by_guid = _unique((k.guid, k) for k in kept)
    by_place = _unique((k.place, k) for k in kept)
    policy = _behaves(entries, names, by_guid, by_place, policy)
    by_item = {k.item: k for k in kept}
    taken: set[str] = set()
    first: dict[int, Known] = {}
    by_raw = {k.raw: k for k in kept if k.raw}
    for number, entry in enumerate(entries):
        found = by_raw.get(entry.raw) if entry.same else _same(entry, names, by_guid, by_place, by_item, within, policy)
        if found is not None and found.item not in taken:
            first[number] = found
            taken.add(found.item)
    moved = _moved([e for n, e in enumerate(entries) if n not in first], [k for k in kept if k.item not in taken])
    rebuilt = len(moved) >= BURST
    result: list[Matched] = []
    fallen, used = 0, set(taken)
    for number, entry in enumerate(entries):
        if number in first:
            result.append(Matched(entry, first[number].item, first[number]))
            continue
        before = moved.pop(id(entry), None)
        if before is not None:
            result.append(Matched(entry, before.item, before, quiet=rebuilt))
            continue
        how, key = names.key(entry, policy)
        if entry.guid and how not in {"guid", policy}:
            fallen += 1
        item = item_id(within, key)
        if item in used:
            continue  # listed twice
        used.add(item)
        result.append(Matched(entry, item, None))
    return result, policy, fallen


def _unique(pairs: Iterable[tuple[str, Known]]) -> dict[str, Known]:
    found: dict[str, Known | None] = {}
    for name, one in pairs:
        if name:
            found[name] = one if name not in found else None
    return {name: one for name, one in found.items() if one is not None}


def _like(entry: Entry, one: Known) -> bool:
    """Whether an entry is about what `one` was about, whatever it is called."""
    return one.print == entry.print or (bool(entry.title) and settled(entry.title) == settled(one.title))


def _behaves(
    entries: Sequence[Entry],
    names: Names,
    by_guid: Mapping[str, Known],
    by_place: Mapping[str, Known],
    policy: Policy | None,
) -> Policy | None:
    """What the source's names are worth, from what they did since the last poll; sticky once they were caught."""
    if policy == "link" or not entries:
        return policy
    usable = [e for e in entries if not e.withdrawn]
    passed = sum(
        1
        for e in usable
        if (k := by_guid.get(e.guid)) and k.place and e.place and k.place != e.place and not _like(e, k)
    )
    same = sum(1 for e in usable if (k := by_guid.get(e.guid)) and (k.place == e.place or _like(e, k)))
    changed = sum(
        1 for e in usable if names.places[e.place] == 1 and (k := by_place.get(e.place)) and k.guid and e.guid != k.guid
    )
    kept = sum(1 for e in usable if (k := by_place.get(e.place)) and e.guid == k.guid)
    if (passed >= 2 and passed > same) or (changed >= 2 and changed > kept):
        return "link"
    if policy is None:
        told = Counter(names.key(e)[0] for e in usable)
        return told.most_common(1)[0][0] if told else None
    return policy


def _same(
    entry: Entry,
    names: Names,
    by_guid: Mapping[str, Known],
    by_place: Mapping[str, Known],
    by_item: Mapping[str, Known],
    within: str,
    policy: Policy | None,
) -> Known | None:
    """What is known of an entry, by its names."""
    guid = by_guid.get(entry.guid) if names.guids[entry.guid] == 1 or entry.withdrawn else None
    place = by_place.get(entry.place) if names.places[entry.place] == 1 else None
    if policy == "link" and place is not None:
        return place
    if guid is not None and policy != "link":
        return guid
    _, key = names.key(entry, policy)
    own = by_item.get(item_id(within, key))
    if own is not None:
        return own
    if place is None:
        return None
    # The same page under another guid: the same article, unless the page is one that all articles share.
    alone = not entry.guid or not place.guid or _like(entry, place) or place.named == entry.named != ""
    return place if alone else None


def _moved(unknown: Sequence[Entry], absent: Sequence[Known]) -> dict[int, Known]:
    """Entries that only their names changed of, by `id()`: told by title and date, in a burst by their words."""
    by_named = _unique((k.named, k) for k in absent)
    found: dict[int, Known] = {}
    for entry in unknown:
        before = by_named.pop(entry.named, None)
        if before is not None:
            found[id(entry)] = before
    gone = {k.item for k in found.values()}
    by_print = _unique((k.print, k) for k in absent if k.item not in gone)
    alike = {
        id(e): k
        for e in unknown
        if id(e) not in found and len(settled(e.title + e.text)) > 20 and (k := by_print.get(e.print))
    }
    if len(alike) + len(found) >= BURST and len({k.item for k in alike.values()}) == len(alike):
        found |= alike
    return found


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
    return entry.but(
        title=entry.title if entry.title and entry.title != entry.link else page.title or entry.title,
        text=page.text if longer else entry.text,
        published=entry.published or page.published,
        modified=entry.modified or page.modified,
        dated_by=entry.dated_by if entry.published else page.dated_by,
        lang=entry.lang or page.lang,
        flags=(*entry.flags, "full-text") if longer else entry.flags,
    )
