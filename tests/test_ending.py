"""How processes end: in order, by force when patience runs out, at once when it is told again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streams import ending
from streams.ending import Order, end

ORDERLY = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
SLOW = "signal.signal(signal.SIGTERM, lambda *_: (sys.stdin.read(), sys.exit(0)))"
"""Ends when its standard input does."""
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@contextmanager
def process(how: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ready to be told to end, and does as `how` says."""
    code = f"import signal, sys, time; {how}; print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as made:
        assert made.stdout is not None
        made.stdout.readline()
        try:
            yield made
        finally:
            made.kill()


def waiting() -> Order:
    order = Order()
    order.waiting = True
    return order


def test_who_ends_in_order_is_neither_named_nor_killed() -> None:
    said: list[str] = []
    with process(ORDERLY) as one, process(ORDERLY) as two:
        end({"web": one, "worker": two}, waiting(), 60, said.append, tell=60)
        assert (one.returncode, two.returncode, said) == (0, 0, [])


def test_who_takes_longer_is_named_and_brought_to_its_end() -> None:
    said: list[str] = []
    with process(ORDERLY) as web, process(SLOW) as worker:
        assert worker.stdin is not None

        def say(line: str) -> None:
            said.append(line)
            worker.stdin.close()  # type: ignore[union-attr]  # looked at above

        end({"web": web, "worker": worker}, waiting(), 60, say, tell=0.2)
        assert worker.returncode == 0
    assert [line for line in said if "worker" in line and "Ctrl-C" in line] == said != []


def test_when_patience_has_run_out_it_ends_by_force_and_that_is_said() -> None:
    said: list[str] = []
    with process(STUBBORN) as worker:
        end({"worker": worker}, waiting(), 0.1, said.append)
        assert worker.returncode == -signal.SIGKILL
    assert "worker ended by force" in said[-1]


def test_told_again_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    order = waiting()

    def say(line: str) -> None:
        if "Ctrl-C again" in line:
            order.told()

    order.told()
    monkeypatch.setattr(ending, "SAME", 0.0)
    with process(STUBBORN) as worker:
        end({"worker": worker}, order, 600, say, tell=0)
        assert worker.returncode == -signal.SIGKILL


def test_an_echo_of_the_signal_is_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    order, now = waiting(), 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    order.told()
    now += ending.SAME / 2
    order.told()
    assert order.stop.is_set()
    assert not order.at_once.is_set()
    now += ending.SAME
    order.told()
    assert order.at_once.is_set()


def test_before_anybody_waits_the_first_signal_interrupts_and_the_next_ones_do_not() -> None:
    order = Order()
    with pytest.raises(KeyboardInterrupt):
        order.told()
    order.told()
    assert order.stop.is_set()


def test_a_signal_at_any_moment_of_waiting_is_heeded() -> None:
    """Of 20,000 signals some come just when a lock of the waiting one's would be held."""
    code = (
        "import signal, threading, time\n"
        "from streams import ending\n"
        "ending.SAME = ending.LOOK = 0.0\n"
        "order = ending.Order()\n"
        "order.waiting = True\n"
        "order.told()\n"
        "for _ in range(20_000):\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "    order.at_once = ending.Flag()\n"
        "    signal.signal(signal.SIGALRM, order.told)\n"
        "    signal.setitimer(signal.ITIMER_REAL, 1e-5)\n"
        "    while not order.at_once.wait(1e-6): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=300, check=False)
    assert done.returncode == 0
