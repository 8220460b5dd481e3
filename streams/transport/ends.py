"""What a topic holds: the first and the next offset of its partitions, asked until somebody leads them.

A topic that was just made, and a broker that is just back, have partitions whose leader does not know yet that it
leads; that passes.
"""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

COMING_UP = 30.0
"""Seconds that a leader, or the coordinator of a group, may take to come up."""

COMES_UP = frozenset(
    [
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
    ]
)
"""What Kafka answers meanwhile: a group's coordinator reads its log first."""


def watermarks(consumer: Consumer, place: TopicPartition, patience: float = COMING_UP) -> tuple[int, int]:
    """First and next offset of a partition; `KafkaException` when Kafka tells none within `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        try:
            low, high = consumer.get_watermark_offsets(place, timeout=10)
        except KafkaException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return int(low), int(high)


def spans(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    """The same for every partition of a topic, in order.

    `KafkaException` at once when the topic is missing, may not be read, or nobody answers.
    """
    known = consumer.list_topics(topic, timeout=10).topics[topic]
    if known.error is not None:
        raise KafkaException(known.error)
    return {p: watermarks(consumer, TopicPartition(topic, p)) for p in sorted(known.partitions)}
