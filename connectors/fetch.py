"""Fetches with one hard deadline and caps, and never from where it must not.

The address that is connected to is checked, not the name that was asked for: so neither a redirect nor a
changed DNS answer leads to a private, loopback, link-local or metadata address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from connectors.base import SourceFault

DEADLINE = 30.0
MOST_COMPRESSED = 16 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
MOST_REDIRECTS = 10


@dataclass(slots=True)
class Fetched:
    """An answer: 200 with its body, or 304 without."""

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    moved: str | None = None
    """Where it lives now, when every step there was permanent."""


def _guard(allow: frozenset[str]) -> Any:
    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, address = info
        host, port = address[0], address[1]
        ip = ipaddress.ip_address(host.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if not ip.is_global and f"{host}:{port}" not in allow and f"{ip}:{port}" not in allow:
            raise SourceFault(
                f"refused: {host}:{port} is not a public address (TREATYWATCH_ALLOW names exceptions)",
                "refused",
            )
        return socket.socket(family, kind, proto)

    return make


def allowed(text: str) -> frozenset[str]:
    """HOST:PORT,... as a set; localhost stands for both loopback addresses."""
    found = set()
    for one in filter(None, (part.strip() for part in text.split(","))):
        host, _, port = one.rpartition(":")
        hosts = ("127.0.0.1", "::1") if host == "localhost" else (host.strip("[]"),)
        found |= {f"{h}:{port}" for h in hosts}
    return frozenset(found)


class Fetcher:
    """One client for all sources of a process."""

    def __init__(self, user_agent: str, allow: frozenset[str] = frozenset(), deadline: float = DEADLINE) -> None:
        self.deadline, self.allow = deadline, allow
        self._agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Fetcher:
        connector = aiohttp.TCPConnector(
            socket_factory=_guard(self.allow), limit=20, limit_per_host=2, use_dns_cache=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"},
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, etag: str | None = None, modified: str | None = None) -> Fetched:
        """Fetch `url`; `SourceFault` says in words what the other side did."""
        try:
            async with asyncio.timeout(self.deadline):
                return await self._follow(url, etag, modified)
        except TimeoutError:
            raise SourceFault(f"no whole answer within {self.deadline:.0f} s") from None
        except SourceFault:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            cause: BaseException | None = fault
            while cause is not None:
                if isinstance(cause, SourceFault):
                    raise cause from None
                cause = cause.__cause__ or getattr(cause, "os_error", None)
            raise SourceFault(
                f"cannot be reached: {fault}" if str(fault) else f"cannot be reached: {type(fault).__name__}"
            ) from fault

    async def _follow(self, url: str, etag: str | None, modified: str | None) -> Fetched:
        if self._session is None:
            raise RuntimeError("use as `async with Fetcher(...)`")
        at, permanent = url, True
        for _ in range(MOST_REDIRECTS + 1):
            parts = urlsplit(at)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise SourceFault(f"refused: {parts.scheme or 'no'} scheme", "refused")
            _literal(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), self.allow)
            asked = {}
            if etag:
                asked["If-None-Match"] = etag
            if modified:
                asked["If-Modified-Since"] = modified
            async with self._session.get(at, headers=asked, allow_redirects=False) as answer:
                if answer.status in {301, 302, 303, 307, 308} and "Location" in answer.headers:
                    permanent = permanent and answer.status in {301, 308}
                    at = urljoin(at, answer.headers["Location"])
                    continue
                headers = {k.lower(): v for k, v in answer.headers.items()}
                if answer.status == 304:
                    return Fetched(304, at, headers=headers)
                if answer.status == 410:
                    raise SourceFault("gone for good (410)", "gone")
                if answer.status in {401, 403, 429, 451, 503}:
                    fault = SourceFault(f"refused ({answer.status})", "refused")
                    fault.retry_after = headers.get("retry-after")  # type: ignore[attr-defined]  # read by the runner
                    raise fault
                if answer.status != 200:
                    raise SourceFault(f"answered {answer.status}")
                body = await _body(answer)
                return Fetched(200, at, body, headers, at if permanent and at != url else None)
        raise SourceFault(f"more than {MOST_REDIRECTS} redirects")


def _literal(host: str, port: int, allow: frozenset[str]) -> None:
    """An address written as such needs no DNS, so aiohttp never asks the socket factory's resolver."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return
    if not ip.is_global and f"{host}:{port}" not in allow:
        raise SourceFault(f"refused: {host}:{port} is not a public address", "refused")


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"", "identity"}:
        unpack = None
    elif coding in {"gzip", "x-gzip", "deflate"}:
        unpack = zlib.decompressobj(47)
    else:
        raise SourceFault(f"unknown content coding {coding!r}")
    raw, out = 0, bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        raw += len(chunk)
        if raw > MOST_COMPRESSED:
            raise SourceFault(f"larger than {MOST_COMPRESSED} bytes")
        try:
            # One byte more than allowed is asked for, so that a bomb is told and never unpacked.
            out += unpack.decompress(chunk, MOST_BYTES - len(out) + 1) if unpack else chunk
        except zlib.error as fault:
            raise SourceFault(f"broken {coding} body") from fault
        if len(out) > MOST_BYTES:
            raise SourceFault(f"unpacks to more than {MOST_BYTES} bytes")
    if unpack is not None and not unpack.eof:
        raise SourceFault(f"truncated {coding} body")
    return bytes(out)
