"""The web process as it runs: over a real Kafka, stopped and started again."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from connectors.page import server
from connectors.producer import Publisher
from streams.contracts.topics import ALERTS, Outgoing
from streams.contracts.wire import encode
from streams.settings import Settings
from streams.transport import topics
from streams.transport.broker import Broker, free_port
from tests.page.test_archive import named

pytestmark = [pytest.mark.system, pytest.mark.timeout(200)]


@asynccontextmanager
async def web(settings: Settings) -> AsyncIterator[str]:
    """The web part, running; its address."""
    settings = settings.but(web_port=free_port(0))
    stop = asyncio.Event()
    running = asyncio.create_task(server.run(settings, stop))
    address = f"http://127.0.0.1:{settings.web_port}"
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            assert not running.done(), running.result()
            try:
                async with session.get(address + "/healthz"):
                    break
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    try:
        yield address
    finally:
        stop.set()
        await running


async def told(address: str, n: int, last: str | None) -> list[tuple[str, str]]:
    """The next `n` events: id and headline."""
    found, identity = [], ""
    headers = {"Last-Event-ID": last} if last is not None else {}
    async with (
        aiohttp.ClientSession() as session,
        asyncio.timeout(60),
        session.get(address + "/events?after=", headers=headers) as answer,
    ):
        async for line in answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                identity = value
            elif name == "data":
                found.append((identity, json.loads(value)["headline"]))
                if len(found) == n:
                    return found
    raise AssertionError("the stream ended")


async def test_the_page_reads_kafka_resumes_over_restarts_and_rebuilds_its_archive(
    kafka: tuple[Broker, Settings],
) -> None:
    _, settings = kafka
    await asyncio.to_thread(topics.ensure, settings)
    publisher = await asyncio.to_thread(Publisher, settings)

    async def write(*numbers: int) -> None:
        records = [Outgoing(ALERTS.name, f"P{n % 3}", encode(named(n, proposal=f"P{n % 3}"))) for n in numbers]
        for one in records:
            await asyncio.to_thread(publisher.publish, [one], "test")

    await write(0, 1, 2)
    async with web(settings) as address:
        first = await told(address, 3, None)
        await write(3)
        assert [h for _, h in await told(address, 4, None)] == ["H0", "H1", "H2", "H3"]
    await write(4)
    async with web(settings) as address:
        assert [h for _, h in await told(address, 3, first[1][0])] == ["H2", "H3", "H4"]
    shutil.rmtree(settings.data / "web")
    async with web(settings) as address:
        assert [h for _, h in await told(address, 3, first[1][0])] == ["H2", "H3", "H4"]
        async with aiohttp.ClientSession() as session, session.get(address + "/sources") as answer:
            text = await answer.text()
    await asyncio.to_thread(publisher.close)

    assert "records wait in news.items" in text
