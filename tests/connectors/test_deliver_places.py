"""Alertmanager, chat and files as they receive alerts."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from connectors.sinks import declared
from connectors.sinks.alertmanager import Alertmanager
from connectors.sinks.chat import Chat, opened, written
from connectors.sinks.jsonl import File
from connectors.sinks.parcel import SinkFault
from connectors.sinks.secret import Secret, SecretFault
from tests.connectors.alerting import Receiver, made, parcel, receiving

LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
POSTABLE = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["labels"],
        "additionalProperties": False,
        "properties": {
            "labels": {**LABELS, "propertyNames": {"pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"}},
            "annotations": LABELS,
            "startsAt": {"type": "string", "format": "date-time"},
            "endsAt": {"type": "string", "format": "date-time"},
            "generatorURL": {"type": "string", "format": "uri"},
        },
    },
}
"""`postableAlerts` of Alertmanager's api/v2/openapi.yaml."""


def posted(receiver: Receiver) -> list[list[dict[str, Any]]]:
    found = [json.loads(request.body) for request in receiver.requests]
    for one in found:
        jsonschema.validate(one, POSTABLE, format_checker=jsonschema.FormatChecker())
    return found


async def test_alertmanager_gets_alerts_of_the_shape_that_its_api_declares(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = Alertmanager(declared.Alertmanager(url=receiver.url + "/am/"), tmp_path, receiver.allow)
        await sink.give(parcel(made("n1", thread="t"), digest=False))
        await sink.close()

    ((alert,),) = posted(receiver)
    assert receiver.requests[0].path == "/am/api/v2/alerts"
    assert alert["labels"] == {
        "alertname": "Treatywatch", "rule": "rejection", "severity": "warning", "proposal": "EST", "thread": "t",
        "language": "en",
    }  # fmt: skip
    assert alert["annotations"]["quote"] == "NATO rejected the European Security Treaty that Russia proposed."
    assert alert["generatorURL"] == "https://news.example/h"
    assert datetime.fromisoformat(alert["endsAt"]) - datetime.fromisoformat(alert["startsAt"]) == timedelta(days=1)


async def test_a_correction_changes_and_a_retraction_resolves_the_same_alert(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = Alertmanager(declared.Alertmanager(url=receiver.url), tmp_path, receiver.allow)
        handles = await sink.give(parcel(made("n1", thread="t")))
        more_severe = made("n2", thread="t", type="corrected", severity="critical", headline="Corrected: x")
        await sink.give(parcel(more_severe, handles=handles))
        await sink.give(parcel(made("n3", thread="t", type="retracted"), handles=handles))
        await sink.close()

    first, second, third = (alerts[0] for alerts in posted(receiver))
    assert first["labels"] == second["labels"] == third["labels"]
    assert second["annotations"]["summary"] == "Corrected: x"
    assert datetime.fromisoformat(third["endsAt"]) <= datetime.now(UTC)


async def test_of_a_thread_in_a_digest_alertmanager_gets_what_holds(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = Alertmanager(declared.Alertmanager(url=receiver.url), tmp_path, receiver.allow)
        await sink.give(parcel(made("n1", thread="t"), made("n2"), made("n3", thread="t", type="corrected")))
        await sink.close()

    (alerts,) = posted(receiver)
    assert [alert["annotations"]["id"] for alert in alerts] == ["n3", "n2"]


def chat(address: str, folder: Path, allow: frozenset[str]) -> Chat:
    (folder / "address").write_text(address)
    return Chat(declared.Chat(url=Secret(file="address")), folder, allow)


async def test_chat_gets_our_text_through_apprise(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = chat(f"json://127.0.0.1:{receiver.port}/room", tmp_path, receiver.allow)
        await sink.give(parcel(made("n1", status_before="tabled", severity="critical")))

    (request,) = receiver.requests
    said = json.loads(request.body)
    assert said["title"] == "[CRITICAL] NATO rejects European Security Treaty: rejected"
    assert "“NATO rejected the European Security Treaty that Russia proposed.”" in said["message"]
    assert "Status: tabled → rejected" in said["message"]
    assert "https://news.example/h" in said["message"]


async def test_ntfy_takes_it_too(tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.always = (200, {}, "{}")
        sink = chat(f"ntfy://127.0.0.1:{receiver.port}/alerts", tmp_path, receiver.allow)
        await sink.give(parcel(made("n1")))

    assert json.loads(receiver.requests[0].body)["topic"] == "alerts"


@pytest.mark.parametrize(
    "quote",
    ["<!channel> look", "<@U024BE7LH> look", "@everyone look", "[safe](https://evil.example)", "<https://e.example|safe>"],
)  # fmt: skip
def test_a_quote_calls_nobody_and_hides_no_link(quote: str) -> None:
    alert = made("n1", headline=quote, title=quote, source=quote)

    title, text = written(parcel(alert), UTC)

    for said in (title, text):
        assert "<" not in said
        assert "@everyone" not in said
        assert "](" not in said


@pytest.fixture
def written_log() -> Iterator[io.StringIO]:
    """What a process writes that logs everything."""
    found, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(found), root.level
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    handler.addFilter(lambda record: record.name != "aiohttp.access")  # the receiver's
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    yield found
    logging.disable(disabled)
    root.setLevel(level)
    root.removeHandler(handler)


async def test_a_refusing_chat_says_why_and_not_where(tmp_path: Path, written_log: io.StringIO) -> None:
    async with receiving() as receiver:
        receiver.always = (403, {}, "")
        sink = chat(f"json://user:opensesame@127.0.0.1:{receiver.port}/sesame", tmp_path, receiver.allow)
        logging.getLogger("asyncio").debug("heard")
        with pytest.raises(SinkFault, match="403") as told:
            await sink.give(parcel(made("n1")))

    assert (told.value.final, told.value.away) == (False, True)
    assert "heard" in written_log.getvalue()
    assert "sesame" not in written_log.getvalue() + str(told.value) + sink.where


async def test_chat_reaches_no_private_address_unless_allowed_not_even_by_a_redirect(tmp_path: Path) -> None:
    async with receiving() as receiver:
        with pytest.raises(SinkFault, match="not a public address"):
            await chat(f"json://127.0.0.1:{receiver.port}/", tmp_path, frozenset()).give(parcel(made("n1")))
        with pytest.raises(SinkFault, match="not a public address"):
            await chat(f"json://localhost:{receiver.port}/", tmp_path, frozenset()).give(parcel(made("n1")))
        async with receiving() as inner:
            receiver.always = (302, {"Location": inner.url}, "")
            # Allowed or not: what an operator named is where alerts go, and nowhere else.
            for allow in (receiver.allow, receiver.allow | inner.allow):
                with pytest.raises(SinkFault):
                    await chat(f"json://127.0.0.1:{receiver.port}/", tmp_path, allow).give(parcel(made("n1")))
    assert len(receiver.requests) == 2
    assert inner.requests == []


def test_an_address_that_apprise_does_not_know_is_named_by_its_scheme_only() -> None:
    with pytest.raises(SecretFault, match="nosuch") as fault:
        opened("nosuch://token123456/room")

    assert "token123456" not in str(fault.value)


def ids(file: Path) -> list[str]:
    return [json.loads(line)["id"] for line in file.read_bytes().splitlines()]


async def test_a_file_has_an_alert_a_line_as_the_topic_has_it(tmp_path: Path) -> None:
    sink = File(declared.File(path="out/alerts.jsonl"), tmp_path)
    alerts = [made(f"n{n}") for n in range(3)]
    for alert in alerts:
        await sink.give(parcel(alert))

    lines = (tmp_path / "out/alerts.jsonl").read_bytes().splitlines()
    assert lines == [parcel(alert).alerts[0].raw for alert in alerts]


async def test_a_file_is_rotated_and_only_so_many_are_kept(tmp_path: Path) -> None:
    size = len(parcel(made("n0")).alerts[0].raw) + 1
    sink = File(declared.File(path="a", megabytes=size * 2 / 1e6, keep=2), tmp_path)
    for n in range(9):
        await sink.give(parcel(made(f"n{n}")))

    kept = [ids(tmp_path / name) for name in ("a", "a.1", "a.2")]
    assert kept == [["n8"], ["n6", "n7"], ["n4", "n5"]]
    assert not (tmp_path / "a.3").exists()


async def test_half_a_line_of_a_writer_that_died_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b'{"id":"n0"}\n{"id":"n1","ty')
    await File(declared.File(path="a"), tmp_path).give(parcel(made("n1")))

    assert ids(tmp_path / "a") == ["n0", "n1"]


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    with pytest.raises(SinkFault, match="directory"):
        await File(declared.File(path="a"), tmp_path).give(parcel(made("n1")))


def test_two_writers_of_one_file_cost_each_other_no_line(tmp_path: Path) -> None:
    def write(name: str) -> None:
        sink = File(declared.File(path="a", megabytes=0.05, keep=100), tmp_path)
        for n in range(100):
            asyncio.run(sink.give(parcel(made(f"{name}{n}"))))

    writers = [threading.Thread(target=write, args=(name,)) for name in "xy"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    found = [identity for file in tmp_path.iterdir() for identity in ids(file)]
    assert sorted(found) == sorted(f"{name}{n}" for name in "xy" for n in range(100))
