"""deploy/compose.secure.yml: who is nobody gets nothing, and each part its own work only. Run by deploy/check."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.contracts.topics import ALERTS, ITEMS, MENTIONS
from streams.settings import Settings
from tests.deploy.stack import ROOT, Stack, eventually
from tests.system.running import everything

pytestmark = [pytest.mark.system, pytest.mark.stack, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    it = Stack(
        tmp_path_factory.mktemp("secure"),
        "treatywatch-secure",
        "deploy/compose.secure.yml",
        "tests/deploy/compose.world.yml",
    )
    subprocess.run(
        [str(ROOT / "deploy/secure/make-secrets"), str(it.folder / "secrets")], check=True, capture_output=True
    )
    it.down()
    it.compose("build", "-q", timeout=580)
    try:
        it.up()
        yield it
    finally:
        it.down()


def _as(stack: Stack, account: str) -> Settings:
    hidden = stack.folder / "secrets"
    return stack.settings(
        TREATYWATCH_SECURITY="SASL_SSL",
        TREATYWATCH_SSL_CA=str(hidden / "ca.pem"),
        TREATYWATCH_SASL_USERNAME=account,
        TREATYWATCH_SASL_PASSWORD_FILE=str(hidden / f"kafka_{account}"),
    )


def test_the_whole_way_works_with_the_rights_that_are_given(stack: Stack) -> None:
    reader = _as(stack, "reader")

    def told() -> dict[str, str] | None:
        found = [json.loads(r.value) for r in everything(reader, ALERTS.name)]
        return (
            {a["id"]: a["proposal"] for a in found}
            if {a["proposal"] for a in found} >= {"EST", "INF", "START"}
            else None
        )

    ids = set(eventually("alerts of the seed and the feeds", told))
    eventually("the page has them", lambda: {a["id"] for a in stack.get("WEB", "/api/alerts")["alerts"]} >= ids)
    eventually(
        "the webhook has them", lambda: {json.loads(p["body"])["data"]["id"] for p in stack.received("/desk")} >= ids
    )


def test_who_gives_no_name_sees_nothing(stack: Stack) -> None:
    address = f"127.0.0.1:{stack.ports['KAFKA']}"
    ca = str(stack.folder / "secrets" / "ca.pem")
    strangers: list[dict[str, str]] = [
        {},
        {"security.protocol": "SSL", "ssl.ca.location": ca},
        {
            "security.protocol": "SASL_SSL", "ssl.ca.location": ca, "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "reader", "sasl.password": "guessed",
        },
    ]  # fmt: skip
    for stranger in strangers:
        with pytest.raises(KafkaException):
            AdminClient({"bootstrap.servers": address, "log_level": 0, **stranger}).list_topics(timeout=5)


def test_the_broker_shows_a_certificate_of_our_authority(stack: Stack) -> None:
    context = ssl.create_default_context(cafile=str(stack.folder / "secrets" / "ca.pem"))
    with (
        socket.create_connection(("127.0.0.1", stack.ports["KAFKA"]), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as spoken,
    ):
        assert spoken.version() == "TLSv1.3"


WRITES = {
    "topics": ITEMS.name,
    "connect": ALERTS.name,
    "worker": ITEMS.name,
    "web": ALERTS.name,
    "deliver": ALERTS.name,
    "reader": ALERTS.name,
}
READS = {
    "topics": ITEMS.name,
    "connect": ITEMS.name,
    "web": ITEMS.name,
    "deliver": MENTIONS.name,
    "reader": MENTIONS.name,
}


@pytest.mark.parametrize(("account", "topic"), WRITES.items())
def test_an_account_cannot_write_what_is_not_its_own(stack: Stack, account: str, topic: str) -> None:
    said: list[KafkaError | None] = []
    producer = Producer(_as(stack, account).kafka() | {"message.timeout.ms": 8000, "log_level": 0})
    producer.produce(topic, b"forged", b"x", on_delivery=lambda error, _message: said.append(error))
    producer.flush(15)
    assert [error.code() for error in said if error] == [KafkaError.TOPIC_AUTHORIZATION_FAILED]


@pytest.mark.parametrize(("account", "topic"), READS.items())
def test_an_account_cannot_read_what_is_not_its_own(stack: Stack, account: str, topic: str) -> None:
    consumer = Consumer(_as(stack, account).kafka() | {"group.id": "treatywatch-reader", "log_level": 0})
    try:
        refusal = consumer.list_topics(topic, timeout=10).topics[topic].error
        if refusal is not None:  # it may not even see the topic
            assert refusal.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
            return
        consumer.assign([TopicPartition(topic, 0, 0)])
        codes = set()
        until = time.monotonic() + 30
        while KafkaError.TOPIC_AUTHORIZATION_FAILED not in codes and time.monotonic() < until:
            message = consumer.poll(1.0)
            if message is not None:
                error = message.error()
                assert error is not None, "it got a record"
                codes.add(error.code())
        assert KafkaError.TOPIC_AUTHORIZATION_FAILED in codes
    finally:
        consumer.close()
