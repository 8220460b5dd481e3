"""What a topic holds, asked of partitions that nobody leads yet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.transport.ends import spans, watermarks


class Asked:
    """Kafka as a consumer sees it: `late` questions about a partition are answered by one that does not lead it."""

    def __init__(self, late: int, error: int | None = None) -> None:
        self.late, self.asked = late, 0
        self.topic = SimpleNamespace(partitions={1: None, 0: None}, error=error and KafkaError(error))

    def list_topics(self, topic: str, timeout: float) -> object:
        """A cluster with the one topic."""
        return SimpleNamespace(topics={topic: self.topic})

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        """Three records, once it is led."""
        self.asked += 1
        if self.asked <= self.late:
            raise KafkaException(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION))
        return 2, 5


def consumer(asked: Asked) -> Consumer:
    return cast(Consumer, asked)


def test_partitions_that_nobody_leads_yet_are_asked_again() -> None:
    asked = Asked(late=3)

    assert list(spans(consumer(asked), "news.items").items()) == [(0, (2, 5)), (1, (2, 5))]
    assert asked.asked == 5


def test_one_that_nobody_comes_to_lead_is_a_fault() -> None:
    with pytest.raises(KafkaException, match="NOT_LEADER_FOR_PARTITION"):
        watermarks(consumer(Asked(late=10**9)), TopicPartition("news.items", 0), patience=0.3)


@pytest.mark.parametrize("error", [KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.TOPIC_AUTHORIZATION_FAILED])
def test_a_topic_that_is_missing_or_may_not_be_read_is_one_at_once(error: int) -> None:
    asked = Asked(late=10**9, error=error)

    with pytest.raises(KafkaException) as fault:
        spans(consumer(asked), "news.items")
    assert (fault.value.args[0].code(), asked.asked) == (error, 0)
