"""Fetches with one hard deadline and caps, and never from where it must not.

The address that is connected to is checked, not the name that was asked for: so neither a redirect nor a
changed DNS answer leads to a private, loopback, link-local or metadata address.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import string
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urldefrag, urljoin, urlsplit, urlunsplit

import aiohttp
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from connectors import coding
from connectors.address import PORTS, check, guard, place, target
from connectors.base import SourceFault

DEADLINE = 30.0
MOST_WIRE = 32 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
MOST_REDIRECTS = 10
MOST_HEADERS = 128
MOST_HEADER_BYTES = 64 * 1024
May = Callable[[str], Awaitable[bool]]
"""Whether an address may be fetched."""
ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, */*;q=0.5",
    "any": "*/*",
}


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask it later whether anything changed; only for the address that gave it."""

    address: str
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How a source is asked: what only its own origin is told, and through which proxy."""

    url: str
    authorization: str | None = None
    proxy: str | None = None

    def header(self, at: str) -> dict[str, str]:
        """The credentials, where `at` is of the origin that they are for."""
        ours, there = urlsplit(self.url), urlsplit(at)
        same = ours.scheme == there.scheme and place(self.url) == place(at)
        return {"Authorization": self.authorization} if self.authorization and same else {}


@dataclass(slots=True)
class Fetched:
    """An answer: 200 with its body, or 304 without."""

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    moved: str | None = None
    """Where it lives now, as far as every step there was permanent."""
    wire: int = 0
    """Bytes of the body as they came, packed."""

    @property
    def validators(self) -> Validators | None:
        """Validators of this answer, verbatim."""
        etag, modified = self.headers.get("etag"), self.headers.get("last-modified")
        return Validators(self.url, etag, modified) if etag or modified else None


def user_agent(stated: str, contact: str = "") -> str:
    """How we present ourselves: with an address for site owners, the machine's postmaster when none was given."""
    if contact:
        return f"treatywatch/0.1 (news monitor; {contact})"
    return stated or f"treatywatch/0.1 (news monitor; postmaster@{socket.gethostname()})"


def _unreachable(fault: Exception) -> str:
    said = str(fault).replace(" ssl:default", "")  # aiohttp says it of plain HTTP too
    return f"cannot be reached: {said[:300] or type(fault).__name__}"


class Resolver(ThreadedResolver):
    """Resolves names, and notes the addresses of those that the operator allowed by name."""

    def __init__(self, allow: frozenset[str]) -> None:
        super().__init__()
        self.allow = allow
        self.granted = allow

    def permit(self, place: str) -> None:
        """Allow HOST:PORT from now on."""
        self.allow |= {place}
        self.granted |= {place}

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:
        """As its base, and notes what an allowed name stands for."""
        found = await super().resolve(host, port, family)
        if f"{host.lower()}:{port}" in self.allow:
            self.granted |= {f"{one['host']}:{port}" for one in found}
        return found


