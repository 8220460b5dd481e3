"""When an alert goes out: grouping and quiet hours. Pure: the time is an argument, and always UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.sinks import declared
from connectors.sinks.declared import several

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(day: datetime, at: time, zone: ZoneInfo) -> datetime:
    """A local time on a local day; one that the clocks jump over counts from before the jump."""
    return datetime.combine(day.date(), at, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """Digests on a grid of equal steps, from midnight UTC."""

    step: timedelta

    def last(self, now: datetime) -> datetime:
        """The last boundary, now or before."""
        return now - (now - _EPOCH) % self.step

    def next(self, now: datetime) -> datetime:
        """The first boundary after now."""
        return self.last(now) + self.step


@dataclass(frozen=True, slots=True)
class Daily:
    """A digest a day at a local time."""

    at: time
    zone: ZoneInfo

    def last(self, now: datetime) -> datetime:
        """The last boundary, now or before."""
        local = now.astimezone(self.zone)
        found = _moment(local, self.at, self.zone)
        return found if found <= now else _moment(local - timedelta(days=1), self.at, self.zone)

    def next(self, now: datetime) -> datetime:
        """The first boundary after now."""
        local = now.astimezone(self.zone)
        found = _moment(local, self.at, self.zone)
        return found if found > now else _moment(local + timedelta(days=1), self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of every local day in which nothing is sent; they may go over midnight."""

    begin: time
    end: time
    zone: ZoneInfo
    unless: tuple[str, ...] = ()

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours that it is now end; `None` when it is none."""
        local = now.astimezone(self.zone)
        for day in (local - timedelta(days=1), local):
            begin = _moment(day, self.begin, self.zone)
            ends = day + timedelta(days=1) if self.end <= self.begin else day
            end = _moment(ends, self.end, self.zone)
            if begin <= now < end:
                return end
        return None


@dataclass(frozen=True, slots=True)
class Hours:
    """A sink's grouping and quiet hours."""

    group: Every | Daily | None
    quiet: Quiet | None
    empty: bool = False
    """Whether digests go out without alerts too."""

    @staticmethod
    def of(sink: declared.Sink) -> Hours:
        """The hours that a sink declares."""
        group: Every | Daily | None = None
        if isinstance(sink.group, declared.Group):
            if sink.group.daily:
                group = Daily(declared.of_day(sink.group.daily), declared.zone(sink.group.zone))
            else:
                group = Every(declared.span(sink.group.every or ""))
        quiet = sink.quiet and Quiet(
            declared.of_day(sink.quiet.begin), declared.of_day(sink.quiet.end), declared.zone(sink.quiet.zone),
            tuple(several(sink.quiet.unless)),
        )  # fmt: skip
        empty = isinstance(group, Daily) and isinstance(sink.group, declared.Group) and sink.group.empty
        return Hours(group, quiet or None, empty)

    def digest(self, at: datetime, now: datetime) -> datetime | None:
        """The boundary whose digest an alert of the moment `at` belongs to; `None` when it goes alone.

        What is late (we were away) belongs to the last one that has passed, so that all of it comes at once.
        """
        if self.group is None:
            return None
        found = self.group.next(at)
        return found if found > now else self.group.last(now)

    def held(self, now: datetime, severity: str) -> datetime | None:
        """Until when something of a severity is held back now."""
        if self.quiet is None or severity in self.quiet.unless:
            return None
        return self.quiet.until(now)
