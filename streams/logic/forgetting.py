"""Keys that are remembered for a time: each day's are a chain, let go whole when the day is old enough. Pure.

The clock is the records' own: the newest day seen so far. So a replay forgets the same at the same place.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from streams.logic.memory import Memory


class Days(msgspec.Struct):
    """The first day that still has keys, and the newest one."""

    oldest: date
    newest: date


class Link(msgspec.Struct):
    """A key in its day's chain, and the one before it."""

    key: str
    before: str | None


def remember(memory: Memory, key: str, on: date, keep: timedelta) -> int:
    """Note a new `key` under its day (or the newest, when that is later); forget what is older than `keep`.

    Returns how many keys were forgotten.
    """
    days = memory.get("days", Days) or Days(on, on)
    newest = max(days.newest, on)
    head = memory.get(f"day/{newest}", Link)
    memory.put(f"link/{key}", Link(key, head.key if head else None))
    memory.put(f"day/{newest}", Link(key, None))
    forgotten, oldest = 0, days.oldest
    while oldest < newest - keep:
        forgotten += _forget(memory, oldest)
        oldest += timedelta(days=1)
    if (oldest, newest) != (days.oldest, days.newest) or days.oldest == days.newest:
        memory.put("days", Days(oldest, newest))
    return forgotten


def _forget(memory: Memory, day: date) -> int:
    head = memory.get(f"day/{day}", Link)
    if head is None:
        return 0
    memory.drop(f"day/{day}")
    count, key = 0, head.key
    while True:
        link = memory.get(f"link/{key}", Link)
        memory.drop(key)
        memory.drop(f"link/{key}")
        count += 1
        if link is None or link.before is None:
            return count
        key = link.before
