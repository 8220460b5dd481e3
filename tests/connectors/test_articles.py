"""Pages as articles: title, text, dates. (`test_page.py` is about the live page.)"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.base import SourceFault
from connectors.entries import Entry
from connectors.sources.page import read
from tests.making import NOW

TEXT = "".join(f"<p>Sentence number {n} of the article says something about the treaty.</p>" for n in range(30))
BOTTOM = "<footer><p>Copyright 2019 The Site. All rights reserved.</p></footer>"


def a_page(head: str = "", body: str = f"<article><h1>A headline</h1>{TEXT}</article>", url: str = "") -> Entry:
    raw = f"<!doctype html><html lang='en'><head>{head}</head><body>{body}{BOTTOM}</body></html>".encode()
    (entry,) = read(url or "https://x.example/news/a", raw, "text/html", NOW).entries
    return entry


def ld(**said: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(said)}</script>"


PARSELY = "<meta name='parsely-page' content='{&quot;pub_date&quot;:&quot;2008-07-28T10:00:00Z&quot;}'>"
LD_BEGIN = "<script type='application/ld+json'>"
LD_SAID = '{"@type": "NewsArticle", "headline": "A headline", "datePublished": "2008-07-28T10:00:00Z"}'


@pytest.mark.parametrize(
    ("head", "body", "url", "published", "dated_by"),
    [
        (ld(**{"@type": "NewsArticle", "datePublished": "2008-07-28T10:00:00Z"}), "", "", (28, 10), "json-ld"),
        (ld(**{"@graph": [{"@type": ["Article", "X"], "datePublished": "2008-07-28"}]}), "", "", (28, 0), "json-ld"),
        ("<meta property='article:published_time' content='2008-07-28T10:00:00+04:00'>", "", "", (28, 6), "opengraph"),
        (f"{LD_BEGIN}<![CDATA[ {LD_SAID} ]]></script>", "", "", (28, 10), "json-ld"),
        (f"{LD_BEGIN}<!-- {LD_SAID} --></script>", "", "", (28, 10), "json-ld"),
        (f"{LD_BEGIN}{LD_SAID[:-1]},,, }};</script>", "", "", (28, 10), "json-ld"),
        (ld(**{"@type": "HowTo", "datePublished": "2008-07-28T10:00:00:684Z"}), "", "", (28, 10), "json-ld"),
        (ld(**{"@type": "Article", "datePublished": 1217239200000}), "", "", (28, 10), "json-ld"),
        ("<meta name='dc.date.issued' content='2008-07-28'>", "", "", (28, 0), "page"),
        (PARSELY, "", "", (28, 10), "page"),
        ("", "<p class='teaser__meta'>Erschienen am <time>28. Juli 2008</time></p>", "", (28, 0), "page"),
        ("", "<time itemprop='datePublished' datetime='2008-07-28T10:00'>Monday</time>", "", (28, 10), "page"),
        ("", "<article><time datetime='2008-07-28'>28 July</time></article>", "", (28, 0), "page"),
        ("", "<p class='byline'>By N. N., July 28, 2008</p>", "", (28, 0), "page"),
        ("", "<p>28 июля 2008, 10:15</p>", "", (28, 10), "page"),
        ("", "", "https://x.example/2008/07/28/a-headline.html", (28, 0), "page"),
        ("", "", "https://x.example/news/28-07-2008", (28, 0), "page"),
    ],
    ids=[
        "json-ld", "json-ld graph", "opengraph", "json-ld in CDATA", "json-ld in a comment", "broken json-ld",
        "odd fraction", "epoch", "meta", "parsely", "labelled", "itemprop", "time", "byline", "Russian", "address",
        "address, day first",
    ],
)  # fmt: skip
def test_a_stated_date_is_published(head: str, body: str, url: str, published: tuple[int, int], dated_by: str) -> None:
    entry = a_page(head, f"<h1>A headline</h1>{body}<article>{TEXT}</article>", url)

    assert entry.published is not None
    assert (entry.published.year, entry.published.month) == (2008, 7)
    assert (entry.published.day, entry.published.hour) == published
    assert entry.dated_by == dated_by


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<p>Updated: 12 March 2024</p>"),
        ("", "<p>Обновлено 12 марта 2024</p>"),
        ("", "<p>Last modified on March 12, 2024</p>"),
        ("", "<p>Stand: 12.03.2024</p>"),
        ("<meta property='article:modified_time' content='2024-03-12'>", ""),
        (ld(**{"@type": "NewsArticle", "dateModified": "2024-03-12"}), ""),
        (ld(**{"@type": "NewsArticle", "datePublished": "2999-01-01"}), ""),
        ("<meta name='date' content='03/04/2024'>", ""),
        ("<meta name='pubdate' content='recently'>", ""),
        ("<script type='application/ld+json'>[{'datePublished': '2024-03-12'}, nothing]</script>", ""),
        (LD_BEGIN + '[{"datePublished": "2024-03-12"}, {"datePublished": "2024-03-13"}, nothing]</script>', ""),
    ],
)
def test_an_update_a_copyright_line_and_nonsense_date_nothing(head: str, body: str) -> None:
    entry = a_page(head, f"<h1>A headline</h1>{body}<article>{TEXT}</article>")

    assert (entry.published, entry.dated_by) == (None, None)


def test_a_stated_change_fills_modified() -> None:
    entry = a_page(ld(**{"@type": "NewsArticle", "datePublished": "2024-03-01", "dateModified": "2024-03-12"}))

    assert entry.published == datetime(2024, 3, 1, tzinfo=UTC)
    assert entry.modified == datetime(2024, 3, 12, tzinfo=UTC)


LONG, UNSPACED = "A headline of many words", "これは見出しです、とても長い"


def named(in_json: str, in_graph: str = "") -> str:
    graph = f'<meta property="og:title" content="{in_graph}">' if in_graph else ""
    return ld(**{"@type": "NewsArticle", "headline": in_json}) + graph


@pytest.mark.parametrize(
    ("head", "heads", "title"),
    [
        ("<title>A headline - The Site</title>", "<h1>A headline</h1>", "A headline"),
        ("<title>A headline | The Site</title>", "<h1>The Site</h1>", "A headline"),
        ("<meta property='og:site_name' content='Site'><title>A headline</title>", "<h1>Site</h1>", "A headline"),
        ("<title>A headline - The Site</title>", "<h1>Other news</h1><h1>A headline</h1>", "A headline"),
        (ld(**{"@type": "NewsArticle", "headline": "A &#8216;headline&#8217;"}), "", "A ‘headline’"),
        ("<meta property='og:title' content='Cold war - again'>", "", "Cold war - again"),
        ("<title>Cold war - again | The Site</title>", "", "Cold war - again"),
        ("", "<h1>A headline</h1>", "A headline"),
        ("<title>How to look</title>", f"<h1><a href='/'>The Daily Site</a></h1><h1>{LONG}</h1>", LONG),
        ("<title>Politics - The Site</title>", f"<h1>{LONG}</h1>", LONG),
        ("<meta property='og:title' content='A'><title>B</title>", "<h1>Today at the Site</h1>", "A"),
        (named("Their 'headline' today"), "<h1>Their ‘headline’ today</h1>", "Their 'headline' today"),
        (named(LONG, LONG), f"<h1><span>Football</span> {LONG}</h1>", LONG),
        (named("A headline | Site | News", "A headline | Site | News"), "<h1>A headline</h1>", "A headline"),
        (named("A headline for search", "A headline"), "<h1>A headline</h1>", "A headline"),
        (f"<title>{UNSPACED}：サイトの名前</title>", f"<h1>サイト</h1><h2>{UNSPACED}</h2>", UNSPACED),
        ("<title>A head­line</title>", "<h1>A head&shy;line</h1>", "A headline"),
        ("", "<h1><div>Demonstration</div><div>The 9th of July</div></h1>", "Demonstration The 9th of July"),
    ],
)  # fmt: skip
def test_the_title_is_the_headline_without_the_site(head: str, heads: str, title: str) -> None:
    assert a_page(head, f"{heads}<article>{TEXT}</article>").title == title


def test_the_text_is_the_article_s_without_what_stands_around_it() -> None:
    around = "<nav><a href='/'>Home</a></nav><p>Read more: Another story</p><p>12 comments</p>"
    entry = a_page(body=f"<article><h1>A headline</h1>{TEXT}{around}</article>")

    assert "Sentence number 29" in entry.text
    for other in ("Copyright", "Home", "Another story", "12 comments"):
        assert other not in entry.text


def test_the_text_begins_after_the_headline() -> None:
    entry = a_page(body=f"<article><h1>A headline</h1>{TEXT}</article>")

    assert entry.text.startswith("Sentence number 0")


@pytest.mark.parametrize("coding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_a_page_in_any_coding_is_read(coding: str) -> None:
    text = "".join(f"<p>Предложение номер {n} о договоре между сторонами.</p>" for n in range(20))
    page = f"<html><head><meta charset='{coding}'></head><body><article><h1>Договор</h1>{text}</article></body></html>"
    (entry,) = read("https://x.example/", page.encode(coding), f"text/html; charset={coding}").entries

    assert entry.title == "Договор"
    assert "Предложение номер 19" in entry.text


@pytest.mark.parametrize(
    ("raw", "kind", "says"),
    [
        (b"", "", "not a page|no text"),
        (b"%PDF-1.7", "application/pdf", "is no page but"),
        (b"x" * 5_000_000, "", "more than"),
    ],
)
def test_what_is_no_article_is_the_source_s_fault(raw: bytes, kind: str, says: str) -> None:
    with pytest.raises(SourceFault, match=says):
        read("https://x.example/", raw, kind)
