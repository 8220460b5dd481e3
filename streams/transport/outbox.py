"""How records leave a worker: all delivered, or the caller knows that they were not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import MAX_KEPT_RECORD, Outgoing, partition_of
from streams.settings import Settings

DELIVERY_SECONDS = 120
"""A broker may be away this long (a restart, an election) before a delivery counts as failed."""


class DeliveryFault(BrokerFault):
    """The broker did not take a record; nothing that rests on it may be acknowledged."""


class _Batch:
    """Counts the deliveries of one call; completes its future from the producer's thread."""

    def __init__(self, size: int, loop: asyncio.AbstractEventLoop) -> None:
        self.left = size
        self.offsets: dict[tuple[str, int], int] = {}
        self.fault: KafkaError | None = None
        self.loop = loop
        self.done: asyncio.Future[None] = loop.create_future()
        self.lock = threading.Lock()

    def delivered(self, error: KafkaError | None, message: Message) -> None:
        with self.lock:
            if error is not None:
                self.fault = self.fault or error
            else:
                place = (str(message.topic()), int(message.partition() or 0))
                self.offsets[place] = max(self.offsets.get(place, -1), int(message.offset() or 0))
            self.left -= 1
            last = self.left == 0
        if last:
            # The loop may be gone when a worker is being stopped: then nobody waits either.
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


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
            }
            | overrides
        )
        self._counts: dict[str, int] = {}
        self._open = True
        self._thread = threading.Thread(target=self._poll, name="outbox", daemon=True)
        self._thread.start()

    def _poll(self) -> None:
        while self._open:
            self._producer.poll(0.1)

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

    async def deliver(self, records: Sequence[Outgoing]) -> dict[tuple[str, int], int]:
        """Send all and wait until the broker has all; the last offset per (topic, partition)."""
        if not records:
            return {}
        batch = _Batch(len(records), asyncio.get_running_loop())
        for record in records:
            partition = record.partition
            if partition is None:
                partition = partition_of(record.topic, record.key, self.partitions(record.topic))
            await self._produce(batch, record.topic, partition, record.key.encode(), record.value, record.headers)
        await batch.done
        if batch.fault is not None:
            raise DeliveryFault(f"a record was not taken: {batch.fault.str()}")
        return batch.offsets

    async def deliver_raw(self, topic: str, partition: int, pairs: Sequence[tuple[bytes, bytes | None]]) -> int:
        """Send keys and values as they are (`None` deletes); the last offset."""
        batch = _Batch(len(pairs), asyncio.get_running_loop())
        for key, value in pairs:
            await self._produce(batch, topic, partition, key, value, ())
        await batch.done
        if batch.fault is not None:
            raise DeliveryFault(f"a record of {topic} was not taken: {batch.fault.str()}")
        return batch.offsets[topic, partition]

    async def dead(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        """Keep bytes as received in the dead-letter topic."""
        batch = _Batch(1, asyncio.get_running_loop())
        await self._produce(batch, topic, partition % self.partitions(topic), key, value, headers)
        await batch.done
        if batch.fault is not None:
            raise DeliveryFault(f"a dead letter was not taken: {batch.fault.str()}")

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
                await asyncio.sleep(0.01)  # the queue is full: the poll thread empties it
            except KafkaException as fault:
                raise DeliveryFault(f"{topic}: {fault}") from fault
            else:
                return

    def close(self) -> None:
        """Wait a little for what is on its way, then let go."""
        self._producer.flush(5)
        self._open = False
        self._thread.join(1)
