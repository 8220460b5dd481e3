"""How well we see the world: one source, and all of them at a moment."""

from __future__ import annotations

from datetime import datetime

from streams.contracts.records.codes import Outcome, Record


class Blind(Record, frozen=True, kw_only=True):
    """A source that we do not see, or hear nothing from."""

    id: str
    name: str
    reason: str
    since: datetime | None
    """When it last brought something; `None`: never, as far as we know."""


class Coverage(Record, frozen=True, kw_only=True):
    """What we saw of the world at a moment: tells "nothing happened" from "we were blind"."""

    at: datetime
    sources: int
    """Enabled sources."""
    seen: int
    """Those that answered when they were last asked, and were asked when they should have been."""
    down: list[Blind]
    """Those that failed or refused; at most 300 are named."""
    stale: list[Blind]
    """Those that nobody asks, or that are silent for a week; at most 300 are named."""
    unsupported: dict[str, int]
    """Articles of the last seven days in languages that are not read, by language; `und`: too short to tell."""
    lag: dict[str, int] | None
    """Records that wait before each room, by topic; `None` when Kafka did not say."""
    canary: datetime | None
    """When the last canary of the partition that has waited longest was sent; `None` when none was seen of late."""


class SourceHealth(Record, frozen=True, kw_only=True):
    """How a source is doing: what `sources list` and the page show."""

    id: str
    name: str
    url: str
    format: str
    enabled: bool
    outcome: Outcome | None
    """Of the last poll; `None` before the first."""
    reason: str
    """In plain words, when the outcome is not good; else empty."""
    polled: datetime | None
    changed: datetime | None
    """When a poll last brought something new."""
    next: datetime | None
    items: int
    """Items sent so far."""
    failures: int
    """Failed polls in a row."""
