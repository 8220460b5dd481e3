"""The dossier room under load: mentions a second, memory, and how long its table takes to come back after a kill.

    python -m benchmarks.dossier [--stories 100000] [--mentions 3000] [--kafka]

`--stories` open stories are laid into a store as a worker keeps it (RocksDB), over as many dossiers as their bound of
stories asks for; then further mentions are decided on it, and on an empty store. With `--kafka` the same state goes
through a worker's own changelog on the embedded broker; the worker is killed with SIGKILL, its tables lost, and the
time until its successor decides again is set against a restart with nothing to recover. Read the ratios.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rocksdict

from connectors.producer import Publisher
from streams import app, rules
from streams.agents import journal
from streams.agents.room import TableMemory
from streams.contracts.ids import mention_id
from streams.contracts.records import Act, ArticleRef, BundleRef, Event, Evidence, Mention, Status
from streams.contracts.topics import MAX_RECORD, MENTIONS, Outgoing
from streams.contracts.wire import encode
from streams.logic import dossier
from streams.logic.dossier.forgetting import MOST_STORIES
from streams.logic.normalise import signature
from streams.logic.rules import compile_rules
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import Progress
from streams.up import environment

START = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = 1800.0
"""Seconds that a recovery may take before it counts as stuck."""
ACTS: tuple[tuple[Status, Act], ...] = (
    ("tabled", "table"), ("discussing", "discuss"), ("rejected", "reject"), ("welcomed", "welcome"),
)  # fmt: skip
WORDS = [a + b for a in ("tre", "na", "mos", "pro", "se", "ge", "al", "ber") for b in ("ty", "to", "cow", "sal", "cur")]


def mentions(dossiers: int, each: int, first: int = 0) -> Iterator[Mention]:
    """Reports of `each` events in each of `dossiers` dossiers: an event every four days, apart in time and words."""
    chance = random.Random(7)
    for event in range(first, first + each):
        for number in range(dossiers):
            key = f"BENCH-{number}"
            article = f"a{event}-{number}"
            at = START + timedelta(hours=7 * event, seconds=number)
            quote = " ".join(chance.choices(WORDS, k=30))
            status, act = ACTS[event % len(ACTS)]
            evidence = [Evidence(field="text", start=0, end=len(quote), quote=quote)]
            found = Event(
                act=act, actor=["NATO"], status=status, voice="fact", time="current", when=None, evidence=evidence
            )  # fmt: skip
            yield Mention(
                id=mention_id(article, key), dossier=key, proposal=key, instance=None, proposal_name=key,
                other_name=None, proposer=["RU"], addressee=["NATO"], status=status, role="main",
                voice="fact", time="current", act=act, actor=["NATO"], when=None, evidence=evidence,
                events=[found], commitments=[], score=0.9, why=[], historical=False, signature=signature(quote),
                knowledge=BundleRef(id="k", version="1", hash="h"), engine="bench",
                article=ArticleRef(
                    id=article, revision=1, source="bench", url=f"https://bench.example/{article}", title="", lang="en",
                    published=at, modified=None, seen=at,
                ),
            )  # fmt: skip


class Store:
    """A partition's state as the worker keeps it."""

    def __init__(self, folder: Path) -> None:
        self.db = rocksdict.Rdict(str(folder), options=rocksdict.Options(raw_mode=True))
        self.rules = compile_rules(rules.read())
        self.offset = 0

    def take(self, found: Iterator[Mention], batch: int = 500) -> tuple[int, float]:
        """Decide all; how many, and in how many seconds of this process."""
        began, count = time.process_time(), 0
        memory = TableMemory(self.db.get)
        for one in found:
            self.offset += 1
            dossier.decide(memory, one, self.offset, self.rules)
            memory.keep()
            count += 1
            if count % batch == 0:
                memory = self._write(memory)
        self._write(memory)
        return count, time.process_time() - began

    def bytes_written(self, found: Sequence[Mention]) -> float:
        """Bytes of changelog that a mention costs when it comes alone, its journal included."""
        total = 0
        for one in found:
            self.offset += 1
            memory = TableMemory(self.db.get)
            dossier.decide(memory, one, self.offset, self.rules)
            memory.keep()
            total += sum(len(key) + len(value or b"") for key, value in journal.written(memory.changes, MAX_RECORD))
            self._write(memory)
        return total / len(found)

    def _write(self, memory: TableMemory) -> TableMemory:
        writes = rocksdict.WriteBatch(raw_mode=True)
        for key, value in memory.changes.items():
            if value is None:
                writes.delete(key)
            else:
                writes.put(key, value)
        self.db.write(writes)
        return TableMemory(self.db.get)


