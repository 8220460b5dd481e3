"""A real broker for the tests that need one, on a free port with a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.settings import Settings, load
from streams.transport.broker import Broker


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, Settings]]:
    """A broker of the module's own, so that its topics hold nothing of other tests, and settings that point at it."""
    settings = load().but(data=tmp_path_factory.mktemp("data"))
    broker = Broker(settings)
    try:
        yield broker, settings.but(bootstrap=broker.start(port=0))
    finally:
        broker.stop()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder for archives."""
    return tmp_path
