"""Alerts per second through `treatywatch deliver` against a raw loop: `python -m benchmarks.delivery`.

Both consume the same alerts from a real Kafka (one embedded broker for the run, a group of their own each) and POST
them over kept connections to the same receiver, a process of its own that answers 204; both commit after the answer.
The raw loop signs nothing, remembers nothing and keeps no order beyond one request at a time; `deliver` signs, tells
repeats by its store, keeps each thread's order. Contenders take turns; time runs from the first request to the last, by
the receiver.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from confluent_kafka import Consumer

from connectors.producer import Publisher
from streams.contracts.topics import ALERTS
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker, free_port
from streams.up import environment
from tests.connectors.alerting import made, outgoing

KEY = "whsec_" + base64.b64encode(bytes(32)).decode()


def receiver(port: int) -> None:
    """Process: takes everything; `GET /` tells how many and the seconds from the first to the last."""

    async def serve() -> None:
        times: list[float] = []

        async def take(request: web.Request) -> web.Response:
            await request.read()
            times.append(time.monotonic())
            return web.Response(status=204)

        async def tell(_request: web.Request) -> web.Response:
            return web.Response(text=f"{len(times)} {times[-1] - times[0] if times else 0}")

        async def forget(_request: web.Request) -> web.Response:
            times.clear()
            return web.Response(status=204)

        app = web.Application()
        app.add_routes([web.post("/hook", take), web.get("/", tell), web.delete("/", forget)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    asyncio.run(serve())


def raw(settings: Settings, url: str, number: int) -> None:
    """Process: consume, POST one after the other, commit after each batch."""

    async def loop() -> None:
        consumer = Consumer(
            settings.kafka()
            | {"group.id": f"raw-{number}", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
        )
        consumer.subscribe([ALERTS.name])
        async with aiohttp.ClientSession() as session:
            while True:
                batch = await asyncio.to_thread(consumer.consume, 200, 0.2)
                for message in batch:
                    async with session.post(url, data=message.value()) as answer:
                        answer.raise_for_status()
                if batch:
                    consumer.commit(asynchronous=True)

    asyncio.run(loop())


@contextmanager
def in_deliver(settings: Settings, url: str, folder: Path, at_once: int) -> Iterator[None]:
    """`treatywatch deliver` as a process with one webhook and an empty store."""
    (folder / "key").write_text(KEY)
    sinks = folder / "sinks.yaml"
    sinks.write_text(
        f"sinks:\n  bench:\n    kind: webhook\n    url: {url}\n    secrets: [{{file: key}}]\n"
        f"    from: beginning\n    at_once: {at_once}\n"
    )
    ours = settings.but(
        sinks=sinks, data=folder / "data", app_id=folder.name, metrics_port=free_port(0), log_level="warning",
        allow=url.removeprefix("http://").removesuffix("/hook"),
    )  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "treatywatch", "deliver"], env=environment(ours))
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def in_raw(settings: Settings, url: str, number: int) -> Iterator[None]:
    """The raw loop as a process."""
    process = multiprocessing.get_context("spawn").Process(target=raw, args=(settings, url, number))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def asked(base: str, method: str = "GET") -> tuple[int, float]:
    """How many the receiver took and in how many seconds."""
    with urllib.request.urlopen(urllib.request.Request(base, method=method), timeout=5) as answer:
        count, _, seconds = answer.read().decode().partition(" ")
    return int(count or 0), float(seconds or 0)


def rate(base: str, wanted: int) -> float:
    """Wait until all have come; alerts per second."""
    until = time.monotonic() + 180
    while (found := asked(base))[0] < wanted:
        if time.monotonic() > until:
            raise SystemExit(f"only {found[0]} of {wanted} came")
        time.sleep(0.2)
    return (found[0] - 1) / found[1]


def main() -> None:
    """Run all contenders by turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    port = free_port(0)
    base, url = f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/hook"
    serving = multiprocessing.get_context("spawn").Process(target=receiver, args=(port,), daemon=True)
    serving.start()
    rates: dict[str, list[float]] = {"raw": [], "deliver, 1 at once": [], "deliver, 4 at once": []}
    with tempfile.TemporaryDirectory() as folder:
        settings = load({k: v for k, v in os.environ.items() if k == "TREATYWATCH_CACHE"}).but(
            data=Path(folder) / "kafka"
        )
        broker = Broker(settings)
        try:
            settings = settings.but(bootstrap=broker.start(port=0))
            topics.ensure(settings)
            publisher = Publisher(settings)
            alerts = [made(f"b{n}", thread=f"t{n}", headline=f"Alert {n}") for n in range(given.alerts)]
            publisher.publish([record for alert in alerts for record in outgoing(alert)], "bench")
            publisher.close()
            for number in range(given.rounds):
                for name, found in rates.items():
                    asked(base, "DELETE")
                    place = Path(folder) / f"r{number}-{len(name)}-{name[-9:-8]}"
                    place.mkdir(exist_ok=True)
                    with (
                        in_raw(settings, url, number)
                        if name == "raw"
                        else in_deliver(settings, url, place, 4 if "4" in name else 1)
                    ):
                        found.append(rate(base, given.alerts))
        finally:
            broker.stop()
            serving.kill()
            serving.join()
    plain = statistics.median(rates["raw"])
    for name, found in rates.items():
        median = statistics.median(found)
        print(f"{name:<20} {median:8.0f} alerts/s  {median / plain:5.2f} of raw  ({min(found):.0f}-{max(found):.0f})")


if __name__ == "__main__":
    main()
