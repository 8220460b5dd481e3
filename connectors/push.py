"""`POST /items`: articles pushed to us, answered only once Kafka has them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from connectors.base import Outlet, make_item
from connectors.dates import moment
from connectors.ledger import Ledger
from connectors.markup import harmless, one_line
from connectors.producer import HEADROOM
from streams.contracts.faults import BrokerFault
from streams.contracts.records import Item, Pushed
from streams.contracts.topics import ITEMS, Outgoing
from streams.contracts.wire import encode
from streams.ops import meters

MOST_BYTES = 8 * 1024 * 1024
MOST_ITEMS = 500
LONGEST_KEY = 200


class Refusal(Exception):  # noqa: N818 - it is what the caller is told
    """Why a push is not taken: an HTTP status, and words (RFC 9457)."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Push:
    """The endpoint. `token` must come as `Authorization: Bearer`."""

    def __init__(self, outlet: Outlet, ledger: Ledger, token: str) -> None:
        self.outlet, self.ledger, self.token = outlet, ledger, token
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def routes(self) -> list[web.RouteDef]:
        """What the server serves of it."""
        return [web.post("/items", self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """Take articles; 202 with their item ids, or a problem in words."""
        try:
            answer = await self._take(request)
        except Refusal as refusal:
            meters.PUSHED.labels("refused").inc()
            again = {"Retry-After": "10"} if refusal.status == 503 else {}
            problem = json.dumps({"type": "about:blank", "status": refusal.status, "detail": str(refusal)})
            kind = "application/problem+json"
            return web.Response(status=refusal.status, text=problem, headers=again, content_type=kind)
        return web.Response(status=202, text=answer, content_type="application/json")

    async def _take(self, request: web.Request) -> str:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, self.token.encode()):
            raise Refusal(401, "a token is needed: Authorization: Bearer ...")
        if request.content_type != "application/json":
            raise Refusal(415, "send application/json")
        body = await _body(request)
        key = request.headers.get("Idempotency-Key", "").strip()
        if len(key) > LONGEST_KEY:
            raise Refusal(400, f"an Idempotency-Key has at most {LONGEST_KEY} characters")
        if not key:
            return await self._publish(body)
        mark = hashlib.sha256(body).hexdigest()
        async with self._turns[key]:
            try:
                before = self.ledger.answered(key, time.time())
                if before is not None:
                    if before[0] != mark:
                        raise Refusal(422, "this Idempotency-Key was used for something else")
                    meters.PUSHED.labels("repeated").inc()
                    return before[1]
                answer = await self._publish(body)
                self.ledger.answer(key, mark, answer, time.time())
                return answer
            finally:
                if not getattr(self._turns[key], "_waiters", None):
                    self._turns.pop(key, None)

    async def _publish(self, body: bytes) -> str:
        items = read(body, datetime.now(UTC))
        records = [Outgoing(ITEMS.name, item.id, encode(item)) for item in items]
        for number, record in enumerate(records):
            if len(record.value) + HEADROOM > ITEMS.max_record:
                raise Refusal(413, f"item {number}: {len(record.value)} bytes are too many for {ITEMS.name}")
        try:
            await asyncio.to_thread(self.outlet.publish, records, "connect")
        except BrokerFault as fault:
            raise Refusal(503, "Kafka does not take items now; send it again later") from fault
        meters.PUSHED.labels("accepted").inc(len(items))
        return json.dumps({"accepted": len(items), "ids": [item.id for item in items]})


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > MOST_BYTES:
        raise Refusal(413, f"at most {MOST_BYTES} bytes")
    found = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        found += chunk
        if len(found) > MOST_BYTES:
            raise Refusal(413, f"at most {MOST_BYTES} bytes")
    return bytes(found)


def read(body: bytes, seen: datetime) -> list[Item]:
    """The items of a pushed document: one article or a list of them; `Refusal` says which is wrong, and how."""
    try:
        given: Any = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise Refusal(400, f"not JSON: {str(fault)[:100]}") from fault
    listed = given if isinstance(given, list) else [given]
    if not 1 <= len(listed) <= MOST_ITEMS:
        raise Refusal(400, f"between 1 and {MOST_ITEMS} articles at a time")
    return [_item(one, number, seen) for number, one in enumerate(listed)]


def _item(one: Any, number: int, seen: datetime) -> Item:
    try:
        given = msgspec.convert(one, Pushed)
    except msgspec.ValidationError as fault:
        raise Refusal(400, f"item {number}: {fault}") from fault
    entry = given.id or given.url
    if not entry:
        raise Refusal(400, f"item {number}: needs a url or an id")
    if given.url and not given.url.startswith(("http://", "https://")):
        raise Refusal(400, f"item {number}: url is an http or https address")
    if given.kind != "retraction" and not (given.title or given.text):
        raise Refusal(400, f"item {number}: needs a title or a text")
    dates = {}
    for name in ("published", "modified"):
        text = getattr(given, name)
        dates[name] = moment(text) if text else None
        if text and dates[name] is None:
            raise Refusal(400, f"item {number}: {name} is an RFC 3339 time, not {text[:40]!r}")
    return make_item(
        f"push:{given.source}",
        entry,
        url=given.url or f"push:{entry}",
        title=one_line(harmless(given.title)),
        text=harmless(given.text),
        seen=seen,
        kind=given.kind,
        lang=given.lang,
        published=dates["published"],
        modified=dates["modified"],
        dated_by="feed" if dates["published"] else None,
    )
