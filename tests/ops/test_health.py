"""What is told of the broker and of what a process no longer holds."""

from __future__ import annotations

import asyncio
import time

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Gauge

from streams.ops import health, meters


async def test_a_broker_that_takes_connections_answers_and_one_that_is_gone_does_not() -> None:
    server = await asyncio.start_server(lambda _r, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    assert await health.broker_answers(f"127.0.0.1:{port}")
    assert await health.broker_answers(f"127.0.0.1:1,127.0.0.1:{port}"), "one of several is enough"

    server.close()
    await server.wait_closed()
    assert not await health.broker_answers(f"127.0.0.1:{port}")
    assert not await health.broker_answers("no address")


async def test_the_broker_is_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOOK", 0.01)
    looks, twice = 0, asyncio.Event()

    def looked(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal looks
        looks += 1
        writer.close()
        if looks == 2:
            twice.set()

    meters.BROKER_UP.set(0)
    server = await asyncio.start_server(looked, "127.0.0.1", 0)
    looking = asyncio.create_task(health.watch_broker(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    await twice.wait()
    looking.cancel()
    server.close()

    assert REGISTRY.get_sample_value("treatywatch_broker_up") == 1


def test_series_of_what_moved_to_another_process_are_forgotten() -> None:
    gauge = Gauge("held", "", ["room", "partition"], registry=CollectorRegistry())
    for partition in ("0", "1", "2"):
        gauge.labels("tag", partition).set(1)

    meters.keep_only(gauge, [("tag", "1"), ("tag", "7")])

    assert [s.labels for s in next(iter(gauge.collect())).samples] == [{"room": "tag", "partition": "1"}]


def test_a_process_tells_its_time() -> None:
    told = REGISTRY.get_sample_value("treatywatch_clock_timestamp_seconds")
    assert told is not None
    assert abs(told - time.time()) < 60
