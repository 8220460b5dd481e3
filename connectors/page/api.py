"""The read-only API: alerts, dossiers, sources, what was held back. One table describes it, answers it and documents it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from connectors.page import find
from connectors.page.desk import DESK, Desk, answered
from connectors.page.find import CLOSED, MOST, QueryFault, limit_of, read_filter
from connectors.page.views import coverage
from streams.contracts.records import Alert, Dossier, NearMiss, Record, SourceHealth, Suppressed

DEFAULT_LIMIT = 100


class Alerts(Record, frozen=True, kw_only=True):
    """A page of alerts: the latest of each thread, newest change first."""

    alerts: list[Alert]
    next: str | None
    """`cursor` of the page that follows; `null` at the end."""


class AlertHistory(Record, frozen=True, kw_only=True):
    """An alert as it stands now, and all that led to it, oldest first."""

    alert: Alert
    history: list[Alert]


class Dossiers(Record, frozen=True, kw_only=True):
    """A page of dossiers, by id."""

    dossiers: list[Dossier]
    next: str | None


class SourceState(SourceHealth, frozen=True, kw_only=True):
    """A source, and whether its silence may be trusted."""

    state: str
    """fresh, stale, refused, blind, waiting or off."""


class Sources(Record, frozen=True, kw_only=True):
    """A page of sources, by id."""

    sources: list[SourceState]
    next: str | None


class Held(Record, frozen=True, kw_only=True):
    """A page of what did not go out, newest first."""

    suppressed: list[Suppressed]
    next: str | None


class NearMisses(Record, frozen=True, kw_only=True):
    """A page of what was nearly found, newest first."""

    near_misses: list[NearMiss]
    next: str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query."""

    name: str
    meaning: str
    values: tuple[str, ...] = ()
    many: bool = False
    kind: str = "string"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the API."""

    path: str
    summary: str
    answer: type[Record]
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    parameters: tuple[Parameter, ...] = ()
    example: str = ""


_CURSOR = Parameter("cursor", "where to go on: `next` of the page before")
_LIMIT = Parameter("limit", f"how many at most, 1 to {MOST} (default {DEFAULT_LIMIT})", kind="integer")
FILTERS = (
    Parameter("proposal", "proposal (`EST`), dossier (`START/new-start`), or `coverage`: about sources", many=True),
    Parameter("actor", "code of who acts, proposed or is addressed", many=True),
    Parameter("status", "state of the proposal", CLOSED["status"], many=True),
    Parameter("lang", "language of the article, ISO 639-1", many=True),
    Parameter("rule", "id of the watch rule", many=True),
    Parameter("severity", "how severe", CLOSED["severity"], many=True),
    Parameter("voice", "in whose voice", CLOSED["voice"], many=True),
    Parameter("type", "what the latest alert of the thread is", CLOSED["type"], many=True),
    Parameter("source", "source of the article", many=True),
    Parameter("historical", "only old material, or none", CLOSED["historical"]),
    Parameter("text", 'words in any form, in any language; "in quotes" as they stand; `nucl*` any that begin so'),
    Parameter("since", "first day, of publication or else of when it was seen: `2008-07-01`"),
    Parameter("until", "last day"),
)


def _json(request: web.Request, answer: Any) -> web.Response:
    return answered(request, msgspec.json.encode(answer), "application/json")


async def alerts(request: web.Request) -> web.Response:
    """The latest alert of each thread, filtered."""
    desk: Desk = request.app[DESK]
    wanted, limit = read_filter(request.query), limit_of(request.query, DEFAULT_LIMIT)
    cursor = request.query.get("cursor", "")
    entries, following = await desk.ask(find.threads, wanted, limit, cursor)
    return _json(request, Alerts(alerts=[e.alert for e in entries], next=following or None))


async def alert(request: web.Request) -> web.Response:
    """One alert with its history."""
    desk: Desk = request.app[DESK]
    history = await desk.ask(find.history, request.match_info["id"])
    if not history:
        raise web.HTTPNotFound(text="no such alert in the archive")
    return _json(request, AlertHistory(alert=history[-1], history=history))


def _paged(request: web.Request, found: Mapping[str, Any]) -> tuple[list[Any], str | None]:
    """A page of what is listed by id; the cursor is the last id."""
    limit, after = limit_of(request.query, DEFAULT_LIMIT), request.query.get("cursor", "")
    ids = [one for one in sorted(found) if one > after]
    return [found[one] for one in ids[:limit]], ids[limit - 1] if len(ids) > limit else None


async def dossiers(request: web.Request) -> web.Response:
    """The dossiers, filtered by proposal, state, actor, words and last activity."""
    desk: Desk = request.app[DESK]
    wanted = read_filter(request.query)
    needle = wanted.text.casefold()

    def fits(identity: str, life: Dossier) -> bool:
        last = f"{life.last_activity:%Y-%m-%d}" if life.last_activity else ""
        actors = {p.actor for p in life.positions} | {code for s in life.transitions for code in s.actor}
        return (
            (not wanted.proposal or bool({identity, life.proposal} & set(wanted.proposal)))
            and (not wanted.status or life.status in wanted.status)
            and (not wanted.actor or bool(actors & set(wanted.actor)))
            and (not needle or needle in f"{identity} {life.name}".casefold())
            and (not wanted.since or last >= wanted.since)
            and (not wanted.until or "" < last <= wanted.until)
        )

    found = {k: d for k, d in (await desk.ask(find.dossiers)).items() if fits(k, d)}
    page, following = _paged(request, found)
    return _json(request, Dossiers(dossiers=page, next=following))


async def dossier(request: web.Request) -> web.Response:
    """One dossier by its id."""
    desk: Desk = request.app[DESK]
    found = await desk.ask(find.dossier, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(text="no such dossier")
    return _json(request, found)


async def sources(request: web.Request) -> web.Response:
    """The sources, filtered by state and words."""
    desk: Desk = request.app[DESK]
    states, needle = request.query.getall("state", []), request.query.get("text", "").casefold()
    for state in states:
        if state not in coverage.STATES:
            raise QueryFault(f"state={state!r} is not accepted; it takes {', '.join(coverage.STATES)}")
    now = datetime.now(UTC)
    found = {
        key: SourceState(**msgspec.structs.asdict(one), state=coverage.state_of(one, now))
        for key, one in (await desk.ask(find.sources)).items()
        if needle in f"{key} {one.name} {one.url}".casefold()
    }
    page, following = _paged(request, {k: s for k, s in found.items() if not states or s.state in states})
    return _json(request, Sources(sources=page, next=following))


async def near_misses(request: web.Request) -> web.Response:
    """What was nearly found, filtered by proposal."""
    desk: Desk = request.app[DESK]
    limit, cursor = limit_of(request.query, DEFAULT_LIMIT), request.query.get("cursor", "")
    found, following = await desk.ask(find.near, request.query.get("proposal", ""), limit, cursor)
    return _json(request, NearMisses(near_misses=[one for _, one in found], next=following or None))


async def suppressed(request: web.Request) -> web.Response:
    """What did not go out, filtered by proposal and the beginning of its reason."""
    desk: Desk = request.app[DESK]
    limit, cursor = limit_of(request.query, DEFAULT_LIMIT), request.query.get("cursor", "")
    asked = request.query.get("proposal", ""), request.query.get("reason", "")
    found, following = await desk.ask(find.held, *asked, limit, cursor)
    return _json(request, Held(suppressed=[one for _, one in found], next=following or None))


ENDPOINTS = (
    Endpoint("/api/alerts", "Alerts: the latest of each thread", Alerts, alerts, (*FILTERS, _LIMIT, _CURSOR),
             "/api/alerts?proposal=EST&limit=5"),
    Endpoint("/api/alerts/{id}", "One alert, by its id or its thread's, with its history", AlertHistory, alert),
    Endpoint("/api/dossiers", "Dossiers: the life of each proposal", Dossiers, dossiers,
             (*(p for p in FILTERS if p.name in ("proposal", "actor", "status", "text", "since", "until")), _LIMIT, _CURSOR),
             "/api/dossiers?status=discussing"),
    Endpoint("/api/dossiers/{id}", "One dossier: `EST`, or `START/new-start`", Dossier, dossier, (), "/api/dossiers/EST"),
    Endpoint("/api/sources", "Sources: how each is doing, and whether its silence may be trusted", Sources, sources,
             (Parameter("state", "how it is doing", coverage.STATES, many=True), Parameter("text", "part of its name or address"), _LIMIT, _CURSOR),
             "/api/sources?state=blind"),
    Endpoint("/api/suppressed", "What did not go out, and why", Held, suppressed,
             (FILTERS[0], Parameter("reason", "how the reason begins"), _LIMIT, _CURSOR), "/api/suppressed?limit=5"),
    Endpoint("/api/near-misses", "What was nearly found in an article, and what spoke against it", NearMisses, near_misses,
             (FILTERS[0], _LIMIT, _CURSOR), "/api/near-misses?limit=5"),
)  # fmt: skip
