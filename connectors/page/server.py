"""The live page, first version: alerts with their evidence, dossiers, sources; new alerts by SSE.

Everything shown comes from the topics. What a feed wrote is escaped where it is written (`_e`), links are http or
https only, and the content security policy lets nothing run but our one script, by its nonce.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from confluent_kafka import Message

from connectors.page import look
from connectors.page.archive import Archive, Told, event_id, position
from connectors.reader import read
from streams.contracts.topics import ALERTS, DOSSIERS, SOURCES
from streams.settings import Settings, SettingsFault

MOST_CLIENTS = 500
QUEUE = 100
HEARTBEAT = 15.0
SLOWEST_WRITE = 20.0
"""Seconds that a reader may leave a full buffer unread before it is hung up on."""

IN_FLIGHT = 2000
"""Records read and not yet taken in: what a long log may hold in memory on the way."""

LOOPBACK = frozenset(["127.0.0.1", "::1", "localhost"])


def _json(data: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(data), content_type="application/json")


def _name(host: str | None) -> str:
    try:
        return urlsplit(f"//{host or ''}").hostname or ""
    except ValueError:
        return ""


def _guarded(answer: web.StreamResponse) -> web.StreamResponse:
    if not answer.prepared:
        answer.headers.setdefault("Content-Security-Policy", "default-src 'none'")
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


class Page:
    """The handlers over one archive."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self.archive, self.settings = archive, settings

    def app(self) -> web.Application:
        """The application with its routes."""
        app = web.Application(middlewares=[self._guard], client_max_size=64 * 1024)
        app.add_routes(
            [
                web.get("/", self.index), web.get("/events", self.events), web.get("/healthz", self.healthz),
                web.get("/alerts.json", self.json_feed), web.get("/alerts.atom", self.atom),
                web.get("/api/alerts", self.api_alerts), web.get("/api/dossiers", self.api_dossiers),
                web.get("/api/dossiers/{id:.+}", self.api_dossier), web.get("/api/sources", self.api_sources),
            ]
        )  # fmt: skip
        return app

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        # A page elsewhere whose name was pointed at loopback must not read ours (DNS rebinding).
        if self.settings.web_host in LOOPBACK and _name(request.host) not in LOOPBACK:
            return _guarded(web.Response(status=421, text="this address is not served here\n"))
        try:
            return _guarded(await handler(request))
        except web.HTTPException as refusal:
            _guarded(refusal)
            raise

    async def index(self, _request: web.Request) -> web.Response:
        """The page."""
        nonce = secrets.token_urlsafe(16)
        body = look.page(
            self.archive.newest()[:200], self.archive.dossiers, self.archive.sources, nonce, event_id(self.archive.seen)
        )
        answer = web.Response(text=body, content_type="text/html", charset="utf-8")
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return answer

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Alerts as server-sent events; resumes after `Last-Event-ID`."""
        if len(self.archive.listeners) >= MOST_CLIENTS:
            return web.Response(status=503, headers={"Retry-After": "30"}, text="too many readers\n")
        answer = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await answer.prepare(request)
        queue: asyncio.Queue[Told] = asyncio.Queue(QUEUE)
        self.archive.listeners.add(queue)
        last = request.headers.get("Last-Event-ID") or request.query.get("after")
        try:
            while self.archive.loading:
                await _write(answer, ": reading the log\n\n")
                await asyncio.sleep(0.5)
            seen = dict(self.archive.seen) if last is None else position(last)
            missed, whole = self.archive.since(seen)
            if not whole:
                await _write(answer, "event: gap\ndata: {}\n\n")
            for told in missed:
                await _send(answer, told, seen)
            while queue in self.archive.listeners:
                try:
                    told = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    await _write(answer, ": still here\n\n")
                else:
                    await _send(answer, told, seen)
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.archive.listeners.discard(queue)
        return answer

    async def healthz(self, _request: web.Request) -> web.Response:
        """Says that the page is served."""
        return web.Response(text="ok\n")

    async def json_feed(self, request: web.Request) -> web.Response:
        """JSON Feed 1.1; an entry is a thread, so a correction updates it."""
        home = f"http://{request.host}/"
        items = [
            {
                "id": a.thread, "url": look.link(a) or home, "title": a.headline,
                "content_text": "\n\n".join(e.quote for e in a.evidence),
                "date_published": a.article.seen if a.article else None, "tags": [a.proposal or "coverage", a.severity],
            }
            for a in self.archive.newest()[:200]
        ]  # fmt: skip
        feed = {
            "version": "https://jsonfeed.org/version/1.1", "title": "treatywatch alerts", "home_page_url": home,
            "feed_url": home + "alerts.json", "items": items,
        }  # fmt: skip
        answer = _json(feed)
        answer.content_type = "application/feed+json"
        return answer

    async def atom(self, request: web.Request) -> web.Response:
        """Atom; ids as in the JSON feed."""
        text = look.atom(self.archive.newest()[:200], f"http://{request.host}/")
        return web.Response(text=text, content_type="application/atom+xml", charset="utf-8")

    async def api_alerts(self, request: web.Request) -> web.Response:
        """Alerts, newest first; `proposal` and `limit` narrow them."""
        wanted, limit = request.query.get("proposal"), request.query.get("limit", "100")
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 10):
            return web.Response(status=400, text="limit is a number\n")
        found = [a for a in self.archive.newest() if wanted in (None, a.proposal)]
        return _json({"alerts": found[: min(int(limit), 1000)]})

    async def api_dossiers(self, _request: web.Request) -> web.Response:
        """All dossiers."""
        return _json({"dossiers": [d for _, d in sorted(self.archive.dossiers.items())]})

    async def api_dossier(self, request: web.Request) -> web.Response:
        """One dossier by its id."""
        found = self.archive.dossiers.get(request.match_info["id"])
        return _json(found) if found else web.Response(status=404, text="no such dossier\n")

    async def api_sources(self, _request: web.Request) -> web.Response:
        """How the sources are doing."""
        return _json({"sources": [s for _, s in sorted(self.archive.sources.items())]})


async def _write(answer: web.StreamResponse, text: str) -> None:
    await asyncio.wait_for(answer.write(text.encode()), SLOWEST_WRITE)


async def _send(answer: web.StreamResponse, told: Told, seen: dict[int, int]) -> None:
    """Tell it once; the id says all that this reader has seen, so that it holds after a restart too."""
    if told.offset > seen.get(told.partition, -1):
        seen[told.partition] = told.offset
        await _write(answer, f"id: {event_id(seen)}\nevent: alert\ndata: {told.data}\n\n")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve the page until told to stop."""
    if settings.web_host not in LOOPBACK and not settings.web_open:
        raise SettingsFault(
            f"TREATYWATCH_WEB_HOST={settings.web_host} opens the page to others; "
            "set TREATYWATCH_WEB_OPEN=true if something in front of it checks who reads"
        )
    archive, loop, done = Archive(loading=True), asyncio.get_running_loop(), threading.Event()
    caught_up, room = threading.Event(), threading.BoundedSemaphore(IN_FLIGHT)

    def take(message: Message) -> None:
        room.release()
        value, key = message.value(), bytes(message.key() or b"").decode("utf-8", "replace")
        at = int(message.timestamp()[1])
        archive.take(str(message.topic()), int(message.partition() or 0), int(message.offset() or 0), key, value, at)

    def follow() -> None:
        told = False
        for message in read(settings, [ALERTS.name, DOSSIERS.name, SOURCES.name], done, caught_up=caught_up):
            if message is not None:
                while not room.acquire(timeout=0.5):
                    if done.is_set():
                        return
                loop.call_soon_threadsafe(take, message)
            if not told and caught_up.is_set():
                told = True
                loop.call_soon_threadsafe(setattr, archive, "loading", False)

    reading = asyncio.create_task(asyncio.to_thread(follow))
    runner = web.AppRunner(Page(archive, settings).app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, settings.web_host, settings.web_port).start()
    waiting = asyncio.create_task(stop.wait())
    try:
        ended, _ = await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if reading in ended:
            reading.result()
    finally:
        done.set()
        waiting.cancel()
        await runner.cleanup()
        with contextlib.suppress(Exception):
            await reading
