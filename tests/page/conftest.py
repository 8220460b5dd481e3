"""The made-up world, once for all tests of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.page.archive import Arrived
from tests.page.world import filled, world


@pytest.fixture(scope="session")
def records() -> list[Arrived]:
    """What a few hundred reports lead to."""
    return world(200)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, records: list[Arrived]) -> Path:
    """An archive of it; nobody writes to it."""
    return filled(tmp_path_factory.mktemp("archive") / "archive.sqlite", records)
