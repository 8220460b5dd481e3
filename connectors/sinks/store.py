"""What a sink was given and what waits for it: one SQLite file a sink.

Losing it loses no alert: Kafka's offsets are committed only up to the first alert that the sink does not have yet,
so the log gives again whatever waited here. What it guards from is telling a person twice.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors import aside
from connectors.sinks.parcel import Told
from streams.contracts.records import Alert
from streams.contracts.wire import decode

log = logging.getLogger("treatywatch.deliver")

KEPT = 400 * 86400.0
"""Seconds that what was given is remembered: longer than `alerts.all` is kept."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS positions (part INTEGER PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, thread TEXT NOT NULL, part INTEGER NOT NULL,
  place INTEGER NOT NULL, parcel TEXT NOT NULL, at TEXT NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting_thread ON waiting (thread, n);
CREATE INDEX IF NOT EXISTS waiting_parcel ON waiting (parcel, n);
CREATE TABLE IF NOT EXISTS parcels (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest INTEGER NOT NULL, severity TEXT NOT NULL,
  due REAL NOT NULL, next REAL NOT NULL, seal BLOB, attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS parcels_due ON parcels (due, n);
CREATE TABLE IF NOT EXISTS given (
  id TEXT PRIMARY KEY, thread TEXT NOT NULL, at REAL NOT NULL, outcome TEXT NOT NULL, handle TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS given_thread ON given (thread, at);
"""

_READY = """
SELECT id, digest, severity, due, seal, attempts FROM parcels p
WHERE due <= :now AND next <= :now AND NOT EXISTS (
  SELECT 1 FROM waiting w JOIN waiting e ON e.thread = w.thread AND e.n < w.n AND e.parcel <> p.id WHERE w.parcel = p.id
) ORDER BY due, n LIMIT :most
"""
"""What may go out now: nothing overtakes an earlier alert of its thread."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An alert that came from the topic, with where it stood and the parcel that it is to go in."""

    told: Told
    part: int
    place: int
    """Its offset."""
    parcel: str
    digest: bool
    due: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that waits. Times in seconds since 1970."""

    id: str
    digest: bool
    severity: str
    """The alert's; empty for a digest."""
    due: float
    seal: bytes | None
    """Of a digest that was tried: what it says beside its alerts. It stays as it was then."""
    attempts: int


class Store:
    """One sink's; used from one thread."""

    def __init__(self, path: Path) -> None:
        # Ours to lose: Kafka still knows where the sink is, and what was given lately may be given once more.
        self._db = aside.opened(path, _open, log)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def note(self, key: str, value: str | None = None) -> str | None:
        """Remember a word under a key, or tell it."""
        if value is not None:
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
            return value
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def positions(self) -> dict[int, int]:
        """By partition, the first offset that the sink does not have yet: what may be committed."""
        found = dict(self._db.execute("SELECT part, next FROM positions"))
        found |= dict(self._db.execute("SELECT part, MIN(place) FROM waiting WHERE part >= 0 GROUP BY part"))
        return found

    def knows(self, alert: str) -> bool:
        """Whether an alert was given (or given up), or waits."""
        row = self._db.execute(
            "SELECT 1 FROM given WHERE id = ?1 UNION ALL SELECT 1 FROM waiting WHERE id = ?1 LIMIT 1", (alert,)
        ).fetchone()
        return row is not None

    def follows(self, thread: str) -> bool:
        """Whether something of a thread was given, or is about to be."""
        row = self._db.execute(
            "SELECT 1 FROM given WHERE thread = ?1 AND outcome = 'given' "
            "UNION ALL SELECT 1 FROM waiting WHERE thread = ?1 LIMIT 1", (thread,)
        ).fetchone()  # fmt: skip
        return row is not None

    def outcome(self, identity: str) -> str | None:
        """How it ended with an alert or a digest: `given`, `dead`; `None` when it has not."""
        row = self._db.execute("SELECT outcome FROM given WHERE id = ?", (identity,)).fetchone()
        return row[0] if row else None

    def take(self, taken: Iterable[Taken], positions: Mapping[int, int]) -> None:
        """Let alerts wait, and remember how far the topic was read: all or nothing."""
        with self._db:
            for one in taken:
                alert = one.told.alert
                severity = "" if one.digest else alert.severity
                self._db.execute(
                    "INSERT OR IGNORE INTO parcels (id, digest, severity, due, next) VALUES (?, ?, ?, ?, 0)",
                    (one.parcel, one.digest, severity, one.due),
                )
                self._db.execute(
                    "INSERT OR IGNORE INTO waiting (id, thread, part, place, parcel, at, value) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (alert.id, alert.thread, one.part, one.place, one.parcel, one.told.at, one.told.raw),
                )
            self._db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items())

    def closed(self, digest: str) -> bool:
        """Whether a digest takes no more alerts: it was given, or somebody may have it already."""
        row = self._db.execute(
            "SELECT 1 FROM given WHERE id = ?1 "
            "UNION ALL SELECT 1 FROM parcels WHERE id = ?1 AND seal IS NOT NULL LIMIT 1",
            (digest,),
        ).fetchone()
        return row is not None

    def close_digest(self, digest: str, seal: bytes) -> None:
        """From now on a digest is what it is: every repeat will be the same."""
        with self._db:
            self._db.execute("UPDATE parcels SET seal = ? WHERE id = ?", (seal, digest))

    def announce(self, parcel: str, due: float) -> None:
        """Let a digest wait that has no alert (yet)."""
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO parcels (id, digest, severity, due, next) VALUES (?, 1, '', ?, 0)", (parcel, due)
            )

    def ready(self, now: float, most: int) -> list[Waiting]:
        """Parcels that may go out now, the one that is due longest first."""
        rows = self._db.execute(_READY, {"now": now, "most": most})
        return [Waiting(i, bool(d), s, due, seal, n) for i, d, s, due, seal, n in rows]

    def due(self) -> float | None:
        """When the next parcel is due or to be tried again; `None` when nothing waits."""
        row = self._db.execute("SELECT MIN(MAX(due, next)) FROM parcels").fetchone()
        return float(row[0]) if row[0] is not None else None

    def waiting(self) -> int:
        """How many alerts wait, for whatever reason."""
        return int(self._db.execute("SELECT COUNT(*) FROM waiting").fetchone()[0])

    def overdue(self, now: float) -> tuple[int, float]:
        """How many parcels are due and not given, and for how long the oldest has been."""
        count, oldest = self._db.execute("SELECT COUNT(*), MIN(due) FROM parcels WHERE due <= ?", (now,)).fetchone()
        return int(count), max(0.0, now - oldest) if count else 0.0

    def alerts(self, parcel: str) -> tuple[Told, ...]:
        """What is in a parcel, in the order of the topic."""
        rows = self._db.execute("SELECT value, at FROM waiting WHERE parcel = ? ORDER BY n", (parcel,))
        return tuple(Told(decode(Alert, bytes(value)), bytes(value), at) for value, at in rows)

    def places(self, parcel: str) -> dict[str, tuple[int, int]]:
        """Partition and offset of a parcel's alerts, by id."""
        return {
            i: (p, o) for i, p, o in self._db.execute("SELECT id, part, place FROM waiting WHERE parcel = ?", (parcel,))
        }

    def handles(self, threads: Iterable[str]) -> dict[str, str]:
        """What the sink gave back for the first of a thread that it was given."""
        found = {}
        for thread in set(threads):
            row = self._db.execute(
                "SELECT handle FROM given WHERE thread = ? AND outcome = 'given' AND handle <> '' ORDER BY at LIMIT 1",
                (thread,),
            ).fetchone()
            if row:
                found[thread] = row[0]
        return found

    def done(
        self, parcel: Waiting, alerts: Sequence[Told], handles: Mapping[str, str], outcome: str, at: float
    ) -> None:
        """A parcel was given, or given up (`dead`): it waits no more. `save` (or whatever is written next) keeps it."""
        rows = [(t.alert.id, t.alert.thread, at, outcome, handles.get(t.alert.thread, "")) for t in alerts]
        if parcel.digest:
            rows.append((parcel.id, "", at, outcome, ""))
        self._db.executemany("INSERT OR REPLACE INTO given VALUES (?, ?, ?, ?, ?)", rows)
        self._db.executemany("DELETE FROM waiting WHERE id = ?", [(told.alert.id,) for told in alerts])
        self._db.execute("DELETE FROM parcels WHERE id = ?", (parcel.id,))

    def save(self) -> None:
        """Let what is done outlive us."""
        self._db.commit()

    def failed(self, parcel: str, again: float) -> None:
        """A parcel was not taken; it is tried again then."""
        with self._db:
            self._db.execute("UPDATE parcels SET attempts = attempts + 1, next = ? WHERE id = ?", (again, parcel))

    def postpone(self, parcel: str, due: float) -> None:
        """A parcel is due later."""
        with self._db:
            self._db.execute("UPDATE parcels SET due = ? WHERE id = ?", (due, parcel))

    def forget(self, now: float) -> None:
        """Forget what was given so long ago that the topic no longer holds it."""
        with self._db:
            self._db.execute("DELETE FROM given WHERE at < ?", (now - KEPT,))


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=10)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        # What a power failure takes of the last moments is given again, with the same ids; a kill takes nothing.
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(_TABLES)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
