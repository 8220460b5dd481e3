"""What pushes need remembered: answers by idempotency key, and WebSub leases. SQLite, like the polls' own store."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass
from pathlib import Path

KEPT = 86400.0
"""Seconds that an idempotency key is good for."""
_TABLES = """
CREATE TABLE IF NOT EXISTS pushes (key TEXT PRIMARY KEY, body TEXT NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS leases (
  source TEXT PRIMARY KEY, hub TEXT NOT NULL, topic TEXT NOT NULL, path TEXT NOT NULL UNIQUE, secret TEXT NOT NULL,
  asked REAL NOT NULL, until REAL NOT NULL, denied TEXT NOT NULL, granted REAL NOT NULL DEFAULT 0,
  told REAL NOT NULL DEFAULT 0
);
"""
_LATER = ("granted", "told")
"""Columns that a store of an earlier version has not."""


@dataclass(slots=True)
class Lease:
    """A subscription to a hub; times in seconds since 1970."""

    source: str
    hub: str
    topic: str
    path: str
    """Last part of the callback's address: only we and the hub know it."""
    secret: str
    asked: float
    until: float = 0.0
    """When it ends; 0 before the hub has verified it."""
    denied: str = ""
    """Why the hub does not want us."""
    granted: float = 0.0
    """Seconds that it was last verified for."""
    told: float = 0.0
    """When it last brought something; 0 before that, and again once something was news that it had not brought."""


class Ledger:
    """The store; used from one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_TABLES)
        there = {row[1] for row in self._db.execute("PRAGMA table_info(leases)")}
        for column in _LATER:
            if column not in there:
                self._db.execute(f"ALTER TABLE leases ADD COLUMN {column} REAL NOT NULL DEFAULT 0")

    def answered(self, key: str, now: float) -> tuple[str, str] | None:
        """Hash of the body and the answer that a key was given, unless that is too long ago."""
        found: tuple[str, str] | None = self._db.execute(
            "SELECT body, answer FROM pushes WHERE key=? AND at>?", (key, now - KEPT)
        ).fetchone()
        return found

    def answer(self, key: str, body: str, answer: str, now: float) -> None:
        """Remember the answer to a key; forget the old ones."""
        with self._db:
            self._db.execute("DELETE FROM pushes WHERE at<=?", (now - KEPT,))
            self._db.execute("INSERT OR REPLACE INTO pushes VALUES (?,?,?,?)", (key, body, answer, now))

    def lease(self, *, source: str = "", path: str = "") -> Lease | None:
        """The lease of a source, or of a callback's path."""
        row = self._db.execute("SELECT * FROM leases WHERE source=? OR path=?", (source, path)).fetchone()
        return Lease(*row) if row else None

    def keep(self, lease: Lease) -> None:
        """Remember a lease."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO leases VALUES (?,?,?,?,?,?,?,?,?,?)", astuple(lease))

    def told(self, path: str, at: float) -> None:
        """Remember that the hub of a callback's path has told us something."""
        with self._db:
            self._db.execute("UPDATE leases SET told=? WHERE path=?", (at, path))

    def close(self) -> None:
        """Close the store."""
        self._db.close()
