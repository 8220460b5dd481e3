"""That no record of an inbox is passed over.

Each parcel begins where the one before it ended, the first where the group had committed. Where one begins later, the
log is asked: either nothing stands in between (retention, compaction, marks of transactions), or the consumer has lost
a record that the next commit would bury.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from streams.transport.witness import Place

log = logging.getLogger("treatywatch.worker")

StandsBetween = Callable[[Place, int, int], bool]
"""Whether a record can be read at a place from an offset to before another; blocks."""


class PassedOver(Exception):  # noqa: N818 - the fault is the consumer's, and this is what it did
    """Records of an inbox were not taken although they can be read; nothing behind them may be committed."""


class Continuity:
    """Where each inbox's partition goes on."""

    def __init__(self, stands_between: StandsBetween) -> None:
        self._stands_between = stands_between
        self._next: dict[Any, int] = {}

    def begin(self, tp: Any, committed: int | None) -> None:
        """The partition was sought to what is committed, or to its beginning."""
        self._next[tp] = max(committed or 0, 0)

    def taken(self, tp: Any, last: int) -> None:
        """All up to the offset `last` is taken."""
        self._next[tp] = last + 1

    async def check(self, tp: Any, first: int) -> bool:
        """Whether the log had to be asked before a parcel that begins at `first` may follow; it took its time then.

        `PassedOver` when a record stands in between.
        """
        due = self._next.get(tp, first)
        if first <= due:
            return False
        if await asyncio.to_thread(self._stands_between, (tp.topic, tp.partition), due, first):
            log.critical("%s/%s: passed over what stands from %s to before %s", tp.topic, tp.partition, due, first)
            raise PassedOver(f"{tp.topic}/{tp.partition}: records from {due} to before {first} were not taken")
        if due:
            log.info("%s/%s: nothing stands any more from %s to before %s", tp.topic, tp.partition, due, first)
        return True
