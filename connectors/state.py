"""What a connector remembers between polls: SQLite, written only after Kafka has what was fetched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS sources (
  id TEXT PRIMARY KEY, etag TEXT, modified TEXT, next REAL NOT NULL DEFAULT 0, polled REAL, changed REAL,
  failures INTEGER NOT NULL DEFAULT 0, items INTEGER NOT NULL DEFAULT 0, outcome TEXT, reason TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS entries (source TEXT, item TEXT, event TEXT, seen REAL, PRIMARY KEY (source, item));
"""


_COLUMNS = "id, etag, modified, next, polled, changed, failures, items, outcome, reason"


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


class State:
    """The store of one data folder."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Seeds are published from a thread before any poll begins: never two threads at a time.
        self._db = sqlite3.connect(path, timeout=10, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)

    def get(self, source: str) -> SourceState:
        """A source's state; a fresh one before its first poll."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM sources WHERE id=?",  # noqa: S608 - a constant of ours
            (source,),
        ).fetchone()
        return SourceState(*row) if row else SourceState(source)

    def events(self, source: str) -> dict[str, str]:
        """Item id -> the event it was last sent with."""
        return dict(self._db.execute("SELECT item, event FROM entries WHERE source=?", (source,)))

    def remember(self, state: SourceState, sent: Iterable[tuple[str, str]], now: float) -> None:
        """Keep a source's state and what was sent, in one transaction."""
        with self._db:
            self._db.execute(
                f"INSERT OR REPLACE INTO sources ({_COLUMNS})"  # noqa: S608 - a constant of ours
                " VALUES (?,?,?,?,?,?,?,?,?,?)",
                (state.id, state.etag, state.modified, state.next, state.polled, state.changed, state.failures,
                 state.items, state.outcome, state.reason),
            )  # fmt: skip
            self._db.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?,?,?,?)",
                [(state.id, item, event, now) for item, event in sent],
            )

    def close(self) -> None:
        """Close the store."""
        self._db.close()
