"""The deployment's files agree with each other and with the code, without an engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.settings import BY_NAME, PREFIX

ROOT = Path(__file__).parents[2]
COMPOSE = [ROOT / "docker-compose.yml", *sorted((ROOT / "deploy").glob("compose.*.yml"))]
STACK: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
VARIABLE = re.compile(r"\$\{(TW_[A-Z_]+)(?::-([^}]*))?\}")


def _variables() -> dict[str, set[str]]:
    """Every variable of the compose files, with the defaults it has there."""
    found: dict[str, set[str]] = {}
    for path in COMPOSE:
        for name, default in VARIABLE.findall(path.read_text()):
            found.setdefault(name, set()).add(default)
    return found


def _example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value.strip('"') for name, _, value in pairs}


def test_every_variable_is_in_the_example_with_its_default_and_nothing_else() -> None:
    assert {name: {default} for name, default in _example().items()} == _variables()


def test_every_variable_of_the_example_is_explained() -> None:
    explained = False
    for line in (ROOT / ".env.example").read_text().splitlines():
        if not line or line.startswith("# ---"):
            explained = False
        elif line.startswith("#"):
            explained = True
        else:
            assert explained, f"nothing is said about {line}"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_hardened_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert service["restart"] == ("no" if name == "topics" else "unless-stopped")
    assert "container_name" not in service
    assert not service.get("privileged")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"topics"}))
def test_a_service_that_stays_is_asked_for_its_health_and_given_time_to_stop(name: str) -> None:
    service = SERVICES[name]
    test = service["healthcheck"]["test"]
    assert "java" not in " ".join(test)
    assert not any(".sh" in word for word in test)
    assert service["stop_grace_period"]
    assert all(set(how) == {"condition"} for how in service.get("depends_on", {}).values())


def test_only_who_fetches_and_who_delivers_is_on_the_network_that_leads_out() -> None:
    networks = STACK["networks"]
    closed = {name for name, how in networks.items() if how.get("internal")}
    untranslated = {name for name, how in networks.items() if "driver_opts" in how} - closed
    assert closed == {"stream", "watch"}
    for name in closed:
        assert networks[name]["driver_opts"] == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    assert networks["front"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    out = {name for name, service in SERVICES.items() if set(service["networks"]) - closed - untranslated}
    assert out <= {"connect", "deliver"}
    for name, service in SERVICES.items():
        if "front" in service["networks"]:
            assert service["dns"] == ["127.0.0.1"], f"{name} could ask for names of the internet"


def test_ports_are_on_an_address_that_is_loopback_unless_told() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("${TW_BIND:-127.0.0.1}:${TW_") for port in ports)


def test_images_are_pinned() -> None:
    for name, service in SERVICES.items():
        (default,) = {default for _, default in VARIABLE.findall(service["image"])}
        _, _, tag = default.rpartition(":")
        assert re.search(r"\d+\.\d+", tag), f"{name}: {default}"


def test_the_parts_get_only_settings_that_exist() -> None:
    for name, service in SERVICES.items():
        for variable in service.get("environment", {}):
            if variable.startswith(PREFIX):
                option = variable.removeprefix(PREFIX).lower().removesuffix("_file")
                assert option in BY_NAME, f"{name}: {variable}"


def test_the_image_is_made_from_the_lock_file_and_runs_as_nobody_in_particular() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "# syntax" not in text
    assert text.count("--require-hashes") == text.count("--only-binary :all:") == 2
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", text, re.MULTILINE)
    last = text.rpartition("\nFROM ")[2]
    assert not re.search(r"apt-get|gcc|build-essential|pip", last)


def test_a_service_that_an_overlay_adds_is_hardened_too() -> None:
    added = 0
    for path in COMPOSE[1:]:
        text = re.sub(r"!(override|reset)", "", path.read_text())
        for name, service in yaml.safe_load(text)["services"].items():
            if name in SERVICES:
                continue
            added += 1
            assert service["read_only"], f"{path.name}: {name}"
            assert service["cap_drop"] == ["ALL"], f"{path.name}: {name}"
            assert service["security_opt"] == ["no-new-privileges:true"], f"{path.name}: {name}"
            assert service["mem_limit"], f"{path.name}: {name}"
            assert service["pids_limit"], f"{path.name}: {name}"
    assert added
