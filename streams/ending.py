"""How a process tree ends: in order while there is patience, at once when it is told so again."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

SAME = 1.0
"""Seconds in which a second signal is the first one's echo: `timeout` and other wrappers hand on what came to all."""

TELL = 3.0
"""Seconds after which it is said who is waited for."""

LOOK = 0.05


class Flag:
    """What a signal's handler sets and the main thread waits for.

    No `threading.Event`: that has a lock, and a handler that interrupts the thread just when it holds it waits for it
    for ever.
    """

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """From now on it is set."""
        self._set = True

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._set

    def wait(self, seconds: float) -> bool:
        """Whether it is set, as soon as it is, else after so long."""
        until = time.monotonic() + seconds
        while not self._set and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK))
        return self._set


class Order:
    """What signals say: to stop, and, said once more, to stop at once."""

    def __init__(self) -> None:
        self.stop, self.at_once = Flag(), Flag()
        self.waiting = False
        """Whether the main thread waits for `stop`; before that, the first signal interrupts whatever it does."""
        self._first: float | None = None

    def listen(self) -> None:
        """From now on SIGINT and SIGTERM are told to this order. On the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.told)

    def told(self, *_: Any) -> None:
        """A signal has come; `KeyboardInterrupt` for the first one where nobody waits for it yet."""
        now = time.monotonic()
        self.stop.set()
        if self._first is None:
            self._first = now
            if not self.waiting:
                raise KeyboardInterrupt
        elif now - self._first > SAME:
            self.at_once.set()

    def heed(self) -> None:
        """`KeyboardInterrupt` when a signal has come: the handler's may be lost, where it interrupts a finaliser or a
        callback of C code, which hand nothing on."""
        if self.stop.is_set():
            raise KeyboardInterrupt


def end(
    running: Mapping[str, subprocess.Popen[bytes]],
    order: Order,
    patience: float,
    say: Callable[[str], None],
    tell: float = TELL,
) -> None:
    """Ask all to end, and wait; by force after `patience` seconds, or as soon as the order is to end at once."""
    alive = {name: process for name, process in running.items() if process.poll() is None}
    for process in alive.values():
        process.terminate()
    began, told = time.monotonic(), False
    while alive and not order.at_once.wait(LOOK):
        alive = {name: process for name, process in alive.items() if process.poll() is None}
        waited = time.monotonic() - began
        if waited > patience:
            break
        if alive and waited > tell and not told:
            told = True
            say(
                f"  waiting for {_named(alive)} to finish what is begun, {patience:.0f} s at most; Ctrl-C again ends it"
            )
    if alive:
        say(f"  {_named(alive)} ended by force; nothing is lost, the next start does again what was not finished")
    for process in alive.values():
        process.kill()
        process.wait()


def _named(processes: Mapping[str, Any]) -> str:
    return " and ".join(processes)
