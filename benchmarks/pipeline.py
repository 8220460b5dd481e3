"""Items per second through the worker against a raw confluent-kafka loop: `python -m benchmarks.pipeline`.

Both call the same decisions on the same items over the same three hops (items, articles, mentions, alerts), with
acks=all and acknowledgement after delivery; the raw loop keeps its state in a dict, the worker in its tables and
their changelogs. Each run has an embedded broker of its own with empty topics; runs of the two take turns.
Time runs from the first article to the last record out, by the broker's own clock.

Two jobs: `copy` (each room only passes on what it gets) and `tag` (the real rooms).
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition

from connectors.ingest import publish
from streams import app
from streams.agents.room import Decide, TableMemory, Taken
from streams.contracts.topics import ALERTS, ARTICLES, ITEMS, KIND, MENTIONS, Outgoing, Topic, partition_of
from streams.logic.dossier import Mark
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import committed

Rooms = Mapping[str, tuple[Topic, Decide]]

PROPOSALS = ("European Security Treaty", "INF treaty", "CFE treaty", "ABM treaty", "Open Skies treaty")
SAYS = (
    "NATO rejected Russia's proposal on the {}.",
    "NATO and Russia signed the {}.",
    "Russia withdrew from the {}, NATO said.",
)
FILLER = (
    "The talks went on late into the evening, and officials on both sides said that more time was needed. ",
    "Markets were little changed after the announcement, and ministers left the building without a word. ",
    "A spokeswoman declined to comment on the details, which are to be worked out by experts next month. ",
)


def archive(n: int) -> Iterator[bytes]:
    """`n` articles of about 2.8 kB; every tenth speaks of a proposal, as in a feed of foreign news."""
    day = datetime(2020, 1, 1, tzinfo=UTC)
    for i in range(n):
        told = SAYS[i % 3].format(PROPOSALS[i % 5]) if i % 10 == 0 else "Ministers met again."
        body = told + " " + "".join(FILLER[(i + k) % 3] for k in range(27)) + f" Report {i}."
        yield json.dumps({"id": f"b{i}", "url": f"https://news.example/{i}", "title": "News", "text": body,
                          "lang": "en", "published": (day + timedelta(hours=i)).isoformat()}).encode()  # fmt: skip


def copying() -> Rooms:
    """Rooms that pass on what they get and remember only how far they are."""

    def to(target: Topic) -> Decide:
        def decide(memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
            if taken.kind or taken.key is None or taken.value is None:
                return (), {}
            memory.put("mark", Mark(taken.offset))
            return (Outgoing(target.name, taken.key.decode(), taken.value),), {}

        return decide

    return {"normalise": (ITEMS, to(ARTICLES)), "tag": (ARTICLES, to(MENTIONS)), "dossier": (MENTIONS, to(ALERTS))}


def real(settings: Settings) -> Rooms:
    """The rooms as the worker has them."""
    return app.judgements(settings, *app.bundles(settings))


def rooms_of(job: str, settings: Settings) -> Rooms:
    """The rooms of a job."""
    return copying() if job == "copy" else real(settings)


def in_worker(job: str, settings: Settings) -> None:
    """Process: our Faust worker."""
    app.counted = (lambda *_: None) if job == "copy" else app.counted  # copies are no articles that could be counted
    sys.exit(app.run(settings, rooms_of(job, settings)))


def in_raw_loop(job: str, settings: Settings) -> None:
    """Process: the same decisions in a bare loop."""
    rooms = {inbox.name: decide for inbox, decide in rooms_of(job, settings).values()}
    kept: dict[tuple[str, int], dict[bytes, bytes | None]] = defaultdict(dict)
    consumer = Consumer(
        settings.kafka() | {"group.id": settings.app_id, "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    )
    producer = Producer(settings.kafka() | {"acks": "all", "enable.idempotence": True, "linger.ms": 2})
    counts = {t: len(p.partitions) for t, p in consumer.list_topics(timeout=10).topics.items()}
    consumer.subscribe(list(rooms))
    while True:
        batch = consumer.consume(settings.batch, 0.02)
        for message in batch:
            if message.error():
                raise SystemExit(str(message.error()))
            headers: Any = dict(message.headers() or ())
            topic, partition = str(message.topic()), int(message.partition() or 0)
            taken = Taken(headers.get(KIND, b"").decode(), message.key(), message.value(), topic, partition,
                          int(message.offset() or 0), 0.0)  # fmt: skip
            state = kept[topic, partition]
            memory = TableMemory(state.get)
            outgoing, _ = rooms[topic](memory, taken)
            memory.keep()
            state |= memory.changes
            for out in outgoing:
                place = partition_of(out.topic, out.key, counts[out.topic])
                producer.produce(out.topic, out.value, out.key, partition=place, headers=list(out.headers))
                producer.poll(0)
        if batch:
            producer.flush()
            consumer.commit(asynchronous=True)


CONTENDERS: dict[str, Callable[[str, Settings], None]] = {"worker": in_worker, "raw": in_raw_loop}


def run(job: str, contender: str, items: int) -> dict[str, float]:
    """One run on a broker of its own; items per second, CPU us an item (start included), peak memory in MB."""
    with tempfile.TemporaryDirectory(prefix="treatywatch-bench-", ignore_cleanup_errors=True) as folder:
        settings = load().but(data=Path(folder), log_level="warning")
        broker = Broker(settings)
        try:
            settings = settings.but(bootstrap=broker.start(port=0))
            app.prepare(settings)
            with Path("/dev/null").open("w") as nowhere:
                ends = publish(archive(items), settings, nowhere).offsets
            child = multiprocessing.get_context("spawn").Process(target=CONTENDERS[contender], args=(job, settings))
            child.start()
            try:
                await_through(settings, ends)
                memory, cpu = peak(child.pid or 0), cpu_seconds(child.pid or 0)
            finally:
                child.kill()
                child.join()
            began, ended = span(settings, [ARTICLES.name, MENTIONS.name, ALERTS.name])
            return {"rate": items / (ended - began), "cpu": cpu / items * 1e6, "memory": memory,
                    "broker": peak(broker.pid or 0)}  # fmt: skip
        finally:
            broker.stop()


def await_through(settings: Settings, ends: Mapping[int, int], patience: float = 600) -> None:
    """Wait until every topic on the way is acknowledged to its end."""
    consumer = Consumer(settings.kafka() | {"group.id": settings.app_id})
    until = time.monotonic() + patience
    try:
        for topic in (ITEMS.name, ARTICLES.name, MENTIONS.name):
            goal = dict(ends) if topic == ITEMS.name else {
                p: consumer.get_watermark_offsets(TopicPartition(topic, p))[1]
                for p in consumer.list_topics(topic).topics[topic].partitions
            }  # fmt: skip
            while any(at < goal[p] for p, at in committed(consumer, topic, goal).items() if goal[p]):
                if time.monotonic() > until:
                    raise SystemExit(f"{topic}: not through after {patience:.0f} s")
                time.sleep(0.2)
    finally:
        consumer.close()


def span(settings: Settings, topics: list[str]) -> tuple[float, float]:
    """Seconds of the first and the last record that a room wrote to `topics` (LogAppendTime)."""
    consumer = Consumer(settings.kafka() | {"group.id": "bench", "auto.offset.reset": "earliest"})
    times: list[int] = []
    try:
        for topic in topics:
            for partition in consumer.list_topics(topic).topics[topic].partitions:
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition))
                if low == high:
                    continue
                consumer.assign([TopicPartition(topic, partition, low)])
                for _ in range(high - low):
                    message = consumer.poll(10)
                    if message is None:
                        break
                    if not dict(message.headers() or ()).get(KIND):
                        times.append(message.timestamp()[1])
    finally:
        consumer.close()
    return min(times) / 1000, max(times) / 1000


def peak(pid: int) -> float:
    """Peak resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def cpu_seconds(pid: int) -> float:
    """Seconds that a process and its threads have had of the processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run both jobs with both contenders in turns and print ratios."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--items", type=int, default=20_000, help="of the copying job")
    options.add_argument("--tagged", type=int, default=6_000, help="items of the tagging job")
    given = options.parse_args()
    for job, goal in (("copy", 0.35), ("tag", 0.8)):
        found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
        n = given.items if job == "copy" else given.tagged
        for round_, name in itertools.product(range(given.rounds), CONTENDERS):
            found[name].append(run(job, name, n))
            print(f"  {job} round {round_ + 1} {name:<7}" + msgspec.json.encode(found[name][-1]).decode(), flush=True)
        ratios = [w["rate"] / r["rate"] for w, r in zip(found["worker"], found["raw"], strict=True)]
        for name, runs in found.items():
            middle = {k: statistics.median(r[k] for r in runs) for k in runs[0]}
            print(f"{job:<5} {name:<7} {middle['rate']:8.0f} items/s  {middle['cpu']:5.0f} us/item  "
                  f"{middle['memory']:5.0f} MB  broker {middle['broker']:5.0f} MB")  # fmt: skip
        print(
            f"{job:<5} worker / raw: {statistics.median(ratios):.2f} (goal {goal}; {min(ratios):.2f}-{max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
