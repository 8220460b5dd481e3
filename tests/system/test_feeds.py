"""Feeds from loopback through everything: RSS, Atom, and one that is broken."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectors import coverage, runner
from streams import app
from streams.contracts.records import Coverage
from streams.contracts.topics import ALERTS, CANARY, ITEMS, SOURCES
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.system.running import everything, stopped, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

ITEM = "NATO rejected Russia's draft European Security Treaty, a spokesman said."
PAGES = {
    "/rss": f"<rss version='2.0'><channel><title>r</title><item><guid>1</guid><title>News</title>"
    f"<description>{ITEM}</description></item></channel></rss>",
    "/atom": "<feed xmlns='http://www.w3.org/2005/Atom'><title>a</title><entry><id>x</id><title>Talks</title>"
    "<updated>2026-01-01T00:00:00Z</updated><summary>Russia withdrew from the Open Skies treaty, NATO said."
    "</summary></entry></feed>",
    "/broken": "<html><body>502</body></html>",
}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def feeds() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_three_feeds_and_the_seed_give_exactly_their_alerts(feeds: int, tmp_path: Path) -> None:
    listing = tmp_path / "sources.opml"
    listing.write_text(
        "<opml version='2.0'><body>"
        + "".join(f"<outline text='{p[1:]}' xmlUrl='http://127.0.0.1:{feeds}{p}'/>" for p in PAGES)
        + "</body></opml>"
    )
    settings: Settings = load().but(data=tmp_path, sources=listing, allow=f"127.0.0.1:{feeds}")
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        app.prepare(settings)
        with stopped(worker(settings)):
            asyncio.run(run_until_all_is_told(settings, 3))
            ends: dict[int, int] = {}
            for partition, offset, *_ in everything(settings, ITEMS.name):
                ends[partition] = offset + 1
            wait_through(settings, ends, io.StringIO())
            seen = when_nothing_waits(settings)
        alerts = [json.loads(value) for *_, value, _ in everything(settings, ALERTS.name)]
        health = {v["name"]: v["outcome"] for v in (json.loads(r[3]) for r in everything(settings, SOURCES.name))}
    finally:
        broker.stop()

    assert (seen.sources, seen.seen, [one.name for one in seen.down]) == (3, 2, ["broken"])
    assert sorted((a["proposal"], a["status"], a["type"], a["historical"]) for a in alerts) == [
        ("EST", "discussing", "raised", True),
        ("EST", "rejected", "raised", True),
        ("OPEN-SKIES", "suspended", "raised", True),
    ]
    assert health == {"rss": "ok", "atom": "ok", "broken": "not-a-feed"}


def when_nothing_waits(settings: Settings) -> Coverage:
    """What is seen once all is taken, the clock's tick too, which may have come meanwhile, and a canary has arrived."""
    until, taken = time.monotonic() + 120, dict.fromkeys(["news.items", "news.articles", "news.mentions"], 0)
    while True:
        seen = coverage.look(settings)
        if seen is not None and seen.lag == taken and seen.canary is not None:
            return seen
        assert time.monotonic() < until, seen
        time.sleep(0.3)


def told(settings: Settings, polls: int) -> bool:
    """Whether so many polls, and a canary for every partition, have been sent; the seeds come before them."""
    canaries = [record for record in everything(settings, ITEMS.name) if record.kind == CANARY]
    return len(everything(settings, SOURCES.name)) >= polls and len(canaries) >= settings.partitions


async def run_until_all_is_told(settings: Settings, polls: int) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(runner.run(settings, stop))
    until = time.monotonic() + 300
    while not await asyncio.to_thread(told, settings, polls):
        assert time.monotonic() < until
        assert not task.done()
        await asyncio.sleep(0.1)
    stop.set()
    await task
