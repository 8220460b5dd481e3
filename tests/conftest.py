"""A real broker for the tests that need one, on a free port with a folder of its own."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from streams.settings import Settings, load
from streams.transport.broker import Broker

# How long an example takes is the machine's matter: no test asserts seconds.
hypothesis.settings.register_profile("any machine", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("any machine")


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


LOG_LINES = 80
"""Lines of each process's log that a failed test shows."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A failed test shows the end of each log that was written while it ran: the fault is there, not in the test."""
    report = yield
    if report.failed:
        factory: pytest.TempPathFactory = item.config._tmp_path_factory  # type: ignore[attr-defined]
        for log in _written_since(factory.getbasetemp(), call.start):
            with contextlib.suppress(OSError), log.open(errors="replace") as lines:
                last = "".join(deque(lines, LOG_LINES))
                report.sections.append((f"end of {log.relative_to(factory.getbasetemp())}", last))
    return report


def _written_since(folder: Path, start: float) -> list[Path]:
    """Logs below a folder; a broker that still runs may take files and folders away meanwhile."""
    found = []
    for place, _, names in os.walk(folder):  # it passes over what is gone
        for log in (Path(place) / name for name in names if name.endswith(".log")):
            # Not the topics themselves, whose segments are called so too.
            with contextlib.suppress(OSError):
                if not log.stem.isdigit() and log.is_file() and log.stat().st_mtime >= start:
                    found.append(log)
    return sorted(found)
