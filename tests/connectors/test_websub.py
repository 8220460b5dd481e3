"""WebSub against a hub of our own: subscribe, verify, deliver, renew, refuse; and polling as what remains."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from connectors.address import allowed
from connectors.fetch import Fetcher
from connectors.ledger import Ledger
from connectors.runner import Runner
from connectors.state import SourceState
from connectors.visit import links
from connectors.websub import WANTED, WebSub, signed
from streams.settings import load
from tests.connectors.served import Kept, rss


@dataclass
class Hub:
    """A hub and the feed that names it."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    lease: int = WANTED
    entries: list[str] = field(default_factory=lambda: ["a One"])
    polls: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/hub":
            self.asked.append({k: str(v) for k, v in (await request.post()).items()})
            return web.Response(status=202)
        self.polls += 1
        links = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='hub' href='{self.url}hub'/>"
        return web.Response(body=rss(*self.entries, head=links))

    async def verify(self, session: ClientSession, **more: str) -> tuple[int, str]:
        last = self.asked[-1]
        query = {
            "hub.mode": "subscribe",
            "hub.topic": last["hub.topic"],
            "hub.challenge": "c4",
            "hub.lease_seconds": str(self.lease),
        } | {k.replace("hub_", "hub."): v for k, v in more.items()}
        async with session.get(last["hub.callback"], params=query) as answer:
            return answer.status, await answer.text()

    async def bring(self, session: ClientSession, body: bytes, secret: str = "", method: str = "sha256") -> int:
        last = self.asked[-1]
        made = hmac.new((secret or last["hub.secret"]).encode(), body, getattr(hashlib, method)).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={made}", "Content-Type": "application/rss+xml"}
        async with session.post(last["hub.callback"], data=body, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def running(
    tmp_path: Path, tls: ssl.SSLContext | None = None, front: str = ""
) -> AsyncIterator[tuple[Hub, Kept, Runner]]:
    """Connectors with one feed and its hub; with `tls` these speak it; hubs reach us by `front`, at a port in it."""
    hub = Hub()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hub.answer)
    server = TestServer(app, scheme="https" if tls else "http")
    await server.start_server(ssl=tls)
    hub.url = str(server.make_url("/"))
    seeds, port = tmp_path / "seeds", unused_port()
    seeds.mkdir()
    sources = tmp_path / "s.opml"
    sources.write_text(f"<opml><body><outline text='s' xmlUrl='{hub.url}feed'/></body></opml>")
    settings = load({}).but(
        data=tmp_path / "data", seeds=seeds, sources=sources, allow=f"{server.host}:{server.port}", push_port=port,
        websub_callback=f"{front}/{port}" if front else f"http://127.0.0.1:{port}",
    )  # fmt: skip
    outlet, stop = Kept(), asyncio.Event()
    runner = Runner(settings, outlet)
    task = asyncio.create_task(runner.run(stop))
    try:
        async with asyncio.timeout(15):
            while not (hub.asked and outlet.items) and not task.done():  # noqa: ASYNC110 - the hub is no task of ours
                await asyncio.sleep(0.05)
        yield hub, outlet, runner
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)
        runner.close()
        await server.close()


async def test_a_hub_is_asked_verified_and_brings_news_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as (hub, outlet, runner), ClientSession() as session:
        assert hub.asked[0]["hub.mode"] == "subscribe"
        assert hub.asked[0]["hub.topic"] == f"{hub.url}feed"
        assert await hub.verify(session) == (200, "c4")
        before = hub.polls
        assert await hub.bring(session, rss("b Two", "a One")) == 202
        assert await hub.bring(session, rss("b Two")) == 202

        assert [i.title for i in outlet.items] == ["a One", "b Two"]
        assert not outlet.items[-1].first_poll
        assert hub.polls == before
        assert runner._websub is not None
        assert runner._websub.holds(outlet.health[-1].id, time.time())


async def test_what_is_not_signed_is_thrown_away(tmp_path: Path) -> None:
    async with running(tmp_path) as (hub, outlet, _), ClientSession() as session:
        await hub.verify(session)
        statuses = [await hub.bring(session, rss("b Two"), secret="another")]
        async with session.post(hub.asked[-1]["hub.callback"], data=rss("c Three")) as answer:
            statuses.append(answer.status)
        statuses.append(await hub.bring(session, b"<html>no feed</html>"))

        assert statuses == [202, 202, 202]
        assert [i.title for i in outlet.items] == ["a One"]


async def test_nobody_else_can_subscribe_or_verify_for_us(tmp_path: Path) -> None:
    async with running(tmp_path) as (hub, outlet, _), ClientSession() as session:
        assert (await hub.verify(session, hub_topic="https://other.example/"))[0] == 404
        assert (await hub.verify(session, hub_mode="unsubscribe"))[0] == 404
        async with session.get(hub.asked[-1]["hub.callback"] + "x", params={"hub.mode": "subscribe"}) as answer:
            assert answer.status == 404
        assert await hub.bring(session, rss("b Two")) == 410

        assert [i.title for i in outlet.items] == ["a One"]


async def test_a_lease_is_renewed_before_it_ends_and_a_denial_leaves_polling(tmp_path: Path) -> None:
    asked: list[str] = []

    async def hub(request: web.Request) -> web.StreamResponse:
        asked.append(str((await request.post())["hub.callback"]))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hub", hub)
    server = TestServer(app)
    await server.start_server()
    ledger = Ledger(tmp_path / "l.sqlite")

    async def nobody(source: str, body: bytes, kind: str) -> None: ...

    websub = WebSub(ledger, "https://us.example/", nobody)
    state = SourceState("s", hub=str(server.make_url("/hub")), topic="https://x.example/feed")
    async with Fetcher("test", allowed(f"{server.host}:{server.port}")) as fetcher:
        now = time.time()
        await websub.follow(fetcher, state, "https://x.example/feed", now)
        await websub.follow(fetcher, state, "https://x.example/feed", now + 60)
        assert len(asked) == 1, "a hub is not asked twice in a row"
        lease = ledger.lease(source="s")
        assert lease is not None
        lease.until = now + WANTED
        ledger.keep(lease)
        await websub.follow(fetcher, state, "https://x.example/feed", now + 86400)
        assert len(asked) == 1, "a good lease is left alone"
        await websub.follow(fetcher, state, "https://x.example/feed", now + WANTED * 0.9)
        assert len(asked) == 2
        assert len(set(asked)) == 1, "the callback stays"
        assert websub.holds("s", now + WANTED - 1)
        assert not websub.holds("s", now + WANTED + 1)
    ledger.close()
    await server.close()


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures_are_of_the_standard_s_kinds(method: str) -> None:
    good = hmac.new(b"s", b"body", getattr(hashlib, method)).hexdigest()

    assert signed(b"body", f"{method}={good}", "s")
    assert not signed(b"body.", f"{method}={good}", "s")
    assert not signed(b"body", f"md5={good}", "s")
    assert not signed(b"body", "", "s")


def test_a_hub_may_be_named_in_the_headers() -> None:
    header = '<https://hub.example/>; rel="hub", <https://x.example/feed>; rel=self, <javascript:x>; rel="next"'

    assert links(header) == {"hub": "https://hub.example/", "self": "https://x.example/feed"}
