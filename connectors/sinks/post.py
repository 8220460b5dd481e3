"""POST to where an operator said, under the connectors' rules of what may be reached. No redirects, no cookies."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import time
from collections.abc import Mapping

import aiohttp
from yarl import URL

from connectors.address import guard, place, target
from connectors.base import SourceFault
from connectors.fetch import Resolver
from connectors.manners import retry_after
from connectors.sinks.parcel import SinkFault

AGENT = "treatywatch/0.1 (alerts)"
MOST_ANSWER = 64 * 1024
MOST_WORDS = 200
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")

NEVER = frozenset([400, 405, 406, 411, 413, 414, 415, 422, 431])
"""Answers that judge what was sent: the same again will be judged the same."""
LATER = frozenset([401, 402, 403, 404, 407, 408, 410, 421, 425, 429, 502, 503, 504])
"""Answers that judge who asks, or the moment: what else waits would get the same."""


def origin(url: str) -> str:
    """Scheme, host and port: what may be shown of an address."""
    return f"{url.partition('://')[0]}://{place(url)}"


class Poster:
    """One client for one sink."""

    def __init__(self, allow: frozenset[str], seconds: float, at_once: int) -> None:
        self._allow, self._seconds, self._at_once = allow, seconds, at_once
        self._session: aiohttp.ClientSession | None = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = Resolver(self._allow)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=ssl.create_default_context(),  # an operator's SSL_CERT_FILE names whom else to believe
                    socket_factory=guard(lambda: resolver.granted), resolver=resolver, use_dns_cache=False,
                    limit=self._at_once,
                ),
                cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": AGENT}, trust_env=False,
            )  # fmt: skip
        return self._session

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> bytes:
        """Send; the answer's body. `SinkFault` unless it was taken (2xx)."""
        try:
            target(url, self._allow)
            at = URL(url, encoded=url.isascii())
            async with (
                asyncio.timeout(self._seconds),
                self._client().request(method, at, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                said = await answer.content.read(MOST_ANSWER)
                if 200 <= answer.status < 300:
                    return said
                raise _refusal(answer.status, said, answer.headers.get("Retry-After"))
        except TimeoutError:
            raise SinkFault(f"no answer within {self._seconds:g} s", away=True) from None
        except SourceFault as fault:
            raise SinkFault(str(fault), away=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise SinkFault(f"cannot be reached: {_cause(fault)}", away=True) from None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()


def words(text: str) -> str:
    """Somebody else's text as one short line."""
    return _UNPRINTABLE.sub(" ", text).strip()[:MOST_WORDS]


def _cause(fault: BaseException) -> str:
    """Why it could not be reached, in the words of whoever knows."""
    cause: BaseException | None = fault
    while cause is not None and not isinstance(cause, SourceFault):
        cause = cause.__cause__ or getattr(cause, "os_error", None)
    if cause is not None:
        return str(cause)
    system = getattr(fault, "os_error", None)
    if isinstance(system, OSError) and not isinstance(system, ssl.SSLError) and system.errno and system.errno > 0:
        return os.strerror(system.errno)
    return words(str(fault)) or type(fault).__name__


def _refusal(status: int, said: bytes, again: str | None) -> SinkFault:
    if 300 <= status < 400:
        return SinkFault(f"answered {status}: a redirect, which is not followed", away=True)
    told = words(said.decode("utf-8", "replace"))
    text = f"answered {status}" + (f": {told}" if told else "")
    return SinkFault(text, final=status in NEVER, away=status in LATER, retry_after=retry_after(again, time.time()))
