"""What the page shows, bounded and in memory; built from the topics and thrown away with the process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from connectors.page import look
from streams.contracts.faults import RecordFault
from streams.contracts.records import Alert, Dossier, SourceHealth
from streams.contracts.topics import ALERTS, DOSSIERS, SOURCES
from streams.contracts.wire import decode

MOST_THREADS = 5000
MOST_TOLD = 1000
SLACK = 200
"""How far over its bound the archive may grow, so that it is not sorted for every record."""


@dataclass(frozen=True)
class Told:
    """An alert and its place in the log, which is all that the id of an event is made of."""

    partition: int
    offset: int
    at: int
    """The broker's time in ms: the one order that partitions share, whichever is read first."""
    alert: Alert

    @cached_property
    def data(self) -> str:
        """What a reader is sent, made once for all readers."""
        alert = self.alert
        return json.dumps({"thread": alert.thread, "headline": alert.headline, "html": look.card(alert)})

    @property
    def order(self) -> tuple[int, int, int]:
        """By time; the place settles what came in the same millisecond."""
        return self.at, self.partition, self.offset


def position(text: str | None) -> dict[int, int]:
    """Last offset seen by partition, from an event id such as `0-17.3-4`; what is no id has seen nothing."""
    seen: dict[int, int] = {}
    for part in (text or "")[:4096].split("."):
        partition, dash, offset = part.partition("-")
        if dash and all(p.isascii() and p.isdecimal() and len(p) < 20 for p in (partition, offset)):
            seen[int(partition)] = int(offset)
    return seen


def event_id(seen: Mapping[int, int]) -> str:
    """The id that `position` reads."""
    return ".".join(f"{partition}-{offset}" for partition, offset in sorted(seen.items()))


@dataclass(slots=True)
class Archive:
    """Touched in the event loop's thread only."""

    dossiers: dict[str, Dossier] = field(default_factory=dict)
    sources: dict[str, SourceHealth] = field(default_factory=dict)
    listeners: set[asyncio.Queue[Told]] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)
    """Last offset taken, by partition."""
    loading: bool = False
    """While the log is read from its beginning, nothing is told: it is not news."""
    _threads: dict[str, Told] = field(default_factory=dict)
    _recent: OrderedDict[tuple[int, int], Told] = field(default_factory=OrderedDict)
    _forgotten: dict[int, int] = field(default_factory=dict)
    """Last offset, by partition, that can no longer be told again."""

    def take(self, topic: str, partition: int, offset: int, key: str, value: bytes | None, at: int = 0) -> None:
        """Take a record in; `None` deletes. One that cannot be read is passed over (the worker wrote it)."""
        with contextlib.suppress(RecordFault):
            if topic == ALERTS.name:
                self._alert(Told(partition, offset, at, decode(Alert, value)))
            elif value is None:
                (self.dossiers if topic == DOSSIERS.name else self.sources).pop(key, None)
            elif topic == DOSSIERS.name:
                self.dossiers[key] = decode(Dossier, value)
            elif topic == SOURCES.name:
                self.sources[key] = decode(SourceHealth, value)

    def _alert(self, told: Told) -> None:
        self._threads[told.alert.thread] = told
        self.seen[told.partition] = told.offset
        self._recent[told.partition, told.offset] = told
        if len(self._threads) > MOST_THREADS + SLACK:
            kept = sorted(self._threads.values(), key=lambda t: t.order)[-MOST_THREADS:]
            self._threads = {t.alert.thread: t for t in kept}
        while len(self._recent) > MOST_TOLD:
            (gone, offset), _ = self._recent.popitem(last=False)
            self._forgotten[gone] = offset
        if self.loading:
            return
        for queue in list(self.listeners):
            if queue.full():
                # Too slow: it is dropped and resumes by the id it saw last.
                self.listeners.discard(queue)
            else:
                queue.put_nowait(told)

    def newest(self) -> list[Alert]:
        """Latest alert of each thread, newest first."""
        return [t.alert for t in sorted(self._threads.values(), key=lambda t: t.order, reverse=True)]

    def since(self, seen: Mapping[int, int]) -> tuple[list[Told], bool]:
        """What came after `seen`, oldest first, and whether that is all of it."""
        whole = all(seen.get(partition, -1) >= offset for partition, offset in self._forgotten.items())
        missed = [t for t in self._recent.values() if t.offset > seen.get(t.partition, -1)]
        return sorted(missed, key=lambda t: t.order), whole
