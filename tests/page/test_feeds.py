from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import feedparser
import icalendar
import jsonschema
import lxml.etree
import lxml.html
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from connectors.page import ical, openapi
from connectors.page.archive import Arrived
from streams.contracts.records import Alert, Dossier, DossierCommitment
from streams.contracts.topics import DOSSIERS
from streams.contracts.wire import decode, encode
from tests.logic.test_rooms import FLOATED, REJECTED, Rooms, alerts
from tests.making import an_item, seed
from tests.page.serving import page, told
from tests.page.world import hostile, lines

HERE = Path(__file__).parent
NASTY = "=1+1\x00\x0b\ufffe ]]> & <script>alert(1)</script>"


def correction() -> list[Alert]:
    rooms = Rooms()
    return [
        *alerts(rooms.take(seed())),
        *alerts(rooms.take(an_item("a", REJECTED))),
        *alerts(rooms.take(an_item("a", FLOATED, kind="update"))),
    ]


async def test_the_atom_feed_is_valid_by_its_schema_and_by_feedparser(tmp_path: Path, records: list[Arrived]) -> None:
    schema = lxml.etree.RelaxNG(lxml.etree.parse(str(HERE / "atom.rng")))
    nasty = [hostile(alert, NASTY) for alert in correction()]
    async with page(tmp_path, [*records, *told(*nasty)]) as client:
        raw = await (await client.get("/alerts.atom")).read()
    parsed = feedparser.parse(raw)

    schema.assertValid(lxml.etree.fromstring(raw))
    assert not parsed.bozo
    assert len({e.id for e in parsed.entries}) == len(parsed.entries) > 40


async def test_the_json_feed_is_valid_and_holds_the_same_entries(tmp_path: Path, records: list[Arrived]) -> None:
    async with page(tmp_path, records) as client:
        feed = await (await client.get("/alerts.json")).json(content_type="application/feed+json")
        atom = feedparser.parse(await (await client.get("/alerts.atom")).read())

    jsonschema.validate(feed, JSON_FEED)
    assert [f"urn:treatywatch:{i['id']}" for i in feed["items"]] == [e.id for e in atom.entries]


async def test_a_correction_updates_its_entry_under_the_same_id(tmp_path: Path) -> None:
    first, raised, corrected = correction()
    before, after = tmp_path / "before", tmp_path / "after"
    async with page(before, told(first, raised)) as client:
        old = feedparser.parse(await (await client.get("/alerts.atom")).read())
    async with page(after, told(first, raised, corrected)) as client:
        new = feedparser.parse(await (await client.get("/alerts.atom")).read())

    was = next(e for e in old.entries if e.id.endswith(raised.thread))
    now = next(e for e in new.entries if e.id.endswith(raised.thread))
    assert len(old.entries) == len(new.entries)
    assert now.updated_parsed > was.updated_parsed
    assert now.published_parsed == was.published_parsed
    assert now.title.startswith("[corrected]")


@pytest.mark.parametrize("query", ["proposal=EST", "rule=rejection", "lang=de&severity=warning"])
async def test_there_is_a_feed_for_each_proposal_rule_and_selection(
    tmp_path: Path, records: list[Arrived], query: str
) -> None:
    async with page(tmp_path, records) as client:
        feed = await (await client.get(f"/alerts.json?{query}")).json(content_type="application/feed+json")
        api = await (await client.get(f"/api/alerts?{query}&limit=200")).json()
        atom = await client.get(f"/alerts.atom?{query}")
        parsed = feedparser.parse(await atom.read())

    assert [i["id"] for i in feed["items"]] == [a["thread"] for a in api["alerts"]] != []
    assert len(parsed.entries) == len(feed["items"])
    assert feed["feed_url"].endswith(query)


@pytest.mark.parametrize("path", ["/alerts.json", "/alerts.atom", "/api/alerts", "/api/dossiers/EST", "/calendar.ics"])
async def test_who_has_it_already_is_told_so_and_a_restart_changes_no_tag(
    tmp_path: Path, records: list[Arrived], path: str
) -> None:
    async with page(tmp_path, records) as client:
        tag = (await client.get(path, headers={"Host": "localhost"})).headers["ETag"]
    async with page(tmp_path) as client:
        again = await client.get(path, headers={"If-None-Match": f'"x", {tag}', "Host": "localhost"})

        assert again.status == 304
        assert await again.read() == b""


