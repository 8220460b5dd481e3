"""The port: how many may be connected at a time. Who comes beyond that is told so in one line, at no cost."""

from __future__ import annotations

import asyncio

from aiohttp import web

MOST_CONNECTIONS = 800
"""Readers of events (500), pages and feeds together; below the 1,024 files that a process usually may have open."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 21\r\n\r\ntoo many connections\n"
)


class Turned(asyncio.Protocol):
    """A connection beyond the bound."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer before anything was asked, and hang up."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - what a server's socket is
        transport.write(FULL)
        transport.close()


class Site(web.BaseSite):
    """A listening port with a bound on its connections, those included that have not said anything yet."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, most: int = MOST_CONNECTIONS) -> None:
        super().__init__(runner)
        self._host, self._port, self._most = host, port, most

    @property
    def name(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen; `OSError` when it cannot."""
        await super().start()
        handler = self._runner.server
        assert handler is not None  # noqa: S101 - the runner was set up before a site could be made

        def made() -> asyncio.BaseProtocol:
            return handler() if len(handler.connections) < self._most else Turned()

        self._server = await asyncio.get_running_loop().create_server(made, self._host, self._port, backlog=128)
