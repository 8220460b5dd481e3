"""robots.txt, as RFC 9309 has it: what is missing allows all, what fails allows nothing for now."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from connectors.base import SourceFault
from connectors.fetch import Fetcher

TOKEN = "treatywatch"  # noqa: S105 - our name in robots.txt
MOST_BYTES = 512 * 1024
"""What is read of a longer one; the standard asks for 500 KiB at least."""
KEPT = 86400.0
SLOWEST = 60.0
"""Seconds between requests that a Crawl-delay can ask for."""


class Robots:
    """The rules of each host, asked for once a day."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, tuple[float, Any]] = {}
        self._asking: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def allows(self, url: str) -> bool:
        """Whether the page at `url` may be fetched."""
        rules = await self._of(url)
        return bool(rules is not None and rules.can_fetch(url, TOKEN))

    async def delay(self, url: str) -> float:
        """Seconds that the host wants between requests."""
        rules = await self._of(url)
        return min(float((rules.crawl_delay(TOKEN) if rules is not None else 0) or 0), SLOWEST)

    async def _of(self, url: str) -> Any:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        async with self._asking[host]:
            at, rules = self._rules.get(host, (0.0, None))
            if not at or time.monotonic() - at > KEPT:
                rules = await self._ask(urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", "")))
                self._rules[host] = time.monotonic(), rules
            return rules

    async def _ask(self, url: str) -> Any:
        try:
            answer = await self._fetcher.get(url, most=MOST_BYTES, beginning=True)
            return Protego.parse(_whole_lines(answer.body).decode("utf-8", "replace"))
        except SourceFault as fault:
            missing = fault.status is not None and 400 <= fault.status < 500 and fault.status != 429
            return Protego.parse("") if missing else None
        except (ValueError, RecursionError):
            return None


def _whole_lines(raw: bytes) -> bytes:
    """A robots.txt up to its last whole line, where it was cut off: half a path would forbid more than the whole."""
    return raw[: raw.rfind(b"\n") + 1] if len(raw) >= MOST_BYTES else raw
