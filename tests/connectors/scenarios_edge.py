"""What is rarer: the edges of rules, odd wire, odd documents. Importing it registers the routes."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, atom, entry, ok, rss, scenario
from tests.connectors.scenarios_http import FEED, ONE
from tests.connectors.scenarios_pages import local, page
from tests.connectors.scenarios_places import gkg, listed

try:
    from compression import zstd  # type: ignore[import-not-found]
except ImportError:
    from backports import zstd

WEEK = 7 * 86400.0


# -- state and manners ---------------------------------------------------------------------------------------------


def _forgotten(seen: Seen) -> None:
    assert [h.get("If-None-Match") for _, h in seen.log] == [None, '"1"', '"1"', None]


@scenario(
    "state",
    "validators are dropped after 8 days of nothing but 304",
    codes=(0, 0, 0, 0),
    events=ONE,
    check=_forgotten,
    ages=3 * 86400.0,
)
def validators_old(asked: Asked) -> Answer:
    return web.Response(status=304) if asked.header("If-None-Match") else ok(FEED, ETag='"1"')


def _kept(seen: Seen) -> None:
    assert [h.get("If-None-Match") for _, h in seen.log] == [None, '"good"', '"good"', '"good"']


@scenario("state", "500 and 404 with an ETag of their own change nothing", codes=(0, 3, 3, 0), events=ONE, check=_kept)
def error_500(asked: Asked) -> Answer:
    if asked.count in {1, 2}:
        return ok("<html>no</html>", 500 if asked.count == 1 else 404, ETag='"bad"', Last_Modified="never")
    return web.Response(status=304) if asked.count else ok(FEED, ETag='"good"')


def _week(seen: Seen) -> None:
    assert time.time() + WEEK - 600 < seen.state(seen.log[0][0].strip("/")).next < time.time() + WEEK + 60


@scenario(
    "manners", "a max-age of ten years is capped at seven days", codes=(0, 0), events=ONE, requests=1, check=_week
)
def max_age_long(asked: Asked) -> Answer:
    return ok(FEED, Cache_Control="max-age=315360000")


@scenario("manners", "a ttl of ten years likewise", codes=(0, 0), events=ONE, requests=1, check=_week)
def ttl_long(asked: Asked) -> Answer:
    return ok(rss([entry("a One")], "<ttl>5256000</ttl>"))


@scenario(
    "manners", "once the wait is over the source is asked again", codes=(0, 0), events=ONE, requests=2, ages=3700.0
)
def max_age_over(asked: Asked) -> Answer:
    return ok(FEED, Cache_Control="max-age=3600")


@scenario("manners", "ten redirects are followed", codes=(0,), events=ONE, requests=11)
def ten(asked: Asked) -> Answer:
    step = int(asked.tail or 0)
    if step == 10:
        return ok(FEED)
    raise web.HTTPFound(f"/ten/{step + 1}")


def _again(seen: Seen) -> None:
    assert [path for path, _ in seen.log] == ["/see_other", "/see_other/b", "/see_other", "/see_other/b"]


@scenario("manners", "303 is followed and never adopted", codes=(0, 0), events=ONE, check=_again)
def see_other(asked: Asked) -> Answer:
    if asked.tail:
        return ok(FEED)
    raise web.HTTPSeeOther("see_other/b#part")


@scenario("manners", "300 without a choice of ours is a failure", codes=(3,), events=[])
def choices(asked: Asked) -> Answer:
    return ok("<a href='/a'>a</a>", 300)


def _same_guids(seen: Seen) -> None:
    assert len({e["id"] for e in seen.events}) == 1


@scenario(
    "identity",
    "bare guids stay what they are when the feed moves, also for an entry that was edited",
    codes=(0, 0),
    events=[*ONE, ("update", "a One, changed")],
    check=_same_guids,
)
def guids_move(asked: Asked) -> Answer:
    if not asked.tail and asked.count:
        raise web.HTTPMovedPermanently("/guids_move/deep/place/feed")
    title = "a One, changed" if asked.tail else "a One"
    return ok(rss([f"<item><title>{title}</title><guid>abc</guid><description>{title}</description></item>"]))


@scenario(
    "identity",
    "entries with neither guid nor link are told by title and date, and their edits are updates",
    codes=(0, 0),
    events=[("new", "One"), ("new", "Two"), ("update", "Two")],
)
def nameless(asked: Asked) -> Answer:
    date = "<pubDate>Mon, 04 Mar 2024 10:00:00 GMT</pubDate>"
    text = f"Text {asked.count} of two"
    return ok(
        rss(
            [
                f"<item><title>One</title>{date}<description>First</description></item>",
                f"<item><title>Two</title>{date}<description>{text}</description></item>",
            ]
        )
    )


@scenario(
    "identity",
    "a rebuilt site that also shows older entries than before: those are no news either, also later on",
    codes=(0, 0, 0),
    events=[*(("new", f"e{n} An old entry") for n in range(6)), ("new", "n A new one")],
)
def rebuilt_longer(asked: Asked) -> Answer:
    base = "https://new.example/post" if asked.count else "https://x.example/?p"

    def old(numbers: range, year: int) -> list[str]:
        return [
            entry(
                f"e{n} An old entry",
                guid=f"{base}/{n}",
                link=f"{base}/{n}",
                pubDate=f"0{n % 9 + 1} Jan {year} 10:00 GMT",
            )
            for n in numbers
        ]

    return ok(
        rss(
            [entry("n A new one"), *old(range(6), 2024), *old(range(6, 30), 2023)]
            if asked.count
            else old(range(6), 2024)
        )
    )


@scenario(
    "identity",
    "a rebuilt site that also gives its articles other titles and texts is told by their moments",
    codes=(0, 0),
    events=[("new", f"e{n} An old entry") for n in range(6)],
)
def rebuilt_titles(asked: Asked) -> Answer:
    base, more = ("https://new.example/post", " | The Site") if asked.count else ("https://x.example/?p", "")
    return ok(
        rss(
            [
                entry(
                    f"e{n} An old entry{more}", guid=f"{base}/{n}", link=f"{base}/{n}", description=f"Text {n}{more}",
                    pubDate=f"Mon, 0{n + 1} Jan 2024 10:0{n}:00 GMT",
                )
                for n in range(6)
            ]
        )
    )  # fmt: skip


@scenario(
    "identity",
    "programmes of the same names day by day are new each day",
    codes=(0, 0),
    events=[("new", f"{name} of the day") for name in ("Morning", "Noon", "Evening", "Night")] * 2,
)
def daily(asked: Asked) -> Answer:
    at = datetime.now(UTC) - timedelta(hours=2) if asked.count else datetime.now(UTC) - timedelta(days=9)
    return ok(
        rss(
            [
                entry(
                    f"{name} of the day", guid=f"{name}{asked.count}", link=f"https://x.example/{name}/{asked.count}",
                    pubDate=format_datetime(at + timedelta(minutes=n)), description=f"{name}: number {asked.count + 100}",
                )
                for n, name in enumerate(("Morning", "Noon", "Evening", "Night"))
            ]
        )
    )  # fmt: skip


# -- the wire ------------------------------------------------------------------------------------------------------


@scenario("safety", "zstd is undone, and bare deflate", codes=(0, 0), events=[*ONE, ("new", "b Two")])
def packed_zstd(asked: Asked) -> Answer:
    if asked.count == 0:
        return ok(zstd.compress(FEED.encode()), Content_Encoding="zstd")
    packer = zlib.compressobj(wbits=-15)
    return ok(packer.compress(rss([entry("b Two")]).encode()) + packer.flush(), Content_Encoding="deflate")


@scenario("safety", "truncated zstd and deflate are failures, and bring nothing", codes=(3, 3), events=[])
def packed_short_zstd(asked: Asked) -> Answer:
    body = rss([entry(f"e{n} Entry") for n in range(200)]).encode()
    how = [("zstd", zstd.compress), ("deflate", zlib.compress)][asked.count % 2]
    return ok(how[1](body)[:-20], Content_Encoding=how[0])


@scenario("safety", "zstd and deflate bombs are cut off", codes=(3, 3), events=[])
def bomb_zstd(asked: Asked) -> Answer:
    how = [("zstd", zstd.compress), ("deflate", zlib.compress)][asked.count % 2]
    return ok(how[1](bytes(100_000_000)), Content_Encoding=how[0])


def _raw(head: bytes, body: bytes = FEED.encode()) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body


@scenario("safety", "two lengths that differ are a failure", codes=(3,), events=[], raw=True)
async def lengths_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_raw(b"Content-Length: 20\r\nContent-Length: 30000"))
    await writer.drain()


@scenario("safety", "a length below nothing is a failure", codes=(3,), events=[], raw=True)
async def length_negative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_raw(b"Content-Length: -5"))
    await writer.drain()


@scenario("safety", "a chunk whose size is no number is a failure", codes=(3,), events=[], raw=True)
async def chunk_odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_raw(b"Transfer-Encoding: chunked", b"zz\r\n" + FEED.encode() + b"\r\n0\r\n\r\n"))
    await writer.drain()


# -- documents -----------------------------------------------------------------------------------------------------


@scenario(
    "formats",
    "blank lines or a comment before the declaration, HTML's entities, a bare &, broken UTF-8 are read",
    codes=(0,) * 5,
    events=[("new", f"{n} — One & Co") for n in "abcd"] + [("new", "e Договор \ufffd")],
)
def sloppy(asked: Asked) -> Answer:
    name = "abcde"[asked.count]
    body = rss([entry(f"{name} — One &amp; Co")])
    bodies: list[str | bytes] = [
        "\n\n  " + body,
        "<!-- made by hand -->\n" + body,
        body.replace("—", "&mdash;"),
        body.replace("&amp;", "&"),
        rss([entry("e Договор @")]).encode().replace(b"@", b"\xff"),
    ]
    return ok(bodies[asked.count])


def _dated(seen: Seen) -> None:
    assert {e["title"]: e["published"] for e in seen.events} == {
        "a One": "2024-03-05T07:30:00Z",
        "b Two": "2024-05-01T08:30:00Z",
        "c Three": "2024-02-05T18:48:21Z",
        "d Four": None,
        "e Five": None,
    }


@scenario("dates", "dates in other languages are read; a zone that nobody knows makes none", check=_dated)
def dates_foreign(asked: Asked) -> Answer:
    dates = {
        "a One": "Вт, 05 мар 2024 10:30:00 МСК",
        "b Two": "Mi, 01 Mai 2024 10:30:00 MESZ",
        "c Three": "pon., 05 lut 2024 19:48:21 +0100",
        "d Four": "Mon, 05 Feb 2024 19:48:21 QQT",
        "e Five": "05/02/2024",
    }
    return ok(rss([entry(title, pubDate=date) for title, date in dates.items()]))


def _undeleted(seen: Seen) -> None:
    assert len({e["id"] for e in seen.events}) == 1


@scenario(
    "corrections",
    "deleted-entry of an entry that we never had says nothing",
    codes=(0, 0),
    events=ONE,
    check=_undeleted,
)
def deleted_unknown(asked: Asked) -> Answer:
    one = "<entry><id>a</id><title>a One</title><updated>2024-01-02T03:04:05Z</updated></entry>"
    return ok(atom(one, '<at:deleted-entry ref="never" when="2024-01-03T00:00:00Z"/>'))


@scenario(
    "pages",
    "robots.txt's group for us goes before that for all",
    events=ONE,
    full_text=True,
    robots="User-agent: *\nDisallow:\n\nUser-agent: treatywatch\nDisallow: /robots_ours/",
    requests=1,
)
def robots_ours(asked: Asked) -> Answer:
    return ok(page("a One")) if asked.tail else ok(rss([local(asked, "a One")]))


@scenario("gdelt", "a zip whose table is larger than it says is refused", form="gdelt", codes=(3,), events=[])
def gdelt_lies(asked: Asked) -> Answer:
    raw = _zip({"a.gkg.csv": gkg("a One") + bytes(2_000_000)})
    real = (len(gkg("a One")) + 2_000_000).to_bytes(4, "little")
    raw = raw.replace(real, (100).to_bytes(4, "little"))
    return ok(raw) if asked.tail else ok(listed(asked, raw))


@scenario("gdelt", "a zip of a thousand files is refused", form="gdelt", codes=(3,), events=[])
def gdelt_many(asked: Asked) -> Answer:
    raw = _zip({f"{n}.gkg.csv": gkg(f"{n} One") for n in range(1000)})
    return ok(raw) if asked.tail else ok(listed(asked, raw))


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# -- time: last, as they take the longest ---------------------------------------------------------------------------


@scenario("time", "headers that come a byte at a time end with the run", codes=(3,), events=[], raw=True)
async def slow_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(600):
        writer.write(b"X")
        await writer.drain()
        await asyncio.sleep(0.1)


@scenario("time", "a server that says nothing ends with the run", codes=(3,), events=[], raw=True)
async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@scenario("time", "a server that only ever says 'continue' ends with the run", codes=(3,), events=[], raw=True)
async def continues(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(600):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
