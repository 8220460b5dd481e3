from __future__ import annotations

import base64
import json
import socket
from pathlib import Path

import pytest
from aiohttp import web

from connectors.address import allowed
from connectors.base import SourceFault
from connectors.fetch import Access, Fetcher
from connectors.sources import catalogue
from connectors.sources.declared import PACKAGED, Declared, read
from streams.settings import SettingsFault, load
from tests.connectors.served import redirected, served

YAML = """
- url: https://x.example/feed
  name: Example
  language: en
  format: sitemap
  owner: Example Ltd
  publisher: state-controlled
  reliability: C
  identity: guid+link
  interval_least: 60
  interval_most: 7200
  retention: 30
  full_text: true
  source: seen on 2026-09-01
- url: https://y.example/feed
  enabled: false
  evidence: dead
"""
OPML = """<opml xmlns:tw='urn:treatywatch:opml:1'><body><outline text='Example' xmlUrl='https://x.example/feed'
 language='en' tw:format='sitemap' tw:owner='Example Ltd' tw:publisher='state-controlled' tw:reliability='C'
 tw:identity='guid+link' tw:interval-least='60' tw:interval-most='7200' tw:retention='30' tw:full-text='true'
 tw:source='seen on 2026-09-01'/></body></opml>"""


def listed(tmp_path: Path, text: str, name: str) -> list[Declared]:
    place = tmp_path / name
    place.write_text(text)
    return read(place)


def test_opml_and_yaml_declare_the_same(tmp_path: Path) -> None:
    one, off = listed(tmp_path, YAML, "s.yaml")
    (other,) = listed(tmp_path, OPML, "s.opml")

    assert one == other
    assert (one.format, one.identity, one.least, one.most, one.full_text) == ("sitemap", "guid+link", 60, 7200, True)
    assert (one.retention, off.retention) == (30 * 86400, 0)
    assert one.declaration().retention == one.retention
    assert not off.enabled


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("identity: title", "Example: identity is one of guid, link, guid\\+link, title\\+date, not 'title'"),
        ("format: fax", "format is one of feed, sitemap, page, gdelt, not 'fax'"),
        ("reliabilty: A", "unknown reliabilty; did you mean reliability"),
        ("interval_least: soon", "interval_least is seconds from 1 to 604800, not 'soon'"),
        ("retention: 1y", "retention is days from 1 to 3650, not '1y'"),
        ("proxy: socks5://x", "proxy is an http or https address"),
        ("terms: [a]", "source 1 needs a url, and every field of it is a text"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_accepted(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SettingsFault, match=says):
        listed(tmp_path, f"- url: https://x.example\n  name: Example\n  {line}\n", "s.yml")


def test_every_packaged_source_says_how_we_know_and_who_speaks() -> None:
    for one in read(PACKAGED):
        assert one.status in {"A", "B", "X"}, one.name
        assert one.evidence, one.name
        assert one.enabled == (one.status != "X"), one.name
        assert one.publisher, one.name


async def test_credentials_come_from_a_file_and_go_to_the_declared_origin_only(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("user:pass\n")
    one = Declared("a", "A", "", None, True, "", "", "", "", credentials_file=str(secret))
    told: list[str | None] = []
    made = one.access()
    assert made is not None

    async with redirected(told) as (server, places), Fetcher("test", allowed(places)) as fetcher:
        url = str(server.make_url("/"))
        await fetcher.get(url, access=Access(url, made.authorization))

    assert told == ["Basic " + base64.b64encode(b"user:pass").decode(), None]


def test_credentials_that_cannot_be_read_are_said_without_what_is_in_them(tmp_path: Path) -> None:
    one = Declared("a", "A", "", None, True, "", "", "", "", credentials_file=str(tmp_path / "missing"))

    with pytest.raises(SourceFault, match="credentials cannot be read"):
        one.access()


async def test_a_source_is_asked_through_its_proxy() -> None:
    asked: list[str] = []

    async def proxy(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers["Host"])
        return web.Response(body=b"by proxy")

    async with served(proxy) as server, Fetcher("test") as fetcher:
        access = Access("http://far.example/", proxy=str(server.make_url("/")))
        answer = await fetcher.get("http://far.example/feed", access=access)

    assert (answer.body, asked) == (b"by proxy", ["far.example"])


def test_the_listing_shows_no_secret_and_what_is_off_with_its_reason(tmp_path: Path) -> None:
    place = tmp_path / "s.yaml"
    place.write_text(YAML + "- url: https://u:p@z.example/\n  credentials_file: /run/secrets/z\n")
    given = load().but(sources=place, data=tmp_path)

    shown = catalogue.listing(given, as_json=False)
    rows = json.loads(catalogue.listing(given, as_json=True))

    assert "off  -" in shown
    assert "dead" in shown
    assert "u:p" not in shown + json.dumps(rows)
    assert "secrets" not in json.dumps(rows)
    assert rows[0]["reliability"] == "C"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://inner.example/", "http://far.example/"]
)
async def test_a_proxy_leads_to_no_inner_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = socket.getaddrinfo

    def known(host: str | bytes | None, port: str | int | None, *more: object, **named: object) -> object:
        if host == "inner.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", port))]
        if host == "far.example":
            raise socket.gaierror(socket.EAI_NONAME, "not known here")
        return real(host, port, *more, **named)  # type: ignore[arg-type]

    async def proxy(request: web.Request) -> web.StreamResponse:
        asked.append(str(request.url))
        return web.Response(status=302, headers={"Location": "http://inner.example/secret"})

    monkeypatch.setattr(socket, "getaddrinfo", known)
    async with served(proxy) as server, Fetcher("test") as fetcher:
        access = Access(url, proxy=str(server.make_url("/")))
        with pytest.raises(SourceFault, match="not a public address"):
            await fetcher.get(url, access=access)

    assert len(asked) == ("far" in url)
