"""The only code that fetches, waits, retries, keeps cursors and publishes.

What was fetched is remembered only after Kafka has it: a kill between the two sends the same item with the
same `event` again, which `normalise` drops.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from connectors import canary, coverage, manners
from connectors.address import allowed, place
from connectors.base import Outlet, SourceFault, bare
from connectors.door import opened
from connectors.entries import Declaration
from connectors.fetch import Fetcher, user_agent
from connectors.folder import SOURCE as FOLDER
from connectors.folder import Folder
from connectors.judge import Visit, left_out
from connectors.pages import Pages
from connectors.parsing import Parser
from connectors.producer import Publisher
from connectors.robots import Robots
from connectors.sources import catalogue
from connectors.sources.catalogue import Declared
from connectors.state import SourceState, State, asked
from connectors.visit import Visitor, take
from connectors.websub import WebSub
from streams.contracts.records import Coverage, Item, SourceHealth
from streams.contracts.topics import ITEMS, KIND, MENTIONS, SOURCE, SOURCES, Outgoing
from streams.contracts.wire import encode
from streams.ops import meters
from streams.settings import Settings, SettingsFault

log = logging.getLogger("treatywatch.connect")

SEEDS = Path(__file__).parent.parent / "seeds"
AT_ONCE = 8
HOST_GAP = 1.0
"""Seconds between two requests to one host; not for those that the operator allowed by address: they are his."""
STAGGER = 0.2
"""Seconds between sources that are due at the same time."""
PAGES_SECONDS = 600.0
"""Seconds that the pages behind one source's entries may take in one visit."""
TOLD_PACE = 3600.0
"""Seconds between polls of a source whose hub tells us, at least: they are for what the hub forgets."""
LOOK = 2.0
"""Seconds between looks at the source list."""


