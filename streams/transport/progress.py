"""How far the worker is: lag by committed offsets, and waiting until it is through.

A room acknowledges a record when what it caused is delivered. So when all of one topic's records are
committed, what they caused stands in the next one: room by room to the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TextIO

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import ARTICLES, ITEMS, MENTIONS
from streams.settings import Settings
from streams.transport.ends import COMES_UP, spans

BEGIN = 120.0
"""Seconds that a worker may take until it commits something: by its start, on a busy machine."""


def patience_for(settings: Settings) -> float:
    """Seconds without a commit after which nobody is at work: a worker that stands still ends itself sooner."""
    return BEGIN + min(float(settings.standstill), BEGIN)


def committed(consumer: Consumer, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """What the consumer's group has acknowledged, per partition: next offset, or -1 where nothing is yet.

    The consumer only asks; it never joins its group.
    """
    found = consumer.committed([TopicPartition(topic, p) for p in partitions], timeout=10)
    return {tp.partition: max(tp.offset, -1) for tp in found}


_PASSES = COMES_UP | {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT}
"""What is told of a broker that goes and comes back."""


def _passes(fault: KafkaException) -> bool:
    return bool(fault.args[0].retriable() or fault.args[0].code() in _PASSES)


def _ends(consumer: Consumer, topic: str, patience: float) -> dict[int, int]:
    """The next offset of each partition; a Kafka that is away is waited for."""
    until = time.monotonic() + patience
    while True:
        try:
            return {p: high for p, (_, high) in spans(consumer, topic).items()}
        except KafkaException as fault:
            if not _passes(fault) or time.monotonic() > until:
                raise
            time.sleep(0.5)


class Progress:
    """How far the rooms are, asked again and again over one connection; close it."""

    def __init__(self, settings: Settings, say: TextIO, patience: float | None = None) -> None:
        self._settings, self._say = settings, say
        self._patience = patience_for(settings) if patience is None else patience
        self._consumer = Consumer(
            settings.kafka() | {"log_level": 0, "group.id": settings.app_id, "enable.auto.commit": False}
        )

    def through(self, sent: Mapping[int, int]) -> None:
        """Return when all that the items before `sent` (next offset by partition) caused is out.

        `BrokerFault` when the worker commits nothing, or Kafka does not answer, for `patience` seconds.
        """
        try:
            goal = dict(sent)
            for topic in (ITEMS.name, ARTICLES.name, MENTIONS.name):
                if topic != ITEMS.name:
                    goal = _ends(self._consumer, topic, self._patience)
                places = {p: end for p, end in goal.items() if end > 0}
                _wait(self._consumer, topic, places, self._say, self._patience)
        except KafkaException as fault:
            raise BrokerFault(f"lost {self._settings.bootstrap} while waiting: {fault}") from fault
        finally:
            if self._say.isatty():
                self._say.write("\r\033[K")

    def partitions(self, topic: str) -> int:
        """How many partitions `topic` has."""
        try:
            return len(self._consumer.list_topics(topic, timeout=10).topics[topic].partitions)
        except KafkaException as fault:
            raise BrokerFault(
                f"no Kafka answers on {self._settings.bootstrap} ({fault.args[0].str()}); "
                "start everything with `treatywatch up`, or set TREATYWATCH_BOOTSTRAP"
            ) from fault

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()


def wait_through(settings: Settings, sent: Mapping[int, int], say: TextIO, patience: float | None = None) -> None:
    """As `Progress.through`, once."""
    progress = Progress(settings, say, patience)
    try:
        progress.through(sent)
    finally:
        progress.close()


def _wait(
    consumer: Consumer,
    topic: str,
    goal: Mapping[int, int],
    say: TextIO,
    patience: float,
) -> None:
    moved, before = time.monotonic(), -1
    while True:
        try:
            at = committed(consumer, topic, goal) if goal else {}
        except KafkaException as fault:
            if not _passes(fault):
                raise
            at = {}
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
        time.sleep(0.05)
