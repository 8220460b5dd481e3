"""Another number of partitions: the log written anew; a new application version replays it and decides the same.

State lives by partition and a key's partition follows from their number, so a topic cannot just be given more. Only
multiples of the old number are taken: then all keys of a new partition come from one old one, in their old order, with
the ticks and activations that stood between them, and a replay sees for each proposal exactly what was seen before.

Every step can be repeated: the log is kept in files, whole, before a topic is touched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.contracts.faults import BrokerFault
from streams.contracts.records import Activation
from streams.contracts.topics import (
    ACTIVATE,
    ARTICLES,
    CANARY,
    ITEMS,
    KIND,
    MAX_KEPT_RECORD,
    MENTIONS,
    TICK,
    Topic,
    partition_of,
)
from streams.contracts.wire import encode
from streams.settings import Settings, SettingsFault
from streams.transport import topics
from streams.transport.activate import in_force
from streams.transport.ends import spans
from streams.transport.whole import reader, through

MOVED: tuple[Topic, ...] = (ITEMS, ARTICLES, MENTIONS)
"""What rooms read. Nothing is decided by the partitions of the others."""

_LENGTH = 4
_UNFINISHED = "unfinished"


class Kept(NamedTuple):
    """A record as it stood in the log."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]

    @property
    def kind(self) -> str:
        """What its header says it is; empty for the topic's own."""
        return bytes(dict(self.headers).get(KIND) or b"").decode("utf-8", "replace")


def places(topic: str, record: Kept, old: int, new: int) -> list[int]:
    """New partitions of a record: one for what has a key, all descendants of its old one for what concerns them all."""
    descendants = list(range(record.partition, new, old))
    if record.kind == CANARY:
        return []  # it measured a way that is gone
    if record.kind in {TICK, ACTIVATE} or record.key is None:
        return descendants
    placed = partition_of(topic, record.key.decode("utf-8", "surrogateescape"), new)
    # A record that another hand put elsewhere keeps its company.
    return [placed if placed in descendants else record.partition]


def run(settings: Settings, new: int, folder: Path, say: Callable[[str], None]) -> None:
    """Give the topics that rooms read `new` partitions. Nothing else may write to them meanwhile."""
    unfinished = folder / _UNFINISHED
    admin = AdminClient(settings.kafka() | {"log_level": 0})
    try:
        old = _counts(admin)
        if unfinished.exists():
            old_number, before = msgspec.json.decode(unfinished.read_bytes(), type=tuple[int, int])
            if before != new:
                raise SettingsFault(f"{folder} holds a change to {before} partitions that was not finished; finish it")
        else:
            old_number = _one_number(old)
            if old_number == new:
                say(f"there are {new} partitions already; nothing was changed")
                return
            if new % old_number:
                raise SettingsFault(f"{new} is no multiple of the {old_number} partitions there are")
            _nobody_at_work(admin, settings)
            _save(settings, folder, say)
            unfinished.write_bytes(msgspec.json.encode((old_number, new)))
        _make_anew(admin, settings.but(partitions=new), [t for t in MOVED if t.name in old])
        for topic in MOVED:
            say(f"{topic.name}: {_write(settings, folder, topic.name, old_number, new)} records written")
        unfinished.unlink()
    except KafkaException as fault:
        raise BrokerFault(f"Kafka on {settings.bootstrap}: {fault.args[0].str()}") from fault
    say(f"{old_number} partitions are now {new}; the old log is kept in {folder}")


def _counts(admin: AdminClient) -> dict[str, int]:
    known = admin.list_topics(timeout=15).topics
    return {t.name: len(known[t.name].partitions) for t in MOVED if t.name in known}


def _one_number(counts: dict[str, int]) -> int:
    if len(counts) < len(MOVED) or len(set(counts.values())) != 1:
        raise SettingsFault(f"the topics' partitions are {counts}, which is not what `treatywatch topics` makes")
    return next(iter(counts.values()))


def _nobody_at_work(admin: AdminClient, settings: Settings) -> None:
    found = admin.describe_consumer_groups([settings.app_id])[settings.app_id]
    try:
        members = len(found.result(30).members)
    except KafkaException as fault:
        if fault.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
            raise
        return
    if members:
        raise SettingsFault(f"{members} worker(s) of {settings.app_id} are at work; stop workers and connectors first")


