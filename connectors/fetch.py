"""Fetches with one hard deadline and caps, and never from where it must not.

The address that is connected to is checked, not the name that was asked for: so neither a redirect nor a
changed DNS answer leads to a private, loopback, link-local or metadata address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from connectors.base import SourceFault

DEADLINE = 30.0
MOST_COMPRESSED = 16 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
MOST_REDIRECTS = 10
PIECE = 256 * 1024
"""Unpacked at a time: small enough that the event loop is not held up."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = [ipaddress.ip_network(n) for n in ("::/96", "64:ff9b:1::/48", "fec0::/10")]


@dataclass(slots=True)
class Fetched:
    """An answer: 200 with its body, or 304 without."""

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    moved: str | None = None
    """Where it lives now, when every step there was permanent."""


def public(ip: _Address) -> bool:
    """Whether an address is on the open internet, whatever it is wrapped in (mapped, 6to4, Teredo, NAT64)."""
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    if any(ip in network for network in _REFUSED):
        return False
    inside = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _TRANSLATED:
        inside.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return all(public(one) for one in inside if one is not None)


def _check(host: str, port: int, allow: frozenset[str]) -> None:
    ip: _Address = ipaddress.ip_address(host.partition("%")[0])
    plain = getattr(ip, "ipv4_mapped", None) or ip
    if not public(ip) and f"{host}:{port}" not in allow and f"{plain}:{port}" not in allow:
        raise SourceFault(
            f"refused: {host}:{port} is not a public address (TREATYWATCH_ALLOW names exceptions)", "refused"
        )


def _guard(allow: frozenset[str]) -> Any:
    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, address = info
        _check(address[0], address[1], allow)
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


def user_agent(stated: str, contact: str = "") -> str:
    """How we present ourselves: with an address for site owners when the operator gave one."""
    return f"treatywatch/0.1 (news monitor; {contact})" if contact else stated


class Fetcher:
    """One client for all sources of a process."""

    def __init__(self, user_agent: str, allow: frozenset[str] = frozenset(), deadline: float = DEADLINE) -> None:
        self.deadline, self.allow = deadline, allow
        self._agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Fetcher:
        connector = aiohttp.TCPConnector(
            socket_factory=_guard(self.allow), limit=20, limit_per_host=8, use_dns_cache=False
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
                    # Names and passwords stand in the address only: what another origin is sent to has none of ours.
                    at = urljoin(at, answer.headers["Location"])
                    continue
                headers = {k.lower(): v for k, v in answer.headers.items()}
                if answer.status == 304 and asked:
                    return Fetched(304, at, headers=headers)
                if answer.status == 410:
                    raise SourceFault("gone for good (410)", "gone")
                if answer.status != 200:
                    refused = answer.status in {401, 403, 429, 451, 503}
                    raise SourceFault(
                        f"refused ({answer.status})" if refused else f"answered {answer.status}",
                        "refused" if refused else "failed",
                        headers.get("retry-after"),
                    )
                body = await _body(answer)
                return Fetched(200, at, body, headers, at if permanent and at != url else None)
        raise SourceFault(f"more than {MOST_REDIRECTS} redirects")


def _literal(host: str, port: int, allow: frozenset[str]) -> None:
    """An address written as such is refused before anything is opened."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    _check(host, port, allow)


class _Unpacker:
    """Undoes a content coding piece by piece, and knows whether the end was there."""

    def __init__(self, coding: str) -> None:
        self.coding = coding
        self._z = zlib.decompressobj(47)
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` unpacks to, at most `PIECE` bytes at a time."""
        while data:
            if self._z.eof:
                # A gzip body may have several members; what else follows the end is nobody's.
                if self.coding == "deflate" or data[:1] != b"\x1f":
                    return
                self._z = zlib.decompressobj(47)
            try:
                out = self._z.decompress(data, PIECE)
            except zlib.error as fault:
                if self._begun or self.coding != "deflate":
                    raise SourceFault(f"broken {self.coding} body") from fault
                # Some servers mean the bare stream by "deflate", without the two bytes of zlib before it.
                self._z, self._begun = zlib.decompressobj(-15), True
                continue
            self._begun = True
            data = self._z.unused_data if self._z.eof else self._z.unconsumed_tail
            yield out

    def rest(self) -> Iterator[bytes]:
        """What was held back; `SourceFault` when the end never came."""
        while not self._z.eof:
            out = self._z.decompress(b"", PIECE)
            if not out:
                raise SourceFault(f"truncated {self.coding} body")
            yield out


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise SourceFault(f"unknown content coding {coding!r}")
    unpacker = None if coding in {"", "identity"} else _Unpacker(coding)
    raw, out = 0, bytearray()

    async def take(pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            out.extend(piece)
            if len(out) > MOST_BYTES:
                raise SourceFault(f"unpacks to more than {MOST_BYTES} bytes")
            await asyncio.sleep(0)

    async for chunk in answer.content.iter_chunked(64 * 1024):
        raw += len(chunk)
        if raw > (MOST_COMPRESSED if unpacker else MOST_BYTES):
            raise SourceFault(f"larger than {MOST_COMPRESSED if unpacker else MOST_BYTES} bytes")
        await take(unpacker.pieces(chunk) if unpacker else iter((chunk,)))
    if unpacker and raw:
        await take(unpacker.rest())
    return bytes(out)
