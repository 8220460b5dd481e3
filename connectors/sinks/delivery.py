"""One sink's life: alerts come from its place in the topic, wait as long as they must, and are given, each once.

Whatever happens here happens to this sink alone. A parcel is remembered as given right after the sink has taken it;
only a crash between the two lets it be given again, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec
from confluent_kafka import Message

from connectors.sinks import declared
from connectors.sinks.choice import Choice
from connectors.sinks.hours import Hours
from connectors.sinks.inbox import Place
from connectors.sinks.parcel import Parcel, Sink, SinkFault, Told, read
from connectors.sinks.secret import SecretFault, hide
from connectors.sinks.store import Store, Taken, Waiting
from streams.contracts.faults import BrokerFault, RecordFault
from streams.contracts.ids import digest
from streams.contracts.records import Coverage
from streams.contracts.topics import KIND
from streams.ops import meters

log = logging.getLogger("treatywatch.deliver")

BATCH = 200
TAKE_SECONDS = 0.2
COMMIT_SECONDS, COMMIT_AGAIN_SECONDS = 0.25, 30.0
"""Between two commits of offsets; and when nothing moved, since the last may have met a broker that was away."""
SAVE_SECONDS = 0.01
BLOCKED_SECONDS = 0.25
"""To look again when something is due and must not go out yet: an earlier alert of its thread waits."""
MOST_WAITING = 5000
"""Alerts that may wait for a sink here; further ones wait in the topic."""
GRACE = 1.0
"""Seconds after a digest's hour in which alerts from before it may still arrive."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds before the second attempt, and at most between two."""
PARTING = 5.0
"""Seconds that what is on its way may take when we are told to stop."""
QUEUED = 64
"""Parcels that are looked up at a time."""
PATIENCE = 3
"""Failures in a row of whatever kind after which a sink is left alone for a while."""


class Seal(msgspec.Struct, frozen=True):
    """What a digest says beside its alerts."""

    due: datetime | None = None
    coverage: Coverage | None = None


Bury = Callable[[str, bytes, str, str, tuple[int, int], str], Any]
"""Keep a dead letter: sink, bytes, reason, key, partition and offset, `ce_time`. Returns once Kafka has it."""


def wait_of(failures: int, spread: float, asked: float = 0.0) -> float:
    """Seconds to wait after so many failures in a row; `spread` from 0 to 1; never less than was asked for."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures - 1, 16))
    return max(wait * (0.5 + 0.5 * spread), asked)


def digest_id(sink: str, boundary: datetime) -> str:
    """The id of a sink's digest for an hour."""
    return "d" + digest("digest", sink, boundary.isoformat())


