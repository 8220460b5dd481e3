"""The application: which address is answered by what."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web

from connectors.page import api, export, feeds, ical, openapi
from connectors.page.desk import DESK, Desk, answered
from connectors.page.guard import PATIENCE, Guard, mark
from connectors.page.live import Live
from connectors.page.look import ASSETS
from connectors.page.views import calendar, held, now, play, problem, proposal, saving, search, sources, workbench
from streams.settings import Settings

MOST_BODY = 512 * 1024
"""Bytes that a request's body may have: a long article in the workbench."""

LIVE: web.AppKey[Live] = web.AppKey("live", Live)
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


async def healthz(_request: web.Request) -> web.Response:
    """Says that the page is served."""
    return web.Response(text="ok\n")


async def static(request: web.Request) -> web.Response:
    """The style sheet, the script and the icon; kept for ever under the mark of their content."""
    name = request.match_info["name"]
    if name not in ASSETS:
        raise web.HTTPNotFound(text="no such file")
    body, mark = ASSETS[name]
    kept = "public, max-age=31536000, immutable" if request.query.get("v") == mark else "no-cache"
    return answered(request, body, _TYPES[Path(name).suffix], Cache_Control=kept)


def build(settings: Settings, archive: Path, patience: float = PATIENCE) -> web.Application:
    """The application over an archive; `patience` in seconds as in `guard`."""
    desk = Desk(settings, archive)
    live = Live(desk)
    guard = Guard(settings, patience).middleware
    app = web.Application(middlewares=[guard, problem.in_words], client_max_size=MOST_BODY)
    app[DESK], app[LIVE] = desk, live

    async def closed(_app: web.Application) -> None:
        await desk.close()

    app.on_response_prepare.append(mark)
    app.on_cleanup.append(closed)
    app.add_routes(
        [
            web.get("/", now.index), web.get("/alerts/{id}", now.one), web.post("/play-seed", play.play_seed),
            web.get("/proposals", proposal.all_of_them), web.get("/proposals/{id:.+}", proposal.one),
            web.get("/calendar", calendar.calendar), web.get("/search", search.search),
            web.get("/sources", sources.sources), web.get("/held", held.held),
            web.get("/workbench", workbench.workbench),
            web.post("/workbench/read", workbench.read_text), web.post("/workbench/edit", workbench.edited),
            web.post("/workbench/save", saving.save),
            web.get("/events", live.events), web.get("/healthz", healthz), web.get("/static/{name}", static),
            web.get("/alerts.json", feeds.json_feed), web.get("/alerts.atom", feeds.atom),
            web.get("/calendar.ics", ical.calendar_file), web.get("/report", export.report),
            web.get("/export.csv", export.csv_file), web.get("/export.jsonl", export.jsonl_file),
            web.get("/api", openapi.api_page), web.get("/api/openapi.json", openapi.openapi),
            *(web.get(re.sub(r"{id}", "{id:.+}", one.path), one.handler) for one in api.ENDPOINTS),
        ]
    )  # fmt: skip
    return app
