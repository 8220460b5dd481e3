"""Every client we use places a key where Java's would: on a real broker."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from kafka import KafkaProducer

from connectors.producer import Publisher
from connectors.reader import read_through
from streams.contracts.topics import DEAD, ITEMS, MENTIONS, Outgoing, partition_of
from streams.settings import Settings
from streams.transport import topics
from streams.transport.broker import Broker
from streams.transport.outbox import Outbox

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

KEYS = [
    "EST",
    "DEC21-NATO",
    "PEACE-UA/28-points",
    "START/new-start",
    "ключ",
    "鍵",
    "a",
    "",
    "x" * 300,
    *map(str, range(40)),
]
SENDERS = {"connectors", "kafka-python", "confluent", "aiokafka", "worker"}


def placed(settings: Settings, topic: str) -> dict[tuple[str, str], int]:
    """Partition by key and sender (the record's value), of all that the topic holds."""
    return {
        (bytes(message.key() or b"").decode(), bytes(message.value() or b"").decode()): int(message.partition() or 0)
        for message in read_through(settings, [topic])
    }


async def by_aiokafka(settings: Settings, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    try:
        for key in KEYS:
            await producer.send_and_wait(topic, b"aiokafka", key.encode())
    finally:
        await producer.stop()


def test_every_client_puts_a_key_where_java_would(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    topics.ensure(settings)
    admin = AdminClient(dict(settings.kafka()))
    count = len(admin.list_topics(timeout=10).topics[ITEMS.name].partitions)

    ours = Publisher(settings)
    ours.publish([Outgoing(ITEMS.name, key, b"connectors") for key in KEYS], "test")
    ours.publish([Outgoing(MENTIONS.name, key, b"connectors") for key in KEYS], "test")
    ours.close()
    plain = KafkaProducer(bootstrap_servers=settings.bootstrap)
    for key in KEYS:
        plain.send(ITEMS.name, b"kafka-python", key=key.encode())
    plain.flush()
    plain.close()
    # librdkafka's own default is another (CRC32): our outbox and whoever writes with it must say murmur2.
    native = Producer(settings.kafka() | {"partitioner": "murmur2"})
    for key in KEYS:
        native.produce(ITEMS.name, b"confluent", key.encode())
    native.flush()
    asyncio.run(by_aiokafka(settings, ITEMS.name))
    asyncio.run(by_outbox(settings))

    found = placed(settings, ITEMS.name)
    assert {sender for _, sender in found} == SENDERS
    wrong = {(k, s): p for (k, s), p in found.items() if p != partition_of(ITEMS.name, k, count)}
    assert not wrong
    mentions = placed(settings, MENTIONS.name)
    assert {(k, s): p for (k, s), p in mentions.items() if p != partition_of(MENTIONS.name, k, count)} == {}
    assert mentions["PEACE-UA/28-points", "worker"] == partition_of(DEAD.name, "PEACE-UA", count)


async def by_outbox(settings: Settings) -> None:
    outbox = Outbox(settings)
    try:
        await outbox.deliver([Outgoing(topic, key, b"worker") for topic in (ITEMS.name, MENTIONS.name) for key in KEYS])
    finally:
        outbox.close()
