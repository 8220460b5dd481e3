"""The page under load: `python -m benchmarks.web [--alerts 100000] [--readers 500] [--events 300]`.

Three questions, each with its goal (docs/page.md): how long the server takes over the first page with a large archive
(100 ms), how long an alert takes from its place in the topic to a browser's DOM on loopback (p99 under 100 ms), and how
much memory the web process has with 500 readers of events (200 MB). Kafka is the embedded one, the browser the
system's Chromium. On a machine that does other things too, repeat before believing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from confluent_kafka import Message, Producer
from playwright.async_api import async_playwright

from connectors.page.archive import Archive, Arrived
from connectors.page.server import log_name
from streams.contracts.records import Alert
from streams.contracts.topics import ALERTS
from streams.contracts.wire import decode, encode
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker, free_port
from streams.up import environment
from tests.page.world import world

PAGES = (
    "/", "/?proposal=EST", "/?rule=rejection&lang=de", "/search?text=treaties",
    "/search?text=%D0%B4%D0%BE%D0%B3%D0%BE%D0%B2%D0%BE%D1%80%D1%83",
    "/search?actor=NATO&status=rejected", "/api/alerts", "/alerts.atom", "/proposals/EST", "/sources", "/held",
)  # fmt: skip


def alerts(n: int) -> Iterator[Alert]:
    """`n` alerts, made from those of a made-up world by giving each its own ids and day."""
    base = [a for one in world(120) if one.topic == ALERTS.name and (a := decode(Alert, one.value)).article]
    start = datetime.now(UTC) - timedelta(minutes=5 * n)
    for i in range(n):
        one = base[i % len(base)]
        assert one.article is not None
        at = start + timedelta(minutes=5 * i)
        article = msgspec.structs.replace(one.article, id=f"a{i}", seen=at, published=at - timedelta(minutes=2))
        yield msgspec.structs.replace(
            one,
            id=f"b{i}",
            thread=f"b{i}",
            story=f"s{i // 3}",
            headline=f"{one.headline} ({i})",
            article=article,
            replaces=None,
        )


def fill(settings: Settings, path: Path, n: int) -> float:
    """Fill an archive of this log directly, as if the topic had held them; seconds."""
    archive, began = Archive(path, log_name(settings)), time.perf_counter()
    archive.take(one for one in world(120) if one.topic != ALERTS.name)
    batch: list[Arrived] = []
    for i, alert in enumerate(alerts(n)):
        batch.append(Arrived("alerts.all", 200, i, int(time.time() * 1000), alert.proposal or "", encode(alert), {}))
        if len(batch) == 500:
            archive.take(batch)
            batch = []
    archive.take(batch)
    archive.close()
    return time.perf_counter() - began


@contextlib.contextmanager
def web(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`treatywatch web` as its own process."""
    settings = settings.but(web_port=free_port(0), metrics_port=free_port(0))
    process = subprocess.Popen([sys.executable, "-m", "treatywatch", "web"], env=os.environ | environment(settings))
    address = f"http://127.0.0.1:{settings.web_port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(address + "/healthz", timeout=1):
                break
            time.sleep(0.1)
        yield process, address
    finally:
        process.terminate()
        process.wait(20)


