"""Twice the partitions by the steps of deploy/README.md: a new application version replays and tells the same."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.ingest import publish
from connectors.play import play
from streams import app
from streams.contracts.topics import ALERTS, ARTICLES, DOSSIERS, ITEMS, MENTIONS
from streams.settings import Settings
from streams.transport.broker import Broker, free_port
from streams.transport.progress import Progress, wait_through
from streams.up import environment
from tests.system.history import lines
from tests.system.running import Kept, alerts_folded, everything, stopped, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

SINKS = "sinks:\n  kept:\n    kind: file\n    path: {file}\n    from: beginning\n    filter: {{historical: 'yes'}}\n"


def _command(settings: Settings, *words: str) -> list[str]:
    return [sys.executable, "-m", "treatywatch", *words]


def _run(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(settings, *words), env=environment(settings), capture_output=True, text=True, timeout=400, check=False
    )


@contextmanager
def delivering(settings: Settings) -> Iterator[None]:
    with (settings.data / "deliver.log").open("ab") as log:
        process = subprocess.Popen(_command(settings, "deliver"), env=environment(settings), stdout=log, stderr=log)
    with stopped(process):
        yield


def _once(records: list[Kept]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for record in records:
        identity = json.loads(record.value)["id"]
        assert found.setdefault(identity, record.value) == record.value, "an id that comes again has its bytes"
    return found


def _given(file: Path, wanted: set[str]) -> list[str]:
    """Ids in the sink's file, once all that are wanted are there and nothing more comes."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        ids = [json.loads(line)["id"] for line in file.read_text().split("\n")[:-1]] if file.exists() else []
        if wanted <= set(ids):
            time.sleep(3)  # what would come twice has come by then
            return [json.loads(line)["id"] for line in file.read_text().split("\n")[:-1]]
        time.sleep(0.3)
    raise AssertionError(f"missing at the sink: {wanted - set(ids)}")


def _last(settings: Settings) -> dict[bytes, bytes]:
    return {r.key: r.value for r in everything(settings, DOSSIERS.name)}


def test_twice_the_partitions_tell_the_same_alerts_and_no_reader_hears_one_again(
    kafka: tuple[Broker, Settings], tmp_path: Path
) -> None:
    _, settings = kafka
    given = tmp_path / "alerts.jsonl"
    (tmp_path / "sinks.yaml").write_text(SINKS.format(file=given))
    settings = settings.but(partitions=4, sinks=tmp_path / "sinks.yaml", metrics_port=free_port(0))
    app.prepare(settings)
    with delivering(settings):
        with stopped(worker(settings.but(metrics_port=0))):
            way = Progress(settings, io.StringIO())
            play(lines(), settings, io.StringIO(), way.through, way.partitions(MENTIONS.name))
            refused = _run(settings, "repartition", "8")
            assert refused.returncode == 2, refused.stderr
            assert "at work" in refused.stderr
        way.close()
        told, dossiers = _once(everything(settings, ALERTS.name)), _last(settings)
        assert len(told) > 30
        assert sorted(_given(given, set(told))) == sorted(told)

    assert _run(settings, "repartition", "6").returncode == 2, "no multiple"
    broken_off = subprocess.Popen(
        _command(settings, "repartition", "8"), env=environment(settings), stderr=subprocess.PIPE, text=True
    )
    assert broken_off.stderr is not None
    for line in broken_off.stderr:
        if line.startswith(f"{ITEMS.name}:") and "written" in line:
            broken_off.send_signal(signal.SIGKILL)
    broken_off.wait(120)
    broken_off.stderr.close()
    done = _run(settings, "repartition", "8")
    assert done.returncode == 0, done.stderr
    assert "nothing was changed" in _run(settings, "repartition", "8").stderr

    log = everything(settings, MENTIONS.name)
    assert {r.partition for r in everything(settings, ARTICLES.name)} == set(range(8))
    assert alerts_folded(log) == told, "the log written anew decides the same"

    old = _run(settings, "worker")
    assert (old.returncode, "another app_id" in old.stderr) == (2, True), old.stderr
    settings = settings.but(app_id="treatywatch-2", partitions=8)
    app.prepare(settings)
    with delivering(settings), stopped(worker(settings.but(metrics_port=0))):
        text = "NATO rejected Russia's proposal for a moratorium on intermediate-range missiles in Europe, it said."
        news = {"url": "https://news.example/new", "text": text}
        report = publish([json.dumps(news).encode()], settings, io.StringIO())
        wait_through(settings, report.offsets, io.StringIO())
        after = _once(everything(settings, ALERTS.name))
        assert {i: after[i] for i in told} == told
        (new,) = set(after) - set(told)
        assert json.loads(after[new])["article"]["url"] == news["url"]
        ids = _given(given, set(after))
        assert sorted(ids) == sorted(after), "each once: none missing, none again"
    assert set(_last(settings)) >= set(dossiers)
