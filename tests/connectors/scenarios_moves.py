"""Where servers send us: moves, and addresses that nobody may be sent to. Importing it registers the routes."""

from __future__ import annotations

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, ok, scenario
from tests.connectors.scenarios_http import FEED, ONE


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
