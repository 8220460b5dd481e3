"""A year in the life of a treaty, played through real Kafka: exactly the alerts that an analyst would want."""

from __future__ import annotations

import io
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from confluent_kafka import Producer

from connectors.play import play
from streams import app, replay, rules
from streams.contracts import topics as topics_of
from streams.contracts.records import Alert, Dossier, Suppressed, Tick
from streams.contracts.topics import (
    ALERTS,
    BREAKING,
    BUNDLES,
    DOSSIERS,
    KIND,
    MAX_KEPT_RECORD,
    MENTIONS,
    SUPPRESSED,
    TICK,
)
from streams.contracts.wire import decode
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker
from streams.transport.progress import Progress
from streams.up import environment
from tests.system import expected
from tests.system.history import ARTICLES, lines, name_of
from tests.system.running import Kept, alerts_folded, everything, with_headers, worker
from tests.test_year import as_expected

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

KILLS = int(os.environ.get("KILLS_HISTORY", "10"))


class Played(NamedTuple):
    """What a play left in the topics."""

    alerts: dict[str, bytes]
    rows: list[str]
    held: list[str]
    dossiers: dict[str, Dossier]
    log: list[Kept]


def a_play(
    settings: Settings, kills: int, chance: random.Random, then: Callable[[Settings, Played], None] | None = None
) -> Played:
    """Play the year on a broker of its own; kill the worker `kills` times on the way."""
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        app.prepare(settings)
        at_work = [worker(settings)]
        way = Progress(settings, io.StringIO())
        given = [line for line in lines() if line.strip()]
        waits, points = itertools.count(), chance.sample(range(len(given)), kills)

        def kill() -> None:
            os.kill(at_work[-1].pid, signal.SIGKILL)
            at_work[-1].wait()
            at_work.append(worker(settings))

        def settle(ends: Mapping[int, int]) -> None:
            """Wait for what was sent; at the points that were drawn the worker dies somewhere in it, or just after."""
            killer = threading.Timer(chance.uniform(0, 0.6), kill) if next(waits) in points else None
            if killer:
                killer.start()
            way.through(ends)
            if killer:
                killer.join()

        try:
            report = play(given, settings, io.StringIO(), settle, way.partitions(MENTIONS.name))
        finally:
            way.close()
            at_work[-1].kill()
            at_work[-1].wait()
        assert (report.sent, report.refused) == (len(ARTICLES), 0)
        ends = [one.returncode for one in at_work]
        assert ends == [-signal.SIGKILL] * (kills + 1), "each was at work until it was killed; the last by the end"
        told = with_headers(settings, ALERTS.name)
        once: dict[str, bytes] = {}
        for record, _ in told:
            alert = decode(Alert, record.value)
            assert once.setdefault(alert.id, record.value) == record.value, "a repeated id repeats its bytes"
        breaking = {decode(Alert, r.value).id for r in everything(settings, BREAKING.name)}
        dossiers = {r.key.decode(): decode(Dossier, r.value) for r in everything(settings, DOSSIERS.name)}
        log = everything(settings, MENTIONS.name)
        ended = [r for r in log if r.kind == TICK and decode(Tick, r.value).end]
        assert len({r.partition for r in ended}) == MENTIONS.partitions, "the play's clock stops everywhere"
        assert alerts_folded(log) == once, "what a pure fold over the log says"
        held = [held_row(r) for r in everything(settings, SUPPRESSED.name) if not r.kind]
        played = Played(once, rows_of(told, breaking), sorted(set(held)), dossiers, log)
        if then is not None:
            then(settings, played)
    finally:
        broker.stop()
    return played


def rows_of(told: list[tuple[Kept, dict[str, bytes]]], breaking: set[str]) -> list[str]:
    """The alerts as rows of `expected.ALERTS`, each once, in the order of their moments."""
    rows: dict[str, tuple[str, int, str]] = {}
    for place, (record, headers) in enumerate(told):
        a = decode(Alert, record.value)
        assert a.article is not None
        at = datetime.fromisoformat(headers["ce_time"].decode()).strftime("%Y-%m-%d %H:%M")
        row = (
            f"{at} {a.type:9} {a.rule.id:18} {a.proposal:8} {a.status_before or 'none'} -> {a.status or 'none'}, "
            f"{a.origins} {a.copies}, {name_of(a.article.url)}{' breaking' if a.id in breaking else ''}"
        )
        rows.setdefault(a.id, (at, place, row))
    return [row for _, _, row in sorted(rows.values())]


def held_row(record: Kept) -> str:
    held = decode(Suppressed, record.value)
    assert held.article is not None
    return f"{name_of(held.article.url):4} {held.reason}"


