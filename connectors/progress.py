"""How far the worker is, asked of Kafka when a reader wants to know: what waits before each room, and canaries.

Asked at most every few seconds, whoever asks; never in the loop.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.contracts.faults import RecordFault
from streams.contracts.records import Canary
from streams.contracts.topics import ARTICLES, CANARY, ITEMS, KIND, MENTIONS
from streams.contracts.wire import decode
from streams.settings import Settings
from streams.transport.progress import committed

ROOMS = (ITEMS.name, ARTICLES.name, MENTIONS.name)
RECENT = 900.0
"""Seconds back that canaries are looked for: three of their usual intervals."""
PATIENCE = 2.0
KEPT = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What Kafka says; `why` when it does not."""

    waiting: dict[str, int] = field(default_factory=dict)
    """Records not yet taken, by topic."""
    canary: float | None = None
    """Seconds since the last canary of the partition that has waited longest; `None` when none was seen."""
    unsupported: dict[str, int] = field(default_factory=dict)
    """Articles of the last seven days in languages that are not read, by language, as the canaries tell."""
    why: str = ""


def ask(settings: Settings) -> Progress:
    """Ask Kafka; a few hundred milliseconds."""
    try:
        consumer = Consumer(
            settings.kafka() | {"group.id": settings.app_id, "enable.auto.commit": False, "log_level": 0}
        )
    except KafkaException as fault:
        return Progress(why=str(fault))
    try:
        return Progress(_waiting(consumer), *_canaries(consumer))
    except KafkaException as fault:
        return Progress(why=fault.args[0].str())
    finally:
        consumer.close()


def _waiting(consumer: Consumer) -> dict[str, int]:
    found = {}
    for topic in ROOMS:
        known = consumer.list_topics(topic, timeout=PATIENCE).topics[topic]
        if known.error is not None:
            raise KafkaException(known.error)
        taken = committed(consumer, topic, known.partitions)
        ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=PATIENCE) for p in known.partitions}
        found[topic] = sum(max(0, high - max(taken.get(p, 0), low)) for p, (low, high) in ends.items())
    return found


def _canaries(consumer: Consumer) -> tuple[float | None, dict[str, int]]:
    """What the last minutes of `news.mentions` hold of them; the position of nobody changes."""
    partitions = consumer.list_topics(MENTIONS.name, timeout=PATIENCE).topics[MENTIONS.name].partitions
    since = int((time.time() - RECENT) * 1000)
    starts = consumer.offsets_for_times([TopicPartition(MENTIONS.name, p, since) for p in partitions], timeout=PATIENCE)
    starts = [place for place in starts if place.offset >= 0]
    ends = {p.partition: consumer.get_watermark_offsets(p, timeout=PATIENCE)[1] for p in starts}
    latest: dict[int, tuple[float, dict[str, int]]] = {}
    consumer.assign(starts)
    until = time.monotonic() + PATIENCE
    while ends and time.monotonic() < until:
        message = consumer.poll(0.2)
        if message is None or message.error() is not None:
            continue
        partition = int(message.partition() or 0)
        headers = dict(message.headers() or ())
        if headers.get(KIND) == CANARY.encode():
            with contextlib.suppress(RecordFault):
                flown = decode(Canary, message.value())
                latest[partition] = message.timestamp()[1] / 1000, flown.unsupported
        if int(message.offset() or 0) + 1 >= ends.get(partition, 0):
            ends.pop(partition, None)
    consumer.unassign()
    unsupported = Counter[str]()
    for _, counts in latest.values():
        unsupported.update(counts)
    return (time.time() - min(at for at, _ in latest.values()) if latest else None), dict(unsupported.most_common())


class Asked:
    """The latest answer, kept for a moment."""

    def __init__(self, settings: Settings, question: Callable[[Settings], Progress] = ask) -> None:
        self._settings, self._question = settings, question
        self._at, self._answer = 0.0, Progress()

    def __call__(self) -> Progress:
        """The answer; asked anew when it is older than `KEPT` seconds."""
        if time.monotonic() - self._at > KEPT:
            with contextlib.suppress(KafkaException):
                self._answer = self._question(self._settings)
            self._at = time.monotonic()
        return self._answer
