"""Chats whose threads we go on in, against what their APIs document."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks import declared
from connectors.sinks.parcel import SinkFault
from connectors.sinks.rooms import Room
from connectors.sinks.secret import Secret
from tests.connectors.alerting import Receiver, made, parcel, receiving

TOKEN = "123:opensesame"
ANSWERS = {
    "slack": '{"ok": true, "channel": "C1", "ts": "1503435956.000247"}',
    "telegram": '{"ok": true, "result": {"message_id": 42}}',
    "matrix": '{"event_id": "$first"}',
}


def room(kind: str, receiver: Receiver, folder: Path) -> Room:
    (folder / "token").write_text(TOKEN)
    token = Secret(file="token")
    given: dict[str, Callable[[], Any]] = {
        "slack": lambda: declared.Slack(token=token, channel="C1", api=receiver.url),
        "telegram": lambda: declared.Telegram(token=token, chat="-100", api=receiver.url),
        "matrix": lambda: declared.Matrix(token=token, room="!r:example.org", api=receiver.url),
    }
    return Room(given[kind](), folder, receiver.allow, UTC)


async def thread(kind: str, folder: Path) -> list[Any]:
    """An alert and its correction, as the service got them."""
    async with receiving() as receiver:
        receiver.always = (200, {}, ANSWERS[kind])
        sink = room(kind, receiver, folder)
        handles = await sink.give(parcel(made("n1", thread="t")))
        corrected = made("n2", thread="t", type="corrected", headline="Corrected: x")
        assert await sink.give(parcel(corrected, handles=handles)) == handles, "a thread keeps its first message"
        await sink.close()
    for request in receiver.requests:
        text = json.loads(request.body).get("text") or json.loads(request.body)["body"]
        assert "“NATO rejected the European Security Treaty that Russia proposed.”" in text
    return receiver.requests


async def test_slack_keeps_a_correction_in_the_thread(tmp_path: Path) -> None:
    first, second = await thread("slack", tmp_path)

    assert first.path == "/chat.postMessage"
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert "thread_ts" not in json.loads(first.body)
    assert json.loads(second.body)["thread_ts"] == "1503435956.000247"


async def test_telegram_replies_to_the_alert(tmp_path: Path) -> None:
    first, second = await thread("telegram", tmp_path)

    assert first.path == f"/bot{TOKEN}/sendMessage"
    assert json.loads(second.body)["reply_parameters"]["message_id"] == 42
    assert "parse_mode" not in json.loads(first.body), "nothing of a quote is markup"


async def test_matrix_threads_and_takes_a_repeat_for_the_same(tmp_path: Path) -> None:
    first, second = await thread("matrix", tmp_path)

    assert (first.method, first.path) == ("PUT", "/_matrix/client/v3/rooms/!r:example.org/send/m.room.message/n1")
    related = json.loads(second.body)["m.relates_to"]
    assert (related["rel_type"], related["event_id"]) == ("m.thread", "$first")


@pytest.mark.parametrize(
    ("error", "final", "away"),
    [("channel_not_found", False, True), ("msg_too_long", True, True), ("internal_error", False, False)],
    ids=["to be mended", "never", "passing"],
)
async def test_slack_says_no_with_a_200(error: str, final: bool, away: bool, tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.always = (200, {}, json.dumps({"ok": False, "error": error}))
        sink = room("slack", receiver, tmp_path)
        with pytest.raises(SinkFault, match=f"Slack says {error}") as fault:
            await sink.give(parcel(made()))
        await sink.close()

    assert (fault.value.final, fault.value.away) == (final, away)


@pytest.mark.parametrize("kind", ANSWERS)
async def test_a_token_is_in_no_fault(kind: str, tmp_path: Path) -> None:
    async with receiving() as receiver:
        receiver.always = (403, {}, "no")
        sink = room(kind, receiver, tmp_path)
        with pytest.raises(SinkFault, match="403") as refused:
            await sink.give(parcel(made()))
        await sink.close()
    closed = room(kind, receiver, tmp_path)
    with pytest.raises(SinkFault, match="cannot be reached") as gone:
        await closed.give(parcel(made()))
    await closed.close()

    assert "sesame" not in f"{refused.value} {gone.value} {closed.where}"
