"""Alerts for tests of sinks: made from a real one, with what a test wants changed."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import msgspec

from streams.contracts.records import Alert, ArticleRef
from streams.contracts.topics import ALERTS, Outgoing
from streams.logic.dossier import alert as alerts
from tests.logic.test_rooms import REJECTED, Rooms
from tests.logic.test_rooms import alerts as of
from tests.making import NOW, an_item


@cache
def _real() -> Alert:
    (found,) = of(Rooms().take(an_item("h", REJECTED)))
    return found


def made(identity: str = "n1", **changes: Any) -> Alert:
    """An alert that NATO rejects the European Security Treaty; `lang`, `url`, `source` are of its article."""
    real = _real()
    assert real.article is not None
    of_article = {f.name for f in msgspec.structs.fields(ArticleRef)} - {"id"}
    article = msgspec.structs.replace(real.article, **{k: changes.pop(k) for k in of_article & changes.keys()})
    defaults = {"id": identity, "thread": f"t-{identity}", "article": article}
    return msgspec.structs.replace(real, **(defaults | changes))


def outgoing(alert: Alert, minutes: float = 0.0) -> list[Outgoing]:
    """Its record in `alerts.all`, as the worker writes it."""
    return [one for one in alerts.sent(alert, NOW + timedelta(minutes=minutes), ()) if one.topic == ALERTS.name]
