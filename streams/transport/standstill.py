"""Whether records wait that this worker holds and does not take: asked of the broker, not of the consumer.

What a consumer believes may be the very thing that is wrong, so this asks over a connection of its own, and ends by
reading the record that waits. A worker that stands still is ended by who started this; its next start mends it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Hashable, Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.settings import Settings

LOOK = 5.0
"""Seconds between looks."""

Place = tuple[str, int]
"""Topic and partition."""


class Stillness:
    """How long nothing has changed while something waited."""

    def __init__(self) -> None:
        self._sign: Hashable = None
        self._since: float | None = None

    def seconds(self, waiting: bool, sign: Hashable, now: float) -> float:
        """Seconds since `sign` changed or nothing waited; `now` in seconds of any clock."""
        if self._since is None or not waiting or sign != self._sign:
            self._sign, self._since = sign, now
        return now - self._since


class Witness:
    """Sees what a group has committed and what waits for it; never joins the group."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = Consumer(
            settings.kafka()
            | {
                "log_level": 0,
                "group.id": settings.app_id,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )

    def look(self, held: Collection[Place]) -> tuple[dict[Place, int], list[TopicPartition]]:
        """Next offsets committed of `held`, -1 for none; and where the log goes on behind them.

        `KafkaException` when the broker does not answer.
        """
        places = [TopicPartition(topic, partition) for topic, partition in sorted(held)]
        committed, waiting = {}, []
        for found in self._consumer.committed(places, timeout=10) if places else ():
            committed[found.topic, found.partition] = max(found.offset, -1)
            low, high = self._consumer.get_watermark_offsets(TopicPartition(found.topic, found.partition), timeout=10)
            at = max(found.offset, low)
            if high > at:
                waiting.append(TopicPartition(found.topic, found.partition, at))
        return committed, waiting

    def readable(self, waiting: Collection[TopicPartition]) -> bool:
        """Whether a record can be read there: behind the last may stand a mark of a transaction, which is none."""
        self._consumer.assign(list(waiting))
        try:
            for _ in range(10):
                message = self._consumer.poll(1.0)
                if message is not None and message.error() is None:
                    return True
            return False
        finally:
            self._consumer.unassign()


class Standstill(threading.Thread):
    """Looks until the process ends; on a thread of its own, so that a loop that hangs hides nothing."""

    def __init__(
        self,
        settings: Settings,
        held: Callable[[], Collection[Place]],
        sign: Callable[[], Hashable],
        end: Callable[[float, Mapping[Place, int]], None],
    ) -> None:
        super().__init__(name="standstill", daemon=True)
        self.patience = float(settings.standstill)
        self.seconds = 0.0
        """For how long the worker has stood still."""
        self._witness, self._stillness = Witness(settings), Stillness()
        self._held, self._sign, self._end = held, sign, end

    def suspected(self) -> bool:
        """Whether half of the patience is over."""
        return 0 < self.patience <= 2 * self.seconds

    def run(self) -> None:
        """Look; `end` is called when the patience is over and the record that waits can be read."""
        while self.patience:
            time.sleep(min(LOOK, self.patience / 4))
            try:
                held = self._held()
                if not held:
                    continue
                committed, waiting = self._witness.look(held)
                sign = (self._sign(), frozenset(committed.items()))
                self.seconds = self._stillness.seconds(bool(waiting), sign, time.monotonic())
                if self.seconds >= self.patience and self._witness.readable(waiting):
                    self._end(self.seconds, {(w.topic, w.partition): w.offset for w in waiting})
            except KafkaException:
                self.seconds = self._stillness.seconds(False, None, time.monotonic())  # nobody can take anything now
