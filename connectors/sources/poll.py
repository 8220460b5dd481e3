"""One poll of one source, without Kafka: what is due now, as JSON lines."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import sqlite3
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import msgspec

from connectors import manners
from connectors.address import allowed, place
from connectors.base import SourceFault, bare
from connectors.entries import Declaration
from connectors.fetch import Fetcher, user_agent
from connectors.judge import left_out
from connectors.pages import Pages
from connectors.parsing import Parser
from connectors.robots import Robots
from connectors.sources import catalogue, documents
from connectors.sources.documents import Format
from connectors.state import State, asked
from connectors.visit import Visitor
from streams.contracts.records import Item
from streams.settings import SettingsFault

FORMATS = (*documents.FORMATS, "opml")
SECONDS = 27.0
"""All fetching and reading of a run ends by then; what is left of 30 s is for writing."""
PATIENCE = 10.0
LISTED_SECONDS = 10.0
AT_ONCE = 8
HOST_GAP = 1.0
OWN_AT_ONCE = 2
"""Requests at a time to a host that the operator allowed by address."""


def run(url: str, form: str, state_dir: Path, output: Path, allow: str, full_text: bool, contact: str = "") -> int:
    """Do what is due for `url`; 0, or 3 when the source failed."""
    if form not in FORMATS:
        raise SettingsFault(f"--format {form}: accepted are {', '.join(FORMATS)}")
    try:
        output.touch()
        state_dir.mkdir(parents=True, exist_ok=True)
        # Before the store is opened: opening it writes, and two at a time would find it locked.
        lock = _alone(state_dir)
    except OSError as fault:
        raise SettingsFault(f"cannot write {fault.filename}: {fault.strerror}") from fault
    try:
        store = State(state_dir / "poll.sqlite")
        try:
            return asyncio.run(_Poll(store, output, full_text, user_agent("", contact)).all(url, form, allowed(allow)))
        finally:
            store.close()
    except sqlite3.OperationalError as fault:
        raise SettingsFault(f"--state {state_dir}: {fault}; does another run use it?") from fault
    finally:
        lock.close()


def _alone(state_dir: Path) -> IO[bytes]:
    """Hold the state folder: a run that begins before the last one ended waits for it, but not for long."""
    lock = (state_dir / "poll.lock").open("ab")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                lock.close()
                raise SettingsFault(f"--state {state_dir}: another run is at work in it") from None
            time.sleep(0.1)
        else:
            return lock


def _say(url: str, words: str) -> None:
    """A line on standard error; most faults begin with the address by themselves."""
    sys.stderr.write(f"{bare(url)}: {words.removeprefix(bare(url)).strip()}\n")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class _Poll:
    """One run over one source, or over the feeds of a list."""

    def __init__(self, store: State, output: Path, full_text: bool, agent: str) -> None:
        self.store, self.output, self.full_text, self.agent = store, output, full_text, agent
        self.until = time.monotonic() + SECONDS
        self.parser = Parser(until=self.until)

    async def all(self, url: str, form: str, allow: frozenset[str]) -> int:
        try:
            async with Fetcher(self.agent, allow, until=self.until) as fetcher:
                self.robots = Robots(fetcher)
                if form == "opml":
                    return await self.listed(fetcher, url)
                return 0 if await self.one(fetcher, url, cast(Format, form)) else 3
        finally:
            self.parser.close()

    async def one(self, fetcher: Fetcher, url: str, form: Format) -> bool:
        """Whether the source is well: polled now, or not due yet, or left for the next run."""
        if fetcher.left() < 1:
            return True
        about = Declaration(url if form == "feed" else f"{form}:{url}", bare(url), url)
        state, now = self.store.get(about.id), time.time()
        asked(state, url)
        if state.ended or state.next > now:
            why = "gone, or ended by its publisher" if state.ended else f"left alone until {_moment(state.next)}"
            _say(url, f"not asked: {why}")
            return True
        pages = None
        if self.full_text or form == "page":
            pages = Pages(fetcher, self.parser, self.robots, self.until - 2)
        visit = await Visitor(self.store, fetcher, self.parser).visit(about, form, now, pages)
        self._write(visit.items)
        wished = manners.Wishes() if visit.fault else visit.state.wished()
        visit.state.next = manners.next_poll(now, visit.floor, wished)
        await visit.remember(self.store)
        if visit.fault is not None:
            _say(url, str(visit.fault))
        if visit.left_out:
            _say(url, left_out(visit.left_out))
        for row in visit.children:
            if row.reason:
                _say(row.id.rpartition("\n")[2], row.reason)
        return visit.fault is None

    async def listed(self, fetcher: Fetcher, url: str) -> int:
        """The feeds of a list; 3 when the list failed, or every feed of it."""
        state, now = self.store.get(f"opml:{url}"), time.time()
        at = asked(state, url)
        if not state.ended and state.next <= now:
            try:
                answer = await fetcher.get(at, state.validators(now), catalogue.MOST_BYTES)
                if answer.status == 200:
                    found = await self.parser.do(catalogue.addresses, answer.body, answer.url)
                    state.children = msgspec.json.encode(found).decode()
                    state.validated(answer.validators)
                    state.whole, state.begun = now, True
                    state.address = answer.moved or state.address
                state.failures, state.reason, state.outcome = 0, "", "ok" if answer.status == 200 else "unchanged"
                state.next = now + manners.floor(answer.headers, now)
            except SourceFault as fault:
                state.failures, state.reason, state.outcome = state.failures + 1, str(fault), fault.outcome
                state.next = now + manners.retry_after(fault.retry_after, now)
                state.ended = fault.outcome == "gone" and not state.address
                state.address = None
                await self.store.apart(lambda store: store.remember([state], state.id, (), now))
                _say(url, str(fault))
                return 3
            state.polled = now
            await self.store.apart(lambda store: store.remember([state], state.id, (), now))
        feeds = msgspec.json.decode(state.children, type=list[str]) if state.children else []
        fetcher.deadline = self.parser.seconds = LISTED_SECONDS
        gate, hosts = asyncio.Semaphore(AT_ONCE), defaultdict[str, asyncio.Lock](asyncio.Lock)
        own = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(OWN_AT_ONCE))

        async def visit(feed: str) -> bool:
            host = place(feed)
            if host in fetcher.allow:
                async with own[host], gate:
                    return await self.one(fetcher, feed, "feed")
            async with hosts[host], gate:
                well = await self.one(fetcher, feed, "feed")
                await asyncio.sleep(HOST_GAP)
                return well

        went = await asyncio.gather(*(visit(feed) for feed in feeds))
        return 0 if any(went) or not went else 3

    def _write(self, items: list[Item]) -> None:
        if not items:
            return
        with self.output.open("a+b") as lines:
            if lines.tell():
                lines.seek(-1, os.SEEK_END)
                if lines.read(1) != b"\n":
                    lines.write(b"\n")  # an earlier run was killed inside a line
            for item in items:
                lines.write(json.dumps(msgspec.to_builtins(item), ensure_ascii=False).encode() + b"\n")
