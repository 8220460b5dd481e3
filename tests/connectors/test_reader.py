"""Topics read to their end: what ends, and what a Kafka that gives nothing any more comes to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace

import pytest
from confluent_kafka import Producer

from connectors import reader
from connectors.reader import read_through
from streams.contracts.faults import BrokerFault
from streams.contracts.topics import DEAD
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker


class Topic:
    """What a reader is given: so many records, then nothing, caught up or not."""

    def __init__(self, records: int, *, whole: bool) -> None:
        self.records, self.whole, self.asked = records, whole, 0

    def read(
        self, _settings: Settings, _topics: list[str], _stop: threading.Event, caught_up: threading.Event
    ) -> Iterator[object]:
        yield from range(self.records)
        if self.whole:
            caught_up.set()
        while True:
            self.asked += 1
            yield None


def test_a_topic_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "read", Topic(3, whole=True).read)

    found: list[object] = list(read_through(load(), ["news.items"]))

    assert found == [0, 1, 2]


def test_a_kafka_that_gives_nothing_before_that_is_a_fault_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = Topic(3, whole=False)
    monkeypatch.setattr(reader, "read", topic.read)
    seconds = count()
    monkeypatch.setattr(reader, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    found = read_through(load(), ["news.items"], patience=5)
    first: list[object] = [next(found) for _ in range(3)]

    assert first == [0, 1, 2]
    with pytest.raises(BrokerFault, match="gave nothing for 5 s; is it still there"):
        next(found)
    assert topic.asked == 6


@pytest.mark.system
def test_a_topic_that_ends_in_a_gap_is_read_to_its_end(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    topics.ensure(settings, (DEAD,))
    producer = Producer(settings.kafka() | {"transactional.id": "gap", "log_level": 0})
    producer.init_transactions(60)
    for text, take_back in ((b"kept", False), (b"taken back", True)):
        producer.begin_transaction()
        producer.produce(DEAD.name, text, partition=0)
        producer.flush(60)
        (producer.abort_transaction if take_back else producer.commit_transaction)(60)

    assert [message.value() for message in read_through(settings, [DEAD.name], 20)] == [b"kept"]
