"""A loopback server that does what the worst of the web does: one route for each sentence of docs/connectors.md."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = web.StreamResponse
Route = Callable[..., Any]
"""Called with what is `Asked`; a raw one with the streams of its connection."""


@dataclass
class Asked:
    """One request, and what a route may want to know of it."""

    request: web.Request
    count: int
    """Requests of this path before this one."""
    server: Hostile

    @property
    def tail(self) -> str:
        return self.request.match_info["tail"]

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)


@dataclass
class Scenario:
    """What a route is for, and what runs of `sources poll` against it must do."""

    name: str
    says: str
    area: str
    route: Route
    codes: tuple[int, ...]
    events: list[tuple[str, str]] | None
    """Kind and title of each event of all runs, in any order; `None` leaves that to `check`."""
    form: str = "feed"
    full_text: bool = False
    requests: int | None = None
    check: Callable[[Seen], None] | None = None
    raw: bool = False
    path: str = ""
    allow: str = ""
    robots: str | int = 404
    ages: float = 0.0
    """Seconds that pass, for the store, after each run."""


@dataclass
class Seen:
    """What runs against a scenario did."""

    events: list[dict[str, Any]]
    log: list[tuple[str, dict[str, str]]]
    """Path and headers of each request."""
    server: Hostile
    state: Any


SCENARIOS: list[Scenario] = []


def scenario(area: str, says: str, **more: Any) -> Callable[[Route], Route]:
    """Make a route of a function; its name is the route's."""

    def take(route: Route) -> Route:
        name = route.__name__.strip("_")
        SCENARIOS.append(
            Scenario(
                name, says, area, route, codes=more.pop("codes", (0,)), events=more.pop("events", None), **more
            )
        )  # fmt: skip
        return route

    return take


@dataclass
class Hostile:
    """The server: one port that may be reached, one for raw bytes, and one that must never be."""

    port: int = 0
    raw_port: int = 0
    private_port: int = 0
    trespasses: list[str] = field(default_factory=list)
    logs: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _stop: threading.Event = field(default_factory=threading.Event)
    _ready: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def url(self, path: str = "", raw: bool = False) -> str:
        return f"http://127.0.0.1:{self.raw_port if raw else self.port}/{path}"

    @property
    def private(self) -> str:
        return f"http://127.0.0.1:{self.private_port}/secret"

    @property
    def allow(self) -> str:
        return f"127.0.0.1:{self.port},127.0.0.1:{self.raw_port}"

    def start(self) -> Hostile:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(120)
        return self

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(10)

    async def _serve(self) -> None:
        runners = []
        for handler in (self._answer, self._trespass):
            app = web.Application()
            app.router.add_route("*", "/{name}", handler)
            app.router.add_route("*", "/{name}/{tail:.*}", handler)
            runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            runners.append(runner)
        self.port, self.private_port = (r.addresses[0][1] for r in runners)
        raw = await asyncio.start_server(self._raw, "127.0.0.1", 0)
        self.raw_port = raw.sockets[0].getsockname()[1]
        self._ready.set()
        while not self._stop.is_set():  # noqa: ASYNC110 - the stop comes from another thread
            await asyncio.sleep(0.05)
        raw.close()
        for runner in runners:
            await runner.cleanup()

    async def _trespass(self, request: web.Request) -> Answer:
        self.trespasses.append(str(request.rel_url))
        return web.Response(text="secret")

    async def _answer(self, request: web.Request) -> Answer:
        name = request.match_info["name"]
        key = str(request.rel_url)
        known = {s.name: s for s in SCENARIOS}
        if name == "robots.txt":
            return await self._robots(request)
        self.logs[name].append((key, dict(request.headers)))
        asked = Asked(request, self.counts[key], self)
        self.counts[key] += 1
        if name not in known:
            return web.Response(status=404)
        request.match_info.setdefault("tail", "")
        answer = known[name].route(asked)
        found: Answer = await answer if inspect.isawaitable(answer) else answer
        return found

    robots: str | int = 404

    async def _robots(self, _: web.Request) -> Answer:
        if isinstance(self.robots, int):
            return web.Response(status=self.robots)
        return web.Response(text=self.robots)

    async def _raw(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            name = head.split(b" ")[1].decode().strip("/").partition("/")[0]
            self.logs[name].append((name, {}))
            known = {s.name: s for s in SCENARIOS if s.raw}
            if name in known:
                await known[name].route(reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the client went away: that is what is tested
        finally:
            writer.close()


def only_asked_for(*paths: str) -> Callable[[Seen], None]:
    """A check: these paths were asked for and no other, so the first entry has its own text."""

    def check(seen: Seen) -> None:
        assert [path for path, _ in seen.log] == list(paths)
        assert seen.events[0]["text"] == "Short."

    return check


def table() -> str:
    """The scenarios as a table for people."""
    lines = ["| area | route | what it is and what we do |", "|---|---|---|"]
    lines += [f"| {s.area} | `{s.name}` | {s.says} |" for s in sorted(SCENARIOS, key=lambda s: (s.area, s.name))]
    return "\n".join(lines) + "\n"


def entry(title: str, **more: str) -> str:
    """An RSS entry; its guid is the first word of its title unless told."""
    word = title.split(maxsplit=1)[0]
    parts = {"guid": word, "link": f"https://x.example/{word}", "description": f"Text of {title}."} | more
    inside = "".join(f"<{k}>{v}</{k}>" for k, v in parts.items() if v)
    inside = inside.replace("<guid>", '<guid isPermaLink="false">')
    return f"<item><title>{title}</title>{inside}</item>"


def rss(entries: Sequence[str], head: str = "", version: str = "2.0") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="{version}"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom">'
        f"<channel><title>t</title><link>https://x.example/</link>{head}{''.join(entries)}</channel></rss>"
    )


def atom(*entries: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        f"<title>t</title><id>f</id>{''.join(entries)}</feed>"
    )


def ok(body: str | bytes, status: int = 200, /, **headers: str) -> Answer:
    """A 200; underscores in header names stand for hyphens."""
    raw = body.encode() if isinstance(body, str) else body
    return web.Response(body=raw, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})
