"""Whether records wait that this worker holds and does not take: asked of the broker, not of the consumer.

What a consumer believes may be the very thing that is wrong, so this asks over a connection of its own, and ends by
reading the record that waits. A worker that stands still is ended by who started this; its next start mends it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Hashable, Mapping

from confluent_kafka import KafkaException, TopicPartition

from streams.settings import Settings
from streams.transport.witness import Place, Witness

log = logging.getLogger("treatywatch.worker")

LOOK = 5.0
"""Seconds between looks."""


class Stillness:
    """How long nothing has changed at one place while something waited there."""

    def __init__(self) -> None:
        self._sign: Hashable = None
        self._since: float | None = None

    def seconds(self, waiting: bool, sign: Hashable, now: float) -> float:
        """Seconds since `sign` changed or nothing waited; `now` in seconds of any clock."""
        if self._since is None or not waiting or sign != self._sign:
            self._sign, self._since = sign, now
        return now - self._since


class Standstill(threading.Thread):
    """Looks until the process ends; on a thread of its own, so that a loop that hangs hides nothing.

    Each place is watched by itself: the clock that the dossiers hear keeps every other place moving while one is deaf.
    """

    def __init__(
        self,
        settings: Settings,
        held: Callable[[], Collection[Place]],
        sign: Callable[[Place], Hashable],
        end: Callable[[float, Mapping[Place, int]], None],
    ) -> None:
        super().__init__(name="standstill", daemon=True)
        self.patience = float(settings.standstill)
        self.seconds = 0.0
        """For how long the place that has stood still longest has done so."""
        self._witness = Witness(settings)
        self._watched: dict[Place, Stillness] = {}
        self._held, self._sign, self._end = held, sign, end

    def suspected(self) -> bool:
        """Whether half of the patience is over."""
        return 0 < self.patience <= 2 * self.seconds

    def run(self) -> None:
        """Look; `end` is called when the patience is over and the record that waits can be read."""
        while self.patience:
            time.sleep(min(LOOK, self.patience / 4))
            try:
                held = self._held()
                if not held:
                    continue
                self._judge(*self._witness.look(held), time.monotonic())
            except KafkaException:
                self._watched, self.seconds = {}, 0.0  # nobody can take anything now
            except Exception:  # whatever it is: without this look a worker that stands still would go on doing so
                log.exception("whether this worker stands still could not be seen")
                self._watched, self.seconds = {}, 0.0

    def _judge(self, committed: Mapping[Place, int], waiting: Collection[TopicPartition], now: float) -> None:
        where = {(w.topic, w.partition): w for w in waiting}
        self._watched = {place: self._watched.get(place, Stillness()) for place in committed}
        still = {
            place: stillness.seconds(place in where, (self._sign(place), committed[place]), now)
            for place, stillness in self._watched.items()
        }
        suspect = {place for place, seconds in still.items() if place in where and 2 * seconds >= self.patience}
        readable = self._witness.readable([where[place] for place in suspect]) if suspect else suspect
        for place in suspect - readable:
            still[place] = 0.0
            del self._watched[place]
        self.seconds = max(still.values(), default=0.0)
        deaf = {place: where[place].offset for place in readable if still[place] >= self.patience}
        if deaf:
            self._end(self.seconds, deaf)
