"""Canaries: small records that go the whole way, so that silence is told apart from a way that is blocked.

One for each partition of `news.items` at an interval; each room hands it on to the same partition of its own outbox,
and its age where the way ends is a metric. A canary is no news: it has a kind of its own that no reader shows. It
carries what was seen of the world when it was sent, so that a digest which a partition makes can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from connectors.base import Outlet
from streams.contracts.faults import BrokerFault
from streams.contracts.records import Canary, Coverage
from streams.contracts.topics import CANARY, ITEMS, KIND, Outgoing
from streams.contracts.wire import encode

log = logging.getLogger("treatywatch.connect")


def flight(partitions: int, now: datetime, coverage: Coverage | None = None) -> list[Outgoing]:
    """One canary for each partition."""
    return [
        Outgoing(
            ITEMS.name, CANARY, encode(Canary(sent=now, partition=p, coverage=coverage)), ((KIND, CANARY.encode()),), p
        )
        for p in range(partitions)
    ]  # fmt: skip


async def fly(
    outlet: Outlet, every: float, stop: asyncio.Event, look: Callable[[], Coverage | None] = lambda: None
) -> None:
    """Send a flight at once and then at the interval, until told to stop; one that Kafka does not take is said.

    `look` tells what is seen now; it may block.
    """
    while not stop.is_set():
        try:
            partitions = await asyncio.to_thread(outlet.partitions, ITEMS.name)
            seen = await asyncio.to_thread(look)
            await asyncio.to_thread(outlet.publish, flight(partitions, datetime.now(UTC), seen), "connect")
        except BrokerFault as fault:
            log.warning("no canaries this time: %s", fault)
        except Exception:  # without canaries a way that is well would look blocked, until the next start
            log.exception("no canaries this time: a bug of ours")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)
