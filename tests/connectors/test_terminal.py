"""Alerts in the terminal: in order, bounded, and never steering it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator

import msgspec
import pytest

from connectors.sinks import terminal
from connectors.sinks.terminal import block
from streams.contracts.records import Alert, Change
from streams.contracts.wire import encode
from streams.ops import health
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


def named(number: int) -> Alert:
    return msgspec.structs.replace(an_alert(), id=f"n{number}", thread=f"t{number}", headline=f"H{number}")


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


def test_a_kafka_that_goes_away_is_said_once_and_so_is_that_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([True, False, False, True, True])

    async def there(_bootstrap: str) -> bool:
        return next(answers)

    monkeypatch.setattr(terminal, "read", lambda *_: iter([None] * 5))
    monkeypatch.setattr(health, "LOOK", 0.0)
    monkeypatch.setattr(health, "broker_answers", there)
    terminal.follow(load({}).but(bootstrap="kafka:9092"), True, out=io.StringIO())

    assert [record.getMessage() for record in caplog.records] == [
        "Kafka on kafka:9092 does not answer; alerts go on when it does", "Kafka on kafka:9092 answers again",
    ]  # fmt: skip


def test_json_lines_do_not_steer_the_terminal() -> None:
    shown = terminal.line(encode(hostile()))

    assert "\u202e" not in shown
    assert json.loads(shown)["headline"] == HOSTILE


def test_the_terminal_shows_no_control_characters() -> None:
    shown = block(hostile(), 80, colour=False)

    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_changes_are_told_in_words_and_quotes_stand_as_they_were_written() -> None:
    changes = [
        Change(field="article", before="a73b", after="retracted"),
        Change(field="status", before="in_force", after=None),
        Change(field="evidence", before=["NATO snake_case"], after=[]),
        Change(field="commitments", before=[], after=[{"who": ["RU"], "what": "Details\x1b[2J", "due": "2008-09-24"}]),
    ]

    told = [
        line.strip()
        for line in block(msgspec.structs.replace(an_alert(), changes=changes), 80, colour=False).splitlines()
    ]
    assert [line for line in told if line.startswith("changed:")] == [
        "changed: the report: withdrawn by its publisher",
        "changed: status: in force → nothing",
        "changed: evidence: NATO snake_case → nothing",
        "changed: commitments: nothing → 2008-09-24: Details [2J",
    ]


def test_an_alert_about_coverage_has_no_empty_facts() -> None:
    alert = msgspec.structs.replace(
        an_alert(), proposal=None, proposal_name=None, status=None, act=None, voice=None, article=None
    )

    assert "None" not in block(alert, 80, colour=False)
