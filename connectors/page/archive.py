"""The archive that the page, the feeds and the API read: SQLite with full text, built from the topics.

It holds nothing of its own: delete the file and the next start builds it again from the topics. One thread writes
(whole batches of records, each with the place it leads up to, in one transaction), any number read.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.page.stems import indexed
from streams.contracts.faults import RecordFault
from streams.contracts.records import Alert, Bundle, Dossier, Feedback, NearMiss, SourceHealth, Suppressed
from streams.contracts.topics import ALERTS, BUNDLES, DEAD, DOSSIERS, FEEDBACK, KIND, NEAR, SOURCES, SUPPRESSED
from streams.contracts.wire import decode

TOPICS = (ALERTS, DOSSIERS, SOURCES, SUPPRESSED, NEAR, FEEDBACK, DEAD, BUNDLES)
"""What the archive is built from. Every alert is in `alerts.all`; `alerts.<name>` only repeat some."""

SCHEMA = """
CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE places(topic TEXT, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY(topic, partition)) WITHOUT ROWID;
CREATE TABLE alerts(
  id TEXT PRIMARY KEY, thread TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  at INTEGER NOT NULL, article TEXT, data BLOB NOT NULL);
CREATE INDEX alerts_article ON alerts(article, at, offset);
CREATE INDEX alerts_place ON alerts(partition, offset);
CREATE INDEX alerts_at ON alerts(at);
CREATE INDEX alerts_thread ON alerts(thread);
CREATE TABLE threads(
  row INTEGER PRIMARY KEY, thread TEXT NOT NULL UNIQUE, latest TEXT NOT NULL,
  rank INTEGER NOT NULL, offset INTEGER NOT NULL, first INTEGER NOT NULL,
  story TEXT NOT NULL, proposal TEXT, dossier TEXT, type TEXT NOT NULL, severity TEXT NOT NULL,
  historical INTEGER NOT NULL, status TEXT, voice TEXT, rule TEXT NOT NULL, lang TEXT, source TEXT,
  day TEXT NOT NULL, seen INTEGER, published INTEGER);
