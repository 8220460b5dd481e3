from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.manners import LONGEST, Wishes, backoff, floor, next_poll, retry_after, wishes
from connectors.sources.feed import read
from tests.making import NOW

AT = NOW.timestamp()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "no-cache"}, 0),
        ({"cache-control": "s-maxage=5, Max-Age=60"}, 60),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=-1"}, 0),
        ({"expires": "Mon, 02 Mar 2026 13:00:00 GMT"}, 3600),
        ({"expires": "Mon, 02 Mar 2026 13:00:00 GMT", "cache-control": "no-cache"}, 0),
        ({"expires": "Mon, 02 Mar 2026 13:00:00 GMT", "cache-control": "public, must-revalidate"}, 3600),
        ({"expires": "Mon, 02 Mar 2026 13:00:00 GMT", "cache-control": "max-age=60"}, 60),
        ({"cache-control": "no-store, max-age=600"}, 0),
        ({"expires": "0"}, 0),
    ],
)
def test_headers_say_how_long_an_answer_keeps(headers: dict[str, str], seconds: float) -> None:
    assert floor(headers, AT) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(None, 0), ("120", 120), ("Mon, 02 Mar 2026 12:02:00 GMT", 120), ("9" * 20, LONGEST), ("soon", 0), ("-5", 0)],
)
def test_retry_after_is_seconds_or_a_date_and_capped(text: str | None, seconds: float) -> None:
    assert retry_after(text, AT) == seconds


def test_failures_double_the_wait_up_to_a_day_and_never_shorten_it() -> None:
    assert [backoff(900, n, 1.0) for n in (1, 2, 3, 20)] == [1800, 3600, 7200, 86400]
    assert backoff(2 * 86400, 1, 1.0) == 2 * 86400


def test_a_feed_says_when_it_wants_to_be_read() -> None:
    raw = b"""<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>t</title>
<ttl>60</ttl><skipHours><hour>12</hour><hour>13</hour></skipHours><skipDays><day>Tuesday</day></skipDays>
<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel></rss>"""

    assert read("https://x.example", raw).wishes == Wishes(43200.0, frozenset({12, 13}), frozenset({1}))
    assert wishes(b"", "-3", "sometimes", "0") == Wishes()


def test_hours_and_days_to_skip_move_the_poll_on() -> None:
    wished = Wishes(0.0, frozenset({12, 13}), frozenset({1}))

    assert datetime.fromtimestamp(next_poll(AT, 60, wished), UTC) == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert datetime.fromtimestamp(next_poll(AT, 86400, wished), UTC) == datetime(2026, 3, 4, tzinfo=UTC)
    assert next_poll(AT, 60, Wishes(skip_hours=frozenset(range(24)))) == AT + LONGEST
