"""Kills, and workers that come and go, while alerts flow: nothing lost, nothing told twice in other words."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.ingest import publish
from streams import app
from streams.contracts.faults import BrokerFault
from streams.contracts.records import BundleRef
from streams.contracts.topics import ALERTS, ITEMS, MENTIONS
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.system.lanes import ARTICLES_COUNT, LANES, RETRACTIONS, REVISIONS, archive
from tests.system.running import alerts_undisturbed, everything, mentions_folded, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

WORKER_KILLS, BROKER_KILLS = int(os.environ.get("KILLS_WORKER", "5")), int(os.environ.get("KILLS_BROKER", "2"))
SECONDS = 60.0
"""Over which the items come."""


def batched(lines: list[bytes], n: int) -> Iterable[list[bytes]]:
    """The lines in lists of `n`."""
    return (lines[at : at + n] for at in range(0, len(lines), n))


class Flow(threading.Thread):
    """Publishes an archive slice by slice over a minute, whatever happens to the broker."""

    def __init__(self, lines: list[bytes], settings: Settings) -> None:
        super().__init__(daemon=True)
        self.lines, self.settings, self.over = lines, settings, False
        self.offsets: dict[int, int] = {}
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            self._publish()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test has to tell it
            self.fault = fault

    def through(self) -> None:
        """Wait until all is published."""
        self.join(600)
        assert not self.is_alive(), "the archive was not taken within ten minutes"
        if self.fault is not None:
            raise self.fault

    def _publish(self) -> None:
        slices = list(batched(self.lines, 25))
        began = time.monotonic()
        for number, lines in enumerate(slices):
            time.sleep(max(0.0, began + SECONDS * number / len(slices) - time.monotonic()))
            while not self.over:
                try:
                    sent = publish(lines, self.settings, io.StringIO())
                except BrokerFault:
                    # What the broker took of the slice it gets once more: repeats, of which `normalise` makes nothing.
                    time.sleep(0.3)
                else:
                    self.offsets |= sent.offsets
                    break


class Torn:
    """Kills worker and broker at random moments, and starts them again, until told to stop."""

    def __init__(self, broker: Broker, settings: Settings, chance: random.Random) -> None:
        self.broker, self.settings, self.chance = broker, settings, chance
        self.worker = worker(settings)
        self.left = [*["worker"] * WORKER_KILLS, *["broker"] * BROKER_KILLS]
        chance.shuffle(self.left)

    def tear(self) -> None:
        """One kill, and the new start of what was killed."""
        if self.left.pop() == "worker":
            os.kill(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
        else:
            self.broker.kill()
            time.sleep(self.chance.uniform(0, 2))
            self.broker.start()
        self.look_after()

    def look_after(self) -> None:
        """Start a worker again that has ended, as who runs one does: some faults are mended by a new start."""
        if self.worker.poll() is not None:
            self.worker = worker(self.settings)

    def end(self) -> None:
        """Whatever still runs ends."""
        self.worker.kill()
        self.worker.wait()


class Crowd:
    """Workers that join and leave, by order or by a kill, until told to stop."""

    def __init__(self, broker: Broker, settings: Settings, chance: random.Random) -> None:
        self.settings, self.chance = settings, chance
        self.workers = [worker(settings)]
        self.left = ["join", "join", "leave", "join", "kill", "leave"]

    def tear(self) -> None:
        """One more worker, or one less; at least one stays."""
        doing = self.left.pop(0)
        if doing == "join":
            self.workers.append(worker(self.settings))
            return
        leaving = self.workers.pop(self.chance.randrange(len(self.workers)))
        leaving.send_signal(signal.SIGKILL if doing == "kill" else signal.SIGTERM)
        leaving.wait(120)

    def look_after(self) -> None:
        """Start those that ended by themselves again, as who started them does."""
        self.workers = [one if one.poll() is None else worker(self.settings) for one in self.workers]

    def end(self) -> None:
        """Whatever still runs ends."""
        for one in self.workers:
            one.kill()
            one.wait()


@pytest.mark.parametrize("disturbed", [Torn, Crowd], ids=["kills", "workers come and go"])
def test_nothing_is_lost_and_no_alert_changes(
    tmp_path_factory: pytest.TempPathFactory, disturbed: type[Torn] | type[Crowd]
) -> None:
    seed = int(os.environ.get("KILLS_SEED", time.time_ns() % 100_000))
    chance = random.Random(seed)
    settings = load().but(data=tmp_path_factory.mktemp("torn"), partitions=len(LANES))
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        known, _ = app.prepare(settings)
        flow = Flow(list(archive(chance)), settings)
        torn = disturbed(broker, settings.but(batch=40), chance)
        try:
            flow.start()
            await_first(settings)
            while torn.left:
                time.sleep(chance.uniform(1, 9))
                torn.tear()
            flow.through()
            with ThreadPoolExecutor(1) as beside:
                waiting = beside.submit(wait_through, settings, flow.offsets, io.StringIO())
                while not waiting.done():
                    torn.look_after()
                    time.sleep(0.5)
                waiting.result()
        finally:
            flow.over = True
            torn.end()
        items, log = everything(settings, ITEMS.name), everything(settings, MENTIONS.name)
        said = everything(settings, ALERTS.name)
    finally:
        broker.stop()

    assert len(items) >= ARTICLES_COUNT + REVISIONS + RETRACTIONS
    knowledge = BundleRef(id=known.id, version=known.version, hash=known.hash)
    missing = {out.value for out in mentions_folded(items, knowledge)} - {r.value for r in log}
    assert not missing, f"seed {seed}: {len(missing)} mentions are missing"
    once = {json.loads(r.value)["id"]: r.value for r in said}
    assert all(once[json.loads(r.value)["id"]] == r.value for r in said), f"seed {seed}: an id came with other bytes"
    expected = alerts_undisturbed(items, knowledge, settings.partitions)
    assert once == expected, f"seed {seed}: {len(once)} alerts, an undisturbed run has {len(expected)}"
    assert len(once) >= 1000
    assert len({json.loads(v)["proposal"] for v in once.values()}) == 16


def await_first(settings: Settings, patience: float = 300) -> None:
    """Wait until alerts flow."""
    until = time.monotonic() + patience
    while not everything(settings, ALERTS.name):
        assert time.monotonic() < until, "no alert came"
        threading.Event().wait(0.5)
