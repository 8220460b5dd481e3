"""deploy/compose.secure.yml: who is nobody gets nothing, and each part its own work only. Run by deploy/check."""

from __future__ import annotations

import io
import json
import re
import shlex
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import kafka
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports them without saying so
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)
from kafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from connectors.ingest import publish
from streams.contracts.topics import (
    ALERTS,
    ARTICLES,
    BREAKING,
    BUNDLES,
    CANARY,
    DEAD,
    DIGEST,
    DOSSIERS,
    FEEDBACK,
    ITEMS,
    MENTIONS,
    NEAR,
    SOURCES,
    SUPPRESSED,
    TOPICS,
)
from streams.settings import Settings
from tests.deploy.outside import far_away, reaching
from tests.deploy.stack import ROOT, Stack, eventually
from tests.system.running import everything

pytestmark = [pytest.mark.system, pytest.mark.stack, pytest.mark.timeout(600)]


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


def test_a_retraction_that_names_no_source_withdraws_what_came_another_day(stack: Stack) -> None:
    entry = {"url": "https://x.example/withdrawn", "source": "desk"}
    text = "Russia and NATO signed the Vienna Document, NATO said."

    def ingest(line: dict[str, str]) -> None:
        """In the container of the connectors, under their account; a line that is refused ends it with 2."""
        stack.compose("exec", "-T", "connect", "treatywatch", "ingest", "-", given=json.dumps(line))

    def alerted() -> list[str]:
        found = [json.loads(r.value) for r in everything(_as(stack, "reader"), ALERTS.name)]
        return [a["type"] for a in found if a["article"]["url"] == entry["url"]]

    ingest(entry | {"text": text})
    eventually("an alert of the report", lambda: alerted() == ["raised"])
    ingest({"url": entry["url"], "kind": "retraction"})
    eventually("the alert is retracted", lambda: alerted() == ["raised", "retracted"])


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


MAY_READ = {
    ITEMS: {"connect", "worker"},
    ARTICLES: {"connect", "worker", "web"},
    MENTIONS: {"connect", "worker", "web", "deliver"},
    SOURCES: {"connect", "web", "deliver"},
    DOSSIERS: {"web", "reader"},
    ALERTS: {"web", "deliver", "reader"},
    BREAKING: {"reader"},
    DIGEST: {"reader"},
    FEEDBACK: {"web", "reader"},
    SUPPRESSED: {"web", "reader"},
    NEAR: {"web"},
    BUNDLES: {"topics", "worker", "web"},
    DEAD: {"web", "deliver"},
}
MAY_WRITE = {
    ITEMS: {"connect"},
    ARTICLES: {"topics", "worker"},
    MENTIONS: {"topics", "connect", "worker"},
    SOURCES: {"connect"},
    DOSSIERS: {"worker"},
    ALERTS: {"worker"},
    BREAKING: {"worker"},
    DIGEST: {"worker"},
    FEEDBACK: {"worker", "reader"},
    SUPPRESSED: {"worker"},
    NEAR: {"worker"},
    BUNDLES: {"topics", "worker"},
    DEAD: {"connect", "worker", "deliver"},
}
"""Said again by hand: the table of accounts.py is what is under test."""

ACCOUNTS = ["topics", "connect", "worker", "web", "deliver", "reader"]
GROUPS = {
    "treatywatch": {"worker"},
    "treatywatch-deliver-desk": {"deliver"},
    "somebody": set(),
    "reader-desk": {"reader"},
}
"""Who may move a place in alerts.all under this name."""


def test_the_tables_name_every_topic() -> None:
    assert set(MAY_READ) == set(MAY_WRITE) == set(TOPICS)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_cannot_write_what_is_not_its_own(stack: Stack, account: str) -> None:
    said: dict[str, int | None] = {}

    def delivered(error: KafkaError | None, message: Message) -> None:
        said[str(message.topic())] = error.code() if error else None

    forbidden = [topic.name for topic in TOPICS if account not in MAY_WRITE[topic]]
    producer = Producer(_as(stack, account).kafka() | {"message.timeout.ms": 15_000, "log_level": 0})
    for name in forbidden:
        producer.produce(name, b"forged", b"x", on_delivery=delivered)
    producer.flush(30)
    assert said == dict.fromkeys(forbidden, KafkaError.TOPIC_AUTHORIZATION_FAILED)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_reads_its_own_topics_and_no_other(stack: Stack, account: str) -> None:
    group = "treatywatch-bundles" if account in {"topics", "worker"} else "treatywatch-reader"
    consumer = Consumer(_as(stack, account).kafka() | {"group.id": group, "log_level": 0})
    refused = KafkaError.TOPIC_AUTHORIZATION_FAILED
    try:
        errors = {t.name: consumer.list_topics(t.name, timeout=15).topics[t.name].error for t in TOPICS}
        unseen = {name for name, error in errors.items() if error is not None}
        assert {errors[name].code() for name in unseen} <= {refused}
        seen = [t.name for t in TOPICS if t.name not in unseen]
        consumer.assign([TopicPartition(name, 0, 0) for name in seen])
        denied: set[str] = set()
        wanted = {t.name for t in TOPICS if account not in MAY_READ[t]}
        until = time.monotonic() + 20
        while time.monotonic() < until and (unseen | denied) != wanted:
            message = consumer.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is None:
                assert message.topic() not in wanted, f"{account} got a record of {message.topic()}"
            elif error.code() == refused:
                denied.add(str(message.topic()))
        assert unseen | denied == wanted
    finally:
        consumer.close()


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_moves_no_place_of_others(stack: Stack, account: str) -> None:
    place = kafka.TopicPartition(ALERTS.name, 0)
    for group in (name for name, may in GROUPS.items() if account not in may):
        # Not librdkafka, which asks for a coordinator again and again where it is told no.
        consumer = kafka.KafkaConsumer(**_as(stack, account).kafka_python(), group_id=group, enable_auto_commit=False)
        try:
            consumer.assign([place])
            with pytest.raises((GroupAuthorizationFailedError, TopicAuthorizationFailedError)):
                consumer.commit({place: kafka.OffsetAndMetadata(0, "", -1)})
        finally:
            consumer.close(autocommit=False)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_does_not_administer(stack: Stack, account: str) -> None:
    admin = AdminClient(_as(stack, account).kafka() | {"log_level": 0})
    forged = AclBinding(
        ResourceType.TOPIC, ALERTS.name, ResourcePatternType.LITERAL, f"User:{account}", "*",
        AclOperation.ALL, AclPermissionType.ALLOW,
    )  # fmt: skip
    shorter = ConfigResource(
        ResourceType.TOPIC, ALERTS.name,
        incremental_configs=[ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)],
    )  # fmt: skip
    tries: dict[str, Any] = {
        "make a topic": admin.create_topics([NewTopic("forged", 1, 1)]),
        "delete a topic": admin.delete_topics([ALERTS.name]),
        "give itself a right": admin.create_acls([forged]),
    }
    if account != "topics":  # it keeps the topics' settings as the table says
        tries["change a topic"] = admin.incremental_alter_configs([shorter])
    for what, futures in tries.items():
        for future in futures.values():
            with pytest.raises(KafkaException) as fault:
                future.result(20)
            assert fault.value.args[0].code() in {
                KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED,
            }, what  # fmt: skip


