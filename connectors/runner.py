"""The only code that fetches, waits, retries, keeps cursors and publishes.

What was fetched is remembered only after Kafka has it: a kill between the two sends the same item with the
same `event` again, which `normalise` drops.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import logging
import multiprocessing
import random
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec

from connectors.base import SourceFault
from connectors.fetch import Fetched, Fetcher, allowed
from connectors.producer import Publisher
from connectors.sources import catalogue, feed, seeds
from connectors.sources.catalogue import Declared
from connectors.state import SourceState, State
from streams.contracts.ids import event_id
from streams.contracts.records import Item, SourceHealth
from streams.contracts.topics import ITEMS, SOURCES, Outgoing
from streams.contracts.wire import encode
from streams.ops import meters
from streams.settings import Settings

log = logging.getLogger("treatywatch.connect")

PARSE_SECONDS = 20.0
LONGEST = 7 * 86400.0
SEEDS = Path(__file__).parent.parent / "seeds"
_AGE = re.compile(r"max-age=(\d{1,9})")


class Parser:
    """Parses feeds in a process that may be lost: it costs one fetch."""

    def __init__(self) -> None:
        self._pool: concurrent.futures.ProcessPoolExecutor | None = None

    async def items(self, name: str, url: str, lang: str | None, raw: bytes, seen: datetime) -> list[Item]:
        """Items of a feed, or `SourceFault`."""
        if self._pool is None:
            self._pool = concurrent.futures.ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=feed.limit_memory
            )
        work = self._pool.submit(feed.read_bytes, name, url, lang, raw, seen)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(work), PARSE_SECONDS)
        except SourceFault:
            raise
        except Exception as fault:
            self.close()
            raise SourceFault(f"could not be parsed: {type(fault).__name__}", "not-a-feed") from fault

    def close(self) -> None:
        """End the parsing process."""
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def floor(answer: Fetched, now: float) -> float:
    """Seconds that the server asks us to wait, capped at a week."""
    asked = _AGE.search(answer.headers.get("cache-control", ""))
    return min(float(asked[1]), LONGEST) if asked else 0.0 * now


def retry_after(text: str | None, now: float) -> float:
    """Seconds that a Retry-After header asks for, capped at a week."""
    if not text:
        return 0.0
    if text.strip().isdigit():
        return min(float(text), LONGEST)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - now, 0.0), LONGEST)
    except (TypeError, ValueError):
        return 0.0


class Runner:
    """Polls what is due and publishes what it brings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State(settings.data / "connectors.sqlite")
        self.publisher = Publisher(settings)
        self.parser = Parser()
        self._said: dict[str, str] = {}

    def publish_seeds(self) -> None:
        """Send seed articles that were not sent yet."""
        place = self.settings.seeds or SEEDS
        known = self.state.events("seeds")
        now = datetime.now(UTC)
        fresh = []
        for found in seeds.folder(place, now):
            if isinstance(found, SourceFault):
                self._say("seeds", f"seeds: {found}")
            elif known.get(found.id) != found.event:
                fresh.append(found)
        self._publish("seeds", fresh)
        state = self.state.get("seeds")
        state.items += len(fresh)
        state.outcome, state.polled = "ok", now.timestamp()
        self.state.remember(state, [(i.id, i.event) for i in fresh], now.timestamp())

    def _publish(self, source: str, items: Sequence[Item]) -> None:
        self.publisher.publish([Outgoing(ITEMS.name, i.id, encode(i)) for i in items], "connect")
        meters.ITEMS_FETCHED.labels(source, "new").inc(len(items))

    def _say(self, source: str, text: str) -> None:
        """A change in how a source is doing is worth a line; the same again is not."""
        if self._said.get(source) != text:
            self._said[source] = text
            log.warning("%s", text)

    async def poll(self, fetcher: Fetcher, one: Declared) -> None:
        """Poll one source and remember how it went."""
        state, began = self.state.get(one.id), time.time()
        first = state.polled is None
        sent: list[Item] = []
        interval = float(self.settings.poll_interval)
        try:
            answer = await fetcher.get(one.url, state.etag, state.modified)
            if answer.status == 304:
                state.outcome = "unchanged"
                meters.NOT_MODIFIED.labels(one.id).inc()
            else:
                meters.BYTES_FETCHED.labels(one.id, "ok").inc(len(answer.body))
                seen = datetime.fromtimestamp(began, UTC)
                items = await self.parser.items(one.name, one.url, one.lang, answer.body, seen)
                sent = self._fresh(one.id, items, first)
                await asyncio.to_thread(self._publish, one.id, sent)
                state.etag, state.modified = (
                    answer.headers.get("etag"),
                    answer.headers.get("last-modified"),
                )
                state.outcome = "ok"
            state.failures, state.reason = 0, ""
            interval = max(interval, floor(answer, began))
            if self._said.pop(one.id, None):
                log.info("%s is back", one.name)
        except SourceFault as fault:
            state.failures += 1
            state.outcome, state.reason = fault.outcome, str(fault)
            self._say(one.id, f"{one.name} <{one.url}>: {fault}")
            backoff = min(interval * 2 ** min(state.failures, 8), 86400.0) * random.uniform(0.8, 1.2)  # noqa: S311 - it spreads load, it hides nothing
            interval = max(backoff, retry_after(getattr(fault, "retry_after", None), began))
            if fault.outcome == "gone":
                interval = LONGEST
        state.polled, state.next = began, began + interval
        state.items += len(sent)
        if sent:
            state.changed = began
            meters.SOURCE_NEW.labels(one.id).set(began)
        self.state.remember(state, [(i.id, i.event) for i in sent], began)
        meters.POLLS.labels(one.id, state.outcome or "failed").inc()
        meters.POLL_SECONDS.labels(one.id).observe(time.time() - began)
        await asyncio.to_thread(self.publisher.publish, [_health(one, state)], "connect")

    def _fresh(self, source: str, items: Sequence[Item], first: bool) -> list[Item]:
        known = self.state.events(source)
        fresh = []
        for item in items:
            before = known.get(item.id)
            if before is None:
                fresh.append(msgspec.structs.replace(item, first_poll=first))
                continue
            as_update = event_id(item.id, "update", item.title, item.text)
            if before not in {item.event, as_update}:
                fresh.append(msgspec.structs.replace(item, kind="update", event=as_update))
        return fresh

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. The list is read again when its file changes."""
        await asyncio.to_thread(self.publish_seeds)
        if self.settings.offline:
            await stop.wait()
            return
        agent = self.settings.user_agent
        if self.settings.contact:
            agent = f"treatywatch/0.1 (news monitor; {self.settings.contact})"
        gate = asyncio.Semaphore(8)
        busy: dict[str, asyncio.Task[None]] = {}
        place = self.settings.sources or catalogue.PACKAGED
        declared: list[Declared] = []
        stamp = ""
        async with Fetcher(agent, allowed(self.settings.allow)) as fetcher:

            async def work(one: Declared) -> None:
                async with gate:
                    await self.poll(fetcher, one)

            while not stop.is_set():
                now_stamp = hashlib.sha256(place.read_bytes()).hexdigest() if place.exists() else ""
                if now_stamp != stamp:
                    stamp, declared = now_stamp, [d for d in catalogue.read(place) if d.enabled]
                for one in declared:
                    if one.id not in busy and self.state.get(one.id).next <= time.time():
                        busy[one.id] = asyncio.create_task(work(one))
                for key in [k for k, task in busy.items() if task.done()]:
                    busy.pop(key).result()
                await _pause(stop, 0.5)
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    def close(self) -> None:
        """Let go of everything."""
        self.parser.close()
        self.publisher.close()
        self.state.close()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _moment(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at is not None else None


def _health(one: Declared, state: SourceState) -> Outgoing:
    outcome: Any = state.outcome
    health = SourceHealth(
        id=one.id, name=one.name, url=one.url, format="feed", enabled=one.enabled, outcome=outcome,
        reason=state.reason, polled=_moment(state.polled), changed=_moment(state.changed),
        next=_moment(state.next), items=state.items, failures=state.failures,
    )  # fmt: skip
    return Outgoing(SOURCES.name, one.id, encode(health))


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the connectors of the configured sources until told to stop."""
    runner = Runner(settings)
    try:
        await runner.run(stop)
    finally:
        runner.close()
