from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from connectors import visit
from connectors.address import allowed
from connectors.base import SourceFault
from connectors.fetch import Fetcher
from connectors.folder import Folder
from connectors.manners import LONGEST
from connectors.parsing import Parser
from connectors.runner import Runner
from connectors.sources.catalogue import Declared
from connectors.sources.documents import read
from connectors.state import SourceState, State
from streams.contracts.faults import BrokerFault
from streams.contracts.records import SourceHealth
from streams.contracts.topics import MENTIONS
from streams.contracts.wire import decode
from streams.ops import meters
from streams.settings import Settings, load
from tests.connectors.served import Handler, Kept, rss, served


def declared(url: str) -> Declared:
    return Declared("one", "One", url, None, True, "", "", "", "")


def a_list(place: Path, *urls: str) -> Path:
    place.write_text(
        "<opml version='2.0'><body>" + "".join(f"<outline text='s' xmlUrl='{u}'/>" for u in urls) + "</body></opml>"
    )
    return place


def _gauge(name: str, source: str = "one") -> float | None:
    return REGISTRY.get_sample_value(f"treatywatch_{name}", {"source": source})


class Polled:
    """A runner with one source, polled at will."""

    def __init__(self, runner: Runner, outlet: Kept, server: TestServer, fetcher: Fetcher) -> None:
        self.runner, self.outlet, self.server, self.fetcher = runner, outlet, server, fetcher
        self.one = declared(str(server.make_url("/feed")))

    async def poll(self) -> SourceState:
        await self.runner.poll(self.fetcher, self.one)
        return self.runner.state.get("one")


@asynccontextmanager
async def polled(tmp_path: Path, handler: Handler) -> AsyncIterator[Polled]:
    async with served(handler) as server:
        allow = f"{server.host}:{server.port}"
        outlet = Kept()
        runner = Runner(settings(tmp_path).but(allow=allow), outlet)
        async with Fetcher("test", allowed(allow)) as fetcher:
            yield Polled(runner, outlet, server, fetcher)
        runner.close()


def settings(tmp_path: Path) -> Settings:
    empty = tmp_path / "seeds"
    empty.mkdir(exist_ok=True)
    return load().but(data=tmp_path / "data", seeds=empty)


async def test_an_entry_is_new_once_then_updated_and_back_again(tmp_path: Path) -> None:
    titles = iter(["a One", "a One", "a Two", "a One"])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(next(titles)))

    async with polled(tmp_path, answer) as it:
        for _ in range(4):
            await it.poll()

    assert [(i.kind, i.title, i.first_poll) for i in it.outlet.items] == [
        ("new", "a One", True),
        ("update", "a Two", False),
        ("update", "a One", False),
    ]
    assert len({i.id for i in it.outlet.items}) == 1
    assert it.outlet.health[-1].items == 3


async def test_what_kafka_did_not_take_is_sent_again(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert "If-None-Match" not in request.headers
        return web.Response(body=rss("a One"), headers={"ETag": '"1"'})

    async with polled(tmp_path, answer) as it:
        it.outlet.broken = True
        with pytest.raises(BrokerFault):
            await it.poll()
        it.outlet.broken = False
        await it.poll()

    assert [i.title for i in it.outlet.items] == ["a One"]


async def test_a_first_poll_that_failed_is_not_the_first(tmp_path: Path) -> None:
    codes = iter([500, 200, 200])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=next(codes), body=rss("a One", *(["b Two"] if len(seen) > 1 else [])))

    seen: list[SourceState] = []
    async with polled(tmp_path, answer) as it:
        for _ in range(3):
            seen.append(await it.poll())

    assert [(i.title, i.first_poll) for i in it.outlet.items] == [("a One", True), ("b Two", False)]
    assert [s.outcome for s in seen] == ["failed", "ok", "ok"]


async def test_an_entry_listed_twice_is_one(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss("a One", "a One"))

    async with polled(tmp_path, answer) as it:
        await it.poll()
        await it.poll()

    assert [i.title for i in it.outlet.items] == ["a One"]


