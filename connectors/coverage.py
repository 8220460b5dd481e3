"""What we see of the world: so that "nothing happened" is told apart from "we could not see".

One shape for all who tell of it: the canaries carry it into every partition (so a digest made there has it), `deliver`
puts it into a desk's digest, the page shows it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from confluent_kafka import Message

from connectors.progress import Progress, ask
from connectors.reader import read, read_through
from streams.contracts.faults import BrokerFault, BrokerRefuses, RecordFault
from streams.contracts.records import Blind, Coverage, SourceHealth
from streams.contracts.topics import SOURCES
from streams.contracts.wire import decode
from streams.settings import Settings

log = logging.getLogger("treatywatch.coverage")

SEEING = frozenset(["ok", "unchanged"])
OVERDUE = timedelta(hours=1)
"""A source that should have been asked this long ago was not: the connectors stand still."""
SILENT = timedelta(days=7)
"""A source that answers and has brought nothing for this long."""
MOST_NAMED = 300
"""Of sources that are down, or stale, so many are named; the counts tell of the rest."""
ASKED_EVERY = 60.0
"""Seconds between questions to Kafka of what waits and where the canaries are, and until one that was away is asked
again."""
LOOK_SECONDS = 10.0
"""A look that gets nothing for so long sees nothing: canaries, and whoever stops the part, wait for it."""


def summed(sources: Iterable[SourceHealth], now: datetime, progress: Progress | None = None) -> Coverage:
    """The coverage at a moment. Pure."""
    enabled = sorted((s for s in sources if s.enabled), key=lambda s: (s.name.casefold(), s.id))
    down, stale, blind = [], [], 0
    for source in enabled:
        if source.outcome is not None and source.outcome not in SEEING:
            down.append(_blind(source, source.reason or source.outcome))
        elif source.polled is None or (source.next is not None and source.next + OVERDUE < now):
            since = f" since {source.polled:%Y-%m-%d %H:%M}" if source.polled else ""
            stale.append(_blind(source, f"not asked{since}"))
            blind += 1
        elif source.changed is not None and source.changed + SILENT < now:
            stale.append(_blind(source, f"nothing new for {(now - source.changed).days} days"))
    progress = progress or Progress(why="not asked")
    return Coverage(
        at=now, sources=len(enabled), seen=len(enabled) - len(down) - blind, down=down[:MOST_NAMED],
        stale=stale[:MOST_NAMED],
        unsupported=progress.unsupported, lag=None if progress.why else progress.waiting,
        canary=None if progress.canary is None else now - timedelta(seconds=progress.canary),
    )  # fmt: skip


def _blind(source: SourceHealth, reason: str) -> Blind:
    return Blind(id=source.id, name=source.name, reason=reason, since=source.changed)


def look(settings: Settings) -> Coverage | None:
    """The coverage now, asked of the topics; `None` when Kafka does not tell. A few hundred milliseconds."""
    sources: dict[str, SourceHealth] = {}
    try:
        for message in read_through(settings, [SOURCES.name], LOOK_SECONDS):
            _take(sources, message)
    except BrokerFault as fault:
        log.warning("what we see is not known: %s", fault)
        return None
    return summed(sources.values(), datetime.now(UTC), ask(settings))


def _take(sources: dict[str, SourceHealth], message: Message) -> None:
    key = bytes(message.key() or b"").decode("utf-8", "replace")
    if message.value() is None:
        sources.pop(key, None)
        return
    with contextlib.suppress(RecordFault):
        sources[key] = decode(SourceHealth, message.value())


class Watch:
    """Follows `news.sources`, and asks Kafka now and then, in a thread of its own."""

    def __init__(self, settings: Settings, pause: float = ASKED_EVERY) -> None:
        self._settings, self._pause, self._sources = settings, pause, dict[str, SourceHealth]()
        self._progress: Progress | None = None
        self._stop, self._caught_up = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="coverage", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def now(self, moment: datetime) -> Coverage | None:
        """The coverage, what Kafka says of it at most a minute old; `None` when it is not known (yet)."""
        if not self._caught_up.is_set():
            return None
        return summed(list(self._sources.values()), moment, self._progress)

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except BrokerFault as fault:
                self._caught_up.clear()
                lasting = isinstance(fault, BrokerRefuses)
                log.warning("digests go without a word on sources%s: %s", "" if lasting else " for now", fault)
                if lasting:
                    return
                self._stop.wait(self._pause)

    def _read(self) -> None:
        asked = -ASKED_EVERY
        for message in read(self._settings, [SOURCES.name], self._stop, caught_up=self._caught_up):
            if message is not None:
                _take(self._sources, message)
            elif time.monotonic() - asked > ASKED_EVERY:
                self._progress, asked = ask(self._settings), time.monotonic()

    def close(self) -> None:
        """End it, if it was begun."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2)
