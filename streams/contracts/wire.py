"""JSON in and out of the records, and the faults that reading can end in."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from streams.contracts.faults import RecordFault

T = TypeVar("T")


_ENCODER = msgspec.json.Encoder()


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def encode(record: msgspec.Struct) -> bytes:
    """The record as JSON, fields in the order of their declaration."""
    return _ENCODER.encode(record)


def decode(kind: type[T], raw: bytes | None) -> T:
    """Read a record of `kind`; `RecordFault` says what is wrong and where."""
    if raw is None:
        raise RecordFault("empty record (a tombstone) where a value is due")
    try:
        record: T = _decoder(cast(Any, kind)).decode(raw)
    except UnicodeDecodeError as fault:
        raise RecordFault(f"not UTF-8 at byte {fault.start}") from fault
    except msgspec.ValidationError as fault:
        raise RecordFault(f"not a {kind.__name__}: {fault}") from fault
    except (msgspec.DecodeError, RecursionError) as fault:
        raise RecordFault(f"not JSON: {fault}") from fault
    return record
