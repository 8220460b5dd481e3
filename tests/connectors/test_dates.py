from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.dates import day, moment


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Mon, 28 Jul 2008 10:00:00 GMT", (2008, 7, 28, 10)),
        ("28 Jul 08 10:00 EST", (2008, 7, 28, 15)),
        ("Mon, 28 Jul 2008 10:00:00 +0400", (2008, 7, 28, 6)),
        ("2008-07-28", (2008, 7, 28)),
        ("2008-07", (2008, 7, 1)),
        ("20080728T100000Z", (2008, 7, 28, 10)),
        ("2008-07-28T10:00:00.123+04:00", (2008, 7, 28, 6, 0, 0, 123000)),
        ("2008-07-28 10:00:00", (2008, 7, 28, 10)),
        ("2008-210", (2008, 7, 28)),
        ("2003-12-31T24:00:00Z", (2004, 1, 1)),
        ("Mon Jan 26 16:31:00 EST 2004", (2004, 1, 26, 21, 31)),
        ("Jan 26, 2004 4:31 PM", (2004, 1, 26, 16, 31)),
        ("Monday, January 5th, 2015 - 10:30am", (2015, 1, 5, 10, 30)),
        ("26 июля 2008, 10:15 МСК", (2008, 7, 26, 7, 15)),
        ("5 серпня 2024 р.", (2024, 8, 5)),
        ("5. März 2024 um 10:30 Uhr", (2024, 3, 5, 10, 30)),
        ("1er août 2023", (2023, 8, 1)),
        ("12 de marzo de 2024", (2024, 3, 12)),
        ("05.06.2004 12:30", (2004, 6, 5, 12, 30)),
        ("13/02/2004", (2004, 2, 13)),
        ("02/13/2004", (2004, 2, 13)),
        ("2004年5月28日", (2004, 5, 28)),
        ("1204113600", (2008, 2, 27, 12)),
        ("Tue, 3 Dec 2024 10:00:00 +0000 (UTC)", (2024, 12, 3, 10)),
        ("Thu,01 Jan 2004 19:48:21 GMT", (2004, 1, 1, 19, 48, 21)),
        ("Thu, 01 Jan 2004 19:48:21 +0000 GMT", (2004, 1, 1, 19, 48, 21)),
        ("Thu, 01 Jul 2004 19:48:21 America/New_York", (2004, 7, 1, 23, 48, 21)),
        ("2004-01-01T19:48:21Z[UTC]", (2004, 1, 1, 19, 48, 21)),
        ("2004-01-01T9:48:9+03", (2004, 1, 1, 6, 48, 9)),
        ("2004-01-01 7:48 PM", (2004, 1, 1, 19, 48)),
        ("20040101194821", (2004, 1, 1, 19, 48, 21)),
        ("2004-W01-4", (2004, 1, 1)),
        ("19:48, 1 января 2004 г.", (2004, 1, 1, 19, 48)),
        ("Четверг, 1 января 2004 г. 19:48", (2004, 1, 1, 19, 48)),
        ("czw., 05 lut 2004 19:48:21 +0100", (2004, 2, 5, 18, 48, 21)),
        ("1 stycznia 2004 r., 19:48", (2004, 1, 1, 19, 48)),
        ("quinta-feira, 1 de janeiro de 2004 às 19:48", (2004, 1, 1, 19, 48)),
        ("чт, 01 яну 2004 19:48:21 +0200", (2004, 1, 1, 17, 48, 21)),
        ("lun, 02 aoû 2010 10:00:00 +0200", (2010, 8, 2, 8)),
    ],
)
def test_a_stated_date_is_read(text: str, at: tuple[int, ...]) -> None:
    year, month, number, *clock = at

    assert moment(text) == datetime(year, month, number, *clock, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "yesterday", "01/02/2004", "Thu, 31 Jun 2004 19:48:21 GMT", "2021-02-30", "2003-12-31T25:00:00Z",
        "Sat, 07 Sep 2002 00:00 XST", "Sat, 07 Sep 2002 00:00 IST", "0000-00-00", "0001-01-01T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "1970-01-01T00:00:00Z", "Mon, 28 Jul 2008 10:00:00 +9900", "9999-12-31T23:59:59-14:00", "200807", "2008-400",
        "01.02.04", "2004-01-01 13:00 PM",
        "1 jui 2004", "Thu, 01 Jan 2004 10:00 Nowhere/City",
    ],
)  # fmt: skip
def test_what_is_no_date_or_can_be_read_two_ways_is_none(text: str) -> None:
    assert moment(text) is None


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)))
def test_every_moment_comes_back_from_how_feeds_write_it(at: datetime) -> None:
    whole = at.replace(microsecond=0, tzinfo=UTC)

    assert moment(whole.isoformat()) == whole
    assert moment(f"{whole:%a, %d %b %Y %H:%M:%S} +0000") == whole


def test_a_date_inside_a_text_is_found() -> None:
    assert day("Published on 28 July 2008 by N. N.") == datetime(2008, 7, 28, tzinfo=UTC)
    assert day("by N. N., 12 minutes ago") is None
