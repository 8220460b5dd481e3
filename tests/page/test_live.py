from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from connectors.page import live
from connectors.page.app import LIVE
from connectors.page.archive import Archive, Arrived
from connectors.page.desk import DESK
from connectors.page.live import event_id, position
from streams.contracts.records import Alert
from streams.contracts.topics import ALERTS
from streams.contracts.wire import encode
from tests.page.serving import page, told
from tests.page.test_archive import named

WAIT = 120


class Stream:
    """A reader of `/events`."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> dict[str, str]:
        """The next event's fields; comments are passed over."""
        found: dict[str, str] = {}
        while True:
            line = (await asyncio.wait_for(self.answer.content.readline(), WAIT)).decode()
            assert line, "the stream ended"
            name, colon, value = line.rstrip("\n").partition(": ")
            if line == "\n" and found:
                return found
            if colon and name:
                found[name] = value

    async def greeted(self) -> None:
        """Read until the stream knows where it begins."""
        while await asyncio.wait_for(self.answer.content.readline(), WAIT) != b": treatywatch\n":
            pass

    async def headline(self) -> str:
        return str(json.loads((await self.next())["data"])["headline"])


class Writer:
    """What `server.run` does with records, without Kafka."""

    def __init__(self, client: TestClient[Any, Any], archive: Archive) -> None:
        self.app, self.archive, self.offset = client.app, archive, 1000
        self.telling = asyncio.create_task(self.app[LIVE].run())

    async def write(self, *alerts: Alert) -> None:
        for alert in alerts:
            self.offset += 1
            record = Arrived(ALERTS.name, 0, self.offset, self.offset, alert.proposal or "", encode(alert), {})
            self.app[LIVE].tell(await asyncio.to_thread(self.archive.take, [record]))

    def close(self) -> None:
        self.telling.cancel()
        self.archive.close()


async def listeners(client: TestClient[Any, Any], true: Callable[[int], bool]) -> None:
    """Wait until the server counts so many readers."""
    async with asyncio.timeout(WAIT):
        while not true(len(client.app[LIVE].listeners)):  # noqa: ASYNC110 - the server sets no event for tests
            await asyncio.sleep(0.02)


async def listen(client: TestClient[Any, Any], query: str = "", **headers: str) -> Stream:
    before = len(client.app[LIVE].listeners)
    answer = await client.get("/events" + query, headers={k.replace("_", "-"): v for k, v in headers.items()})
    assert answer.status == 200
    await listeners(client, lambda n: n > before)
    stream = Stream(answer)
    if not client.app[DESK].loading.now:
        await stream.greeted()
    return stream


async def test_an_alert_is_told_as_it_stands_in_the_topic(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(1))) as client:
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        stream = await listen(client)
        await writer.write(named(2))
        event = await stream.next()
        writer.close()

    assert (event["event"], event["data"].encode()) == ("alert", encode(named(2)))
    assert position(event["id"])[0] == 1001


async def test_a_reader_resumes_over_a_restart_and_misses_nothing(tmp_path: Path) -> None:
    records = told(*(named(n, proposal=p) for n, p in enumerate(("EST", "INF", "EST", "CFE", "INF"))))
    async with page(tmp_path, records) as client:
        whole = await listen(client, "?after=")
        events = [await whole.next() for _ in range(5)]
        whole.answer.close()
    async with page(tmp_path) as client:
        again = await listen(client, Last_Event_ID=events[1]["id"])
        rest = [await again.next() for _ in range(3)]
        again.answer.close()

    assert [json.loads(e["data"])["headline"] for e in events] == ["H0", "H1", "H2", "H3", "H4"]
    assert rest == events[2:]


