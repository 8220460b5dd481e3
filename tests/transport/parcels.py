"""An intake without a broker: only what taking and acknowledging parcels needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet

from faust.types import TP
from intervaltree import IntervalTree  # type: ignore[import-untyped]  # it comes without types

from streams.transport import intake
from streams.transport.continuity import Continuity

INBOX, CHANGELOG = "news.items", "treatywatch-dossier-changelog"


class Record:
    """As much of aiokafka's record as a parcel needs."""

    def __init__(self, offset: int, size: int = 1) -> None:
        self.offset, self.timestamp, self.timestamp_type = offset, 1000 * offset, 1
        self.topic, self.partition, self.headers, self.key, self.value, self.checksum = INBOX, 0, (), b"k", b"v", None
        self.serialized_key_size, self.serialized_value_size = 1, size


class Acking(intake.Intake):
    """An intake without a broker: only what acknowledging needs."""

    def __init__(self, committed: int | None) -> None:
        self.app: Any = SimpleNamespace(consumer_generation_id=1)
        self._committed_offset = defaultdict(lambda: committed)
        self._acked, self._acked_index = defaultdict(list), defaultdict(set)
        self._gap = defaultdict(IntervalTree)
        self._unacked_messages = WeakSet()
        self._n_acked, self._waiting_for_ack = 0, None
        self.stands: set[int] = set()
        self.flow_active = True
        self._continuity = Continuity(lambda _, start, end: bool(self.stands & set(range(start, end))))

    def parcel(self, offsets: Iterable[int]) -> Any:
        message = self._to_message(TP(INBOX, 0), [Record(offset) for offset in offsets])
        self._unacked_messages.add(message)
        return message
