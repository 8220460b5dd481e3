"""Parsers in processes of their own: what they may cost, and that none is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web

from connectors import visit
from connectors.base import SourceFault
from connectors.parsing import Parser
from connectors.sources.documents import read
from tests.connectors.polled import polled
from tests.connectors.served import rss


async def test_a_feed_that_hangs_its_parser_costs_one_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = Parser()
    good = await parser.do(read, "feed", "https://x.example", rss("a One"))
    parser.seconds = 0.0
    with pytest.raises(SourceFault, match="to parse"):
        await parser.do(read, "feed", "https://x.example", rss(*(f"{n} x" for n in range(900))))
    parser.seconds = 20.0
    again = await parser.do(read, "feed", "https://x.example", rss("a One"))
    parser.close()

    assert again.entries == good.entries


def busy(seconds: float) -> str:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return "done"


def idle(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


async def test_a_document_is_given_processor_time_and_some_more_by_the_clock() -> None:
    parser = Parser()
    await parser.do(busy, 0.0)  # its start is none of a document's
    parser.seconds = 3.0
    assert await parser.do(idle, 3.5) == "done"  # others had the machine
    parser.seconds = 0.8
    with pytest.raises(SourceFault, match="took more than 1 s to parse"):
        await parser.do(busy, 30.0)
    parser.seconds = 20.0
    await parser.do(busy, 0.0)
    parser.seconds = 0.8
    with pytest.raises(SourceFault, match="took more than 1 s to parse"):
        await parser.do(idle, 30.0)
    parser.close()


async def test_parsers_waiting_for_their_turn_all_come_through() -> None:
    parser = Parser()
    found = await asyncio.gather(*(parser.do(read, "feed", "https://x.example", rss(f"{n} x")) for n in range(6)))
    parser.close()

    assert [r.entries[0].title for r in found] == [f"{n} x" for n in range(6)]


ORPHAN = """
import asyncio, os, sys
from connectors.parsing import Parser
from connectors.sources.documents import read
async def main():
    parser = Parser()
    await parser.do(read, "feed", "https://x.example", b"<rss version='2.0'><channel><title>t</title></channel></rss>")
    print(next(iter(parser._pool._processes)), flush=True)
    await asyncio.sleep(60)
if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_parser_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    started = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert started.stdout is not None
    child = int(started.stdout.readline())
    started.send_signal(signal.SIGKILL)
    started.wait()
    started.stdout.close()

    until = time.monotonic() + 60
    while _alive(child) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


async def test_after_a_large_document_garbage_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []
    collector = SimpleNamespace(disable=lambda: did.append("off"), enable=lambda: did.append("on"))
    monkeypatch.setattr(visit, "gc", collector)
    monkeypatch.setattr(visit, "_waiting", [])  # who waits there for the real one goes on waiting
    monkeypatch.setattr(visit, "UNCOLLECTED", 0.1)

    async def feed(request: web.Request) -> web.StreamResponse:
        return web.Response(body=rss("a One", head="<!--" + "x" * visit.LARGE + "-->"))

    async with polled(tmp_path, feed) as source, asyncio.timeout(60):
        await source.poll()
        while len(did) < 2:  # noqa: ASYNC110 - a thread's clock, no task of ours
            await asyncio.sleep(0.05)

    assert did == ["off", "on"]
