from __future__ import annotations

import asyncio
import io
import json
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import feedparser
import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from connectors.page import look
from connectors.page.archive import MOST_TOLD, Archive, event_id, position
from connectors.page.server import Page
from connectors.sinks import terminal
from connectors.sinks.terminal import block
from streams.contracts.records import Alert, Dossier
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


def named(number: int) -> Alert:
    return msgspec.structs.replace(an_alert(), id=f"n{number}", thread=f"t{number}", headline=f"H{number}")


def after_a_restart() -> Archive:
    """H0, H1, H2 were written in that order to partitions 0, 1, 0; partition 0 is read whole first."""
    archive = Archive()
    for partition, offset, number in ((0, 0, 0), (0, 1, 2), (1, 0, 1)):
        archive.take("alerts.all", partition, offset, "x", encode(named(number)), at=number)
    return archive


def test_newest_first_whichever_partition_is_read_first() -> None:
    assert [a.headline for a in after_a_restart().newest()] == ["H2", "H1", "H0"]


def test_a_reader_of_before_a_restart_misses_nothing() -> None:
    saw_h0_and_h1 = position("0-0.1-0")

    missed, whole = after_a_restart().since(saw_h0_and_h1)

    assert [t.alert.headline for t in missed] == ["H2"]
    assert whole


def test_a_reader_who_was_away_too_long_is_told_so() -> None:
    archive, raw = Archive(), encode(an_alert())
    for offset in range(MOST_TOLD + 2):
        archive.take("alerts.all", 0, offset, "x", raw, at=offset)

    assert not archive.since({0: 0})[1]
    assert archive.since({0: 1})[1]


@given(st.dictionaries(st.integers(0, 255), st.integers(0, 2**60)))
def test_event_ids_read_back(seen: dict[int, int]) -> None:
    assert position(event_id(seen)) == seen


@given(st.text())
def test_any_event_id_is_stood(text: str) -> None:
    position(text)


async def test_the_log_itself_is_not_told_as_news() -> None:
    archive = Archive(loading=True)
    page = TestClient(TestServer(Page(archive, load({})).app()))
    await page.start_server()
    answer = await page.get("/events")
    archive.take("alerts.all", 0, 0, "x", encode(named(0)))
    archive.loading = False
    await asyncio.sleep(0.7)
    archive.take("alerts.all", 0, 1, "x", encode(named(1)))

    lines = [await answer.content.readline() for _ in range(3)]

    assert lines == [b": reading the log\n", b"\n", b"id: 0-1\n"]
    answer.close()
    await page.close()


def test_a_tombstone_deletes() -> None:
    archive = Archive()
    archive.dossiers["EST"] = Dossier(
        proposal="EST", instance=None, name="", status=None, since=None, transitions=[], positions=[],
        commitments=[], contradictions=[], last_activity=None, revision=1, omitted=0,
    )  # fmt: skip

    archive.take("proposals.dossiers", 0, 0, "EST", None)

    assert not archive.dossiers


@pytest.mark.parametrize(
    ("host", "status"), [("[::1]", 200), ("[::1]:8080", 200), ("LOCALHOST:80", 200), ("[x", 421), ("1.2.3.4", 421)]
)
async def test_only_loopback_names_are_served(host: str, status: int) -> None:
    page = await client()

    assert (await page.get("/", headers={"Host": host})).status == status
    await page.close()


async def test_a_refusal_is_guarded_too() -> None:
    page = await client()

    for path, status in (("/nothing", 404), ("/api/alerts?limit=%C2%B2", 400)):
        answer = await page.get(path)
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    await page.close()


def test_an_alert_about_coverage_has_no_empty_facts() -> None:
    alert = msgspec.structs.replace(
        an_alert(), proposal=None, proposal_name=None, status=None, act=None, voice=None, article=None
    )

    assert "None" not in look.card(alert)
    assert "None" not in block(alert, 80, colour=False)


class Record:
    def __init__(self, number: int) -> None:
        self.number = number

    def value(self) -> bytes:
        return encode(named(self.number))

    def timestamp(self) -> tuple[int, int]:
        return 2, self.number


def test_the_terminal_starts_with_the_last_few_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_s: object, _t: object, _stop: object, _last: object, caught_up: threading.Event) -> Iterator[Record]:
        yield from map(Record, (*range(1, 60, 2), *range(0, 60, 2)))
        caught_up.set()
        yield Record(60)

    monkeypatch.setattr(terminal, "read", read)
    out = io.StringIO()
    terminal.follow(load({}), True, None, False, out)

    shown = [json.loads(text)["headline"] for text in out.getvalue().splitlines()]
    assert shown[-1] == "H60"
    assert len(shown) == terminal.LAST


def test_json_lines_do_not_steer_the_terminal() -> None:
    shown = terminal.line(encode(hostile()))

    assert "\u202e" not in shown
    assert json.loads(shown)["headline"] == HOSTILE


def test_the_terminal_shows_no_control_characters() -> None:
    shown = block(hostile(), 80, colour=False)

    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_alert_is_the_contract_s() -> None:
    assert decode(Alert, encode(an_alert())) == an_alert()
