"""Canaries fly to every partition, at an interval, whatever Kafka does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from connectors import canary
from streams.agents import canary as flown
from streams.agents.room import Taken
from streams.contracts.records import Canary
from streams.contracts.topics import ARTICLES, Outgoing
from streams.contracts.wire import decode
from streams.ops import meters
from tests.connectors.served import Kept


async def test_a_flight_goes_to_every_partition_and_the_next_after_the_interval() -> None:
    outlet, stop = Kept(), asyncio.Event()
    flying = asyncio.create_task(canary.fly(outlet, 0.05, stop))
    async with asyncio.timeout(60):
        while len(outlet.records) < 16:  # noqa: ASYNC110 - the outlet is no task of ours
            await asyncio.sleep(0.01)
    stop.set()
    await flying

    assert [r.partition for r in outlet.records[:16]] == [*range(8), *range(8)]
    assert {dict(r.headers)["kind"] for r in outlet.records} == {b"canary"}


async def test_a_flight_that_kafka_does_not_take_is_followed_by_another() -> None:
    class Broken(Kept):
        def publish(self, records: Iterable[Outgoing], room: str) -> dict[int, int]:
            try:
                return super().publish(records, room)
            finally:
                self.broken = False

    outlet, stop = Broken(broken=True), asyncio.Event()
    flying = asyncio.create_task(canary.fly(outlet, 0.05, stop))
    async with asyncio.timeout(60):
        while not outlet.records:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    stop.set()
    await flying


async def test_a_bug_of_ours_costs_one_flight_and_not_all_that_follow() -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise ZeroDivisionError("ours")

    outlet, stop = Kept(), asyncio.Event()
    flying = asyncio.create_task(canary.fly(outlet, 0.05, stop, look))
    async with asyncio.timeout(60):
        while not outlet.records:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    stop.set()
    await flying

    assert len(looks) >= 2


def test_a_canary_is_handed_on_as_it_is_and_its_age_is_kept() -> None:
    outlet = Kept()
    outlet.publish(canary.flight(3, datetime.now(UTC)), "test")
    record = outlet.records[2]
    taken = Taken("canary", b"canary", record.value, "news.items", 2, 5, 0.0)

    ((onward,), counts) = flown.handed_on(taken, ARTICLES)
    assert (onward.value, onward.partition, onward.topic, counts) == (record.value, 2, "news.articles", {"canary": 1})
    flown.arrived(decode(Canary, taken.value))
    (age,) = (s.value for m in meters.CANARY_AGE.collect() for s in m.samples if s.labels == {"partition": "2"})
    assert 0 <= age < 60
