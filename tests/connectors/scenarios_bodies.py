"""What servers send in place of a document: packed, endless, broken off. Importing it registers the routes."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import brotli
from aiohttp import web

from tests.connectors.hostile import Answer, Asked, entry, ok, rss, scenario
from tests.connectors.scenarios_http import FEED, ONE


@scenario(
    "safety", "gzip, deflate and br are undone", codes=(0, 0, 0), events=[*ONE, ("new", "b Two"), ("new", "c Three")]
)
def packed(asked: Asked) -> Answer:
    title = ["a One", "b Two", "c Three"][asked.count % 3]
    body = rss([entry(title)]).encode()
    how = [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)][asked.count % 3]
    return ok(how[1](body), Content_Encoding=how[0])


@scenario("safety", "truncated gzip and br are failures, and bring nothing", codes=(3, 3), events=[])
def packed_short(asked: Asked) -> Answer:
    body = rss([entry(f"e{n} Entry") for n in range(200)]).encode()
    how = [("gzip", gzip.compress), ("br", brotli.compress)][asked.count % 2]
    return ok(how[1](body)[:-20], Content_Encoding=how[0])


@scenario("safety", "a gzip bomb is cut off", codes=(3,), events=[])
def bomb_gzip(asked: Asked) -> Answer:
    return ok(_zeros(), Content_Encoding="gzip")


@scenario("safety", "a bomb packed twice is cut off", codes=(3,), events=[])
def bomb_twice(asked: Asked) -> Answer:
    return ok(gzip.compress(_zeros()), Content_Encoding="gzip, gzip")


@scenario("safety", "a br bomb is cut off", codes=(3,), events=[])
def bomb_br(asked: Asked) -> Answer:
    packer = brotli.Compressor(quality=1)
    body = b"".join(packer.process(b"\0" * 1_000_000) for _ in range(100)) + packer.finish()
    return ok(body, Content_Encoding="br")


def _zeros() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()


@scenario("safety", "a coding that nobody offered is a failure", codes=(3,), events=[])
def packed_oddly(asked: Asked) -> Answer:
    return ok(FEED, Content_Encoding="compress")


@scenario("safety", "an endless body is cut off", codes=(3,), events=[])
async def endless_body(asked: Asked) -> Answer:
    answer = web.StreamResponse()
    await answer.prepare(asked.request)
    for _ in range(200):
        await answer.write(b"<item>" * 100_000)
    return answer


@scenario("safety", "too many headers are a failure", codes=(3,), events=[])
def headers_many(asked: Asked) -> Answer:
    return ok(FEED, **{f"X_{n}": "x" for n in range(500)})


@scenario("safety", "a header of a megabyte is a failure", codes=(3,), events=[])
def headers_long(asked: Asked) -> Answer:
    return ok(FEED, X_Long="x" * 1_000_000)


@scenario("safety", "a body shorter than announced is a failure", codes=(3,), events=[], raw=True)
async def body_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + FEED.encode())
    await writer.drain()


@scenario("safety", "chunks without an end are a failure", codes=(3,), events=[], raw=True)
async def chunks_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = FEED.encode()
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n")
    await writer.drain()


@scenario("safety", "an answer that is no HTTP is a failure", codes=(3,), events=[], raw=True)
async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9\r\n" + bytes(range(256)))
    await writer.drain()


@scenario("safety", "a connection closed without a word is a failure", codes=(3,), events=[], raw=True)
async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


@scenario("safety", "a feed that breaks off inside an entry brings the whole ones, and is asked for again",
          codes=(0, 0), events=[("new", "a One"), ("new", "b Two")])  # fmt: skip
def broken_off(asked: Asked) -> Answer:
    whole = rss([entry("a One"), entry("b Two")])
    return ok(whole if asked.count else whole[:-60], ETag='"same"')