async def test_an_archive_built_again_from_the_topics_keeps_every_id(tmp_path: Path) -> None:
    records = told(*(named(n, proposal=p) for n, p in enumerate(("EST", "INF", "EST", "CFE", "INF"))))
    async with page(tmp_path / "one", records) as client:
        stream = await listen(client, "?after=")
        events = [await stream.next() for _ in range(5)]
        stream.answer.close()
    async with page(tmp_path / "two", sorted(records, key=lambda r: (-r.partition, r.offset))) as client:
        again = await listen(client, Last_Event_ID=events[2]["id"])
        rest = [await again.next() for _ in range(2)]
        again.answer.close()

    assert rest == events[3:]


async def test_who_was_away_too_long_is_told_so_and_goes_on_from_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_TOLD", 3)
    async with page(tmp_path, told(*(named(n) for n in range(5)))) as client:
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        stream = await listen(client, "?after=")
        gap = await stream.next()
        await writer.write(named(9))

        assert gap["event"] == "gap"
        assert await stream.headline() == "H9"
        stream.answer.close()
        writer.close()


async def test_the_log_itself_is_not_told_as_news(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(0))) as client:
        client.app[DESK].loading.now = True
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        stream = await listen(client)
        await writer.write(named(1))
        client.app[DESK].loading.now = False
        await stream.greeted()
        await writer.write(named(2))

        assert await stream.headline() == "H2"
        stream.answer.close()
        writer.close()


async def test_a_filter_holds_for_what_is_missed_and_for_what_comes(tmp_path: Path) -> None:
    old = [named(0, severity="warning"), named(1, severity="info")]
    async with page(tmp_path, told(*old)) as client:
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        stream = await listen(client, "?severity=warning&after=")
        await writer.write(named(2, severity="info"), named(3, severity="warning"))

        assert [await stream.headline(), await stream.headline()] == ["H0", "H3"]
        stream.answer.close()
        writer.close()


async def test_our_page_is_told_in_its_reader_s_language(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(0))) as client:
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        stream = await listen(client, "?as=page&ui=de")
        await writer.write(named(1))
        data = json.loads((await stream.next())["data"])
        stream.answer.close()
        writer.close()

    assert data["thread"] == "t1"
    assert "Warum" in data["html"]
    assert data["html"].lstrip().startswith("<article")


async def test_too_many_readers_are_asked_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_CLIENTS", 2)
    async with page(tmp_path, told(named(0))) as client:
        streams = [await listen(client) for _ in range(2)]
        refused = await client.get("/events")

        assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        streams[0].answer.close()
        await listeners(client, lambda n: n < 2)
        (await listen(client)).answer.close()
        streams[1].answer.close()


async def test_a_reader_that_does_not_read_is_dropped_and_the_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUEUE", 3)
    large = "x" * 300_000
    async with page(tmp_path, told(named(0))) as client:
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        reader, slow = await asyncio.open_connection(client.host, client.port, limit=1024)
        slow.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readline()
        quick = await listen(client)
        for n in range(1, 30):
            await writer.write(named(n, headline=f"H{n}", engine=large))
            assert await quick.headline() == f"H{n}"

        await listeners(client, lambda n: n < 2)
        quick.answer.close()
        slow.close()
        writer.close()


async def test_a_reader_whose_buffers_are_full_is_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SLOWEST_WRITE", 0.3)
    async with page(tmp_path, told(named(0))) as client:
        writer = Writer(client, Archive(tmp_path / "archive.sqlite", "test"))
        reader, slow = await asyncio.open_connection(client.host, client.port, limit=1024)
        slow.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b": treatywatch\n")
        await writer.write(*(named(n, engine="x" * 300_000) for n in range(1, 60)))

        await listeners(client, lambda n: n == 0)
        slow.close()
        writer.close()


@given(st.dictionaries(st.integers(0, 255), st.integers(0, 2**58)))
def test_event_ids_read_back(seen: dict[int, int]) -> None:
    assert position(event_id(seen)) == seen


@given(st.text())
def test_any_event_id_is_stood(text: str) -> None:
    position(text)
