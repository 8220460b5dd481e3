"""`treatywatch deliver` on a real Kafka, with itself, its receiver and Kafka killed at random: none missing."""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.producer import Publisher
from connectors.reader import read_through
from connectors.sinks.inbox import group
from streams.contracts.topics import ALERTS, DEAD, Outgoing
from streams.ops import health
from streams.settings import Settings
from streams.transport import topics
from streams.transport.broker import Broker, free_port
from streams.up import environment
from tests.connectors.alerting import made, outgoing

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
COUNT = 1000
KILLS = int(os.environ.get("KILLS_DELIVER", "6"))


def publish(settings: Settings, records: list[Outgoing]) -> None:
    publisher = Publisher(settings)
    try:
        publisher.publish(records, "test")
    finally:
        publisher.close()


def process(*words: str, **environ: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *words], env=os.environ | environ)


def deliver(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "treatywatch", "deliver"],
            env=environment(settings), stdout=output, stderr=output,
        )  # fmt: skip


def committed(settings: Settings, sink: str) -> int:
    """Records that a sink's group has acknowledged; none while a broker that has just started does not tell."""
    consumer = Consumer(settings.kafka() | {"group.id": group(settings, sink)})
    try:
        places = [TopicPartition(ALERTS.name, p) for p in range(8)]
        return sum(max(0, tp.offset) for tp in consumer.committed(places, timeout=10))
    except KafkaException:
        return 0
    finally:
        consumer.close()


