"""A runner with one source that a test polls at will."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from connectors.address import allowed
from connectors.fetch import Fetcher
from connectors.runner import Runner
from connectors.sources.catalogue import Declared
from connectors.state import SourceState
from streams.settings import Settings, load
from tests.connectors.served import Handler, Kept, served


def declared(url: str) -> Declared:
    return Declared("one", "One", url, None, True, "", "", "", "")


def gauge(name: str, source: str = "one") -> float | None:
    return REGISTRY.get_sample_value(f"treatywatch_{name}", {"source": source})


class Polled:
    """A runner with one source, polled at will."""

    def __init__(self, runner: Runner, outlet: Kept, server: TestServer, fetcher: Fetcher) -> None:
        self.runner, self.outlet, self.server, self.fetcher = runner, outlet, server, fetcher
        self.one = declared(str(server.make_url("/feed")))

    async def poll(self) -> SourceState:
        await self.runner.poll(self.fetcher, self.one)
        return self.runner.state.get("one")


@asynccontextmanager
async def polled(tmp_path: Path, handler: Handler) -> AsyncIterator[Polled]:
    async with served(handler) as server:
        allow = f"{server.host}:{server.port}"
        outlet = Kept()
        runner = Runner(settings(tmp_path).but(allow=allow), outlet)
        async with Fetcher("test", allowed(allow)) as fetcher:
            yield Polled(runner, outlet, server, fetcher)
        runner.close()


def settings(tmp_path: Path) -> Settings:
    empty = tmp_path / "seeds"
    empty.mkdir(exist_ok=True)
    return load().but(data=tmp_path / "data", seeds=empty)
