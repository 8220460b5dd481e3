"""What documents are: XML, the formats of feeds, dates. Importing it registers the routes."""

from __future__ import annotations

import gzip
import json

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
