"""Plays the seed for who sees an empty page: the article goes into the topic as a connector would send it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from connectors.base import SourceFault
from connectors.ingest import record_of
from connectors.page.desk import DESK, Desk
from connectors.producer import Publisher
from connectors.sources.seeds import folder
from streams.settings import Settings

PACKAGED = Path(__file__).parents[3] / "seeds"


def play(settings: Settings) -> int:
    """Send the seed articles; how many. Sent again they are repeats and change nothing."""
    found = list(folder(settings.seeds or PACKAGED, datetime.now(UTC)))
    records = [record_of(one) for one in found if not isinstance(one, SourceFault)]
    publisher = Publisher(settings)
    try:
        publisher.publish(records, "web")
    finally:
        publisher.close()
    return len(records)


async def play_seed(request: web.Request) -> web.Response:
    """`POST /play-seed`, from our own page only (see `guard`)."""
    desk: Desk = request.app[DESK]
    await asyncio.to_thread(play, desk.settings)
    raise web.HTTPSeeOther("/?played=1")
