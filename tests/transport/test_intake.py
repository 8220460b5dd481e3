"""What we changed of Faust's consumer does what Faust's own does, and Faust still asks for it: hand-over and fetch."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import faust
import pytest
from faust.transport.consumer import Consumer as Stock
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from mode import Service

from streams.transport import intake


class Racing(intake.Intake):
    """An intake without a broker: only what the race needs."""

    def __init__(self) -> None:
        Service.__init__(self)
        self.suspend_flow = asyncio.Event()


async def test_a_hand_over_that_need_not_wait_makes_no_task() -> None:
    taken = []

    async def hand_over() -> None:
        async with asyncio.Lock():
            taken.append("record")

    racing, before = Racing(), len(asyncio.all_tasks())
    await racing.wait_first(hand_over(), racing.suspend_flow.wait())

    assert taken == ["record"]
    assert len(asyncio.all_tasks()) == before


async def test_a_hand_over_that_waits_is_brought_to_its_end() -> None:
    room = asyncio.Event()
    taken = []

    async def hand_over() -> None:
        taken.append("begun")
        await room.wait()
        await asyncio.sleep(0)
        taken.append("done")

    racing = Racing()
    race = asyncio.create_task(racing.wait_first(hand_over(), racing.suspend_flow.wait()))
    await asyncio.sleep(0.01)
    assert taken == ["begun"]
    room.set()
    await asyncio.wait_for(race, 60)

    assert taken == ["begun", "done"]


async def test_a_rebalance_ends_a_hand_over_that_waits() -> None:
    ended = []

    async def hand_over() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    racing = Racing()
    race = asyncio.create_task(racing.wait_first(hand_over(), racing.suspend_flow.wait()))
    await asyncio.sleep(0.01)
    racing.suspend_flow.set()
    await asyncio.wait_for(race, 60)
    await asyncio.sleep(0.01)

    assert ended == ["cancelled"]


async def test_a_fault_of_a_hand_over_is_seen() -> None:
    async def hand_over() -> None:
        raise KeyError("at once")

    racing = Racing()
    with pytest.raises(KeyError):
        await racing.wait_first(hand_over(), racing.suspend_flow.wait())


def test_faust_is_the_one_that_this_was_written_for() -> None:
    drained = inspect.getsource(Stock._drain_messages)
    assert "await self.wait_first(\n" in drained
    assert "callback(message), self.suspend_flow.wait()" in drained
    assert faust.__version__ == "0.15.3"


def test_a_request_for_nothing_is_held_for_a_short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Made:
        _fetch_max_wait_ms = 1500

    made: Any = Made()
    monkeypatch.setattr(AIOKafkaConsumerThread, "_create_worker_consumer", lambda *_: made)
    thread = intake._Thread.__new__(intake._Thread)

    assert thread._create_worker_consumer(None)._fetch_max_wait_ms == intake.FETCH_MS
