"""No parser entry crashes or hangs, whatever it is given: a few seconds here, two minutes in `make fuzz`."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from protego import Protego

from connectors import coding, dates, edits, markup, retraction
from connectors.base import SourceFault
from connectors.sources import catalogue, feed, gdelt, jsonfeed, newsml, page, sitemap
from tests.connectors.scenarios_pages import LD
from tests.connectors.scenarios_pages import page as a_page
from tests.connectors.scenarios_places import gkg, urlset, zipped
from tests.connectors.scenarios_places import row as a_row
from tests.connectors.test_compliance import ATOM, G2, NEWSML, RSS

SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
HANGS = 20.0
"""Seconds that the parsing process is given for a document: `connectors.parsing.SECONDS`."""
URL = "https://x.example/f"
TOKENS = [
    b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"&a;", b"&#0;",
    b"&#xD800;", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"[", b'"', b"\\ud800", b"1e999", b"<item>", b"</item>", b"<entry>",
    b"<script>", b"</script>", b"2008-07-28T10:00:00Z", b"99999999999999999999", b"-1", b"http://[", b"javascript:", b"\t", b"\n",
]  # fmt: skip
JSON = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": 1, "content_html": "<p>x", "url": "/a"}]}
).encode()  # fmt: skip
OPML = b"<opml><body><outline text='g'><outline text='x' xmlUrl='https://x.example/'/></outline></body></opml>"


def text_of(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda raw: read(raw.decode("utf-8", "replace"))


def unbrotli(raw: bytes) -> None:
    chain = coding.unpackers("br")
    size = 0
    for part in (coding.through(chain, raw), coding.ends(chain)):
        for piece in part:
            size += len(piece)
            if size > 1_000_000:
                return


ENTRIES: dict[str, tuple[Callable[[bytes], object], list[bytes]]] = {
    "feed": (lambda raw: feed.read(URL, raw), [RSS, ATOM]),
    "feed again": (lambda raw: feed.read(URL, raw, "", frozenset(e.raw for e in feed.read(URL, RSS).entries)), [RSS]),
    "json feed": (lambda raw: jsonfeed.read(URL, raw), [JSON, b'{"uri":"u","headline":"h","pubstatus":"canceled"}']),
    "newsml": (lambda raw: newsml.read(URL, raw), [G2, NEWSML.encode()]),
    "sitemap": (lambda raw: sitemap.read(URL, raw), [urlset(a_row("a One")).encode(), gzip.compress(b"<urlset/>")]),
    "gdelt": (lambda raw: gdelt.read(URL, raw), [gkg("a One"), zipped(a_gkg_csv=gkg("a One"))]),
    "page": (lambda raw: page.read(URL, raw), [a_page("A", head=LD).encode()]),
    "source list": (lambda raw: catalogue.addresses(raw, URL), [OPML]),
    "gzip": (lambda raw: coding.gunzip(raw, 1_000_000), [gzip.compress(RSS)]),
    "brotli": (unbrotli, [brotli.compress(RSS)]),
    "dates": (text_of(dates.moment), [b"Mon, 28 Jul 2008 10:00:00 GMT", b"2008-07-28T10:00:00Z", "26 июля 2008".encode()]),
    "markup": (text_of(markup.plain), [b"<p>a <script>b</script> &amp; c</p>"]),
    "edits": (text_of(lambda t: (edits.settled(t), retraction.retracted(t, t), edits.untracked(t))), [b"12 comments. Retracted"]),
    "robots": (text_of(Protego.parse), [b"User-agent: *\nDisallow: /*$\nCrawl-delay: 1"]),
}  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    raw = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(raw)))
        end = draw(st.integers(at, min(len(raw), at + 200)))
        new = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=20), st.just(raw[at:end] * 50)))
        raw = raw[:at] + new + raw[end:]
    return raw


@pytest.mark.parametrize("name", list(ENTRIES))
@pytest.mark.filterwarnings("ignore")
@pytest.mark.timeout(600)
def test_no_parser_crashes_or_hangs(name: str, tmp_path: Path) -> None:
    read, seeds = ENTRIES[name]
    slowest = 0.0

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mangled(seeds))
    def once(raw: bytes) -> None:
        nonlocal slowest
        began = time.monotonic()
        with contextlib.suppress(SourceFault):
            read(raw)
        slowest = max(slowest, time.monotonic() - began)

    until, number = time.monotonic() + SECONDS / len(ENTRIES), 0
    while number == 0 or time.monotonic() < until:
        seed(number)(once)()
        number += 1
    assert slowest < HANGS
