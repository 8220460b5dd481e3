"""Knowledge and rules by hash: what a partition has activated, ready to decide with.

A worker decides with no bundle that the partition has not activated, its packaged one included; so a
replay of the partition's log decides the same. The active bundles are part of the room's state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from streams.agents.room import TableMemory, Taken
from streams.contracts.faults import NotYet, RecordFault
from streams.contracts.records import Activation, Bundle
from streams.contracts.wire import decode

T = TypeVar("T")

ACTIVE = "active"
"""Where a room's state keeps the activation in force."""


class Unactivated(Exception):  # noqa: N818 - the operator's to mend: the text says how
    """A partition holds a record before any activation, or one of a bundle that nobody has."""


class InForce(Activation, frozen=True, kw_only=True):
    """An activation as a room's state keeps it."""

    refused: Activation | None = None
    """A later one that this worker could not read: written by a newer one, which takes it up at its first record."""


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
        self._broken: dict[str, str] = {}

    def by_hash(self, wanted: str) -> T:
        """The compiled bundle with this hash; `RecordFault` when nobody has it, or it cannot be read here."""
        if wanted in self._ready:
            return self._ready[wanted]
        if wanted in self._broken:
            raise RecordFault(self._broken[wanted])
        if wanted not in self._known:
            self._known |= self._load()
        if wanted not in self._known:
            raise RecordFault(f"activates a bundle that config.bundles does not hold: {wanted}")
        try:
            self._ready[wanted] = self._compile(self._known[wanted].files)
        except Exception as fault:  # whatever it is: the bundle was read where it was activated
            self._broken[wanted] = f"activates a bundle that this worker cannot read: {fault}"
            raise RecordFault(self._broken[wanted]) from fault
        return self._ready[wanted]


def activate(memory: TableMemory, taken: Taken, ready: Callable[[Activation], T]) -> tuple[Activation, T]:
    """Read an activation and put it in force; `NotYet` when this worker cannot read what it names."""
    found = decode(Activation, taken.value)
    try:
        made = ready(found)
    except RecordFault as fault:
        active = memory.get(ACTIVE, InForce)
        if active is None:
            raise
        memory.put(ACTIVE, msgspec.structs.replace(active, refused=found))
        raise NotYet(f"{fault}; until a newer worker takes it up, what was in force before goes on") from fault
    memory.put(ACTIVE, found)
    return found, made


def in_force(memory: TableMemory, taken: Taken, ready: Callable[[Activation], T]) -> tuple[Activation, T]:
    """The activation that this partition's records are decided by, and what is ready to decide with by it."""
    found = memory.get(ACTIVE, InForce)
    if found is None:
        raise Unactivated(
            f"{taken.topic}/{taken.partition} has no activation before offset {taken.offset}: "
            "run `treatywatch topics`, which puts one at the head of each partition"
        )
    if found.refused is not None:
        try:
            taken_up = found.refused, ready(found.refused)
        except RecordFault:
            return found, ready(found)
        memory.put(ACTIVE, found.refused)
        return taken_up
    return found, ready(found)
