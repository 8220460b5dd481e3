"""What a connector remembers between polls: SQLite, written only after Kafka has what was fetched."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from connectors import aside
from connectors.entries import Known, Policy
from connectors.fetch import Validators
from connectors.manners import Wishes
from streams.contracts.ids import event_id
from streams.contracts.records import Item

log = logging.getLogger("treatywatch.connect")
R = TypeVar("R")

MANY = 2000
"""Reading more entries than this is not done on the event loop."""
KEPT = 180 * 86400.0
"""An entry that left its feed this long ago is forgotten."""
VALID = 8 * 86400.0
"""Validators that brought nothing but 304 for this long are dropped: a server may have lost track."""


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
    validates: str = ""
    """The address that gave the validators; they are sent to no other."""
    whole: float = 0.0
    """When a whole document last came."""
    sha: str = ""
    """SHA-256 of that document: the same again is not parsed again."""
    wishes: str = ""
    policy: str = ""
    ended: bool = False
    """Gone for good: not asked again until it is declared anew."""
    stated: str = ""
    """What a parent document last said of this one: a date, a checksum."""
    children: str = ""
    pace: float = 0.0
    """Seconds between polls that what they brought speaks for; 0 before the second."""
    hub: str = ""
    topic: str = ""
    fallen: int = 0
    """Entries that could not be told by the guid they have."""

    def validators(self, now: float) -> Validators | None:
        """What to send along, unless it has been answered by 304 for too long."""
        if now - self.whole > VALID or not (self.etag or self.modified):
            return None
        return Validators(self.validates, self.etag, self.modified)

    def validated(self, given: Validators | None) -> None:
        """Keep the validators of a whole document, also when there are none."""
        self.etag = given.etag if given else None
        self.modified = given.modified if given else None
        self.validates = given.address if given else ""

    def forget_document(self) -> None:
        """The next document is to come whole and to be read."""
        self.etag = self.modified = None
        self.sha = self.validates = ""

    def wished(self) -> Wishes:
        """What the feed last said of when it wants to be read."""
        if not self.wishes:
            return Wishes()
        return msgspec.json.decode(self.wishes, type=Wishes)

    def told_by(self) -> Policy | None:
        """The identity policy that the feed's behaviour showed."""
        return cast(Policy, self.policy) if self.policy else None


_COLUMNS = tuple(f.name for f in fields(SourceState))
_KNOWN = tuple(f.name for f in fields(Known))
_SOURCE_ROW, _ENTRY_ROW = attrgetter(*_COLUMNS), attrgetter(*_KNOWN)
_NOT_NULL = {str: "TEXT NOT NULL DEFAULT ''", int: "INTEGER NOT NULL DEFAULT 0", float: "REAL NOT NULL DEFAULT 0"}


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return f"INTEGER NOT NULL DEFAULT {int(value)}"
    return _NOT_NULL.get(type(value), "TEXT")


_SOURCE_TYPES = {f.name: _typed(getattr(SourceState(""), f.name)) for f in fields(SourceState)} | {
    "id": "TEXT PRIMARY KEY", "polled": "REAL", "changed": "REAL",
}  # fmt: skip
_ENTRY_TYPES = {"source": "TEXT", "seen": "REAL"} | {
    f.name: _typed(getattr(Known("", ""), f.name)) for f in fields(Known)
}


def asked(state: SourceState, declared: str) -> str:
    """The address to ask. Another one in the source list starts over, what was sent excepted."""
    if state.declared not in {"", declared}:
        state.forget_document()
        state.address = None
        state.next, state.failures, state.ended = 0.0, 0, False
    state.declared = declared
    return state.address or declared


