"""Webhooks, as the official package of Standard Webhooks and a real server see them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as Official
from standardwebhooks.webhooks import WebhookVerificationError

from connectors.sinks import declared
from connectors.sinks.parcel import SinkFault
from connectors.sinks.secret import Secret, SecretFault
from connectors.sinks.webhook import Webhook, key_of
from tests.connectors.alerting import made, parcel, receiving

OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def hook(url: str, folder: Path, allow: frozenset[str], *keys: str) -> Webhook:
    for number, key in enumerate(keys or (OLD,)):
        (folder / f"key{number}").write_text(key + "\n")
    secrets = [Secret(file=f"key{number}") for number in range(len(keys or (OLD,)))]
    return Webhook(declared.Webhook(url=url, secrets=secrets, timeout="20s"), folder, allow)


async def test_the_official_package_verifies_what_is_sent(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = hook(receiver.url + "/hook", tmp_path, receiver.allow)
        await sink.give(parcel(made("n1")))
        await sink.close()

    (got,) = receiver.requests
    said = Official(OLD).verify(got.body, got.headers)
    assert (said["type"], said["data"]["id"]) == ("treatywatch.alert.raised.v1", "n1")
    assert got.headers["webhook-id"] == "n1"
    with pytest.raises(WebhookVerificationError):
        Official(NEW).verify(got.body, got.headers)


async def test_while_a_key_is_changed_receivers_of_both_can_verify(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = hook(receiver.url, tmp_path, receiver.allow, NEW, OLD)
        await sink.give(parcel(made("n1")))
        (tmp_path / "key1").write_text(NEW)  # the old one is gone, without a restart
        await sink.give(parcel(made("n2")))
        await sink.close()

    first, second = receiver.requests
    for key in (OLD, NEW):
        Official(key).verify(first.body, first.headers)
    Official(NEW).verify(second.body, second.headers)
    with pytest.raises(WebhookVerificationError):
        Official(OLD).verify(second.body, second.headers)


async def test_a_repeat_has_the_same_id_and_the_same_bytes(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = hook(receiver.url, tmp_path, receiver.allow)
        for _ in range(2):
            await sink.give(parcel(made("n1")))
        await sink.close()

    one, two = receiver.requests
    assert (one.body, one.headers["webhook-id"]) == (two.body, two.headers["webhook-id"])


async def test_a_digest_is_one_request_with_all_its_alerts(tmp_path: Path) -> None:
    async with receiving() as receiver:
        sink = hook(receiver.url, tmp_path, receiver.allow)
        await sink.give(parcel(made("n1"), made("n2")))
        await sink.close()

    said = json.loads(receiver.requests[0].body)
    assert said["type"] == "treatywatch.digest.v1"
    assert [alert["id"] for alert in said["data"]["alerts"]] == ["n1", "n2"]


@pytest.mark.parametrize(
    ("answer", "final", "away", "asked", "says"),
    [
        ((503, {"Retry-After": "7"}, ""), False, True, 7.0, "answered 503"),
        ((429, {"Retry-After": "3"}, "slow down\n"), False, True, 3.0, "answered 429: slow down"),
        ((500, {}, ""), False, False, 0.0, "answered 500"),
        ((400, {}, "what?\x1b[31m"), True, False, 0.0, "answered 400: what? [31m"),
        ((410, {}, ""), False, True, 0.0, "answered 410"),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), False, True, 0.0, "a redirect, which is not followed"),
    ],
    ids=["away", "too fast", "trouble with this one", "never", "gone", "redirect"],
)
async def test_an_answer_says_whether_and_when_to_try_again(
    answer: tuple[int, dict[str, str], str], final: bool, away: bool, asked: float, says: str, tmp_path: Path
) -> None:
    async with receiving() as receiver:
        receiver.always = answer
        sink = hook(receiver.url, tmp_path, receiver.allow)
        with pytest.raises(SinkFault, match="answered") as told:
            await sink.give(parcel(made()))
        await sink.close()

    fault = told.value
    assert (fault.final, fault.away, fault.retry_after) == (final, away, asked)
    assert says in str(fault)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://0x7f000001:9/"]
)
async def test_a_private_address_is_refused_unless_it_is_allowed(url: str, tmp_path: Path) -> None:
    sink = hook(url, tmp_path, frozenset())

    with pytest.raises(SinkFault, match=r"not a public address|cannot be reached"):
        await sink.give(parcel(made()))
    await sink.close()


@pytest.mark.parametrize("key", ["whsec_", "whsec_AAAA", "secret", "whsec_!!!!" + "A" * 40], ids=str)
def test_a_weak_or_broken_key_is_refused_and_not_said(key: str) -> None:
    with pytest.raises(SecretFault) as fault:
        key_of(key)

    assert key == "whsec_" or key not in str(fault.value)
