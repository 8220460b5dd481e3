"""Topics come out as the table says, whoever made them first, and activations stand at their heads."""

from __future__ import annotations

import time
from concurrent.futures import Future
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports them without saying so
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from streams.contracts.faults import BrokerFault
from streams.contracts.records import Activation, Bundle
from streams.contracts.topics import ARTICLES, BUNDLES, MENTIONS, TOPICS, Topic
from streams.contracts.wire import decode
from streams.settings import Settings, load
from streams.transport import activate, topics
from streams.transport.broker import Broker, free_port
from streams.transport.ends import watermarks

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def a_bundle(kind: str, text: str) -> Bundle:
    made = {"kind": kind, "id": "test", "version": text, "hash": f"{kind}-{text}", "files": {"a.yaml": text}}
    return Bundle(**made)  # type: ignore[arg-type]  # of mixed types by name


def read(settings: Settings, topic: str, partition: int, count: int) -> list[Message]:
    consumer = Consumer(settings.kafka() | {"group.id": "reader", "log_level": 0})
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
    found: list[Message] = []
    until = time.monotonic() + 120
    while len(found) < count and time.monotonic() < until:
        found += [m for m in consumer.consume(count - len(found), 1) if not m.error()]
    consumer.close()
    return found


def ends(settings: Settings) -> dict[tuple[str, int], int]:
    consumer = Consumer(settings.kafka() | {"group.id": "ends", "log_level": 0})
    known = consumer.list_topics(timeout=10).topics
    found = {
        (name, p): watermarks(consumer, TopicPartition(name, p))[1]
        for name in (ARTICLES.name, MENTIONS.name, BUNDLES.name)
        for p in known[name].partitions
    }
    consumer.close()
    return found


class Leaving:
    """Kafka that tells its topics once, and is gone then."""

    def __init__(self, _config: object) -> None:
        self.asked = 0

    def list_topics(self, timeout: float) -> SimpleNamespace:
        self.asked += 1
        if self.asked > 1:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT, "gone"))
        return SimpleNamespace(topics={})


