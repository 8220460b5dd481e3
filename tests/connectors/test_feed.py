from __future__ import annotations

import json
import time
import tracemalloc

import pytest

from connectors.base import SourceFault
from connectors.sources.documents import Documents
from connectors.sources.feed import read, without_entities
from tests.making import NOW

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    '<rss version="2.0"><channel><title>t</title><item><title>T &c; &x;</title></item></channel></rss>'
)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le"])
def test_no_entity_of_a_feed_is_expanded_or_fetched(coding: str) -> None:
    raw = BOMB.encode(coding)
    (item,) = Documents("feed", "f", "https://x.example").read(raw, NOW)

    assert b"ENTITY" not in without_entities(raw).replace(b"\0", b"")
    assert len(item.title) < 20
    assert item.title.startswith("T")


def test_a_doctype_without_declarations_stays() -> None:
    raw = b'<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://x.example/rss.dtd"><rss version="0.91"></rss>'

    assert without_entities(raw) == raw


def test_an_unfinished_declaration_costs_no_time() -> None:
    began = time.process_time()
    without_entities(b"<!DOCTYPE a [" * 20_000)

    assert time.process_time() - began < 2, "of the processor's time: not with the square of their number"


def test_the_name_may_change_and_the_ids_stay() -> None:
    raw = b"<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>a</title></item></channel></rss>"
    (one,) = Documents("feed", "Old name", "https://x.example", within="fixed").read(raw, NOW)
    (two,) = Documents("feed", "New name", "https://x.example", within="fixed").read(raw, NOW)

    assert one.id == two.id
    assert (one.source, two.source) == ("Old name", "New name")


def test_a_guid_that_entries_share_tells_nothing() -> None:
    entries = "".join(
        f"<item><guid isPermaLink='false'>same</guid><title>{t}</title><link>https://x.example/{t}</link></item>"
        for t in "abc"
    )
    raw = f"<rss version='2.0'><channel><title>t</title>{entries}</channel></rss>".encode()

    assert len({i.id for i in Documents("feed", "f", "https://x.example").read(raw, NOW)}) == 3


@pytest.mark.parametrize("stated", ["application/xml", "application/xml; charset=utf-8"])
@pytest.mark.parametrize("coding", ["windows-1251", "koi8-r"])
def test_a_feed_that_says_it_is_utf_8_and_is_not_is_read_as_what_it_is(coding: str, stated: str) -> None:
    title = "Россия предложила НАТО договор о безопасности"
    item = f"<item><title>{title}</title></item>"
    raw = f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{item}</channel></rss>"

    (entry,) = read("https://x.example/f", raw.encode(coding), stated).entries

    assert entry.title == title


def test_entries_that_are_too_many_are_counted() -> None:
    entries = "".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(1500))
    raw = f"<rss version='2.0'><channel><title>t</title>{entries}</channel></rss>".encode()
    listed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "t",
        "items": [{"id": n, "title": "t"} for n in range(1500)],
    }

    for document in (raw, json.dumps(listed).encode()):
        found = read("https://x.example/f", document)
        assert (len(found.entries), found.skipped) == (1000, 500)


def test_of_a_news_item_s_versions_in_one_document_the_last_counts() -> None:
    versions = "".join(
        f"<newsItem guid='urn:1' version='{n}'><contentMeta><headline>Version {n}</headline></contentMeta></newsItem>"
        for n in (2, 10, 9)
    )
    raw = (
        f"<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet>{versions}</itemSet></newsMessage>".encode()
    )

    (item,) = Documents("feed", "f", "https://x.example").read(raw, NOW)

    assert item.title == "Version 10"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [' + b"{}," * 600_000 + b"{}]}",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "' + b"t" * 17_000_000 + b'", "items": []}',
        b"<NewsML><NewsItem>" + b"<p/>" * 600_000 + b"</NewsItem></NewsML>",
        b"<newsMessage><newsItem guid='1'>" + b"t" * 17_000_000 + b"</newsItem></newsMessage>",
        b"\xff" * 20_000_000,
    ],
    ids=["objects", "a long JSON feed", "tags", "long NewsML", "no text at all"],
)
def test_a_document_that_would_fill_the_memory_is_refused_before_it_is_read(raw: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(SourceFault):
            read("https://x.example/f", raw)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 1_000_000
