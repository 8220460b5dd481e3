"""`treatywatch up` as a user starts, stops, kills and starts it again."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.ingest import publish
from streams.contracts.records import Activation
from streams.contracts.topics import ACTIVATE, ALERTS, ITEMS, MENTIONS
from streams.contracts.wire import decode
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.system.running import alerts_folded, everything, mentions_folded

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


class Up:
    """A running `treatywatch up`, offline, and what it has said so far."""

    def __init__(self, data: Path) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "treatywatch", "up", "--offline", "--data", str(data), "--web-port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def said(self, pattern: str, patience: float = 300) -> re.Match[str]:
        """Wait until a line holds `pattern`."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for line in list(self.lines):
                found = re.search(pattern, line)
                if found:
                    return found
            assert self.process.poll() is None, "".join(self.lines)
            time.sleep(0.05)
        raise AssertionError(f"{pattern} was not said:\n" + "".join(self.lines))

    @property
    def bootstrap(self) -> str:
        return self.said(r"Kafka \(embedded\)\s+(\S+)").group(1)

    def part(self, name: str) -> int:
        """The process id of a part."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        wanted = name.encode()
        (found,) = [int(pid) for pid in children if wanted in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
        return found

    def port(self, part: str) -> str:
        """Where a part tells its metrics, as was said last: one whose port was taken meanwhile starts on another."""
        self.said(rf"metrics of {part}\s+http")
        told = re.findall(rf"metrics of {part}(?:\s+http://127\.0\.0\.1:| is on )(\d+)", "".join(self.lines))
        return str(told[-1])

    def end(self, number: int) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended; the exit code."""
        code = self.process.wait(300)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@contextmanager
def up(data: Path) -> Iterator[Up]:
    running = Up(data)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGKILL)


