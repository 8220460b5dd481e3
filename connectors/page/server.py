"""`treatywatch web`: reads the topics into the archive in a thread, and serves pages, feeds and API from it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aiohttp import web
from confluent_kafka import KafkaException, Message, TopicCollection
from confluent_kafka.admin import AdminClient

from connectors.page import guard, stems
from connectors.page.app import LIVE, build
from connectors.page.archive import TOPICS, Archive, Arrived, Told
from connectors.page.desk import DESK, Loading
from connectors.page.door import MOST_CONNECTIONS, Site
from connectors.page.guard import PATIENCE
from connectors.reader import read
from streams.contracts.faults import BrokerFault
from streams.settings import Settings, SettingsFault

log = logging.getLogger("treatywatch.web")

BATCH = 500
"""Records that the archive takes at a time while the log is read from its beginning."""


def log_name(settings: Settings) -> str:
    """The identities of the topics: another log is another archive, also under the same names and offsets."""
    admin = AdminClient(settings.kafka() | {"log_level": 0})
    names = [topic.name for topic in TOPICS]
    try:
        asked: Any = admin.describe_topics(TopicCollection(names), request_timeout=10)
        return " ".join(f"{name}={asked[name].result().topic_id}" for name in names)
    except KafkaException as fault:
        raise BrokerFault(
            f"Kafka on {settings.bootstrap} does not tell about its topics ({fault.args[0].str()}); is it up, and was"
            " `treatywatch topics` run?"
        ) from fault


def archive_path(settings: Settings) -> Path:
    """Where the archive lives; it may be deleted at any time while the page is not running."""
    return Path(settings.data) / "web" / "archive.sqlite"


def arrived(message: Message) -> Arrived:
    """A record as the archive takes it."""
    headers: Any = message.headers() or []
    return Arrived(
        str(message.topic()), int(message.partition() or 0), int(message.offset() or 0), int(message.timestamp()[1]),
        bytes(message.key() or b"").decode("utf-8", "replace"), message.value(),
        {str(name): bytes(value or b"") for name, value in headers},
    )  # fmt: skip


def follow(
    archive: Archive,
    records: Iterator[Message | None],
    caught_up: threading.Event,
    tell: Callable[[list[Told]], None],
    loading: Loading,
) -> None:
    """Take records in, a batch as soon as nothing more is there for the moment, and tell what is new."""
    batch: list[Arrived] = []
    for message in records:
        if message is not None:
            batch.append(arrived(message))
            if len(batch) < BATCH:
                continue
        if batch:
            told = archive.take(batch)
            loading.taken += len(batch)
            batch = []
            tell(told)
        if loading.now and caught_up.is_set():
            loading.now = False


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until told to stop."""
    guard.check(settings)
    path = archive_path(settings)
    archive = await asyncio.to_thread(lambda: Archive(path, log_name(settings)))
    app, loop, done = build(settings, path), asyncio.get_running_loop(), threading.Event()
    live, caught_up = app[LIVE], threading.Event()
    records = read(settings, [t.name for t in TOPICS], done, caught_up=caught_up, since=archive.places())

    def tell(told: list[Told]) -> None:
        if told:
            loop.call_soon_threadsafe(live.tell, told)

    reading = asyncio.create_task(asyncio.to_thread(follow, archive, records, caught_up, tell, app[DESK].loading))
    telling = asyncio.create_task(live.run())
    waiting = asyncio.create_task(stop.wait())
    warming = asyncio.create_task(asyncio.to_thread(stems.warm, done))
    runner = None
    try:
        runner = await serve(app, settings.web_host, settings.web_port)
        ended, _ = await asyncio.wait({reading, waiting, telling}, return_when=asyncio.FIRST_COMPLETED)
        for one in ended:
            one.result()
    finally:
        done.set()
        waiting.cancel()
        telling.cancel()
        if runner is not None:
            await runner.cleanup()
        await warming
        with contextlib.suppress(Exception):
            await reading
        archive.close()


async def serve(
    app: web.Application, host: str, port: int, patience: float = PATIENCE, most: int = MOST_CONNECTIONS
) -> web.AppRunner:
    """Open the port; close what it returns.

    Slow heads are cut off, connections are bounded, and who leaves frees their place at once.
    """
    runner = web.AppRunner(
        app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0, keepalive_timeout=patience,
        max_line_size=8190, max_field_size=8190, lingering_time=min(patience, 2.0),
    )  # fmt: skip
    await runner.setup()
    try:
        await Site(runner, host, port, most).start()
    except OSError as fault:
        await runner.cleanup()
        raise SettingsFault(
            f"web_port {port}: cannot listen on {host} ({os.strerror(fault.errno or 0)}); choose another, or 0 for any"
        ) from fault
    return runner
