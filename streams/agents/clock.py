"""The clock as records: ticks for partitions where something waits, so that a replay sees the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Tick
from streams.contracts.topics import KIND, MENTIONS, TICK, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import waiting_until
from streams.logic.memory import Memory

EVERY = 60.0
"""Seconds between looks at what waits: a partition gets at most one tick a minute."""


def ticks(partitions: Iterable[int], memory: Callable[[int], Memory], now: datetime) -> list[Outgoing]:
    """A tick for each partition in which something waits for this minute; its id is a function of both."""
    minute = now.replace(second=0, microsecond=0)
    found = []
    for partition in partitions:
        until = waiting_until(memory(partition), "live")
        if until is None or until > minute:
            continue
        identity = "k" + digest("tick", "live", msgspec.to_builtins(minute), str(partition))
        tick = Tick(id=identity, at=minute, partition=partition)
        found.append(Outgoing(MENTIONS.name, TICK, encode(tick), ((KIND, TICK.encode()),), partition))
    return found
