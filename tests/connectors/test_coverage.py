"""What we see of the world, summed up from the topics; and in words at the end of a digest."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import coverage
from connectors.coverage import MOST_NAMED, summed
from connectors.progress import Progress
from connectors.sinks import message, seen, summary
from connectors.sinks.terminal import block
from streams.contracts.faults import BrokerFault, BrokerRefuses
from streams.contracts.records import SourceHealth
from streams.settings import load
from tests.connectors.alerting import made, parcel, seen_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def source(name: str, **changes: Any) -> SourceHealth:
    given: dict[str, Any] = {
        "id": name.lower(), "name": name, "url": f"https://{name}.example/feed", "format": "feed", "enabled": True,
        "outcome": "ok", "reason": "", "polled": NOW, "changed": NOW, "next": NOW, "items": 3, "failures": 0,
    }  # fmt: skip
    return SourceHealth(**(given | changes))


def test_a_source_is_down_stale_or_seen() -> None:
    coverage = summed(
        [
            source("Well"), source("Quiet", outcome="unchanged"), source("Off", enabled=False, outcome="failed"),
            source("Broken", outcome="failed", reason="500 Internal Server Error"),
            source("Forgotten", polled=NOW - timedelta(days=1), next=NOW - timedelta(hours=2)),
            source("Silent", changed=NOW - timedelta(days=9)),
        ],
        NOW,
    )  # fmt: skip

    assert (coverage.sources, coverage.seen) == (5, 3)
    assert [(one.id, one.reason) for one in coverage.down] == [("broken", "500 Internal Server Error")]
    assert [(one.id, one.reason) for one in coverage.stale] == [
        ("forgotten", "not asked since 2026-03-01 12:00"), ("silent", "nothing new for 9 days"),
    ]  # fmt: skip


def test_what_kafka_does_not_say_is_not_made_up() -> None:
    known = summed([], NOW, Progress(waiting={"news.items": 4}, canary=90.0, unsupported={"fi": 2}))
    unknown = summed([], NOW, Progress(why="no broker"))

    assert (known.lag, known.canary, known.unsupported) == (
        {"news.items": 4}, NOW - timedelta(seconds=90), {"fi": 2},
    )  # fmt: skip
    assert (unknown.lag, unknown.canary, unknown.unsupported) == (None, None, {})


def test_who_follows_the_sources_goes_on_when_kafka_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_s: object, _t: object, stop: threading.Event, caught_up: threading.Event) -> Iterator[None]:
        tries.append(1)
        if len(tries) == 1:
            raise BrokerFault("no Kafka answers")
        caught_up.set()
        while not stop.wait(0.01):
            yield None

    tries: list[int] = []
    monkeypatch.setattr(coverage, "read", read)
    monkeypatch.setattr(coverage, "ask", lambda _: Progress(why="no broker"))
    watch = coverage.Watch(load({}), pause=0.01)
    watch.start()
    try:
        until = time.monotonic() + 30
        while watch.now(NOW) is None and time.monotonic() < until:
            time.sleep(0.01)
        found = watch.now(NOW)
        assert found is not None
        assert (found.sources, len(tries)) == (0, 2)
    finally:
        watch.close()


def test_what_kafka_refuses_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **_more: object) -> Iterator[None]:
        tries.append(1)
        raise BrokerRefuses("not authorized")

    tries: list[int] = []
    monkeypatch.setattr(coverage, "read", read)
    watch = coverage.Watch(load({}), pause=0.0)
    watch.start()
    watch._thread.join(30)

    assert (watch.now(NOW), len(tries)) == (None, 1)


def test_of_very_many_sources_that_are_down_the_first_are_named_and_all_are_counted() -> None:
    coverage = summed([source(f"S{n:04}", outcome="failed") for n in range(1000)], NOW)

    assert (len(coverage.down), coverage.sources, coverage.seen) == (MOST_NAMED, 1000, 0)


def test_a_digest_ends_with_what_we_saw() -> None:
    coverage = summed(
        [source("Broken", outcome="failed", reason="timeout")], NOW,
        Progress(waiting={"news.items": 4, "news.articles": 1}, canary=90.0, unsupported={"fi": 12, "und": 3}),
    )  # fmt: skip
    said = message.as_text(summary.written(parcel(made(), digest=True, coverage=coverage), UTC))

    assert "0 of 1 sources answered; 1 could not be seen." in said
    assert "down: Broken: timeout; last news 2026-03-02" in said
    assert "not read, by language, articles of a week: fi 12, und 3" in said
    assert "as of 2026-03-02 12:00 UTC: 5 records wait to be read; last canary 2026-03-02 11:58 UTC" in said


def test_a_digest_that_a_room_made_says_so_too() -> None:
    """Mail, chats and the terminal; where no canary has told anything, that is said."""
    known, unknown = made(type="digest", coverage=seen_of(2, 3)), made(type="digest", coverage=None)

    for alert, words in ((known, "2 of 3 sources answered; 1 could not be seen."), (unknown, "Nothing is known")):
        assert words in message.as_text(summary.written(parcel(alert), UTC))
        assert words in block(alert, 80, colour=False)
    assert "What we saw" not in message.as_text(summary.written(parcel(made()), UTC))


def test_without_sources_and_without_kafka_the_words_say_that() -> None:
    said = [one.text for one in seen.blocks(summed([], NOW), alerts=True)]

    assert "No source is being read." in said
    assert "as of 2026-03-02 12:00 UTC: what waits to be read is not known; no canary came of late" in said
