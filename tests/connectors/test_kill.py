"""kill -9 in the middle of `sources poll`: no item is lost, none counts twice."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path

from aiohttp import web

from tests.connectors.served import rss, served


async def test_a_killed_poll_repeats_and_never_loses(tmp_path: Path) -> None:
    entries = [f"e{n} Entry" for n in range(300)]

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(*entries))

    out, chance = tmp_path / "out.jsonl", random.Random(7)
    async with served(answer) as server:

        async def poll(kill_after: float | None) -> int | None:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "treatywatch", "sources", "poll", str(server.make_url("/f")), "--state",
                str(tmp_path / "state"), "--output", str(out), "--allow", f"{server.host}:{server.port}",
                stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            if kill_after is not None:
                await asyncio.sleep(kill_after)
                if process.returncode is None:
                    process.kill()
            return await process.wait()

        for number in range(8):
            entries.insert(0, f"n{number} New")
            await poll(chance.uniform(0.2, 0.8))
        assert await poll(None) == 0
        told = out.read_text().splitlines()
        assert await poll(None) == 0

    assert out.read_text().splitlines() == told, "what was told is not told again"
    items = [json.loads(line) for line in told if line.endswith("}") and line.startswith("{")]
    assert {i["title"] for i in items} == set(entries)
    assert len({i["event"] for i in items}) == len({i["id"] for i in items}) == len(entries)
