"""A worker's consumer that fails in silence: its commit is refused, or it takes nothing more."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.ingest import publish
from streams import app
from streams.contracts.topics import ARTICLES
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from streams.up import environment
from tests.system.running import everything, stopped

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

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


AS_IT_IS = """
import runpy, sys
sys.argv = ["treatywatch", "worker"]
runpy.run_module("treatywatch", run_name="__main__")
"""

DEAF = """
import runpy, sys
from streams.transport import intake

async def nothing(*_, **__):
    return {}

intake._Thread._fetch_records = nothing
sys.argv = ["treatywatch", "worker"]
runpy.run_module("treatywatch", run_name="__main__")
"""

HASTY = """
import asyncio, runpy, sys, time
from streams.transport import intake

sought = intake.Intake.seek_to_committed

async def until_something_is_handed_over(self):
    found, before, end = await sought(self), dict(self._read_offset), time.monotonic() + 1
    while time.monotonic() < end and dict(self._read_offset) == before:
        await asyncio.sleep(0)
    return found

intake.Intake.seek_to_committed = until_something_is_handed_over
sys.argv = ["treatywatch", "worker"]
runpy.run_module("treatywatch", run_name="__main__")
"""

# As it was: the inboxes are read before the seek is through, and here something always is, however slow the machine.
# And Faust, once it has crashed, may never be through with its streams.
PASSES_OVER = HASTY.replace("time.monotonic() + 1", "time.monotonic() + 20").replace(
    "intake.Intake.seek_to_committed =",
    """
async def for_good(self):
    await asyncio.Event().wait()

intake.Intake.wait_empty = for_good
del intake.Intake.resume_partitions
intake.Intake.seek_to_committed =""",
)


def items(name: str, count: int) -> list[bytes]:
    return [
        json.dumps(
            {"id": f"{name}{n}", "url": f"https://news.example/{name}{n}", "published": "2009-01-01T00:00:00Z",
             "lang": "en", "title": "", "text": f"NATO rejected Russia's proposal on the INF treaty. Report {n}."}
        ).encode()
        for n in range(count)
    ]  # fmt: skip


@contextmanager
def with_items(settings: Settings) -> Iterator[tuple[Settings, dict[int, int]]]:
    """A broker that twelve items wait on."""
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        app.prepare(settings)
        yield settings, publish(items("a", 12), settings, io.StringIO()).offsets
    finally:
        broker.stop()


def worker(program: str, settings: Settings) -> subprocess.Popen[bytes]:
    """A worker to which something is done."""
    with (settings.data / "worker.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-c", program], env=environment(settings), stdout=log, stderr=log)


def test_the_first_records_are_committed_although_their_first_commit_was_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    kept = load().but(data=tmp_path_factory.mktemp("refused"), metrics_port=0)
    with with_items(kept) as (settings, offsets), stopped(worker(REFUSED_ONCE, settings)):
        wait_through(settings, offsets, io.StringIO())

    said = (kept.data / "worker.log").read_text()
    assert said.count("Executing _on_partitions_assigned") > 1, "the refusal brought a second assignment"


def test_a_worker_that_takes_nothing_more_says_what_it_believes_and_ends(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    kept = load().but(data=tmp_path_factory.mktemp("deaf"), metrics_port=0, standstill=8)
    with with_items(kept) as (settings, offsets):
        deaf = worker(DEAF, settings)
        with stopped(deaf):
            assert deaf.wait(400) == app.STOOD_STILL
        said = (kept.data / "worker.log").read_text()
        assert "records wait and none is taken" in said
        assert "believes committed" in said
        # One that works may take longer than that to begin.
        with stopped(worker(AS_IT_IS, settings.but(standstill=kept.standstill * 20))):
            wait_through(settings, offsets, io.StringIO())


def test_nothing_is_passed_over_that_was_there_before_the_seek_was_through(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    kept = load().but(data=tmp_path_factory.mktemp("hasty"), metrics_port=0)
    with with_items(kept) as (settings, offsets):
        with stopped(worker(AS_IT_IS, settings)):
            wait_through(settings, offsets, io.StringIO())
        shutil.rmtree(kept.data / "worker")  # so that the tables are recovered from their changelogs
        sent = publish(items("b", 200), settings, io.StringIO())
        with stopped(worker(HASTY, settings)):
            wait_through(settings, sent.offsets, io.StringIO())


def test_a_worker_that_has_passed_over_records_ends_before_it_commits_what_is_behind_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    kept = load().but(data=tmp_path_factory.mktemp("passes"), metrics_port=0)
    with with_items(kept) as (settings, offsets):
        with stopped(worker(AS_IT_IS, settings)):
            wait_through(settings, offsets, io.StringIO())
        shutil.rmtree(kept.data / "worker")
        publish(items("b", 200), settings, io.StringIO())
        hasty = worker(PASSES_OVER, settings)
        with stopped(hasty):
            while "Worker ready" not in (kept.data / "worker.log").read_text():
                assert hasty.poll() is None
                time.sleep(0.5)
            sent = publish(items("c", 60), settings, io.StringIO())
            assert len(sent.offsets) == settings.partitions, "more come wherever records were passed over"
            assert hasty.wait(400) == app.CRASHED
        assert "passed over what stands from" in (kept.data / "worker.log").read_text()
        with stopped(worker(AS_IT_IS, settings)):
            wait_through(settings, sent.offsets, io.StringIO())
        ids = {json.loads(kept_.value)["item"] for kept_ in everything(settings, ARTICLES.name) if not kept_.kind}
        assert len(ids) == 12 + 200 + 60
