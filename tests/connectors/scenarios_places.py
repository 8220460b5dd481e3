"""What lists of articles and of sources do: sitemaps, GDELT, OPML. Importing it registers the routes."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import zipfile

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, entry, ok, rss, scenario
from tests.connectors.scenarios_pages import LD, page
from tests.connectors.scenarios_read import LONG, ONE

# -- sitemaps ------------------------------------------------------------------------------------------------------


def urlset(*rows: str) -> str:
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{"".join(rows)}</urlset>'
    )


def row(title: str, date: str = "2024-01-02T03:04:05Z") -> str:
    return (
        f"<url><loc>https://x.example/{title.split(maxsplit=1)[0]}</loc><news:news><news:publication><news:name>N</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
    )


def index(asked: Asked, *names: str) -> str:
    name = asked.request.match_info["name"]
    rows = "".join(f"<sitemap><loc>{asked.server.url(f'{name}/{n}')}</loc></sitemap>" for n in names)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'


def _news(seen: Seen) -> None:
    assert {(e["published"], e["lang"]) for e in seen.events} == {("2024-01-02T03:04:05Z", "en")}


@scenario(
    "sitemaps",
    "a news sitemap; what is new in it",
    form="sitemap",
    codes=(0, 0),
    events=[*ONE, ("new", "b Two")],
    check=_news,
)
def sitemap(asked: Asked) -> Answer:
    return ok(urlset(row("a One"), *([row("b Two")] if asked.count else [])))


@scenario("sitemaps", "an index, an index in it, and a packed one", form="sitemap", codes=(0, 0),
          events=[*ONE, ("new", "b Two"), ("new", "c Three")])  # fmt: skip
def sitemap_index(asked: Asked) -> Answer:
    if not asked.tail:
        return ok(index(asked, "one", "two.xml.gz", "more"))
    if asked.tail == "more":
        return ok(index(asked, "three"))
    if asked.tail == "two.xml.gz":
        return ok(gzip.compress(urlset(row("b Two")).encode()), Content_Type="application/gzip")
    return ok(urlset(row("a One" if asked.tail == "one" else "c Three")))


@scenario("sitemaps", "an index that names itself, or a private place, ends", form="sitemap", events=ONE)
def sitemap_circle(asked: Asked) -> Answer:
    if asked.tail:
        return ok(urlset(row("a One")))
    private = f"<sitemap><loc>{asked.server.private}</loc></sitemap></sitemapindex>"
    return ok(index(asked, "", "one").replace("</sitemapindex>", private))


@scenario("sitemaps", "entities in a sitemap are refused", form="sitemap", codes=(3,), events=[])
def sitemap_laughs(asked: Asked) -> Answer:
    return ok('<!DOCTYPE r [<!ENTITY a "b">]>' + urlset(row("a One &a;"))[21:])


@scenario("sitemaps", "a packed sitemap that is a bomb is refused", form="sitemap", codes=(3,), events=[])
def sitemap_bomb(asked: Asked) -> Answer:
    return ok(gzip.compress(b"\0" * 70_000_000))


@scenario(
    "sitemaps",
    "of an index whose documents fail at most four requests are made",
    form="sitemap",
    codes=(3,),
    events=[],
    requests=4,
)
def sitemap_failing(asked: Asked) -> Answer:
    return web.Response(status=500) if asked.tail else ok(index(asked, *(f"s{n}" for n in range(20))))


def _full_sitemap(seen: Seen) -> None:
    assert "Sentence number 39" in seen.events[0]["text"]
    assert seen.events[0]["published"] == "2024-01-02T03:04:05Z"
    assert seen.events[0]["flags"] == ["full-text"]  # the page has told its title


@scenario("sitemaps", "a plain sitemap with --full-text: title, text and date from the page, whose edits are updates",
          form="sitemap", full_text=True, codes=(0, 0), events=[("new", "A headline"), ("update", "A headline")], check=_full_sitemap)  # fmt: skip
def sitemap_full(asked: Asked) -> Answer:
    if asked.tail:
        text = LONG.replace("number 7 ", "number seven ") if asked.count else LONG
        return ok(page("A headline", text, head=LD))
    return ok(urlset(f"<url><loc>{asked.server.url('sitemap_full/a')}</loc></url>"), ETag='"1"')


# -- GDELT ---------------------------------------------------------------------------------------------------------


def gkg(*titles: str) -> bytes:
    rows = []
    for title in titles:
        cells = [""] * 27
        cells[0], cells[1], cells[3] = "20240102030000-1", "20240102030000", "x.example"
        cells[4] = f"https://x.example/{title.split(maxsplit=1)[0]}"
        cells[26] = (
            f"<PAGE_PRECISEPUBTIMESTAMP>20240102030405</PAGE_PRECISEPUBTIMESTAMP><PAGE_TITLE>{title}</PAGE_TITLE>"
        )
        rows.append("\t".join(cells))
    return "\n".join(rows).encode() + b"\n"


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            # Of no date: the same files are the same bytes, whenever they are packed.
            one = zipfile.ZipInfo(name.replace("__", "/").replace("_", "."))
            made.writestr(one, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def listed(asked: Asked, raw: bytes, summed: str = "") -> str:
    name = asked.request.match_info["name"]
    summed = summed or hashlib.md5(raw, usedforsecurity=False).hexdigest()
    lines = [
        f"1 {'0' * 32} http://x.example/a.export.CSV.zip",
        f"{len(raw)} {summed} {asked.server.url(name)}/1.gkg.csv.zip",
    ]
    return "\n".join(lines) + "\n"


def _gdelt(seen: Seen) -> None:
    assert {(e["published"], e["dated_by"], e["url"]) for e in seen.events} == {
        ("2024-01-02T03:04:05Z", "gdelt", "https://x.example/a"),
        ("2024-01-02T03:04:05Z", "gdelt", "https://x.example/b"),
    }


@scenario("gdelt", "lastupdate, zip, 27 columns; broken rows cost no other; the same file is read once", form="gdelt",
          codes=(0, 0), requests=3, events=[("new", "a One"), ("new", "b & Two")], check=_gdelt)  # fmt: skip
def gdelt(asked: Asked) -> Answer:
    raw = zipped(a_gkg_csv=gkg("a One", "b &amp; Two") + b"only\tthree\tcells\n\xff\xfe\n")
    return ok(raw) if asked.tail else ok(listed(asked, raw))


@scenario("gdelt", "a file without the stated checksum is refused", form="gdelt", codes=(3,), events=[])
def gdelt_sum(asked: Asked) -> Answer:
    raw = zipped(a_gkg_csv=gkg("a One"))
    return ok(raw) if asked.tail else ok(listed(asked, raw, "0" * 32))


@scenario("gdelt", "a zip whose file would lie elsewhere is refused", form="gdelt", codes=(3,), events=[])
def gdelt_slip(asked: Asked) -> Answer:
    raw = zipped(**{"..__..__etc__x_gkg_csv": gkg("a One")})
    return ok(raw) if asked.tail else ok(listed(asked, raw))


@scenario("gdelt", "a zip bomb is refused", form="gdelt", codes=(3,), events=[])
def gdelt_bomb(asked: Asked) -> Answer:
    raw = zipped(a_gkg_csv=b"\0" * 100_000_000)
    return ok(raw) if asked.tail else ok(listed(asked, raw))


@scenario("gdelt", "a broken zip is refused", form="gdelt", codes=(3,), events=[])
def gdelt_broken(asked: Asked) -> Answer:
    raw = zipped(a_gkg_csv=gkg("a One"))[:-30]
    return ok(raw) if asked.tail else ok(listed(asked, raw))


@scenario("gdelt", "a file at a private address is not fetched", form="gdelt", codes=(3,), events=[])
def gdelt_private(asked: Asked) -> Answer:
    return ok(f"1 {'0' * 32} {asked.server.private}.gkg.csv.zip\n")


# -- lists of sources ----------------------------------------------------------------------------------------------


def opml(*urls: str) -> str:
    return "<opml version='2.0'><body><outline text='g'>" + "".join(f"<outline text='x' xmlUrl='{u}'/>" for u in urls) + "</outline></body></opml>"  # fmt: skip


@scenario(
    "lists",
    "OPML: each feed of it; one that fails, or is private, costs no other",
    form="opml",
    codes=(0, 0),
    events=ONE,
)
def a_list(asked: Asked) -> Answer:
    if asked.tail:
        return ok(rss([entry("a One")])) if asked.tail == "good" else web.Response(status=500)
    name = asked.request.match_info["name"]
    return ok(
        opml(
            asked.server.url(f"{name}/bad"),
            asked.server.private,
            "file:///etc/passwd",
            asked.server.url(f"{name}/good"),
        )
    )


@scenario("lists", "OPML with a DOCTYPE is refused", form="opml", codes=(3,), events=[])
def a_list_laughs(asked: Asked) -> Answer:
    return ok('<!DOCTYPE r [<!ENTITY a "b">]>' + opml("https://x.example/&a;"))


@scenario("lists", "OPML nested fifty thousand deep is read", form="opml", events=ONE)
def a_list_deep(asked: Asked) -> Answer:
    if asked.tail:
        return ok(rss([entry("a One")]))
    outline = f"<outline text='x' xmlUrl='{asked.server.url('a_list_deep/feed')}'/>"
    return ok("<opml><body>" + "<outline text='g'>" * 50_000 + outline + "</outline>" * 50_000 + "</body></opml>")


# -- time: last, as they take the longest --------------------------------------------------------------------------


@scenario("time", "a body that comes a byte at a time ends with the run's own deadline", codes=(3,), events=[])
async def slow_loris(asked: Asked) -> Answer:
    answer = web.StreamResponse()
    await answer.prepare(asked.request)
    for _ in range(600):
        await answer.write(b" ")
        await asyncio.sleep(0.1)
    return answer
