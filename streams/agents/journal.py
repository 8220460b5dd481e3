"""A batch's state reaches a table's changelog whole or not at all.

The changelog is a topic: a kill -9 between two of its records would leave half of a batch's keys, a state that
no log explains. So a batch goes out as its journal (the whole write set, in parts no larger than a record may
be), then the journal's seal, then the keys themselves. Whoever holds the partition next finds a seal that fits
its parts and writes the same keys again, which changes nothing when they all arrived; or no such seal, and then
no key of that batch can be there either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import msgspec

SEAL = b"\x00journal"
"""Key of the seal; the zero byte keeps it apart from every key of a room."""

Pairs = list[tuple[bytes, bytes | None]]


class _Seal(msgspec.Struct, frozen=True):
    parts: int
    digest: bytes


def _part(n: int) -> bytes:
    return SEAL + b"/%d" % n


def written(changes: Mapping[bytes, bytes | None], limit: int) -> Pairs:
    """The changelog records of a batch, in the order they must go out; no value above `limit` bytes but a key's own."""
    whole = msgspec.msgpack.encode(list(changes.items()))
    parts = [whole[at : at + limit] for at in range(0, len(whole), limit)]
    seal = msgspec.msgpack.encode(_Seal(len(parts), hashlib.sha256(whole).digest()))
    return [*((_part(n), part) for n, part in enumerate(parts)), (SEAL, seal), *changes.items()]


def sealed(read: Callable[[bytes], bytes | None]) -> tuple[bytes, Pairs] | None:
    """The seal that stands in a store and its batch; `None` when there is none, or its parts are not its own.

    Parts that do not fit are those of a later batch that was cut off before its seal; the sealed batch was
    complete before that one began.
    """
    seal = read(SEAL)
    if seal is None:
        return None
    wanted = msgspec.msgpack.decode(seal, type=_Seal)
    parts = [read(_part(n)) for n in range(wanted.parts)]
    whole = b"".join(part or b"" for part in parts)
    if hashlib.sha256(whole).digest() != wanted.digest:
        return None
    return seal, msgspec.msgpack.decode(whole, type=Pairs)
