"""`sources poll` against the hostile server: every sentence of docs/connectors.md, one route each."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sources import poll
from connectors.sources.poll import run
from connectors.state import SourceState, State
from tests.connectors import (  # noqa: F401 - they register the routes
    scenarios_bodies,
    scenarios_edge,
    scenarios_entries,
    scenarios_http,
    scenarios_moves,
    scenarios_odd,
    scenarios_pages,
    scenarios_places,
    scenarios_read,
)
from tests.connectors.hostile import SCENARIOS, Hostile, Scenario, Seen, table

DOCS = Path(__file__).parents[2] / "docs" / "connectors.md"
LONGEST = 45.0
"""Seconds that no run may take: the contract of `sources poll`."""


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    hostile = Hostile().start()
    yield hostile
    hostile.stop()


@pytest.mark.parametrize("one", SCENARIOS, ids=lambda s: s.name)
def test_the_worst_of_the_web(one: Scenario, server: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if one.area == "time":
        monkeypatch.setattr(poll, "SECONDS", 5.0)
    path = one.path or one.name
    user, at, rest = path.rpartition("@")
    url = server.url(rest, one.raw).replace("//", f"//{user}{at}")
    server.trespasses.clear()
    server.logs.clear()
    server.counts.clear()
    server.robots = one.robots
    allow = ",".join(filter(None, [server.allow, one.allow.format(port=server.port)]))
    codes = []
    for _ in one.codes:
        began = time.monotonic()
        codes.append(run(url, one.form, tmp_path / "state", tmp_path / "out", allow, one.full_text))
        assert time.monotonic() - began < LONGEST
        if one.ages:
            with sqlite3.connect(tmp_path / "state" / "poll.sqlite") as store:
                store.execute("UPDATE sources SET whole=whole-?, next=next-?, polled=polled-?", (one.ages,) * 3)
            store.close()

    def state(name: str) -> SourceState:
        store = State(tmp_path / "state" / "poll.sqlite")
        try:
            return store.get(server.url(name))
        finally:
            store.close()

    events = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    log = [one for name in server.logs for one in server.logs[name]]
    assert tuple(codes) == one.codes
    assert server.trespasses == []
    if one.events is not None:
        assert sorted((e["kind"], e["title"]) for e in events) == sorted(one.events)
    if one.requests is not None:
        assert len(log) == one.requests
    if one.check is not None:
        one.check(Seen(events, log, server, state))


def test_the_table_in_the_docs_is_the_list_of_routes() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")