@pytest.mark.parametrize("late", [False, True], ids=["it is gone", "it takes its time"])
def test_a_kafka_that_goes_away_while_topics_are_made_is_a_fault_in_words(
    monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    done: Future[None] = Future()
    if late:
        done.set_exception(TimeoutError())
    else:
        done.set_result(None)
    monkeypatch.setattr(topics, "AdminClient", Leaving)
    monkeypatch.setattr(Leaving, "create_topics", lambda _, wanted: {wanted[0].topic: done}, raising=False)
    settings = load().but(bootstrap="kafka:9092")

    with pytest.raises(BrokerFault, match="Kafka on kafka:9092 went away while its topics were looked at"):
        topics.ensure(settings, (Topic("one"),))
    with pytest.raises(BrokerFault, match="Kafka on kafka:9092 went away while its topics were looked at"):
        topics.make(settings, (Topic("one"),))


class Overtaken:
    """Kafka whose broker has not heard yet, when it is asked first, of a topic that another hand has just made."""

    def __init__(self, _config: object) -> None:
        self.asked = 0

    def list_topics(self, timeout: float) -> SimpleNamespace:
        self.asked += 1
        return SimpleNamespace(topics={"one": SimpleNamespace(partitions={0: None})} if self.asked > 1 else {})

    def create_topics(self, wanted: list[NewTopic]) -> dict[str, Future[None]]:
        done: Future[None] = Future()
        done.set_exception(KafkaException(KafkaError(KafkaError.TOPIC_ALREADY_EXISTS)))
        return {wanted[0].topic: done}


def test_a_topic_that_another_hand_makes_at_the_same_time_is_mended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    mended: list[str] = []
    monkeypatch.setattr(topics, "AdminClient", Overtaken)
    monkeypatch.setattr(topics, "_mend", lambda _admin, _settings, given, _report: mended.extend(t.name for t in given))

    report = topics.ensure(load().but(bootstrap="kafka:9092"), (Topic("one"),))

    assert (report.created, mended, report.partitions) == ([], ["one"], {"one": 1})


def test_a_missing_broker_is_named_and_not_waited_for_long() -> None:
    nobody = load().but(bootstrap=f"127.0.0.1:{free_port(0)}")
    with pytest.raises(BrokerFault, match=nobody.bootstrap):
        topics.ensure(nobody, patience=1)


@pytest.mark.system
def test_topics_are_made_once_with_log_append_time(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    topics.ensure(settings)
    again = topics.ensure(settings)
    assert (again.created, again.mended) == ([], {})
    assert set(again.partitions) == {t.name for t in TOPICS}
    producer = Producer(settings.kafka() | {"log_level": 0})
    topics.ensure(settings, (Topic("stamped", partitions=1),))
    producer.produce("stamped", b"of 2008", timestamp=1_217_300_000_000)
    assert producer.flush(30) == 0
    (message,) = read(settings, "stamped", 0, 1)
    kind, at = message.timestamp()
    assert kind == TIMESTAMP_LOG_APPEND_TIME
    assert at > 1_700_000_000_000


@pytest.mark.system
def test_a_topic_made_by_another_hand_is_mended_and_keeps_its_partitions(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    admin = AdminClient(dict(settings.kafka()))
    made = admin.create_topics([NewTopic("foreign", 3, 1, config={"message.timestamp.type": "CreateTime"})])
    made["foreign"].result(30)
    report = topics.ensure(settings, (Topic("foreign", retention_ms=1000 * 3600),))
    assert report.partitions == {"foreign": 3}
    assert report.mended["foreign"]["message.timestamp.type"] == "LogAppendTime"
    resource = ConfigResource(ResourceType.TOPIC, "foreign")
    for _ in range(100):  # the controller has it; the broker that is asked may hear of it a moment later
        found = admin.describe_configs([resource])[resource].result(30)
        if found["retention.ms"].value == "3600000":
            break
        time.sleep(0.1)
    assert found["message.timestamp.type"].value == "LogAppendTime"
    assert found["retention.ms"].value == "3600000"
    assert topics.ensure(settings, (Topic("foreign", retention_ms=1000 * 3600),)).mended == {}


@pytest.mark.system
@pytest.mark.parametrize("ours", [30 * 24 * 3600 * 1000, -1], ids=["for a month", "for good"])
def test_a_time_of_keeping_that_somebody_shortened_stays_and_a_brokers_own_does_not(
    kafka: tuple[Broker, Settings], ours: int
) -> None:
    _, settings = kafka
    admin = AdminClient(dict(settings.kafka()))
    by_hand, by_accident = Topic(f"shortened{ours}", ours), Topic(f"accident{ours}", ours)
    made = admin.create_topics(
        [NewTopic(by_hand.name, 1, 1, config={"retention.ms": "3600000"}), NewTopic(by_accident.name, 1, 1)]
    )
    for future in made.values():
        future.result(30)
    mended = topics.ensure(settings, (by_hand, by_accident)).mended
    assert "retention.ms" not in mended[by_hand.name]
    assert mended[by_accident.name]["retention.ms"] == str(ours)


@pytest.mark.system
def test_who_waits_for_topics_makes_none_and_goes_on_when_another_hand_has(kafka: tuple[Broker, Settings]) -> None:
    _, settings = kafka
    admin = AdminClient(dict(settings.kafka()))
    with pytest.raises(BrokerFault, match="awaited"):
        topics.wait_for(settings, ["awaited"], patience=0)
    assert "awaited" not in admin.list_topics(timeout=10).topics
    topics.ensure(settings, (Topic("awaited", partitions=1),))
    topics.wait_for(settings, ["awaited"], patience=120)


def test_who_waits_for_topics_says_that_no_kafka_answers() -> None:
    nobody = load().but(bootstrap=f"127.0.0.1:{free_port(0)}")
    with pytest.raises(BrokerFault, match=nobody.bootstrap):
        topics.wait_for(nobody, ["news.items"], patience=0)


@pytest.mark.system
@pytest.mark.slow
def test_every_partition_begins_with_an_activate_and_a_second_start_adds_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = load().but(data=tmp_path_factory.mktemp("fresh"), partitions=3)
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        topics.ensure(settings)
        known, watched = a_bundle("knowledge", "one"), a_bundle("rules", "one")
        assert activate.activate(settings, known, watched, now=NOW)
        before = ends(settings)
        assert not activate.activate(settings, known, watched, now=NOW)
        assert ends(settings) == before
        for name in (ARTICLES.name, MENTIONS.name):
            for partition in range(3):
                (head,) = read(settings, name, partition, 1)
                assert head.key() == b"activate"
                assert head.headers() == [("kind", b"activate")]
                assert decode(Activation, head.value()).knowledge.hash == known.hash
        newer = a_bundle("knowledge", "two")
        assert activate.activate(settings, newer, watched, now=NOW)
        assert set(activate.load_bundles(settings)) == {known.hash, newer.hash, watched.hash}
        assert activate.load_bundles(settings)[newer.hash] == newer
    finally:
        broker.stop()
