"""The part `deliver`: every sink of the sinks file at work, each for itself."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from connectors.address import allowed
from connectors.coverage import Watch
from connectors.producer import Publisher
from connectors.sinks import declared
from connectors.sinks.alertmanager import Alertmanager
from connectors.sinks.delivery import Delivery
from connectors.sinks.inbox import Fenced, Inbox
from connectors.sinks.jsonl import File
from connectors.sinks.mail import Mail
from connectors.sinks.parcel import Sink
from connectors.sinks.secret import hide
from connectors.sinks.store import Store
from connectors.sinks.webhook import Webhook
from streams.contracts.faults import WorldFault
from streams.contracts.topics import ALERTS
from streams.ops import meters
from streams.settings import Settings, SettingsFault

log = logging.getLogger("treatywatch.deliver")

ROOM = "deliver"
STEADY = 60.0
"""Seconds after which a sink that runs counts as well again: its next end is a first one."""


def build(given: declared.Sink, folder: Path, allow: frozenset[str]) -> Sink:
    """The sink that is declared; paths in it are relative to `folder`."""
    if isinstance(given, declared.Webhook):
        return Webhook(given, folder, allow)
    if isinstance(given, declared.File):
        return File(given, folder)
    if isinstance(given, declared.Alertmanager):
        return Alertmanager(given, folder, allow)
    zone = declared.zone(given.group.zone if isinstance(given.group, declared.Group) else "UTC")
    if isinstance(given, declared.Mail):
        return Mail(given, folder, allow, zone)
    # Apprise takes half a second to load.
    from connectors.sinks.chat import Chat  # noqa: PLC0415
    from connectors.sinks.rooms import Room  # noqa: PLC0415

    if isinstance(given, declared.Chat):
        return Chat(given, folder, allow, zone)
    return Room(given, folder, allow, zone)


def configured(settings: Settings, only: Collection[str] = ()) -> dict[str, declared.Sink]:
    """The sinks of the settings, or those of them that are named."""
    if settings.sinks is None:
        raise SettingsFault("TREATYWATCH_SINKS names no file of sinks; docs/delivery.md says what stands in it")
    found = declared.read(settings.sinks)
    for name in only:
        if name not in found:
            raise SettingsFault(f"{settings.sinks}: no enabled sink {name!r}; there are {', '.join(sorted(found))}")
    return {name: sink for name, sink in found.items() if not only or name in only}


def store_of(settings: Settings, name: str) -> Path:
    """Where a sink's store stands."""
    return Path(settings.data) / "deliver" / f"{name}.sqlite"


class Letters:
    """Dead letters of all sinks, over one connection that the first of them opens."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._publisher: Publisher | None = None

    def bury(self, sink: str, raw: bytes, reason: str, key: str, place: tuple[int, int], at: str) -> None:
        """Keep one; returns when Kafka has it."""
        with self._lock:
            if self._publisher is None:
                self._publisher = Publisher(self._settings)
            more = (("sink", sink.encode()), ("ce_time", at.encode()))
            self._publisher.dead(raw, ROOM, reason, key, ALERTS.name, place, more)

    def close(self) -> None:
        """Let go of the connection."""
        if self._publisher is not None:
            self._publisher.close()


async def run(settings: Settings, stop: asyncio.Event, only: Collection[str] = ()) -> None:
    """Deliver until told to stop."""
    meters.HEALTHY.labels("deliver").set(0)
    sinks = configured(settings, only)
    folder, allow = settings.sinks.parent, allowed(settings.allow)
    letters, watch = Letters(settings), Watch(settings)
    if any(isinstance(sink.group, declared.Group) for sink in sinks.values()):
        watch.start()

    def fresh(name: str) -> Delivery:
        given, store = sinks[name], Store(store_of(settings, name))
        since = declared.beginning(given.start)
        return Delivery(
            name, given, build(given, folder, allow), store,
            lambda known: Inbox(settings, name, given.start, since, known), letters.bury, watch.now,
        )  # fmt: skip

    running: dict[str, Delivery] = {}
    tasks = [asyncio.create_task(_kept(name, fresh, running, stop)) for name in sinks]
    look = asyncio.create_task(_look(running, len(sinks)))
    log.info("delivering to %s", ", ".join(sinks))
    try:
        await asyncio.gather(*tasks)
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        look.cancel()
        letters.close()
        watch.close()
    if not any(delivery.ended == "" for delivery in running.values()):
        raise WorldFault("; ".join(f"{name}: {delivery.ended}" for name, delivery in running.items()))


async def _kept(name: str, fresh: Callable[[str], Delivery], running: dict[str, Delivery], stop: asyncio.Event) -> None:
    """Run a sink; one that ends by a bug begins anew, later each time, and takes no other with it."""
    deaths, loop = 0, asyncio.get_running_loop()
    while not stop.is_set():
        began = loop.time()
        delivery = running[name] = fresh(name)
        try:
            await delivery.run(stop)
        except Fenced as fault:
            # The newer process has it: to begin anew would only shut that one out in turn.
            delivery.ended = str(fault)
            log.error("%s is no longer served here: %s", name, fault)
            return
        except WorldFault:
            raise
        except Exception:  # noqa: BLE001 - a bug of one sink must not end the others
            deaths = 1 if loop.time() - began > STEADY else deaths + 1
            told = hide(traceback.format_exc(), delivery.sink.secrets())
            log.error("%s ended by a bug of ours; again in %.0f s\n%s", name, min(2.0**deaths, 60.0), told)
            try:
                await asyncio.wait_for(stop.wait(), min(2.0**deaths, 60.0))
            except TimeoutError:
                continue


async def _look(running: Mapping[str, Delivery], wanted: int) -> None:
    """Say whether all sinks are at work."""
    while True:
        well = len(running) == wanted and all(delivery.well() for delivery in running.values())
        meters.HEALTHY.labels("deliver").set(1 if well else 0)
        await asyncio.sleep(0.5)
