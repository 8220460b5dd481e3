"""What servers do: state, manners, safety of fetching. Importing it registers the routes."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
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
    hours = "".join(f"<hour>{(now + more) % 24}</hour>" for more in range(3))
    return ok(rss([entry("a One")], f"<skipHours>{hours}</skipHours>"))


@scenario("manners", "skipDays are left alone", codes=(0, 0), events=ONE, requests=1)
def skip_days(asked: Asked) -> Answer:
    days = {(datetime.now(UTC) + timedelta(days=more)).strftime("%A") for more in range(2)}
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


def _moved(seen: Seen) -> None:
    assert [path for path, _ in seen.log] == ["/moved", "/moved/new", "/moved/new"]


@scenario("manners", "301 is adopted once a feed came from there", codes=(0, 0), events=ONE, check=_moved)
def moved(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPMovedPermanently("/moved/new")
    return ok(FEED)


def _moved_308(seen: Seen) -> None:
    assert [path for path, _ in seen.log] == ["/moved_308", "/moved_308/new", "/moved_308/new"]


@scenario("manners", "308 likewise", codes=(0, 0), events=ONE, check=_moved_308)
def moved_308(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPPermanentRedirect("/moved_308/new")
    return ok(FEED)


def _not_moved(seen: Seen) -> None:
    name = seen.log[0][0]
    assert [path for path, _ in seen.log].count(name) == len(seen.log) / 2


@scenario("manners", "301 to a page that is no feed is not adopted", codes=(3, 3), events=[], check=_not_moved)
def moved_to_error(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPMovedPermanently("/moved_to_error/new")
    return ok("<html>not found</html>")


@scenario("manners", "302 is followed and never adopted", codes=(0, 0), events=ONE, check=_not_moved)
def found(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPFound("/found/new")
    return ok(FEED)


@scenario("manners", "307 likewise", codes=(0, 0), events=ONE, check=_not_moved)
def temporary(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPTemporaryRedirect("/temporary/new")
    return ok(FEED)


def _half_way(seen: Seen) -> None:
    assert [path.rpartition("/")[2] for path, _ in seen.log] == ["moved_then_found", "b", "c", "b", "c"]


@scenario("manners", "301 then 302: only the permanent step is adopted", codes=(0, 0), events=ONE, check=_half_way)
def moved_then_found(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPMovedPermanently("/moved_then_found/b")
    if asked.tail == "b":
        raise web.HTTPFound("/moved_then_found/c")
    return ok(FEED)


def _back(seen: Seen) -> None:
    assert [path for path, _ in seen.log][-2:] == ["/moved_away/new", "/moved_away"]


@scenario(
    "manners",
    "where it moved to is gone: the declared address is asked again",
    codes=(0, 3, 0),
    events=ONE,
    check=_back,
)
def moved_away(asked: Asked) -> Answer:
    if not asked.tail:
        if asked.count:
            return ok(FEED)
        raise web.HTTPMovedPermanently("/moved_away/new")
    return web.Response(status=410) if asked.count else ok(FEED)


def _honest(seen: Seen) -> None:
    agent = seen.log[0][1]["User-Agent"]
    assert agent.startswith("treatywatch/")
    assert "@" in agent
    assert "Cookie" not in seen.log[-1][1]


@scenario("manners", "we say who we are, with a contact; cookies are not kept", codes=(0, 0), events=ONE, check=_honest)
def agent(asked: Asked) -> Answer:
    return ok(FEED, Set_Cookie="a=b; path=/")


# -- safety of fetching --------------------------------------------------------------------------------------------


@scenario("safety", "a redirect to a private port is refused", codes=(3,), events=[])
def to_private(asked: Asked) -> Answer:
    raise web.HTTPFound(asked.server.private)


@scenario(
    "safety", "a redirect to metadata, link-local and other inner addresses is refused", codes=(3,) * 5, events=[]
)
def to_metadata(asked: Asked) -> Answer:
    inner = ["169.254.169.254/latest", "[fe80::1]/", "10.0.0.1/", "0.0.0.0/", "[fd00:ec2::254]/"]
    raise web.HTTPFound(f"http://{inner[asked.count % 5]}")


@scenario("safety", "a redirect to loopback in other spellings is refused", codes=(3,) * 6, events=[])
def to_spellings(asked: Asked) -> Answer:
    spelt = ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost"]
    raise web.HTTPFound(f"http://{spelt[asked.count % 6]}:{asked.server.private_port}/secret")


@scenario("safety", "a redirect to another scheme is refused", codes=(3,) * 4, events=[])
def to_schemes(asked: Asked) -> Answer:
    to = ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/", "data:text/xml,x"][asked.count % 4]
    return web.Response(status=302, headers={"Location": to})


def _no_secret(seen: Seen) -> None:
    assert all("Authorization" not in h for _, h in seen.log)


@scenario("safety", "a password in the address never goes to another origin", codes=(0,), events=ONE, check=_no_secret,
          path="to_other_origin")  # fmt: skip
def other_origin(asked: Asked) -> Answer:
    return ok(FEED)


@scenario("safety", "(the first half of it)", codes=(0,), events=ONE, path="user:secret@to_other_origin")
def to_other_origin(asked: Asked) -> Answer:
    raise web.HTTPFound(f"http://localhost:{asked.server.port}/other_origin")


@scenario("safety", "redirects end after ten", codes=(3,), events=[], requests=11)
def endless(asked: Asked) -> Answer:
    raise web.HTTPFound(f"/endless/{int(asked.tail or 0) + 1}")


@scenario("safety", "a circle of redirects ends at once", codes=(3,), events=[], requests=2)
def circle(asked: Asked) -> Answer:
    raise web.HTTPFound("/circle" if asked.tail else "/circle/b")


@scenario("safety", "a redirect without an address is a failure", codes=(3,), events=[])
def nowhere(asked: Asked) -> Answer:
    return web.Response(status=302)


@scenario(
    "safety", "gzip, deflate and br are undone", codes=(0, 0, 0), events=[*ONE, ("new", "b Two"), ("new", "c Three")]
)
def packed(asked: Asked) -> Answer:
    title = ["a One", "b Two", "c Three"][asked.count % 3]
    body = rss([entry(title)]).encode()
    how = [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)][asked.count % 3]
    return ok(how[1](body), Content_Encoding=how[0])


@scenario("safety", "truncated gzip and br are failures, and bring nothing", codes=(3, 3), events=[])
def packed_short(asked: Asked) -> Answer:
    body = rss([entry(f"e{n} Entry") for n in range(200)]).encode()
    how = [("gzip", gzip.compress), ("br", brotli.compress)][asked.count % 2]
    return ok(how[1](body)[:-20], Content_Encoding=how[0])


@scenario("safety", "a gzip bomb is cut off", codes=(3,), events=[])
def bomb_gzip(asked: Asked) -> Answer:
    return ok(_zeros(), Content_Encoding="gzip")


@scenario("safety", "a bomb packed twice is cut off", codes=(3,), events=[])
def bomb_twice(asked: Asked) -> Answer:
    return ok(gzip.compress(_zeros()), Content_Encoding="gzip, gzip")


@scenario("safety", "a br bomb is cut off", codes=(3,), events=[])
def bomb_br(asked: Asked) -> Answer:
    packer = brotli.Compressor(quality=1)
    body = b"".join(packer.process(b"\0" * 1_000_000) for _ in range(100)) + packer.finish()
    return ok(body, Content_Encoding="br")


def _zeros() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()


@scenario("safety", "a coding that nobody offered is a failure", codes=(3,), events=[])
def packed_oddly(asked: Asked) -> Answer:
    return ok(FEED, Content_Encoding="compress")


@scenario("safety", "an endless body is cut off", codes=(3,), events=[])
async def endless_body(asked: Asked) -> Answer:
    answer = web.StreamResponse()
    await answer.prepare(asked.request)
    for _ in range(200):
        await answer.write(b"<item>" * 100_000)
    return answer


@scenario("safety", "too many headers are a failure", codes=(3,), events=[])
def headers_many(asked: Asked) -> Answer:
    return ok(FEED, **{f"X_{n}": "x" for n in range(500)})


@scenario("safety", "a header of a megabyte is a failure", codes=(3,), events=[])
def headers_long(asked: Asked) -> Answer:
    return ok(FEED, X_Long="x" * 1_000_000)


@scenario("safety", "a body shorter than announced is a failure", codes=(3,), events=[], raw=True)
async def body_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + FEED.encode())
    await writer.drain()


@scenario("safety", "chunks without an end are a failure", codes=(3,), events=[], raw=True)
async def chunks_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = FEED.encode()
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n")
    await writer.drain()


@scenario("safety", "an answer that is no HTTP is a failure", codes=(3,), events=[], raw=True)
async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9\r\n" + bytes(range(256)))
    await writer.drain()


@scenario("safety", "a connection closed without a word is a failure", codes=(3,), events=[], raw=True)
async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


@scenario("safety", "a feed that breaks off inside an entry brings the whole ones, and is asked for again",
          codes=(0, 0), events=[("new", "a One"), ("new", "b Two")])  # fmt: skip
def broken_off(asked: Asked) -> Answer:
    whole = rss([entry("a One"), entry("b Two")])
    return ok(whole if asked.count else whole[:-60], ETag='"same"')


def _deleted(seen: Seen) -> None:
    first, last = seen.events
    assert first["id"] == last["id"]


@scenario("corrections", "Atom's deleted-entry withdraws, once", codes=(0, 0, 0), check=_deleted,
          events=[("new", "a One"), ("retraction", "a One")])  # fmt: skip
def deleted_entry(asked: Asked) -> Answer:
    if asked.count:
        return ok(atom(f'<at:deleted-entry ref="tag:a" when="2026-01-01T00:00:0{asked.count}Z"/>'))
    return ok(atom("<entry><id>tag:a</id><title>a One</title><updated>2026-01-01T00:00:00Z</updated></entry>"))