class State:
    """The store of one data folder. What runs on an event loop reads little here, and leaves the rest to `apart`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._apart: State | None = None
        self._thread: concurrent.futures.ThreadPoolExecutor | None = None
        # Ours to lose: everything is fetched anew, under the same ids.
        self._db = aside.opened(path, self._open, log)

    def _open(self, path: Path) -> sqlite3.Connection:
        # Seeds are published from a thread before any poll begins: never two threads at a time.
        db = sqlite3.connect(path, timeout=10, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            # What a power failure takes of the last seconds is sent again, with the same ids and events.
            db.execute("PRAGMA synchronous=NORMAL")
            _shape(db, "sources", _SOURCE_TYPES, "")
            _shape(db, "entries", _ENTRY_TYPES, ", PRIMARY KEY (source, item)")
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    async def apart(self, work: Callable[[State], R]) -> R:
        """What `work` makes of this store, in a thread and over a connection of their own.

        Readers never wait for a writer, but writers do for each other: so whoever shares a loop writes here only.
        """
        if self._thread is None:
            self._thread = concurrent.futures.ThreadPoolExecutor(1, "state")

        def there() -> R:
            if self._apart is None:
                self._apart = State(self._path)
            return work(self._apart)

        return await asyncio.get_running_loop().run_in_executor(self._thread, there)

    def get(self, source: str) -> SourceState:
        """A source's state; a fresh one before its first poll."""
        row = self._db.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM sources WHERE id=?",  # noqa: S608 - names of ours
            (source,),
        ).fetchone()
        if row is None:
            return SourceState(source)
        found = SourceState(*row)
        found.begun, found.ended = bool(found.begun), bool(found.ended)
        return found

    def known(self, source: str, items: Sequence[str] | None = None) -> list[Known]:
        """Entries that were sent of a source and are not forgotten: all, or those of `items` and with a page."""
        select = f"SELECT {', '.join(_KNOWN)} FROM entries WHERE source=?"  # noqa: S608 - names of ours
        if items is None:
            return [Known(*row) for row in self._db.execute(select, (source,))]
        if not items:
            return [Known(*row) for row in self._db.execute(select + " AND page<>'' AND present=1", (source,))]
        found = []
        for begin in range(0, len(items), 500):
            some = items[begin : begin + 500]
            rows = self._db.execute(f"{select} AND item IN ({','.join('?' * len(some))})", (source, *some))
            found += [Known(*row) for row in rows]
        return found

    def below(self, prefix: str) -> list[str]:
        """Ids of the documents that a source's own document listed."""
        rows = self._db.execute("SELECT id FROM sources WHERE id>? AND id<?", (prefix, prefix + "\uffff"))
        return [row[0] for row in rows]

    def fresh(self, source: str, items: Iterable[Item], first: bool) -> list[Item]:
        """Those of `items` that were not sent yet, or not with this content. Of one id the first counts."""
        known, taken = {k.item: k.event for k in self.known(source)}, set()
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
        self,
        states: Sequence[SourceState],
        source: str,
        sent: Iterable[Known],
        now: float,
        present: Sequence[str] | None = None,
        whole: bool = True,
        forget: float | None = None,
    ) -> None:
        """Keep what a poll learnt, in one transaction.

        `present` are the items that its document has now; all it has, if `whole`. Entries that no document
        has had since `forget` are forgotten.
        """
        names = ", ".join(_COLUMNS)
        with self._db:
            self._db.executemany(
                f"INSERT OR REPLACE INTO sources ({names}) VALUES ({','.join('?' * len(_COLUMNS))})",  # noqa: S608
                [_SOURCE_ROW(state) for state in states],
            )
            self._db.executemany(
                f"INSERT OR REPLACE INTO entries (source, seen, {', '.join(_KNOWN)})"  # noqa: S608 - names of ours
                f" VALUES (?,?,{','.join('?' * len(_KNOWN))})",
                [(source, now, *_ENTRY_ROW(one)) for one in sent],
            )
            if present is None:
                return
            here = set(present)
            rows = self._db.execute("SELECT item, present, seen FROM entries WHERE source=?", (source,)).fetchall()
            if whole:
                left = [(source, item) for item, there, _ in rows if there and item not in here]
                self._db.executemany("UPDATE entries SET present=0 WHERE source=? AND item=?", left)
            renewed = [
                (now, source, item) for item, there, at in rows if item in here and (not there or at < now - 86400.0)
            ]
            self._db.executemany("UPDATE entries SET present=1, seen=? WHERE source=? AND item=?", renewed)
            before = now - KEPT if forget is None else forget
            self._db.execute("DELETE FROM entries WHERE source=? AND seen<?", (source, before))

    def forget(self, sources: Iterable[str]) -> None:
        """Drop the rows of documents that no parent lists any more."""
        with self._db:
            self._db.executemany("DELETE FROM sources WHERE id=?", [(one,) for one in sources])

    def close(self) -> None:
        """Close the store, once what goes on apart has ended."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
        if self._apart is not None:
            self._apart.close()
        self._db.close()


def _shape(db: sqlite3.Connection, table: str, columns: dict[str, str], more: str) -> None:
    """Make a table, or add what one of an earlier version lacks."""
    there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
    if not there:
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({listed}{more})")
        return
    missing = [name for name in columns if name not in there]
    with db:
        for name in missing:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")
        if "begun" in missing:
            db.execute("UPDATE sources SET begun = 1 WHERE items > 0 OR outcome IN ('ok', 'unchanged')")
