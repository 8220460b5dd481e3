"""A delivery on a desk: a place in the topic and a sink that a test holds in its hands, and a clock that it sets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.sinks import declared
from connectors.sinks.delivery import Delivery
from connectors.sinks.parcel import Parcel, SinkFault
from connectors.sinks.store import Store
from streams.contracts.faults import BrokerFault
from streams.contracts.records import Alert, Coverage
from streams.ops import meters
from tests.connectors.alerting import outgoing

START = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()


@dataclass
class Message:
    """A record as Kafka's client gives it."""

    place: int
    raw: bytes
    sent: tuple[tuple[str, bytes], ...]
    at: float

    def value(self) -> bytes:
        return self.raw

    def key(self) -> bytes:
        return b"EST"

    def headers(self) -> list[tuple[str, bytes]]:
        return list(self.sent)

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.place

    def timestamp(self) -> tuple[int, int]:
        return 2, int(self.at * 1000)


@dataclass
class Topic:
    """One partition and a sink's place in it."""

    clock: Clock
    log: list[Message] = field(default_factory=list)
    at: int = 0
    committed: int = 0
    assigned: frozenset[int] = frozenset([0])
    behind: bool = False
    """Whether the broker has told of more than has come."""
    takes: int = 0
    """How often the delivery has asked."""

    def add(self, *alerts: Alert) -> None:
        for alert in alerts:
            (record,) = outgoing(alert)
            self.log.append(Message(len(self.log), record.value, record.headers, self.clock.now))

    def take(self, most: int, seconds: float) -> list[Any]:
        time.sleep(0.005)
        self.takes += 1
        found = self.log[self.at : self.at + most]
        self.at += len(found)
        return found

    def caught_up(self) -> bool:
        return self.at == len(self.log) and not self.behind

    def hold(self, held: bool) -> None:
        """A test never has that many."""

    def commit(self, positions: dict[int, int], wait: bool = False) -> None:
        self.committed = positions.get(0, 0)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Clock:
    """Moves when a test says so."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Kept:
    """A sink that keeps what it gets, and refuses what a test wants refused."""

    where: str = "a test"
    given: list[Parcel] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    faults: dict[str, SinkFault] = field(default_factory=dict)
    down: SinkFault | None = None
    word: str = "opensesame"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        self.tried.append(parcel.id)
        fault = self.down or self.faults.get(parcel.id)
        if fault is not None:
            raise fault
        self.given.append(parcel)
        return {told.alert.thread: f"handle of {told.alert.id}" for told in parcel.alerts}

    def secrets(self) -> list[str]:
        return [self.word]

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def ids(self) -> list[str]:
        return [told.alert.id for parcel in self.given for told in parcel.alerts]


@dataclass
class Desk:
    """A delivery with all that it hangs on."""

    clock: Clock
    topic: Topic
    sink: Kept
    delivery: Delivery
    letters: list[tuple[str, str]]

    async def until(self, true: Any) -> None:
        """Wait until it comes true; the delivery's own clock stands still meanwhile."""
        async with asyncio.timeout(60):
            while not true():  # noqa: ASYNC110 - what it waits for is no event
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        """Wait until all that was in the topic is taken and judged, and what is due was tried."""
        await self.until(lambda: self.topic.at == len(self.topic.log))
        turns = self.topic.takes + 20
        await self.until(lambda: self.topic.takes >= turns)


@asynccontextmanager
async def desk(
    folder: Path,
    sink: Kept | None = None,
    clock: Clock | None = None,
    topic: Topic | None = None,
    coverage: Coverage | list[Coverage] | None = None,
    broken: int = 0,
    **given: Any,
) -> AsyncIterator[Desk]:
    clock = clock or Clock()
    topic, sink = topic or Topic(clock), sink or Kept()
    topic.at = topic.committed
    letters: list[tuple[str, str]] = []
    left = [broken]

    def bury(_sink: str, _raw: bytes, reason: str, key: str, _place: tuple[int, int], _at: str) -> None:
        if left[0]:
            left[0] -= 1
            raise BrokerFault("Kafka did not take a dead letter")
        letters.append((key, reason))

    delivery = Delivery(
        "desk", declared.File(path="unused", **given), sink, Store(folder / "desk.sqlite"), lambda _: topic, bury,
        lambda _: coverage.pop(0) if isinstance(coverage, list) else coverage, clock, lambda: 1.0,
    )  # fmt: skip
    stop = asyncio.Event()
    running = asyncio.create_task(delivery.run(stop))
    try:
        yield Desk(clock, topic, sink, delivery, letters)
    finally:
        stop.set()
        await running


def counted(outcome: str) -> float:
    return float(meters.DELIVERIES.labels("desk", outcome)._value.get())
