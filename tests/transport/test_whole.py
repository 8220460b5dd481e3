"""A partition read to its end: also when Kafka goes away in the middle; not for ever when it stays away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import DEAD
from streams.settings import Settings
from streams.transport import topics, whole
from streams.transport.broker import Broker
from streams.transport.ends import watermarks
from streams.transport.whole import through

pytestmark = pytest.mark.system

COUNT = 40
PLACE = TopicPartition(DEAD.name, 0)


@pytest.fixture
def reader(kafka: tuple[Broker, Settings]) -> Iterator[Consumer]:
    """Of a topic whose first partition holds forty records of 100 kB: more than a consumer that fetches little takes
    ahead."""
    _, settings = kafka
    topics.ensure(settings, (DEAD,))
    consumer = whole.reader(settings, "whole", **{"queued.min.messages": 1, "fetch.message.max.bytes": 150_000})
    if watermarks(consumer, PLACE)[1] == 0:
        producer = Producer(settings.kafka() | {"acks": "all"})
        for number in range(COUNT):
            producer.produce(DEAD.name, f"{number:3}".encode() + b"x" * 100_000, partition=0)
        assert producer.flush(60) == 0
    yield consumer
    consumer.close()


def read(settings: Settings, consumer: Consumer, patience: float) -> Iterator[int]:
    end = watermarks(consumer, PLACE)[1]
    for message in through(settings, consumer, TopicPartition(DEAD.name, 0, 0), end, patience):
        yield int((message.value() or b"")[:3])


def test_what_a_partition_held_is_read_though_kafka_goes_and_comes_back(
    kafka: tuple[Broker, Settings], reader: Consumer
) -> None:
    broker, settings = kafka
    given = read(settings, reader, 120)
    got = [next(given)]
    broker.kill()
    with ThreadPoolExecutor(1) as beside:
        rest = beside.submit(list, given)
        time.sleep(3)  # it asks in vain meanwhile
        broker.start()  # from here: a broker ends with the thread that started it
        got += rest.result(120)

    assert got == list(range(COUNT))


def test_a_kafka_that_stays_away_is_a_fault_that_names_it_and_no_wait_for_ever(
    kafka: tuple[Broker, Settings], reader: Consumer
) -> None:
    broker, settings = kafka
    given = read(settings, reader, 2)
    next(given)
    broker.kill()
    try:
        with pytest.raises(BrokerFault, match=rf"{settings.bootstrap} gave nothing of {DEAD.name} for 2 s"):
            list(given)
    finally:
        broker.start()


@pytest.mark.parametrize(("kept", "expected"), [(COUNT - 3, [37, 38, 39]), (COUNT, [])])
def test_what_retention_took_meanwhile_is_passed_over(
    kafka: tuple[Broker, Settings], reader: Consumer, kept: int, expected: list[int]
) -> None:
    _, settings = kafka
    place = TopicPartition(DEAD.name, 0, kept)
    admin = AdminClient(settings.kafka() | {"log_level": 0})
    admin.delete_records([place])[place].result(30)

    assert list(read(settings, reader, 20)) == expected
