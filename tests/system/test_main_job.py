"""The whole way on a real Kafka: items in, alerts out, with a worker killed on the way."""

from __future__ import annotations

import io
import json
import os
import signal
import time

import pytest

from connectors.ingest import publish
from streams import app
from streams.contracts.topics import ALERTS, ARTICLES, DEAD, MENTIONS
from streams.settings import Settings
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.system.running import alerts_folded, everything, stopped, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PROPOSALS = ("European Security Treaty", "INF treaty", "CFE treaty", "ABM treaty", "Open Skies treaty")
SAYS = (
    "NATO rejected Russia's proposal on the {}.",
    "NATO and Russia signed the {}.",
    "Russia withdrew from the {}, NATO said.",
)


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
    assert once == alerts_folded(log)
    assert len(once) >= 5
    assert any(b"Report number 1." in value for *_, value, _ in everything(settings, ARTICLES.name))
    dead = everything(settings, DEAD.name)
    assert [value for *_, value, _ in dead] == [b'{"broken": ']
