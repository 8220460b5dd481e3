"""The embedded broker keeps what it acknowledged, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from streams.contracts.topics import Topic
from streams.settings import Settings, SettingsFault, load
from streams.transport import topics
from streams.transport.broker import STAMP, Broker, FolderLock, Held, check_folder, free_port
from streams.transport.jars import VERSION

HOLDER = """
import sys, time
from pathlib import Path
from streams.settings import load
from streams.transport.broker import Broker, FolderLock
settings = load().but(data=Path(sys.argv[1]))
lock = FolderLock(settings.data)
broker = Broker(settings, lambda text: None)
broker.start(port=0)
lock.say("the test's holder")
print(broker.pid, flush=True)
time.sleep(600)
"""


def gone(pid: int, patience: float = 60) -> bool:
    """Whether the process ended; one that only waits to be reaped has ended."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Broker, Settings]]:
    """A broker that the test may kill; not started."""
    settings = load().but(data=tmp_path / "data of a user")
    broker = Broker(settings)
    try:
        yield broker, settings
    finally:
        broker.stop()


def test_a_second_holder_is_told_who_has_the_folder(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.say("process 4711, Kafka on 127.0.0.1:9092")
    with pytest.raises(Held, match=r"process 4711, Kafka on 127\.0\.0\.1:9092"):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_a_folder_that_cannot_be_made_is_the_operator_s_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsFault, match="--data"):
        FolderLock(tmp_path / "file" / "below")


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        # None of those that outgoing connections get: nobody takes it when it is free again.
        port = free_port(0)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert free_port(port) != port
    assert free_port(port) == port


@pytest.mark.parametrize(("stamp", "said"), [("3.9.0", "3.9.0"), (None, "unknown version")])
def test_data_of_another_kafka_is_refused_and_not_touched(tmp_path: Path, stamp: str | None, said: str) -> None:
    settings = load().but(data=tmp_path)
    log = tmp_path / "kafka" / "log"
    log.mkdir(parents=True)
    (log / "meta.properties").write_text("version=1\ncluster.id=foreign\n")
    if stamp:
        (tmp_path / "kafka" / STAMP).write_text(stamp)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(SettingsFault, match=said):
        Broker(settings).start()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_our_own_data_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    check_folder(tmp_path)
    (tmp_path / "log" / "meta.properties").write_text("version=1\n")
    (tmp_path / STAMP).write_text(VERSION)
    check_folder(tmp_path)


@pytest.mark.system
def test_what_was_acknowledged_outlives_a_power_cut(own: tuple[Broker, Settings]) -> None:
    broker, settings = own
    address = broker.start(port=0)
    topics.ensure(settings.but(bootstrap=address), (Topic("kept", partitions=1),))
    producer = Producer({"bootstrap.servers": address, "acks": "all", "log_level": 0})
    faults: list[object] = []
    for n in range(500):
        producer.produce("kept", b"%d" % n, on_delivery=lambda e, _: faults.append(e) if e else None)
    assert producer.flush(120) == 0
    assert faults == []
    broker.kill()
    said: list[str] = []
    broker.say = said.append
    assert broker.start() == address
    assert said == [], "the port that it had is free"
    consumer = Consumer({"bootstrap.servers": address, "group.id": "t", "log_level": 0})
    consumer.assign([TopicPartition("kept", 0, 0)])
    found: list[bytes] = []
    until = time.monotonic() + 120
    while len(found) < 500 and time.monotonic() < until:
        found += [bytes(m.value() or b"") for m in consumer.consume(500, 1) if not m.error()]
    consumer.close()
    assert found == [b"%d" % n for n in range(500)]
    broker.stop(patience=120)
    assert "shut down" in (broker.folder / "broker.log").read_text()


@pytest.mark.system
def test_a_killed_parent_leaves_no_broker_and_the_next_start_takes_over(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        java = int(holder.stdout.readline())
        with pytest.raises(Held, match="the test's holder"):
            FolderLock(tmp_path)
        os.kill(holder.pid, signal.SIGKILL)
        assert gone(java)
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    lock = FolderLock(tmp_path)
    after = Broker(load().but(data=tmp_path))
    try:
        after.start(port=0)
        assert after.alive()
    finally:
        after.stop()
        lock.release()
