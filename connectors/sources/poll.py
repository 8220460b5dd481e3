"""One poll of one source, without Kafka: what is due now, as JSON lines."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connectors import manners
from connectors.base import SourceFault, bare
from connectors.fetch import Fetcher, allowed
from connectors.parsing import Parser
from connectors.sources import catalogue
from connectors.state import State, asked
from streams.contracts.records import Item
from streams.settings import SettingsFault

FORMATS = ("feed", "opml")
AGENT = "treatywatch/0.1 (news monitor)"


def run(url: str, form: str, state_dir: Path, output: Path, allow: str, full_text: bool) -> int:
    """Do what is due for `url`; 0, or 3 when the source failed."""
    if form not in FORMATS:
        raise SettingsFault(f"--format {form}: accepted are {', '.join(FORMATS)}")
    if full_text:
        raise SettingsFault("--full-text: not available for this format; leave it out")
    try:
        output.touch()
        store = State(state_dir / "poll.sqlite")
    except OSError as fault:
        raise SettingsFault(f"cannot write {fault.filename}: {fault.strerror}") from fault
    try:
        return asyncio.run(_Poll(store, output).all(url, form, allowed(allow)))
    finally:
        store.close()


class _Poll:
    """One run over one feed, or over the feeds of a list."""

    def __init__(self, store: State, output: Path) -> None:
        self.store, self.output, self.parser = store, output, Parser()

    async def all(self, url: str, form: str, allow: frozenset[str]) -> int:
        try:
            async with Fetcher(AGENT, allow) as fetcher:
                if form == "feed":
                    return 0 if await self.feed(fetcher, url) else 3
                return await self.listed(fetcher, url)
        finally:
            self.parser.close()

    async def listed(self, fetcher: Fetcher, url: str) -> int:
        """The feeds of a list, one after the other; 3 when the list failed, or every feed of it."""
        state, now = self.store.get(url), time.time()
        if state.next > now:
            return 0
        try:
            answer = await fetcher.get(url)
            declared = [d for d in catalogue.parse(answer.body) if d.enabled]
        except (SourceFault, ValueError) as fault:
            self._failed(url, fault if isinstance(fault, SourceFault) else SourceFault(str(fault), "not-a-feed"), now)
            return 3
        state.failures, state.reason, state.outcome, state.polled = 0, "", "ok", now
        self.store.remember(state, (), now)
        went = [await self.feed(fetcher, one.url) for one in declared]
        return 0 if any(went) or not went else 3

    async def feed(self, fetcher: Fetcher, url: str) -> bool:
        """Whether the feed is well: polled now, or not due yet."""
        state, now = self.store.get(url), time.time()
        if state.next > now:
            return True
        items: list[Item] = []
        fresh: list[Item] = []
        wished = manners.Wishes()
        try:
            at = asked(state, url)
            answer = await fetcher.get(at, state.etag, state.modified)
            if answer.status == 200:
                seen = datetime.fromtimestamp(now, UTC)
                reading = await self.parser.feed(bare(url), at, None, answer.body, seen, url)
                items, wished = reading.items, reading.wishes
                fresh = self.store.fresh(url, items, first=not state.begun)
                with self.output.open("a", encoding="utf-8") as lines:
                    lines.writelines(json.dumps(msgspec.to_builtins(item), ensure_ascii=False) + "\n" for item in fresh)
                state.etag, state.modified = answer.headers.get("etag"), answer.headers.get("last-modified")
                state.address, state.begun = answer.moved or state.address, True
        except SourceFault as fault:
            self._failed(url, fault, now)
            return False
        wait = max(wished.wait, manners.floor(answer.headers, now))
        state.failures, state.reason, state.outcome, state.polled = 0, "", "ok", now
        state.next = manners.next_poll(now, wait, wished)
        state.items += len(fresh)
        self.store.remember(state, [(i.id, i.event) for i in fresh], now, [i.id for i in items])
        return True

    def _failed(self, url: str, fault: SourceFault, now: float) -> None:
        state = self.store.get(url)
        state.failures += 1
        state.reason, state.outcome, state.polled = str(fault), fault.outcome, now
        state.next = now + manners.retry_after(fault.retry_after, now)
        if state.address:
            # Where it moved to is no good: the next run asks where it was declared.
            state.address = state.etag = state.modified = None
        elif fault.outcome == "gone":
            state.next = now + manners.LONGEST
        self.store.remember(state, (), now)
        sys.stderr.write(f"{bare(url)}: {fault}\n")
