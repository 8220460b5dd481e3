"""What a connector remembers between polls: SQLite, written only after Kafka has what was fetched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import msgspec

from streams.contracts.ids import event_id
from streams.contracts.records import Item

_TABLES = """
CREATE TABLE IF NOT EXISTS sources (
  id TEXT PRIMARY KEY, etag TEXT, modified TEXT, next REAL NOT NULL DEFAULT 0, polled REAL, changed REAL,
  failures INTEGER NOT NULL DEFAULT 0, items INTEGER NOT NULL DEFAULT 0, outcome TEXT, reason TEXT NOT NULL DEFAULT '',
  declared TEXT NOT NULL DEFAULT '', address TEXT, begun INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS entries (source TEXT, item TEXT, event TEXT, seen REAL, PRIMARY KEY (source, item));
"""
_LATER = {
    "declared": "TEXT NOT NULL DEFAULT ''",
    "address": "TEXT",
    "begun": "INTEGER NOT NULL DEFAULT 0",
}
"""Columns that a store of an earlier version lacks."""

KEPT = 180 * 86400.0
"""An entry that left its feed this long ago is forgotten."""


@dataclass(slots=True)
class SourceState:
    """One source's row; times in seconds since 1970."""

    id: str
    etag: str | None = None
    modified: str | None = None
    next: float = 0.0
    polled: float | None = None
    changed: float | None = None
    failures: int = 0
    items: int = 0
    outcome: str | None = None
    reason: str = ""
    declared: str = ""
    """The address that all this was learnt from."""
    address: str | None = None
    """Where it moved for good, once a feed came from there."""
    begun: bool = False
    """Whether a poll has ever brought the feed: undated entries of the first one are old news."""


_COLUMNS = tuple(f.name for f in fields(SourceState))


def asked(state: SourceState, declared: str) -> str:
    """The address to ask. Another one in the source list starts over, what was sent excepted."""
    if state.declared not in {"", declared}:
        state.etag = state.modified = state.address = None
        state.next, state.failures = 0.0, 0
    state.declared = declared
    return state.address or declared


class State:
    """The store of one data folder."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Seeds are published from a thread before any poll begins: never two threads at a time.
        self._db = sqlite3.connect(path, timeout=10, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)
        there = {row[1] for row in self._db.execute("PRAGMA table_info(sources)")}
        if missing := [name for name in _LATER if name not in there]:
            with self._db:
                for name in missing:
                    self._db.execute(f"ALTER TABLE sources ADD COLUMN {name} {_LATER[name]}")
                self._db.execute("UPDATE sources SET begun = 1 WHERE items > 0 OR outcome IN ('ok', 'unchanged')")

    def get(self, source: str) -> SourceState:
        """A source's state; a fresh one before its first poll."""
        row = self._db.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM sources WHERE id=?",  # noqa: S608 - names of ours
            (source,),
        ).fetchone()
        if row is None:
            return SourceState(source)
        found = SourceState(*row)
        found.begun = bool(found.begun)
        return found

    def events(self, source: str) -> dict[str, str]:
        """Item id -> the event it was last sent with."""
        return dict(self._db.execute("SELECT item, event FROM entries WHERE source=?", (source,)))

    def fresh(self, source: str, items: Iterable[Item], first: bool) -> list[Item]:
        """Those of `items` that were not sent yet, or not with this content. Of one id the first counts."""
        known, taken = self.events(source), set()
        found = []
        for item in items:
            if item.id in taken:
                continue
            taken.add(item.id)
            before = known.get(item.id)
            if before is None:
                found.append(msgspec.structs.replace(item, first_poll=first))
                continue
            as_update = event_id(item.id, "update", item.title, item.text)
            if before not in {item.event, as_update}:
                found.append(msgspec.structs.replace(item, kind="update", event=as_update, first_poll=False))
        return found

    def remember(
        self, state: SourceState, sent: Iterable[tuple[str, str]], now: float, present: Sequence[str] = ()
    ) -> None:
        """Keep a source's state and what was sent, in one transaction; `present` are the items its feed has now."""
        with self._db:
            self._db.execute(
                f"INSERT OR REPLACE INTO sources ({', '.join(_COLUMNS)})"  # noqa: S608 - names of ours
                f" VALUES ({','.join('?' * len(_COLUMNS))})",
                astuple(state),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?,?,?,?)",
                [(state.id, item, event, now) for item, event in sent],
            )
            if present:
                self._db.executemany(
                    "UPDATE entries SET seen=? WHERE source=? AND item=? AND seen<?",
                    [(now, state.id, item, now - 86400.0) for item in present],
                )
                self._db.execute("DELETE FROM entries WHERE source=? AND seen<?", (state.id, now - KEPT))

    def close(self) -> None:
        """Close the store."""
        self._db.close()
