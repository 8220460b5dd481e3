"""When alerts go out, and which: tables."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sinks.choice import Choice
from connectors.sinks.declared import Filter
from connectors.sinks.hours import Daily, Every, Hours, Quiet
from tests.connectors.alerting import made

BRUSSELS = ZoneInfo("Europe/Brussels")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-01-15T06:59", "2026-01-14T07:00", "2026-01-15T07:00"),
        ("2026-01-15T07:00", "2026-01-15T07:00", "2026-01-16T07:00"),
        ("2026-01-15T23:30", "2026-01-15T07:00", "2026-01-16T07:00"),
        ("2026-07-15T06:30", "2026-07-15T06:00", "2026-07-16T06:00"),
        ("2026-03-28T12:00", "2026-03-28T07:00", "2026-03-29T06:00"),
        ("2026-10-24T12:00", "2026-10-24T06:00", "2026-10-25T07:00"),
    ],
    ids=["before", "on the hour", "it is tomorrow there", "summer", "the clocks go forward", "the clocks go back"],
)
def test_a_daily_digest_keeps_its_local_hour(now: str, last: str, following: str) -> None:
    daily = Daily(time(8), BRUSSELS)

    assert (daily.last(at(now)), daily.next(at(now))) == (at(last), at(following))


def test_an_hour_that_the_clocks_jump_over_still_comes_once() -> None:
    daily = Daily(time(2, 30), BRUSSELS)

    assert daily.next(at("2026-03-28T12:00")) == at("2026-03-29T01:30")
    assert daily.next(at("2026-03-29T01:30")) == at("2026-03-30T00:30")


@given(MOMENTS, TIMES, st.sampled_from(["UTC", "Europe/Brussels", "America/St_Johns", "Pacific/Apia"]))
def test_every_moment_lies_between_the_last_boundary_and_the_next(now: datetime, hour: time, zone: str) -> None:
    for group in (Daily(hour, ZoneInfo(zone)), Every(timedelta(minutes=15))):
        assert group.last(now) <= now < group.next(now)
        assert group.last(group.next(now)) == group.next(now)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-15T20:59", None),
        ("2026-01-15T21:00", "2026-01-16T06:00"),
        ("2026-01-16T03:00", "2026-01-16T06:00"),
        ("2026-01-16T06:00", None),
        ("2026-03-28T23:00", "2026-03-29T05:00"),
        ("2026-10-24T20:00", "2026-10-25T06:00"),
        ("2026-10-25T05:59", "2026-10-25T06:00"),
        ("2026-10-25T06:00", None),
    ],
    ids=[
        "before",
        "they begin",
        "after midnight",
        "they end",
        "a short night",
        "a long night",
        "its last minute",
        "it ends by the new clock",
    ],
)
def test_quiet_hours_over_midnight(now: str, until: str | None) -> None:
    quiet = Quiet(time(22), time(7), BRUSSELS)

    assert quiet.until(at(now)) == (at(until) if until else None)


def test_quiet_hours_within_a_day_and_what_goes_out_all_the_same() -> None:
    hours = Hours(None, Quiet(time(12), time(14), BRUSSELS, ("critical",)))

    assert hours.held(at("2026-01-15T12:30"), "warning") == at("2026-01-15T13:00")
    assert hours.held(at("2026-01-15T12:30"), "critical") is None
    assert hours.held(at("2026-01-15T13:00"), "warning") is None


@given(MOMENTS, TIMES, TIMES, st.sampled_from(["UTC", "Europe/Brussels", "America/St_Johns"]))
def test_quiet_hours_always_end(now: datetime, begin: time, end: time, zone: str) -> None:
    if begin == end:
        return
    quiet = Quiet(begin, end, ZoneInfo(zone))

    until = quiet.until(now)

    assert until is None or (now < until <= now + timedelta(hours=25) and quiet.until(until) is None)


@pytest.mark.parametrize(
    ("came", "now", "boundary"),
    [
        ("2026-01-15T06:00", "2026-01-15T06:00", "2026-01-15T07:00"),
        ("2026-01-14T20:00", "2026-01-15T09:00", "2026-01-15T07:00"),
        ("2026-01-10T20:00", "2026-01-15T09:00", "2026-01-15T07:00"),
        ("2026-01-15T08:00", "2026-01-15T09:00", "2026-01-16T07:00"),
    ],
    ids=["for the next", "we were away at its hour", "we were away for days", "after it"],
)
def test_an_alert_belongs_to_the_digest_after_it_or_when_late_to_the_last(came: str, now: str, boundary: str) -> None:
    assert Hours(Daily(time(8), BRUSSELS), None).digest(at(came), at(now)) == at(boundary)


@pytest.mark.parametrize(
    ("wanted", "alert", "takes"),
    [
        ({}, {}, True),
        ({}, {"historical": True}, False),
        ({"historical": "yes"}, {"historical": True}, True),
        ({"historical": "only"}, {}, False),
        ({"severity": ["warning", "critical"]}, {"severity": "notice"}, False),
        ({"severity": "warning"}, {}, True),
        ({"proposal": "EST"}, {}, True),
        ({"proposal": ["INF", "CFE"]}, {}, False),
        ({"proposal": "coverage"}, {"proposal": None}, True),
        ({"language": "en"}, {}, True),
        ({"language": ["ru", "uk"]}, {}, False),
        ({"language": "und"}, {"lang": None}, True),
        ({"rule": "rejection"}, {}, True),
        ({"rule": "tabled"}, {}, False),
        ({"type": "digest"}, {}, False),
        ({"type": "updated"}, {"type": "updated"}, True),
        ({}, {"type": "digest"}, True),
        ({}, {"type": "retracted"}, False),
        ({}, {"type": "corrected"}, True),
        ({"proposal": "EST", "severity": "critical"}, {}, False),
    ],
    ids=str,
)
def test_a_filter_takes_what_agrees_with_all_of_it(wanted: dict[str, Any], alert: dict[str, Any], takes: bool) -> None:
    assert Choice(Filter(**wanted), people=False).takes(made(**alert), follows=False) is takes


@pytest.mark.parametrize("kind", ["corrected", "retracted"])
def test_who_got_an_alert_gets_what_corrects_or_retracts_it_whatever_the_filter(kind: str) -> None:
    choice = Choice(Filter(severity="critical", type="raised", proposal="INF"), people=True)

    assert choice.takes(made(type=kind, historical=True), follows=True)
    assert not choice.takes(made(type=kind), follows=False)


def test_people_are_spared_copies_and_told_that_a_source_is_seen_again() -> None:
    people, machine = Choice(Filter(), people=True), Choice(Filter(), people=False)

    assert not people.takes(made(type="updated"), follows=True)
    assert machine.takes(made(type="updated"), follows=True)
    assert people.takes(made(type="updated", proposal=None), follows=True)
