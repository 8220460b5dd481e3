"""Parts of looking back that need no broker; the rest: tests/system/test_history.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams import replay
from streams.agents import clock
from streams.agents.room import Taken
from streams.contracts.records import Activation, BundleRef, Tick
from streams.contracts.topics import MENTIONS
from streams.contracts.wire import decode, encode
from streams.logic.dossier.state import await_at
from streams.logic.memory import DictMemory
from streams.logic.precision import interval
from streams.settings import load
from tests.logic.reports import mention
from tests.making import watch_rules

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("relevant", "said", "low", "high"),
    # From the worked examples of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilson_s(relevant: int, said: int, low: float, high: float) -> None:
    assert interval(relevant, said) == pytest.approx((low, high), abs=5e-5)


def test_only_partitions_where_something_waits_for_now_get_a_tick() -> None:
    memories = [DictMemory(), DictMemory(), DictMemory(), DictMemory()]
    await_at(memories[1], NOON - timedelta(hours=1), "live", "EST")
    await_at(memories[2], NOON + timedelta(hours=1), "live", "EST")
    await_at(memories[3], NOON - timedelta(hours=1), "play-1", "EST")

    found = clock.ticks(range(4), memories.__getitem__, NOON)

    assert [(out.topic, out.partition, out.headers) for out in found] == [("news.mentions", 1, (("kind", b"tick"),))]
    assert decode(Tick, found[0].value).at == NOON.replace(second=0)
    assert found == clock.ticks(range(4), memories.__getitem__, NOON + timedelta(seconds=20)), "one a minute, one id"


def test_the_days_of_an_archive_s_play_are_counted_apart_from_the_live_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [
        mention("a", "tabled", actor=["RU"], clock="play", day=-6000),
        mention("b", "rejected", clock="play", day=-5991),
        mention("c", "welcomed", actor=["FR"]),
        mention("d", "rejected", actor=["DE"], day=0.2),
        mention("e", "discussing", day=1),
    ]
    ref = BundleRef(id="b", version="1", hash="h")
    begin = Activation(knowledge=ref, rules=ref, at=NOON)
    log = [
        Taken("activate", b"", encode(begin), MENTIONS.name, 0, 0, 0.0),
        *(Taken("", b"EST", encode(one), MENTIONS.name, 0, at, 0.0) for at, one in enumerate(reports, 1)),
    ]
    monkeypatch.setattr(replay, "records", lambda *_: iter(log))

    found = replay.between(load(), datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC), watch_rules())

    assert found.days == 10 + 2
    assert replay.busiest(found.alerts) == (2, "2026-03-02")
