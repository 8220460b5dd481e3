from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.address import allowed
from connectors.base import SourceFault
from connectors.fetch import Fetcher
from connectors.markup import plain
from connectors.sources.catalogue import read
from connectors.sources.documents import Documents
from connectors.sources.poll import run
from connectors.sources.seeds import ArticleFile
from streams.settings import SettingsFault
from tests.making import NOW, seed

RSS = b"""<rss version="2.0"><channel><title>t</title><language>en</language>
<item>
<title>A &lt;b&gt;bold&lt;/b&gt; offer</title><link>https://x.example/1</link><guid>g1</guid>
<pubDate>Mon, 28 Jul 2008 10:00:00 GMT</pubDate>
<description>&lt;p&gt;Russia &lt;script&gt;alert(1)&lt;/script&gt;spoke.&lt;/p&gt;</description>
</item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>e1</id><title>T</title>
<updated>2024-01-02T03:04:05Z</updated><summary>S</summary></entry></feed>"""

Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[TestServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers = []

    async def start(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> TestServer:
        app = web.Application()
        app.router.add_get("/{tail:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.close()


def allow(server: TestServer) -> frozenset[str]:
    return allowed(f"{server.host}:{server.port}")


def test_the_seed_loses_its_notices_and_keeps_its_dates_apart() -> None:
    item = seed()

    assert item.title == "Russia Reassures NATO on Security"
    assert item.text.startswith("BRUSSELS -- ")
    assert item.published == datetime(2008, 7, 29, tzinfo=UTC)
    assert item.modified == datetime(2016, 7, 27, tzinfo=UTC)


def test_a_file_outside_the_catalogue_has_no_date() -> None:
    (item,) = ArticleFile("x").read(b"Head\n\nPARIS -- Text.", NOW)

    assert item.published is None


def test_a_feed_s_markup_becomes_text_and_updated_is_never_published() -> None:
    (rss,) = Documents("feed", "f", "https://x.example/f").read(RSS, NOW)
    (atom,) = Documents("feed", "f", "https://x.example/f").read(ATOM, NOW)

    assert (rss.title, rss.text) == ("A bold offer", "Russia spoke.")
    assert rss.published == datetime(2008, 7, 28, 10, tzinfo=UTC)
    assert atom.published is None
    assert atom.modified == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_what_is_not_a_feed_is_the_source_s_fault() -> None:
    with pytest.raises(SourceFault, match="not a feed"):
        list(Documents("feed", "f", "https://x.example/f").read(b"<html>no</html>", NOW))


def test_text_of_markup_has_no_tags() -> None:
    assert plain("<p>a</p><style>b{}</style><p>c &amp; d</p>") == "a\n\nc & d"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1/", "not a public address"),
        ("http://[::1]:1/", "not a public address"),
        ("http://169.254.169.254/", "not a public address"),
        ("http://localhost:1/", "not a public address"),
        ("file:///etc/passwd", "scheme"),
    ],
)
async def test_private_places_are_refused(url: str, says: str) -> None:
    async with Fetcher("test") as fetcher:
        with pytest.raises(SourceFault, match=says):
            await fetcher.get(url)


async def test_a_redirect_to_a_private_place_is_refused(serve: Serve) -> None:
    async def away(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://127.0.0.1:9/")

    server = await serve(away)
    async with Fetcher("test", allow(server)) as fetcher:
        with pytest.raises(SourceFault, match="not a public address"):
            await fetcher.get(str(server.make_url("/")))


async def test_a_slow_body_is_cut_off(serve: Serve) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        import asyncio  # noqa: PLC0415 - used here only

        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(100):
            await answer.write(b"x")
            await asyncio.sleep(0.1)
        return answer

    server = await serve(drip)
    async with Fetcher("test", allow(server), deadline=0.5) as fetcher:
        with pytest.raises(SourceFault, match="no whole answer"):
            await fetcher.get(str(server.make_url("/")))


@pytest.mark.parametrize(
    ("body", "says"),
    [(gzip.compress(b"x" * 5000)[:-20], "truncated|broken"), (gzip.compress(b"\0" * 80_000_000), "unpacks to more")],
    ids=["truncated", "bomb"],
)
async def test_packed_bodies_are_bounded_and_whole(serve: Serve, body: bytes, says: str) -> None:
    async def packed(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    server = await serve(packed)
    async with Fetcher("test", allow(server)) as fetcher:
        with pytest.raises(SourceFault, match=says):
            await fetcher.get(str(server.make_url("/")))


async def test_a_poll_brings_new_entries_once_and_sends_validators_back(serve: Serve, tmp_path: Path) -> None:
    import asyncio  # noqa: PLC0415 - used here only

    asked = []

    async def feed(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("If-None-Match"))
        if asked[-1] == '"v1"':
            return web.Response(status=304)
        return web.Response(body=RSS, headers={"ETag": '"v1"'})

    server = await serve(feed)
    given = (
        str(server.make_url("/f")),
        "feed",
        tmp_path / "state",
        tmp_path / "out",
        f"127.0.0.1:{server.port}",
        False,
    )
    codes = [await asyncio.to_thread(run, *given) for _ in range(2)]

    assert codes == [0, 0]
    assert asked == [None, '"v1"']
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["new"]


def test_a_format_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="accepted are feed"):
        run("https://x.example", "fax", tmp_path, tmp_path / "o", "", False)


def test_the_packaged_list_reads_and_dead_sources_stay_with_their_reason() -> None:
    declared = read(None)

    assert len({d.id for d in declared}) == len(declared) > 30
    assert all(d.evidence for d in declared if not d.enabled)


def test_a_list_with_a_doctype_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "s.opml"
    bad.write_text('<!DOCTYPE x [<!ENTITY a "b">]><opml><body/></opml>')

    with pytest.raises(SettingsFault, match="DOCTYPE"):
        read(bad)
