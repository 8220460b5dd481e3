"""The OpenAPI 3.1 document, made from the table of the API and the contracts; and the page that shows it."""

from __future__ import annotations

import re
import sqlite3
from importlib.metadata import version
from typing import Any

import msgspec
from aiohttp import web

from connectors.page.api import ENDPOINTS, FILTERS, Endpoint, Parameter
from connectors.page.desk import answered
from connectors.page.views.shown import show


class Problem(msgspec.Struct):
    """What is wrong with a question (RFC 9457)."""

    type: str
    status: int
    detail: str


OTHERS = (
    ("/alerts.json", "Alerts as JSON Feed 1.1", "application/feed+json"),
    ("/alerts.atom", "Alerts as Atom", "application/atom+xml"),
    ("/export.csv", "A selection as CSV", "text/csv"),
    ("/export.jsonl", "A selection as JSON, one alert a line", "application/jsonl"),
    ("/calendar.ics", "Promises with a day, as iCalendar", "text/calendar"),
    (
        "/events",
        "Alerts as server-sent events, resumed by Last-Event-ID; the data of an event is the alert",
        "text/event-stream",
    ),
)


def _parameter(one: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": one.kind} | ({"enum": list(one.values)} if one.values else {})
    if one.many:
        schema = {"type": "array", "items": schema}
    return {"name": one.name, "in": "query", "description": one.meaning, "schema": schema}


def _operation(one: Endpoint) -> dict[str, Any]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", one.path)
    ]
    answer = {"schema": {"$ref": f"#/components/schemas/{one.answer.__name__}"}}
    wrong = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "summary": one.summary, "operationId": one.handler.__name__, "parameters": [*path, *map(_parameter, one.parameters)],
        "responses": {
            "200": {
                "description": (one.answer.__doc__ or "").strip(), "content": {"application/json": answer},
                "headers": {"ETag": {"schema": {"type": "string"}}},
            },
            "304": {"description": "the asker has it already (If-None-Match)"},
            "400": {"description": "a parameter is not accepted", "content": wrong},
            **({"404": {"description": "there is none of that id", "content": wrong}} if path else {}),
        },
    }  # fmt: skip


def document() -> dict[str, Any]:
    """The whole document."""
    _, schemas = msgspec.json.schema_components(
        [*dict.fromkeys(one.answer for one in ENDPOINTS), Problem], ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Any] = {one.path: {"get": _operation(one)} for one in ENDPOINTS}
    for path, summary, kind in OTHERS:
        paths[path] = {
            "get": {
                "summary": summary, "parameters": [] if path == "/calendar.ics" else [*map(_parameter, FILTERS)],
                "responses": {"200": {"description": summary, "content": {kind: {"schema": {"type": "string"}}}}},
            }
        }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "treatywatch", "version": version("treatywatch"),
            "description": "Security proposals between Russia and NATO: alerts, dossiers, sources. Read-only, from the topics.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic", "description": "the token as the password of any name"},
            },
        },
        "security": [{}, {"token": []}, {"password": []}],
    }  # fmt: skip


async def openapi(request: web.Request) -> web.Response:
    """`/api/openapi.json`."""
    return answered(request, msgspec.json.format(msgspec.json.encode(document()), indent=1), "application/json")


async def api_page(request: web.Request) -> web.Response:
    """`/api`: the document for people; as JSON for who asks for it."""
    if "application/json" in request.headers.get("Accept", "") and "text/html" not in request.headers["Accept"]:
        return await openapi(request)

    def ask(_db: sqlite3.Connection) -> dict[str, Any]:
        return {"endpoints": ENDPOINTS, "others": OTHERS}

    return await show(request, "api.html", "api", ask)
