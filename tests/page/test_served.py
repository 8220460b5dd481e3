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
from connectors.page.workshop import Workshop
from connectors.producer import Publisher
from streams import knowledge, rules
from streams.contracts.records import Item
from streams.contracts.topics import ALERTS, ARTICLES, ITEMS, Outgoing
from streams.contracts.wire import decode, encode
from streams.logic.memory import DictMemory
from streams.settings import Settings
from streams.transport import topics
from streams.transport.broker import Broker, free_port
from tests.logic.test_rooms import FLOATED, REJECTED, Rooms
from tests.making import an_article, an_item
from tests.page.test_archive import named
from tests.system.running import everything

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@asynccontextmanager
async def web(settings: Settings) -> AsyncIterator[str]:
    """The web part, running; its address."""
    settings = settings.but(web_port=free_port(0))
    stop = asyncio.Event()
    running = asyncio.create_task(server.run(settings, stop))
    address = f"http://127.0.0.1:{settings.web_port}"
    async with aiohttp.ClientSession() as session, asyncio.timeout(180):
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
        asyncio.timeout(180),
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
        async with aiohttp.ClientSession() as session, asyncio.timeout(180):
            # The page asks Kafka for some seconds at most; one that was never asked of groups takes some to begin.
            while True:
                async with session.get(address + "/sources") as answer:
                    if "records wait in news.items" in await answer.text():
                        break
                await asyncio.sleep(1)
    await asyncio.to_thread(publisher.close)


async def test_the_workbench_compares_with_the_log_and_finds_articles_and_near_misses(
    kafka: tuple[Broker, Settings],
) -> None:
    _, settings = kafka
    await asyncio.to_thread(topics.ensure, settings)
    rooms, memory = Rooms(), DictMemory()
    items = [
        an_item("a", FLOATED),
        an_item("b", REJECTED),
        an_item("c", "Russia said security talks with NATO are dead."),
    ]
    articles = [an_article(item, memory, n) for n, item in enumerate(items)]
    for item in items:
        rooms.take(item)
    sent = [Outgoing(ARTICLES.name, a.id, encode(a)) for a in articles] + rooms.mentions
    publisher = await asyncio.to_thread(Publisher, settings)
    await asyncio.to_thread(publisher.publish, sent, "test")
    await asyncio.to_thread(publisher.close)
    workshop = Workshop(settings, limit=600)  # the machine may be busy with others
    files = rules.read()
    without = files["rejection.yaml"].replace("when: rejection", "when: agreement")
    quiet = {path: text for path, text in files.items() if path == "rejection.yaml"}

    given = {"kind": "rules", "files": quiet, "path": "rejection.yaml", "content": without, "days": 30}
    compared = (await workshop.ask("test", **given))["compared"]
    article = await workshop.ask("article", identity=articles[1].id, seen=articles[1].seen.isoformat())
    near = await workshop.ask("near", knowledge=knowledge.read(), most=50)
    entries = knowledge.read()
    path = "proposals/EST.yaml"
    blind = "id: EST\nname: European Security Treaty\nkind: plan\nstatus: floated\nnames: [a name that nobody uses]\n"
    given = {"kind": "knowledge", "files": entries, "path": path, "content": blind, "days": 30}
    changed = (await workshop.ask("test", **given))["compared"]
    await workshop.close()

    assert (compared["n_gained"], compared["n_lost"], compared["partial"]) == (0, 1, False)
    assert compared["lost"][0]["rule"] == "rejection"
    assert article["text"] == REJECTED
    assert (near["articles"], near["partial"]) == (3, False)
    assert changed["documents"] == 3
    assert changed["n_lost"] >= 1


async def test_the_seed_is_played_into_the_topic(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    await asyncio.to_thread(topics.ensure, settings)
    async with (
        web(settings) as address,
        aiohttp.ClientSession() as session,
        session.post(address + "/play-seed", headers={"Sec-Fetch-Site": "same-origin"}) as answer,
    ):
        assert str(answer.url).endswith("/?played=1")
    kept = await asyncio.to_thread(everything, settings, ITEMS.name)

    assert [decode(Item, one.value).title for one in kept] == ["Russia Reassures NATO on Security"]
