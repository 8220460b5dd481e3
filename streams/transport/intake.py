"""Faust's consumer as a stream of news needs it: no task where none waits, no long poll in the way.

Two things of its aiokafka driver are changed. Faust is pinned; `tests/transport/test_intake.py` guards both.

- It hands each record on by racing the hand-over against a rebalance (`Service.wait_first`): four tasks, and a wait
  for something that, while there is room in the buffer, is done at its first step. Here the hand-over is tried
  first, and only one that has to wait goes the long way.
- One request at a time asks the broker for all partitions whose buffer is empty, and waits 1.5 s for them: a
  partition that runs dry meanwhile is not asked for until then. Here it waits for `FETCH_MS`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from inspect import iscoroutine
from types import coroutine
from typing import Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer

FETCH_MS = 50
"""Milliseconds that the broker holds a request for which it has nothing."""


@coroutine
def _rest(begun: Coroutine[Any, Any, Any], waits_for: Any) -> Generator[Any, Any, Any]:
    """What is left of a coroutine that was begun by hand and waits for `waits_for`."""
    while True:
        step: Callable[..., Any]
        try:
            given = yield waits_for
            step = begun.send
        except BaseException as thrown:  # noqa: BLE001 - a cancellation too is the coroutine's to see
            given, step = thrown, begun.throw
        try:
            waits_for = step(given)
        except StopIteration as done:
            return done.value


async def _resumed(begun: Coroutine[Any, Any, Any], waits_for: Any) -> Any:
    return await _rest(begun, waits_for)


class _Thread(AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MS
        return consumer


class Intake(Consumer):
    """Faust's aiokafka consumer with a short way for what need not wait."""

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def wait_first(self, *coros: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109 - as the one it stands for
        """As `Service.wait_first`; for a hand-over raced against a rebalance, without tasks when it does not wait."""
        if timeout is not None or len(coros) != 2 or not all(map(iscoroutine, coros)) or self.suspend_flow.is_set():
            return await super().wait_first(*coros, timeout=timeout)
        hand_over, rebalance = coros
        try:
            waits_for = hand_over.send(None)
        except StopIteration:
            rebalance.close()
            return None
        except BaseException:
            rebalance.close()
            raise
        return await super().wait_first(_resumed(hand_over, waits_for), rebalance)
