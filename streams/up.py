"""The whole system in one process tree, on an embedded Apache Kafka.

Every child dies with this process, however this one dies; none is left behind.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streams.contracts.faults import BrokerFault
from streams.ending import Order, end
from streams.ops import meters
from streams.settings import OPTIONS, PREFIX, Settings
from streams.transport.broker import Broker, FolderLock, die_with_parent, free_port

log = logging.getLogger("treatywatch.up")

PARTS = ("connect", "worker", "web")
PARTS_SECONDS, BROKER_SECONDS = 60.0, 3.0
"""How long all parts together, and then Kafka, have to end before they are ended by force. They take a second or two: a
worker that has begun a batch of long texts on a busy machine takes longer, and would do it again when it is killed."""

STEADY = 60.0
"""Seconds after which a part that runs counts as well again: its next death is a first one."""


def say(text: str) -> None:
    """A line of the account of what runs where."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the parts get them; secrets too, by environment and never by argument."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    for option in OPTIONS:
        value = settings.values[option.name]
        if value is not None:
            kept[PREFIX + option.name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
    return kept


class Part:
    """One part as a child process, started again when it dies."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.log: Path = settings.data / "logs" / f"{name}.log"
        self.name, self._settings = name, settings.but(log_file=self.log)
        self.deaths, self.not_before, self.started = 0, 0.0, 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. It rotates its log itself; what it says past that (an interpreter's crash) stands beside it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.started = time.monotonic()
        # Looked at before each start: another program may have taken it meanwhile.
        port = _port(f"metrics of {self.name}", self._settings.metrics_port)
        self._settings = self._settings.but(metrics_port=port)
        with self.log.with_suffix(".out").open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", "treatywatch", self.name],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(self._settings),
                start_new_session=True, preexec_fn=die_with_parent,  # noqa: PLW1509 - prctl only
            )  # fmt: skip

    def look_after(self) -> None:
        """Start it again when it has died, later each time."""
        if self.process is None or self.process.poll() is None:
            if self.process is None and time.monotonic() >= self.not_before:
                self.start()
            return
        self.deaths = 1 if time.monotonic() - self.started > STEADY else self.deaths + 1
        wait = min(2.0**self.deaths, 60.0)
        say(f"  {self.name} ended (code {self.process.returncode}); again in {wait:.0f} s; see {self.log}")
        self.process, self.not_before = None, time.monotonic() + wait


def run(
    settings: Settings,
    *,
    embedded: bool,
    prepare: Callable[[Settings], Any],
    follow: Callable[..., None],
    parts: tuple[str, ...] = PARTS,
) -> int:
    """Run everything until SIGINT or SIGTERM (a second one ends it at once); the exit code."""
    lock = FolderLock(settings.data)
    order = Order()
    order.listen()
    broker = Broker(settings, lambda text: say("  " + text)) if embedded else None
    running: list[Part] = []
    over = threading.Event()
    try:
        say("treatywatch: starting")
        if broker is not None:
            settings = settings.but(bootstrap=broker.start())
            order.heed()
        lock.say(f"process {os.getpid()}, Kafka on {settings.bootstrap}, page on port {settings.web_port}")
        prepare(settings)
        settings = settings.but(web_port=_port("the live page", settings.web_port))
        ports = {name: _port(f"metrics of {name}", meters.PORTS[name]) for name in parts}
        running = [Part(name, settings.but(metrics_port=ports[name])) for name in parts]
        order.waiting = True
        order.heed()
        for part in running:
            part.start()
        order.heed()
        _account(settings, embedded, ports)
        threading.Thread(target=_show, args=(settings, over, follow), daemon=True).start()
        while not order.stop.wait(0.3):
            for part in running:
                part.look_after()
            if broker is not None and not broker.alive():
                say("  Kafka ended; starting it again")
                broker.start()
        return 0
    except KeyboardInterrupt:
        return 0  # told to stop while it was starting
    finally:
        over.set()
        say("treatywatch: stopping")
        end({part.name: part.process for part in running if part.process is not None}, order, PARTS_SECONDS, say)
        if broker is not None:
            broker.stop(0.0 if order.at_once.is_set() else BROKER_SECONDS)
        lock.release()


def _show(settings: Settings, stop: threading.Event, follow: Callable[..., None]) -> None:
    try:
        follow(settings, False, stop)
    except BrokenPipeError:
        return
    except Exception as fault:  # noqa: BLE001 - alerts on the terminal are a view: they stop nothing
        log.warning("alerts are no longer shown here: %s", fault)


def _port(what: str, wanted: int) -> int:
    """`wanted`, or another free port when that is taken, and a line that says so."""
    found = free_port(wanted)
    if wanted and found != wanted:
        say(f"  port {wanted} is taken; {what} is on {found}")
    return found


def _account(settings: Settings, embedded: bool, ports: Mapping[str, int]) -> None:
    kind = "Apache Kafka (embedded)" if embedded else "Kafka"
    say(f"  {kind:<24} {settings.bootstrap}")
    say(f"  {'live page':<24} http://{settings.web_host}:{settings.web_port}/")
    for part, port in ports.items():
        say(f"  {'metrics of ' + part:<24} http://{settings.metrics_host}:{port}/metrics")
    say(f"  {'data and logs':<24} {settings.data}")
    say("Alerts appear below. Ctrl-C stops everything.\n")


def run_broker(settings: Settings) -> int:
    """Run only the embedded broker."""
    order = Order()
    order.listen()
    lock = FolderLock(settings.data)
    broker = Broker(settings, say)
    try:
        say(f"Apache Kafka listens on {broker.start()}; Ctrl-C stops it")
        order.waiting = True
        lock.say(f"process {os.getpid()}, Kafka on {broker.address}")
        while not order.stop.wait(0.5):
            if not broker.alive():
                raise BrokerFault(f"Kafka ended; see {broker.folder / 'broker.out'}")
        return 0
    except KeyboardInterrupt:
        return 0
    finally:
        broker.stop()
        lock.release()