class Runner:
    """Polls what is due and publishes what it brings."""

    def __init__(
        self,
        settings: Settings,
        outlet: Outlet | None = None,
        look: Callable[[], Coverage | None] = lambda: None,
    ) -> None:
        """`look` tells what is seen of the world, for the canaries to carry."""
        self.settings, self._look = settings, look
        self.outlet: Outlet = outlet or Publisher(settings)
        self.state = State(settings.data / "connectors.sqlite")
        self.parser = Parser()
        self.allow = allowed(settings.allow)
        self._said: dict[str, str] = {}
        self._due: dict[str, float] = {}
        # Sources that a hub has told of since their poll began: it may have read them too early.
        self._told: set[str] = set()
        self._robots: Robots | None = None
        self._websub: WebSub | None = None
        self._declared_now: dict[str, Declared] = {}
        self._told_left_out: dict[str, bool] = {}
        for reason in ("too large", "unreadable"):
            meters.DEAD.labels("connect", reason)  # told from the start, as a room's
        # A document that a hub brings and one that we fetch are judged one after the other.
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def _say(self, source: str, text: str) -> None:
        """A change in how a source is doing is worth a line; the same again is not."""
        if self._said.get(source) != text:
            self._said[source] = text
            log.warning("%s", text)

    async def poll(self, fetcher: Fetcher, one: Declared) -> None:
        """Visit one source, publish what it brings, and then remember how it went."""
        async with self._turns[one.id]:
            await self._poll(fetcher, one)

    async def _poll(self, fetcher: Fetcher, one: Declared) -> None:
        began = time.time()
        self._told.discard(one.id)
        about = one.declaration()
        pages = None
        if one.full_text or one.format == "page":
            until = time.monotonic() + PAGES_SECONDS
            pages = Pages(fetcher, self.parser, self._rules(fetcher), until, patient=True)
        was_blind = blind(self.state.get(one.id))
        visit = await self._visit(fetcher, about, one, began, pages)
        state = visit.state
        if visit.fault is None:
            if self._websub is not None and any(item.kind == "new" for item in visit.items):
                self._websub.missed(one.id, began)
            wait = max(self._pace(one, state, len(visit.items)), visit.floor)
            state.next = manners.next_poll(began, wait, state.wished())
            if self._said.pop(one.id, None):
                log.info("%s is back", one.name)
            if visit.left_out and not self._told_left_out.get(one.id):
                log.warning("%s <%s>: %s", one.name, bare(one.url), left_out(visit.left_out))
            if visit.left_out is not None:
                self._told_left_out[one.id] = visit.left_out > 0
            if self._websub is not None and one.format == "feed":
                await self._websub.follow(fetcher, state, one.url, began)
        else:
            self._say(one.id, f"{one.name} <{bare(one.url)}>: {visit.fault}")
            spread = random.uniform(0.8, 1.2)  # noqa: S311 - it spreads load, it hides nothing
            wait = manners.backoff(self._least(one), state.failures, spread)
            state.next = began + max(wait, visit.floor)
        health = [_health(one, state)]
        if blind(state) != was_blind:
            # Into the log that alerts are decided from: that we do not see is news to whoever trusts silence.
            health.append(Outgoing(MENTIONS.name, f"SOURCES/{one.id}", health[0].value, ((KIND, SOURCE.encode()),)))
        await asyncio.to_thread(lambda: self.outlet.publish([*_records(visit.items), *health], "connect"))
        await visit.remember(self.state)
        at_once = one.id in self._told and visit.fault is None
        self._due[one.id] = math.inf if state.ended else 0.0 if at_once else state.next
        _measure(one.id, visit)

    async def _visit(
        self, fetcher: Fetcher, about: Declaration, one: Declared, now: float, pages: Pages | None
    ) -> Visit:
        try:
            access = one.access()
        except SourceFault as fault:
            state = self.state.get(one.id)
            state.failures, state.outcome, state.reason, state.polled = (
                state.failures + 1,
                fault.outcome,
                str(fault),
                now,
            )
            return Visit(state, now, fault=fault)
        return await Visitor(self.state, fetcher, self.parser).visit(about, one.format, now, pages, access)

    async def deliver(self, source: str, body: bytes, kind: str) -> bool:
        """Publish what is new in a document that a hub brought, and whether the source is followed at all.

        `SourceFault` when it is no feed. Where pages are fetched, which takes longer than hubs wait, it makes the
        source due instead, unless that is being left alone for its failures.
        """
        one = self._declared_now.get(source)
        if one is None:
            return False
        if one.full_text:
            if not self.state.get(source).failures and self._due[source] < math.inf:
                self._due[source] = 0.0
                self._told.add(source)
            return True
        about = one.declaration()
        async with self._turns[source]:
            visit = await take(self.state, self.parser, about, body, kind, time.time())
            await asyncio.to_thread(lambda: self.outlet.publish(_records(visit.items), "connect"))
            await visit.remember(self.state)
        _count(source, visit.items)
        return True

    def _rules(self, fetcher: Fetcher) -> Robots:
        if self._robots is None:
            self._robots = Robots(fetcher)
        return self._robots

    def _least(self, one: Declared) -> float:
        return max(float(self.settings.poll_interval), one.least)

    def _pace(self, one: Declared, state: SourceState, brought: int) -> float:
        """Seconds until the next poll, from what polls brought: news shorten them, silence stretches them."""
        least = self._least(one)
        most = max(least, one.most or manners.SLOWEST_PACE)
        state.pace = manners.pace(state.pace or least, brought, least, most)
        now = time.time()
        until = self._websub.tells(one.id, now) if self._websub is not None else 0.0
        if until <= now:
            return state.pace
        return min(max(state.pace, TOLD_PACE), most, max(until - now, least))

    def _declared(self, place: Path, before: list[Declared] | None) -> list[Declared]:
        """The enabled sources; a list that went bad while we run is said, and the last good one holds."""
        try:
            declared = [d for d in catalogue.read(place) if d.enabled]
        except SettingsFault as fault:
            if before is None:
                raise
            self._say("list", f"{fault}; going on with the sources as they were")
            return before
        if self._said.pop("list", None):
            log.info("the source list is readable again")
        now = time.time()
        ready = 0
        known = {d.id: d.url for d in before or ()}
        step = min(STAGGER, float(self.settings.poll_interval) / 4 / max(1, len(declared)))
        for one in declared:
            if known.get(one.id) == one.url and one.id in self._due:
                continue
            state = self.state.get(one.id)
            asked(state, one.url)  # another address is due at once
            _seen(state)
            self._due[one.id] = math.inf if state.ended else state.next
            if self._due[one.id] <= now:
                self._due[one.id] = now + ready * step
                ready += 1
        for gauge in (meters.SOURCE_NEW, meters.SOURCE_READ, meters.SOURCE_BLIND, meters.FALLEN, meters.LEFT_OUT):
            meters.keep_only(gauge, [(one.id,) for one in declared])
        named = [(FOLDER, FOLDER), *((one.id, one.name) for one in declared)]
        for labels in named:
            meters.SOURCE_INFO.labels(*labels).set(1)
        meters.keep_only(meters.SOURCE_INFO, named)
        return declared

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. The list and the folder of articles are read again when they change."""
        watched = Folder(self.settings.seeds or SEEDS, self.state, self.outlet, self.parser)
        agent = user_agent(self.settings.user_agent, self.settings.contact)
        async with (
            opened(self.settings, self.outlet, self.deliver) as self._websub,
            Fetcher(agent, self.allow) as fetcher,
        ):
            canaries = asyncio.create_task(self._canaries(stop))
            try:
                await self._work(stop, watched, fetcher)
            finally:
                canaries.cancel()
                await asyncio.gather(canaries, return_exceptions=True)

    async def _canaries(self, stop: asyncio.Event) -> None:
        every = float(self.settings.canary_interval)
        if every:
            await canary.fly(self.outlet, every, stop, self._look)

    async def _work(self, stop: asyncio.Event, watched: Folder, fetcher: Fetcher) -> None:
        place = self.settings.sources or catalogue.PACKAGED
        declared: list[Declared] | None = None
        stamp, looked = "", 0.0
        busy: dict[str, asyncio.Task[None]] = {}
        hosts: dict[str, float] = {}
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                if not looked or time.monotonic() - looked > LOOK:
                    looked = time.monotonic()
                    await watched.look()
                    found = "" if self.settings.offline else await asyncio.to_thread(_stamp, place)
                    if not self.settings.offline and (declared is None or found != stamp):
                        stamp, declared = found, self._declared(place, declared)
                        self._declared_now = {one.id: one for one in declared}
                self._begin(declared or (), busy, hosts, fetcher)
                await asyncio.wait({stopped, *busy.values()}, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
                for key in [k for k, task in busy.items() if task.done()]:
                    busy.pop(key).result()
        finally:
            for task in (stopped, *busy.values()):
                task.cancel()
            await asyncio.gather(stopped, *busy.values(), return_exceptions=True)

    def _begin(
        self,
        declared: Sequence[Declared],
        busy: dict[str, asyncio.Task[None]],
        hosts: dict[str, float],
        fetcher: Fetcher,
    ) -> None:
        """Start the polls that are due: not too many at once, and one host's one after the other."""
        now = time.time()
        for one in declared:
            if len(busy) >= AT_ONCE:
                return
            if one.id in busy or self._due[one.id] > now:
                continue
            host = place(one.url)
            if host in self.allow:
                busy[one.id] = asyncio.create_task(self.poll(fetcher, one))
            elif hosts.get(host, 0.0) <= now:
                hosts[host] = float("inf")
                busy[one.id] = asyncio.create_task(self._alone(fetcher, one, hosts, host))

    async def _alone(self, fetcher: Fetcher, one: Declared, hosts: dict[str, float], host: str) -> None:
        try:
            await self.poll(fetcher, one)
        finally:
            hosts[host] = time.time() + HOST_GAP

    def close(self) -> None:
        """Let go of everything."""
        self.parser.close()
        self.outlet.close()
        self.state.close()