class Fetcher:
    """One client for all sources of a process. `until` (monotonic seconds) ends whatever still goes on then."""

    def __init__(
        self,
        user_agent: str,
        allow: frozenset[str] = frozenset(),
        deadline: float = DEADLINE,
        until: float | None = None,
    ) -> None:
        self.deadline, self.allow, self.until = deadline, allow, until
        self._agent = user_agent
        self._session: aiohttp.ClientSession | None = None
        self._resolver = Resolver(allow)

    async def __aenter__(self) -> Fetcher:
        resolver = self._resolver
        connector = aiohttp.TCPConnector(
            # Our own, made now: so an operator's SSL_CERT_FILE names whom else to believe.
            ssl=ssl.create_default_context(),
            socket_factory=guard(lambda: resolver.granted),
            resolver=resolver,
            limit=64,
            limit_per_host=8,
            use_dns_cache=False,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept-Encoding": coding.ACCEPTED},
            trust_env=False,
            max_line_size=8190,
            max_field_size=16380,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def left(self) -> float:
        """Seconds that a fetch may take if it begins now."""
        return self.deadline if self.until is None else min(self.deadline, self.until - time.monotonic())

    async def get(
        self,
        url: str,
        known: Validators | None = None,
        most: int = MOST_BYTES,
        accept: str = "any",
        access: Access | None = None,
        *,
        beginning: bool = False,
        may: May | None = None,
    ) -> Fetched:
        """Fetch `url`, at most `most` bytes unpacked; `SourceFault` says in words what the other side did.

        Of what is longer, `beginning` gives the first `most` bytes, and no more than these are read. `may` is asked
        of each address that a redirect leads to.
        """
        seconds = self.left()
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                return await self._follow(url, known, most, ACCEPT[accept], access, beginning, may)
        except TimeoutError:
            raise SourceFault(f"no whole answer within {max(seconds, 0.0):.0f} s") from None
        except SourceFault:
            raise
        except (aiohttp.ClientError, OSError, ValueError, LookupError) as fault:
            cause: BaseException | None = fault
            while cause is not None:
                if isinstance(cause, SourceFault):
                    raise cause from None
                cause = cause.__cause__ or getattr(cause, "os_error", None)
            raise SourceFault(_unreachable(fault)) from fault

    async def post(self, url: str, form: bytes) -> int:
        """Send a form; the status of the answer. Redirects are not followed."""
        if self._session is None:
            raise RuntimeError("use as `async with Fetcher(...)`")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            target(url, self.allow)
            async with (
                asyncio.timeout(max(self.left(), 0.0)),
                self._session.post(_verbatim(url), data=form, headers=kind, allow_redirects=False) as answer,
            ):
                return answer.status
        except TimeoutError:
            raise SourceFault("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise SourceFault(_unreachable(fault)) from fault

    async def _follow(
        self,
        url: str,
        known: Validators | None,
        most: int,
        accept: str,
        access: Access | None,
        beginning: bool,
        may: May | None,
    ) -> Fetched:
        if self._session is None:
            raise RuntimeError("use as `async with Fetcher(...)`")
        proxy = access.proxy if access else None
        if proxy:
            self._resolver.permit(place(proxy))  # the operator named it
        at, moved, permanent = url, url, True
        been = {at}
        for _ in range(MOST_REDIRECTS + 1):
            parts = target(at, self.allow)
            if proxy:
                await self._known_here(parts)
            asked = {"Accept": accept} | (access.header(at) if access else {})
            plain = len(asked)
            if known is not None and known.address == at:
                if known.etag:
                    asked["If-None-Match"] = known.etag
                if known.modified:
                    asked["If-Modified-Since"] = known.modified
            conditional = len(asked) > plain
            async with self._session.get(_verbatim(at), headers=asked, proxy=proxy, allow_redirects=False) as answer:
                headers = _headers(answer)
                if answer.status in {301, 302, 303, 307, 308} and "location" in headers:
                    # Names and passwords stand in the address only: what another origin is sent to has none of ours.
                    there = _with_login(at, urldefrag(urljoin(at, headers["location"].strip())).url)
                    permanent = permanent and answer.status in {301, 308} and _no_worse(at, there)
                    moved = there if permanent else moved
                    if there in been:
                        raise SourceFault("redirects go round in a circle")
                    been.add(there)
                    if may is not None and target(there, self.allow) and not await may(there):
                        raise SourceFault("robots.txt asks us not to fetch where it leads", "refused")
                    at = there
                    continue
                if answer.status == 304 and conditional:
                    return Fetched(304, at, headers=headers)
                _refuse(answer.status, headers)
                body, wire = await _body(answer, most, beginning)
                return Fetched(200, at, body, headers, moved if moved != url else None, wire)
        raise SourceFault(f"more than {MOST_REDIRECTS} redirects")

    async def _known_here(self, parts: SplitResult) -> None:
        """Refuse a name that means an inner address here; what it means where the proxy stands, we cannot see."""
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        try:
            found = await self._resolver.resolve(host, port, socket.AF_UNSPEC)
        except OSError:
            return  # behind a proxy, names of the world outside need not be known
        for one in found:
            check(one["host"], one["port"], self._resolver.granted)


def _verbatim(url: str) -> URL:
    """An address as it was written: what is encoded already is not encoded anew."""
    plain = url.isascii() and not any(c.isspace() or c in '<>"{}|\\^`' for c in url)
    return URL(url, encoded=True) if plain else URL(url)


def _with_login(at: str, there: str) -> str:
    """The address of a redirect; within one origin with the name and password of the address that it came from."""
    ours, theirs = urlsplit(at), urlsplit(there)
    if "@" not in ours.netloc or "@" in theirs.netloc or ours.scheme != theirs.scheme or place(at) != place(there):
        return there
    return urlunsplit(theirs._replace(netloc=f"{ours.netloc.rpartition('@')[0]}@{theirs.netloc}"))


def _no_worse(at: str, there: str) -> bool:
    return not (urlsplit(at).scheme == "https" and urlsplit(there).scheme != "https")


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    if len(answer.headers) > MOST_HEADERS or sum(len(k) + len(v) for k, v in answer.raw_headers) > MOST_HEADER_BYTES:
        raise SourceFault("too many headers")
    found: dict[str, str] = {}
    for key, given in answer.headers.items():
        low = key.lower()
        value = given if given.isascii() else _readable(low, given)
        if value is None:
            continue
        found[low] = (
            f"{found[low]}, {value}" if low in {"cache-control", "link"} and low in found else found.get(low, value)
        )
    return found


def _readable(name: str, value: str) -> str | None:
    """A header's value that is not all ASCII as text that can be kept; bytes that are no UTF-8 come as surrogates."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        raw.decode()
    except UnicodeDecodeError:
        if name in {"etag", "last-modified"}:
            return None  # our client sends UTF-8 only, and anything but the very bytes is another validator
        return quote(raw, safe=string.printable) if name == "location" else raw.decode("latin-1")
    return value


def _refuse(status: int, headers: Mapping[str, str]) -> None:
    """Raise for every status that brings no document."""
    if status in {200, 203}:  # 203: from a proxy that says so
        return
    again = headers.get("retry-after")
    if status == 410:
        raise SourceFault("gone for good (410)", "gone", status=status)
    if status in {401, 402, 403, 429, 451, 503}:
        raise SourceFault(f"refused ({status})", "refused", again, status)
    raise SourceFault(f"answered {status}", "failed", again, status)


async def _body(answer: aiohttp.ClientResponse, most: int, beginning: bool) -> tuple[bytes, int]:
    """The body, unpacked, and the bytes that it came in; of one that is too long its `beginning`, or a fault."""
    chain = coding.unpackers(answer.headers.get("Content-Encoding", ""))
    most_wire = min(MOST_WIRE, most) if chain else most
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most_wire and not beginning:
        raise SourceFault(f"larger than {most_wire} bytes")
    wire, out = 0, bytearray()

    async def take(pieces: Iterator[bytes]) -> bool:
        """Whether there was room for all of them."""
        for piece in pieces:
            out.extend(piece)
            if len(out) > most:
                if beginning:
                    return False
                raise SourceFault(f"{'unpacks to more' if chain else 'larger'} than {most} bytes")
            await asyncio.sleep(0)
        return True

    async for chunk in answer.content.iter_chunked(64 * 1024):
        wire += len(chunk)
        if wire > most_wire and not beginning:
            raise SourceFault(f"larger than {most_wire} bytes")
        if not await take(coding.through(chain, chunk)) or wire > most_wire:
            return bytes(out[:most]), wire
    if wire:
        await take(coding.ends(chain))
    return bytes(out[:most]), wire
