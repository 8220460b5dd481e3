"""What stands in the log, seen over a connection of its own: what a consumer believes may be what is wrong."""

from __future__ import annotations

import time
from collections.abc import Collection

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.settings import Settings

READ = 10.0
"""Seconds in which a record that is there has to come."""

Place = tuple[str, int]
"""Topic and partition."""


class Witness:
    """Sees what a group has committed and what waits for it; never joins the group. For one thread at a time."""

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

    def readable(self, waiting: Collection[TopicPartition]) -> set[Place]:
        """Where of these a record can be read: behind the last may stand a mark of a transaction, which is none."""
        found: set[Place] = set()
        until = time.monotonic() + READ
        self._consumer.assign(list(waiting))
        try:
            while len(found) < len(waiting) and time.monotonic() < until:
                message = self._consumer.poll(1.0)
                if message is not None and message.error() is None:
                    found.add((str(message.topic()), int(message.partition() or 0)))
            return found
        finally:
            self._consumer.unassign()

    def stands_between(self, place: Place, start: int, end: int) -> bool:
        """Whether a record can be read at an offset from `start` to before `end`; there may be none, where records are
        deleted or compacted away or marks of transactions stand.

        `KafkaException` when the broker does not answer.
        """
        low, _ = self._consumer.get_watermark_offsets(TopicPartition(*place), timeout=READ)
        if low >= end:
            return False
        self._consumer.assign([TopicPartition(*place, max(start, low))])
        try:
            until = time.monotonic() + READ
            while time.monotonic() < until:
                message = self._consumer.poll(1.0)
                if message is not None and message.error() is None:
                    return int(message.offset() or 0) < end
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"nothing read of {place[0]}/{place[1]}"))
        finally:
            self._consumer.unassign()