async def test_validators_go_back_verbatim_and_an_error_page_leaves_them(tmp_path: Path) -> None:
    asked: list[tuple[str | None, str | None]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        if len(asked) == 1:
            return web.Response(body=rss("a One"), headers={"ETag": 'W/"x y"', "Last-Modified": "yesterday, perhaps"})
        if len(asked) == 2:
            return web.Response(body=b"<html>Maintenance</html>", headers={"ETag": '"error"'})
        return web.Response(status=304)

    async with polled(tmp_path, answer) as it:
        states = [await it.poll() for _ in range(3)]

    assert asked == [(None, None), ('W/"x y"', "yesterday, perhaps"), ('W/"x y"', "yesterday, perhaps")]
    assert [s.outcome for s in states] == ["ok", "not-a-feed", "unchanged"]
    assert states[2].failures == 0


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (200, {}, 900, 900),
        (200, {"Cache-Control": "public, max-age=7200"}, 7200, 7200),
        (200, {"Cache-Control": "max-age=99999999999"}, LONGEST, LONGEST),
        (429, {"Retry-After": "86400"}, 86400, 86400),
        (503, {"Retry-After": "nonsense"}, 1440, 2160),
        (404, {}, 1440, 2160),
    ],
)
async def test_the_next_poll_is_when_the_server_may_expect_it(
    tmp_path: Path, status: int, headers: dict[str, str], least: float, most: float
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=rss("a One"), headers=headers)

    async with polled(tmp_path, answer) as it:
        state = await it.poll()

    assert state.polled is not None
    assert least - 1 <= state.next - state.polled <= most + 1


async def test_what_is_gone_for_good_is_not_asked_again(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    async with polled(tmp_path, answer) as it:
        state = await it.poll()

    assert (state.ended, state.outcome) == (True, "gone")
    assert it.outlet.health[-1].next is None


async def test_a_move_for_good_is_followed_only_to_a_feed(tmp_path: Path) -> None:
    paths: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        if request.path == "/feed":
            raise web.HTTPMovedPermanently("/error" if len(paths) == 1 else "/new")
        return web.Response(body=b"<html>gone</html>" if request.path == "/error" else rss("a One"))

    async with polled(tmp_path, answer) as it:
        states = [await it.poll() for _ in range(3)]

    assert paths == ["/feed", "/error", "/feed", "/new", "/new"]
    assert [s.address is not None for s in states] == [False, True, True]


async def test_a_source_that_stays_away_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    caplog.set_level(logging.WARNING)
    async with polled(tmp_path, answer) as it:
        shown = it.one.url
        it.one = declared(shown.replace("http://", "http://user:secret@"))
        for _ in range(3):
            await it.poll()

    assert [r.getMessage() for r in caplog.records if r.name == "treatywatch.connect"] == [
        f"One <{shown}>: answered 500"
    ]
    assert "secret" not in str([r.value for r in it.outlet.records])


async def test_entries_that_are_not_taken_are_counted_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = iter([1002, 1003])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(*(f"n{n} Title {n}" for n in range(next(numbers)))))

    caplog.set_level(logging.WARNING)
    async with polled(tmp_path, answer) as it:
        for _ in range(2):
            await it.poll()
        source = it.one.id

    assert [r.getMessage() for r in caplog.records if "left out" in r.getMessage()] == [
        f"{it.one.name} <{it.one.url}>: 2 entries were left out: not readable, or too many for one document"
    ]
    assert meters.LEFT_OUT.labels(source)._value.get() == 3


async def test_a_source_that_cannot_be_seen_is_told_to_the_log_once_and_again_when_it_can(tmp_path: Path) -> None:
    status = [500]

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status[0], body=rss("1 one") if status[0] == 200 else b"")

    async with polled(tmp_path, answer) as it:
        before = _gauge("source_read_timestamp_seconds")
        blinds = []
        for _ in range(5):
            await it.poll()
            blinds.append(_gauge("source_blind"))
        assert blinds == [0, 0, 1, 1, 1]
        assert _gauge("source_read_timestamp_seconds") == before, "a failed poll reads nothing"
        status[0] = 200
        await it.poll()
        await it.poll()
        assert _gauge("source_blind") == 0
        read, new = _gauge("source_read_timestamp_seconds"), _gauge("source_new_timestamp_seconds")
        assert read is not None
        assert new is not None
        assert read > new, "the second poll was a read without news"
        told = [r for r in it.outlet.records if r.topic == MENTIONS.name]

    assert [(r.key, r.headers) for r in told] == [(f"SOURCES/{it.one.id}", (("kind", b"source"),))] * 2
    assert [decode(SourceHealth, r.value).failures for r in told] == [3, 0]


