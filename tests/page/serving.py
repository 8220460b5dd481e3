"""A served page over a made-up archive, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from connectors.page.app import LIVE, build
from connectors.page.archive import Arrived
from connectors.page.desk import DESK
from connectors.page.workshop import Workshop
from streams.contracts.records import Alert
from streams.contracts.topics import ALERTS
from streams.contracts.wire import encode
from streams.settings import load
from tests.page.world import Log, filled


def told(*alerts: Alert) -> list[Arrived]:
    """These alerts as records."""
    log = Log()
    return [log.record(ALERTS.name, alert.proposal or "coverage", encode(alert)) for alert in alerts]


@asynccontextmanager
async def page(folder: Path, records: Iterable[Arrived] = (), **environ: str) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]  # what it serves is not of interest
    """A client of the application over an archive of `records`; settings by the names of their variables."""
    settings = load({f"TREATYWATCH_{name.upper()}": value for name, value in environ.items()})
    path = folder / "archive.sqlite"
    if not path.exists() or records:
        filled(path, records)
    app = build(settings, path)
    app[DESK].loading.now = False
    app[DESK].workshop = Workshop(settings, limit=600)  # a test's machine may be busy with others
    found = TestClient(TestServer(app))
    await found.start_server()
    try:
        yield found
    finally:
        await found.close()


__all__ = ["LIVE", "page", "told"]
