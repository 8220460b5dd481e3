from __future__ import annotations

import xml.etree.ElementTree as ET

import feedparser
import msgspec
from aiohttp.test_utils import TestClient, TestServer

from connectors.page.server import Archive, Page
from connectors.sinks.terminal import block
from streams.contracts.records import Alert
from streams.contracts.wire import decode, encode
from streams.settings import load
from tests.logic.test_rooms import REJECTED, Rooms, alerts
from tests.making import an_item, seed

HOSTILE = '"><script>alert(1)</script>\x1b[31m\u202e'


def an_alert() -> Alert:
    (alert,) = alerts(Rooms().take(seed()))
    return alert


def hostile() -> Alert:
    (alert,) = alerts(Rooms().take(an_item("h", REJECTED)))
    assert alert.article is not None
    article = msgspec.structs.replace(alert.article, url="javascript:alert(1)", source=HOSTILE, title=HOSTILE)
    evidence = [msgspec.structs.replace(e, prefix=HOSTILE) for e in alert.evidence]
    return msgspec.structs.replace(alert, headline=HOSTILE, article=article, evidence=evidence)


async def client(*given: Alert) -> TestClient:  # type: ignore[type-arg]  # what it serves is not of interest
    archive = Archive()
    for n, alert in enumerate(given):
        archive.take("alerts.all", 0, n, alert.proposal or "", encode(alert))
    found = TestClient(TestServer(Page(archive, load({})).app()))
    await found.start_server()
    return found


async def test_the_page_shows_the_alert_with_its_words_marked() -> None:
    page = await client(an_alert())

    text = await (await page.get("/")).text()

    assert "<mark>NATO ambassadors aired concerns" in text
    assert "historical" in text
    await page.close()


async def test_an_empty_page_explains_itself() -> None:
    page = await client()

    assert "No alert yet" in await (await page.get("/")).text()
    await page.close()


async def test_nothing_of_a_feed_runs_or_links() -> None:
    page = await client(hostile())

    answer = await page.get("/")
    text = await answer.text()

    assert "<script>alert" not in text
    assert "javascript:" not in text
    assert "script-src 'nonce-" in answer.headers["Content-Security-Policy"]
    await page.close()


async def test_feeds_and_api_are_valid() -> None:
    page = await client(an_alert(), hostile())

    atom = await (await page.get("/alerts.atom")).text()
    ET.fromstring(atom)
    parsed = feedparser.parse(atom.encode())
    feed = await (await page.get("/alerts.json")).json(content_type=None)
    api = await (await page.get("/api/alerts?proposal=EST&limit=1")).json()

    assert not parsed.bozo
    assert {e.id for e in parsed.entries} == {f"urn:treatywatch:{i['id']}" for i in feed["items"]}
    assert len(api["alerts"]) == 1
    assert (await page.get("/api/dossiers/NONE")).status == 404
    await page.close()


async def test_another_host_name_is_turned_away() -> None:
    page = await client()

    assert (await page.get("/", headers={"Host": "evil.example"})).status == 421
    await page.close()


async def test_events_resume_after_the_last_one_seen() -> None:
    one, two = an_alert(), hostile()
    page = await client(one, two)

    answer = await page.get("/events", headers={"Last-Event-ID": "0-0"})
    line = await answer.content.readline()

    assert line == b"id: 0-1\n"
    answer.close()
    await page.close()


def test_the_terminal_shows_no_control_characters() -> None:
    shown = block(hostile(), 80, colour=False)

    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_alert_is_the_contract_s() -> None:
    assert decode(Alert, encode(an_alert())) == an_alert()
