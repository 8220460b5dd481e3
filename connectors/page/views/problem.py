"""What went wrong, as a page for who reads pages; programs are told by `guard.problem`."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.page.find import QueryFault
from connectors.page.views.shown import show
from streams.contracts.faults import WorldFault


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a browser that asks for what is not there, or wrongly, with a page that leads on."""
    try:
        return await handler(request)
    except (QueryFault, WorldFault, web.HTTPException) as fault:
        status = fault.status if isinstance(fault, web.HTTPException) else 400 if isinstance(fault, QueryFault) else 503
        if status < 400 or not _reads_pages(request):
            raise
        detail = (fault.text or fault.reason) if isinstance(fault, web.HTTPException) else str(fault)
        return await show(request, "problem.html", "", lambda _db: {"detail": detail}, status)


def _reads_pages(request: web.Request) -> bool:
    """Whether this is a browser on its way to a page: what it asks the API is answered as to a program."""
    page = request.method == "GET" and not request.path.startswith("/api/")
    return page and "text/html" in request.headers.get("Accept", "")
