"""Creates the topics and keeps their settings as the table says. Safe to repeat."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports them without saying so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewTopic,
    ResourceType,
)

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import MENTIONS, PARTITIONS, TOPICS, Topic
from streams.settings import Settings, SettingsFault

log = logging.getLogger("treatywatch.topics")


@dataclass(slots=True)
class Report:
    """What was found and done."""

    created: list[str] = field(default_factory=list)
    mended: dict[str, dict[str, str]] = field(default_factory=dict)
    partitions: dict[str, int] = field(default_factory=dict)

    def words(self) -> str:
        """The report for people."""
        lines = [f"{len(self.partitions)} topics, {len(self.created)} of them new"]
        lines += [
            f"  {name}: set " + ", ".join(f"{k}={v}" for k, v in what.items()) for name, what in self.mended.items()
        ]
        return "\n".join(lines)


@contextlib.contextmanager
def _answered(settings: Settings) -> Iterator[None]:
    """What is asked in the block is answered, or it is a `BrokerFault`: Kafka may go away between two questions."""
    try:
        yield
    except (KafkaException, TimeoutError) as fault:
        why = fault.args[0].str() if isinstance(fault, KafkaException) else "no answer in time"
        raise BrokerFault(f"Kafka on {settings.bootstrap} went away while its topics were looked at ({why})") from fault


def wait_for(settings: Settings, names: Sequence[str], patience: float = 300) -> None:
    """Return when all these topics are there, made by another hand; `BrokerFault` when they have not come in time.

    All that exist are asked for: where brokers allow it, a question by name makes a topic with their own settings.
    """
    admin = AdminClient(settings.kafka() | {"log_level": 0})
    until, said = time.monotonic() + patience, ""
    while True:
        try:
            missing = sorted(set(names) - set(admin.list_topics(timeout=5).topics))
            state = "missing, or not to be seen by this account: " + ", ".join(missing) if missing else ""
        except KafkaException as fault:
            state = f"no Kafka answers on {settings.bootstrap} ({fault.args[0].str()})"
        if not state:
            return
        if time.monotonic() > until:
            raise BrokerFault(f"{state}; `treatywatch topics` makes the topics")
        if state != said:
            log.warning("%s; waiting up to %.0f s", state, patience)
            said = state
        time.sleep(1)


def ensure(settings: Settings, wanted: tuple[Topic, ...] = TOPICS, patience: float = 30) -> Report:
    """Create what is missing, mend settings that differ; an existing partition count stays."""
    admin = AdminClient(settings.kafka() | {"log_level": 0})
    report = Report()
    until, waiting = time.monotonic() + patience, False
    while True:
        try:
            existing = admin.list_topics(timeout=5).topics
            break
        except KafkaException as fault:
            if not waiting:
                waiting = True
                log.warning("no Kafka answers on %s yet; waiting up to %.0f s", settings.bootstrap, patience)
            if time.monotonic() > until:
                raise BrokerFault(
                    f"no Kafka answers on {settings.bootstrap} ({fault.args[0].str()}); "
                    "start one with `treatywatch broker`, or set TREATYWATCH_BOOTSTRAP"
                ) from fault
    missing = [t for t in wanted if t.name not in existing]
    with _answered(settings):
        if missing:
            _create(admin, settings, missing, report)
        seen = admin.list_topics(timeout=10).topics
        # Also what another hand has made, of which the broker that was asked first had not heard yet.
        _mend(admin, settings, [t for t in wanted if t.name in seen and t.name not in report.created], report)
    report.partitions = {t.name: len(seen[t.name].partitions) for t in wanted if t.name in seen}
    return report


def make(settings: Settings, wanted: Sequence[Topic]) -> None:
    """Create what is missing and return when it can be seen; settings of what exists stay."""
    admin = AdminClient(settings.kafka() | {"log_level": 0})
    with _answered(settings):
        existing = admin.list_topics(timeout=30).topics
        missing = [topic for topic in wanted if topic.name not in existing]
        if missing:
            _create(admin, settings, missing, Report())


def check_state(settings: Settings) -> None:
    """Refuse state of another number of partitions than the topics have now: it would be read for the wrong keys."""
    with _answered(settings):
        known = AdminClient(settings.kafka() | {"log_level": 0}).list_topics(timeout=30).topics
    if MENTIONS.name not in known:
        return
    count = len(known[MENTIONS.name].partitions)
    for name, found in known.items():
        if name.startswith(f"{settings.app_id}-") and name.endswith("-changelog") and len(found.partitions) != count:
            raise SettingsFault(
                f"app_id: the state of {settings.app_id!r} has {len(found.partitions)} partitions, the topics have "
                f"{count}; start with another app_id, which replays the log (deploy/README.md, number of partitions)"
            )


def _config(topic: Topic, settings: Settings) -> dict[str, str]:
    return topic.config | {"min.insync.replicas": str(settings.min_insync)}


def _create(admin: AdminClient, settings: Settings, missing: list[Topic], report: Report) -> None:
    made = admin.create_topics(
        [
            NewTopic(
                t.name,
                num_partitions=settings.partitions if t.partitions == PARTITIONS else t.partitions,
                replication_factor=settings.replication,
                config=_config(t, settings),
            )
            for t in missing
        ]
    )
    for name, future in made.items():
        try:
            future.result(30)
        except KafkaException as fault:
            # Another process was first: that is what we wanted; its settings are looked at like any other's.
            if fault.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise BrokerFault(f"could not create {name}: {fault.args[0].str()}") from fault
        else:
            report.created.append(name)
    names = {t.name for t in missing}
    for _ in range(100):
        if names <= set(admin.list_topics(timeout=10).topics):
            return
        time.sleep(0.1)


def _shortened(found: ConfigEntry, wanted: str) -> bool:
    """Whether somebody set a shorter time on the topic itself: how long texts are kept is the operator's to shorten.

    A time that only comes from the broker is nobody's will: such a topic was made by accident.
    """
    # The library gives a number where its types promise the enumeration.
    set_here = ConfigSource(found.source) is ConfigSource.DYNAMIC_TOPIC_CONFIG
    if not set_here or found.value is None or found.value == "-1":
        return False
    return wanted == "-1" or int(found.value) < int(wanted)


def _mend(admin: AdminClient, settings: Settings, topics: list[Topic], report: Report) -> None:
    if not topics:
        return
    resources = {t.name: ConfigResource(ResourceType.TOPIC, t.name) for t in topics}
    found = admin.describe_configs(list(resources.values()))
    by_name = {resource.name: future.result(30) for resource, future in found.items()}
    changes = []
    for topic in topics:
        differs = {
            name: value
            for name, value in _config(topic, settings).items()
            if by_name[topic.name][name].value != value
            and not (name == "retention.ms" and _shortened(by_name[topic.name][name], value))
        }
        if differs:
            report.mended[topic.name] = differs
            entries = [
                ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in differs.items()
            ]
            changes.append(ConfigResource(ResourceType.TOPIC, topic.name, incremental_configs=entries))
    if changes:
        for resource, future in admin.incremental_alter_configs(changes).items():
            try:
                future.result(30)
            except KafkaException as fault:
                raise BrokerFault(f"could not set {resource.name}: {fault.args[0].str()}") from fault
