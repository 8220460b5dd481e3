"""A stack of containers under test: its own project, ports and settings; nothing of it is left behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import secrets
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka import KafkaException

from streams.contracts.faults import WorldFault
from streams.settings import Settings, load

ROOT = Path(__file__).parents[2]
T = TypeVar("T")

SOURCES = """<opml version="2.0" xmlns:tw="urn:treatywatch"><body>
<outline type="rss" text="Wire" xmlUrl="http://world:8000/rss"/>
<outline type="rss" text="Desk" xmlUrl="http://world:8000/atom"/>
<outline type="rss" text="Paper" xmlUrl="http://world:8000/json"/>
</body></opml>"""

SINKS = """sinks:
  desk:
    kind: webhook
    url: http://world:8000/desk
    secrets: [{file: desk-key}]
    from: beginning
    filter: {historical: "yes"}
  archive:
    kind: file
    path: /data/alerts.jsonl
    from: beginning
    filter: {historical: "yes"}
"""


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """A port for each name, no two the same.

    Below those that the system gives to connections: such a one would be taken by any client, before its container
    starts or while it is away (Kafka's own clients, which ask again and again, would even reach themselves on it).
    """
    found: dict[str, int] = {}
    with contextlib.ExitStack() as held:
        for name in names:
            while name not in found:
                port = random.randrange(20_000, 30_000)
                with contextlib.suppress(OSError):
                    probe = held.enter_context(socket.socket())
                    probe.bind(("127.0.0.1", port))
                    found[name] = port
    return found


PASSES = (
    OSError, AssertionError, KeyError, ValueError, http.client.HTTPException, subprocess.SubprocessError,
    KafkaException, WorldFault,
)  # fmt: skip
"""What is raised for something that is not there yet, or does not answer yet."""


def eventually(what: str, ask: Callable[[], T | None], patience: float = 120) -> T:
    """The first answer that is not empty; says what was waited for when none comes."""
    until, last = time.monotonic() + patience, None
    while time.monotonic() < until:
        try:
            found = ask()
        except PASSES as fault:
            found, last = None, fault
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"not within {patience:.0f} s: {what}; last fault: {last!r}")


class Stack:
    """`docker compose` over some files, with ports and settings of its own."""

    def __init__(self, folder: Path, project: str, *overlays: str) -> None:
        self.project, self.folder = project, folder
        self.ports = free_ports(("WEB", "KAFKA", "PROMETHEUS", "ALERTMANAGER", "GRAFANA"))
        config, hidden = folder / "config", folder / "secrets"
        for place in (config, hidden):
            place.mkdir(parents=True)
        (config / "sources.opml").write_text(SOURCES)
        (config / "sinks.yaml").write_text(SINKS)
        (config / "desk-key").write_text("whsec_" + "dHJlYXR5d2F0Y2gtY29tcG9zZS10ZXN0LWtleQ==")
        for name in ("pager", "tickets", "watchdog"):
            (hidden / f"notify_{name}").write_text(f"http://world:8000/{name}")
        (hidden / "grafana_admin").write_text(secrets.token_hex(16))
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TW_", "TREATYWATCH_", "COMPOSE_"))},
            **{f"TW_{name}_PORT": str(port) for name, port in self.ports.items()},
            "TW_CONFIG": str(config), "TW_SECRETS": str(hidden), "TW_SOURCES": "/etc/treatywatch/sources.opml",
            "TW_ALLOW": "world:8000", "TW_DELIVER_ALLOW": "world:8000", "TW_POLL_INTERVAL": "5",
            "TW_CANARY_INTERVAL": "10", "COMPOSE_PROJECT_NAME": project,
        }  # fmt: skip
        self.files = ["docker-compose.yml", *overlays]

    def compose(self, *words: str, check: bool = True, timeout: float = 240, given: str | None = None) -> str:
        """What `docker compose WORDS` says, `given` that on its standard input; its errors are shown when it fails."""
        files = [word for file in self.files for word in ("-f", file)]
        done = subprocess.run(
            ["docker", "compose", "--ansi", "never", "--progress", "quiet", *files, *words],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=timeout, check=False, input=given,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{' '.join(words)}: {done.stderr[-3000:]}\n{self.state()}"
        return done.stdout if check else done.stdout + done.stderr

    def script(self, *words: str, fails: str = "") -> None:
        """Run a script of deploy/ on this stack; with `fails`, it must refuse and say that."""
        done = subprocess.run(
            words, cwd=ROOT, env=self.environ | {"COMPOSE_FILE": ":".join(self.files), "COMPOSE_PROGRESS": "quiet"},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == bool(fails), f"{words}: {done.returncode}: {said[-3000:]}"
        assert fails in said

    def state(self) -> str:
        """Who runs, and the last lines of who does not."""
        names = docker(
            "ps", "-a", "--filter", f"label=com.docker.compose.project={self.project}", "--format", "{{.Names}}"
        )
        rows = [(name, inspect(name)["State"]) for name in names.split()]
        ill = [name for name, s in rows if s["ExitCode"] or s.get("Health", {}).get("Status") not in (None, "healthy")]
        logs = "".join(f"\n--- {name}\n" + docker("logs", "--tail", "15", name, both=True) for name in ill)
        return "\n".join(f"{name}: {s['Status']} {s['ExitCode']}" for name, s in rows) + logs

    def up(self, *words: str) -> None:
        """Start it and wait until all of it is healthy."""
        self.compose("up", "-d", "--wait", "--wait-timeout", "180", *words)

    def down(self) -> None:
        """Leave nothing behind: containers, networks, volumes."""
        self.compose("--profile", "grafana", "down", "-v", "--remove-orphans", "-t", "5", check=False)

    def containers(self, service: str) -> list[str]:
        """Ids of the running containers of a service."""
        return self.compose("ps", "-q", service).split()

    def python(self, service: str, code: str) -> str:
        """What a program says that is run in a container of ours."""
        return self.compose("exec", "-T", service, "python", "-c", code)

    def get(self, port: str, path: str) -> Any:
        """JSON from one of the published ports."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}", timeout=20) as answer:
            return json.load(answer)

    def post(self, port: str, path: str, given: Any) -> None:
        """JSON to one of the published ports."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[port]}{path}",
            json.dumps(given).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(asked, timeout=20).close()

    def received(self, path: str) -> list[dict[str, Any]]:
        """What was posted to the world at `path`."""
        said = self.python(
            "world",
            "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8000/received').read().decode())",
        )
        return [one for one in json.loads(said) if one["path"] == path]

    def settings(self, **over: str) -> Settings:
        """Settings of a reader on this machine."""
        bootstrap = f"127.0.0.1:{self.ports['KAFKA']}"
        return load({"TREATYWATCH_BOOTSTRAP": bootstrap, "TREATYWATCH_DATA": str(self.folder / "data"), **over})


def docker(*words: str, both: bool = False) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout + (done.stderr if both else "")


def inspect(container: str) -> dict[str, Any]:
    (found,) = json.loads(docker("inspect", container))
    return dict(found)
