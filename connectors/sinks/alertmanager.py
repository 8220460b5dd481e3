"""Prometheus Alertmanager, API v2: for those whose on-call lives there.

One thread of ours is one alert of theirs: a correction changes its annotations, a retraction resolves it. Its labels
are those of the first that was given, since labels are what Alertmanager knows an alert by.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from connectors.sinks import declared, message
from connectors.sinks.parcel import Parcel, Told
from connectors.sinks.post import Poster, origin
from connectors.sinks.webhook import read, told
from streams.contracts.records import Alert

PATH = "/api/v2/alerts"
TEST_HOLD = timedelta(minutes=1)


def labels(alert: Alert, test: bool = False) -> dict[str, str]:
    """What Alertmanager routes and knows an alert by."""
    found = {
        "alertname": "TreatywatchTest" if test else "Treatywatch", "rule": alert.rule.id, "severity": alert.severity,
        "proposal": alert.proposal or "coverage", "thread": alert.thread,
        "language": (alert.article.lang if alert.article else None) or "und",
    }  # fmt: skip
    return {name: message.plain(value) for name, value in found.items()}


def postable(parcel: Parcel, told: Told, hold: timedelta, now: datetime) -> dict[str, Any]:
    """An alert as `POST /api/v2/alerts` takes it."""
    alert = told.alert
    handle = parcel.handles.get(alert.thread)
    began = json.loads(handle)["startsAt"] if handle else msgspec.to_builtins(now)
    over = alert.type == "retracted" or (alert.type == "updated" and alert.proposal is None)
    quote = message.plain(alert.evidence[0].quote) if alert.evidence else ""
    ends = now if over else now + (TEST_HOLD if parcel.test else hold)
    text = message.as_text(message.of(told, parcel.test))
    found = {
        "labels": json.loads(handle)["labels"] if handle else labels(alert, parcel.test),
        "annotations": {
            "summary": message.plain(alert.headline), "description": text, "quote": quote, "id": alert.id,
            "type": alert.type,
        },
        "startsAt": began, "endsAt": msgspec.to_builtins(ends),
    }  # fmt: skip
    link = message.link(alert)
    return found | ({"generatorURL": link} if link and link.isascii() else {})


class Alertmanager:
    """One Alertmanager."""

    def __init__(self, given: declared.Alertmanager, folder: Path, allow: frozenset[str]) -> None:
        self._given, self._folder = given, folder
        self._poster = Poster(allow, declared.span(given.timeout).total_seconds(), given.at_once)
        self.where = f"alertmanager {origin(read(given.url, folder))}"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """POST all alerts of the parcel; the handle keeps labels and beginning of each thread."""
        now, hold = datetime.fromtimestamp(int(time.time()), UTC), declared.span(self._given.hold)
        # Of a thread that stands in a digest several times, the last is what holds.
        last = {told.alert.thread: told for told in parcel.alerts}
        body = [postable(parcel, told, hold, now) for told in last.values()]
        if not body:
            return {}
        headers = {"Content-Type": "application/json"}
        if self._given.authorization:
            headers["Authorization"] = self._given.authorization.read(self._folder)
        await self._poster.post(
            read(self._given.url, self._folder).rstrip("/") + PATH, msgspec.json.encode(body), headers
        )
        return {
            thread: json.dumps({"labels": one["labels"], "startsAt": one["startsAt"]})
            for thread, one in zip(last, body, strict=True)
        }

    def secrets(self) -> list[str]:
        """Authorization, and the address when it is secret."""
        return told(self._folder, self._given.authorization, self._given.url)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._poster.close()
