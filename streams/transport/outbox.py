"""How records leave a worker: all delivered, or the caller knows that they were not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import MAX_KEPT_RECORD, Outgoing, partition_of
from streams.settings import Settings

log = logging.getLogger("treatywatch.outbox")

DELIVERY_SECONDS = 120
"""A broker may be away this long (a restart, an election) before a delivery counts as failed."""


class DeliveryFault(BrokerFault):
    """The broker did not take a record; nothing that rests on it may be acknowledged."""


class _Batch:
    """Counts the deliveries of one call."""

    def __init__(self) -> None:
        self.left = 0
        self.last: dict[int, int] = {}
        """Last offset by partition."""
        self.fault: KafkaError | None = None

    def delivered(self, error: KafkaError | None, message: Message) -> None:
        self.left -= 1
        if error is not None:
            self.fault = self.fault or error
        else:
            self.last[message.partition()] = message.offset()  # type: ignore[index,assignment]  # set when delivered


class Outbox:
    """An idempotent producer (acks=all) that places records as the topic table says."""

    def __init__(self, settings: Settings, **overrides: Any) -> None:
        self._producer = Producer(
            settings.kafka()
            | {
                "acks": "all",
                "enable.idempotence": True,
                "linger.ms": 2,
                "message.max.bytes": MAX_KEPT_RECORD,
                "message.timeout.ms": DELIVERY_SECONDS * 1000,
                "queue.buffering.max.messages": 200_000,
                "log_level": 3,
                # Else librdkafka writes to standard error in a form of its own.
                "logger": log,
            }
            | overrides
        )
        self._counts: dict[str, int] = {}

    def partitions(self, topic: str) -> int:
        """How many partitions `topic` has on this cluster."""
        if topic not in self._counts:
            try:
                found = self._producer.list_topics(topic, timeout=30).topics[topic]
            except KafkaException as fault:
                raise DeliveryFault(f"no broker answers about {topic}: {fault}") from fault
            if found.error is not None:
                raise DeliveryFault(f"{topic}: {found.error.str()}; run `treatywatch topics`")
            self._counts[topic] = len(found.partitions)
        return self._counts[topic]

    async def deliver(self, records: Sequence[Outgoing]) -> None:
        """Send all and wait until the broker has all."""
        batch = _Batch()
        for record in records:
            partition = record.partition
            if partition is None:
                partition = partition_of(record.topic, record.key, self.partitions(record.topic))
            await self._produce(batch, record.topic, partition, record.key.encode(), record.value, record.headers)
        await self._taken(batch, "a record")

    async def deliver_raw(
        self, topic: str, pairs: Mapping[int, Sequence[tuple[bytes, bytes | None]]]
    ) -> dict[int, int]:
        """Send keys and values as they are (`None` deletes), by partition; the last offset of each."""
        batch = _Batch()
        for partition, records in pairs.items():
            for key, value in records:
                await self._produce(batch, topic, partition, key, value, ())
        await self._taken(batch, f"a record of {topic}")
        return batch.last

    async def dead(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        """Keep bytes as received in the dead-letter topic."""
        batch = _Batch()
        await self._produce(batch, topic, partition % self.partitions(topic), key, value, headers)
        await self._taken(batch, "a dead letter")

    async def _taken(self, batch: _Batch, what: str) -> None:
        """Wait until all of a batch is delivered.

        Polled from here: a thread of its own would have to win the interpreter's lock for every delivery report.
        """
        while batch.left:
            if not self._producer.poll(0):
                await asyncio.sleep(0.001)
        if batch.fault is not None:
            raise DeliveryFault(f"{what} was not taken: {batch.fault.str()}")

    async def _produce(
        self,
        batch: _Batch,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        while True:
            try:
                self._producer.produce(
                    topic,
                    value=value,
                    key=key,
                    partition=partition,
                    headers=list(headers),
                    on_delivery=batch.delivered,
                )
            except BufferError:
                # The queue is full: delivery reports empty it.
                self._producer.poll(0)
                await asyncio.sleep(0.01)
            except KafkaException as fault:
                raise DeliveryFault(f"{topic}: {fault}") from fault
            else:
                batch.left += 1
                return

    def close(self) -> None:
        """Wait a little for what is on its way, then let go."""
        self._producer.flush(5)