def test_the_page_tells_what_waits_and_the_canaries_carry_what_we_see(stack: Stack) -> None:
    reader = _as(stack, "web")

    def seen() -> bool:
        flown = [r for r in everything(reader, MENTIONS.name) if r.kind == CANARY]
        return any(json.loads(r.value).get("coverage") for r in flown)

    eventually("a canary with the coverage", seen)


def test_nothing_but_connect_and_deliver_reaches_the_world(stack: Stack) -> None:
    with far_away() as address:
        assert reaching(stack, address) == {"connect", "deliver"}


def _command(after: str) -> list[str]:
    """Words of the command that follows a text in deploy/README.md: what readers are told is what is run."""
    text = (ROOT / "deploy/README.md").read_text().partition(after)[2]
    block = re.match(r"[^\n]*\n\n((?:    .+\n)+)", text)
    assert block, after
    return shlex.split(block[1].replace("\\\n", " "))


def _run(stack: Stack, words: list[str]) -> str:
    """A `docker compose -f ... -f ...` command of the pages, on this stack."""
    assert words[:6] == ["docker", "compose", "-f", "docker-compose.yml", "-f", "deploy/compose.secure.yml"]
    return stack.compose(*(word.replace("treatywatch_", f"{stack.project}_") for word in words[6:]))


def test_the_administrator_gives_more_partitions_and_the_new_workers_have_their_rights(stack: Stack) -> None:
    reader = _as(stack, "reader")
    before = {json.loads(r.value)["id"]: r.value for r in everything(reader, ALERTS.name)}
    assert before
    stack.compose("stop", "connect", "worker")
    _run(stack, _command("may not delete topics; the\nadministrator does it"))
    stack.environ |= {"TW_PARTITIONS": "16", "TW_APP_ID": "treatywatch-2"}
    stack.up()
    connect = _as(stack, "connect")
    assert (
        len(
            AdminClient(connect.kafka() | {"log_level": 0})
            .list_topics(ITEMS.name, timeout=15)
            .topics[ITEMS.name]
            .partitions
        )
        == 16
    )
    text = "Russia on Monday proposed a new Open Skies treaty to NATO, the Kremlin said."
    publish([json.dumps({"url": "https://x.example/after", "text": text}).encode()], connect, io.StringIO())

    def all_again() -> dict[str, bytes] | None:
        found: dict[str, bytes] = {}
        for record in everything(reader, ALERTS.name):
            alert = json.loads(record.value)
            assert found.setdefault(alert["id"], record.value) == record.value, "an id that comes again has its bytes"
        urls = {json.loads(value)["article"]["url"] for value in found.values()}
        return found if "https://x.example/after" in urls else None

    after = eventually("an alert of the new version", all_again)
    assert {i: after[i] for i in before} == before
    new = {name for name in _topics(stack, "--list").split() if re.fullmatch("treatywatch-2-.*-changelog", name)}
    assert new
    _topics(stack, "--delete", "--topic", "treatywatch-(normalise|tag|dossier)-changelog")
    eventually(
        "the old version's state is gone, the new one's is not",
        lambda: {name for name in _topics(stack, "--list").split() if name.endswith("-changelog")} == new,
    )


def _topics(stack: Stack, *words: str) -> str:
    """What Kafka's own tool says to the administrator."""
    admin = ("--bootstrap-server", "kafka:9094", "--command-config", "/mnt/shared/config/admin.properties")
    return stack.compose("exec", "-T", "kafka", "/opt/kafka/bin/kafka-topics.sh", *admin, *words)
