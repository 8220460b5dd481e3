from __future__ import annotations

import json

import pytest

from connectors.base import Source
from connectors.sources.documents import Documents
from connectors.sources.seeds import ArticleFile
from tests.connectors.compliance import complies
from tests.connectors.scenarios_pages import LD, page
from tests.connectors.scenarios_places import gkg, row, urlset, zipped
from tests.connectors.scenarios_read import newsml1_document, newsml1_item
from tests.making import SEEDS

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><language>en</language>
<item><title>A &lt;script&gt;x&lt;/script&gt;title</title><link>https://x.example/1</link><guid>1</guid>
<pubDate>Mon, 28 Jul 2008 10:00:00 GMT</pubDate><description>&lt;p onclick="x"&gt;Text.&lt;/p&gt;</description></item>
<item><title>No guid</title><link>https://u:p@x.example/2</link><description>Two</description></item>
<item><title>Bad link</title><link>javascript:alert(1)</link><guid/><description>Three</description></item>
<item><title>Same guid</title><guid isPermaLink="false">d</guid><link>https://x.example/3</link></item>
<item><title>Same guid, other entry</title><guid isPermaLink="false">d</guid><link>https://x.example/4</link></item>
<item><title>Same link</title><link>https://x.example/</link></item>
<item><title>Same link, other entry</title><link>https://x.example/</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ru"><title>t</title><id>f</id>
<entry><id>e1</id><title type="html">&lt;b&gt;Договор&lt;/b&gt;</title><link href="https://x.example/a"/>
<published>2024-01-02T03:04:05+03:00</published><updated>2024-01-03T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Раз</p><script>x()</script><p>Два</p></div></content>
</entry></feed>""".encode()
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "t",
        "items": [
            {"id": 1, "url": "https://u:p@x.example/1", "title": "A", "content_html": "<p>x<script>y()</script></p>"},
            {"id": "2", "external_url": "javascript:x", "content_text": "Two", "date_published": "2024-01-02"},
        ],
    }
).encode()
NEWSML = newsml1_document(
    newsml1_item("a", "Talks", 2), newsml1_item("b", "Vote &lt;script&gt;"), newsml1_item("a", "Talks")
)
G2 = (
    b"<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet><newsItem guid='urn:1' version='1'>"
    b"<contentMeta><headline>Head</headline></contentMeta><contentSet><inlineXML><html><p>Text &lt;script&gt;.</p>"
    b"</html></inlineXML></contentSet></newsItem><newsItem guid='urn:1' version='3'><contentMeta>"
    b"<headline>Later</headline></contentMeta></newsItem><newsItem><contentMeta/></newsItem></itemSet></newsMessage>"
)
ARTICLE = b"Subscribe now\n\n. Last Updated: 13/45/2016\n\nA Headline\n\nPARIS -- Text of the article.\n\nMore."


@pytest.mark.parametrize(
    ("source", "raw"),
    [
        (Documents("feed", "rss", "https://u:p@x.example/feed"), RSS),
        (Documents("feed", "atom", "https://x.example/feed", within="fixed"), ATOM),
        (Documents("feed", "json", "https://x.example/feed"), JSON),
        (Documents("feed", "newsml 1", "https://x.example/n.xml"), NEWSML.encode()),
        (Documents("feed", "newsml g2", "https://x.example/n.xml"), G2),
        (Documents("sitemap", "map", "https://x.example/s.xml"), urlset(row("a One"), row("b Two")).encode()),
        (Documents("page", "page", "https://u:p@x.example/a"), page("A headline", head=LD).encode()),
        (Documents("gdelt", "gdelt", "https://x.example/1.zip"), zipped(a_gkg_csv=gkg("a One", "b Two"))),
        (ArticleFile("a"), ARTICLE),
        (ArticleFile("s", {"published": "2008-07-29"}), next(SEEDS.glob("*.txt")).read_bytes()),
    ],
    ids=["rss", "atom", "json feed", "newsml 1", "newsml g2", "sitemap", "page", "gdelt", "article file", "seed"],
)
def test_every_connector_complies(source: Source, raw: bytes) -> None:
    complies(source, raw)
