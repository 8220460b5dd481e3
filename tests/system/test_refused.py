"""A broker that refuses a worker's commit, as it does when the worker's session ran out on a busy machine."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from connectors.ingest import publish
from streams import app
from streams.settings import load
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from streams.up import environment
from tests.system.running import stopped

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

REFUSED_ONCE = """
import runpy, sys
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import UnknownMemberIdError

asked, commit = [], GroupCoordinator._do_commit_offsets

async def refused_once(self, *args):
    asked.append(args)
    if len(asked) > 1:
        return await commit(self, *args)
    self.request_rejoin()
    raise UnknownMemberIdError

GroupCoordinator._do_commit_offsets = refused_once
sys.argv = ["treatywatch", "worker"]
runpy.run_module("treatywatch", run_name="__main__")
"""


def test_the_first_records_are_committed_although_their_first_commit_was_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = load().but(data=tmp_path_factory.mktemp("refused"), metrics_port=0)
    said = settings.data / "worker.log"
    items = [
        {"id": f"a{n}", "url": f"https://news.example/{n}", "published": "2009-01-01T00:00:00Z", "lang": "en",
         "title": "", "text": f"NATO rejected Russia's proposal on the INF treaty. Report {n}."}
        for n in range(12)
    ]  # fmt: skip
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        app.prepare(settings)
        sent = publish([json.dumps(item).encode() for item in items], settings, io.StringIO())
        with said.open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-c", REFUSED_ONCE], env=environment(settings), stdout=log, stderr=log
            )
        with stopped(worker):
            wait_through(settings, sent.offsets, io.StringIO(), patience=60)
    finally:
        broker.stop()

    assert said.read_text().count("Executing _on_partitions_assigned") > 1, "the refusal brought a second assignment"
