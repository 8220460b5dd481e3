"""A partition read to the end that it had: for commands, which must come to an end themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from streams.contracts.faults import BrokerFault
from streams.settings import Settings

PATIENCE = 60.0
"""Seconds that Kafka may be away while a topic is read, and while something is sent."""


def reader(settings: Settings, group: str, **more: str | float) -> Consumer:
    """A consumer for `through`, to be closed: it commits nothing, and goes on at what is left of a partition whose
    beginning is not kept any more."""
    return Consumer(
        settings.kafka()
        | {
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            # What is there is read: nobody waits for more.
            "fetch.wait.max.ms": 20,
            "log_level": 0,
        }
        | more
    )


def through(
    settings: Settings, consumer: Consumer, start: TopicPartition, end: int, patience: float = PATIENCE
) -> Iterator[Message]:
    """The records of a partition from `start` to before offset `end`, and perhaps some behind it.

    What retention takes meanwhile is passed over. A Kafka that goes away meanwhile is waited for; `BrokerFault` when
    nothing came for `patience` seconds.
    """
    at, place = start.offset, TopicPartition(start.topic, start.partition)
    if at >= end:
        return
    consumer.assign([start])
    until = time.monotonic() + patience
    while at < end:
        message = consumer.poll(min(1.0, patience))
        # The end may be a gap, by compaction or a mark of a transaction: so it is told by position, not by a record.
        (position,) = consumer.position([place])
        if position.offset > at:
            at, until = position.offset, time.monotonic() + patience
        elif time.monotonic() > until:
            raise BrokerFault(
                f"Kafka on {settings.bootstrap} gave nothing of {place.topic} for {patience:.0f} s, though {end - at} "
                "record(s) are to come; is it still there?"
            )
        if message is None:
            continue
        error = message.error()
        if error is not None and error.code() == KafkaError._PARTITION_EOF:
            if int(message.offset() or 0) >= end:
                break  # nothing of it was left, so there is no position
            continue
        if error is not None:
            raise BrokerFault(f"cannot read {place.topic} on {settings.bootstrap}: {error.str()}")
        yield message
        until = time.monotonic() + patience
    # Left assigned, its fetches hold up the next question about offsets for ten seconds.
    consumer.unassign()
