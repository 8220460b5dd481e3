"""The live page, first version: alerts with their evidence, dossiers, sources; new alerts by SSE.

Everything shown comes from the topics. What a feed wrote is escaped where it is written (`_e`), links are http or
https only, and the content security policy lets nothing run but our one script, by its nonce.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from connectors.page import look
from connectors.reader import read
from streams.contracts.records import Alert, Dossier, SourceHealth
from streams.contracts.topics import ALERTS, DOSSIERS, SOURCES
from streams.contracts.wire import RecordFault, decode
from streams.settings import Settings, SettingsFault

MOST_THREADS = 5000
MOST_CLIENTS = 500
QUEUE = 100
HEARTBEAT = 15.0
LOOPBACK = frozenset(["127.0.0.1", "::1", "localhost"])


@dataclass(slots=True)
class Archive:
    """What the page shows, bounded; written by the reading thread's events in the loop's thread."""

    alerts: OrderedDict[str, Alert] = field(default_factory=OrderedDict)
    """Latest alert of each thread, oldest first."""
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    sources: dict[str, SourceHealth] = field(default_factory=dict)
    recent: OrderedDict[str, tuple[str, Alert]] = field(default_factory=OrderedDict)
    """Last alerts by event id (partition-offset), for `Last-Event-ID`."""
    listeners: set[asyncio.Queue[tuple[str, Alert]]] = field(default_factory=set)

    def take(self, topic: str, partition: int, offset: int, key: str, value: bytes) -> None:
        """Take a record in; one that cannot be read is passed over (the worker wrote it)."""
        with contextlib.suppress(RecordFault):
            if topic == ALERTS.name:
                self._alert(f"{partition}-{offset}", decode(Alert, value))
            elif topic == DOSSIERS.name:
                self.dossiers[key] = decode(Dossier, value)
            elif topic == SOURCES.name:
                self.sources[key] = decode(SourceHealth, value)

    def _alert(self, event: str, alert: Alert) -> None:
        self.alerts.pop(alert.thread, None)
        self.alerts[alert.thread] = alert
        self.recent[event] = (event, alert)
        while len(self.alerts) > MOST_THREADS:
            self.alerts.popitem(last=False)
        while len(self.recent) > 1000:
            self.recent.popitem(last=False)
        for queue in list(self.listeners):
            if queue.full():
                # Too slow: it is dropped and resumes by the id it saw last.
                self.listeners.discard(queue)
            else:
                queue.put_nowait((event, alert))

    def newest(self) -> list[Alert]:
        """Alerts, newest first."""
        return list(reversed(self.alerts.values()))


def _json(data: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(data), content_type="application/json")


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
        host = (request.host or "").rsplit(":", 1)[0].strip("[]")
        if self.settings.web_host in LOOPBACK and host not in LOOPBACK:
            return web.Response(status=421, text="this address is not served here\n")
        answer = await handler(request)
        if not answer.prepared:
            answer.headers.setdefault("Content-Security-Policy", "default-src 'none'")
            answer.headers["X-Content-Type-Options"] = "nosniff"
            answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    async def index(self, _request: web.Request) -> web.Response:
        """The page."""
        nonce = secrets.token_urlsafe(16)
        body = look.page(self.archive.newest()[:200], self.archive.dossiers, self.archive.sources, nonce)
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
        queue: asyncio.Queue[tuple[str, Alert]] = asyncio.Queue(QUEUE)
        self.archive.listeners.add(queue)
        try:
            last = request.headers.get("Last-Event-ID")
            if last is not None and last in self.archive.recent:
                seen = list(self.archive.recent)
                for event in seen[seen.index(last) + 1 :]:
                    await self._send(answer, *self.archive.recent[event])
            while queue in self.archive.listeners:
                try:
                    await self._send(answer, *await asyncio.wait_for(queue.get(), HEARTBEAT))
                except TimeoutError:
                    await answer.write(b": still here\n\n")
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.archive.listeners.discard(queue)
        return answer

    async def _send(self, answer: web.StreamResponse, event: str, alert: Alert) -> None:
        data = json.dumps({"thread": alert.thread, "headline": alert.headline, "html": look.card(alert)})
        await answer.write(f"id: {event}\nevent: alert\ndata: {data}\n\n".encode())

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
        if not limit.isdigit():
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


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve the page until told to stop."""
    if settings.web_host not in LOOPBACK and not settings.web_open:
        raise SettingsFault(
            f"TREATYWATCH_WEB_HOST={settings.web_host} opens the page to others; "
            "set TREATYWATCH_WEB_OPEN=true if something in front of it checks who reads"
        )
    archive, loop, done = Archive(), asyncio.get_running_loop(), threading.Event()

    def follow() -> None:
        for message in read(settings, [ALERTS.name, DOSSIERS.name, SOURCES.name], done):
            if message is not None and message.value() is not None:
                loop.call_soon_threadsafe(
                    archive.take, str(message.topic()), int(message.partition() or 0), int(message.offset() or 0),
                    bytes(message.key() or b"").decode("utf-8", "replace"), bytes(message.value() or b""),
                )  # fmt: skip

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
