"""Polling 2,000 loopback feeds in one process, beside `feedparser.parse(url)`: `python -m benchmarks.connectors`.

A third of the feeds answers 304, a third sends the same bytes, a third has a new entry. The server runs in a
process of its own; nothing goes to Kafka. Prints feeds/s, CPU per feed, memory, what 304 saved, and the longest time
that the event loop was held up; the last also while a sitemap of 50,000 articles is polled, and polled again.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path

# This file has the package's name: its folder must not be looked in for it.
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]

import feedparser
from aiohttp import web

from connectors.address import allowed
from connectors.fetch import Fetcher
from connectors.runner import Runner
from connectors.sources.catalogue import Declared
from streams.contracts.topics import Outgoing
from streams.settings import load

FEEDS = 2000
ENTRIES = 25
AT_ONCE = 32
LONG = 50_000
PARAGRAPH = "<p>The alliance said on Monday that it would study the proposal &amp; answer <b>in due course</b>.</p>"


class Nowhere:
    """An outlet that counts."""

    sent = 0

    def publish(self, records: Iterable[Outgoing], room: str) -> dict[int, int]:
        self.sent += len(list(records))
        return {}

    def partitions(self, topic: str) -> int:
        del topic
        return 8

    def dead(self, raw: bytes, room: str, reason: str, key: str = "", topic: str = "") -> None:
        raise AssertionError(reason)

    def close(self) -> None:
        """Nothing is open."""


def document(feed: int, newest: int) -> bytes:
    items = "".join(
        f"<item><title>Entry {n} of feed {feed}</title><link>https://x.example/{feed}/{n}</link>"
        f"<guid>https://x.example/{feed}/{n}</guid><pubDate>Mon, 28 Jul 2008 10:{n % 60:02}:00 GMT</pubDate>"
        f"<description><![CDATA[{PARAGRAPH * 6}]]></description></item>"
        for n in range(newest, newest - ENTRIES, -1)
    )
    return f"<rss version='2.0'><channel><title>Feed {feed}</title>{items}</channel></rss>".encode()


def long_document(count: int) -> bytes:
    """A news sitemap of 50,000 articles, 1,000 of them new at each count."""
    rows = "".join(
        f"<url><loc>https://x.example/articles/{n}</loc><lastmod>2024-03-05</lastmod><news:news><news:title>Article {n}"
        f"</news:title><news:publication_date>2024-03-05T10:00:00Z</news:publication_date></news:news></url>"
        for n in range(count * 1000, count * 1000 + LONG)
    )
    return f'<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'.encode()


def serve(tell: Connection) -> None:
    """The server's process: the first digit of an address says what the feed does from its second poll on."""
    asked: dict[int, int] = {}
    first = {feed: document(feed, ENTRIES) for feed in range(FEEDS)}

    async def answer(request: web.Request) -> web.Response:
        feed = int(request.match_info["feed"])
        count = asked[feed] = asked.get(feed, 0) + 1
        if feed % 3 == 0 and request.headers.get("If-None-Match"):
            return web.Response(status=304)
        body = document(feed, ENTRIES + count - 1) if feed % 3 == 2 and count > 1 else first[feed]
        return web.Response(body=body, headers={"ETag": '"1"'} if feed % 3 == 0 else {}, content_type="text/xml")

    async def sitemap(request: web.Request) -> web.Response:
        del request
        count = asked[-1] = asked.get(-1, 0) + 1
        body = await asyncio.to_thread(long_document, count)
        return web.Response(body=body, content_type="text/xml")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/sitemap.xml", sitemap)
        app.router.add_get("/{feed}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        tell.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def ours_now() -> list[int]:
    """This process and those it started, without the server."""
    found, left = [], [os.getpid()]
    while left:
        one = left.pop()
        found.append(one)
        children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        left += [int(child) for child in children if int(child) != SERVER]
    return found


def cpu() -> float:
    """CPU seconds that our processes have used so far."""
    tick = os.sysconf("SC_CLK_TCK")
    stats = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in ours_now())
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / tick


def resident() -> int:
    """Bytes of memory that our processes hold."""
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * page for one in ours_now())


SERVER = 0


