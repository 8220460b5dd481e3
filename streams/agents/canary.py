"""A canary is handed on, room by room, to the same partition; where its way ends its age is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence

from streams.agents.room import Taken
from streams.contracts.records import Canary
from streams.contracts.topics import CANARY, KIND, Outgoing, Topic
from streams.contracts.wire import decode
from streams.ops import meters


def handed_on(taken: Taken, to: Topic) -> tuple[Sequence[Outgoing], dict[str, int]]:
    """The same canary, for the next room."""
    decode(Canary, taken.value)
    return (Outgoing(to.name, CANARY, taken.value or b"", ((KIND, CANARY.encode()),), taken.partition),), {"canary": 1}


def arrived(taken: Taken) -> None:
    """A canary has come the whole way."""
    canary = decode(Canary, taken.value)
    sent = canary.sent.timestamp()
    meters.CANARY_SECONDS.observe(max(0.0, time.time() - sent))
    meters.CANARY_AGE.labels(str(canary.partition)).set_function(lambda: max(0.0, time.time() - sent))