def left_behind(data: Path) -> list[str]:
    """Command lines of processes that work on this data folder."""
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            environ, line = (proc / "environ").read_bytes(), (proc / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if int(proc.name) != os.getpid() and str(data).encode() in environ + line:
            found.append(line.decode(errors="replace"))
    return found


def soon(true: Callable[[], bool], patience: float = 120) -> bool:
    until = time.monotonic() + patience
    while not true() and time.monotonic() < until:
        time.sleep(0.1)
    return true()


def is_well(part: str, port: str) -> bool:
    command = [sys.executable, "-m", "treatywatch", "health", part, "--port", port]
    return subprocess.run(command, check=False).returncode == 0


def archive(n: int) -> list[bytes]:
    says = (
        "NATO rejected Russia's draft {}.",
        "NATO and Russia signed the {}.",
        "Russia withdrew from the {}, NATO said.",
    )
    names = ("European Security Treaty", "INF treaty", "CFE treaty", "Open Skies treaty")
    return [
        json.dumps({"id": f"u{i}", "url": f"https://news.example/{i}", "lang": "en",
                    "text": says[i % 3].format(names[i % 4]) + f" Report number {i}."}).encode()
        for i in range(n)
    ]  # fmt: skip


def test_the_seed_s_alert_appears_parts_are_well_and_a_stop_under_load_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.mktemp("up")
    settings: Settings = load().but(data=data)
    with up(data) as first:
        first.said(r"European Security Treaty\)")
        settings = settings.but(bootstrap=first.bootstrap)
        for part in ("connect", "worker", "web"):
            assert soon(lambda asked=part: is_well(asked, first.port(asked))), part  # type: ignore[misc]  # bound here
        refused = subprocess.run(
            [sys.executable, "-m", "treatywatch", "up", "--offline", "--data", str(data)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert refused.returncode == 2
        assert f"held by process {first.process.pid}" in refused.stderr
        ends = publish(archive(3000), settings, io.StringIO()).offsets
        page, worker = first.part("web"), first.part("worker")
        os.kill(page, signal.SIGSTOP)
        os.kill(worker, signal.SIGSTOP)
        first.process.send_signal(signal.SIGINT)
        first.said("treatywatch: stopping")
        # At once: a worker that is away for six seconds is no member any more, and may commit nothing.
        os.kill(worker, signal.SIGCONT)
        first.said("waiting for .*web")
        os.kill(page, signal.SIGCONT)
        assert first.ended() == 0
        assert not [line for line in first.lines if "by force" in line]
    assert soon(lambda: not left_behind(data)), left_behind(data)

    with up(data) as second:
        settings = settings.but(bootstrap=second.bootstrap)
        wait_through(settings, ends, io.StringIO())
        items, log = everything(settings, ITEMS.name), everything(settings, MENTIONS.name)
        said = everything(settings, ALERTS.name)
        assert second.end(signal.SIGTERM) == 0

    activation = decode(Activation, next(r.value for r in log if r.kind == ACTIVATE))
    assert {out.value for out in mentions_folded(items, activation.knowledge)} == {r.value for r in log if not r.kind}
    repeated = [k for k, n in Counter(json.loads(r.value)["id"] for r in said).items() if n > 1]
    assert not repeated, "a clean stop repeats no id"
    assert {json.loads(r.value)["id"]: r.value for r in said} == alerts_folded(log)


def test_a_killed_up_leaves_no_process_and_the_next_start_carries_on(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("killed")
    with up(data) as first:
        first.said(r"European Security Treaty\)")
        first.end(signal.SIGKILL)
    assert soon(lambda: not left_behind(data)), left_behind(data)

    with up(data) as second:
        ends = publish(archive(3), load().but(bootstrap=second.bootstrap), io.StringIO()).offsets
        wait_through(load().but(bootstrap=second.bootstrap), ends, io.StringIO())
        said = [json.loads(r.value)["id"] for r in everything(load().but(bootstrap=second.bootstrap), ALERTS.name)]
        assert second.end(signal.SIGINT) == 0
    assert len(said) >= 2


def test_a_second_ctrl_c_ends_a_part_that_hangs_and_one_at_the_start_is_heeded(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.mktemp("twice")
    with up(data) as first:
        first.said("treatywatch: starting")
        assert first.end(signal.SIGINT) == 0
        assert not [line for line in first.lines if "Alerts appear below" in line]
    assert soon(lambda: not left_behind(data)), left_behind(data)

    with up(data) as second:
        second.said(r"European Security Treaty\)")
        os.kill(second.part("worker"), signal.SIGSTOP)
        second.process.send_signal(signal.SIGINT)
        second.said("waiting for .*worker")  # and perhaps for one more, on a busy machine
        assert second.end(signal.SIGINT) == 0
        assert [line for line in second.lines if re.search(r"worker\b.* ended by force", line)]
    assert soon(lambda: not left_behind(data)), left_behind(data)


def test_a_worker_by_faust_s_own_command_does_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = load().but(data=tmp_path_factory.mktemp("faust"))
    broker = Broker(settings)
    try:
        bootstrap = broker.start(port=0)
        environ = os.environ | {"TREATYWATCH_BOOTSTRAP": bootstrap, "TREATYWATCH_DATA": str(settings.data)}
        with (settings.data / "faust.log").open("wb") as log:
            worker = subprocess.Popen(
                [str(Path(sys.executable).parent / "faust"), "-A", "streams.worker", "worker", "--without-web"],
                env=environ, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            topics.wait_for(settings.but(bootstrap=bootstrap), [ITEMS.name])  # which it makes itself
            ends = publish(archive(5), settings.but(bootstrap=bootstrap), io.StringIO()).offsets
            wait_through(settings.but(bootstrap=bootstrap), ends, io.StringIO())
            said = everything(settings.but(bootstrap=bootstrap), ALERTS.name)
        finally:
            worker.terminate()
            worker.wait(300)
    finally:
        broker.stop()
    assert said
