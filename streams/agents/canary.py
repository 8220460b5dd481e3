"""A canary is handed on, room by room, to the same partition; where its way ends its age is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from streams.agents.room import Taken
from streams.contracts.records import Canary
from streams.contracts.topics import CANARY, KIND, Outgoing, Topic
from streams.contracts.wire import decode, encode
from streams.ops import meters


def handed_on(
    taken: Taken, to: Topic, unsupported: Callable[[datetime], dict[str, int]] | None = None
) -> tuple[Sequence[Outgoing], dict[str, int]]:
    """The same canary, for the next room; with what `unsupported` counts at the time that it was sent."""
    canary, value = decode(Canary, taken.value), taken.value or b""
    if unsupported is not None:
        value = encode(msgspec.structs.replace(canary, unsupported=unsupported(canary.sent)))
    return (Outgoing(to.name, CANARY, value, ((KIND, CANARY.encode()),), taken.partition),), {"canary": 1}


def arrived(canary: Canary) -> None:
    """A canary has come the whole way."""
    sent = canary.sent.timestamp()
    meters.CANARY_SECONDS.observe(max(0.0, time.time() - sent))
    meters.CANARY_AGE.labels(str(canary.partition)).set_function(lambda: max(0.0, time.time() - sent))