def _save(settings: Settings, folder: Path, say: Callable[[str], None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ends = {}
    for topic in MOVED:
        with (folder / f"{topic.name}.part").open("wb") as file:
            count, ends[topic.name] = _copy(settings, topic.name, file)
            file.flush()
            os.fsync(file.fileno())
        say(f"{topic.name}: {count} records kept in {folder}")
    again = {topic.name: _ends(settings, topic.name) for topic in MOVED}
    if again != ends:
        raise SettingsFault("something still writes to the topics; stop connectors and workers first")
    for topic in MOVED:
        (folder / f"{topic.name}.part").rename(folder / f"{topic.name}.kept")


def _ends(settings: Settings, topic: str) -> dict[int, int]:
    consumer = reader(settings, "treatywatch-bundles")
    try:
        return {p: high for p, (_, high) in spans(consumer, topic).items()}
    finally:
        consumer.close()


def _copy(settings: Settings, topic: str, file: IO[bytes]) -> tuple[int, dict[int, int]]:
    """Append all that a topic holds, partition by partition; how many, and the ends."""
    consumer, count, ends = reader(settings, "treatywatch-bundles"), 0, {}
    try:
        for partition, (at, ends[partition]) in spans(consumer, topic).items():
            for message in through(settings, consumer, TopicPartition(topic, partition, at), ends[partition]):
                found = Kept(partition, message.key(), message.value(), list(message.headers() or ()))  # type: ignore[arg-type]  # the stubs allow text
                packed = msgspec.msgpack.encode(found)
                file.write(len(packed).to_bytes(_LENGTH, "big") + packed)
                count += 1
    finally:
        consumer.close()
    return count, ends


def kept(file: Path) -> Iterator[Kept]:
    """The records of a kept file, in order."""
    with file.open("rb") as source:
        while head := source.read(_LENGTH):
            yield msgspec.msgpack.decode(source.read(int.from_bytes(head, "big")), type=Kept)


def _make_anew(admin: AdminClient, settings: Settings, there: list[Topic]) -> None:
    if there:
        for future in admin.delete_topics([t.name for t in there], operation_timeout=30).values():
            future.result(60)
    until = time.monotonic() + 60
    while _counts(admin) and time.monotonic() < until:
        time.sleep(0.2)
    wanted = {topic.name: settings.partitions for topic in MOVED}
    while _counts(admin) != wanted:
        # A deletion that is still under way refuses the name for a moment.
        topics.ensure(settings, MOVED)
        if time.monotonic() > until:
            raise BrokerFault(f"Kafka did not make the topics anew: {_counts(admin)}")
        time.sleep(0.2)


def _write(settings: Settings, folder: Path, topic: str, old: int, new: int) -> int:
    producer = Producer(
        settings.kafka()
        | {"acks": "all", "enable.idempotence": True, "message.max.bytes": MAX_KEPT_RECORD, "log_level": 0}
    )
    faults: list[KafkaError] = []
    current, count = in_force(settings), 0

    def send(key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]], partition: int) -> None:
        nonlocal count
        while True:
            try:
                producer.produce(
                    topic, value, key, partition=partition, headers=headers,  # type: ignore[arg-type]  # the stubs know no empty header
                    on_delivery=lambda error, _message: faults.append(error) if error else None,
                )  # fmt: skip
            except BufferError:
                producer.poll(0.5)
            else:
                break
        producer.poll(0)
        count += 1

    # Retention may have taken a partition's first activation away; a replay needs one ahead of everything.
    opened: set[int] = set()
    for record in kept(folder / f"{topic}.kept"):
        for partition in places(topic, record, old, new):
            if topic != ITEMS.name and partition not in opened and record.kind != ACTIVATE and current is not None:
                send(ACTIVATE.encode(), encode(_first(folder, topic, record.partition) or current),
                     [(KIND, ACTIVATE.encode())], partition)  # fmt: skip
            opened.add(partition)
            send(record.key, record.value, record.headers, partition)
    left = producer.flush(120)
    if left or faults:
        raise BrokerFault(f"{topic}: {faults[0].str() if faults else f'{left} records were not taken'}; do it again")
    return count


def _first(folder: Path, topic: str, partition: int) -> Activation | None:
    """The first activation that is still kept of an old partition."""
    for record in kept(folder / f"{topic}.kept"):
        if record.partition == partition and record.kind == ACTIVATE and record.value is not None:
            return msgspec.json.decode(record.value, type=Activation)
    return None
