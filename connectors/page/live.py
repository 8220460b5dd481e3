"""Server-sent events: alerts as they come, resumed after what a reader saw last, also over our restarts.

An event's id is how far its reader has seen each partition (`0-17.3-4`): a fact about the log, not about this
process. A reader that cannot keep up is hung up on, and goes on from its last id.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

from connectors.page import find
from connectors.page.archive import Told
from connectors.page.desk import Desk
from connectors.page.find import Filter, read_filter
from connectors.page.guard import problem
from streams.contracts.records import Alert
from streams.contracts.topics import ALERTS
from streams.contracts.wire import decode, encode

log = logging.getLogger("treatywatch.web")

MOST_CLIENTS = 500
QUEUE = 100
"""Events that may wait for one reader."""
MOST_TOLD = 1000
"""Missed events that are told; who missed more is told so instead."""
HEARTBEAT = 15.0
SLOWEST_WRITE = 20.0
"""Seconds that a reader may leave a full buffer unread before it is hung up on."""


def position(text: str | None) -> dict[int, int]:
    """Last offset seen by partition, from an event id such as `0-17.3-4`; what is no id has seen nothing."""
    seen: dict[int, int] = {}
    for part in (text or "")[:4096].split("."):
        partition, dash, offset = part.partition("-")
        if dash and all(p.isascii() and p.isdecimal() and len(p) < 19 for p in (partition, offset)):
            seen[int(partition)] = int(offset)
    return seen


def event_id(seen: Mapping[int, int]) -> str:
    """The id that `position` reads."""
    return ".".join(f"{partition}-{offset}" for partition, offset in sorted(seen.items()))


def read_so_far(db: sqlite3.Connection) -> dict[int, int]:
    """Last offset of `alerts.all` that the archive took, by partition."""
    rows = db.execute("SELECT partition, next - 1 FROM places WHERE topic = ? AND next > 0", (ALERTS.name,))
    return dict(rows.fetchall())


def missed(db: sqlite3.Connection, seen: Mapping[int, int], wanted: Filter) -> tuple[list[Told], bool]:
    """What came after `seen`, oldest first, and whether that is all of it."""
    parts, values = ["a.partition NOT IN (%s)" % ",".join("?" * len(seen))], [*seen]  # noqa: UP031 - marks, not values
    for partition, offset in seen.items():
        parts.append("(a.partition = ? AND a.offset > ?)")
        values += [partition, offset]
    condition, more = wanted.where("t")
    rows = db.execute(
        "SELECT a.partition, a.offset, a.data FROM alerts a JOIN threads t ON t.thread = a.thread"  # noqa: S608 - conditions of ours
        f" WHERE ({' OR '.join(parts)}) AND {condition} ORDER BY a.at, a.partition, a.offset LIMIT ?",
        (*values, *more, MOST_TOLD + 1),
    ).fetchall()
    if len(rows) > MOST_TOLD:
        return [], False
    return [Told(partition, offset, decode(Alert, data)) for partition, offset, data in rows], True


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader wants to be told, and how."""

    filter: Filter
    page: bool
    """As our page needs it, with HTML; else the alert's own data."""
    lang: str


@dataclass(eq=False, slots=True)
class Listener:
    """One reader who waits."""

    wish: Wish
    queue: asyncio.Queue[tuple[Told, bytes]] = field(default_factory=lambda: asyncio.Queue(QUEUE))