async def test_a_proxy_s_address_stands_in_links(tmp_path: Path) -> None:
    async with page(tmp_path, told(*correction()), web_url="https://watch.example/nato") as client:
        feed = await (await client.get("/alerts.json")).json(content_type="application/feed+json")

    assert feed["items"][0]["url"].startswith("https://watch.example/nato/alerts/")


async def test_an_answer_of_the_api_is_as_its_document_says(tmp_path: Path, records: list[Arrived]) -> None:
    document = openapi.document()
    OpenAPIV31SpecValidator(document).validate()
    async with page(tmp_path, records) as client:
        served = await (await client.get("/api/openapi.json")).json()
        one = (await (await client.get("/api/alerts?limit=1")).json())["alerts"][0]["id"]
        for path, operation in document["paths"].items():
            if not path.startswith("/api/"):
                continue
            schema = operation["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            asked = path.replace("{id}", "EST" if "dossiers" in path else one)
            answer = await (await client.get(asked)).json()
            jsonschema.validate(answer, {**schema, "components": document["components"]})
    assert served == document


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("limit=%C2%B2", "limit"), ("limit=0", "limit"),
        ("status=gone", "status='gone' is not accepted; it takes floated"),
        ("since=yesterday", "2008-09-24"), ("cursor=x", "cursor"), ("text=" + "x" * 300, "200 characters"),
    ],
)  # fmt: skip
async def test_a_bad_question_is_answered_with_what_would_be_accepted(tmp_path: Path, query: str, says: str) -> None:
    async with page(tmp_path, told(*correction())) as client:
        answer = await client.get(f"/api/alerts?{query}")

        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
        assert says in (await answer.json(content_type=None))["detail"]


async def test_lists_go_on_by_cursor(tmp_path: Path, records: list[Arrived]) -> None:
    async with page(tmp_path, records) as client:
        for path, name in (("/api/alerts", "alerts"), ("/api/dossiers", "dossiers"), ("/api/sources", "sources")):
            whole = (await (await client.get(f"{path}?limit=1000")).json())[name]
            found, cursor = [], ""
            while True:
                part = await (await client.get(path, params={"limit": "3", "cursor": cursor})).json()
                found += part[name]
                cursor = part["next"]
                if cursor is None:
                    break
            assert found == whole != []


async def test_sources_say_whether_their_silence_may_be_trusted(tmp_path: Path, records: list[Arrived]) -> None:
    async with page(tmp_path, records) as client:
        blind = (await (await client.get("/api/sources?state=blind")).json())["sources"]
        everything = (await (await client.get("/api/sources")).json())["sources"]

    assert {s["state"] for s in everything} == {"fresh", "stale", "refused", "blind", "waiting", "off"}
    assert blind
    assert all(s["outcome"] == "gone" or s["failures"] >= 3 for s in blind)


async def test_a_selection_is_taken_away_whole(tmp_path: Path, records: list[Arrived]) -> None:
    async with page(tmp_path, records) as client:
        sheet = (await (await client.get("/export.csv?proposal=EST")).read()).decode("utf-8-sig")
        raw = await (await client.get("/export.jsonl?proposal=EST")).read()
        api = await (await client.get("/api/alerts?proposal=EST&limit=1000")).json()

    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert lines(raw) == api["alerts"]
    assert [r["thread"] for r in rows] == [a["thread"] for a in api["alerts"]]
    assert all(r["quote"] and r["source"] for r in rows)


async def test_a_spreadsheet_runs_nothing_of_a_feed(tmp_path: Path) -> None:
    nasty = [hostile(correction()[0], '=HYPERLINK("http://evil.example";"x")')]
    async with page(tmp_path, told(*nasty)) as client:
        sheet = (await (await client.get("/export.csv")).read()).decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(sheet)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


async def test_the_calendar_is_read_by_icalendar_with_stable_ids(tmp_path: Path, records: list[Arrived]) -> None:
    async with page(tmp_path, records) as client:
        answer = await client.get("/calendar.ics")
        raw = await answer.read()
        assert answer.content_type == "text/calendar"
    days = {
        c.due
        for r in records
        if r.topic == DOSSIERS.name
        for c in decode(Dossier, r.value).commitments
        if c.due and len(c.due) == 10
    }
    events: list[Any] = list(icalendar.Calendar.from_ical(raw).walk("VEVENT"))

    assert {str(e["DTSTART"].dt) for e in events} <= days
    assert date(2008, 9, 24) in {e["DTSTART"].dt for e in events}
    assert len({e["UID"] for e in events}) == len(events)


