"""How far the worker is: lag by committed offsets, and waiting until it is through.

A room acknowledges a record when what it caused is delivered. So when all of one topic's records are
committed, what they caused stands in the next one: room by room to the end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TextIO

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import ARTICLES, ITEMS, MENTIONS
from streams.settings import Settings


def _ends(consumer: Consumer, topic: str) -> dict[int, int]:
    known = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    return {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1] for p in known}


def committed(admin: AdminClient, group: str, topic: str, partitions: Mapping[int, int]) -> dict[int, int]:
    """Committed offset of `group` per partition; -1 where nothing is committed yet."""
    wanted = [TopicPartition(topic, p) for p in partitions]
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])
    found = next(iter(asked.values())).result(timeout=10).topic_partitions
    return {tp.partition: max(tp.offset, -1) for tp in found}


def wait_through(settings: Settings, sent: Mapping[int, int], say: TextIO, patience: float = 120.0) -> None:
    """Return when all that the items before `sent` (next offset by partition) caused is out.

    `BrokerFault` when the worker commits nothing for `patience` seconds.
    """
    consumer = Consumer(settings.kafka() | {"group.id": "treatywatch-progress", "enable.auto.commit": False})
    admin = AdminClient(dict(settings.kafka()))
    try:
        goal = dict(sent)
        for topic in (ITEMS.name, ARTICLES.name, MENTIONS.name):
            if topic != ITEMS.name:
                goal = _ends(consumer, topic)
            _wait(
                admin,
                settings.app_id,
                topic,
                {p: end for p, end in goal.items() if end > 0},
                say,
                patience,
            )
    except KafkaException as fault:
        raise BrokerFault(f"lost {settings.bootstrap} while waiting: {fault}") from fault
    finally:
        consumer.close()
        if say.isatty():
            say.write("\r\033[K")


def _wait(
    admin: AdminClient,
    group: str,
    topic: str,
    goal: Mapping[int, int],
    say: TextIO,
    patience: float,
) -> None:
    moved, before = time.monotonic(), -1
    while True:
        at = committed(admin, group, topic, goal) if goal else {}
        left = sum(max(0, end - max(at.get(p, 0), 0)) for p, end in goal.items())
        if left == 0:
            return
        if left != before:
            moved, before = time.monotonic(), left
            if say.isatty():
                say.write(f"\r\033[K{topic}: {left} to go")
                say.flush()
        elif time.monotonic() - moved > patience:
            raise BrokerFault(
                f"the worker has taken nothing of {topic} for {patience:.0f} s, {left} to go; is one running?"
            )
        time.sleep(0.1)