async def test_a_new_line_in_the_list_is_polled_and_a_broken_list_changes_nothing(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(request.path.strip("/")))

    async def until(wanted: set[str]) -> None:
        async with asyncio.timeout(60):
            while {i.title for i in outlet.items} != wanted:  # noqa: ASYNC110 - the outlet is no task of ours
                await asyncio.sleep(0.05)

    async with served(answer) as server:
        place = a_list(tmp_path / "s.opml", str(server.make_url("/one")))
        given = settings(tmp_path).but(allow=f"{server.host}:{server.port}", sources=place)
        outlet, stop = Kept(), asyncio.Event()
        runner = Runner(given, outlet)
        task = asyncio.create_task(runner.run(stop))
        await until({"one"})
        place.write_text("<opml><bo")
        await asyncio.sleep(2.5)
        assert not task.done()
        a_list(place, str(server.make_url("/one")), str(server.make_url("/two")))
        await until({"one", "two"})
        (told,) = (family for family in REGISTRY.collect() if family.name == "treatywatch_source_info")
        named = {sample.labels["source"]: sample.labels["name"] for sample in told.samples}
        assert len(named) == 3, "both of the list, by the ids that the other series have, and the folder"
        assert set(named.values()) == {"s", "seeds"}
        stop.set()
        await asyncio.wait_for(task, 60)
        runner.close()


async def test_offline_means_seeds_only_and_an_edited_seed_is_an_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    class Watched(Folder):
        async def look(self) -> None:
            await super().look()
            looked.set()

    monkeypatch.setattr("connectors.runner.Folder", Watched)
    given = settings(tmp_path).but(offline=True)
    article = given.seeds / "a.txt"
    outlet = Kept()
    for text in ("Head\n\nPARIS -- Text.", "Head\n\nPARIS -- Text.", "Head\n\nPARIS -- Other text."):
        article.write_text(text)
        runner, stop = Runner(given, outlet), asyncio.Event()
        task = asyncio.create_task(runner.run(stop))
        looked.clear()
        await asyncio.wait_for(looked.wait(), 60)
        stop.set()
        await asyncio.wait_for(task, 60)
        runner.close()

    assert [(i.kind, i.text) for i in outlet.items] == [
        ("new", "PARIS -- Text."),
        ("update", "PARIS -- Other text."),
    ]


async def test_a_feed_that_hangs_its_parser_costs_one_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = Parser()
    good = await parser.do(read, "feed", "https://x.example", rss("a One"))
    parser.seconds = 0.0
    with pytest.raises(SourceFault, match="to parse"):
        await parser.do(read, "feed", "https://x.example", rss(*(f"{n} x" for n in range(900))))
    parser.seconds = 20.0
    again = await parser.do(read, "feed", "https://x.example", rss("a One"))
    parser.close()

    assert again.entries == good.entries


def busy(seconds: float) -> str:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return "done"


