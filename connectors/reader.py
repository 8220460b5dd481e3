"""Reads whole topics for those who show them: no group, nothing committed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Generator, Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.contracts.faults import BrokerFault, BrokerRefuses
from streams.settings import Settings
from streams.transport.ends import spans
from streams.transport.whole import PATIENCE, reader

_LASTING = frozenset(
    [KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED]
)
_MISSING = frozenset([KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC])

LONG_POLL = 500
"""Milliseconds that the broker may keep a question of one who waits for more."""


def read(
    settings: Settings,
    topics: Sequence[str],
    stop: threading.Event,
    last: int | None = None,
    caught_up: threading.Event | None = None,
    since: Mapping[tuple[str, int], int] | None = None,
) -> Generator[Message | None]:
    """Records of `topics` from the beginning (or the last `last` of each partition), then the new ones.

    `since` gives the next offset by topic and partition where a caller goes on rather than begins.
    Yields `None` as soon as there is nothing for the moment, so that the caller may do something else.
    `caught_up` is set once all that the topics held at the start was yielded. A fault that does not pass by
    itself (a refused login, a forbidden topic) is raised; others the client library mends and goes on.
    """
    caught_up = caught_up or threading.Event()
    consumer = reader(settings, "treatywatch-reader", **{"fetch.wait.max.ms": LONG_POLL})
    try:
        places, ahead = _start(consumer, settings, topics, last, since or {})
        consumer.assign(places)
        patience = 0.2
        while not stop.is_set():
            if not ahead:
                caught_up.set()
            message = consumer.poll(patience)
            # After a record only what is there already is taken: who batches is not held up by waiting for more.
            patience = 0.2 if message is None else 0.0
            if message is None:
                yield None
                continue
            error, place = message.error(), (str(message.topic()), int(message.partition() or 0))
            # The end may be a gap, by retention or compaction: Kafka says so without a record.
            ends = error is not None and error.code() == KafkaError._PARTITION_EOF
            if (error is None or ends) and int(message.offset() or 0) + (not ends) >= ahead.get(place, 0):
                ahead.pop(place, None)
            if error is None:
                yield message
            elif error.code() in _LASTING:
                raise _fault(error, settings, message.topic() or "")
            elif not ends:
                yield None
    except KafkaException as fault:
        raise _fault(fault.args[0], settings) from fault
    finally:
        consumer.close()


def _start(
    consumer: Consumer,
    settings: Settings,
    topics: Sequence[str],
    last: int | None,
    since: Mapping[tuple[str, int], int],
) -> tuple[list[TopicPartition], dict[tuple[str, int], int]]:
    """Where each partition is read from, and the ends of those that hold something to come."""
    places, ahead = [], {}
    for topic in topics:
        try:
            found = spans(consumer, topic)
        except KafkaException as fault:
            raise _fault(fault.args[0], settings, topic) from fault
        for partition, (low, high) in found.items():
            start = low if last is None else max(low, high - last)
            start = min(max(start, since.get((topic, partition), low)), high)
            places.append(TopicPartition(topic, partition, start))
            if start < high:
                ahead[topic, partition] = high
    return places, ahead


def read_through(settings: Settings, topics: Sequence[str], patience: float = PATIENCE) -> Generator[Message]:
    """All that `topics` hold when it begins, and perhaps some that came since.

    Ends by itself: a Kafka that gives nothing for `patience` seconds before that is a `BrokerFault`.
    """
    stop, caught_up = threading.Event(), threading.Event()
    with contextlib.closing(read(settings, topics, stop, caught_up=caught_up)) as records:
        until = time.monotonic() + patience
        for message in records:
            if message is not None:
                yield message
                until = time.monotonic() + patience
            elif caught_up.is_set():
                return
            elif time.monotonic() > until:
                raise BrokerFault(
                    f"Kafka on {settings.bootstrap} gave nothing for {patience:.0f} s; is it still there?"
                )


def _fault(error: KafkaError, settings: Settings, topic: str = "") -> BrokerFault:
    """What an error of Kafka's means for whoever asked."""
    if error.code() in _LASTING:
        return BrokerRefuses(f"Kafka on {settings.bootstrap} refuses{f' {topic}' if topic else ''}: {error.str()}")
    if error.code() in _MISSING:
        return BrokerFault(f"the topic {topic} is missing; run `treatywatch topics`")
    return BrokerFault(
        f"no Kafka answers on {settings.bootstrap} ({error.str()}); "
        "start everything with `treatywatch up`, or set TREATYWATCH_BOOTSTRAP"
    )
