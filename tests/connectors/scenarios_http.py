"""What servers say of state and manners. Importing it registers the routes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, atom, entry, ok, rss, scenario

ONE = [("new", "a One")]
FEED = rss([entry("a One")])


# -- validators ----------------------------------------------------------------------------------------------------


def _both(seen: Seen) -> None:
    second = seen.log[1][1]
    assert (second["If-None-Match"], second["If-Modified-Since"]) == ('W/"x y"', "yesterday, perhaps")


@scenario(
    "state", "ETag and Last-Modified go back verbatim, both; 304 brings nothing", codes=(0, 0), events=ONE, check=_both
)
def validators(asked: Asked) -> Answer:
    if asked.header("If-None-Match"):
        return web.Response(status=304)
    return ok(FEED, ETag='W/"x y"', Last_Modified="yesterday, perhaps")


def _dropped(seen: Seen) -> None:
    assert [h.get("If-None-Match") for _, h in seen.log] == [None, '"1"', None]


@scenario(
    "state", "a 200 without validators drops those of the one before", codes=(0, 0, 0), events=ONE, check=_dropped
)
def validators_dropped(asked: Asked) -> Answer:
    return ok(FEED, **({"ETag": '"1"'} if asked.count == 0 else {}))


def _kept(seen: Seen) -> None:
    assert [h.get("If-None-Match") for _, h in seen.log] == [None, '"good"', '"good"']


@scenario(
    "state",
    "an error page, 200 with an ETag of its own, never replaces validators",
    codes=(0, 3, 0),
    events=ONE,
    check=_kept,
)
def error_page(asked: Asked) -> Answer:
    if asked.count == 1:
        return ok("<html><body>Maintenance</body></html>", ETag='"bad"', Content_Type="text/html")
    return web.Response(status=304) if asked.count else ok(FEED, ETag='"good"')


def _bound(seen: Seen) -> None:
    assert all("If-None-Match" not in h for path, h in seen.log if path == "/validators_bound")
    assert [h.get("If-None-Match") for path, h in seen.log if path.endswith("there")] == [None, '"there"']


@scenario(
    "state",
    "validators go only to the address that gave them, also behind a redirect",
    codes=(0, 0),
    events=ONE,
    check=_bound,
)
def validators_bound(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPFound("/validators_bound/there")
    return web.Response(status=304) if asked.header("If-None-Match") else ok(FEED, ETag='"there"')


@scenario("state", "304 to a question that nobody asked is a failure", codes=(3,), events=[])
def unasked_304(asked: Asked) -> Answer:
    return web.Response(status=304)


@scenario(
    "state", "the same bytes again are nothing new, whatever the server says of validators", codes=(0, 0), events=ONE
)
def same_bytes(asked: Asked) -> Answer:
    return ok(FEED, ETag=f'"{asked.count}"')


# -- manners -------------------------------------------------------------------------------------------------------


@scenario("manners", "Cache-Control: max-age holds the next request back", codes=(0, 0), events=ONE, requests=1)
def max_age(asked: Asked) -> Answer:
    return ok(FEED, Cache_Control="public, max-age=3600")


@scenario("manners", "max-age counts from the answer's Age", codes=(0, 0), events=ONE, requests=2)
def max_age_old(asked: Asked) -> Answer:
    return ok(FEED, Cache_Control="max-age=3600", Age="3600")


@scenario("manners", "no-cache and a past Expires hold nothing back", codes=(0, 0), events=ONE, requests=2)
def no_cache(asked: Asked) -> Answer:
    return ok(FEED, Cache_Control="no-cache", Expires="0")


@scenario("manners", "Expires holds the next request back", codes=(0, 0), events=ONE, requests=1)
def expires(asked: Asked) -> Answer:
    return ok(FEED, Expires=format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))


@scenario("manners", "max-age of a 304 holds the next request back", codes=(0, 0, 0), events=ONE, requests=2)
def max_age_304(asked: Asked) -> Answer:
    if asked.count:
        return web.Response(status=304, headers={"Cache-Control": "max-age=600"})
    return ok(FEED, ETag='"1"')


@scenario("manners", "the feed's ttl holds the next request back", codes=(0, 0), events=ONE, requests=1)
def ttl(asked: Asked) -> Answer:
    return ok(rss([entry("a One")], "<ttl>60</ttl>"))


@scenario("manners", "sy:updatePeriod holds the next request back", codes=(0, 0), events=ONE, requests=1)
def update_period(asked: Asked) -> Answer:
    return ok(
        rss([entry("a One")], "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>")
    )


@scenario("manners", "skipHours are left alone", codes=(0, 0), events=ONE, requests=1)
def skip_hours(asked: Asked) -> Answer:
    now = datetime.now(UTC).hour
    hours = "".join(
        f"<hour>{(now + more) % 24}</hour>" for more in range(-1, 3)
    )  # the run may have begun in the last one
    return ok(rss([entry("a One")], f"<skipHours>{hours}</skipHours>"))


@scenario("manners", "skipDays are left alone", codes=(0, 0), events=ONE, requests=1)
def skip_days(asked: Asked) -> Answer:
    days = {(datetime.now(UTC) + timedelta(days=more)).strftime("%A") for more in range(-1, 2)}
    return ok(rss([entry("a One")], "<skipDays>" + "".join(f"<day>{d}</day>" for d in days) + "</skipDays>"))


@scenario("manners", "429 with Retry-After in seconds", codes=(3, 0), events=[], requests=1)
def retry_seconds(asked: Asked) -> Answer:
    return ok("", 429, Retry_After="120")


@scenario("manners", "503 with Retry-After as a date", codes=(3, 0), events=[], requests=1)
def retry_date(asked: Asked) -> Answer:
    return ok("", 503, Retry_After=format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True))


def _capped(seen: Seen) -> None:
    assert seen.state(seen.log[0][0].strip("/")).next < time.time() + 7 * 86400 + 60


@scenario(
    "manners",
    "a Retry-After of thirty years is capped at seven days",
    codes=(3, 0),
    events=[],
    requests=1,
    check=_capped,
)
def retry_long(asked: Asked) -> Answer:
    return ok("", 429, Retry_After="999999999")


@scenario("manners", "a Retry-After that is neither holds nothing back", codes=(3, 0), events=ONE, requests=2)
def retry_nonsense(asked: Asked) -> Answer:
    return ok(FEED) if asked.count else ok("", 503, Retry_After="soon")


@scenario("manners", "410 ends polling", codes=(3, 0, 0), events=[], requests=1)
def gone(asked: Asked) -> Answer:
    return web.Response(status=410)


@scenario("manners", "404 is a failure, and the source may come back", codes=(3, 0), events=ONE)
def missing(asked: Asked) -> Answer:
    return ok(FEED) if asked.count else web.Response(status=404)


@scenario("manners", "a failing source is asked once in a run", codes=(3, 3), events=[], requests=2)
def failing(asked: Asked) -> Answer:
    return web.Response(status=500)


@scenario("manners", "401 and 403 are refusals", codes=(3, 3), events=[], requests=2)
def forbidden(asked: Asked) -> Answer:
    return web.Response(status=401 + 2 * asked.count)


@scenario("manners", "204, 206 and 226 bring no document", codes=(3, 3, 3), events=[])
def half_answers(asked: Asked) -> Answer:
    return ok(FEED if asked.count else "", (204, 206, 226)[min(asked.count, 2)])


def _honest(seen: Seen) -> None:
    agent = seen.log[0][1]["User-Agent"]
    assert agent.startswith("treatywatch/")
    assert "@" in agent
    assert "Cookie" not in seen.log[-1][1]


@scenario("manners", "we say who we are, with a contact; cookies are not kept", codes=(0, 0), events=ONE, check=_honest)
def agent(asked: Asked) -> Answer:
    return ok(FEED, Set_Cookie="a=b; path=/")


def _deleted(seen: Seen) -> None:
    first, last = seen.events
    assert first["id"] == last["id"]


@scenario("corrections", "Atom's deleted-entry withdraws, once", codes=(0, 0, 0), check=_deleted,
          events=[("new", "a One"), ("retraction", "a One")])  # fmt: skip
def deleted_entry(asked: Asked) -> Answer:
    if asked.count:
        return ok(atom(f'<at:deleted-entry ref="tag:a" when="2026-01-01T00:00:0{asked.count}Z"/>'))
    return ok(atom("<entry><id>tag:a</id><title>a One</title><updated>2026-01-01T00:00:00Z</updated></entry>"))