def received(file: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in file.read_text().splitlines() if file.exists() else []:
        identity, sha = line.split(" ", 1)
        found[identity].append(sha)
    return found


def ids(file: Path) -> list[str]:
    """Ids of the alerts in a file, without a line that is just being written."""
    return [json.loads(line)["id"] for line in file.read_text().split("\n")[:-1]]


@pytest.fixture
def ready(kafka: tuple[Broker, Settings], tmp_path: Path) -> Settings:
    _, settings = kafka
    topics.ensure(settings)
    return settings.but(data=tmp_path / "data", sinks=tmp_path / "sinks.yaml", app_id=f"t{tmp_path.name}")


def test_kills_of_deliver_of_its_receiver_and_of_kafka_lose_nothing(
    ready: Settings, kafka: tuple[Broker, Settings], tmp_path: Path
) -> None:
    seed = int(os.environ.get("KILLS_SEED", time.time_ns() % 100_000))
    chance, port = random.Random(seed), free_port(0)
    hook, lines, log = tmp_path / "hook", tmp_path / "alerts.jsonl", tmp_path / "deliver.log"
    summed = tmp_path / "summed.jsonl"
    (tmp_path / "key").write_text(KEY)
    ready.sinks.write_text(
        f"sinks:\n  desk:\n    kind: webhook\n    url: http://127.0.0.1:{port}/hook\n    secrets: [{{file: key}}]\n"
        f"    from: beginning\n  kept:\n    kind: file\n    path: {lines}\n    from: beginning\n"
        f"  summed:\n    kind: file\n    path: {summed}\n    from: beginning\n    group: {{every: 3s}}\n"
    )
    settings = ready.but(allow=f"127.0.0.1:{port}", metrics_port=free_port(0))
    alerts = [made(f"{tmp_path.name}-{n}", thread=f"thread-{tmp_path.name}-{n % 400}") for n in range(COUNT)]
    records = [record for alert in alerts for record in outgoing(alert)]
    torn: dict[str, Callable[[], subprocess.Popen[bytes]]] = {
        "receiver": lambda: process("tests.system.receiver", str(port), str(hook), KEY),
        "deliver": lambda: deliver(settings, log),
    }
    running = {name: start() for name, start in torn.items()}
    try:
        publish(settings, records[: COUNT // 2])
        for number in range(KILLS):
            time.sleep(chance.uniform(1.0, 4.0))
            name = ("deliver", "receiver")[number % 2]
            running[name].kill()
            running[name].wait()
            time.sleep(chance.uniform(0, 1))
            running[name] = torn[name]()
            if number == KILLS // 2:
                kafka[0].kill()
                time.sleep(chance.uniform(0, 2))
                kafka[0].start()
            share = COUNT // 2 // KILLS
            publish(settings, records[COUNT // 2 + number * share : COUNT // 2 + (number + 1) * share])
        publish(settings, records[COUNT // 2 + KILLS * share :])
        publish(settings, records[::10])  # repeats in the topic
        until = time.monotonic() + 400
        wanted = {alert.id for alert in alerts}
        total = len(records) + len(records[::10])
        while wanted - received(hook).keys() or min(committed(settings, s) for s in ("desk", "kept", "summed")) < total:
            assert time.monotonic() < until, (
                f"seed {seed}: {len(wanted - received(hook).keys())} missing\n{log.read_text()[-4000:]}"
            )
            time.sleep(0.5)
        running["deliver"].terminate()
        assert running["deliver"].wait(60) == 0, "a clean end"
    finally:
        for one in running.values():
            one.kill()
            one.wait()

    got = received(hook)
    assert got.keys() == wanted, f"seed {seed}"
    assert all(len(set(bodies)) == 1 for bodies in got.values()), f"seed {seed}: an id came with other bytes"
    in_file = ids(lines)
    assert set(in_file) == wanted
    assert set(ids(summed)) == wanted
    # Of the file, at most what was being written at a kill stands twice.
    assert len(in_file) <= COUNT + KILLS


def test_a_new_sink_starts_at_now_and_what_it_refused_can_be_sent_again(ready: Settings, tmp_path: Path) -> None:
    port, hook, log = free_port(0), tmp_path / "hook", tmp_path / "deliver.log"
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "url").write_text(f"http://127.0.0.1:{port}/opensesame")
    ready.sinks.write_text(
        "sinks:\n  desk:\n    kind: webhook\n    url: {file: url}\n    secrets: [{file: key}]\n    give_up: 1s\n"
    )
    settings = ready.but(allow=f"127.0.0.1:{port}", metrics_port=free_port(0), log_level="debug")
    told = [made(f"{tmp_path.name}-{n}") for n in range(3)]
    publish(settings, outgoing(told[0]))
    running = deliver(settings, log)
    try:
        await_true(lambda: health.check("deliver", "127.0.0.1", settings.metrics_port)[0], log)
        publish(settings, [record for alert in told[1:] for record in outgoing(alert)])
        await_true(lambda: {alert.id for alert in told[1:]} <= set(buried(settings)), log)
        # Nothing listens yet: what is dead stays so, and why is said.
        said = command(settings, "deliver", "--again")
        assert said.returncode == 3
        assert "desk: 0 given, 2 still dead (cannot be reached" in said.stdout
        answering = process("tests.system.receiver", str(port), str(hook), KEY, "/opensesame", "0")
        try:
            await_true(lambda: command(settings, "deliver", "--again").returncode == 0, log)
            said = command(settings, "deliver", "--again")
            assert said.stdout.strip() == "desk: 0 given, 0 still dead", "once is enough"
            publish(settings, outgoing(told[1]))
            sample = command(settings, "deliver", "--test", "desk")
            assert "took the sample test-" in sample.stdout
        finally:
            answering.kill()
            answering.wait()
        running.terminate()
        assert running.wait(60) == 0
        said_by_all = said.stdout + said.stderr + sample.stdout + sample.stderr + log.read_text()
    finally:
        running.kill()
        running.wait()

    got = {identity for identity in received(hook) if not identity.startswith("test-")}
    assert got == {alert.id for alert in told[1:]}, "nothing from before the sink was new"
    reasons = [reason for identity, reason in buried(settings).items() if identity in got]
    assert all(reason.startswith("not taken within 1 s: cannot be reached") for reason in reasons)
    assert all(
        secret not in said_by_all + "".join(reasons) for secret in (KEY, KEY.removeprefix("whsec_"), "opensesame")
    )


def buried(settings: Settings) -> dict[str, str]:
    """Reasons of the dead letters of sinks, by alert."""
    found = {}
    for message in read_through(settings, [DEAD.name]):
        headers: Any = dict(message.headers() or ())
        if headers.get("room") == b"deliver":
            found[bytes(message.key() or b"").decode()] = headers["reason"].decode()
    return found


def command(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "treatywatch", *words], env=environment(settings), capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


def await_true(true: Callable[[], bool], log: Path, patience: float = 300) -> None:
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, log.read_text()[-4000:]
        time.sleep(0.3)


def test_of_two_processes_for_one_sink_the_newer_delivers_and_the_older_says_so(
    ready: Settings, tmp_path: Path
) -> None:
    lines = tmp_path / "alerts.jsonl"
    ready.sinks.write_text(f"sinks:\n  kept:\n    kind: file\n    path: {lines}\n    from: beginning\n")
    told = [made(f"{tmp_path.name}-{n}") for n in range(20)]
    publish(ready, [record for alert in told[:10] for record in outgoing(alert)])
    logs = [tmp_path / "older.log", tmp_path / "newer.log"]
    settings = [ready.but(data=tmp_path / name, metrics_port=free_port(0)) for name in ("older", "newer")]
    older = deliver(settings[0], logs[0])
    newer = None
    try:
        await_true(lambda: committed(ready, "kept") > 0 and lines.exists(), logs[0])
        newer = deliver(settings[1], logs[1])
        await_true(lambda: older.poll() is not None, logs[0])
        assert older.returncode == 3
        assert "kept: another process delivers to kept now" in logs[0].read_text()
        publish(ready, [record for alert in told[10:] for record in outgoing(alert)])
        wanted = {alert.id for alert in told}
        await_true(lambda: set(ids(lines)) >= wanted, logs[1])
        await_true(lambda: health.check("deliver", "127.0.0.1", settings[1].metrics_port)[0], logs[1])
    finally:
        for one in filter(None, (older, newer)):
            one.kill()
            one.wait()
