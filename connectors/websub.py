"""WebSub: feeds that tell their hub when they change, and the hub us. Polling goes on, only less often.

Less often only while a hub shows that it tells: one that has verified us and brought nothing yet, that failed to bring
what a poll then found, or whose lease has ended, slows nothing down. So a hub that dies costs an hour once.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from aiohttp import web

from connectors.base import SourceFault, bare
from connectors.fetch import Fetcher
from connectors.ledger import Lease, Ledger
from connectors.state import SourceState
from streams.ops import meters

log = logging.getLogger("treatywatch.connect")

WANTED = 5 * 86400
"""Seconds of a lease that we ask for."""
LONGEST = 30 * 86400.0
PATIENCE = 3600.0
"""Seconds until a hub that did not verify, or refused, is asked again."""
ANEW = 86400.0
"""Seconds until a hub that verified us and tells nothing is asked again: it may have forgotten us."""
CROSSING = 600.0
"""Seconds in which what a hub tells and what a poll finds may cross."""
MOST_BYTES = 8 * 1024 * 1024
_HASHES = {"sha1", "sha256", "sha384", "sha512"}

Deliver = Callable[[str, bytes, str], Awaitable[bool]]
"""Takes a source's id, a document and its Content-Type; whether that source is followed at all."""


class WebSub:
    """Our side of WebSub. `callback` is our address as hubs reach it, without a slash at its end."""

    def __init__(self, ledger: Ledger, callback: str, deliver: Deliver) -> None:
        self.ledger, self.callback, self.deliver = ledger, callback.rstrip("/"), deliver

    def routes(self) -> list[web.RouteDef]:
        """What the server serves of it."""
        return [web.get("/websub/{path}", self.verify), web.post("/websub/{path}", self.receive)]

    def tells(self, source: str, now: float) -> float:
        """Until when a hub tells us of this source, with time to spare for renewing; 0 when none does."""
        lease = self.ledger.lease(source=source)
        return _renewal(lease) if lease is not None and lease.told and lease.until > now else 0.0

    def missed(self, source: str, now: float) -> None:
        """A poll has found what is new: a hub that had not brought it is not relied on any more."""
        lease = self.ledger.lease(source=source)
        if lease is not None and lease.told and now - lease.told > CROSSING:
            log.info("hub %s of %s did not bring what is new; polled as usual", bare(lease.hub), source)
            lease.told = 0.0
            self.ledger.keep(lease)
            meters.WEBSUB.labels("missed").inc()

    async def follow(self, fetcher: Fetcher, state: SourceState, url: str, now: float) -> None:
        """Subscribe where a feed names a hub, and renew in time; what goes wrong is tried again later."""
        if not state.hub:
            return
        topic = state.topic or url
        lease = self.ledger.lease(source=state.id)
        if lease is None or (lease.hub, lease.topic) != (state.hub, topic):
            lease = Lease(state.id, state.hub, topic, secrets.token_urlsafe(24), secrets.token_urlsafe(32), 0.0)
        answered = lease.granted > 0 and lease.until - lease.granted >= lease.asked
        silent = answered and not lease.told and now - lease.asked > ANEW
        if (now < _renewal(lease) and not silent) or (not answered and now - lease.asked < PATIENCE):
            return
        lease.asked, lease.denied = now, ""
        self.ledger.keep(lease)
        asked = {
            "hub.mode": "subscribe",
            "hub.topic": lease.topic,
            "hub.callback": f"{self.callback}/websub/{lease.path}",
            "hub.secret": lease.secret,
            "hub.lease_seconds": str(WANTED),
        }
        try:
            status = await fetcher.post(lease.hub, urlencode(asked).encode())
        except SourceFault as fault:
            log.info("hub %s of %s: %s", bare(lease.hub), state.id, fault)
            meters.WEBSUB.labels("failed").inc()
            return
        taken = status in {202, 204, 200}
        if not taken:
            log.info("hub %s of %s refuses a subscription (%d)", bare(lease.hub), state.id, status)
        meters.WEBSUB.labels("asked" if taken else "refused").inc()

    async def verify(self, request: web.Request) -> web.Response:
        """A hub asks whether we asked for this."""
        lease = self.ledger.lease(path=request.match_info["path"])
        query, now = request.query, time.time()
        if lease is None or query.get("hub.topic") != lease.topic:
            return web.Response(status=404)
        if query.get("hub.mode") == "denied":
            lease.until = lease.granted = lease.told = 0.0
            lease.denied = query.get("hub.reason", "no reason given")[:200]
            self.ledger.keep(lease)
            meters.WEBSUB.labels("denied").inc()
            return web.Response(status=200)
        if query.get("hub.mode") != "subscribe" or not query.get("hub.challenge"):
            return web.Response(status=404)  # nobody here wants that
        seconds = query.get("hub.lease_seconds", "")
        lease.granted = min(float(seconds) if seconds.isdecimal() else WANTED, LONGEST)
        lease.until = now + lease.granted
        self.ledger.keep(lease)
        meters.WEBSUB.labels("verified").inc()
        return web.Response(text=query["hub.challenge"], content_type="text/plain")

    async def receive(self, request: web.Request) -> web.Response:
        """A hub brings news. What is not signed with our secret is thrown away without a word, as the standard asks."""
        lease = self.ledger.lease(path=request.match_info["path"])
        if lease is None or lease.until <= time.time():
            return web.Response(status=410)
        body = await _body(request)
        if body is None:
            return web.Response(status=413)
        if not signed(body, request.headers.get("X-Hub-Signature", ""), lease.secret):
            meters.WEBSUB.labels("unsigned").inc()
            return web.Response(status=202)
        try:
            if not await self.deliver(lease.source, body, request.headers.get("Content-Type", "")):
                return web.Response(status=410)
        except SourceFault as fault:
            log.info("hub %s brought what is no feed: %s", bare(lease.hub), fault)
            meters.WEBSUB.labels("unreadable").inc()
            return web.Response(status=202)
        meters.WEBSUB.labels("delivered").inc()
        self.ledger.told(lease.path, time.time())
        return web.Response(status=202)


async def _body(request: web.Request) -> bytes | None:
    """What is posted; `None` when it is too much."""
    if (request.content_length or 0) > MOST_BYTES:
        return None
    found = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        found += chunk
        if len(found) > MOST_BYTES:
            return None
    return bytes(found)


def _renewal(lease: Lease) -> float:
    """When a lease is to be renewed: while a fifth of it is left, at most a day."""
    return lease.until - min(lease.granted, WANTED) / 5


def signed(body: bytes, header: str, secret: str) -> bool:
    """Whether `header`, `sha256=...`, signs `body` with `secret`."""
    method, _, given = header.strip().partition("=")
    if method not in _HASHES:
        return False
    made = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode("utf-8", "replace"))
