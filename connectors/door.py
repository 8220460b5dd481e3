"""The one port that others reach the connectors by: pushed articles, and hubs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from connectors.base import Outlet
from connectors.ledger import Ledger
from connectors.push import Push
from connectors.websub import Deliver, WebSub
from streams.settings import Settings, SettingsFault

SHORTEST_TOKEN = 16


@asynccontextmanager
async def opened(settings: Settings, outlet: Outlet, deliver: Deliver) -> AsyncIterator[WebSub | None]:
    """Serve while the block runs, if there is anything to serve; gives our side of WebSub, if it is wanted."""
    callback = str(settings.websub_callback)
    if not settings.push_port:
        if callback or settings.push_token:
            raise SettingsFault("push_port: a port is needed for push_token and websub_callback")
        yield None
        return
    if settings.push_token and len(settings.push_token) < SHORTEST_TOKEN:
        raise SettingsFault(f"push_token: (secret) is not accepted; it takes at least {SHORTEST_TOKEN} characters")
    if callback and not callback.startswith(("http://", "https://")):
        raise SettingsFault(f"websub_callback: {callback!r} is not accepted; it takes an http or https address")
    if not settings.push_token and not callback:
        raise SettingsFault("push_port: needs push_token (for POST /items) or websub_callback")
    ledger = Ledger(settings.data / "push.sqlite")
    websub = WebSub(ledger, callback, deliver) if callback else None
    app = web.Application()
    if settings.push_token:
        app.add_routes(Push(outlet, ledger, settings.push_token).routes())
    if websub is not None:
        app.add_routes(websub.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.push_host, settings.push_port).start()
        except OSError as fault:
            raise SettingsFault(f"push_port: {settings.push_port} cannot be served: {fault.strerror}") from fault
        yield websub
    finally:
        await runner.cleanup()
        ledger.close()
