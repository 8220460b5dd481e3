"""Reads whole topics for those who show them: no group, nothing committed."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.contracts.faults import BrokerFault
from streams.settings import Settings

_LASTING = frozenset(
    [KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED]
)


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
    consumer = Consumer(
        settings.kafka() | {"group.id": "treatywatch-reader", "enable.auto.commit": False, "log_level": 0}
    )
    try:
        places, ahead = [], {}
        for topic in topics:
            found = consumer.list_topics(topic, timeout=10).topics[topic]
            if found.error is not None:
                raise BrokerFault(f"the topic {topic} is missing; run `treatywatch topics`")
            for partition in found.partitions:
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
                start = low if last is None else max(low, high - last)
                start = min(max(start, (since or {}).get((topic, partition), low)), high)
                places.append(TopicPartition(topic, partition, start))
                if start < high:
                    ahead[topic, partition] = high
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
            error = message.error()
            if error is not None:
                if error.code() in _LASTING:
                    raise BrokerFault(f"Kafka on {settings.bootstrap} refuses: {error.str()}")
                yield None
                continue
            place = str(message.topic()), int(message.partition() or 0)
            if int(message.offset() or 0) + 1 >= ahead.get(place, 0):
                ahead.pop(place, None)
            yield message
    except KafkaException as fault:
        raise BrokerFault(
            f"no Kafka answers on {settings.bootstrap} ({fault.args[0].str()}); "
            "start everything with `treatywatch up`, or set TREATYWATCH_BOOTSTRAP"
        ) from fault
    finally:
        consumer.close()
