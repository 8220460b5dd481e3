"""A year in the life of a treaty, played through real Kafka: exactly the alerts that an analyst would want."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from confluent_kafka import Producer

from connectors.play import play
from streams import app, replay, rules
from streams.contracts.records import Alert, Dossier, Suppressed
from streams.contracts.topics import ALERTS, ARTICLES, BUNDLES, DOSSIERS, KIND, MAX_KEPT_RECORD, MENTIONS, SUPPRESSED
from streams.contracts.wire import decode
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker
from streams.transport.progress import Progress
from streams.up import environment
from tests.system.history import lines
from tests.system.running import Kept, alerts_folded, everything, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(500)]

# seen, type, rule, status before -> status, origins, copies
EXPECTED = """
2008-06-05 15 raised    status-change      none -> floated         1 0
2008-06-05 16 updated   status-change      none -> floated         1 1
2008-06-06 07 updated   status-change      none -> floated         2 1
2008-06-06 09 updated   status-change      none -> floated         3 1
2008-07-28 18 raised    status-change      floated -> discussing   1 0
2008-07-28 20 updated   status-change      floated -> discussing   1 1
2008-07-29 08 updated   status-change      floated -> discussing   2 1
2008-10-08 16 raised    status-change      discussing -> welcomed  1 0
2008-10-08 18 updated   status-change      discussing -> welcomed  1 1
2008-12-02 00 raised    commitment-overdue none -> welcomed        1 0
2009-02-07 12 raised    status-change      welcomed -> discussing  1 0
2009-02-07 13 corrected rejection          welcomed -> rejected    1 0
2009-04-01 09 raised    agreement          rejected -> agreed      1 0
2009-04-01 12 retracted agreement          rejected -> agreed      0 0
2009-11-29 15 raised    tabled             rejected -> tabled      1 0
2009-11-29 16 updated   tabled             rejected -> tabled      2 0
2009-11-30 07 updated   tabled             rejected -> tabled      3 0
2009-12-04 10 raised    status-change      tabled -> welcomed      1 0
2009-12-04 11 raised    contradiction      welcomed -> rejected    1 0
"""

HELD = {
    "2008-06-20": "opinion moves no state",
    "2008-09-24": "nothing changed",
    "2008-12-10": "rumour moves no state",
    "2009-05-11": "late report: 2008-07-30 is before 2009-02-07",
}


class Played(NamedTuple):
    """What a play left in the topics."""

    alerts: dict[str, bytes]
    rows: list[str]
    held: list[Suppressed]
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
        over = threading.Event()

        def killing() -> None:
            for _ in range(kills):
                if over.wait(chance.uniform(4, 12)):
                    return
                os.kill(at_work[-1].pid, signal.SIGKILL)
                at_work[-1].wait()
                at_work.append(worker(settings))

        killer = threading.Thread(target=killing)
        killer.start()
        way = Progress(settings, io.StringIO())
        try:
            report = play(lines(), settings, io.StringIO(), way.through, way.partitions(MENTIONS.name))
        finally:
            over.set()
            killer.join()
            way.close()
            at_work[-1].kill()
            at_work[-1].wait()
        assert (report.sent, report.refused) == (30, 0)
        told = everything(settings, ALERTS.name)
        once: dict[str, bytes] = {}
        for record in told:
            alert = decode(Alert, record.value)
            assert once.setdefault(alert.id, record.value) == record.value, "a repeated id repeats its bytes"
        held = {r.value: decode(Suppressed, r.value) for r in everything(settings, SUPPRESSED.name)}
        dossiers = {r.key.decode(): decode(Dossier, r.value) for r in everything(settings, DOSSIERS.name)}
        log = everything(settings, MENTIONS.name)
        played = Played(once, rows_of(once, log), list(held.values()), dossiers, log)
        if then is not None:
            then(settings, played)
    finally:
        broker.stop()
    return played


def rows_of(once: dict[str, bytes], log: list[Kept]) -> list[str]:
    """The alerts as rows of the table above, in the order of the log's fold."""
    rows = []
    for identity, value in alerts_folded(log).items():
        assert once.get(identity) == value, "what a pure fold over the log says"
        a = decode(Alert, value)
        seen = a.article.seen.strftime("%Y-%m-%d %H") if a.article else ""
        if a.rule.id == "commitment-overdue":
            seen = "2008-12-02 00"
        elif a.type in ("updated", "retracted"):
            seen = ""
        rows.append(
            f"{seen} {a.type} {a.rule.id} {a.status_before or 'none'} -> {a.status or 'none'} {a.origins} {a.copies}"
        )
    assert len(once) == len(rows)
    return rows


