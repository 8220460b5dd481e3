"""The whole way on a real Kafka: items in, alerts out, with a worker killed on the way."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.ingest import publish
from connectors.reader import read
from streams import app
from streams.contracts.records import Activation, Mention, Withdrawn
from streams.contracts.topics import ALERTS, ARTICLES, DEAD, MENTIONS
from streams.contracts.wire import decode
from streams.logic import dossier
from streams.logic.memory import DictMemory
from streams.settings import Settings
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from streams.up import environment
from tests.making import SEEDS, watch_rules

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

PROPOSALS = ("European Security Treaty", "INF treaty", "CFE treaty", "ABM treaty", "Open Skies treaty")
SAYS = (
    "NATO rejected Russia's proposal on the {}.",
    "NATO and Russia signed the {}.",
    "Russia withdrew from the {}, NATO said.",
)


def everything(settings: Settings, topic: str) -> list[tuple[int, int, bytes, bytes, str]]:
    """All records of a topic: partition, offset, key, value, kind."""
    found: list[tuple[int, int, bytes, bytes, str]] = []
    stop, idle = threading.Event(), 0
    for message in read(settings, [topic], stop):
        if message is None:
            idle += 1
            if idle > 15:
                stop.set()
            continue
        idle = 0
        headers: Any = dict(message.headers() or [])
        kind = headers.get("kind", b"").decode()
        place: Any = (message.partition(), message.offset())
        found.append((*place, bytes(message.key() or b""), bytes(message.value() or b""), kind))
    return sorted(found, key=lambda r: r[:2])


def worker(settings: Settings) -> subprocess.Popen[bytes]:
    log = (settings.data / "worker.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "treatywatch", "worker"], env=environment(settings), stdout=log, stderr=log
        )


@contextmanager
def stopped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def archive(n: int) -> list[bytes]:
    lines = []
    for i in range(n):
        text = SAYS[i % 3].format(PROPOSALS[i % len(PROPOSALS)]) + f" Report number {i}."
        lines.append(json.dumps({"id": f"a{i % (n * 4 // 5)}", "url": f"https://x.example/{i}", "text": text,
                                 "published": "2026-11-23T10:00:00Z", "lang": "en"}).encode())  # fmt: skip
    lines.append(
        json.dumps({"id": "a1", "url": "https://x.example/1", "title": "", "text": "", "kind": "retraction"}).encode()
    )
    lines.append(b'{"broken": ')
    return lines


def test_items_become_alerts_and_a_killed_worker_loses_none(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    app.prepare(settings)
    process = worker(settings)
    report = publish(archive(200), settings, io.StringIO())
    assert (report.sent, report.refused) == (201, 1)
    time.sleep(4)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with stopped(worker(settings)):
        wait_through(settings, report.offsets, io.StringIO())

    heads = {p: kind for p, o, _, _, kind in everything(settings, ARTICLES.name) if o == 0}
    assert set(heads.values()) == {"activate"}
    log = everything(settings, MENTIONS.name)
    assert {kind for p, o, _, _, kind in log if o == 0} == {"activate"}
    said = everything(settings, ALERTS.name)
    once = {json.loads(value)["id"]: value for *_, value, _ in said}
    # A repeated id repeats the same bytes; and all are those of a pure fold over the same log.
    assert all(once[json.loads(value)["id"]] == value for *_, value, _ in said)
    assert once == folded(log)
    assert len(once) >= 5
    assert any(b"Report number 1." in value for *_, value, _ in everything(settings, ARTICLES.name))
    dead = everything(settings, DEAD.name)
    assert [value for *_, value, _ in dead] == [b'{"broken": ']


def folded(log: list[tuple[int, int, bytes, bytes, str]]) -> dict[str, bytes]:
    """Alerts of a pure fold over a log of mentions, by id."""
    memories: dict[int, DictMemory] = {}
    found = {}
    for partition, offset, _, value, kind in log:
        if kind == "activate":
            decode(Activation, value)
            continue
        record = decode(Withdrawn, value) if kind == "withdrawn" else decode(Mention, value)
        memory = memories.setdefault(partition, DictMemory())
        for out in dossier.decide(memory, record, offset, watch_rules()).outgoing:
            if out.topic == ALERTS.name:
                found[json.loads(out.value)["id"]] = out.value
    return found


def test_up_brings_the_seed_s_alert_to_the_terminal_and_ends_cleanly(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("up")
    process = subprocess.Popen(
        [sys.executable, "-m", "treatywatch", "up", "--offline", "--data", str(data), "--web-port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    lines: list[str] = []
    seen = threading.Event()

    def watch() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if "European Security Treaty)" in line:
                seen.set()

    reader = threading.Thread(target=watch, daemon=True)
    reader.start()
    arrived = seen.wait(120)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    code = process.wait(20)
    reader.join(5)
    assert process.stdout is not None
    process.stdout.close()

    assert arrived, "".join(lines)
    assert code == 0
    assert time.monotonic() - began < 10
    assert (SEEDS / "catalogue.yaml").exists()