CREATE INDEX threads_rank ON threads(rank, offset);
CREATE INDEX threads_story ON threads(story, rank, offset);
CREATE INDEX threads_dossier ON threads(dossier, rank, offset);
CREATE INDEX threads_proposal ON threads(proposal, rank, offset);
CREATE INDEX threads_rule ON threads(rule, rank, offset);
CREATE INDEX threads_counts ON threads(dossier, day, source, lang);
CREATE TABLE parties(code TEXT, row INTEGER, PRIMARY KEY(code, row)) WITHOUT ROWID;
CREATE TABLE choices(field TEXT, value TEXT, PRIMARY KEY(field, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(forms, stems, tokenize="unicode61 remove_diacritics 0");
CREATE TABLE dossiers(id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE sources(id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE held(
  partition INTEGER, offset INTEGER, at INTEGER NOT NULL, proposal TEXT, rule TEXT NOT NULL, reason TEXT NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY(partition, offset)) WITHOUT ROWID;
CREATE INDEX held_at ON held(at, partition, offset);
CREATE TABLE near(
  id TEXT PRIMARY KEY, partition INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, proposal TEXT NOT NULL,
  data BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX near_at ON near(at, partition, offset);
CREATE TABLE said(alert TEXT, reader TEXT, verdict TEXT NOT NULL, rule TEXT NOT NULL, thread TEXT NOT NULL,
  PRIMARY KEY(alert, reader)) WITHOUT ROWID;
CREATE INDEX said_thread ON said(thread);
CREATE TABLE dead(room TEXT, reason TEXT, records INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(room, reason))
  WITHOUT ROWID;
CREATE TABLE bundles(kind TEXT PRIMARY KEY, offset INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
"""

_VERSION = hashlib.sha256(("5" + SCHEMA).encode()).hexdigest()[:16]
MOST_NEAR = 5_000
"""Near misses that are kept; the oldest go."""
MOST_REASONS = 120
"""Characters of a dead letter's reason that tell it from others: the rest is the record's own."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record as the reader gives it."""

    topic: str
    partition: int
    offset: int
    at: int
    """The broker's time in ms: the one order that partitions share."""
    key: str
    value: bytes | None
    headers: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that is new in the archive, and its place in the log, which an event's id is made of."""

    partition: int
    offset: int
    alert: Alert


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A connection to an archive; readers never wait for the writer."""
    found = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    if write:
        found.execute("PRAGMA journal_mode=WAL")
        # A crash of the machine may lose the last batches, never break the file: they are read again.
        found.execute("PRAGMA synchronous=NORMAL")
        found.execute("PRAGMA cache_size=-16000")
    else:
        found.execute("PRAGMA query_only=1")
        found.execute("PRAGMA cache_size=-8000")
    return found


class Archive:
    """The writing end; used by one thread."""

    def __init__(self, path: Path, log: str) -> None:
        """Open the archive of the log called `log` (the topics' identities), or begin it anew.

        A file of another version, of another log, or one that cannot be read, is thrown away.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        wanted = {"version": _VERSION, "log": log}
        with contextlib.suppress(sqlite3.DatabaseError):
            self._db = connect(path, write=True)
            if dict(self._db.execute("SELECT name, value FROM about")) == wanted:
                return
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._db.close()
        for name in (path.name, path.name + "-wal", path.name + "-shm"):
            (path.parent / name).unlink(missing_ok=True)
        self._db = connect(path, write=True)
        self._db.executescript("BEGIN;" + SCHEMA)
        self._db.executemany("INSERT INTO about VALUES(?, ?)", wanted.items())
        self._db.execute("COMMIT")

    def places(self) -> dict[tuple[str, int], int]:
        """The next offset to read, by topic and partition."""
        return {(t, p): n for t, p, n in self._db.execute("SELECT topic, partition, next FROM places")}

    def take(self, records: Iterable[Arrived]) -> list[Told]:
        """Take a batch in, whole or not at all; the alerts in it that were not there yet.

        A record that cannot be read is passed over: rooms set such ones aside, and nobody else writes here.
        """
        told: list[Told] = []
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for one in records:
                with contextlib.suppress(RecordFault):
                    told += self._take(one)
                self._db.execute(
                    "INSERT INTO places VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next",
                    (one.topic, one.partition, one.offset + 1),
                )
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return told

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _take(self, one: Arrived) -> list[Told]:
        if one.topic == ALERTS.name:
            return self._alert(one, decode(Alert, one.value))
        if one.topic in (DOSSIERS.name, SOURCES.name):
            self._latest(one)
        elif one.topic == SUPPRESSED.name:
            self._held(one)
        elif one.topic == NEAR.name:
            self._near(one, decode(NearMiss, one.value))
        elif one.topic == FEEDBACK.name:
            said = decode(Feedback, one.value)
            self._db.execute(
                "INSERT OR REPLACE INTO said VALUES(?, ?, ?, ?, ?)",
                (said.alert, said.by, said.verdict, said.rule, said.thread),
            )
        elif one.topic == DEAD.name:
            self._dead(one)
        elif one.topic == BUNDLES.name and not one.headers and one.value is not None:
            bundle = decode(Bundle, one.value)
            self._db.execute("INSERT OR REPLACE INTO bundles VALUES(?, ?, ?)", (bundle.kind, one.offset, one.value))
        return []

    def _alert(self, one: Arrived, alert: Alert) -> list[Told]:
        article = alert.article
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO alerts VALUES(?, ?, ?, ?, ?, ?, ?)",
            (alert.id, alert.thread, one.partition, one.offset, one.at, article.id if article else None, one.value),
        )
        if not cursor.rowcount:
            return []  # at least once: the same id is the same alert
        seen = article.seen if article else None
        published = article.published if article else None
        moment = published or seen or datetime.fromtimestamp(one.at / 1000, UTC)
        dossier = f"{alert.proposal}/{alert.instance}" if alert.instance else alert.proposal
        row = self._db.execute(
            "INSERT INTO threads(thread, latest, rank, offset, first, story, proposal, dossier, type, severity,"
            " historical, status, voice, rule, lang, source, day, seen, published)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(thread) DO UPDATE SET"
            " latest=excluded.latest, rank=excluded.rank, offset=excluded.offset, story=excluded.story,"
            " proposal=excluded.proposal, dossier=excluded.dossier, type=excluded.type, severity=excluded.severity,"
            " historical=excluded.historical, status=excluded.status, voice=excluded.voice, rule=excluded.rule,"
            " lang=excluded.lang, source=excluded.source, day=excluded.day RETURNING row",
            (
                alert.thread, alert.id, one.at << 8 | one.partition, one.offset, one.at,
                alert.story or alert.thread, alert.proposal, dossier, alert.type, alert.severity,
                int(alert.historical), alert.status, alert.voice, alert.rule.id, article.lang if article else None,
                article.source if article else None, f"{moment:%Y-%m-%d}",
                int(seen.timestamp() * 1000) if seen else None,
                int(published.timestamp() * 1000) if published else None,
            ),
        ).fetchone()[0]  # fmt: skip
        parties = {*alert.actor, *alert.proposer, *alert.addressee}
        self._db.execute("DELETE FROM parties WHERE row = ?", (row,))
        self._db.executemany("INSERT INTO parties VALUES(?, ?)", [(code, row) for code in parties])
        self._db.execute("DELETE FROM words WHERE rowid = ?", (row,))
        self._db.execute("INSERT INTO words(rowid, forms, stems) VALUES(?, ?, ?)", (row, *_words(alert)))
        choices = [("actor", code) for code in parties]
        choices += [
            (field, value)
            for field, value in (
                ("rule", alert.rule.id), ("lang", article.lang if article else None),
                ("proposal", alert.proposal or "coverage"), ("source", article.source if article else None),
            )
            if value
        ]  # fmt: skip
        self._db.executemany("INSERT OR IGNORE INTO choices VALUES(?, ?)", choices)
        return [Told(one.partition, one.offset, alert)]

    def _latest(self, one: Arrived) -> None:
        table, kind = ("dossiers", Dossier) if one.topic == DOSSIERS.name else ("sources", SourceHealth)
        if one.value is None:
            self._db.execute(f"DELETE FROM {table} WHERE id = ?", (one.key,))  # noqa: S608 - one of two names
            return
        decode(kind, one.value)
        self._db.execute(f"INSERT OR REPLACE INTO {table} VALUES(?, ?)", (one.key, one.value))

    def _held(self, one: Arrived) -> None:
        if one.headers.get(KIND):
            return
        held = decode(Suppressed, one.value)
        self._db.execute(
            "INSERT OR REPLACE INTO held VALUES(?, ?, ?, ?, ?, ?, ?)",
            (one.partition, one.offset, one.at, held.proposal, held.rule.id, held.reason, one.value),
        )

    def _near(self, one: Arrived, miss: NearMiss) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO near VALUES(?, ?, ?, ?, ?, ?)",
            (miss.id, one.partition, one.offset, one.at, miss.proposal, one.value),
        )
        self._db.execute(
            "DELETE FROM near WHERE at < (SELECT at FROM near ORDER BY at DESC LIMIT 1 OFFSET ?)", (MOST_NEAR,)
        )

    def _dead(self, one: Arrived) -> None:
        room = one.headers.get("room", b"").decode("utf-8", "replace")
        reason = one.headers.get("reason", b"").decode("utf-8", "replace")[:MOST_REASONS]
        self._db.execute(
            "INSERT INTO dead VALUES(?, ?, 1, ?)"
            " ON CONFLICT DO UPDATE SET records = records + 1, last = max(last, excluded.last)",
            (room, reason, one.at),
        )


def _words(alert: Alert) -> tuple[str, str]:
    """All that a search may find an alert by: our headline in English, the rest in the article's language."""
    lang = alert.article.lang if alert.article else None
    own = [alert.article.title] if alert.article else []
    own += [f"{e.prefix}{e.quote}{e.suffix}" for e in alert.evidence]
    ours = indexed(" ".join([alert.headline, alert.proposal_name or "", alert.proposal or "coverage"]), "en")
    theirs = indexed("\n".join(own), lang)
    return ours[0] + " " + theirs[0], ours[1] + " " + theirs[1]
