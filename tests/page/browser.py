"""A real Chromium on a served page: the system's own, driven by Playwright, which downloads nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from connectors.page import server
from connectors.page.app import LIVE, build
from connectors.page.archive import Archive, Told
from connectors.page.desk import DESK
from connectors.progress import Progress
from streams.settings import load

PAGES = {
    "now": "/", "alert": "/alerts/{corrected}", "proposals": "/proposals", "proposal": "/proposals/EST",
    "calendar": "/calendar", "search": "/search?text=treaties", "sources": "/sources", "held": "/held",
    "workbench": "/workbench?open=rules/rejection.yaml", "api": "/api", "report": "/report?proposal=EST&limit=8",
}  # fmt: skip
"""Every page; `{corrected}` is a thread that was corrected."""

SIZES = (390, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Served:
    """The application in a thread of its own, as `server.run` has it, without Kafka."""

    def __init__(self, path: Path) -> None:
        self.path, self.address = path, ""
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(120)

    async def _serve(self) -> None:
        self.app = build(load({}), self.path)
        desk = self.app[DESK]
        desk.loading.now = False
        desk.progress = lambda: Progress({"news.items": 0, "news.articles": 3, "news.mentions": 0}, 42.0)
        self.loop, telling = asyncio.get_running_loop(), asyncio.create_task(self.app[LIVE].run())
        runner = await server.serve(self.app, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        telling.cancel()
        await runner.cleanup()

    def tell(self, told: list[Told]) -> None:
        """Tell listeners, as the reading thread does."""
        self.loop.call_soon_threadsafe(self.app[LIVE].tell, told)

    def close(self) -> None:
        """Stop serving."""
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)


@contextmanager
def serving(path: Path) -> Iterator[Served]:
    """The page over an archive."""
    found = Served(path)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Where there is none a developer's run skips; in CI it is a failure."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        said = "no Chromium on this machine: `apt-get install chromium`; .ci/run does it"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"], timeout=180_000)
        try:
            yield browser
        finally:
            browser.close()


def writer(path: Path) -> Archive:
    """The writing end of a served archive."""
    return Archive(path, "test")