def _stamp(place: Path) -> str:
    try:
        return hashlib.sha256(place.read_bytes()).hexdigest()
    except OSError as fault:
        return str(fault)


def _records(items: Sequence[Item]) -> list[Outgoing]:
    return [Outgoing(ITEMS.name, i.id, encode(i)) for i in items]


def _count(source: str, items: Sequence[Item]) -> None:
    for kind, number in Counter(i.kind for i in items).items():
        meters.ITEMS_FETCHED.labels(source, kind).inc(number)


def _measure(source: str, visit: Visit) -> None:
    outcome = visit.state.outcome or "failed"
    meters.BYTES_FETCHED.labels(source, outcome).inc(visit.fetched)
    _count(source, visit.items)
    if outcome == "unchanged":
        meters.NOT_MODIFIED.labels(source).inc()
    meters.FALLEN.labels(source).set(visit.state.fallen)
    if visit.left_out is not None:
        meters.LEFT_OUT.labels(source).set(visit.left_out)
    _seen(visit.state)
    meters.POLLS.labels(source, outcome).inc()
    meters.POLL_SECONDS.labels(source).observe(time.time() - visit.at)


def _seen(state: SourceState) -> None:
    """What is known of how well a source is seen; kept through a restart, so that silence does not begin anew."""
    meters.SOURCE_BLIND.labels(state.id).set(blind(state))
    if state.changed is not None:
        meters.SOURCE_NEW.labels(state.id).set(state.changed)
    if state.polled is not None and not state.failures:
        meters.SOURCE_READ.labels(state.id).set(state.polled)


BLIND_AFTER = 3
"""Failed polls in a row after which a source counts as not seen."""


def blind(state: SourceState) -> bool:
    """Whether we no longer see what a source publishes."""
    return state.ended or state.failures >= BLIND_AFTER


def _moment(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at is not None else None


def _health(one: Declared, state: SourceState) -> Outgoing:
    outcome: Any = state.outcome
    health = SourceHealth(
        id=one.id, name=one.name, url=bare(one.url), format=one.format, enabled=one.enabled, outcome=outcome,
        reason=state.reason, polled=_moment(state.polled), changed=_moment(state.changed),
        next=_moment(None if state.ended else state.next), items=state.items, failures=state.failures,
    )  # fmt: skip
    return Outgoing(SOURCES.name, one.id, encode(health))


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the connectors of the configured sources until told to stop."""
    runner = Runner(settings, look=partial(coverage.look, settings))
    # What is loaded by now stays: looking it through at each collection would hold up the loop for longer.
    gc.freeze()
    try:
        await runner.run(stop)
    finally:
        runner.close()
