"""State as decisions see it: records by key. Each partition has its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from streams.contracts.topics import Outgoing

T = TypeVar("T")


class Memory(Protocol):
    """What a room remembers in one partition."""

    def get(self, key: str, kind: type[T]) -> T | None:
        """What is remembered under `key`, or `None`."""

    def put(self, key: str, value: msgspec.Struct) -> None:
        """Remember `value` under `key`."""

    def drop(self, key: str) -> None:
        """Forget `key`."""


class DictMemory:
    """A Memory in a dict: for tests, for `replay`, for the fold."""

    def __init__(self) -> None:
        self.raw: dict[str, bytes] = {}

    def get(self, key: str, kind: type[T]) -> T | None:
        """What is remembered under `key`, or `None`."""
        raw = self.raw.get(key)
        return None if raw is None else msgspec.json.decode(raw, type=kind)

    def put(self, key: str, value: msgspec.Struct) -> None:
        """Remember `value` under `key`."""
        self.raw[key] = msgspec.json.encode(value)

    def drop(self, key: str) -> None:
        """Forget `key`."""
        self.raw.pop(key, None)


@dataclass(slots=True)
class Decision:
    """What goes out, and what to count of it."""

    outgoing: list[Outgoing] = field(default_factory=list)
    beside: list[Outgoing] = field(default_factory=list)
    """What is told of it, for people; no room decides by it."""
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, n: int = 1) -> Decision:
        """Add to a count; returns itself, for a decision that is nothing but a count."""
        if not n:
            return self
        self.counts[what] = self.counts.get(what, 0) + n
        return self
