"""WebSub against a hub of our own: subscribe, verify, deliver, renew, refuse; and polling as what remains."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sqlite3
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from connectors.address import allowed
from connectors.fetch import Fetcher
from connectors.ledger import Lease, Ledger
from connectors.runner import TOLD_PACE, Runner
from connectors.state import SourceState
from connectors.visit import links
from connectors.websub import PATIENCE, WANTED, WebSub, signed
from streams.settings import load
from streams.transport.broker import free_port
from tests.connectors.served import Kept, rss

NOW = 1_800_000_000.0


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
    tmp_path: Path, tls: ssl.SSLContext | None = None, front: str = "", more: str = ""
) -> AsyncIterator[tuple[Hub, Kept, Runner]]:
    """Connectors with one feed (`more` declares more of it) and its hub; with `tls` these speak it; hubs reach us by
    `front`, at a port in it."""
    hub = Hub()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hub.answer)
    server = TestServer(app, scheme="https" if tls else "http")
    await server.start_server(ssl=tls)
    hub.url = str(server.make_url("/"))
    seeds, port = tmp_path / "seeds", free_port(0)
    seeds.mkdir()
    sources = tmp_path / "s.opml"
    sources.write_text(f"<opml><body><outline text='s' xmlUrl='{hub.url}feed' {more}/></body></opml>")
    settings = load({}).but(
        data=tmp_path / "data", seeds=seeds, sources=sources, allow=f"{server.host}:{server.port}", push_port=port,
        websub_callback=f"{front}/{port}" if front else f"http://127.0.0.1:{port}",
    )  # fmt: skip
    outlet, stop = Kept(), asyncio.Event()
    runner = Runner(settings, outlet)
    task = asyncio.create_task(runner.run(stop))

    def over() -> bool:
        """Whether the first poll is over, and remembered: its source is no longer due."""
        return task.done() or any(at > time.time() for at in runner._due.values())

    try:
        async with asyncio.timeout(60):
            while not over():  # noqa: ASYNC110 - the runner sets no event
                await asyncio.sleep(0.05)
        assert hub.asked
        assert outlet.items
        yield hub, outlet, runner
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)
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
        assert runner._websub.tells(outlet.health[-1].id, time.time()) > time.time()


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


@dataclass
class Alone:
    """Our side, with a clock that the test sets and a hub that only notes what it is asked."""

    websub: WebSub
    fetcher: Fetcher
    state: SourceState
    asked: list[str]

    async def follow(self, now: float) -> int:
        """How often the hub has been asked by now."""
        await self.websub.follow(self.fetcher, self.state, "https://x.example/feed", now)
        return len(self.asked)

    def lease(self, **changes: Any) -> Lease:
        found = self.websub.ledger.lease(source="s")
        assert found is not None
        found = replace(found, **changes)
        self.websub.ledger.keep(found)
        return found


@asynccontextmanager
async def alone(tmp_path: Path) -> AsyncIterator[Alone]:
    asked: list[str] = []

    async def hub(request: web.Request) -> web.StreamResponse:
        asked.append(str((await request.post())["hub.callback"]))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hub", hub)
    server = TestServer(app)
    await server.start_server()
    ledger = Ledger(tmp_path / "l.sqlite")

    async def taken(source: str, body: bytes, kind: str) -> bool:
        return True

    state = SourceState("s", hub=str(server.make_url("/hub")), topic="https://x.example/feed")
    try:
        async with Fetcher("test", allowed(f"{server.host}:{server.port}")) as fetcher:
            yield Alone(WebSub(ledger, "https://us.example/", taken), fetcher, state, asked)
    finally:
        ledger.close()
        await server.close()


@pytest.mark.parametrize("granted", [300.0, 86400.0, float(WANTED), 20.0 * 86400])
async def test_a_lease_is_renewed_before_it_ends_however_long_it_is(tmp_path: Path, granted: float) -> None:
    async with alone(tmp_path) as one:
        assert await one.follow(NOW) == 1
        assert await one.follow(NOW + 60) == 1, "a hub is not asked twice in a row"
        one.lease(granted=granted, until=NOW + 60 + granted, told=NOW + 60)
        renewal = one.websub.tells("s", NOW + 61)
        assert NOW + 60 + granted * 0.79 < renewal < NOW + 60 + granted
        assert await one.follow(renewal - 1) == 1, "a good lease is left alone"
        assert await one.follow(renewal) == 2
        assert len(set(one.asked)) == 1, "the callback stays"
        assert one.websub.tells("s", NOW + 59 + granted)
        assert not one.websub.tells("s", NOW + 61 + granted)
        assert await one.follow(renewal + PATIENCE - 1) == 2
        assert await one.follow(max(renewal + PATIENCE, NOW + 61 + granted)) == 3, "it did not verify: asked again"


async def test_a_hub_is_relied_on_once_it_has_told_something_and_until_a_poll_finds_more(tmp_path: Path) -> None:
    async with alone(tmp_path) as one:
        await one.follow(NOW)
        path = one.lease(granted=WANTED, until=NOW + WANTED).path
        assert not one.websub.tells("s", NOW), "it has told nothing yet"
        one.websub.ledger.told(path, NOW)
        assert one.websub.tells("s", NOW)
        one.websub.missed("s", NOW + 60)
        assert one.websub.tells("s", NOW + 60), "what it brought and what a poll found have crossed"
        one.websub.missed("s", NOW + 3600)
        assert not one.websub.tells("s", NOW + 3600)
        assert await one.follow(NOW + 7200) == 1
        assert await one.follow(NOW + 86401) == 2, "it may have forgotten us"


def test_leases_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as db:
        db.execute(
            "CREATE TABLE leases (source TEXT PRIMARY KEY, hub TEXT, topic TEXT, path TEXT UNIQUE, secret TEXT, "
            "asked REAL, until REAL, denied TEXT)"
        )
        db.execute("INSERT INTO leases VALUES ('s', 'h', 't', 'p', 'x', 1.0, 2.0, '')")
        db.commit()
    ledger = Ledger(tmp_path / "l.sqlite")

    assert ledger.lease(source="s") == Lease("s", "h", "t", "p", "x", 1.0, 2.0)
    ledger.close()


async def test_a_denial_ends_a_lease(tmp_path: Path) -> None:
    async with running(tmp_path) as (hub, outlet, runner), ClientSession() as session:
        source = outlet.health[-1].id
        assert runner._websub is not None
        await hub.verify(session)
        await hub.bring(session, rss("b Two"))
        assert runner._websub.tells(source, time.time())
        assert (await hub.verify(session, hub_mode="denied", hub_reason="no room"))[0] == 200
        assert not runner._websub.tells(source, time.time())
        assert await hub.bring(session, rss("c Three")) == 410


async def test_with_a_hub_that_tells_a_source_is_asked_by_the_hour_and_in_time_to_renew(tmp_path: Path) -> None:
    async with running(tmp_path) as (hub, _, runner), ClientSession() as session:
        (one,) = runner._declared_now.values()
        state = runner.state.get(one.id)
        await hub.verify(session)
        assert runner._pace(one, state, 0) <= 1.25 * 900, "as usual"
        await hub.bring(session, rss("b Two"))
        assert runner._pace(one, state, 0) == TOLD_PACE
        hub.lease = 2000
        await hub.verify(session)
        assert 1500 < runner._pace(one, state, 0) <= 1600


async def test_what_a_hub_brings_of_a_source_whose_pages_are_fetched_makes_it_due(tmp_path: Path) -> None:
    async with running(tmp_path, more="tw:full-text='true' xmlns:tw='urn:treatywatch:opml:1'") as (
        hub, outlet, runner,
    ), ClientSession() as session:  # fmt: skip
        (one,) = runner._declared_now.values()
        assert one.full_text
        await hub.verify(session)
        hub.entries.insert(0, "b Two")
        before = hub.polls
        assert await hub.bring(session, rss("b Two")) == 202
        async with asyncio.timeout(60):
            while len(outlet.items) < 2:  # noqa: ASYNC110 - the runner is no task of ours
                await asyncio.sleep(0.05)

        assert hub.polls > before
        assert runner._websub is not None
        assert runner._websub.tells(one.id, time.time()), "that poll found what the hub had told of"


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
