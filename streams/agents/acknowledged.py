"""That what a room has done is acknowledged, whatever became of Faust's own acknowledgement.

On a busy machine it happens that Faust does not commit what a room has decided, delivered and remembered, and does not
come back to it until the next record of that partition: whoever waits for the worker to be through (`ingest --wait`)
waits in vain, and the lag never falls. A room takes each partition in order, so the last offset that it has done says
all: what stays behind it for some seconds is committed again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

PATIENCE = 5.0
"""Seconds that Faust has for its own commit, which it does several times a second."""


class Acknowledged:
    """How far the rooms of this worker are done, by partition."""

    def __init__(self) -> None:
        self._done: dict[Any, int] = {}
        self._behind: dict[Any, tuple[int, float]] = {}

    def done(self, place: Any, following: int) -> None:
        """All before the offset `following` of this topic and partition is decided, delivered and remembered."""
        self._done[place] = max(following, self._done.get(place, 0))

    def progress(self, place: Any) -> int:
        """The offset before which all is done of a topic and partition; 0 when nothing was."""
        return int(self._done.get(place, 0))

    def lost(self, committed: Mapping[Any, int | None], held: Collection[Any], now: float) -> dict[Any, int]:
        """What has to be committed again: next offsets by partition, of those that this worker holds."""
        for place in [place for place in self._done if place not in held]:
            del self._done[place]  # another worker's now; when it comes back, it begins where that one committed
            self._behind.pop(place, None)
        found = {}
        for place, following in self._done.items():
            at = committed.get(place) or 0
            if at >= following:
                self._behind.pop(place, None)
                continue
            known, since = self._behind.get(place, (at, now))
            if known != at:
                known, since = at, now
            self._behind[place] = known, since
            if now - since >= PATIENCE:
                found[place] = following
        return found
