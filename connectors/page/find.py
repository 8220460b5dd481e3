"""Questions to the archive: filters as they stand in addresses, pages by cursor, one alert with its history."""

from __future__ import annotations

import base64
import binascii
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec

from connectors.page import stems
from streams.contracts.records import (
    Alert,
    AlertType,
    Dossier,
    NearMiss,
    Severity,
    SourceHealth,
    Status,
    Suppressed,
    Voice,
)
from streams.contracts.wire import decode

COVERAGE = "coverage"
"""Asked for as a proposal: the alerts that have none, about sources that are not seen. The same word as in a sink's filter."""
MOST = 1000
"""Alerts that one answer may hold."""


class QueryFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The asker's to mend: names the parameter, the value and what would be accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a reader wants to see; every field empty is everything. Values of one field are alternatives."""

    proposal: tuple[str, ...] = ()
    """Proposals (`EST`), dossiers (`START/new-start`), or `coverage`: alerts about sources."""
    actor: tuple[str, ...] = ()
    """Codes; whoever acts, proposed, or is addressed."""
    status: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    voice: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    historical: str = ""
    """`yes`, `no`, or empty for both."""
    text: str = ""
    """Words in any form; see `connectors.page.stems.query`."""
    since: str = ""
    """First day, of publication or else of when it was seen."""
    until: str = ""
    """Last day."""

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as parameters of an address."""
        found = []
        for one in fields(self):
            value = getattr(self, one.name)
            found += [(one.name, v) for v in value] if isinstance(value, tuple) else [(one.name, value)] * bool(value)
        return found

    def address(self, **more: str) -> str:
        """The query of an address: with a question mark, or empty."""
        pairs = [*self.pairs(), *((k, v) for k, v in more.items() if v)]
        return "?" + urlencode(pairs) if pairs else ""

    def __bool__(self) -> bool:
        return bool(self.pairs())

    def where(self, alias: str) -> tuple[str, list[Any]]:
        """A condition of SQL over the table `threads` by that alias, and its values."""
        parts, values = ["1"], []
        for column in ("status", "lang", "rule", "severity", "voice", "type", "source"):
            wanted = getattr(self, column)
            if wanted:
                parts.append(f"{alias}.{column} IN ({_marks(wanted)})")
                values += wanted
        if self.proposal:
            marks = _marks(self.proposal)
            # The plus keeps SQLite from an index that would have to be sorted: the newest come by `rank`.
            none = f" OR {alias}.proposal IS NULL" if COVERAGE in self.proposal else ""
            parts.append(f"(+{alias}.proposal IN ({marks}) OR +{alias}.dossier IN ({marks}){none})")
            values += [*self.proposal, *self.proposal]
        if self.actor:
            parts.append(f"+{alias}.row IN (SELECT row FROM parties WHERE code IN ({_marks(self.actor)}))")  # noqa: S608 - marks
            values += self.actor
        if self.historical:
            parts.append(f"{alias}.historical = ?")
            values.append(int(self.historical == "yes"))
        if self.since:
            parts.append(f"{alias}.day >= ?")
            values.append(self.since)
        if self.until:
            parts.append(f"{alias}.day <= ? AND {alias}.day != ''")
            values.append(self.until)
        if self.text:
            asked = stems.query(self.text)
            parts.append(f"+{alias}.row IN (SELECT rowid FROM words WHERE words MATCH ?)" if asked else "0")  # noqa: S608 - a table of ours
            values += [asked] * bool(asked)
        return " AND ".join(parts), values


def _marks(values: tuple[str, ...]) -> str:
    return ",".join("?" * len(values))


CLOSED: Mapping[str, tuple[str, ...]] = {
    "status": get_args(Status), "severity": get_args(Severity), "voice": get_args(Voice), "type": get_args(AlertType),
    "historical": ("yes", "no"),
}  # fmt: skip
_OPEN = re.compile(r"[^\x00-\x1f]{1,200}")


def read_filter(query: Any) -> Filter:
    """The filter that an address asks for (a multi-dict); other parameters are not looked at."""
    found: dict[str, Any] = {}
    for one in fields(Filter):
        given = [v.strip() for v in query.getall(one.name, []) if v.strip()]
        if not given:
            continue
        for value in given:
            allowed = CLOSED.get(one.name)
            if allowed and value not in allowed:
                raise QueryFault(f"{one.name}={value!r} is not accepted; it takes {', '.join(allowed)}")
            if not _OPEN.fullmatch(value):
                raise QueryFault(f"{one.name} takes up to 200 characters")
            if one.name in ("since", "until"):
                _day(one.name, value)
        found[one.name] = tuple(dict.fromkeys(given))[:50] if one.default == () else given[-1]
    return Filter(**found)


def _day(name: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise QueryFault(f"{name}={value!r} is not accepted; it takes a date such as 2008-09-24") from None


def limit_of(query: Mapping[str, str], default: int) -> int:
    """`limit`, from 1 to `MOST`."""
    text = query.get("limit") or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= 1):
        raise QueryFault(f"limit={text!r} is not accepted; it takes a whole number from 1 to {MOST}")
    return min(int(text), MOST)


def cursor_text(rank: int, offset: int) -> str:
    """A place in the list as a cursor: opaque to readers, the same whenever the archive is built again."""
    return base64.urlsafe_b64encode(f"{rank}.{offset}".encode()).decode().rstrip("=")


def cursor_of(text: str) -> tuple[int, int]:
    """The place that a cursor names."""
    try:
        rank, _, offset = base64.urlsafe_b64decode(text[:100] + "=" * (-len(text[:100]) % 4)).decode().partition(".")
        found = int(rank[:20]), int(offset[:20])
    except (ValueError, binascii.Error):
        raise QueryFault("cursor is not one of ours; begin without one") from None
    if not all(0 <= n < 1 << 63 for n in found):
        raise QueryFault("cursor is not one of ours; begin without one")
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """A thread as it stands now: its latest alert, and when the archive's log had the first and the latest."""

    alert: Alert
    first: int
    at: int
    """Milliseconds, the broker's clock."""
    cursor: str