class Live:
    """Tells listeners; what an event says is made once for all that want it so."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.listeners: set[Listener] = set()
        self._waiting: asyncio.Queue[list[Told]] = asyncio.Queue()

    def tell(self, told: list[Told]) -> None:
        """Pass on what is new; in the loop's thread."""
        if told and self.listeners and not self.desk.loading.now:
            self._waiting.put_nowait(told)

    async def run(self) -> None:
        """Tell until cancelled, in the order of the log."""
        while True:
            told = await self._waiting.get()
            wishes = {listener.wish for listener in self.listeners}
            try:
                made = await self.desk.ask(self._frames, told, wishes)
            except Exception:
                # A bug of ours in how one alert looks: it is in the archive and on the page, and others are told.
                log.exception("an alert could not be told: %s", [one.alert.id for one in told])
                continue
            for one, frames in zip(told, made, strict=True):
                for listener in list(self.listeners):
                    frame = frames.get(listener.wish)
                    if frame is None:
                        continue
                    if listener.queue.full():
                        # Too slow: it is dropped and resumes by the id it saw last.
                        self.listeners.discard(listener)
                    else:
                        listener.queue.put_nowait((one, frame))

    def _frames(self, db: sqlite3.Connection, told: Sequence[Told], wishes: set[Wish]) -> list[dict[Wish, bytes]]:
        found = []
        for one in told:
            made: dict[tuple[bool, str], bytes] = {}
            frames = {}
            for wish in wishes:
                if wish.filter and not find.matches(db, wish.filter, one.alert.thread):
                    continue
                key = wish.page, wish.lang if wish.page else ""
                if key not in made:
                    made[key] = self.frame(db, one.alert, wish)
                frames[wish] = made[key]
            found.append(frames)
        return found

    def frame(self, db: sqlite3.Connection, alert: Alert, wish: Wish) -> bytes:
        """The data of an event."""
        if not wish.page:
            return encode(alert)
        now = find.entry(db, alert.thread)
        html = self.desk.look.card(now, wish.lang) if now else ""
        return msgspec.json.encode(
            {"thread": alert.thread, "story": alert.story or alert.thread, "headline": alert.headline, "html": html}
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """The stream of one reader."""
        wanted = read_filter(request.query)
        if len(self.listeners) >= MOST_CLIENTS:
            return problem(503, "too many readers; try again later", {"Retry-After": "30"})
        answer = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        listener = Listener(Wish(wanted, request.query.get("as") == "page", self.desk.look.lang(request)))
        self.listeners.add(listener)
        try:
            await answer.prepare(request)
            await self._tell(request, answer, listener)
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.listeners.discard(listener)
        return answer

    async def _tell(self, request: web.Request, answer: web.StreamResponse, listener: Listener) -> None:
        last = request.headers.get("Last-Event-ID") or request.query.get("after")
        while self.desk.loading.now:
            await written(answer, b": reading the log\n\n")
            await asyncio.sleep(0.5)
        seen = await self.desk.ask(read_so_far)
        # Only now: whoever has read this is told all that comes after it.
        await written(answer, b": treatywatch\n\n")
        if last is not None:
            now, seen = seen, position(last)
            told, whole = await self.desk.ask(missed, seen, listener.wish.filter)
            if not whole:
                seen = now
                await written(answer, f"id: {event_id(seen)}\nevent: gap\ndata: {{}}\n\n".encode())
            for one in told:
                await _send(answer, one, await self.desk.ask(self.frame, one.alert, listener.wish), seen)
        while listener in self.listeners:
            try:
                one, frame = await asyncio.wait_for(listener.queue.get(), HEARTBEAT)
            except TimeoutError:
                await written(answer, b": still here\n\n")
            else:
                await _send(answer, one, frame, seen)


async def written(answer: web.StreamResponse, data: bytes) -> None:
    """Write a piece; `TimeoutError` when the reader leaves it unread."""
    await asyncio.wait_for(answer.write(data), SLOWEST_WRITE)


async def _send(answer: web.StreamResponse, told: Told, frame: bytes, seen: dict[int, int]) -> None:
    """Tell it once; the id says all that this reader has seen, so that it holds after a restart too."""
    if told.offset > seen.get(told.partition, -1):
        seen[told.partition] = told.offset
        await written(answer, b"id: %s\nevent: alert\ndata: %s\n\n" % (event_id(seen).encode(), frame))
