"""A watched folder of article files, the seeds among them: text as `sources/seeds.py` reads it, and HTML pages."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from connectors.base import Outlet, SourceFault, make_item
from connectors.entries import Known
from connectors.parsing import Parser
from connectors.sources import documents, seeds
from connectors.state import State
from streams.contracts.records import Item
from streams.contracts.topics import ITEMS, Outgoing
from streams.contracts.wire import encode
from streams.ops import meters

log = logging.getLogger("treatywatch.connect")

SOURCE = "seeds"


class Folder:
    """Sends what is new or edited in a folder; what cannot be read is said once and costs no other file."""

    def __init__(self, place: Path, state: State, outlet: Outlet, parser: Parser) -> None:
        self.place, self.state, self.outlet, self.parser = place, state, outlet, parser
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self._said: set[str] = set()

    async def look(self) -> None:
        """Send what has changed since the last look."""
        stamp = await asyncio.to_thread(self._stamped)
        if stamp == self._stamp:
            return
        now = datetime.now(UTC)
        read = await asyncio.to_thread(lambda: list(seeds.folder(self.place, now)))
        found = [one for one in read if isinstance(one, Item)]
        faults = [str(one) for one in read if isinstance(one, SourceFault)]
        for path in await asyncio.to_thread(lambda: sorted(self.place.glob("*.htm*"))):
            try:
                found.append(await self._page(path, now))
            except (SourceFault, OSError) as fault:
                faults.append(f"{path.name}: {fault}")
        for words in faults:
            if words not in self._said:
                self._said.add(words)
                log.warning("%s: %s", SOURCE, words)
        fresh = await self.state.apart(lambda state: state.fresh(SOURCE, found, first=True))
        await asyncio.to_thread(self._publish, fresh)
        state = self.state.get(SOURCE)
        state.items += len(fresh)
        state.outcome, state.polled, state.begun = "ok", now.timestamp(), True
        sent = [Known(i.id, i.event) for i in fresh]
        await self.state.apart(lambda store: store.remember([state], SOURCE, sent, now.timestamp()))
        for kind, number in Counter(i.kind for i in fresh).items():
            meters.ITEMS_FETCHED.labels(SOURCE, kind).inc(number)
        self._stamp = stamp

    def _publish(self, items: list[Item]) -> None:
        self.outlet.publish([Outgoing(ITEMS.name, item.id, encode(item)) for item in items], "connect")

    async def _page(self, path: Path, now: datetime) -> Item:
        raw = await asyncio.to_thread(path.read_bytes)
        reading = await self.parser.do(documents.read, "page", f"file:{path.name}", raw)
        (entry,) = reading.entries
        return make_item(
            SOURCE,
            path.stem,
            url=f"seed:{path.stem}",
            title=entry.title,
            text=entry.text,
            seen=now,
            lang=entry.lang,
            published=entry.published,
            modified=entry.modified,
            first_poll=True,
            dated_by=entry.dated_by,
        )

    def _stamped(self) -> tuple[tuple[str, int, int], ...]:
        if not self.place.is_dir():
            return ()
        stats = ((path.name, path.stat()) for path in sorted(self.place.iterdir()) if path.is_file())
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
