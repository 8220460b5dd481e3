"""How the sources are doing, for digests: so that "nothing happened" is told apart from "we could not see"."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors.reader import read
from streams.contracts.faults import BrokerFault, RecordFault
from streams.contracts.records import Record, SourceHealth
from streams.contracts.topics import SOURCES
from streams.contracts.wire import decode
from streams.settings import Settings

log = logging.getLogger("treatywatch.deliver")

SEEING = frozenset(["ok", "unchanged"])
OVERDUE = timedelta(hours=1)
"""A source that should have been asked this long ago was not: the connectors stand still."""
SILENT = timedelta(days=7)
"""A source that answers and has brought nothing for this long."""


class Blind(Record, frozen=True, kw_only=True):
    """A source that we do not see, or hear nothing from."""

    name: str
    reason: str
    since: datetime | None
    """When it last brought something; `None`: never, as far as we know."""


class Coverage(Record, frozen=True, kw_only=True):
    """What we saw of the world when a digest was made."""

    sources: int
    """Enabled sources."""
    seen: int
    """Those that answered when they were last asked, and were asked when they should have been."""
    down: list[Blind]
    """Those that failed or refused."""
    stale: list[Blind]
    """Those that nobody asks, or that are silent for a week."""


def summed(sources: Iterable[SourceHealth], now: datetime) -> Coverage:
    """The coverage at a moment. Pure."""
    enabled = sorted((s for s in sources if s.enabled), key=lambda s: s.name.casefold())
    down, stale, blind = [], [], 0
    for source in enabled:
        if source.outcome is not None and source.outcome not in SEEING:
            down.append(Blind(name=source.name, reason=source.reason or source.outcome, since=source.changed))
        elif source.polled is None or (source.next is not None and source.next + OVERDUE < now):
            since = f" since {source.polled:%Y-%m-%d %H:%M}" if source.polled else ""
            stale.append(Blind(name=source.name, reason=f"not asked{since}", since=source.changed))
            blind += 1
        elif source.changed is not None and source.changed + SILENT < now:
            days = (now - source.changed).days
            stale.append(Blind(name=source.name, reason=f"nothing new for {days} days", since=source.changed))
    return Coverage(sources=len(enabled), seen=len(enabled) - len(down) - blind, down=down, stale=stale)


class Watch:
    """Follows `news.sources` in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._sources = settings, dict[str, SourceHealth]()
        self._stop, self._caught_up = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="coverage", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def now(self, moment: datetime) -> Coverage | None:
        """The coverage; `None` when it is not known (yet), or there is no source."""
        if not self._caught_up.is_set() or not self._sources:
            return None
        return summed(list(self._sources.values()), moment)

    def _follow(self) -> None:
        try:
            for message in read(self._settings, [SOURCES.name], self._stop, caught_up=self._caught_up):
                if message is None:
                    continue
                key = bytes(message.key() or b"").decode("utf-8", "replace")
                if message.value() is None:
                    self._sources.pop(key, None)
                    continue
                with contextlib.suppress(RecordFault):
                    self._sources[key] = decode(SourceHealth, message.value())
        except BrokerFault as fault:
            self._caught_up.clear()
            log.warning("digests go without a word on sources: %s", fault)

    def close(self) -> None:
        """End it, if it was begun."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2)
