from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError

from connectors.producer import Publisher
from streams.contracts.faults import BrokerFault
from streams.contracts.topics import DEAD, ITEMS, MAX_KEPT_RECORD, Outgoing, partition_of
from streams.settings import Settings, load


class Broker:
    """Stands in for kafka-python's producer: keeps what it is sent, or fails as told."""

    def __init__(self, fault: Exception | None = None, partitions: int = 8) -> None:
        self.sent: list[SimpleNamespace] = []
        self.fault, self.partitions = fault, partitions

    def partitions_for(self, topic: str) -> set[int]:
        return set(range(self.partitions))

    def send(self, topic: str, value: bytes, key: bytes | None, partition: int, headers: list[Any]) -> Any:
        record = SimpleNamespace(topic=topic, value=value, key=key, partition=partition, headers=dict(headers))
        record.offset = sum(r.topic == topic and r.partition == partition for r in self.sent)
        self.sent.append(record)

        def get(timeout: float) -> SimpleNamespace:
            if self.fault is not None:
                raise self.fault
            return record

        return SimpleNamespace(get=get)

    def flush(self, timeout: float) -> None:
        """All is sent at once."""

    def close(self, timeout: float) -> None:
        """Nothing is open."""


def publisher(broker: Broker) -> Publisher:
    class Given(Publisher):
        def _open(self, settings: Settings) -> Any:
            return broker

    return Given(load())


def test_records_go_where_the_topic_table_says() -> None:
    broker = Broker()
    ends = publisher(broker).publish([Outgoing(ITEMS.name, k, b"{}") for k in ("a", "b", "a")], "connect")

    assert [r.partition for r in broker.sent] == [partition_of(ITEMS.name, k, 8) for k in ("a", "b", "a")]
    assert sum(ends.values()) == 3


def test_a_record_too_large_is_a_dead_letter_and_costs_no_other() -> None:
    broker = Broker()
    large = Outgoing(ITEMS.name, "k", b"x" * (MAX_KEPT_RECORD + 1))
    ends = publisher(broker).publish([large, Outgoing(ITEMS.name, "a", b"{}")], "connect")

    letter, record = broker.sent
    assert (letter.topic, record.topic) == (DEAD.name, ITEMS.name)
    assert len(letter.value) < MAX_KEPT_RECORD
    assert set(letter.headers) == {"room", "reason", "topic", "partition", "offset", "at", "truncated"}
    assert letter.headers["topic"] == ITEMS.name.encode()
    assert b"too many for news.items" in letter.headers["reason"]
    assert sum(ends.values()) == 1


def test_what_kafka_does_not_take_is_said() -> None:
    with pytest.raises(BrokerFault, match="did not take"):
        publisher(Broker(KafkaTimeoutError())).publish([Outgoing(ITEMS.name, "a", b"{}")], "connect")


def test_a_missing_topic_is_named_with_the_remedy() -> None:
    with pytest.raises(BrokerFault, match=r"the topic news\.items is missing; run `treatywatch topics`"):
        publisher(Broker(partitions=0)).publish([Outgoing(ITEMS.name, "a", b"{}")], "connect")


def test_a_missing_broker_is_named_with_the_remedy() -> None:
    class Nobody(Publisher):
        def _open(self, settings: Settings) -> Any:
            raise KafkaConnectionError

    with pytest.raises(BrokerFault, match=r"no Kafka answers on .*treatywatch broker"):
        Nobody(load().but(bootstrap="127.0.0.1:1"))
