from __future__ import annotations

import gzip
import ipaddress
import random
import socket
import sys
import zlib

import brotli
import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from connectors.address import allowed, public
from connectors.base import SourceFault, bare
from connectors.fetch import Fetched, Fetcher
from streams.settings import SettingsFault
from tests.connectors.served import Handler, redirected, served

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = random.Random(1).randbytes(200_000).hex().encode()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


async def got(handler: Handler) -> Fetched:
    async with served(handler) as server, Fetcher("test", allowed(f"{server.host}:{server.port}")) as fetcher:
        return await fetcher.get(str(server.make_url("/")))


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("fec0::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
    ],
)
def test_a_private_address_is_private_however_it_is_wrapped(address: str, open_to_all: bool) -> None:
    assert public(ipaddress.ip_address(address)) is open_to_all


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:7f00:1]", "localhost."])
async def test_other_spellings_of_loopback_are_refused(host: str) -> None:
    async with Fetcher("test") as fetcher:
        with pytest.raises(SourceFault, match=r"not a public address|cannot be reached"):
            await fetcher.get(f"http://{host}:1/")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 100),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstd.compress(TEXT)),
        ("zstd", zstd.compress(TEXT[:1000]) + zstd.compress(TEXT[1000:])),
        ("gzip, br", brotli.compress(gzip.compress(TEXT))),
        ("identity", TEXT),
    ],
    ids=["gzip", "gzip members", "gzip padded", "zlib", "raw deflate", "br", "zstd", "zstd frames", "two", "identity"],
)
async def test_packed_bodies_come_out_whole(coding: str, body: bytes) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": coding})

    assert (await got(answer)).body == TEXT


@pytest.mark.parametrize(
    ("coding", "body", "says"),
    [
        ("gzip", gzip.compress(TEXT)[:-1], "truncated"),
        ("gzip", gzip.compress(b"\0" * 1_000_000)[:300], "truncated"),
        ("gzip", b"plain text", "broken"),
        ("deflate", zlib.compress(TEXT)[:-5], "truncated"),
        ("br", brotli.compress(TEXT)[:-5], "truncated"),
        ("zstd", zstd.compress(TEXT)[:-5], "truncated"),
        ("zstd", b"plain text", "broken"),
        ("compress", b"x", "unknown content coding"),
        ("gzip, gzip, gzip", b"x", "packed 3 times"),
    ],
)
async def test_a_body_without_its_end_is_a_failure(coding: str, body: bytes, says: str) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": coding})

    with pytest.raises(SourceFault, match=says):
        await got(answer)


async def test_a_body_shorter_than_announced_is_a_failure() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        whole = web.StreamResponse(headers={"Content-Length": "1000"})
        await whole.prepare(request)
        await whole.write(b"x" * 10)
        if request.transport is not None:
            request.transport.close()
        return whole

    with pytest.raises(SourceFault, match="cannot be reached"):
        await got(answer)


async def test_redirects_end_after_ten() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{request.path}a")

    with pytest.raises(SourceFault, match="more than 10 redirects"):
        await got(answer)


async def test_a_circle_of_redirects_is_noticed_at_once() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/")

    with pytest.raises(SourceFault, match="in a circle"):
        await got(answer)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://x.example/", "gopher://x.example/"])
async def test_redirects_lead_to_the_web_only(target: str) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": target})

    with pytest.raises(SourceFault, match="scheme"):
        await got(answer)


async def test_a_password_in_an_address_stays_with_its_origin() -> None:
    told: list[str | None] = []

    async with redirected(told) as (server, places), Fetcher("test", allowed(places)) as fetcher:
        await fetcher.get(f"http://user:secret@{server.host}:{server.port}/")

    assert told[0] is not None
    assert told[1] is None


async def test_not_modified_to_a_question_that_nobody_asked_is_a_failure() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=304)

    with pytest.raises(SourceFault, match="answered 304"):
        await got(answer)


def test_a_shown_address_has_no_password() -> None:
    assert bare("https://u:p@x.example:8/a?b=c@d#e") == "https://x.example:8/a?b=c@d#e"
    assert bare("https://x.example/@a") == "https://x.example/@a"


async def test_of_a_name_with_a_private_and_an_allowed_address_the_allowed_one_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x")

    async def resolve(self: ThreadedResolver, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        found = [(socket.AF_INET, "127.0.0.9"), (socket.AF_INET, "127.0.0.1")]
        return [
            {"hostname": host, "host": ip, "port": port, "family": kind, "proto": 0, "flags": socket.AI_NUMERICHOST}
            for kind, ip in found
        ]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    async with served(answer) as server, Fetcher("test", allowed(f"127.0.0.1:{server.port}")) as fetcher:
        assert (await fetcher.get(f"http://both.example:{server.port}/")).body == b"x"
        with pytest.raises(SourceFault, match="not a public address"):
            await fetcher.get("http://both.example:1/")
    async with Fetcher("test", allowed("both.example:1")) as fetcher:
        with pytest.raises(SourceFault, match="cannot be reached"):
            await fetcher.get("http://both.example:1/")


@pytest.mark.parametrize("coded", [False, True], ids=["as it is", "packed"])
async def test_of_a_long_body_only_the_beginning_that_was_asked_for_is_read(coded: bool) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Encoding": "gzip"} if coded else {})
        await answer.prepare(request)
        packer = zlib.compressobj(wbits=31)
        while sent < 500_000_000:
            await answer.write(packer.compress(TEXT) + packer.flush(zlib.Z_SYNC_FLUSH) if coded else TEXT)
            sent += len(TEXT)
        return answer

    async with served(endless) as server, Fetcher("test", allowed(f"{server.host}:{server.port}")) as fetcher:
        answer = await fetcher.get(str(server.make_url("/")), most=1_000_000, beginning=True)

    assert answer.body == (TEXT * 3)[:1_000_000]
    assert sent < 50_000_000


@pytest.mark.parametrize("text", ["x.example", "127.0.0.1:http", "127.0.0.1:0", "http://x.example:80", ":80", "a:1,b"])
def test_what_is_no_host_and_port_is_not_taken_for_an_exception(text: str) -> None:
    with pytest.raises(SettingsFault, match=r"allow: .* HOST:PORT"):
        allowed(text)


def test_exceptions_are_hosts_and_ports() -> None:
    assert allowed(" localhost:80, [FD00::1]:8080 ") == {"127.0.0.1:80", "::1:80", "fd00::1:8080"}
