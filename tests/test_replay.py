"""Parts of looking back that need no broker; the rest: tests/system/test_history.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams import replay
from streams.agents import clock
from streams.contracts.records import Tick
from streams.contracts.wire import decode
from streams.logic.dossier.state import await_at
from streams.logic.memory import DictMemory

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("relevant", "said", "low", "high"),
    # From the worked examples of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilson_s(relevant: int, said: int, low: float, high: float) -> None:
    assert replay.interval(relevant, said) == pytest.approx((low, high), abs=5e-5)


def test_only_partitions_where_something_waits_for_now_get_a_tick() -> None:
    memories = [DictMemory(), DictMemory(), DictMemory(), DictMemory()]
    await_at(memories[1], NOON - timedelta(hours=1), "live", "EST")
    await_at(memories[2], NOON + timedelta(hours=1), "live", "EST")
    await_at(memories[3], NOON - timedelta(hours=1), "play-1", "EST")

    found = clock.ticks(range(4), memories.__getitem__, NOON)

    assert [(out.topic, out.partition, out.headers) for out in found] == [("news.mentions", 1, (("kind", b"tick"),))]
    assert decode(Tick, found[0].value).at == NOON.replace(second=0)
    assert found == clock.ticks(range(4), memories.__getitem__, NOON + timedelta(seconds=20)), "one a minute, one id"