def memory(pid: int) -> float:
    """Megabytes that a process has for itself and shares (PSS where the kernel tells, else RSS)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.split("Pss:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def first_page(address: str, rounds: int = 25) -> None:
    """Milliseconds from the request to the last byte, asked one after another."""
    for path in PAGES:
        took = []
        for _ in range(rounds):
            began = time.perf_counter()
            with urllib.request.urlopen(address + path) as answer:
                size = len(answer.read())
            took.append(1000 * (time.perf_counter() - began))
        print(
            f"  {path:<28} median {statistics.median(took):6.1f} ms, worst {max(took):6.1f} ms, {size / 1000:.0f} kB",
            flush=True,
        )


async def readers(address: str, n: int, stop: asyncio.Event, counts: list[int]) -> None:
    """`n` readers of events; counts what each was told."""

    async def one(session: aiohttp.ClientSession, number: int) -> None:
        async with session.get(address + "/events") as answer:
            async for line in answer.content:
                counts[number] += line.startswith(b"data:")

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(None), read_bufsize=2**20
    ) as session:
        reading = [asyncio.create_task(one(session, number)) for number in range(n)]
        await stop.wait()
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


SEEN = """() => {
  window.seen = {};
  new MutationObserver((all) => { for (const m of all) for (const n of m.addedNodes)
    if (n.id) window.seen[n.id] = performance.timeOrigin + performance.now(); }).observe(
    document.getElementById("alerts"), { childList: true });
}"""


async def to_the_dom(settings: Settings, address: str, events: int, pace: float) -> list[float]:
    """Milliseconds from when Kafka appended an alert (its own time) to the alert's being in a browser's DOM."""
    producer = Producer(settings.kafka() | {"linger.ms": 0, "acks": "all", "log_level": 0})
    sent: dict[str, float] = {}
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(address)
        await page.locator("#live.on").wait_for()
        await page.evaluate(SEEN)
        stamp = int(time.time())
        for i, alert in enumerate(alerts(events)):
            identity = f"e{stamp}-{i}"
            fresh = msgspec.structs.replace(alert, id=identity, thread=identity, story=identity)

            def noted(_error: Any, message: Message, identity: str = identity) -> None:
                sent[identity] = message.timestamp()[1]

            producer.produce(ALERTS.name, encode(fresh), (alert.proposal or "").encode(), on_delivery=noted)
            until = time.monotonic() + pace
            while time.monotonic() < until:
                producer.poll(0)
                await asyncio.sleep(0.001)
        producer.flush(10)
        await asyncio.sleep(2)
        seen: dict[str, float] = await page.evaluate("window.seen")
        await browser.close()
    missing = sent.keys() - seen.keys()
    print(f"  {len(sent)} alerts sent, {len(missing)} never seen", flush=True)
    return sorted(seen[identity] - sent[identity] for identity in sent.keys() & seen.keys())


async def measure(settings: Settings, pid: int, address: str, n: int, events: int) -> None:
    """The latency with one reader, and again with `n` beside it; then the memory."""
    for beside in (0, n):
        stop, counts = asyncio.Event(), [0] * beside
        crowd = asyncio.create_task(readers(address, beside, stop, counts))
        await asyncio.sleep(2 + beside / 100)
        took = await to_the_dom(settings, address, events, 0.05 if beside == 0 else 0.25)

        def at(share: float, took: list[float] = took) -> float:
            return took[min(len(took) - 1, int(share * len(took)))]

        print(
            f"  topic to DOM, {beside} readers beside: median {at(0.5):.0f} ms, p99 {at(0.99):.0f} ms,"
            f" worst {took[-1]:.0f} ms",
            flush=True,
        )
        if beside:
            print(f"  {sum(counts) / beside:.0f} of {events} events told to each reader", flush=True)
        print(f"  memory of the web process with {beside} readers: {memory(pid):.0f} MB", flush=True)
        stop.set()
        await crowd


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--readers", type=int, default=490)
    parser.add_argument("--events", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load({}).but(data=Path(folder))
        broker = Broker(settings)
        try:
            settings = settings.but(bootstrap=broker.start(port=0))
            topics.ensure(settings)
            path = Path(folder) / "web" / "archive.sqlite"
            took = fill(settings, path, given.alerts)
            size = path.stat().st_size / 1e6
            print(f"archive of {given.alerts} alerts: built in {took:.0f} s, {size:.0f} MB", flush=True)
            with web(settings) as (process, address):
                first_page(address)
                asyncio.run(measure(settings, process.pid, address, given.readers, given.events))
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
