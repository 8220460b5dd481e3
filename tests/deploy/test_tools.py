"""The deployment's files as the tools read them that will: Compose, promtool, amtool. Run by deploy/check."""

from __future__ import annotations

import subprocess

import pytest

from tests.deploy.stack import ROOT, Stack
from tests.deploy.test_files import SERVICES, VARIABLE

pytestmark = [pytest.mark.system, pytest.mark.stack, pytest.mark.timeout(300)]


def _image(service: str) -> str:
    (default,) = {default for _, default in VARIABLE.findall(SERVICES[service]["image"])}
    return str(default)


def _tool(service: str, folder: str, command: str) -> str:
    """What a tool of an image says about a folder of ours, mounted at /c; it must not fail."""
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", "-v", f"{ROOT / folder}:/c:ro", "--entrypoint", "sh",
         _image(service), "-ec", command],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("overlay", [[], *[[str(p)] for p in sorted((ROOT / "deploy").glob("compose.*.yml"))]], ids=str)
def test_compose_accepts_the_files(overlay: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    stack = Stack(tmp_path_factory.mktemp("files"), "treatywatch-files", *overlay)
    stack.compose("config", "-q")
    stack.compose("--profile", "grafana", "config", "-q")


def test_prometheus_accepts_its_configuration_and_its_rules_without_a_finding() -> None:
    _tool("prometheus", "deploy/prometheus", "promtool check config --lint=all --lint-fatal /c/prometheus.yml")
    _tool("prometheus", "deploy/prometheus", "promtool check rules --lint=all --lint-fatal /c/rules/*.yml")


def test_every_alert_fires_and_is_quiet_as_its_cases_say() -> None:
    _tool("prometheus", "deploy/prometheus", "promtool test rules /c/tests/*.yml")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=TreatywatchWatchdog severity=none", "watchdog"),
        ("alertname=TreatywatchBrokerDown severity=critical", "pager"),
        ("alertname=TreatywatchDeadLetters severity=warning room=tag", "tickets"),
        ("alertname=TreatywatchSourceSilent severity=info", "nobody"),
        ("alertname=SomethingElse", "tickets"),
    ],
)
def test_an_alert_goes_to_the_receiver_it_is_meant_for(labels: str, receiver: str) -> None:
    for file in ("alertmanager", "notify"):
        _tool("alertmanager", "deploy/alertmanager", f"amtool check-config /c/{file}.yml")
        _tool(
            "alertmanager",
            "deploy/alertmanager",
            f"amtool config routes test --config.file=/c/{file}.yml --verify.receivers={receiver} {labels}",
        )
