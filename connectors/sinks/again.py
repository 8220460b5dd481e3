"""`treatywatch deliver --again`: the dead letters of sinks once more. What was given since is passed over."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from connectors.address import allowed
from connectors.reader import read_through
from connectors.sinks.deliver import ROOM, build, configured, store_of
from connectors.sinks.parcel import Parcel, SinkFault, Told, read
from connectors.sinks.secret import SecretFault, hide
from connectors.sinks.store import Store, Waiting
from streams.contracts.faults import RecordFault
from streams.contracts.topics import DEAD
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Letter:
    """An alert that a sink was not given."""

    told: Told
    at: int
    """When it was given up, as the broker has it."""


def dead(settings: Settings, sinks: Collection[str]) -> dict[str, list[Letter]]:
    """Dead letters by sink, each alert once, in the order in which they were given up; `BrokerFault` without Kafka."""
    found: dict[str, dict[str, Letter]] = {name: {} for name in sinks}
    for message in read_through(settings, [DEAD.name]):
        headers: Any = dict(message.headers() or ())
        sink = headers.get("sink", b"").decode("utf-8", "replace")
        if headers.get("room") == ROOM.encode() and sink in found:
            try:
                told = read(message.value(), headers)
            except RecordFault:
                continue  # it was no alert then, and is none now
            found[sink][told.alert.id] = Letter(told, int(message.timestamp()[1]))
    return {name: sorted(letters.values(), key=lambda letter: letter.at) for name, letters in found.items()}


async def again(settings: Settings, only: Collection[str], say: Callable[[str], None]) -> bool:
    """Send them once more and say what happened to each sink's; whether all were taken."""
    sinks, well = configured(settings, only), True
    letters = dead(settings, sinks)
    for name, given in sinks.items():
        store = Store(store_of(settings, name))
        sink = build(given, settings.sinks.parent, allowed(settings.allow))
        taken, refused = 0, list[str]()
        try:
            for told in (letter.told for letter in letters[name] if store.outcome(letter.told.alert.id) != "given"):
                try:
                    handles = await sink.give(
                        Parcel(told.alert.id, (told,), handles=store.handles([told.alert.thread]))
                    )
                except (SinkFault, SecretFault) as fault:
                    refused.append(hide(str(fault), sink.secrets()))
                    continue
                now = time.time()
                store.done(Waiting(told.alert.id, False, "", now, None, 0), [told], handles, "given", now)
                store.save()
                taken += 1
        finally:
            await sink.close()
            store.close()
        say(f"{name}: {taken} given, {len(refused)} still dead" + (f" ({refused[-1]})" if refused else ""))
        well = well and not refused
    return well
