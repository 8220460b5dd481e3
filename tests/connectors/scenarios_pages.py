"""What the pages behind entries do, and pages that are sources. Importing it registers the routes."""

from __future__ import annotations

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, entry, ok, only_asked_for, rss, scenario
from tests.connectors.scenarios_read import LONG, ONE

# -- pages ---------------------------------------------------------------------------------------------------------


def page(title: str, text: str = LONG, head: str = "", canonical: str = "") -> str:
    paragraphs = "".join(f"<p>{part}.</p>" for part in text.split(". "))
    return (
        f"<!doctype html><html lang='en'><head><title>{title} - The Site</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a><a href='/x'>World</a></nav><article><h1>{title}</h1>{paragraphs}</article>"
        "<footer>Copyright 2019 The Site. All rights reserved.</footer></body></html>"
    )


def local(asked: Asked, title: str) -> str:
    word = title.split(maxsplit=1)[0]
    return entry(title, link=asked.server.url(f"{asked.request.match_info['name']}/{word}"), description="Short.")


def _full(seen: Seen) -> None:
    assert "Sentence number 39" in seen.events[0]["text"]
    assert "full-text" in seen.events[0]["flags"]


@scenario(
    "pages",
    "--full-text brings the article behind an entry, once",
    codes=(0, 0),
    events=ONE,
    full_text=True,
    check=_full,
)
def full_text(asked: Asked) -> Answer:
    return ok(page("a One")) if asked.tail else ok(rss([local(asked, "a One")]))


@scenario(
    "pages",
    "where robots.txt forbids, the entry keeps its own text",
    events=ONE,
    full_text=True,
    check=only_asked_for("/robots_no"),
    robots="User-agent: *\nDisallow: /robots_no/",
)
def robots_no(asked: Asked) -> Answer:
    return ok(page("a One")) if asked.tail else ok(rss([local(asked, "a One")]))


@scenario(
    "pages",
    "a robots.txt that fails allows nothing for now",
    events=ONE,
    full_text=True,
    check=only_asked_for("/robots_broken"),
    robots=503,
)
def robots_broken(asked: Asked) -> Answer:
    return ok(page("a One")) if asked.tail else ok(rss([local(asked, "a One")]))


def _asked_some(seen: Seen) -> None:
    assert sorted(path for path, _ in seen.log) == ["/robots_long", "/robots_long/a"]
    assert {e["title"]: "full-text" in e["flags"] for e in seen.events} == {"a One": True, "b Two": False}


@scenario(
    "pages",
    "of a robots.txt of megabytes the first 512 KiB hold, and no more is read",
    events=[*ONE, ("new", "b Two")],
    full_text=True,
    check=_asked_some,
    robots="User-agent: *\nDisallow: /robots_long/b\n" + "# nothing\n" * 2_000_000 + "Disallow: /",
)
def robots_long(asked: Asked) -> Answer:
    return ok(page(asked.tail)) if asked.tail else ok(rss([local(asked, "a One"), local(asked, "b Two")]))


@scenario("pages", "a page that answers 410 withdraws its entry", codes=(0, 0, 0), full_text=True,
          events=[("new", "a One"), ("retraction", "a One")])  # fmt: skip
def page_gone(asked: Asked) -> Answer:
    if not asked.tail:
        return ok(rss([local(asked, "a One")]))
    return web.Response(status=410) if asked.count else ok(page("a One"))


@scenario("pages", "an edited page is an update though the feed says nothing", codes=(0, 0), full_text=True,
          events=[("new", "a One"), ("update", "a One")])  # fmt: skip
def page_edited(asked: Asked) -> Answer:
    if not asked.tail:
        return ok(rss([local(asked, "a One")]), ETag='"1"')
    return ok(page("a One", LONG.replace("number 7 ", "number seven ") if asked.count else LONG))


@scenario("pages", "a page at a private address is not fetched", events=ONE, full_text=True)
def page_private(asked: Asked) -> Answer:
    return ok(rss([entry("a One", link=asked.server.private)]))


def _four(seen: Seen) -> None:
    assert len([path for path, _ in seen.log if path != "/pages_failing"]) <= 4
    assert len(seen.events) == 20


@scenario(
    "pages", "of a host whose pages fail at most four are asked; the entries still come", full_text=True, check=_four
)
def pages_failing(asked: Asked) -> Answer:
    if asked.tail:
        return web.Response(status=500)
    return ok(rss([local(asked, f"e{n} Entry") for n in range(20)]))


def _patient(seen: Seen) -> None:
    assert len([path for path, _ in seen.log if path != "/crawl_delay"]) <= 2
    assert len(seen.events) == 5


@scenario("pages", "Crawl-delay is kept; entries whose page has no turn in time come with their own text", full_text=True,
          check=_patient, robots="User-agent: *\nCrawl-delay: 30")  # fmt: skip
def crawl_delay(asked: Asked) -> Answer:
    return ok(page("a One")) if asked.tail else ok(rss([local(asked, f"e{n} Entry") for n in range(5)]))


def _page(seen: Seen) -> None:
    (one,) = seen.events
    assert (one["published"], one["modified"], one["dated_by"]) == (
        "2024-01-02T03:04:05Z",
        "2024-02-01T00:00:00Z",
        "json-ld",
    )
    assert "Sentence number 39" in one["text"]
    assert "Copyright" not in one["text"]
    assert "Home" not in one["text"]


LD = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"A headline",'
    '"datePublished":"2024-01-02T03:04:05Z","dateModified":"2024-02-01"}</script>'
)


@scenario("pages", "--format page: text, title, dates with who states them; the same again is nothing new", codes=(0, 0),
          form="page", events=[("new", "A headline")], check=_page)  # fmt: skip
def a_page(asked: Asked) -> Answer:
    return ok(page("A headline", head=LD), Content_Type="text/html; charset=utf-8")


@scenario("pages", "an edited page is an update, a gone one a retraction; then it is not asked again", codes=(0, 0, 0, 0),
          form="page", requests=3, events=[("new", "A headline"), ("update", "A headline"), ("retraction", "A headline")])  # fmt: skip
def a_page_edited(asked: Asked) -> Answer:
    if asked.count == 2:
        return web.Response(status=410)
    return ok(page("A headline", LONG.replace("number 7 ", "number seven ") if asked.count else LONG))


def _undated(seen: Seen) -> None:
    (one,) = seen.events
    assert (one["published"], one["dated_by"]) == (None, None)


@scenario(
    "pages",
    "'Updated' and the copyright line date nothing",
    form="page",
    events=[("new", "A headline")],
    check=_undated,
)
def a_page_undated(asked: Asked) -> Answer:
    return ok(page("A headline").replace("<article>", "<article><p>Updated: 12 March 2024</p>"))


@scenario(
    "pages",
    "robots.txt forbids the page",
    form="page",
    codes=(3, 3),
    events=[],
    requests=0,
    robots="User-agent: *\nDisallow: /",
)
def a_page_forbidden(asked: Asked) -> Answer:
    return ok(page("A headline"))


@scenario("pages", "a page nested fifty thousand deep costs no more than a fetch", form="page", codes=(3,), events=[])
def a_page_deep(asked: Asked) -> Answer:
    return ok("<html><body>" + "<div>" * 50_000 + f"<p>{LONG}</p>")
