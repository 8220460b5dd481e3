"""How connectors publish: kafka-python, idempotent, acks=all, placed by our one partitioner."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import BY_NAME, DEAD, MAX_KEPT_RECORD, Outgoing, partition_of
from streams.ops import meters
from streams.settings import Settings
from streams.transport.whole import PATIENCE

HEADROOM = 64 * 1024


class Publisher:
    """Sends records and tells only when the broker has them."""

    def __init__(self, settings: Settings) -> None:
        try:
            self._producer = self._open(settings)
        except KafkaError as fault:
            raise BrokerFault(
                f"no Kafka answers on {settings.bootstrap} ({fault}); start one with `treatywatch broker`"
            ) from fault
        self._counts: dict[str, int] = {}

    def _open(self, settings: Settings) -> Any:
        return KafkaProducer(
            **settings.kafka_python(),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=MAX_KEPT_RECORD + 1024 * 1024,
            max_block_ms=int(PATIENCE * 1000),
        )

    def partitions(self, topic: str) -> int:
        """How many partitions `topic` has on this cluster."""
        if topic not in self._counts:
            try:
                found = self._producer.partitions_for(topic)
            except KafkaError as fault:
                raise BrokerFault(f"Kafka does not tell the partitions of {topic}: {fault}") from fault
            if not found:
                raise BrokerFault(f"the topic {topic} is missing; run `treatywatch topics`")
            self._counts[topic] = len(found)
        return self._counts[topic]

    def publish(self, records: Iterable[Outgoing], room: str) -> dict[int, int]:
        """Send all and wait; next offset by partition of what is on its own topic.

        A record too large for its topic goes to the dead letters with its reason: it costs no other.
        """
        waiting = []
        try:
            for record in records:
                if len(record.value) + HEADROOM > BY_NAME[record.topic].max_record:
                    reason = f"{len(record.value)} bytes are too many for {record.topic}"
                    self.dead(record.value, room, reason, record.key, record.topic)
                    continue
                partition = record.partition
                if partition is None:
                    partition = partition_of(record.topic, record.key, self.partitions(record.topic))
                waiting.append(
                    self._producer.send(
                        record.topic,
                        record.value,
                        key=record.key.encode(),
                        partition=partition,
                        headers=list(record.headers),
                    )
                )
            self._producer.flush(timeout=PATIENCE)
            ends: dict[int, int] = {}
            for future in waiting:
                done = future.get(timeout=PATIENCE)
                ends[done.partition] = max(ends.get(done.partition, 0), done.offset + 1)
        except KafkaError as fault:
            raise BrokerFault(f"Kafka did not take what was sent: {fault}") from fault
        return ends

    def dead(
        self,
        raw: bytes,
        room: str,
        reason: str,
        key: str = "",
        topic: str = "",
        place: tuple[int, int] | None = None,
        more: tuple[tuple[str, bytes], ...] = (),
    ) -> None:
        """Keep bytes that could not be used, with the reason; cut to what the dead letters hold.

        `place` is the partition and offset they had, if they ever were in a topic; `more` are further headers.
        """
        kept = raw[: MAX_KEPT_RECORD - HEADROOM]
        headers: list[tuple[str, bytes]] = [
            ("room", room.encode()),
            ("reason", reason.encode("utf-8", "replace")[:2000]),
            ("topic", topic.encode()),
            ("partition", str(place[0]).encode() if place else b""),
            ("offset", str(place[1]).encode() if place else b""),
            ("at", str(int(time.time() * 1000)).encode()),
            *more,
        ]
        if len(kept) < len(raw):
            headers.append(("truncated", str(len(raw)).encode()))
        partition = partition_of(DEAD.name, key or reason, self.partitions(DEAD.name))
        try:
            self._producer.send(DEAD.name, kept, key=key.encode() or None, partition=partition, headers=headers).get(
                PATIENCE
            )
        except KafkaError as fault:
            raise BrokerFault(f"Kafka did not take a dead letter: {fault}") from fault
        meters.DEAD.labels(room, "undelivered" if place else "too large" if key else "unreadable").inc()

    def close(self) -> None:
        """Let go of the connection."""
        with contextlib.suppress(KafkaError):
            self._producer.close(timeout=5)
