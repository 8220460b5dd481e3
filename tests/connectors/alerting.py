"""Alerts for tests of sinks: made from a real one, with what a test wants changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.sinks.parcel import Parcel, Told
from streams.contracts.records import Alert, ArticleRef, Coverage
from streams.contracts.topics import ALERTS, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import alert as alerts
from tests.logic.test_rooms import REJECTED, Rooms
from tests.logic.test_rooms import alerts as of
from tests.making import NOW, an_item


@cache
def _real() -> Alert:
    (found,) = of(Rooms().take(an_item("h", REJECTED)))
    return found


def made(identity: str = "n1", **changes: Any) -> Alert:
    """An alert that NATO rejects the European Security Treaty; `lang`, `url`, `source` are of its article."""
    real = _real()
    assert real.article is not None
    of_article = {f.name for f in msgspec.structs.fields(ArticleRef)} - {"id"}
    article = msgspec.structs.replace(real.article, **{k: changes.pop(k) for k in of_article & changes.keys()})
    defaults = {"id": identity, "thread": f"t-{identity}", "article": article}
    return msgspec.structs.replace(real, **(defaults | changes))


def seen_of(seen: int, sources: int) -> Coverage:
    """So many of so many sources seen, and nothing else known."""
    return Coverage(
        at=NOW, sources=sources, seen=seen, down=[], stale=[], unsupported={}, lag=None, canary=None
    )  # fmt: skip


def outgoing(alert: Alert, minutes: float = 0.0) -> list[Outgoing]:
    """Its record in `alerts.all`, as the worker writes it."""
    return [one for one in alerts.sent(alert, NOW + timedelta(minutes=minutes), ()) if one.topic == ALERTS.name]


def told(alert: Alert) -> Told:
    """It as it came from the topic."""
    return Told(alert, encode(alert), msgspec.to_builtins(NOW))


def parcel(*given: Alert, **more: Any) -> Parcel:
    """One alert by itself, or several in a digest."""
    if len(given) == 1 and not more.get("digest"):
        return Parcel(given[0].id, (told(given[0]),), **more)
    whole: dict[str, Any] = {"digest": True, "due": NOW} | more
    return Parcel("d1", tuple(map(told, given)), **whole)


@dataclass
class Received:
    """A request as a receiver got it."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass
class Receiver:
    """A receiver on loopback that answers what a test wants; by default it takes everything."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    """Status, headers and body, by turns; when they run out, `204`."""
    always: tuple[int, dict[str, str], str] = (204, {}, "")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def allow(self) -> frozenset[str]:
        return frozenset([f"127.0.0.1:{self.port}"])


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that really listens."""
    found = Receiver()

    async def take(request: web.Request) -> web.Response:
        headers = {k.lower(): v for k, v in request.headers.items()}
        found.requests.append(Received(request.path, headers, await request.read(), request.method))
        status, more, text = found.answers.pop(0) if found.answers else found.always
        return web.Response(status=status, headers=more, text=text)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", take)
    server = TestServer(app)
    await server.start_server()
    found.port = int(server.port or 0)
    try:
        yield found
    finally:
        await server.close()
