"""Knowledge and rules by hash: what a partition has activated, ready to decide with.

A worker decides with no bundle that the partition has not activated, its packaged one included; so a
replay of the partition's log decides the same. The active bundles are part of the room's state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from streams.agents.room import TableMemory, Taken
from streams.contracts.faults import RecordFault
from streams.contracts.records import Activation, Bundle
from streams.contracts.wire import decode

T = TypeVar("T")

ACTIVE = "active"
"""Where a room's state keeps the activation in force."""


class Unactivated(Exception):  # noqa: N818 - the operator's to mend: the text says how
    """A partition holds a record before any activation, or one of a bundle that nobody has."""


class Bundles(Generic[T]):
    """Compiles each bundle once; asks `config.bundles` for one it has not met."""

    def __init__(
        self,
        compiled: Callable[[Mapping[str, str]], T],
        known: Mapping[str, Bundle],
        load: Callable[[], Mapping[str, Bundle]],
    ) -> None:
        self._compile, self._known, self._load = compiled, dict(known), load
        self._ready: dict[str, T] = {}

    def by_hash(self, wanted: str) -> T:
        """The compiled bundle with this hash."""
        if wanted not in self._ready:
            if wanted not in self._known:
                self._known |= self._load()
            if wanted not in self._known:
                raise RecordFault(f"activates a bundle that config.bundles does not hold: {wanted}")
            self._ready[wanted] = self._compile(self._known[wanted].files)
        return self._ready[wanted]


def activation(memory: TableMemory, taken: Taken) -> Activation:
    """Read an activation and put it in force."""
    found = decode(Activation, taken.value)
    memory.put(ACTIVE, found)
    return found


def in_force(memory: TableMemory, taken: Taken) -> Activation:
    """The activation that this partition's records are decided by."""
    found = memory.get(ACTIVE, Activation)
    if found is None:
        raise Unactivated(
            f"{taken.topic}/{taken.partition} has no activation before offset {taken.offset}: "
            "run `treatywatch topics`, which puts one at the head of each partition"
        )
    return found
