"""The calendar of promises as iCalendar (RFC 5545): a day for each, with stable ids."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from icalendar import Calendar, Event

from connectors.page import find
from connectors.page.desk import DESK, Desk, answered
from connectors.page.find import read_filter
from streams.contracts.records import Dossier, DossierCommitment
from streams.logic.dossier.alert import people


def uid(dossier: str, one: DossierCommitment) -> str:
    """The same promise for the same day is the same event, whichever report told of it."""
    text = "\n".join([dossier, *one.who, one.what, one.due or ""])
    return hashlib.sha256(text.encode()).hexdigest()[:32] + "@treatywatch"


def calendar(lives: dict[str, Dossier], home: str) -> bytes:
    """All promises with a day."""
    found = Calendar()
    found.add("prodid", "-//treatywatch//promises//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", "treatywatch")
    told = set()
    for identity, life in lives.items():
        for one in life.commitments:
            if uid(identity, one) in told:
                continue  # of several reports of one promise
            told.add(uid(identity, one))
            try:
                day = date.fromisoformat(one.due or "")
            except ValueError:
                continue  # a month or a year is no day
            event = Event()
            event.add("uid", uid(identity, one))
            event.add("dtstamp", life.last_activity or datetime(1970, 1, 1, tzinfo=UTC))
            event.add("dtstart", day)
            event.add("dtend", day + timedelta(days=1))
            who = people(one.who)
            event.add("summary", f"{identity}: {who + ': ' if who else ''}{one.what}")
            event.add("description", f"{life.name}; {one.state}")
            event.add("categories", [identity, one.state])
            event.add("url", f"{home}proposals/{identity}")
            event.add("transp", "TRANSPARENT")
            event.add("status", "CANCELLED" if one.state == "withdrawn" else "CONFIRMED")
            found.add_component(event)
    return bytes(found.to_ical())


async def calendar_file(request: web.Request) -> web.Response:
    """`/calendar.ics`, for all or for some proposals."""
    desk: Desk = request.app[DESK]
    wanted = read_filter(request.query)

    def ask(db: sqlite3.Connection) -> dict[str, Dossier]:
        return {
            k: d for k, d in find.dossiers(db).items() if not wanted.proposal or {k, d.proposal} & set(wanted.proposal)
        }

    return answered(request, calendar(await desk.ask(ask), desk.home(request)), "text/calendar")
