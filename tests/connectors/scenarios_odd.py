"""What a stranger would think of last: mixtures of the rules, and bytes that no standard has. Importing it registers them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, atom, entry, ok, only_asked_for, rss, scenario
from tests.connectors.scenarios_http import FEED, ONE
from tests.connectors.scenarios_pages import local, page
from tests.connectors.scenarios_places import row, urlset
from tests.connectors.scenarios_read import LONG

BOMB = gzip.compress(bytes(100_000_000), 1)


def raw_answer(head: bytes, body: bytes = FEED.encode()) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n\r\n%s" % (len(body), head, body)


def _never_sent(seen: Seen) -> None:
    assert len(seen.log) == 2


@scenario(
    "state",
    "an ETag that is no UTF-8 cannot go back verbatim: it is not kept, and nothing comes twice",
    codes=(0, 0),
    events=ONE,
    raw=True,
    check=_never_sent,
)
async def etag_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(raw_answer(b'ETag: "\xe9t\xe9"\r\nX-Other: \xff\xfe'))
    await writer.drain()


ODD = 'W/"a,b\\"c d"'


def _verbatim(seen: Seen) -> None:
    assert [(h.get("If-None-Match"), h.get("If-Modified-Since")) for _, h in seen.log] == [
        (None, None),
        (ODD, "yesterday, or so"),
    ]


@scenario("state", "validators of no known form go back as they came", codes=(0, 0), events=ONE, check=_verbatim)
def validators_odd(asked: Asked) -> Answer:
    if asked.header("If-None-Match"):
        return web.Response(status=304)
    return ok(FEED, ETag=ODD, Last_Modified="yesterday, or so")


@scenario(
    "manners", "429 without Retry-After, or with one in the past, holds nothing back", codes=(3, 3, 0), events=ONE
)
def retry_none(asked: Asked) -> Answer:
    if asked.count < 2:
        return web.Response(status=429, headers={"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"} if asked.count else {})
    return ok(FEED)


@scenario(
    "manners", "a Retry-After in digits that are no numbers is none", codes=(3, 0), events=ONE, raw=True, requests=2
)
async def retry_digits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    RETRIED.append(1)
    if len(RETRIED) % 2:
        writer.write(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: \xc2\xb2\r\nAge: \xc2\xb2\r\n\r\n")
    else:
        writer.write(raw_answer(b"Cache-Control: max-age=0\r\nAge: \xc2\xb2"))
    await writer.drain()


RETRIED: list[int] = []


@scenario("manners", "of ttl and max-age the longer holds", codes=(0, 0), events=ONE, requests=1)
def ttl_and_age(asked: Asked) -> Answer:
    return ok(rss([entry("a One")], "<ttl>60.5</ttl>"), Cache_Control="max-age=0")


@scenario("manners", "a feed that asks to be left alone at all hours waits a week at most", codes=(0, 0), events=ONE,
          requests=1)  # fmt: skip
def skip_always(asked: Asked) -> Answer:
    hours = "".join(f"<hour>{n}</hour>" for n in range(25))
    return ok(rss([entry("a One")], f"<skipHours>{hours}</skipHours>"))


@scenario("manners", "moved to what is no feed, then back: the declared address is asked all along",
          codes=(0, 3, 0), events=[*ONE, ("new", "b Two")])  # fmt: skip
def moved_and_back(asked: Asked) -> Answer:
    if asked.tail:
        return ok("<html>Our new site</html>")
    if asked.count == 1:
        raise web.HTTPMovedPermanently("/moved_and_back/new")
    return ok(rss([entry("b Two")]) if asked.count else FEED)


@scenario("manners", "the body of a redirect is nothing to us", events=ONE)
def moved_with_body(asked: Asked) -> Answer:
    if asked.tail:
        return ok(FEED)
    return ok(rss([entry("x Not this")]), 302, Location="/moved_with_body/x")


def _login(seen: Seen) -> None:
    assert [("Authorization" in h) for _, h in seen.log] == [True, True]


@scenario(
    "safety",
    "a password in the address stays with its own origin, also where a redirect names that in full",
    events=ONE,
    path="user:secret@same_origin",
    check=_login,
)
def same_origin(asked: Asked) -> Answer:
    if asked.tail:
        return ok(FEED)
    raise web.HTTPFound(asked.server.url("same_origin/there"))


@scenario("safety", "a bomb behind a redirect is cut off", codes=(3,), events=[], requests=2)
def bomb_behind(asked: Asked) -> Answer:
    if asked.tail:
        return ok(BOMB, Content_Encoding="gzip")
    raise web.HTTPFound("/bomb_behind/x")


@scenario("safety", "a packed page that is a bomb costs its entry nothing but the text", events=ONE, full_text=True)
def page_bomb(asked: Asked) -> Answer:
    if asked.tail:
        return ok(BOMB, Content_Encoding="gzip", Content_Type="text/html")
    return ok(rss([local(asked, "a One")]))


@scenario("xml", "JSON and NewsML of millions of tiny parts are refused before they fill the memory", codes=(3, 3),
          events=[])  # fmt: skip
def tiny_parts(asked: Asked) -> Answer:
    if asked.count:
        return ok("<NewsML><NewsItem>" + "<p/>" * 2_000_000 + "</NewsItem></NewsML>")
    return ok('{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [' + "{}," * 3_000_000 + "{}]}")


@scenario("time", "chunks of a byte each end with the run", codes=(3,), events=[], raw=True)
async def slow_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):
        for byte in FEED.encode():
            writer.write(b"1\r\n%c\r\n" % byte)
            await writer.drain()
            await asyncio.sleep(0.5)


@scenario(
    "pages",
    "a page that redirects to where robots.txt forbids is not fetched",
    events=ONE,
    full_text=True,
    check=only_asked_for("/robots_behind", "/robots_behind/open/a"),
    robots="User-agent: *\nDisallow: /robots_behind/closed",
)
def robots_behind(asked: Asked) -> Answer:
    if asked.tail.startswith("open"):
        raise web.HTTPFound("/robots_behind/closed")
    link = asked.server.url("robots_behind/open/a")
    return ok(page("a One")) if asked.tail else ok(rss([entry("a One", link=link, description="Short.")]))


@scenario("pages", "the same for a page that is the source", form="page", codes=(3,), events=[], requests=1,
          robots="User-agent: *\nDisallow: /a_page_behind/closed")  # fmt: skip
def a_page_behind(asked: Asked) -> Answer:
    if not asked.tail:
        raise web.HTTPFound("/a_page_behind/closed")
    return ok(page("A headline"))


def dated(day: int) -> str:
    return (
        f"<entry><id>a</id><title>a One</title><updated>2024-01-0{day}T00:00:00Z</updated><content>x</content></entry>"
    )


def deleted(day: int) -> str:
    return f"<at:deleted-entry when='2024-01-0{day}T00:00:00Z' ref='a'/>"


@scenario(
    "corrections",
    "of an entry and its own deletion in one document the later one counts",
    codes=(0, 0, 0, 0),
    events=[*ONE, ("retraction", "a One"), ("update", "a One")],
)
def deleted_beside(asked: Asked) -> Answer:
    documents = [atom(dated(1)), atom(deleted(2), dated(1)), atom(deleted(2), dated(1)), atom(deleted(2), dated(3))]
    return ok(documents[asked.count])


NOTE = "<p>Editor's note: This article has been retracted by its authors after a review of its sources.</p>"


@scenario("corrections", "an editor's note of retraction below the headline of a page withdraws its entry", codes=(0, 0),
          events=[("new", "a One"), ("retraction", "a One")], full_text=True)  # fmt: skip
def page_retracted(asked: Asked) -> Answer:
    if not asked.tail:
        return ok(rss([local(asked, "a One")]))
    return ok(page("a One", NOTE + LONG if asked.count else LONG))


def _short(seen: Seen) -> None:
    assert [(len(e["title"]), e["url"].endswith("long_parts"), e["flags"]) for e in seen.events] == [
        (2000, True, ["cut"])
    ]


@scenario("safety", "titles and addresses of a megabyte are cut, or are none", check=_short)
def long_parts(asked: Asked) -> Answer:
    item = {"id": "1", "title": "t" * 1_000_000, "url": "https://x.example/" + "p" * 1_000_000, "content_text": "x"}
    return ok(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [item]}))


@scenario("sitemaps", "an address of a megabyte is none", events=[("new", "a One")], form="sitemap")
def sitemap_long(asked: Asked) -> Answer:
    return ok(urlset(row("a One"), "<url><loc>https://x.example/" + "p" * 1_000_000 + "</loc></url>"))


@scenario("lists", "OPML with an address that is relative, and with `xmlurl` in small letters", form="opml",
          events=[*ONE, ("new", "b Two")])  # fmt: skip
def a_list_sloppy(asked: Asked) -> Answer:
    if asked.tail:
        return ok(FEED if asked.tail == "a" else rss([entry("b Two")]), 203)
    other = asked.server.url("a_list_sloppy/b")
    return ok(f"<opml><body><outline xmlUrl='/a_list_sloppy/a'/><outline xmlurl='{other}'/></body></opml>")
