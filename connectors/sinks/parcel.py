"""What goes to a sink at once, and what every sink is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from streams.contracts.faults import WorldFault
from streams.contracts.records import Alert
from streams.contracts.wire import decode

if TYPE_CHECKING:
    from streams.contracts.records import Coverage


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as it stood in the topic."""

    alert: Alert
    raw: bytes
    """The record's value, byte for byte."""
    at: str
    """`ce_time`: when what caused it was seen, RFC 3339; the same on every repeat."""


def read(value: bytes | None, headers: dict[str, bytes]) -> Told:
    """The alert in a record; `RecordFault` when it is none."""
    raw = bytes(value or b"")
    alert = decode(Alert, raw or None)
    at = headers.get("ce_time") or b""
    return Told(alert, raw, at.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One alert, or the alerts of one digest."""

    id: str
    """The key by which a receiver tells repeats: the alert's own id, or the digest's."""
    alerts: tuple[Told, ...]
    digest: bool = False
    due: datetime | None = None
    """Of a digest: when it was to go out."""
    handles: Mapping[str, str] = field(default_factory=dict)
    """What the sink gave back for the first alert of a thread, by thread: for those that go on in it."""
    coverage: Coverage | None = None
    """How the sources are doing; for digests, as far as it is known."""
    test: bool = False
    """Whether it is a sample, and to be marked as one."""


class SinkFault(WorldFault):
    """The other side did not take a parcel; the text says why in plain words."""

    def __init__(self, text: str, *, final: bool = False, away: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(text)
        self.final = final
        """It will never take this parcel: there is no point in trying again."""
        self.away = away
        """It takes nothing at the moment, whatever the parcel."""
        self.retry_after = retry_after
        """Seconds that it asked for."""


class Sink(Protocol):
    """A place that alerts are given to."""

    where: str
    """The place in words, without anything secret."""

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """Hand it over; handles by thread for what may follow. `SinkFault` when it was not taken."""

    def secrets(self) -> list[str]:
        """All that must not appear in a log, an error or a page."""

    async def close(self) -> None:
        """Let go of what is open."""
