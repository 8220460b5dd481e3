"""What the runner makes of one source, poll after poll."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
import time
from pathlib import Path

import pytest
from aiohttp import web

from connectors.manners import LONGEST
from connectors.state import SourceState, State
from streams.contracts.faults import BrokerFault
from streams.contracts.records import SourceHealth
from streams.contracts.topics import MENTIONS
from streams.contracts.wire import decode
from streams.ops import meters
from tests.connectors.polled import declared, gauge, polled
from tests.connectors.served import rss


async def test_an_entry_is_new_once_then_updated_and_back_again(tmp_path: Path) -> None:
    titles = iter(["a One", "a One", "a Two", "a One"])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(next(titles)))

    async with polled(tmp_path, answer) as it:
        for _ in range(4):
            await it.poll()

    assert [(i.kind, i.title, i.first_poll) for i in it.outlet.items] == [
        ("new", "a One", True),
        ("update", "a Two", False),
        ("update", "a One", False),
    ]
    assert len({i.id for i in it.outlet.items}) == 1
    assert it.outlet.health[-1].items == 3


async def test_what_kafka_did_not_take_is_sent_again(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert "If-None-Match" not in request.headers
        return web.Response(body=rss("a One"), headers={"ETag": '"1"'})

    async with polled(tmp_path, answer) as it:
        it.outlet.broken = True
        with pytest.raises(BrokerFault):
            await it.poll()
        it.outlet.broken = False
        await it.poll()

    assert [i.title for i in it.outlet.items] == ["a One"]


async def test_a_first_poll_that_failed_is_not_the_first(tmp_path: Path) -> None:
    codes = iter([500, 200, 200])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=next(codes), body=rss("a One", *(["b Two"] if len(seen) > 1 else [])))

    seen: list[SourceState] = []
    async with polled(tmp_path, answer) as it:
        for _ in range(3):
            seen.append(await it.poll())

    assert [(i.title, i.first_poll) for i in it.outlet.items] == [("a One", True), ("b Two", False)]
    assert [s.outcome for s in seen] == ["failed", "ok", "ok"]


async def test_an_entry_listed_twice_is_one(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss("a One", "a One"))

    async with polled(tmp_path, answer) as it:
        await it.poll()
        await it.poll()

    assert [i.title for i in it.outlet.items] == ["a One"]


async def test_validators_go_back_verbatim_and_an_error_page_leaves_them(tmp_path: Path) -> None:
    asked: list[tuple[str | None, str | None]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        if len(asked) == 1:
            return web.Response(body=rss("a One"), headers={"ETag": 'W/"x y"', "Last-Modified": "yesterday, perhaps"})
        if len(asked) == 2:
            return web.Response(body=b"<html>Maintenance</html>", headers={"ETag": '"error"'})
        return web.Response(status=304)

    async with polled(tmp_path, answer) as it:
        states = [await it.poll() for _ in range(3)]

    assert asked == [(None, None), ('W/"x y"', "yesterday, perhaps"), ('W/"x y"', "yesterday, perhaps")]
    assert [s.outcome for s in states] == ["ok", "not-a-feed", "unchanged"]
    assert states[2].failures == 0


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (200, {}, 900, 900),
        (200, {"Cache-Control": "public, max-age=7200"}, 7200, 7200),
        (200, {"Cache-Control": "max-age=99999999999"}, LONGEST, LONGEST),
        (429, {"Retry-After": "86400"}, 86400, 86400),
        (503, {"Retry-After": "nonsense"}, 1440, 2160),
        (404, {}, 1440, 2160),
    ],
)
async def test_the_next_poll_is_when_the_server_may_expect_it(
    tmp_path: Path, status: int, headers: dict[str, str], least: float, most: float
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=rss("a One"), headers=headers)

    async with polled(tmp_path, answer) as it:
        state = await it.poll()

    assert state.polled is not None
    assert least - 1 <= state.next - state.polled <= most + 1


async def test_what_is_gone_for_good_is_not_asked_again(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    async with polled(tmp_path, answer) as it:
        state = await it.poll()

    assert (state.ended, state.outcome) == (True, "gone")
    assert it.outlet.health[-1].next is None


async def test_a_move_for_good_is_followed_only_to_a_feed(tmp_path: Path) -> None:
    paths: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        if request.path == "/feed":
            raise web.HTTPMovedPermanently("/error" if len(paths) == 1 else "/new")
        return web.Response(body=b"<html>gone</html>" if request.path == "/error" else rss("a One"))

    async with polled(tmp_path, answer) as it:
        states = [await it.poll() for _ in range(3)]

    assert paths == ["/feed", "/error", "/feed", "/new", "/new"]
    assert [s.address is not None for s in states] == [False, True, True]


async def test_a_source_that_stays_away_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    caplog.set_level(logging.WARNING)
    async with polled(tmp_path, answer) as it:
        shown = it.one.url
        it.one = declared(shown.replace("http://", "http://user:secret@"))
        for _ in range(3):
            await it.poll()

    assert [r.getMessage() for r in caplog.records if r.name == "treatywatch.connect"] == [
        f"One <{shown}>: answered 500"
    ]
    assert "secret" not in str([r.value for r in it.outlet.records])


async def test_entries_that_are_not_taken_are_counted_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = iter([1002, 1003])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(*(f"n{n} Title {n}" for n in range(next(numbers)))))

    caplog.set_level(logging.WARNING)
    async with polled(tmp_path, answer) as it:
        for _ in range(2):
            await it.poll()
        source = it.one.id

    assert [r.getMessage() for r in caplog.records if "left out" in r.getMessage()] == [
        f"{it.one.name} <{it.one.url}>: 2 entries were left out: not readable, or too many for one document"
    ]
    assert meters.LEFT_OUT.labels(source)._value.get() == 3


async def test_a_source_that_cannot_be_seen_is_told_to_the_log_once_and_again_when_it_can(tmp_path: Path) -> None:
    status = [500]

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status[0], body=rss("1 one") if status[0] == 200 else b"")

    async with polled(tmp_path, answer) as it:
        before = gauge("source_read_timestamp_seconds")
        blinds = []
        for _ in range(5):
            await it.poll()
            blinds.append(gauge("source_blind"))
        assert blinds == [0, 0, 1, 1, 1]
        assert gauge("source_read_timestamp_seconds") == before, "a failed poll reads nothing"
        status[0] = 200
        await it.poll()
        await it.poll()
        assert gauge("source_blind") == 0
        read, new = gauge("source_read_timestamp_seconds"), gauge("source_new_timestamp_seconds")
        assert read is not None
        assert new is not None
        assert read > new, "the second poll was a read without news"
        told = [r for r in it.outlet.records if r.topic == MENTIONS.name]

    assert [(r.key, r.headers) for r in told] == [(f"SOURCES/{it.one.id}", (("kind", b"source"),))] * 2
    assert [decode(SourceHealth, r.value).failures for r in told] == [3, 0]


async def test_what_a_hub_tells_of_while_a_poll_goes_on_makes_its_source_due_again(tmp_path: Path) -> None:
    due: list[bool] = []

    async def answer(_: web.Request) -> web.StreamResponse:
        if not due:
            assert await it.runner.deliver(it.one.id, rss("a One"), "application/rss+xml")
        return web.Response(body=rss())

    async with polled(tmp_path, answer) as it:
        it.one = dataclasses.replace(it.one, full_text=True)
        it.runner._declared_now, it.runner._due = {it.one.id: it.one}, {it.one.id: 0.0}
        for _ in range(2):
            await it.poll()
            due.append(it.runner._due[it.one.id] <= time.time())

    assert due == [True, False], "what the hub told of may have come too late for the first"


def test_a_store_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    place = tmp_path / "c.sqlite"
    with sqlite3.connect(place) as old:
        old.execute(
            "CREATE TABLE sources (id TEXT PRIMARY KEY, etag TEXT, modified TEXT, next REAL NOT NULL DEFAULT 0,"
            " polled REAL, changed REAL, failures INTEGER NOT NULL DEFAULT 0, items INTEGER NOT NULL DEFAULT 0,"
            " outcome TEXT, reason TEXT NOT NULL DEFAULT '')"
        )
        old.execute("INSERT INTO sources (id, etag, items, outcome) VALUES ('a', '\"1\"', 3, 'ok')")
    old.close()

    store = State(place)
    found = store.get("a")
    store.close()

    assert (found.etag, found.items, found.begun, found.address) == ('"1"', 3, True, None)


@pytest.mark.parametrize(("retention", "told"), [(0.0, 0), (86400.0, 1)], ids=["the format's own", "a day"])
async def test_what_left_its_feed_is_remembered_as_long_as_the_source_says(
    tmp_path: Path, retention: float, told: int
) -> None:
    feeds = [rss("a One", "b Two"), rss("a One"), rss("a One", "c Three"), rss("a One", "b Two", "c Three")]

    async def feed(request: web.Request) -> web.StreamResponse:
        return web.Response(body=feeds.pop(0))

    async with polled(tmp_path, feed) as source:
        source.one = dataclasses.replace(source.one, retention=retention)
        await source.poll()
        await source.poll()
        with sqlite3.connect(tmp_path / "data" / "connectors.sqlite") as store:
            store.execute("UPDATE entries SET seen=seen-200000 WHERE present=0")
        store.close()
        await source.poll()
        source.outlet.records.clear()
        await source.poll()

        assert len(source.outlet.items) == told
