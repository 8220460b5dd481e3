"""When the clock of an archive's play ticks: as promised days come and pass, and at each article."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from streams.contracts.records import Dossier


def promised(dossier: Dossier) -> set[date]:
    """The days that a dossier waits for."""
    return {date.fromisoformat(c.due) for c in dossier.commitments if c.due and c.state in ("open", "due")}


def moments(due: Iterable[date], last: datetime, at: datetime) -> list[datetime]:
    """The moments after `last` and up to `at`: the midnights at which a day in `due` begins or is over, and `at`."""
    midnights = {datetime.combine(day + timedelta(days=n), time(), UTC) for day in due for n in (0, 1)}
    return sorted({m for m in midnights if last < m < at} | {at})
