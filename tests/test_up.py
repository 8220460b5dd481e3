"""`up` that is told to stop while it starts."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams import up
from streams.settings import Settings, load


@pytest.fixture
def handlers() -> Iterator[None]:
    """What the signals did before is what they do afterwards."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("handlers")
def test_a_signal_whose_interrupt_was_lost_is_heeded_before_anything_is_started(
    tmp_path: Path, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(_settings: Settings) -> None:
        with contextlib.suppress(KeyboardInterrupt):  # as a finaliser or a callback of C code does
            os.kill(os.getpid(), number)

    code = up.run(load({}).but(data=tmp_path), embedded=False, prepare=prepare, follow=lambda *_: None)

    said = capsys.readouterr()
    assert code == 0
    assert "stopping" in said.out + said.err
    assert "Alerts appear below" not in said.out + said.err
    assert not list(tmp_path.glob("*.log"))
