"""A year in the life of a treaty, played through real Kafka: exactly the alerts that an analyst would want."""

from __future__ import annotations

import io
import os
import random
import signal
import threading
import time
from typing import NamedTuple

import msgspec
import pytest

from connectors.play import play
from streams import app
from streams.contracts.records import Alert, Dossier, Suppressed
from streams.contracts.topics import ALERTS, DOSSIERS, MENTIONS, SUPPRESSED
from streams.contracts.wire import decode
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import Progress
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
2009-02-07 13 corrected status-change      welcomed -> rejected    1 0
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


def a_play(settings: Settings, kills: int, chance: random.Random) -> Played:
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
    finally:
        broker.stop()
    return Played(once, rows_of(once, log), list(held.values()), dossiers, log)


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


def test_a_year_in_the_life_of_a_treaty(tmp_path_factory: pytest.TempPathFactory) -> None:
    played = a_play(load().but(data=tmp_path_factory.mktemp("year")), 0, random.Random(0))

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
        "floated", "discussing", "floated", "discussing", "welcomed", "rejected", "tabled", "welcomed", "rejected",
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