async def ours(port: int) -> tuple[float, float, int, float, int]:
    """Poll all feeds twice; seconds and CPU of the second round, most memory, longest hold-up, bytes by 304 saved."""
    with tempfile.TemporaryDirectory() as place:
        settings = load({}).but(data=Path(place), allow=f"127.0.0.1:{port}", log_level="error")
        runner = Runner(settings, Nowhere())
        declared = [
            Declared(f"f{n}", f"Feed {n}", f"http://127.0.0.1:{port}/{n}", None, True, "", "", "", "")
            for n in range(FEEDS)
        ]
        gate, longest, most = asyncio.Semaphore(AT_ONCE), 0.0, 0

        async def watch() -> None:
            nonlocal longest, most
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0.005)
                longest = max(longest, time.perf_counter() - before - 0.005)
                most = max(most, resident())

        async def poll(fetcher: Fetcher, one: Declared) -> None:
            async with gate:
                await runner.poll(fetcher, one)

        async with Fetcher("treatywatch benchmark", allowed(f"127.0.0.1:{port}")) as fetcher:
            await asyncio.gather(*(poll(fetcher, one) for one in declared))
            watching = asyncio.create_task(watch())
            began, spent = time.perf_counter(), cpu()
            await asyncio.gather(*(poll(fetcher, one) for one in declared))
            seconds, spent = time.perf_counter() - began, cpu() - spent
            watching.cancel()
        runner.close()
        saved = sum(len(document(n, ENTRIES)) for n in range(0, FEEDS, 3))
        return seconds, spent, most, longest, saved


async def long(port: int) -> tuple[list[float], float, float, int]:
    """Poll the long sitemap three times: seconds of each, longest hold-up of the event loop, how much of it was work
    of the loop's own thread, most memory."""
    with tempfile.TemporaryDirectory() as place:
        runner = Runner(load({}).but(data=Path(place), allow=f"127.0.0.1:{port}", log_level="error"), Nowhere())
        one = Declared("l", "L", f"http://127.0.0.1:{port}/sitemap.xml", None, True, "", "", "", "", format="sitemap")
        took, longest, own, most = [], 0.0, 0.0, 0
        gc.freeze()  # as `connect` does

        async def watch() -> None:
            nonlocal longest, own, most
            while True:
                before, worked = time.perf_counter(), time.thread_time()
                await asyncio.sleep(0.005)
                longest = max(longest, time.perf_counter() - before - 0.005)
                own = max(own, time.thread_time() - worked)
                most = max(most, resident())

        async with Fetcher("treatywatch benchmark", allowed(f"127.0.0.1:{port}")) as fetcher:
            watching = asyncio.create_task(watch())
            for _ in range(3):
                began = time.perf_counter()
                await runner.poll(fetcher, one)
                took.append(time.perf_counter() - began)
            watching.cancel()
        runner.close()
        return took, longest, own, most


def naive(port: int) -> float:
    """Seconds that the usual loop takes for the same feeds."""
    began = time.perf_counter()
    for n in range(FEEDS):
        feedparser.parse(f"http://127.0.0.1:{port}/{n}")
    return time.perf_counter() - began


def main() -> None:
    global SERVER  # noqa: PLW0603 - set once, before anything is measured
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    SERVER = server.pid or 0
    port = here.recv()
    seconds, spent, most, longest, saved = asyncio.run(ours(port))
    print(f"ours:  {FEEDS / seconds:7.0f} feeds/s, {spent / FEEDS * 1000:.1f} ms CPU a feed, {most >> 20} MB")
    print(f"       304 saved {saved / 1e6:.1f} MB; the event loop was held up for at most {longest * 1000:.0f} ms")
    took, longest, own, most = asyncio.run(long(port))
    print(
        f"a sitemap of {LONG} articles, thrice: {' '.join(f'{one:.1f}' for one in took)} s, {most >> 20} MB;"
        f" the event loop was held up for at most {longest * 1000:.0f} ms, {own * 1000:.0f} ms by its own work"
    )
    if "--alone" not in sys.argv:
        other = naive(port)
        print(
            f"naive: {FEEDS / other:7.0f} feeds/s (feedparser.parse(url)); ours is {other / seconds:.1f} times as fast"
        )
    server.kill()


if __name__ == "__main__":
    main()