def idle(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


async def test_a_document_is_given_processor_time_and_some_more_by_the_clock() -> None:
    parser = Parser()
    await parser.do(busy, 0.0)  # its start is none of a document's
    parser.seconds = 0.8
    assert await parser.do(idle, 1.2) == "done"  # others had the machine
    with pytest.raises(SourceFault, match="took more than 1 s to parse"):
        await parser.do(busy, 30.0)
    parser.seconds = 20.0
    await parser.do(busy, 0.0)
    parser.seconds = 0.8
    with pytest.raises(SourceFault, match="took more than 1 s to parse"):
        await parser.do(idle, 30.0)
    parser.close()


async def test_parsers_waiting_for_their_turn_all_come_through() -> None:
    parser = Parser()
    found = await asyncio.gather(*(parser.do(read, "feed", "https://x.example", rss(f"{n} x")) for n in range(6)))
    parser.close()

    assert [r.entries[0].title for r in found] == [f"{n} x" for n in range(6)]


ORPHAN = """
import asyncio, os, sys
from connectors.parsing import Parser
from connectors.sources.documents import read
async def main():
    parser = Parser()
    await parser.do(read, "feed", "https://x.example", b"<rss version='2.0'><channel><title>t</title></channel></rss>")
    print(next(iter(parser._pool._processes)), flush=True)
    await asyncio.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_parser_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    started = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert started.stdout is not None
    child = int(started.stdout.readline())
    started.send_signal(signal.SIGKILL)
    started.wait()
    started.stdout.close()

    until = time.monotonic() + 60
    while _alive(child) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_a_store_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    with sqlite3.connect(place) as old:
        old.execute(
            "CREATE TABLE sources (id TEXT PRIMARY KEY, etag TEXT, modified TEXT, next REAL NOT NULL DEFAULT 0,"
            " polled REAL, changed REAL, failures INTEGER NOT NULL DEFAULT 0, items INTEGER NOT NULL DEFAULT 0,"
            " outcome TEXT, reason TEXT NOT NULL DEFAULT '')"
        )
        old.execute("INSERT INTO sources (id, etag, items, outcome) VALUES ('a', '\"1\"', 3, 'ok')")
    old.close()

    store = State(place)
    found = store.get("a")
    store.close()

    assert (found.etag, found.items, found.begun, found.address) == ('"1"', 3, True, None)


async def test_the_folder_of_articles_is_watched_and_holds_pages_too(tmp_path: Path) -> None:
    given = settings(tmp_path).but(offline=True)
    (given.seeds / "a.txt").write_text("Head\n\nPARIS -- Text.")
    (given.seeds / "bad.txt").write_text("no dateline")
    outlet = Kept()
    runner, stop = Runner(given, outlet), asyncio.Event()
    task = asyncio.create_task(runner.run(stop))

    async def until(number: int) -> None:
        async with asyncio.timeout(60):
            while len(outlet.items) < number:  # noqa: ASYNC110 - the outlet is no task of ours
                await asyncio.sleep(0.05)

    await until(1)
    paragraphs = "".join(f"<p>Sentence {n} of the article about the treaty of the two sides.</p>" for n in range(20))
    (given.seeds / "b.html").write_text(f"<html><body><article><h1>A page</h1>{paragraphs}</article></body></html>")
    await until(2)
    stop.set()
    await asyncio.wait_for(task, 60)
    runner.close()

    assert [(i.title, i.url) for i in outlet.items] == [("Head", "seed:a"), ("A page", "seed:b")]
    assert "Sentence 19" in outlet.items[1].text


@pytest.mark.parametrize(("retention", "told"), [(0.0, 0), (86400.0, 1)], ids=["the format's own", "a day"])
async def test_what_left_its_feed_is_remembered_as_long_as_the_source_says(
    tmp_path: Path, retention: float, told: int
) -> None:
    feeds = [rss("a One", "b Two"), rss("a One"), rss("a One", "c Three"), rss("a One", "b Two", "c Three")]

    async def feed(request: web.Request) -> web.StreamResponse:
        return web.Response(body=feeds.pop(0))

    async with polled(tmp_path, feed) as source:
        source.one = dataclasses.replace(source.one, retention=retention)
        await source.poll()
        await source.poll()
        with sqlite3.connect(tmp_path / "data" / "connectors.sqlite") as store:
            store.execute("UPDATE entries SET seen=seen-200000 WHERE present=0")
        store.close()
        await source.poll()
        source.outlet.records.clear()
        await source.poll()

        assert len(source.outlet.items) == told


async def test_after_a_large_document_garbage_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []
    collector = SimpleNamespace(disable=lambda: did.append("off"), enable=lambda: did.append("on"))
    monkeypatch.setattr(visit, "gc", collector)
    monkeypatch.setattr(visit, "UNCOLLECTED", 0.1)

    async def feed(request: web.Request) -> web.StreamResponse:
        return web.Response(body=rss("a One", head="<!--" + "x" * visit.LARGE + "-->"))

    async with polled(tmp_path, feed) as source, asyncio.timeout(60):
        await source.poll()
        while len(did) < 2:  # noqa: ASYNC110 - a thread's clock, no task of ours
            await asyncio.sleep(0.05)

    assert did == ["off", "on"]
