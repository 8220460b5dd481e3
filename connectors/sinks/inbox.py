"""One sink's place in `alerts.all`: a consumer group of its own, committed only as far as the sink has everything."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import ALERTS
from streams.settings import Settings
from streams.transport.ends import COMES_UP, COMING_UP

log = logging.getLogger("treatywatch.deliver")

SECONDS = 15.0
"""To wait for an answer of the broker."""
_LASTING = frozenset(
    [KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED,
     KafkaError.GROUP_AUTHORIZATION_FAILED]
)  # fmt: skip


class Fenced(BrokerFault):
    """Another process delivers to this sink now."""


def group(settings: Settings, sink: str) -> str:
    """The consumer group of a sink."""
    return f"{settings.app_id}-deliver-{sink}"


class Place(Protocol):
    """What a delivery needs of an inbox; a test puts its own in its place."""

    assigned: frozenset[int]

    def take(self, most: int, seconds: float) -> list[Message]:
        """Records that have come."""

    def caught_up(self) -> bool:
        """Whether all that the topic holds was taken."""

    def hold(self, held: bool) -> None:
        """Take nothing new for now."""

    def commit(self, positions: dict[int, int], wait: bool = False) -> None:
        """Tell how far the sink has everything."""

    def close(self) -> None:
        """Leave."""


class Inbox:
    """Used from one thread at a time; `take` blocks.

    A static member (`group.instance.id`): a restart goes on at once and needs no rebalance, and of two processes for
    one sink the older is shut out by Kafka.
    """

    def __init__(
        self, settings: Settings, sink: str, start: str, since: datetime | None, known: Mapping[int, int]
    ) -> None:
        self._start, self._since, self._known = start, since, dict(known)
        self._sink, self._settings = sink, settings
        self.begun = bool(known)
        """Whether this sink has a place in the topic; before that, nothing was decided for it."""
        self.assigned: frozenset[int] = frozenset()
        self._starts: dict[int, int] = {}
        self._held = False
        self._fault: BrokerFault | None = None
        self._consumer = Consumer(
            settings.kafka()
            | {
                "group.id": group(settings, sink), "group.instance.id": sink, "enable.auto.commit": False,
                "auto.offset.reset": "earliest", "session.timeout.ms": 10_000, "fetch.wait.max.ms": 100,
                "queued.max.messages.kbytes": 16_384, "log_level": 0, "error_cb": self._failed,
            }
        )  # fmt: skip
        try:
            found = self._consumer.list_topics(ALERTS.name, timeout=SECONDS).topics[ALERTS.name]
            if found.error is not None:
                raise BrokerFault(f"the topic {ALERTS.name} is missing; run `treatywatch topics`")
            self._partitions = sorted(found.partitions)
            self._find_place()
            self._consumer.subscribe([ALERTS.name], on_assign=self._assign, on_revoke=self._revoke)
        except KafkaException as fault:
            raise BrokerFault(
                f"no Kafka answers on {settings.bootstrap} ({fault.args[0].str()}); "
                "start everything with `treatywatch up`, or set TREATYWATCH_BOOTSTRAP"
            ) from fault

    def _find_place(self) -> None:
        """`_place`, again while the coordinator or a leader is only coming up, as on a broker that has just started."""
        until = time.monotonic() + COMING_UP
        while True:
            try:
                self._place()
                return
            except KafkaException as fault:
                if fault.args[0].code() not in COMES_UP or time.monotonic() > until:
                    raise
                time.sleep(0.3)

    def _place(self) -> None:
        """Give the group a place in every partition where it has none, and commit it before anything is read.

        A new sink begins where it says. A partition that a sink did not know yet is new itself: all of it is wanted.
        """
        asked = [TopicPartition(ALERTS.name, p) for p in self._partitions]
        stands = {tp.partition: tp.offset for tp in self._consumer.committed(asked, timeout=SECONDS)}
        missing = [p for p in self._partitions if stands[p] in (OFFSET_INVALID, None) or stands[p] < 0]
        if not missing:
            self.begun = True
            return
        new = not self.begun and len(missing) == len(self._partitions)
        places = []
        for partition in missing:
            low, high = self._consumer.get_watermark_offsets(TopicPartition(ALERTS.name, partition), timeout=SECONDS)
            place = self._known.get(partition, low)  # Kafka forgets groups that are away for a week; the store does not
            if new:
                place = low if self._start == "beginning" else high
            places.append(TopicPartition(ALERTS.name, partition, min(max(place, low), high)))
        if new and self._since is not None:
            wanted = [TopicPartition(ALERTS.name, p, int(self._since.timestamp() * 1000)) for p in missing]
            at = {tp.partition: tp.offset for tp in self._consumer.offsets_for_times(wanted, timeout=SECONDS)}
            places = [
                tp if at[tp.partition] < 0 else TopicPartition(ALERTS.name, tp.partition, at[tp.partition])
                for tp in places
            ]
        if new:
            log.info("%s is new: it begins at %s", self._sink, self._start)
        self._consumer.commit(offsets=places, asynchronous=False)

    def _assign(self, _consumer: Any, places: list[TopicPartition]) -> None:
        self.assigned |= {tp.partition for tp in places}
        for place in self._consumer.committed(places, timeout=SECONDS):
            self._starts[place.partition] = place.offset
        self.begun = True
        log.info("%s reads partition(s) %s", self._sink, ", ".join(str(tp.partition) for tp in places) or "none")

    def _revoke(self, _consumer: Any, places: list[TopicPartition]) -> None:
        self.assigned -= {tp.partition for tp in places}

    def _failed(self, error: KafkaError) -> None:
        if error.code() == KafkaError._FATAL or error.fatal():
            self._fault = Fenced(f"another process delivers to {self._sink} now ({error.str()})")
        elif error.code() in _LASTING:
            self._fault = BrokerFault(f"Kafka on {self._settings.bootstrap} refuses: {error.str()}")

    def take(self, most: int, seconds: float) -> list[Message]:
        """Records that have come, at most `most`; waits for the first. `BrokerFault` for what stays."""
        try:
            found = self._consumer.consume(most, seconds)
        except KafkaException as fault:
            self._failed(fault.args[0])
            found = []
        for message in found:
            error = message.error()
            if error is not None:
                self._failed(error)
        if self._fault is not None:
            raise self._fault
        return [message for message in found if message.error() is None]

    def caught_up(self) -> bool:
        """Whether all that the topic holds, as far as the broker has told lately, was taken (or is held back)."""
        if not self.assigned:
            return False
        if self._held:
            return True
        for place in self._consumer.position([TopicPartition(ALERTS.name, p) for p in self.assigned]):
            at = place.offset if place.offset >= 0 else self._starts.get(place.partition, 0)
            _, high = self._consumer.get_watermark_offsets(place, cached=True)
            if high < 0 or at < high:
                return False
        return True

    def hold(self, held: bool) -> None:
        """Take nothing new for now (or again), and stay in the group."""
        if held != self._held:
            places = [TopicPartition(ALERTS.name, p) for p in self.assigned]
            (self._consumer.pause if held else self._consumer.resume)(places)
            self._held = held

    def commit(self, positions: Mapping[int, int], wait: bool = False) -> None:
        """Tell Kafka how far the sink has everything."""
        places = [TopicPartition(ALERTS.name, p, o) for p, o in positions.items() if p in self.assigned]
        if not places:
            return
        try:
            if wait:
                self._consumer.commit(offsets=places, asynchronous=False)
            else:
                self._consumer.commit(offsets=places)
        except KafkaException as fault:
            # Told again with the next one; until then the log would only give again what the store knows.
            self._failed(fault.args[0])
            log.debug("%s: offsets were not committed: %s", self._sink, fault)

    def close(self) -> None:
        """Leave; as a static member, without a rebalance."""
        self._consumer.close()