def test_a_promise_that_is_kept_stays_the_same_event() -> None:
    one = DossierCommitment(who=["RU"], what="a briefing", due="2008-09-24", state="open", article="a")

    assert ical.uid("EST", one) == ical.uid("EST", msgspec.structs.replace(one, state="kept", article="b"))


async def test_the_api_says_what_went_wrong_with_an_unknown_id(tmp_path: Path) -> None:
    async with page(tmp_path, told(*correction())) as client:
        for path in ("/api/dossiers/NONE", "/api/alerts/none", "/alerts/none", "/nothing"):
            answer = await client.get(path)
            assert answer.status == 404
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_alert_is_the_contract_s() -> None:
    assert [decode(Alert, encode(a)) for a in correction()] == correction()


_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
JSON_FEED: dict[str, Any] = {
    # The rules of jsonfeed.org/version/1.1 for what we write.
    "type": "object", "required": ["version", "title", "items"], "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"}, "title": _TEXT, "language": _TEXT,
        "home_page_url": {"type": "string", "pattern": "^https?://"},
        "feed_url": {"type": "string", "pattern": "^https?://"},
        "items": {
            "type": "array",
            "items": {
                "type": "object", "required": ["id", "content_text"], "additionalProperties": False,
                "properties": {
                    "id": _TEXT, "title": _TEXT, "summary": _TEXT, "content_text": _TEXT, "language": _TEXT,
                    "url": {"type": "string", "pattern": "^https?://"},
                    "external_url": {"type": "string", "pattern": "^https?://"},
                    "date_published": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
                    "date_modified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
                    "tags": {"type": "array", "items": _TEXT},
                },
            },
        },
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/proposals/EST", "?proposal=EST"), ("/workbench?open=rules/rejection.yaml", "?rule=rejection"),
        ("/search?lang=de&status=rejected", "?status=rejected&lang=de"), ("/?actor=NATO", "?actor=NATO"),
    ],
)  # fmt: skip
async def test_a_reader_finds_the_feed_of_what_a_page_shows(
    tmp_path: Path, records: list[Arrived], path: str, query: str
) -> None:
    async with page(tmp_path, records) as client:
        tree = lxml.html.fromstring(await (await client.get(path)).text())
        told_ = [a.get("href") for a in tree.xpath("//head/link[@rel='alternate']")]
        feed = await (await client.get("/alerts.json" + query)).json(content_type=None)

    assert told_ == ["/alerts.json", "/alerts.atom", "/alerts.json" + query, "/alerts.atom" + query]
    assert feed["items"]


async def test_an_alert_about_a_source_has_no_proposal_and_no_empty_links(
    tmp_path: Path, records: list[Arrived]
) -> None:
    async with page(tmp_path, records) as client:
        found = await (await client.get("/api/alerts?proposal=coverage")).json()
        threads = [a["thread"] for a in found["alerts"]]
        feed = await (await client.get("/alerts.json?proposal=coverage")).json(content_type=None)
        atom = await (await client.get("/alerts.atom?proposal=coverage")).text()
        texts = {
            path: await (await client.get(path)).text()
            for path in (
                "/?proposal=coverage", "/search?text=coverage", "/report?proposal=coverage", "/calendar",
                "/export.csv?proposal=coverage", *(f"/alerts/{thread}" for thread in threads),
            )
        }  # fmt: skip
        searched = await (await client.get("/api/alerts?text=coverage+seen")).json()

    assert [a["type"] for a in found["alerts"]] == ["updated", "raised"]
    assert {a["proposal"] for a in found["alerts"]} == {None}
    assert [i["id"] for i in feed["items"]] == threads
    assert feedparser.parse(atom).entries[0].link.endswith("/alerts/" + threads[0])
    assert {a["thread"] for a in searched["alerts"]} >= set(threads)
    for path, text in {**texts, "atom": atom, "json": str([i.get("external_url", "-") for i in feed["items"]])}.items():
        assert "None" not in text, path
        if "csv" not in path and path not in ("atom", "json"):
            tree = lxml.html.fromstring(text)
            blank = [a for a in tree.xpath("//main//a") if not a.get("href") or not a.text_content().strip()]
            assert not blank, path
