"""What a worker says to a machine that reads along: JSON on every line, also when Kafka goes and comes back."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.ingest import publish
from streams.contracts.topics import ITEMS
from streams.settings import Settings
from streams.transport import topics
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from streams.up import environment
from tests.system.running import stopped

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

ARTICLE = {"url": "https://news.example/1", "text": "NATO rejected Russia's draft European Security Treaty."}
BESIDE = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        [str(BESIDE / "treatywatch"), "worker"],
        [str(BESIDE / "faust"), "-A", "streams.worker", "worker", "--without-web"],
    ],
    ids=["our command", "faust's command"],
)
def test_every_line_of_a_worker_is_json(kafka: tuple[Broker, Settings], command: list[str], tmp_path: Path) -> None:
    broker, settings = kafka
    environ = environment(settings.but(log_format="json", log_level="info")) | {"PATH": os.environ["PATH"]}
    with (tmp_path / "stderr").open("wb") as said, (tmp_path / "stdout").open("wb") as out:
        worker = subprocess.Popen(command, env=environ, stderr=said, stdout=out)
    with stopped(worker):
        topics.wait_for(settings, [ITEMS.name])  # which it makes itself
        report = publish([json.dumps(ARTICLE).encode()], settings, io.StringIO())
        wait_through(settings, report.offsets, io.StringIO())
        broker.kill()
        time.sleep(4)  # long enough for its clients to miss it
        broker.start()
        report = publish([json.dumps(ARTICLE | {"url": command[0]}).encode()], settings, io.StringIO())
        wait_through(settings, report.offsets, io.StringIO())

    lines = [json.loads(line) for line in (tmp_path / "stderr").read_text().splitlines()]
    assert all({"at", "level", "logger", "message"} <= set(line) for line in lines)
    loggers = {line["logger"] for line in lines}
    assert any(name.startswith(("faust", "mode")) for name in loggers), "Faust's own lines are among them"
    if command[0].endswith("treatywatch"):  # Faust's own command has a banner
        assert (tmp_path / "stdout").read_bytes() == b""
    assert any(line["level"] in {"warning", "error"} for line in lines), "that Kafka was away was said"