class Delivery:
    """One sink at work."""

    def __init__(
        self,
        name: str,
        given: declared.Sink,
        sink: Sink,
        store: Store,
        place: Callable[[dict[int, int]], Place],
        bury: Bury,
        coverage: Callable[[datetime], Coverage | None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name, self.sink, self.store = name, sink, store
        self._choice, self._hours = Choice.of(given), Hours.of(given)
        self._give_up, self._at_once = declared.span(given.give_up).total_seconds(), given.at_once
        self._open, self._bury, self._coverage, self._clock, self._chance = place, bury, coverage, clock, chance
        self._place: Place | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"sink-{name}")
        self._wake = asyncio.Event()
        self._lanes: set[asyncio.Task[None]] = set()
        self._flying: set[str] = set()
        self._queue: deque[Waiting] = deque()
        self._saving: asyncio.TimerHandle | None = None
        self._failures, self._pause, self._idle, self._looked, self._forgot = 0, 0.0, 0.0, 0.0, 0.0
        for outcome in ("given", "failed", "dead"):
            meters.DELIVERIES.labels(name, outcome)  # told from the start: the first is an increase too
        self._moved = False
        self.ended: str = ""
        """Why it no longer runs; empty while it does."""

    def well(self) -> bool:
        """Whether it does its work: a sink that takes nothing is the sink's trouble, and has its own metrics."""
        return not self.ended and self._place is not None and bool(self._place.assigned)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop. `BrokerFault` for what Kafka does not mend by itself."""
        loop = asyncio.get_running_loop()
        told, parts = asyncio.create_task(stop.wait()), list[asyncio.Task[None]]()
        try:
            self._place = await loop.run_in_executor(self._thread, self._open, self.store.positions())
            parts = [asyncio.create_task(self._taking(stop)), asyncio.create_task(self._giving(stop))]
            ended, _ = await asyncio.wait([told, *parts], return_when=asyncio.FIRST_COMPLETED)
            for part in ended - {told}:
                part.result()
            if told in ended:
                ended, _ = await asyncio.wait(parts, timeout=2 * PARTING)
                for part in ended:
                    part.result()
        finally:
            told.cancel()
            for task in (*parts, *self._lanes):
                task.cancel()
            await asyncio.gather(*parts, *self._lanes, return_exceptions=True)
            await loop.run_in_executor(self._thread, self._leave)
            self._thread.shutdown(wait=False)
            await self.sink.close()
            self._save()
            self.store.close()

    def _leave(self) -> None:
        if self._place is not None:
            self._place.close()

    # Taking.

    async def _taking(self, stop: asyncio.Event) -> None:
        assert self._place is not None  # noqa: S101 - opened before
        loop, committed = asyncio.get_running_loop(), 0.0
        self._moved = True  # what is known from before is told anew
        while not stop.is_set():
            self._place.hold(self.store.waiting() >= MOST_WAITING)
            messages = await loop.run_in_executor(self._thread, self._place.take, BATCH, TAKE_SECONDS)
            if messages:
                await self.take(messages)
            elif self._place.caught_up():
                self._idle = self._clock()
                self._wake.set()
            since = time.monotonic() - committed
            if since > (COMMIT_SECONDS if self._moved else COMMIT_AGAIN_SECONDS):
                self._moved, committed = False, time.monotonic()
                self._save()  # Kafka is told nothing that we could still forget
                self._place.commit(self.store.positions())
        # What is on its way may still arrive, and counts.
        if self._lanes:
            await asyncio.wait(self._lanes, timeout=PARTING)
        self._save()
        await loop.run_in_executor(self._thread, self._place.commit, self.store.positions(), True)

    async def take(self, messages: Sequence[Message]) -> None:
        """Judge records, and let those wait that the sink is to have."""
        now, positions = self._clock(), dict[int, int]()
        taken: dict[str, Taken] = {}
        for message in messages:
            part, place = int(message.partition() or 0), int(message.offset() or 0)
            positions[part] = place + 1
            headers: Any = dict(message.headers() or ())
            if KIND in headers:
                continue
            try:
                told = read(message.value(), headers)
            except RecordFault as fault:
                key = bytes(message.key() or b"").decode("utf-8", "replace")
                await self._buried(bytes(message.value() or b""), str(fault), key, (part, place), "")
                self._count("dead")
                continue
            alert = told.alert
            if alert.id in taken or self.store.knows(alert.id):
                self._count("repeated")
                continue
            follows = self.store.follows(alert.thread) or any(
                t.told.alert.thread == alert.thread for t in taken.values()
            )
            if not self._choice.takes(alert, follows):
                self._count("filtered")
                continue
            at = int(message.timestamp()[1]) / 1000
            taken[alert.id] = self._addressed(told, part, place, at, now)
        self.store.take(taken.values(), positions)
        self._moved = True
        self._wake.set()

    def _addressed(self, told: Told, part: int, place: int, at: float, now: float) -> Taken:
        moment = datetime.fromtimestamp(now, UTC)
        boundary = self._hours.digest(datetime.fromtimestamp(at, UTC), moment)
        if boundary is None or self._hours.group is None:
            return Taken(told, part, place, told.alert.id, False, now)
        if self.store.closed(digest_id(self.name, boundary)):
            boundary = self._hours.group.next(moment)  # too late for that one
        return Taken(told, part, place, digest_id(self.name, boundary), True, boundary.timestamp())

    # Giving.

    async def _giving(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            now = self._clock()
            self._announce(now)
            while len(self._lanes) < self._at_once and (parcel := self._next()):
                self._flying.add(parcel.id)
                self._lanes.add(asyncio.create_task(self._lane(parcel, stop)))
            self._measure(now)
            soonest = self._pause if now < self._pause else now + 1 if self._lanes else self.store.due() or now + 1
            waking = asyncio.create_task(self._wake.wait())
            try:
                await asyncio.wait(
                    [waking, *self._lanes], timeout=min(soonest - now, 1.0) if soonest > now else BLOCKED_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )  # fmt: skip
            finally:
                waking.cancel()
            self._wake.clear()
            for lane in [lane for lane in self._lanes if lane.done()]:
                self._lanes.discard(lane)
                lane.result()

    async def _lane(self, parcel: Waiting | None, stop: asyncio.Event) -> None:
        """Give one parcel after the other until nothing more may go out now."""
        while parcel is not None:
            try:
                await self._give(parcel)
            finally:
                self._flying.discard(parcel.id)
            parcel = None if stop.is_set() else self._next()
            if parcel is not None:
                self._flying.add(parcel.id)

    def _announce(self, now: float) -> None:
        """A daily digest goes out also when there is nothing to tell: its coverage is news."""
        if not self._hours.empty or self._hours.group is None or self._idle == 0.0:
            return
        boundary = self._hours.group.last(datetime.fromtimestamp(now, UTC)).timestamp()
        before = self.store.note("digest")
        if before is not None and boundary > float(before):
            identity = digest_id(self.name, datetime.fromtimestamp(boundary, UTC))
            if not self.store.outcome(identity):
                self.store.announce(identity, boundary)
        if before is None or boundary > float(before):
            self.store.note("digest", str(boundary))

    def _next(self) -> Waiting | None:
        """What is to go out next; nothing while the sink is left alone. One at a time while it fails."""
        now = self._clock()
        if now < self._pause or (self._failures and self._flying):
            return None
        if not self._queue:
            self._queue.extend(self.store.ready(now, QUEUED + len(self._flying)))
        moment = datetime.fromtimestamp(now, UTC)
        while self._queue:
            parcel = self._queue.popleft()
            if parcel.id in self._flying or (parcel.digest and self._idle < parcel.due + GRACE):
                continue
            held = self._hours.held(moment, parcel.severity)
            if held is None:
                return parcel
            self.store.postpone(parcel.id, held.timestamp())
        return None

    async def _give(self, waiting: Waiting) -> None:
        alerts = self.store.alerts(waiting.id)
        sealed = self._sealed(waiting) if waiting.digest else Seal()
        parcel = Parcel(
            id=waiting.id, alerts=alerts, digest=waiting.digest, due=sealed.due, coverage=sealed.coverage,
            handles=self.store.handles(t.alert.thread for t in alerts),
        )  # fmt: skip
        try:
            handles = await self.sink.give(parcel)
        except (SinkFault, SecretFault) as fault:
            known = fault if isinstance(fault, SinkFault) else SinkFault(str(fault), away=True)
            await self._failed(waiting, alerts, known)
            return
        except Exception as bug:  # noqa: BLE001 - a bug of one sink must not end the others
            log.error("%s: a bug of ours: %s", self.name, self._hidden(f"{type(bug).__name__}: {bug}"))
            await self._failed(waiting, alerts, SinkFault(f"a bug of ours: {type(bug).__name__}: {bug}"))
            return
        now = self._clock()
        self.store.done(waiting, alerts, handles, "given", now)
        self._remember()
        if self._failures:
            log.info("%s takes alerts again", self.name)
        self._failures, self._pause, self._moved = 0, 0.0, True
        self._count("given", len(alerts) or 1)
        meters.DELIVERY_SECONDS.labels(self.name).observe(max(0.0, now - waiting.due))

    def _sealed(self, digest: Waiting) -> Seal:
        """What a digest says beside its alerts: decided at its first attempt, the same at each further one."""
        if digest.seal is not None:
            return msgspec.json.decode(digest.seal, type=Seal)
        due, now = datetime.fromtimestamp(digest.due, UTC), datetime.fromtimestamp(self._clock(), UTC)
        found = Seal(due=due, coverage=self._coverage(now))
        self.store.close_digest(digest.id, msgspec.json.encode(found))
        return found

    def _remember(self) -> None:
        """At once; where several are on their way at a time, what ends within a few milliseconds together."""
        if self._at_once == 1:
            self.store.save()
        elif self._saving is None:
            self._saving = asyncio.get_running_loop().call_later(SAVE_SECONDS, self._save)

    def _save(self) -> None:
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
        self.store.save()

    async def _failed(self, waiting: Waiting, alerts: Sequence[Told], fault: SinkFault) -> None:
        """Try again later; or, when there is no point or no time left, to the dead letters with the reason."""
        now, reason = self._clock(), self._hidden(str(fault))
        self._count("failed")
        self._queue.clear()  # what may go out is now another question
        if fault.final:
            log.warning("%s will not take %s: %s", self.name, waiting.id, reason)
            await self._dead(waiting, alerts, reason, now)
            return
        self._failures += 1
        wait = wait_of(self._failures, self._chance(), fault.retry_after)
        log.warning(
            "%s: %s; attempt %d of %s, again in %.0f s", self.name, reason, waiting.attempts + 1, waiting.id, wait
        )
        self.store.failed(waiting.id, now + wait_of(waiting.attempts + 1, self._chance(), fault.retry_after))
        if fault.away or self._failures >= PATIENCE:
            self._pause = now + wait
        late = f"not taken within {self._give_up:.0f} s: {reason}"
        if now - waiting.due > self._give_up:
            await self._dead(waiting, alerts, late, now)
        if fault.away:
            for other in self.store.ready(now, MOST_WAITING):
                if other.id not in self._flying and now - other.due > self._give_up:
                    await self._dead(other, self.store.alerts(other.id), late, now)

    async def _dead(self, waiting: Waiting, alerts: Sequence[Told], reason: str, now: float) -> None:
        places = self.store.places(waiting.id)
        for told in alerts:
            await self._buried(told.raw, reason, told.alert.id, places[told.alert.id], told.at)
        self.store.done(waiting, alerts, {}, "dead", now)
        self.store.save()
        self._queue.clear()
        self._moved = True
        self._count("dead", len(alerts) or 1)

    async def _buried(self, raw: bytes, reason: str, key: str, place: tuple[int, int], at: str) -> None:
        """Keep a dead letter; while Kafka does not take it, nothing goes on here."""
        wait = 1
        while True:
            try:
                await asyncio.to_thread(self._bury, self.name, raw, reason, key, place, at)
            except BrokerFault as fault:
                log.warning("%s: %s", self.name, fault)
                await asyncio.sleep(wait_of(wait, self._chance()))
                wait += 1
            else:
                return

    def _hidden(self, text: str) -> str:
        return hide(text, self.sink.secrets())

    def _count(self, outcome: str, n: int = 1) -> None:
        meters.DELIVERIES.labels(self.name, outcome).inc(n)

    def _measure(self, now: float) -> None:
        if now - self._looked < 1.0:
            return
        self._looked = now
        if now - self._forgot > 86400.0:
            self._forgot = now
            self.store.forget(now)
        late, oldest = self.store.overdue(now)
        meters.DELIVERIES_WAITING.labels(self.name).set(self.store.waiting())
        meters.DELIVERY_OVERDUE.labels(self.name).set(oldest if late else 0.0)
