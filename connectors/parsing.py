"""Reads what came from outside in a process that may be lost: it costs one fetch."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from connectors.base import SourceFault

SECONDS = 20.0
MEGABYTES = 768
SLOWED = 3.0
"""So many times its seconds a document may take by the clock: that others have the machine is not its fault."""
ENDED_WITHIN = 5.0
"""Seconds that the thread of a killed process may take to notice."""
P = ParamSpec("P")
R = TypeVar("R")


class Parser:
    """One parsing process, made when it is first needed and again when it was lost.

    `seconds` of the process's own time bound each document, and `SLOWED` times as many by the clock; `until`
    (monotonic seconds) bounds all of them.
    """

    def __init__(self, seconds: float = SECONDS, until: float | None = None) -> None:
        self.seconds, self.until = seconds, until
        self._pool: concurrent.futures.ProcessPoolExecutor | None = None
        self._ending: list[threading.Thread] = []
        # One at a time: time spent waiting for another document is not this one's, and a kill hits only one.
        self._turn = asyncio.Lock()

    async def do(self, read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `read`, a function of a module, makes of its arguments; else `SourceFault`."""
        async with self._turn:
            if self._pool is None:
                self._pool = concurrent.futures.ProcessPoolExecutor(
                    1, mp_context=multiprocessing.get_context("spawn"), initializer=confine, initargs=(os.getpid(),)
                )
            clock = self.seconds * SLOWED if self.until is None else self.until - time.monotonic()
            try:
                return await self._finished(asyncio.wrap_future(self._pool.submit(read, *args, **kwargs)), clock)
            except SourceFault:
                raise
            except asyncio.CancelledError:
                self._end()
                raise
            except Exception as fault:
                self._end()
                if isinstance(fault, TimeoutError):
                    words = f"took more than {min(self.seconds, max(clock, 0.0)):.0f} s to parse"
                elif isinstance(fault, MemoryError):
                    words = f"needs more than {MEGABYTES} MB to parse"
                else:
                    words = f"could not be parsed: {type(fault).__name__}"
                raise SourceFault(words, "not-a-feed") from fault

    async def _finished(self, work: asyncio.Future[R], clock: float) -> R:
        """What the process makes of a document, if it does so in time; else `TimeoutError`."""
        until, spent = time.monotonic() + clock, self._spent()
        try:
            while True:
                left = min(until - time.monotonic(), self.seconds - (self._spent() - spent))
                done, _ = await asyncio.wait({work}, timeout=max(left, 0.0))
                if done:
                    return work.result()
                if left <= 0:
                    raise TimeoutError
        finally:
            work.cancel()

    def _spent(self) -> float:
        """Seconds of processor time that the parsing process has used so far; 0 before it has begun."""
        used = 0.0
        for one in list((self._pool._processes or {}) if self._pool is not None else ()):
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
                used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return used

    def close(self) -> None:
        """End the parsing process, and what of earlier ones has not ended yet."""
        self._end()
        for thread in self._ending:
            # Else the interpreter's own end may find it half closed, and say so with a traceback.
            thread.join(ENDED_WITHIN)
        self._ending.clear()

    def _end(self) -> None:
        if self._pool is not None:
            thread = getattr(self._pool, "_executor_manager_thread", None)
            if thread is not None:
                self._ending = [one for one in self._ending if one.is_alive()] + [thread]
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
