"""Puts knowledge and rules in force: the bundles whole in `config.bundles`, then a record at each place
that decides by them. A pointer in `config.bundles` tells the next start what is in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from streams.contracts.faults import BrokerFault
from streams.contracts.records import Activation, Bundle, BundleRef
from streams.contracts.topics import ACTIVATE, ARTICLES, BUNDLES, KIND, MAX_KEPT_RECORD, MENTIONS
from streams.contracts.wire import decode, encode
from streams.settings import Settings
from streams.transport.ends import spans, watermarks
from streams.transport.whole import reader, through

POINTER = b"active"
_HEADERS = [(KIND, ACTIVATE.encode())]


def _records(settings: Settings, consumer: Consumer) -> Iterator[Message]:
    """All that `config.bundles` holds now."""
    low, high = watermarks(consumer, TopicPartition(BUNDLES.name, 0))
    yield from through(settings, consumer, TopicPartition(BUNDLES.name, 0, low), high)


def load_bundles(settings: Settings) -> dict[str, Bundle]:
    """Every bundle that is kept, by hash."""
    consumer = reader(settings, "treatywatch-bundles")
    try:
        return {
            bundle.hash: bundle
            for message in _records(settings, consumer)
            if message.value() is not None and not message.headers()
            for bundle in (decode(Bundle, message.value()),)
        }
    except KafkaException as fault:
        raise BrokerFault(f"cannot read {BUNDLES.name}: {fault}") from fault
    finally:
        consumer.close()


def in_force(settings: Settings) -> Activation | None:
    """What was activated last; `None` on a new Kafka."""
    consumer = reader(settings, "treatywatch-bundles")
    try:
        return _pointer(settings, consumer)
    except KafkaException as fault:
        raise BrokerFault(f"cannot read {BUNDLES.name} on {settings.bootstrap}: {fault}") from fault
    finally:
        consumer.close()


def _pointer(settings: Settings, consumer: Consumer) -> Activation | None:
    found = None
    for message in _records(settings, consumer):
        if message.key() == POINTER and message.headers() and message.value() is not None:
            found = decode(Activation, message.value())
    return found


def activate(settings: Settings, knowledge: Bundle, rules: Bundle, now: datetime) -> bool:
    """Put both in force where they are not yet; whether anything was written.

    Bundles first, then the partitions, then the pointer: a crash in between repeats an activation,
    which changes nothing, and never leaves a partition naming a bundle that is not kept.
    """
    wanted = Activation(
        knowledge=BundleRef(id=knowledge.id, version=knowledge.version, hash=knowledge.hash),
        rules=BundleRef(id=rules.id, version=rules.version, hash=rules.hash),
        at=now,
    )
    consumer = reader(settings, "treatywatch-bundles")
    try:
        before = _pointer(settings, consumer)
        same = before is not None and before.knowledge.hash == knowledge.hash and before.rules.hash == rules.hash
        places = [
            (topic, partition)
            for topic in (ARTICLES.name, MENTIONS.name)
            for partition, (_, end) in spans(consumer, topic).items()
            if not same or end == 0
        ]
    except KafkaException as fault:
        raise BrokerFault(f"cannot read what is in force on {settings.bootstrap}: {fault}") from fault
    finally:
        consumer.close()
    if not places:
        return False
    sender = _Sender(settings)
    if not same:
        for bundle in (knowledge, rules):
            sender.send(BUNDLES.name, 0, bundle.hash.encode(), encode(bundle), [])
        sender.flush()
    for topic, partition in places:
        sender.send(topic, partition, ACTIVATE.encode(), encode(wanted), _HEADERS)
    sender.flush()
    sender.send(BUNDLES.name, 0, POINTER, encode(wanted), _HEADERS)
    sender.flush()
    return True


class _Sender:
    """An idempotent producer that tells of the first record that was not taken."""

    def __init__(self, settings: Settings) -> None:
        self._fault: KafkaError | None = None
        self._producer = Producer(
            settings.kafka()
            | {
                "acks": "all",
                "enable.idempotence": True,
                "message.max.bytes": MAX_KEPT_RECORD,
                "log_level": 0,
            }
        )

    def send(self, topic: str, partition: int, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        self._producer.produce(
            topic, value, key, partition=partition, headers=list(headers), on_delivery=self._delivered
        )

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._fault = self._fault or error

    def flush(self) -> None:
        left = self._producer.flush(60)
        if left or self._fault:
            why = self._fault.str() if self._fault else f"{left} not taken within 60 s"
            raise BrokerFault(f"could not put knowledge and rules in force: {why}")
