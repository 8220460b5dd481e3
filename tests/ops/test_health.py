"""What is told of the broker and of what a process no longer holds."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, start_http_server

from streams.ops import health, meters
from treatywatch import main


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


def test_a_part_whose_own_port_was_taken_is_found_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, _ = start_http_server(0, "127.0.0.1", CollectorRegistry())
    found, _ = start_http_server(0, "127.0.0.1")
    monkeypatch.setitem(meters.PORTS, "web", taken.server_port)
    monkeypatch.setenv("TREATYWATCH_DATA", str(tmp_path))
    meters.HEALTHY.labels("web").set(1)
    try:
        before = CliRunner().invoke(main, ["health", "web"])
        health.note(tmp_path, "web", found.server_port)
        after = CliRunner().invoke(main, ["health", "web"])
        (tmp_path / "metrics" / "web.port").write_text("half a numb")
        broken = CliRunner().invoke(main, ["health", "web"])
    finally:
        for server in (taken, found):
            server.shutdown()
            server.server_close()

    assert (after.exit_code, after.output) == (0, "web is well\n")
    assert [(told.exit_code, "is not treatywatch web" in told.output) for told in (before, broken)] == [(3, True)] * 2


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
