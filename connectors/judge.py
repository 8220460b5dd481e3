"""What a document's entries are to us: new, edited, withdrawn, or nothing to speak of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec

from connectors.base import SourceFault
from connectors.dates import moment
from connectors.edits import fingerprint
from connectors.entries import Declaration, Entry, Known, Matched, Policy, Reading, merged, to_item
from connectors.identity import match
from connectors.pages import Pages, PageState, kept
from connectors.retraction import retracted
from connectors.sources.documents import Format
from connectors.state import MANY, SourceState, State
from streams.contracts.ids import event_id, item_id
from streams.contracts.records import Item, Kind

LONG = 500
SLACK = timedelta(days=2)
"""An entry dated longer than this before the last poll is no news since then."""


@dataclass(slots=True)
class Visit:
    """What a visit brought, to be published and then remembered."""

    state: SourceState
    at: float
    items: list[Item] = field(default_factory=list)
    learnt: dict[str, Known] = field(default_factory=dict)
    present: list[str] | None = None
    children: list[SourceState] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    fault: SourceFault | None = None
    kept: float = 0.0
    floor: float = 0.0
    """Seconds that the server, or the document, wants to be left alone."""
    wire: int = 0
    fetched: int = 0
    """Bytes as they came and unpacked."""
    left_out: int | None = None
    """Entries of the documents that were not taken; `None` when no document was read."""

    async def remember(self, store: State) -> None:
        """Keep what was learnt; only once the items are where they belong."""
        await store.apart(self._write)

    def _write(self, store: State) -> None:
        states = [self.state, *self.children]
        whole = not self.state.children and self.kept > 0
        store.remember(states, self.state.id, self.learnt.values(), self.at, self.present, whole, self.at - self.kept)
        if self.dropped:
            store.forget(self.dropped)


def left_out(number: int) -> str:
    """In plain words that entries of a document were not taken."""
    counted = "1 entry was" if number == 1 else f"{number} entries were"
    return f"{counted} left out: not readable, or too many for one document"


class Judge:
    """Judges the documents of one visit, and fetches the pages behind their entries when `pages` is given."""

    def __init__(self, store: State, one: Declaration, form: Format, visit: Visit, pages: Pages | None) -> None:
        self.store, self.one, self.form, self.visit, self.pages = store, one, form, visit, pages
        self.seen = datetime.fromtimestamp(visit.at, UTC)
        self.known: dict[str, Known] = {}
        self.first = not visit.state.begun
        self.looked: set[str] = set()
        self.late = False
        """Whether something waits for the next visit: the documents must come whole again."""

    async def recall(self) -> Judge:
        """Look up what is known of the source: of an index only what has a page, the rest with each document."""
        items: list[str] | None = None if self.form in {"feed", "page"} else []

        def known(store: State) -> dict[str, Known]:
            return {k.item: k for k in store.known(self.one.id, items)}

        self.known = known(self.store) if self.visit.state.items < MANY else await self.store.apart(known)
        return self

    def had(self) -> frozenset[str]:
        """Hashes of the entries that need not be read again."""
        if self.form != "feed":
            return frozenset()
        return frozenset(k.raw for k in self.known.values() if k.raw and k.kind != "retraction")

    async def judge(self, reading: Reading) -> None:
        """Turn what a document says into items."""
        # A long document must not hold up the polls of others.
        long = max(len(reading.entries), len(reading.order)) > LONG
        if long:
            found, told, fallen = await self.store.apart(lambda store: self._found(store, reading))
        else:
            found, told, fallen = self._found(self.store, reading)
        if self.form == "feed":
            self.visit.state.policy, self.visit.state.fallen = told or "", fallen
        if self.pages is not None and self.form != "page":
            await asyncio.gather(*(self._with_page(one) for one in found if not one.entry.same))
        else:
            for number, one in enumerate(found):
                if not one.entry.same:
                    self._tell(one, one.entry, "")
                if number % 50 == 49:
                    await asyncio.sleep(0)
        if self.visit.present is None:
            self.visit.present = []
        self.visit.present += [one.item for one in found if one.item in self.known or one.item in self.visit.learnt]

    def _found(self, store: State, reading: Reading) -> tuple[list[Matched], Policy | None, int]:
        """Which entries of a document are known, as `match` tells it."""
        policy = self.one.identity or ("link" if self.form != "feed" else self.visit.state.told_by())
        if self.form in {"sitemap", "gdelt"}:
            ids = [item_id(self.one.id, entry.place) for entry in reading.entries]
            self.known |= {k.item: k for k in store.known(self.one.id, ids)}
        polled = self.visit.state.polled
        before = datetime.fromtimestamp(polled, UTC) - SLACK if polled else None
        return match(self.one.id, self._whole(reading), self.known.values(), policy, before)

    def _whole(self, reading: Reading) -> list[Entry]:
        """All entries of a document in its order, with those that were not read again as they are known."""
        if not reading.order:
            return reading.entries
        by_raw = {k.raw: k for k in self.known.values() if k.raw}
        read_now = {e.raw: e for e in reading.entries if e.raw}
        placed = [read_now.get(raw) or by_raw[raw].again() for raw in reading.order if raw in read_now or raw in by_raw]
        return placed + [e for e in reading.entries if not e.raw]

    async def _with_page(self, one: Matched) -> None:
        """Tell an entry with the text of its page, or with its own where there was no turn for it."""
        pages = self.pages
        if pages is None or one.entry.withdrawn or not one.entry.link:
            self._tell(one, one.entry, "")
            return
        before = kept(one.known)
        if one.known is not None and before.feed == one.entry.print:
            return  # the feed says nothing new of it; `recheck` looks at its page
        self.looked.add(one.item)
        looked = await pages.look(one.entry.link)
        if looked.late and one.known is None and not one.entry.text:
            self.late = True  # a headline alone waits for its text
            return
        if looked.gone:
            if one.known is not None:
                self._withdraw(one.known)
            return
        entry = merged(one.entry, looked.entry) if looked.entry else one.entry
        page = PageState(one.entry.print, checked=self.visit.at, begun=before.begun or self.visit.at)
        if looked.entry:
            page.print = looked.entry.print if entry.text == looked.entry.text else ""
            if looked.validators:
                page.etag, page.modified = looked.validators.etag, looked.validators.modified
                page.address = looked.validators.address
        self._tell(one, entry, msgspec.json.encode(page).decode())

    def _tell(self, one: Matched, entry: Entry, page: str) -> None:
        """Make the item of an entry that is new, edited or withdrawn, and note what is known of it from now on."""
        known = self.visit.learnt.get(one.item) or one.known
        if entry.withdrawn:
            if known is not None:
                self._withdraw(known, entry)
            return
        mark = entry.print
        if known is None and one.quiet:
            self._note(one, entry, "new", event_id(one.item, "new", entry.title, entry.text), mark, page)
            return
        if known is None:
            self._send(one, entry, "new", mark, page)
            return
        gone = retracted(entry.title, entry.text)
        if known.kind == "retraction" and mark == known.print and not (gone or known.page):
            self._send(one, entry, "update", mark, page)  # its document named it as deleted, and has it again
            return
        if one.quiet or mark == known.print or (not known.print and self._told(known, entry)):
            self._note(one, entry, known.kind, known.event, mark if one.quiet else known.print or mark, page)
            return
        if gone and known.kind == "retraction":
            self._note(one, entry, known.kind, known.event, mark, page)
            return
        self._send(one, entry, "retraction" if gone else "update", mark, page)

    def _told(self, known: Known, entry: Entry) -> bool:
        """Whether an entry that an earlier version kept by its event alone is as it was."""
        kinds: tuple[Kind, ...] = ("new", "update")
        return known.event in {event_id(known.item, kind, entry.title, entry.text) for kind in kinds}

    def _send(self, one: Matched, entry: Entry, kind: Kind, mark: str, page: str) -> None:
        item = to_item(one, self.one, self.seen, kind, first=self.first and kind == "new", entry=entry)
        self.visit.items.append(item)
        self._note(one, entry, kind, item.event, mark, page)

    def _note(self, one: Matched, entry: Entry, kind: str, event: str, mark: str, page: str) -> None:
        known = one.known
        noted = Known(
            item=one.item,
            event=event,
            print=mark,
            guid=one.entry.guid,
            place=one.entry.place,
            named=one.entry.named,
            kind=kind,
            url=entry.link or (known.url if known else ""),
            title=entry.title,
            published=entry.published.isoformat() if entry.published else None,
            page=page or (known.page if known else ""),
            raw=one.entry.raw,
        )
        if noted != known or one.item in self.visit.learnt:
            self.visit.learnt[one.item] = noted

    def _withdraw(self, known: Known, entry: Entry | None = None) -> None:
        """Tell that an entry is no more; once."""
        if known.kind == "retraction":
            return
        title = (entry.title if entry else "") or known.title
        gone = Entry(known.guid, known.url, title, entry.text if entry else "", None, moment(known.published))
        matched = Matched(gone, known.item, known)
        self.visit.items.append(to_item(matched, self.one, self.seen, "retraction", first=False))
        self.visit.learnt[known.item] = replace(known, kind="retraction", event=self.visit.items[-1].event)

    def withdraw(self) -> bool:
        """Withdraw all that is known of a source that is one page; whether there was anything."""
        for known in self.known.values():
            self._withdraw(known)
        return bool(self.known)

    async def recheck(self) -> None:
        """Look at the pages of entries that stand in the feed: edited, or gone."""
        pages = self.pages
        if pages is None:
            return
        present = set(self.visit.present) if self.visit.present is not None else None
        due = [
            k
            for k in self.known.values()
            if k.item not in self.looked and k.kind != "retraction" and k.page
            and (k.item in present if present is not None else k.present)
            and pages.due(kept(k), self.visit.at)
        ]  # fmt: skip
        due.sort(key=lambda k: kept(k).checked)
        await asyncio.gather(*(self._again(k, pages) for k in due))

    async def _again(self, known: Known, pages: Pages) -> None:
        before = kept(known)
        known = self.visit.learnt.get(known.item) or known
        looked = await pages.look(known.url, before)
        if looked.late:
            return
        if looked.gone:
            self._withdraw(known)
            return
        before.checked = self.visit.at
        found = looked.entry
        if found is None or found.print == before.print or (not before.print and len(found.text) < 200):
            self.visit.learnt[known.item] = replace(known, page=msgspec.json.encode(before).decode())
            return
        if looked.validators:
            before.etag, before.modified = looked.validators.etag, looked.validators.modified
            before.address = looked.validators.address
        before.print = found.print
        stated = moment(known.published)
        entry = replace(
            found,
            guid=known.guid,
            link=known.url,
            title=known.title or found.title,
            published=stated or found.published,
        )
        page = msgspec.json.encode(before).decode()
        mark = fingerprint(entry.title, entry.text)
        matched = Matched(entry, known.item, known)
        gone = retracted(found.title, found.text)
        if mark == known.print:
            self.visit.learnt[known.item] = replace(known, page=page)
            return
        self._send(matched, entry, "retraction" if gone else "update", mark, page)
        noted = self.visit.learnt[known.item]
        self.visit.learnt[known.item] = replace(noted, place=known.place, named=known.named, raw=known.raw)
