"""A process beside the page for the workbench's work: started when it is wanted, ended when it is idle or too slow.

So the page keeps its memory and its loop, and a text or a rule that takes for ever costs its asker an answer and
nobody else anything.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from streams.contracts.faults import WorldFault
from streams.logic.knowledge import KnowledgeFault
from streams.logic.rules import RulesFault
from streams.settings import OPTIONS, PREFIX, Settings, load

LIMIT = 45.0
IDLE = 90.0
OURS_ALONE = frozenset(["web_token", "web_admin_token", "push_token"])
"""Secrets that no child has a use for."""
MOST_ANSWER = 16 * 1024 * 1024


class WorkFault(Exception):  # noqa: N818 - named as all our faults
    """The work was not done; the text says why, for the reader."""


class TooSlow(WorkFault):
    """The work took too long and was ended."""


def environment(settings: Settings) -> dict[str, str]:
    """The settings for the child, secrets included: by environment, never by argument."""
    found = {}
    for option in OPTIONS:
        value = settings.values[option.name]
        if value is not None and option.name not in OURS_ALONE:
            found[PREFIX + option.name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


class Workshop:
    """One piece of work at a time; who comes meanwhile waits."""

    def __init__(self, settings: Settings, limit: float = LIMIT, idle: float = IDLE) -> None:
        self._settings, self._limit, self._idle = settings, limit, idle
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._ending: asyncio.TimerHandle | None = None

    async def ask(self, what: str, **given: Any) -> Any:
        """Have something done; `WorkFault` says why it was not."""
        async with self._turn:
            if self._ending is not None:
                self._ending.cancel()
            try:
                return await asyncio.wait_for(self._asked(what, given), self._limit)
            except TimeoutError:
                await self._end()
                raise TooSlow(f"ended after {self._limit:g} s") from None
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, OSError) as fault:
                await self._end()
                raise WorkFault("its process ended") from fault
            except asyncio.CancelledError:
                await self._end()
                raise
            finally:
                self._ending = asyncio.get_running_loop().call_later(self._idle, self._kill)

    async def _asked(self, what: str, given: Mapping[str, Any]) -> Any:
        if self._child is None or self._child.returncode is not None:
            kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "connectors.page.workshop", stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, env=kept | environment(self._settings), limit=MOST_ANSWER,
            )  # fmt: skip
        child = self._child
        assert child.stdin is not None  # noqa: S101 - both are pipes, asked for above
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(msgspec.json.encode({"what": what, "given": given}) + b"\n")
        await child.stdin.drain()
        answer = msgspec.json.decode(await child.stdout.readuntil(b"\n"))
        if "fault" in answer:
            raise WorkFault(answer["fault"])
        return answer["done"]

    def _kill(self) -> None:
        if self._child is not None and self._child.returncode is None:
            self._child.kill()

    async def _end(self) -> None:
        self._kill()
        if self._child is not None:
            await self._child.wait()
        self._child = None

    async def close(self) -> None:
        """End the process."""
        if self._ending is not None:
            self._ending.cancel()
        await self._end()


def main() -> None:
    """The child: one request a line, one answer a line, until its input ends."""
    from connectors.page import work  # noqa: PLC0415 - only the child has these

    settings = load()
    does: dict[str, Callable[..., Any]] = {
        "read": work.read,
        "check": work.check,
        "test": lambda **given: work.test(settings, **given),
        "article": lambda **given: work.article(settings, **given),
        "near": lambda **given: work.near(settings, **given),
    }
    for line in sys.stdin.buffer:
        asked = msgspec.json.decode(line)
        try:
            answer = {"done": does[asked["what"]](**asked["given"])}
        except (KnowledgeFault, RulesFault, WorldFault) as fault:
            answer = {"fault": str(fault)}
        except Exception as fault:  # noqa: BLE001 - a bug of ours is told, and costs no other question
            answer = {"fault": f"{type(fault).__name__}: {fault}"}
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
