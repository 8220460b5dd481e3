"""deploy/compose.cluster.yml on three brokers: three copies, two that must have a record, and one broker that dies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports them without saying so
    AdminClient,
    ConfigResource,
    ResourceType,
)

from streams.contracts.topics import ALERTS, ARTICLES, MENTIONS, TOPICS
from streams.settings import Settings, load
from streams.up import environment
from tests.deploy.stack import Stack, free_ports
from tests.deploy.test_stack import news
from tests.system.running import alerts_folded, everything

pytestmark = [pytest.mark.system, pytest.mark.stack, pytest.mark.timeout(600)]

BROKERS = ("k1", "k2", "k3")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    it = Stack(
        tmp_path_factory.mktemp("cluster"),
        "treatywatch-cluster",
        "deploy/compose.cluster.yml",
        "tests/deploy/compose.brokers.yml",
    )
    it.environ |= {f"{name.upper()}_PORT": str(port) for name, port in free_ports(BROKERS).items()}
    it.environ |= {
        "TW_BOOTSTRAP": "k1:9092,k2:9092,k3:9092", "TW_REPLICATION": "3", "TW_MIN_INSYNC": "2", "TW_PARTITIONS": "3",
    }  # fmt: skip
    it.down()
    it.compose("build", "-q", "worker", timeout=380)
    try:
        it.up(*BROKERS)
        it.up("--no-recreate", "worker", "deliver")
        yield it
    finally:
        it.down()


def _settings(stack: Stack) -> Settings:
    brokers = ",".join(f"127.0.0.1:{stack.environ[f'{name.upper()}_PORT']}" for name in BROKERS)
    return load({"TREATYWATCH_BOOTSTRAP": brokers, "TREATYWATCH_DATA": str(stack.folder / "data")})


def _through(stack: Stack, name: str) -> None:
    settings = _settings(stack)
    subprocess.run(
        [sys.executable, "-m", "treatywatch", "ingest", "--wait", "-"],
        env=environment(settings), input=news(60, name), check=True, timeout=400,
    )  # fmt: skip
    articles = {json.loads(r.value)["url"] for r in everything(settings, ARTICLES.name) if not r.kind}
    assert {f"https://x.example/{name}/{i}" for i in range(60)} <= articles
    told = {json.loads(r.value)["id"]: r.value for r in everything(settings, ALERTS.name)}
    assert told
    assert told == alerts_folded(everything(settings, MENTIONS.name))


def test_topics_and_the_workers_state_have_three_copies_and_want_two(stack: Stack) -> None:
    _through(stack, "whole")
    admin = AdminClient(_settings(stack).kafka() | {"log_level": 0})
    known = admin.list_topics(timeout=15).topics
    ours = {name for name in known if not name.startswith("__")}
    assert ours >= {t.name for t in TOPICS}
    assert any(name.endswith("-changelog") for name in ours)
    copies = {name: {len(p.replicas) for p in known[name].partitions.values()} for name in ours}
    assert copies == {name: {3} for name in ours}
    asked = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in sorted(ours)])
    wanted = {r.name: f.result(15)["min.insync.replicas"].value for r, f in asked.items()}
    assert wanted == dict.fromkeys(ours, "2")


def test_a_broker_dies_and_the_news_goes_on(stack: Stack) -> None:
    stack.compose("kill", "-s", "KILL", "k2")
    _through(stack, "torn")
    stack.up("--no-recreate", *BROKERS)
    _through(stack, "mended")
