"""Parses what came from outside in a process that may be lost: it costs one fetch."""

from __future__ import annotations

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import threading
import time
from datetime import datetime

from connectors.base import SourceFault
from connectors.sources import feed

SECONDS = 20.0
MEGABYTES = 1024


class Parser:
    """One parsing process, made when it is first needed and again when it was lost."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._pool: concurrent.futures.ProcessPoolExecutor | None = None
        # One at a time: time spent waiting for another feed is not this one's, and a kill hits only one.
        self._turn = asyncio.Lock()

    async def feed(
        self, name: str, url: str, lang: str | None, raw: bytes, seen: datetime, within: str
    ) -> feed.Reading:
        """What a feed says, or `SourceFault`."""
        async with self._turn:
            if self._pool is None:
                self._pool = concurrent.futures.ProcessPoolExecutor(
                    1, mp_context=multiprocessing.get_context("spawn"), initializer=confine, initargs=(os.getpid(),)
                )
            try:
                work = self._pool.submit(feed.read_bytes, name, url, lang, raw, seen, within)
                return await asyncio.wait_for(asyncio.wrap_future(work), self.seconds)
            except SourceFault:
                raise
            except asyncio.CancelledError:
                self.close()
                raise
            except Exception as fault:
                self.close()
                if isinstance(fault, TimeoutError):
                    words = f"took more than {self.seconds:.0f} s to parse"
                elif isinstance(fault, MemoryError):
                    words = f"needs more than {MEGABYTES} MB to parse"
                else:
                    words = f"could not be parsed: {type(fault).__name__}"
                raise SourceFault(words, "not-a-feed") from fault

    def close(self) -> None:
        """End the parsing process."""
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def confine(parent: int) -> None:
    """Start of a parsing process: bounded memory, no core, and not outliving who started it."""
    import resource  # noqa: PLC0415 - only in the child

    size = MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