def command(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "treatywatch", *words],
        env=environment(settings), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def copied(settings: Settings, folder: Path) -> Broker:
    """A broker that holds the log alone: articles, mentions, bundles; no alert, no dossier, no state."""
    broker = Broker(settings.but(data=folder / "copy"))
    other = settings.but(bootstrap=broker.start(port=0))
    topics.ensure(other)
    # Idempotent: what is sent again, to a topic that nobody leads yet, keeps its order.
    producer = Producer(other.kafka() | {"message.max.bytes": MAX_KEPT_RECORD, "enable.idempotence": True})
    for topic in (topics_of.ARTICLES.name, MENTIONS.name, BUNDLES.name):
        for taken in replay.records(settings, topic):
            headers: list[Any] = [(KIND, taken.kind.encode())] if taken.kind else []
            producer.produce(topic, taken.value, taken.key, partition=taken.partition, headers=headers)
    assert producer.flush(120) == 0
    return broker


def looked_back_on(settings: Settings, played: Played, folder: Path) -> None:
    """Explained and replayed from the log alone; other rules tried on it; readers heard."""
    raised = next(i for i, value in played.alerts.items() if decode(Alert, value).rule.id == "tabled")
    said = command(settings, "feedback", raised, "relevant", "--by", "anna")
    assert said.returncode == 0, said.stderr
    assert "tabled                   1/1 relevant" in command(settings, "rules", "precision").stdout

    broker = copied(settings, folder)
    try:
        alone = settings.but(bootstrap=broker.address)
        again = {told.alert.id: told.outgoing[0].value for told in replay.fold(alone)}
        assert again == played.alerts
        why = command(alone, "explain", raised)
        assert why.returncode == 0, why.stderr
        for part in (
            "rule tabled, version 1",
            "  | when: tabled",
            "“MOSCOW, Nov 29 - Russia submitted a draft",
            "tagged again: the same",
        ):
            assert part in why.stdout, why.stdout
        told = {i: decode(Alert, value) for i, value in played.alerts.items()}
        copied_up = next(i for i, a in told.items() if a.copies and a.rule.id == "tabled")
        why = command(alone, "explain", copied_up)
        for part in ("raised, by https://wire.example/t1", "-> 2009-11-29 15:30 updated, by https://mirror.example/t1c",
                     "caused by article https://mirror.example/t1c", "tagged again: the same"):  # fmt: skip
            assert part in why.stdout, why.stdout
        missed = next(i for i, a in told.items() if a.rule.id == "commitment-overdue")
        assert "held back beside it" in command(alone, "explain", missed).stdout
        assert command(alone, "explain", "nothing").returncode == 2
        scratch = folder / "again.jsonl"
        part_of = command(alone, "replay", "--from", "2009-11-01", "--to", "2009-11-30", "--scratch", str(scratch))
        assert "3 missing" in part_of.stderr, part_of.stderr
        assert set(scratch.read_bytes().splitlines()) <= set(played.alerts.values())
        assert command(alone, "replay").returncode == 0
        whole = command(alone, "replay", "--scratch", str(scratch))
        assert f"{len(played.alerts)} same, 0 different, 0 missing" in whole.stderr, whole.stderr

        stricter = folder / "rules"
        stricter.mkdir()
        text = "id: tabled\nversion: '2'\nwhen: tabled\nseverity: critical\nmatch: {actor: FR}\n"
        (stricter / "tabled.yaml").write_text(text)
        tried = command(alone, "rules", "backtest", str(stricter), "--budget", "0.001")
        assert tried.returncode == 1, tried.stderr
        assert "above the budget" in tried.stderr
        seen = command(alone, "rules", "preview", str(Path(str(rules.__file__)).parent / "tabled.yaml"))
        assert "tabled.yaml matches 1 of" in seen.stdout, seen.stdout + seen.stderr
    finally:
        broker.stop()


def test_a_year_in_the_life_of_a_treaty(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("year")
    played = a_play(load().but(data=folder), 0, random.Random(0), partial(looked_back_on, folder=folder))

    assert played.rows == expected.ALERTS.strip().splitlines()
    assert played.held == sorted(row.split(maxsplit=2)[2] for row in expected.HELD.strip().splitlines())
    assert not any(decode(Alert, value).historical for value in played.alerts.values())
    as_expected(played.dossiers)


def test_the_same_year_with_the_worker_killed_tells_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    seed = time.time_ns() % 100_000
    whole = a_play(load().but(data=tmp_path_factory.mktemp("whole")), 0, random.Random(seed))
    torn = a_play(load().but(data=tmp_path_factory.mktemp("torn")), KILLS, random.Random(seed))

    assert torn.alerts == whole.alerts, f"seed {seed}"
    assert torn.rows == whole.rows
    assert torn.held == whole.held
    assert msgspec.json.encode(torn.dossiers) == msgspec.json.encode(whole.dossiers)
