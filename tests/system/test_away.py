"""A Kafka that goes away while a reader listens: it is said, and the reader goes on when Kafka is back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.producer import Publisher
from streams.settings import Settings
from streams.transport import topics
from streams.transport.broker import Broker
from streams.up import environment
from tests.connectors.alerting import made, outgoing
from tests.system.running import stopped

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def tell(settings: Settings, alert: str) -> None:
    publisher = Publisher(settings)
    try:
        publisher.publish(outgoing(made(alert)), "test")
    finally:
        publisher.close()


def awaited(true: Callable[[], bool], log: Path, patience: float = 120) -> None:
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.2)


def test_alerts_in_the_terminal_say_that_kafka_is_away_and_go_on_when_it_is_back(
    kafka: tuple[Broker, Settings], tmp_path: Path
) -> None:
    broker, settings = kafka
    topics.ensure(settings)
    tell(settings, "before")
    out, said = tmp_path / "out", tmp_path / "said.log"
    with out.open("wb") as stdout, said.open("wb") as stderr:
        following = subprocess.Popen(
            [sys.executable, "-m", "treatywatch", "alerts", "follow", "--json", "--from-beginning"],
            env=environment(settings), stdout=stdout, stderr=stderr,
        )  # fmt: skip
    with stopped(following):
        awaited(lambda: "before" in out.read_text(), said)
        broker.kill()
        awaited(lambda: f"Kafka on {settings.bootstrap} does not answer" in said.read_text(), said)
        broker.start()
        awaited(lambda: f"Kafka on {settings.bootstrap} answers again" in said.read_text(), said)
        tell(settings, "after")
        awaited(lambda: "after" in out.read_text(), said)
        assert following.poll() is None

    assert len(out.read_text().splitlines()) == 2
