"""What all handlers share: the archive's readers, the look, and how far the log is read."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from aiohttp import web

from connectors.page.archive import connect
from connectors.page.look import Look
from connectors.page.workshop import Workshop
from connectors.progress import Asked
from streams.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

READERS = 3
"""Threads that read: the questions are short, and more would only share the same processor."""


@dataclass(slots=True)
class Loading:
    """How far the log is read at the start: while it is, nothing is told as news."""

    now: bool = True
    taken: int = 0


class Desk:
    """Asks the archive in threads: the loop that serves everybody never waits for a disk."""

    def __init__(self, settings: Settings, archive: Path) -> None:
        self.settings, self.archive = settings, archive
        self.loading, self.look = Loading(), Look()
        self.progress, self.workshop = Asked(settings), Workshop(settings)
        self.saving = asyncio.Lock()
        self._threads = ThreadPoolExecutor(READERS, "archive")
        self._own = threading.local()
        self._open: list[sqlite3.Connection] = []

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "db", None)
        if found is None:
            found = self._own.db = connect(self.archive)
            self._open.append(found)
        return found

    async def ask(self, question: Callable[Concatenate[sqlite3.Connection, P], T], *a: P.args, **k: P.kwargs) -> T:
        """The answer to a question, from one consistent state of the archive."""

        def answer() -> T:
            db = self._connection()
            db.execute("BEGIN")
            try:
                return question(db, *a, **k)
            finally:
                db.execute("COMMIT")

        return await asyncio.get_running_loop().run_in_executor(self._threads, answer)

    async def close(self) -> None:
        """Let go of threads, connections and the workshop."""
        await self.workshop.close()
        await asyncio.to_thread(self._threads.shutdown)
        for one in self._open:
            one.close()

    def home(self, request: web.Request) -> str:
        """Our own address as readers reach it, with a slash at its end."""
        stated: str = self.settings.web_url
        return stated.rstrip("/") + "/" if stated else f"http://{request.host}/"


def answered(request: web.Request, body: bytes, content_type: str, **headers: str) -> web.Response:
    """An answer with an ETag: 304 when the asker has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {k.replace("_", "-"): v for k, v in headers.items()} | {"ETag": tag}
    asked = request.headers.get("If-None-Match", "")
    if asked == "*" or tag in [one.strip().removeprefix("W/") for one in asked.split(",")]:
        return web.Response(status=304, headers=headers)
    answer = web.Response(body=body, headers=headers)
    answer.content_type, answer.charset = content_type, "utf-8"
    return answer


DESK: web.AppKey[Any] = web.AppKey("desk", object)
