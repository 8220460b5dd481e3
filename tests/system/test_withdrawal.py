"""A withdrawal that names no source, and a Kafka that is away just when its entry is looked up."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator

import pytest

from connectors.ingest import IngestReport, publish
from streams import app
from streams.contracts.records import Item
from streams.contracts.topics import DEAD, ITEMS
from streams.contracts.wire import decode
from streams.settings import load
from streams.transport.broker import Broker
from tests.system.running import everything

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

AWAY = 12.0
"""Seconds: longer than one try of the look-up takes to see that nobody answers."""


def test_a_kafka_that_is_away_is_waited_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = load().but(data=tmp_path_factory.mktemp("away"))
    broker = Broker(settings)
    article = json.dumps({"id": "k", "source": "wire", "text": "Russia proposed a treaty.", "lang": "en"}).encode()
    withdrawal = json.dumps({"id": "k", "kind": "retraction"}).encode()
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        app.prepare(settings)
        publish([article], settings, io.StringIO())

        begun, gone, report = threading.Event(), threading.Event(), list[IngestReport]()

        def lines() -> Iterator[bytes]:
            """The withdrawal, read when Kafka is already gone: the next step is to look it up."""
            begun.set()
            gone.wait(60)
            yield withdrawal

        ingest = threading.Thread(target=lambda: report.append(publish(lines(), settings, io.StringIO())), daemon=True)
        ingest.start()
        assert begun.wait(60)
        broker.kill()
        gone.set()
        time.sleep(AWAY)
        broker.start()
        ingest.join(120)
        sent = [decode(Item, kept.value) for kept in everything(settings, ITEMS.name)]

        assert [(one.sent, one.refused) for one in report] == [(1, 0)]
        assert [(item.source, item.kind) for item in sent] == [("wire", "new"), ("wire", "retraction")]
        assert len({item.id for item in sent}) == 1
        assert not everything(settings, DEAD.name)
    finally:
        broker.stop()