def command(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "treatywatch", *words],
        env=environment(settings), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def copied(settings: Settings, folder: Path) -> Broker:
    """A broker that holds the log alone: articles, mentions, bundles; no alert, no dossier, no state."""
    broker = Broker(settings.but(data=folder / "copy"))
    other = settings.but(bootstrap=broker.start(port=0))
    topics.ensure(other)
    producer = Producer(other.kafka() | {"message.max.bytes": MAX_KEPT_RECORD})
    for topic in (ARTICLES.name, MENTIONS.name, BUNDLES.name):
        for taken in replay.records(settings, topic):
            headers: list[Any] = [(KIND, taken.kind.encode())] if taken.kind else []
            producer.produce(topic, taken.value, taken.key, partition=taken.partition, headers=headers)
    assert producer.flush(30) == 0
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
            "“Russia submitted a draft",
            "tagged again: the same",
        ):
            assert part in why.stdout, why.stdout
        assert command(alone, "explain", "nothing").returncode == 2
        scratch = folder / "again.jsonl"
        part_of = command(alone, "replay", "--from", "2009-11-01", "--to", "2009-11-30", "--scratch", str(scratch))
        assert "2 missing" in part_of.stderr, part_of.stderr
        assert set(scratch.read_bytes().splitlines()) <= set(played.alerts.values())
        assert command(alone, "replay").returncode == 0
        whole = command(alone, "replay", "--scratch", str(scratch))
        assert "19 same, 0 different, 0 missing" in whole.stderr, whole.stderr

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

    assert [row.split()[-7:] for row in played.rows] == [row.split()[-7:] for row in EXPECTED.strip().splitlines()]
    stamped = {row.split()[-7:][0] + row[:13] for row in EXPECTED.strip().splitlines()}
    assert {row.split()[-7] + row[:13] for row in played.rows if row[0] == "2"} <= stamped
    assert not any(decode(Alert, value).historical for value in played.alerts.values())

    reasons = {(h.article.seen.date().isoformat() if h.article else ""): h.reason for h in played.held
               if h.proposal == "EST" and "commitment" not in h.reason}  # fmt: skip
    assert {day: reasons[day] for day in HELD if HELD[day] in reasons.get(day, "")}.keys() == HELD.keys()

    assert list(played.dossiers) == ["EST"]
    life = played.dossiers["EST"]
    assert [t.status for t in life.transitions] == [
        "floated", "discussing", "welcomed", "rejected", "tabled", "welcomed", "rejected",
    ]  # fmt: skip
    assert [(c.who, c.due, c.state) for c in life.commitments] == [
        (["RU"], "2008-09-24", "kept"), (["RU"], "2008-12-01", "overdue"),
    ]  # fmt: skip
    assert [c.statuses for c in life.contradictions] == [["welcomed", "rejected"]]
    stances = {(p.actor, p.position) for p in life.positions}
    assert {("RU", "proposes"), ("FR", "supports"), ("IT", "supports"), ("NATO", "rejects")} <= stances


def test_the_same_year_with_the_worker_killed_tells_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    seed = time.time_ns() % 100_000
    whole = a_play(load().but(data=tmp_path_factory.mktemp("whole")), 0, random.Random(seed))
    torn = a_play(load().but(data=tmp_path_factory.mktemp("torn")), 4, random.Random(seed))

    assert torn.alerts == whole.alerts, f"seed {seed}"
    assert torn.rows == whole.rows
    assert msgspec.json.encode(torn.dossiers) == msgspec.json.encode(whole.dossiers)
