"""What tests of connectors share: a loopback server, and an outlet that keeps what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from streams.contracts.faults import BrokerFault
from streams.contracts.records import Item, SourceHealth
from streams.contracts.topics import ITEMS, SOURCES, Outgoing, partition_of
from streams.contracts.wire import decode

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[TestServer]:
    """A server that answers every path with `handler`."""
    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    server = TestServer(app)
    await server.start_server()
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def redirected(told: list[str | None]) -> AsyncIterator[tuple[TestServer, str]]:
    """A server that sends every request on to another origin, what both may be allowed as, and in `told` the
    credentials that each request came with."""

    async def there(request: web.Request) -> web.StreamResponse:
        told.append(request.headers.get("Authorization"))
        return web.Response(body=b"x")

    async with served(there) as second:

        async def here(request: web.Request) -> web.StreamResponse:
            told.append(request.headers.get("Authorization"))
            raise web.HTTPFound(str(second.make_url("/")))

        async with served(here) as server:
            yield server, f"{server.host}:{server.port},{second.host}:{second.port}"


def rss(*entries: str, head: str = "") -> bytes:
    """A feed of (title) entries, each with a guid like its first word."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{e.split()[0]}</guid><title>{e}</title>"
        f"<link>https://x.example/{e.split()[0]}</link><description>Text of {e}.</description></item>"
        for e in entries
    )
    return f"<rss version='2.0'><channel><title>t</title>{head}{items}</channel></rss>".encode()


@dataclass
class Kept:
    """An outlet without a broker; `broken` makes it refuse."""

    records: list[Outgoing] = field(default_factory=list)
    letters: list[tuple[bytes, str, str]] = field(default_factory=list)
    broken: bool = False

    def publish(self, records: Iterable[Outgoing], room: str) -> dict[int, int]:
        if self.broken:
            raise BrokerFault("Kafka did not take what was sent")
        ends: dict[int, int] = {}
        for record in records:
            self.records.append(record)
            partition = partition_of(record.topic, record.key, 8)
            ends[partition] = ends.get(partition, 0) + 1
        return ends

    def partitions(self, topic: str) -> int:
        return 8

    def dead(self, raw: bytes, room: str, reason: str, key: str = "", topic: str = "") -> None:
        self.letters.append((raw, room, reason))

    def close(self) -> None:
        """Nothing is open."""

    @property
    def items(self) -> list[Item]:
        return [decode(Item, r.value) for r in self.records if r.topic == ITEMS.name and not r.headers]

    @property
    def health(self) -> list[SourceHealth]:
        return [decode(SourceHealth, r.value) for r in self.records if r.topic == SOURCES.name]
