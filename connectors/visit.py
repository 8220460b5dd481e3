"""One visit to one source: ask, read, tell what is new, edited or withdrawn. It publishes and remembers nothing:
the caller does, in this order, so that a kill between the two repeats and never loses."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import re
import threading

import msgspec

from connectors import manners
from connectors.base import SourceFault
from connectors.entries import Declaration
from connectors.fetch import MOST_BYTES, Access, Fetched, Fetcher
from connectors.judge import Judge, Visit
from connectors.pages import MOST_PAGE, Pages
from connectors.parsing import Parser
from connectors.sources import gdelt
from connectors.sources.documents import Format, read
from connectors.state import SourceState, State, asked

_LINKED = re.compile(r"<([^<>\s]{1,1000})>([^<]*)")
_REL = re.compile(r"\brel\s*=\s*\"?([\w\s-]{1,100})", re.IGNORECASE)
log = logging.getLogger("treatywatch.connect")

MOST_FAILURES = 3
"""So many failed documents in a row end the visit to an index."""
MOST_CHILDREN = 50
"""Documents of an index that one visit reads; the rest waits for the next."""
MOST_LISTED = 5000
"""Documents of one index and of the indexes in it."""
LARGE = 1024 * 1024
"""Bytes of a document that is long in coming apart."""
UNCOLLECTED = 30.0
KEPT: dict[Format, float] = {"feed": 180 * 86400.0, "page": 1e12, "sitemap": 400 * 86400.0, "gdelt": 3 * 86400.0}
"""Seconds after which an entry that its documents no longer name is forgotten."""


class Visitor:
    """Visits sources with one client, one parsing process and one store. `pages`, when given, fetches full texts."""

    def __init__(self, store: State, fetcher: Fetcher, parser: Parser) -> None:
        self.store, self.fetcher, self.parser = store, fetcher, parser

    async def visit(
        self, one: Declaration, form: Format, now: float, pages: Pages | None = None, access: Access | None = None
    ) -> Visit:
        """Ask `one` now, whether it is due or not."""
        state = self.store.get(one.id)
        url = asked(state, one.url)
        visit = Visit(state, now, kept=one.retention or KEPT[form])
        job = _Job(self, one, form, visit, pages, access)
        try:
            await job.judge.recall()
            await job.document(state, url, one.url)
            await job.follow()
            if pages is not None and form != "page":
                await job.judge.recheck()
            state.failures, state.reason = 0, ""
        except Exception as bug:  # noqa: BLE001 - whatever a document does to us costs one visit
            fault = bug if isinstance(bug, SourceFault) else _bug(one, bug)
            if form == "page" and fault.outcome == "gone" and job.judge.withdraw():
                state.outcome, state.ended, state.failures, state.reason = "gone", True, 0, str(fault)
            else:
                visit.fault = fault
                _failed(state, fault)
                visit.floor = manners.retry_after(fault.retry_after, now)
        state.polled = now
        state.items += len(visit.items)
        if visit.items:
            state.changed = now
        return visit


async def take(store: State, parser: Parser, one: Declaration, body: bytes, kind: str, now: float) -> Visit:
    """Judge a feed that was brought to us: it tells what is new, and nothing of what it does not name."""
    state = store.get(one.id)
    visit = Visit(state, now)
    judge = await Judge(store, one, "feed", visit, None).recall()
    await judge.judge(await parser.do(read, "feed", one.url, body, kind, judge.had()))
    visit.present = None
    state.items += len(visit.items)
    if visit.items:
        state.changed = now
    return visit


def _bug(one: Declaration, bug: Exception) -> SourceFault:
    log.exception("%s could not be judged", one.name, exc_info=bug)
    return SourceFault(f"could not be judged: {type(bug).__name__} (a bug of ours)")


def _failed(state: SourceState, fault: SourceFault) -> None:
    state.failures += 1
    state.outcome, state.reason = fault.outcome, str(fault)
    if state.address:
        # Where it moved to is no good: the declared address is asked next.
        state.address = None
    elif fault.outcome == "gone":
        state.ended = True


def _listed(state: SourceState, form: Format) -> list[tuple[str, str]]:
    """The documents that one lists: of a sitemap the newest first."""
    found: list[tuple[str, str]] = (
        msgspec.json.decode(state.children, type=list[tuple[str, str]]) if state.children else []
    )
    return sorted(found, key=lambda one: one[1], reverse=True) if form == "sitemap" else found


class _Job:
    """The work of one visit."""

    def __init__(
        self, visitor: Visitor, one: Declaration, form: Format, visit: Visit, pages: Pages | None, access: Access | None
    ) -> None:
        self.access = access
        self.store, self.fetcher, self.parser = visitor.store, visitor.fetcher, visitor.parser
        self.one, self.form, self.visit, self.pages = one, form, visit, pages
        self.judge = Judge(self.store, one, form, visit, pages)

    async def document(self, state: SourceState, url: str, declared: str, stated: str = "") -> None:
        """Ask for one document and judge what it says."""
        now = self.visit.at
        accept = "page" if self.form == "page" else "feed"
        most, may = MOST_BYTES, None
        if self.form == "page":
            most, may = MOST_PAGE, self.pages.robots.allows if self.pages is not None else None
            if may is not None and not await may(url):
                raise SourceFault("robots.txt asks us not to fetch this page", "refused")
        answer = await self.fetcher.get(url, state.validators(now), most, accept, self.access, may=may)
        self.visit.wire += answer.wire
        self.visit.fetched += len(answer.body)
        main = state is self.visit.state
        if answer.status == 304:
            state.outcome = "unchanged"
            self._wait(main, answer, state)
            return
        if len(answer.body) > LARGE:
            _uncollected()
        sha = await _sha(answer.body)
        if sha == state.sha:
            state.outcome = "unchanged"
        else:
            if self.form == "gdelt" and stated:
                gdelt.verify(answer.body, stated)
            kind = answer.headers.get("content-type", "")
            reading = await self.parser.do(read, self.form, answer.url, answer.body, kind, self.judge.had())
            answer.body = b""
            self.visit.left_out = (self.visit.left_out or 0) + reading.skipped
            await self.judge.judge(reading)
            state.outcome = "ok"
            state.sha = "" if reading.cut or self.judge.late else sha
            state.wishes = msgspec.json.encode(reading.wishes).decode()
            linked = links(answer.headers.get("link", ""))
            state.hub = linked.get("hub") or reading.hub or ""
            state.topic = linked.get("self") or reading.topic or ""
            state.ended = reading.ended
            state.children = msgspec.json.encode(reading.children).decode() if reading.children else ""
        # Only a document that was read leaves anything behind: an error page has no validators for us.
        state.validated(answer.validators if state.sha else None)
        state.whole, state.begun = now, state.begun or not self.judge.late
        if answer.moved and answer.moved != declared:
            state.address = answer.moved
        self._wait(main, answer, state)

    def _wait(self, main: bool, answer: Fetched, state: SourceState) -> None:
        if main:
            self.visit.floor = max(manners.floor(answer.headers, self.visit.at), state.wished().wait)

    async def follow(self) -> None:
        """Read the documents that an index lists: those that it says have changed, or says nothing of."""
        prefix = f"{self.one.id}\n"
        left = _listed(self.visit.state, self.form)
        there = {url for url, _ in left}
        failures, went, last = 0, 0, SourceFault("")
        while left and went < MOST_CHILDREN and failures < MOST_FAILURES:
            url, stated = left.pop(0)
            row = self.store.get(prefix + url)
            if stated and row.stated == stated and row.outcome in {"ok", "unchanged"}:
                continue
            if self.fetcher.left() < 1:
                self.judge.late = True
                break
            row.polled = self.visit.at
            self.visit.children.append(row)
            try:
                await self.document(row, asked(row, url), url, stated if self.form == "gdelt" else "")
                row.stated, row.failures, row.reason = "" if self.judge.late else stated, 0, ""
                went, failures = went + 1, 0
            except SourceFault as fault:
                failures, last = failures + 1, fault
                row.failures, row.outcome, row.reason = row.failures + 1, fault.outcome, str(fault)
                continue
            if len(there) < MOST_LISTED:
                more = [one for one in _listed(row, self.form) if one[0] not in there]
                there |= {one[0] for one in more}
                left = more + left
        if failures and not went:
            raise last
        if self.form == "gdelt":
            self.visit.dropped = [one for one in self.store.below(prefix) if one.removeprefix(prefix) not in there]


def links(header: str) -> dict[str, str]:
    """The first http address of each relation that a Link header (RFC 8288) names."""
    found: dict[str, str] = {}
    for url, more in _LINKED.findall(header[:4096]):
        for rel in _REL.findall(more):
            for name in rel.lower().split():
                if url.startswith(("http://", "https://")):
                    found.setdefault(name, url)
    return found


def _uncollected() -> None:
    """Look for cyclic garbage later. A large document becomes some hundred thousand objects, none of them in a cycle:
    looking through them, again and again as they grow in number, would hold up the loop for 100 ms and more."""
    gc.disable()
    for before in _waiting:
        before.cancel()
    # A thread's clock, not the loop's: that one may end sooner.
    _waiting[:] = [threading.Timer(UNCOLLECTED, gc.enable)]
    _waiting[0].daemon = True
    _waiting[0].start()


_waiting: list[threading.Timer] = []


async def _sha(body: bytes) -> str:
    if len(body) > LARGE:
        return await asyncio.to_thread(lambda: hashlib.sha256(body).hexdigest())
    return hashlib.sha256(body).hexdigest()