def resident() -> float:
    """Most memory that this process has held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def decided(stories: int, further: int, folder: Path) -> None:
    """Mentions a second with so many open stories, against an empty store."""
    dossiers = max(1, -(-stories // MOST_STORIES))
    each = -(-stories // dossiers)
    before = resident()
    full = Store(folder / "full")
    laid, seconds = full.take(mentions(dossiers, each))
    full.db.flush()
    size = sum(f.stat().st_size for f in (folder / "full").glob("*")) / 2**20
    print(f"{laid} stories in {dossiers} dossiers laid in at {laid / seconds:.0f} mentions/s; {size:.0f} MiB on disk")
    rounds = max(1, further // dossiers)
    count, seconds = full.take(mentions(dossiers, rounds, first=each))
    again, copied = full.take(mentions(dossiers, rounds, first=each))  # the same articles: stale revisions
    empty = Store(folder / "empty")
    few, quick = empty.take(mentions(dossiers, rounds))
    loaded, bare = count / seconds, few / quick
    print(
        f"with {stories} open stories: {loaded:.0f} mentions/s of CPU; on an empty store {bare:.0f}: "
        f"{loaded / bare:.2f} of it; repeats {again / copied:.0f}/s"
    )
    alone = full.bytes_written([*mentions(min(dossiers, 20), 5, first=each + rounds)])
    print(f"changelog: {alone / 1024:.0f} KiB a mention that comes alone, its journal included")
    print(f"memory: {resident():.0f} MiB at most, {before:.0f} before")


def recovered(stories: int, folder: Path) -> None:
    """Seconds from a SIGKILL to the next alert, with the state of so many stories to recover, against none."""
    broker = Broker(load().but(data=folder))
    try:
        settings = load().but(data=folder, bootstrap=broker.start(port=0))
        app.prepare(settings)
        bare = _outage(settings, 0)
        way = Progress(settings, sys.stderr, PATIENCE)
        publisher = Publisher(settings)
        dossiers = max(1, -(-stories // MOST_STORIES))
        worker = _worker(settings)
        try:
            laid = mentions(dossiers, -(-stories // dossiers))
            while some := list(itertools.islice(laid, 1000)):
                publisher.publish([Outgoing(MENTIONS.name, one.dossier, encode(one)) for one in some], "bench")
            way.through({})
        finally:
            publisher.close()
            way.close()
            _kill(worker)
        loaded = _outage(settings, 10**6)
        print(f"killed and restarted: decides again after {bare:.1f} s with nothing to recover, {loaded:.1f} s with "
              f"{stories} stories: {loaded / bare:.2f} times")  # fmt: skip
    finally:
        broker.stop()


def _outage(settings: Settings, first: int) -> float:
    """From the kill of a worker at work to the first thing that its successor decides, its tables wiped."""
    publisher, way = Publisher(settings), Progress(settings, sys.stderr, PATIENCE)
    worker = _worker(settings)
    try:
        _one(settings, publisher, way, first)
        _kill(worker)
        began = time.monotonic()
        worker = _worker(settings, fresh=True)
        _one(settings, publisher, way, first + 1)
        return time.monotonic() - began
    finally:
        publisher.close()
        way.close()
        _kill(worker)


def _one(settings: Settings, publisher: Publisher, way: Progress, number: int) -> None:
    (one,) = mentions(1, 1, first=number)
    publisher.publish([Outgoing(MENTIONS.name, one.dossier, encode(one))], "bench")
    way.through({})


def _worker(settings: Settings, fresh: bool = False) -> subprocess.Popen[bytes]:
    """A worker as its own process; `fresh` where no table is held yet, so that all comes from the changelog."""
    if fresh:
        settings = settings.but(data=Path(tempfile.mkdtemp(dir=settings.data)))
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-m", "treatywatch", "worker"], env=environment(settings), stdout=quiet, stderr=quiet
    )


def _kill(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--stories", type=int, default=100_000)
    asked.add_argument("--mentions", type=int, default=3_000)
    asked.add_argument("--kafka", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        decided(given.stories, given.mentions, Path(folder))
        if given.kafka:
            (Path(folder) / "kafka").mkdir()
            recovered(given.stories, Path(folder) / "kafka")


if __name__ == "__main__":
    main()
