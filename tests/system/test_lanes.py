"""The archive of the kills: its alerts hang on what is remembered, and not on how far partitions drift apart."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from connectors.ingest import item_of
from streams.contracts.records import BundleRef
from streams.contracts.topics import ITEMS, partition_of
from streams.contracts.wire import encode
from tests.system.lanes import LANES, archive
from tests.system.running import Kept, alerts_undisturbed

KNOWLEDGE = BundleRef(id="packaged", version="1", hash="0")
LINES = 400


@pytest.fixture(scope="module")
def log() -> list[Kept]:
    """The beginning of the archive as `news.items` keeps it, in the order in which it was sent."""
    began = datetime(2026, 3, 2, tzinfo=UTC)
    kept = []
    for number, line in enumerate(list(archive(random.Random(4)))[:LINES]):
        item = item_of(line, began + timedelta(milliseconds=30 * number))
        partition = partition_of(ITEMS.name, item.id, len(LANES))
        kept.append(Kept(partition, number, item.id.encode(), encode(item), ""))
    return kept


def told(log: list[Kept]) -> dict[str, bytes]:
    return alerts_undisturbed(log, KNOWLEDGE, len(LANES))


def test_partitions_that_come_one_after_the_other_give_the_same_alerts(log: list[Kept]) -> None:
    drifted = sorted(log, key=lambda record: record.partition)

    assert told(drifted) == told(log)
    assert len(told(log)) > LINES / 3


@pytest.mark.parametrize("lane", range(len(LANES)))
def test_who_forgets_one_partition_in_the_middle_gives_other_alerts(log: list[Kept], lane: int) -> None:
    mine = [record for record in log if record.partition == lane]
    before, after = mine[: len(mine) // 2], mine[len(mine) // 2 :]

    assert told(before) | told(after) != told(mine)
