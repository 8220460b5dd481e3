"""Clients that are slow, silent, endless or too many, on raw sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from connectors.page import server
from connectors.page.app import build
from connectors.page.desk import DESK
from streams.settings import load
from tests.page.serving import page, told
from tests.page.test_archive import named
from tests.page.world import filled

PATIENCE = 1.0
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /workbench/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@asynccontextmanager
async def door(folder: Path, most: int = 50) -> AsyncIterator[tuple[int, web.AppRunner]]:
    """The page as it is served, with little patience; its port."""
    path = folder / "archive.sqlite"
    if not path.exists():
        one = named(0, headline="x" * 3000)
        many = (msgspec.structs.replace(one, id=f"i{n}", thread=f"t{n}", story=f"s{n}") for n in range(600))
        filled(path, told(*many))
    app = build(load({}), path, PATIENCE)
    app[DESK].loading.now = False
    runner = await server.serve(app, "127.0.0.1", 0, PATIENCE, most)
    try:
        yield runner.addresses[0][1], runner
    finally:
        await runner.cleanup()


async def dripped(port: int, first: bytes, drip: bytes) -> bytes:
    """What the server says to who sends `first`, and then `drip` again and again without an end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)

    async def go_on() -> None:
        while True:
            writer.write(drip)
            await writer.drain()
            await asyncio.sleep(PATIENCE / 8)

    dripping, said = asyncio.create_task(go_on()), b""
    try:
        # Piece by piece: what was said is said, though who goes on dripping may be reset after it.
        async with asyncio.timeout(60):
            while piece := await reader.read(65_536):
                said += piece
        return said
    except ConnectionError:
        return said or b"reset"
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()


async def until(so: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(60):
        while not so():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.02)


async def test_who_is_slow_with_a_head_is_hung_up_on(tmp_path: Path) -> None:
    async with door(tmp_path) as (port, _):
        assert await dripped(port, b"", b"") == b"", "says nothing at all"
        assert await dripped(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"a") in (b"", b"reset")
        told_ = await dripped(port, GET + b"GET / HTTP/1.1\r\nX-Slow: ", b"a")
        assert told_.count(b"HTTP/1.1") == 1, "only the request that came whole was answered"


async def test_who_is_slow_with_a_body_is_told_so_and_hung_up_on(tmp_path: Path) -> None:
    async with door(tmp_path) as (port, runner):
        silent = await dripped(port, POST + b"Content-Length: 1000\r\n\r\ntext=", b"")
        slow = await dripped(port, POST + b"Content-Length: 1000\r\n\r\ntext=", b"a")
        chunked = await dripped(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n")

        assert [answer[:12] for answer in (silent, slow, chunked)] == [b"HTTP/1.1 408"] * 3
        assert runner.server is not None
        assert runner.server.connections == []


async def test_an_endless_body_is_cut_off_at_the_bound(tmp_path: Path) -> None:
    async with door(tmp_path) as (port, _):
        block = b"x" * 65_536
        said = await dripped(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", (b"10000\r\n" + block + b"\r\n") * 12)

        assert said[:12] in (b"HTTP/1.1 413", b"reset")


async def test_who_does_not_read_an_answer_is_hung_up_on(tmp_path: Path) -> None:
    async with door(tmp_path) as (port, runner):
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", port))
        deaf.sendall(b"GET /report HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert runner.server is not None
        handler = runner.server
        await until(lambda: bool(handler.connections))
        await until(lambda: not handler.connections)
        deaf.close()


async def test_connections_beyond_the_bound_are_turned_away_and_the_place_is_free_again(tmp_path: Path) -> None:
    async with door(tmp_path, most=3) as (port, runner):
        events = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for reader, writer in held:
            writer.write(events)
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        turned = await dripped(port, GET, b"")
        held[0][1].close()
        assert runner.server is not None
        handler = runner.server
        await until(lambda: len(handler.connections) < 3)
        again = await dripped(port, GET, b"")

        assert turned.startswith(b"HTTP/1.1 503")
        assert b"Retry-After" in turned
        assert again.startswith(b"HTTP/1.1 200")
        for _, writer in held[1:]:
            writer.close()


@pytest.mark.parametrize(("kind", "status"), [("multipart/form-data; boundary=x", 415), ("text/plain", 415)])
async def test_a_body_is_a_form_and_nothing_else(tmp_path: Path, kind: str, status: int) -> None:
    async with page(tmp_path) as client:
        answer = await client.post("/workbench/read", data=b"text=x", headers={"Content-Type": kind})

        assert answer.status == status
