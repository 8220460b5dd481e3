"""What documents do: reading, identity, corrections, pages, the other formats. Importing it registers the routes."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable

from aiohttp import web

from tests.connectors.hostile import Answer, Asked, Seen, atom, entry, ok, rss, scenario

ONE = [("new", "a One")]
LONG = " ".join(f"Sentence number {n} of the article says something about the treaty." for n in range(40))


# -- XML and other documents ---------------------------------------------------------------------------------------


def _small(seen: Seen) -> None:
    assert sum(len(json.dumps(e)) for e in seen.events) < 50_000
    assert "root:" not in json.dumps(seen.events)


@scenario("xml", "a billion laughs are not laughed", check=_small)
def laughs(asked: Asked) -> Answer:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return ok(f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{lines}]>' + rss([entry("a One &l11;")])[38:])


@scenario("xml", "one long entity, used often, is not expanded", check=_small)
def quadratic(asked: Asked) -> Answer:
    return ok(f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>' + rss([entry("a One " + "&a;" * 5000)])[38:])


@scenario("xml", "an external entity is not read, nor fetched", check=_small)
def external(asked: Asked) -> Answer:
    ours = f'<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b SYSTEM "{asked.server.private}">'
    return ok(f"<!DOCTYPE r [{ours}]>" + rss([entry("a One &a; &b;")])[38:])


@scenario("xml", "an external DTD and parameter entities are not fetched", events=ONE)
def dtd(asked: Asked) -> Answer:
    begin = f'<!DOCTYPE r SYSTEM "{asked.server.private}" [<!ENTITY % p SYSTEM "{asked.server.private}"> %p;]>'
    return ok(begin + rss([entry("a One")])[38:])


@scenario("xml", "the same in UTF-16 hides nothing", check=_small)
def external_utf16(asked: Asked) -> Answer:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return ok((text + rss([entry("a One &a;")])[38:]).encode("utf-16"))


@scenario("xml", "XInclude is nothing to us", events=ONE)
def xinclude(asked: Asked) -> Answer:
    more = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    return ok(rss([entry("a One", description=f"x{more}")]))


@scenario("xml", "a hundred thousand nested elements cost no more than a fetch", check=_small, codes=(3,))
def deep(asked: Asked) -> Answer:
    return ok("<rss><channel>" + "<a>" * 100_000)


@scenario("xml", "a hundred thousand attributes are no feed", codes=(3,), events=[])
def attributes(asked: Asked) -> Answer:
    return ok(rss([entry("a One")], "<x " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>"))


def _capped(seen: Seen) -> None:
    assert 0 < len(seen.events) <= 1000


@scenario("xml", "of fifty thousand entries the first thousand are read", check=_capped)
def many(asked: Asked) -> Answer:
    return ok(rss([entry(f"e{n} Entry") for n in range(50_000)]))


@scenario("xml", "an entry of twenty megabytes does not end us", codes=(3,), events=[])
def huge_entry(asked: Asked) -> Answer:
    return ok(rss([entry("a One", description="&lt;p&gt;" + "x " * 10_000_000)]))


@scenario("xml", "a JSON Feed nested a hundred thousand deep is no feed", codes=(3,), events=[])
def deep_json(asked: Asked) -> Answer:
    return ok('{"version":"https://jsonfeed.org/version/1.1","items":' + "[" * 100_000)


@scenario("xml", "HTML, JSON, a picture, nothing and zeros are no feeds", codes=(3,) * 5, events=[])
def no_feeds(asked: Asked) -> Answer:
    png = b"\x89PNG\r\n\x1a\n" + bytes(200)
    return ok([b"<!doctype html><p>hello", b'{"a": 1}', png, b"", bytes(5000)][asked.count % 5])


@scenario("xml", "a feed without entries is a feed", events=[])
def empty(asked: Asked) -> Answer:
    return ok(rss([]))


def _clean(seen: Seen) -> None:
    said = json.dumps(seen.events).lower()
    assert not any(bad in said for bad in ("<script", "javascript:", "onerror", "<iframe", "alert("))


@scenario("xml", "nothing that runs comes through, in any field", check=_clean)
def scripts(asked: Asked) -> Answer:
    bad = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;iframe src='javascript:alert(1)'&gt;"
    twice = bad.replace("&", "&amp;")
    return ok(
        rss(
            [
                entry(f"a One {bad}", description=bad),
                entry(f"b Two {twice}", description=twice, link="javascript:alert(1)"),
                f"<item><title><![CDATA[c <scr<script>ipt>alert(1)</script>]]></title><guid>{bad}</guid></item>",
            ]
        )
    )


def _coded(seen: Seen) -> None:
    assert {e["title"] for e in seen.events} == {f"e{n} Договор" for n in range(5)}


@scenario(
    "xml",
    "windows-1251, KOI8-R, UTF-16, a charset in the header only, and one that lies are read",
    codes=(0,) * 5,
    check=_coded,
)
def codings(asked: Asked) -> Answer:
    n = asked.count % 5
    name = ["windows-1251", "koi8-r", "utf-16", "windows-1251", "utf-8"][n]
    said = ["windows-1251", "koi8-r", "utf-16", None, "iso-8859-1"][n]
    text = rss([entry(f"e{n} Договор")]).replace(' encoding="utf-8"', f' encoding="{said}"' if said else "")
    return ok(text.encode(name), Content_Type="text/xml; charset=windows-1251" if n == 3 else "text/xml")


def _texts(seen: Seen) -> None:
    assert [e["title"] for e in seen.events] == ["AT&T & R&D <1"]
    assert seen.events[0]["text"] == "One.\n\nTwo."


@scenario("xml", "markup becomes text, entities characters", check=_texts)
def texts(asked: Asked) -> Answer:
    title = "<title><![CDATA[AT&amp;T &amp; R&amp;D &lt;1]]></title>"
    return ok(
        rss(
            [
                f"<item>{title}<guid>1</guid><description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description></item>"
            ]
        )
    )


# -- formats -------------------------------------------------------------------------------------------------------


@scenario(
    "formats",
    "RSS 0.91, 0.92, 2.0, RDF, Atom 0.3 and 1.0",
    codes=(0,) * 6,
    events=[("new", f"e{n} Entry") for n in range(6)],
)
def versions(asked: Asked) -> Answer:
    n = asked.count % 6
    one = entry(f"e{n} Entry")
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        f"<channel><title>t</title></channel>{one.replace('<guid', '<x').replace('</guid', '</x')}</rdf:RDF>"
    )
    old = f'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>t</title><entry><title>e{n} Entry</title><id>{n}</id></entry></feed>'
    new = atom(f"<entry><title>e{n} Entry</title><id>tag:{n}</id></entry>")
    return ok([rss([one], version="0.91"), rss([one], version="0.92"), rss([one]), rdf, old, new][n])


def _json(seen: Seen) -> None:
    (one,) = seen.events
    assert (one["url"], one["published"], one["lang"]) == (seen.server.url("a"), "2024-01-02T03:04:05Z", "en")


@scenario("formats", "a feed file that is packed itself", events=ONE)
def packed_file(asked: Asked) -> Answer:
    return ok(gzip.compress(rss([entry("a One")]).encode()), Content_Type="application/gzip")


@scenario("formats", "an entry that nobody titled is named by its address", events=[("new", "https://x.example/a")])
def untitled(asked: Asked) -> Answer:
    return ok(rss(["<item><link>https://x.example/a</link></item>"]))


@scenario("formats", "JSON Feed", events=[("new", "A title")], check=_json)
def json_feed(asked: Asked) -> Answer:
    one = {
        "id": 7,
        "url": "/a",
        "title": "A title",
        "content_html": "<p>x</p>",
        "date_published": "2024-01-02T04:04:05+01:00",
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "language": "en", "items": [one]}
    return ok(json.dumps(feed), Content_Type="application/feed+json")


@scenario(
    "corrections", "ninjs: a canceled item is withdrawn", codes=(0, 0), events=[("new", "Head"), ("retraction", "Head")]
)
def ninjs(asked: Asked) -> Answer:
    status = "canceled" if asked.count else "usable"
    return ok(json.dumps({"uri": "urn:1", "headline": "Head", "body_text": "Text.", "pubstatus": status}))


@scenario(
    "corrections",
    "NewsML-G2: a canceled item is withdrawn",
    codes=(0, 0),
    events=[("new", "Head"), ("retraction", "Head")],
)
def newsml(asked: Asked) -> Answer:
    status = "canceled" if asked.count else "usable"
    return ok(
        '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet><newsItem guid="urn:1" version="1"><itemMeta>'
        f'<versionCreated>2024-01-02T03:04:05Z</versionCreated><pubStatus qcode="stat:{status}"/></itemMeta><contentMeta>'
        "<headline>Head</headline></contentMeta><contentSet><inlineXML><html><body><p>Text.</p></body></html></inlineXML>"
        "</contentSet></newsItem></itemSet></newsMessage>"
    )


def newsml1_item(name: str, title: str, revision: int = 1, status: str = "Usable") -> str:
    """A NewsItem of NewsML 1.2 as an agency of 2008 sent it."""
    return (
        f"<NewsItem><Identification><NewsIdentifier><ProviderId>x.example</ProviderId><DateId>20080728</DateId>"
        f"<NewsItemId>{name}</NewsItemId><RevisionId PreviousRevision='{revision - 1}' Update='N'>{revision}</RevisionId>"
        f"<PublicIdentifier>urn:newsml:x.example:20080728:{name}:{revision}N</PublicIdentifier></NewsIdentifier>"
        f"</Identification><NewsManagement><NewsItemType FormalName='News'/><FirstCreated>20080728T101500+0000</FirstCreated>"
        f"<ThisRevisionCreated>20080728T{10 + revision}1500+0000</ThisRevisionCreated><Status FormalName='{status}'/>"
        f"</NewsManagement><NewsComponent><NewsLines><HeadLine>{title}</HeadLine></NewsLines><DescriptiveMetadata>"
        f"<Language FormalName='en'/></DescriptiveMetadata><ContentItem><DataContent><nitf><body><body.head><hedline>"
        f"<hl1>{title}</hl1></hedline></body.head><body.content><p>PARIS, July 28 - First of {title}.</p><p>Second.</p>"
        f"</body.content></body></nitf></DataContent></ContentItem></NewsComponent></NewsItem>"
    )


def newsml1_document(*items: str, doctype: str = "<!DOCTYPE NewsML SYSTEM 'http://127.0.0.1:9/NewsML_1.2.dtd'>") -> str:
    return f"<?xml version='1.0' encoding='utf-8'?>{doctype}<NewsML>{''.join(items)}</NewsML>"


def _newsml1(seen: Seen) -> None:
    assert len({e["id"] for e in seen.events}) == 2
    assert {e["published"] for e in seen.events} == {"2008-07-28T10:15:00Z"}
    assert seen.events[0]["text"] == "PARIS, July 28 - First of Talks.\n\nSecond."


@scenario(
    "corrections",
    "NewsML 1.x: a revision is an update of the same item, a canceled one is withdrawn; of two the later counts",
    codes=(0, 0, 0),
    events=[("new", "Talks"), ("new", "Vote"), ("update", "Talks go on"), ("retraction", "Vote")],
    check=_newsml1,
)
def newsml1(asked: Asked) -> Answer:
    vote = newsml1_item("b", "Vote", 1 + asked.count, "Canceled" if asked.count else "Usable")
    talks = newsml1_item("a", "Talks go on", 2) if asked.count else ""
    return ok(newsml1_document(talks, newsml1_item("a", "Talks"), vote))


@scenario("xml", "NewsML 1.x: an entity that its DOCTYPE declares stands for nothing", codes=(0, 3), events=ONE)
def newsml1_entities(asked: Asked) -> Answer:
    doctype = '<!DOCTYPE NewsML [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "yyyy">]>'
    return ok(newsml1_document(newsml1_item("a", "&x;&y;" if asked.count else "a One"), doctype=doctype))


@scenario(
    "corrections",
    "an entry of a feed that carries NewsML's status is withdrawn",
    codes=(0, 0),
    events=[*ONE, ("retraction", "a One")],
)
def pub_status(asked: Asked) -> Answer:
    status = (
        '<nar:pubStatus xmlns:nar="http://iptc.org/std/nar/2006-10-01/" qcode="stat:canceled"/>' if asked.count else ""
    )
    return ok(atom(f"<entry><id>tag:a</id><title>a One</title>{status}</entry>"))


# -- dates ---------------------------------------------------------------------------------------------------------


def _dates(seen: Seen) -> None:
    dates = {e["title"][0]: (e["published"], e["modified"], e["dated_by"], e["flags"]) for e in seen.events}
    assert dates == {
        "a": ("2008-07-28T10:00:00Z", None, "feed", []),
        "b": (None, None, None, []),
        "c": (None, None, None, []),
        "d": (None, None, None, []),
        "e": ("2150-01-01T00:00:00Z", None, "feed", ["future-date"]),
        "f": ("2008-07-26T06:00:00Z", None, "feed", []),
        "g": (None, None, None, []),
    }


@scenario(
    "dates", "a date that is none, or can be read two ways, is null; the future is kept and flagged", check=_dates
)
def dates(asked: Asked) -> Answer:
    stated = {
        "a": "Mon, 28 Jul 2008 10:00:00 GMT", "b": "Tue, 31 Feb 2024 10:00:00 GMT", "c": "03/04/2024", "d": "yesterday",
        "e": "Thu, 01 Jan 2150 00:00:00 GMT", "f": "Сб, 26 июля 2008 10:00:00 +0400", "g": "Thu, 01 Jan 1970 00:00:00 GMT",
    }  # fmt: skip
    return ok(rss([entry(f"{name} Entry", pubDate=date) for name, date in stated.items()]))


def _updated(seen: Seen) -> None:
    assert [(e["published"], e["modified"]) for e in seen.events] == [(None, "2024-01-02T00:00:00Z")]


@scenario("dates", "Atom's updated is never published", events=ONE, check=_updated)
def updated_only(asked: Asked) -> Answer:
    return ok(atom("<entry><id>1</id><title>a One</title><updated>2024-01-02T00:00:00Z</updated></entry>"))


# -- identity ------------------------------------------------------------------------------------------------------


def _one_id(seen: Seen) -> None:
    assert len({e["id"] for e in seen.events}) == 1


def _ids(number: int) -> Callable[[Seen], None]:
    def check(seen: Seen) -> None:
        assert len({e["id"] for e in seen.events}) == number
        assert len({e["event"] for e in seen.events}) == len(seen.events)

    return check


@scenario("identity", "an edit is an update of the same item, back again too", codes=(0, 0, 0), check=_one_id,
          events=[("new", "a One"), ("update", "a Two"), ("update", "a One")])  # fmt: skip
def edited(asked: Asked) -> Answer:
    return ok(rss([entry(["a One", "a Two", "a One"][asked.count % 3])]))


@scenario("identity", "an edit of the text alone, without an updated bump", codes=(0, 0), check=_one_id,
          events=[("new", "a One"), ("update", "a One")])  # fmt: skip
def edited_quietly(asked: Asked) -> Answer:
    return ok(rss([entry("a One", description=["He said yes.", "He said no."][asked.count])]))


@scenario("identity", "counters, trackers, '5 minutes ago' and lastBuildDate are no edits", codes=(0, 0), events=ONE)
def counters(asked: Asked) -> Answer:
    n = asked.count
    text = f"Text. {n + 3} comments. Views: {100 + n}. {n + 2} minutes ago. https://x.example/a?utm_source=s{n}"
    return ok(
        rss([entry("a One", description=text)], f"<lastBuildDate>Mon, 28 Jul 2008 10:00:0{n} GMT</lastBuildDate>")
    )


@scenario("identity", "white space and Unicode form are no edits", codes=(0, 0), events=[("new", "a Café")])
def forms(asked: Asked) -> Answer:
    return ok(rss([entry(["a Café", " a  Cafe\u0301 "][asked.count], description="Text.")]))


@scenario("identity", "tracking parameters in the link are no new item", codes=(0, 0), events=ONE)
def tracked(asked: Asked) -> Answer:
    return ok(rss([entry("a One", guid="", link=f"https://x.example/a?id=1&amp;utm_campaign=c{asked.count}")]))


@scenario(
    "identity",
    "a site that moves to https, its guids with it, has nothing new",
    codes=(0, 0),
    events=[("new", "a One"), ("new", "b Two")],
)
def to_https(asked: Asked) -> Answer:
    base = ["http://www.x.example", "https://x.example"][asked.count]
    return ok(rss([entry(t, guid=f"{base}/{t[0]}", link=f"{base}/{t[0]}") for t in ("a One", "b Two")]))


@scenario("identity", "guids that change with every fetch are caught, and links tell from then on", codes=(0, 0, 0),
          events=[(k, t) for t in ("a One", "b Two", "c Three") for k in ("new",)])  # fmt: skip
def guids_change(asked: Asked) -> Answer:
    return ok(rss([entry(t, guid=f"{t[0]}{asked.count}") for t in ("a One", "b Two", "c Three")]))


@scenario("identity", "a guid that several entries share tells nothing; each is one item", codes=(0, 0), check=_ids(3),
          events=[("new", "a One"), ("new", "b Two"), ("new", "c Three")])  # fmt: skip
def guids_shared(asked: Asked) -> Answer:
    return ok(rss([entry(t, guid="same") for t in ("a One", "b Two", "c Three")]))


@scenario(
    "identity", "an empty guid tells nothing", codes=(0, 0), check=_ids(2), events=[("new", "a One"), ("new", "b Two")]
)
def guids_empty(asked: Asked) -> Answer:
    return ok(
        rss([entry(t).replace(">a</guid>", "></guid>").replace(">b</guid>", "> </guid>") for t in ("a One", "b Two")])
    )


@scenario("identity", "guids that number the places in the feed are caught", codes=(0, 0), check=_ids(4),
          events=[("new", f"{c} Entry") for c in "abcd"])  # fmt: skip
def guids_places(asked: Asked) -> Answer:
    titles = ["a Entry", "b Entry", "c Entry"] if asked.count == 0 else ["d Entry", "a Entry", "b Entry"]
    links = [f"https://x.example/{t[0]}" for t in titles]
    return ok(rss([entry(t, guid=str(n), link=links[n], description=f"About {t}") for n, t in enumerate(titles)]))


@scenario("identity", "one link for all entries tells nothing", codes=(0, 0), check=_ids(3),
          events=[("new", "a One"), ("new", "b Two"), ("new", "c Three")])  # fmt: skip
def links_shared(asked: Asked) -> Answer:
    titles = ["a One", "b Two"] if asked.count == 0 else ["c Three", "a One", "b Two"]
    return ok(rss([entry(t, guid="", link="https://x.example/") for t in titles]))


@scenario("identity", "an entry listed twice is one", codes=(0, 0), events=ONE)
def twice(asked: Asked) -> Answer:
    return ok(rss([entry("a One"), entry("a One")]))


@scenario("identity", "an entry that left and comes back is no news", codes=(0, 0, 0), events=[*ONE, ("new", "b Two")])
def comes_back(asked: Asked) -> Answer:
    return ok(rss([entry(["a One", "b Two", "a One"][asked.count % 3])]))


@scenario("identity", "a site that was rebuilt, guids and links all new, is taken in quietly; what is new is told",
          codes=(0, 0), events=[*(("new", f"e{n} An old entry") for n in range(8)), ("new", "n A new one")])  # fmt: skip
def rebuilt(asked: Asked) -> Answer:
    base = "https://new.example/post" if asked.count else "https://x.example/?p"
    old = [
        entry(
            f"e{n} An old entry", guid=f"{base}/{n}", link=f"{base}/{n}", pubDate=f"Mon, 0{n + 1} Jan 2024 10:00:00 GMT"
        )
        for n in range(8)
    ]
    return ok(rss([entry("n A new one"), *old] if asked.count else old))


@scenario("identity", "a rebuilt site that also dates everything anew is told by its words", codes=(0, 0),
          events=[("new", f"e{n} An old entry") for n in range(8)])  # fmt: skip
def rebuilt_dates(asked: Asked) -> Answer:
    base = "https://new.example" if asked.count else "https://x.example"
    date = f"Mon, 2{asked.count} Jan 2024 10:00:00 GMT"
    return ok(
        rss([entry(f"e{n} An old entry", guid=f"{base}/{n}", link=f"{base}/{n}", pubDate=date) for n in range(8)])
    )


# -- corrections ---------------------------------------------------------------------------------------------------


@scenario("corrections", "an editor's note of retraction withdraws, in any language; once", codes=(0, 0, 0),
          events=[*(("new", f"{c} Entry") for c in "abcd"), ("retraction", "RETRACTED: a Entry"),
                  *(("retraction", f"{c} Entry") for c in "bcd")])  # fmt: skip
def retracted(asked: Asked) -> Answer:
    titles = ["a Entry", "b Entry", "c Entry", "d Entry"]
    texts = ["Text."] * 4
    if asked.count:
        titles[0] = "RETRACTED: a Entry"
        texts = [
            "Text.",
            "This article has been retracted.",
            "Материал удалён редакцией.",
            "Dieser Artikel wurde zurückgezogen.",
        ]
    shown = f" Views: {asked.count}"
    return ok(rss([entry(t, guid=t.split()[-2], description=d + shown) for t, d in zip(titles, texts, strict=True)]))


@scenario("corrections", "news of a withdrawal are no withdrawal", codes=(0, 0),
          events=[("new", "a Russia withdraws from the treaty"), ("update", "a Russia withdraws from the treaty")])  # fmt: skip
def not_retracted(asked: Asked) -> Answer:
    text = ["Text.", "The offer was withdrawn on Monday, NATO said."][asked.count]
    return ok(rss([entry("a Russia withdraws from the treaty", description=text)]))


@scenario("corrections", "a withdrawn entry that is published again is an update", codes=(0, 0, 0),
          events=[("new", "a One"), ("retraction", "a One"), ("update", "a One")])  # fmt: skip
def restored(asked: Asked) -> Answer:
    text = ["Text.", "This story has been withdrawn.", "Text, restored and corrected."][asked.count]
    return ok(rss([entry("a One", description=text)]))


@scenario(
    "corrections", "an entry that leaves the feed is not withdrawn", codes=(0, 0), events=[*ONE, ("new", "b Two")]
)
def leaves(asked: Asked) -> Answer:
    return ok(rss([entry(["a One", "b Two"][asked.count])]))


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


def _not_asked(seen: Seen) -> None:
    assert [path for path, _ in seen.log] == ["/robots_no"]
    assert seen.events[0]["text"] == "Short."


@scenario(
    "pages",
    "where robots.txt forbids, the entry keeps its own text",
    events=ONE,
    full_text=True,
    check=_not_asked,
    robots="User-agent: *\nDisallow: /robots_no/",
)
def robots_no(asked: Asked) -> Answer:
    return ok(page("a One")) if asked.tail else ok(rss([local(asked, "a One")]))


def _not_asked_503(seen: Seen) -> None:
    assert [path for path, _ in seen.log] == ["/robots_broken"]


@scenario(
    "pages",
    "a robots.txt that fails allows nothing for now",
    events=ONE,
    full_text=True,
    check=_not_asked_503,
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
