"""Reads whole topics for those who show them: no group, nothing committed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors.base import BrokerFault
from streams.settings import Settings


def read(
    settings: Settings, topics: Sequence[str], stop: threading.Event, last: int | None = None
) -> Iterator[Message | None]:
    """Records of `topics` from the beginning (or the last `last` of each partition), then the new ones.

    Yields `None` when there is nothing for the moment, so that the caller may do something else.
    """
    consumer = Consumer(
        settings.kafka() | {"group.id": "treatywatch-reader", "enable.auto.commit": False, "log_level": 0}
    )
    try:
        places = []
        for topic in topics:
            found = consumer.list_topics(topic, timeout=10).topics[topic]
            if found.error is not None:
                raise BrokerFault(f"the topic {topic} is missing; run `treatywatch topics`")
            for partition in found.partitions:
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
                places.append(TopicPartition(topic, partition, low if last is None else max(low, high - last)))
        consumer.assign(places)
        while not stop.is_set():
            message = consumer.poll(0.2)
            if message is None or message.error():
                yield None
            else:
                yield message
    except KafkaException as fault:
        raise BrokerFault(f"no Kafka answers on {settings.bootstrap}: {fault}") from fault
    finally:
        consumer.close()