_COLUMNS = "alerts.data, {t}.first, {t}.rank, {t}.offset"


def _entries(rows: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]) -> list[Entry]:
    return [
        Entry(decode(Alert, data), first, rank >> 8, cursor_text(rank, offset)) for data, first, rank, offset in rows
    ]


def threads(db: sqlite3.Connection, wanted: Filter, limit: int, cursor: str = "") -> tuple[list[Entry], str]:
    """Threads, newest change first, and the cursor of what follows (empty: nothing)."""
    condition, values = wanted.where("t")
    if cursor:
        condition += " AND (t.rank, t.offset) < (?, ?)"
        values += cursor_of(cursor)
    rows = db.execute(
        f"SELECT {_COLUMNS.format(t='t')} FROM threads t JOIN alerts ON alerts.id = t.latest WHERE {condition}"  # noqa: S608 - conditions of ours
        " ORDER BY t.rank DESC, t.offset DESC LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    return _page(rows, limit)


def _page(rows: list[tuple[Any, ...]], limit: int) -> tuple[list[Entry], str]:
    found = _entries(rows[:limit])
    return found, found[-1].cursor if len(rows) > limit else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A story: its newest thread that is wanted, and the others of the story."""

    entry: Entry
    others: list[Entry]


def stories(db: sqlite3.Connection, wanted: Filter, limit: int, cursor: str = "") -> tuple[list[Group], str]:
    """Threads by story: each story once, at its newest wanted thread."""
    condition, values = wanted.where("t")
    newer, more = wanted.where("n")
    if cursor:
        condition += " AND (t.rank, t.offset) < (?, ?)"
        values += cursor_of(cursor)
    rows = db.execute(
        f"SELECT {_COLUMNS.format(t='t')}, t.story FROM threads t JOIN alerts ON alerts.id = t.latest WHERE {condition}"  # noqa: S608 - conditions of ours
        f" AND NOT EXISTS (SELECT 1 FROM threads n WHERE n.story = t.story AND (n.rank, n.offset) > (t.rank, t.offset)"
        f" AND {newer}) ORDER BY t.rank DESC, t.offset DESC LIMIT ?",
        (*values, *more, limit + 1),
    ).fetchall()
    heads, following = _page([row[:4] for row in rows], limit)
    found = []
    for head, row in zip(heads, rows, strict=False):
        found.append(Group(head, of_story(db, row[4], head.alert.thread)))
    return found, following


def of_story(db: sqlite3.Connection, story: str, but: str) -> list[Entry]:
    """The threads of a story, without the one called `but`."""
    rows = db.execute(
        f"SELECT {_COLUMNS.format(t='t')} FROM threads t JOIN alerts ON alerts.id = t.latest"  # noqa: S608 - columns of ours
        " WHERE t.story = ? AND t.thread != ? ORDER BY t.rank DESC, t.offset DESC LIMIT 50",
        (story, but),
    ).fetchall()
    return _entries(rows)


def matches(db: sqlite3.Connection, wanted: Filter, thread: str) -> bool:
    """Whether a thread as it stands is wanted."""
    condition, values = wanted.where("t")
    return bool(db.execute(f"SELECT 1 FROM threads t WHERE t.thread = ? AND {condition}", (thread, *values)).fetchone())  # noqa: S608 - conditions of ours


def history(db: sqlite3.Connection, identity: str) -> list[Alert]:
    """Every alert of a thread, oldest first; by the thread's id or that of any of its alerts."""
    found = db.execute("SELECT thread FROM alerts WHERE id = ?", (identity,)).fetchone()
    rows = db.execute(
        "SELECT data FROM alerts WHERE thread = ? ORDER BY at, offset", (found[0] if found else identity,)
    )
    return [decode(Alert, data) for (data,) in rows]


def entry(db: sqlite3.Connection, thread: str) -> Entry | None:
    """A thread as it stands."""
    rows = db.execute(
        f"SELECT {_COLUMNS.format(t='t')} FROM threads t JOIN alerts ON alerts.id = t.latest WHERE t.thread = ?",  # noqa: S608 - columns of ours
        (thread,),
    ).fetchall()
    return _entries(rows)[0] if rows else None


def choices(db: sqlite3.Connection, field: str) -> list[str]:
    """Values of a field that the archive holds."""
    return [v for (v,) in db.execute("SELECT value FROM choices WHERE field = ? ORDER BY value", (field,))]


def dossiers(db: sqlite3.Connection) -> dict[str, Dossier]:
    """All dossiers by id."""
    return {key: decode(Dossier, data) for key, data in db.execute("SELECT id, data FROM dossiers ORDER BY id")}


def dossier(db: sqlite3.Connection, identity: str) -> Dossier | None:
    """One dossier."""
    row = db.execute("SELECT data FROM dossiers WHERE id = ?", (identity,)).fetchone()
    return decode(Dossier, row[0]) if row else None


def sources(db: sqlite3.Connection) -> dict[str, SourceHealth]:
    """All sources by id."""
    rows = db.execute("SELECT id, data FROM sources ORDER BY id")
    return {key: decode(SourceHealth, data) for key, data in rows}


def held(
    db: sqlite3.Connection, proposal: str, reason: str, limit: int, cursor: str
) -> tuple[list[tuple[int, Suppressed]], str]:
    """What did not go out, newest first."""
    condition, values = "1", list[Any]()
    if proposal:
        condition, values = condition + " AND proposal = ?", [*values, proposal]
    if reason:
        condition, values = condition + " AND substr(reason, 1, ?) = ?", [*values, len(reason), reason]
    if cursor:
        condition, values = condition + " AND (at, offset) < (?, ?)", [*values, *cursor_of(cursor)]
    rows = db.execute(
        f"SELECT at, offset, data FROM held WHERE {condition} ORDER BY at DESC, offset DESC LIMIT ?",  # noqa: S608 - conditions of ours
        (*values, limit + 1),
    ).fetchall()
    found = [(at, decode(Suppressed, data)) for at, _, data in rows[:limit]]
    return found, cursor_text(rows[limit - 1][0], rows[limit - 1][1]) if len(rows) > limit else ""


def near(db: sqlite3.Connection, proposal: str, limit: int, cursor: str) -> tuple[list[tuple[int, NearMiss]], str]:
    """Near misses, the latest first, with the broker's time in ms."""
    condition, values = "1", list[Any]()
    if proposal:
        condition, values = condition + " AND proposal = ?", [*values, proposal]
    if cursor:
        condition, values = condition + " AND (at, offset) < (?, ?)", [*values, *cursor_of(cursor)]
    rows = db.execute(
        f"SELECT at, offset, data FROM near WHERE {condition} ORDER BY at DESC, offset DESC LIMIT ?",  # noqa: S608 - conditions of ours
        (*values, limit + 1),
    ).fetchall()
    found = [(at, decode(NearMiss, data)) for at, _, data in rows[:limit]]
    return found, cursor_text(rows[limit - 1][0], rows[limit - 1][1]) if len(rows) > limit else ""


def held_reasons(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """Kinds of reasons (what stands before the particulars of each) and how many each held back."""
    return db.execute(
        "SELECT CASE WHEN reason LIKE 'silenced by %' THEN 'silenced'"
        " ELSE substr(reason, 1, min(instr(reason || ':', ':'), instr(reason || ' (', ' (')) - 1) END AS kind,"
        " count(*) FROM held GROUP BY kind ORDER BY 2 DESC"
    ).fetchall()


def dead(db: sqlite3.Connection) -> list[tuple[str, str, int, int]]:
    """Dead letters: room, reason, how many, the last one's time in ms."""
    return db.execute(
        "SELECT room, reason, records, last FROM dead ORDER BY records DESC, last DESC LIMIT 200"
    ).fetchall()


def verdicts(db: sqlite3.Connection, thread: str) -> dict[str, int]:
    """What readers said of a thread's alerts, counted."""
    rows = db.execute("SELECT verdict, count(*) FROM said WHERE thread = ? GROUP BY verdict ORDER BY 2 DESC", (thread,))
    return dict(rows.fetchall())


def bundle_files(db: sqlite3.Connection, kind: str) -> dict[str, str] | None:
    """The files of the knowledge or the rules that were last put in force, if the log says."""
    row = db.execute("SELECT data FROM bundles WHERE kind = ?", (kind,)).fetchone()
    if not row:
        return None
    files: dict[str, str] = msgspec.json.decode(row[0])["files"]
    return files


def count(db: sqlite3.Connection, table: str) -> int:
    """How many rows."""
    found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - a name of ours
    return found
