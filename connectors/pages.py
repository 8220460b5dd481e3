"""The pages behind entries: fetched where robots.txt allows, checked again while their entries stand in the feed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

import msgspec

from connectors.address import place
from connectors.base import SourceFault
from connectors.entries import Entry, Known
from connectors.fetch import Fetcher, Validators
from connectors.parsing import Parser
from connectors.robots import Robots
from connectors.sources import documents

MOST_PAGE = 4 * 1024 * 1024
AT_ONCE = 4
GIVEN_UP = 3
"""So many failures in a row of one host end this run's requests to it."""
SOONEST, OLD = 3600.0, 14 * 86400.0
GAP = 1.0
"""Seconds between two pages of one host; not for those that the operator allowed by address."""


class PageState(msgspec.Struct, omit_defaults=True):
    """What is kept of the page behind an entry."""

    feed: str = ""
    """Fingerprint of the feed's own entry, so that its edits are told from the page's."""
    print: str = ""
    """Fingerprint of the page's text; empty when the entry's text is the feed's."""
    etag: str | None = None
    modified: str | None = None
    address: str = ""
    checked: float = 0.0
    begun: float = 0.0
    """When it was first looked at."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a page brought: its entry, or nothing new, or that it is gone."""

    entry: Entry | None = None
    gone: bool = False
    late: bool = False
    """There was no time left to look."""
    validators: Validators | None = None


def kept(known: Known | None) -> PageState:
    """The page state of a known entry."""
    return msgspec.json.decode(known.page, type=PageState) if known and known.page else PageState()


class Pages:
    """Fetches pages for the entries of one run; `until` (monotonic seconds) ends it.

    `patient` looks at a page again only after a quarter of its age, and no more after two weeks.
    """

    def __init__(
        self, fetcher: Fetcher, parser: Parser, robots: Robots, until: float, *, patient: bool = False
    ) -> None:
        self.fetcher, self.parser, self.robots, self.until = fetcher, parser, robots, until
        self.patient = patient
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[str, float] = {}
        self._failed: Counter[str] = Counter()

    def due(self, known: PageState, now: float) -> bool:
        """Whether a page is to be looked at again."""
        age = now - known.begun
        return not self.patient or (age < OLD and now - known.checked >= max(SOONEST, age / 4))

    async def look(self, url: str, known: PageState | None = None) -> Looked:
        """What the page at `url` says now; an empty `Looked` when it says nothing new, or may not be asked."""
        host = place(url)
        async with self._hosts[host], self._gate:
            late = time.monotonic() >= self.until
            if late or self._failed[host] >= GIVEN_UP:
                return Looked(late=late)
            try:
                if not await self.robots.allows(url):
                    return Looked()
                if not await self._turn(host, url):
                    return Looked(late=True)
                found = await self._ask(url, known or PageState())
                self._failed[host] = 0
            except SourceFault as fault:
                if fault.outcome == "gone":
                    return Looked(gone=True)
                self._failed[host] += fault.outcome != "not-a-feed"
                return Looked(late=time.monotonic() >= self.until)
            return found

    async def _ask(self, url: str, known: PageState) -> Looked:
        validators = Validators(known.address, known.etag, known.modified) if known.address else None
        answer = await self.fetcher.get(url, validators, MOST_PAGE, "page", may=self.robots.allows)
        if answer.status == 304:
            return Looked()
        kind = answer.headers.get("content-type", "")
        reading = await self.parser.do(documents.read, "page", answer.url, answer.body, kind)
        return Looked(reading.entries[0], validators=answer.validators)

    async def _turn(self, host: str, url: str) -> bool:
        """Wait for the host's next turn; `False` when it comes too late."""
        gap = max(await self.robots.delay(url), 0.0 if host in self.fetcher.allow else GAP)
        wait = self._next.get(host, 0.0) - time.monotonic()
        if time.monotonic() + max(wait, 0.0) >= self.until:
            return False
        if wait > 0:
            await asyncio.sleep(wait)
        self._next[host] = time.monotonic() + gap
        return True
