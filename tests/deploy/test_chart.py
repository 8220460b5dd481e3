"""The chart's files are copies of what they are copied from, and name what exists. Rendering it: tests/chart."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.helm.values_table import CHART, described, page
from streams.settings import BY_NAME, PREFIX
from tests.deploy.stack import ROOT
from tests.deploy.test_files import SERVICES
from tests.deploy.test_rules import RECORDED, named, recorded, series

TEXT = (CHART / "values.yaml").read_text()
VALUES: dict[str, Any] = yaml.safe_load(TEXT)
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
TEMPLATES = {path.name: path.read_text() for path in (CHART / "templates").iterdir()}
COPIES = {
    "files/rules": ROOT / "deploy" / "prometheus" / "rules",
    "files/dashboards": ROOT / "deploy" / "grafana" / "dashboards",
}


@pytest.mark.parametrize("folder", COPIES)
def test_rules_and_dashboards_are_those_of_docker_compose(folder: str) -> None:
    ours = {path.name: path.read_bytes() for path in (CHART / folder).iterdir()}
    assert ours == {path.name: path.read_bytes() for path in COPIES[folder].iterdir()}, "run `make docs`"


def test_the_sinks_as_delivered_are_those_of_docker_compose() -> None:
    ours = (CHART / "files" / "sinks.yaml").read_bytes()
    assert ours == (ROOT / "deploy" / "config" / "sinks.yaml").read_bytes(), "run `make docs`"


def test_the_chart_is_of_the_projects_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (version, version)
    assert f"treatywatch:{version}" in SERVICES["worker"]["image"]
    stale = [found for name, text in TEMPLATES.items() for found in re.findall(r"treatywatch:(\d[\w.]*)", text + TEXT)]
    assert set(stale) == {version}


def test_the_readme_has_the_table_of_the_values() -> None:
    readme = (CHART / "README.md").read_text()
    assert readme == page(readme, TEXT), "run `make docs`"


def _unexplained(values: dict[str, Any], explained: set[str], before: str = "") -> Iterator[str]:
    for name, value in values.items():
        path = f"{before}{name}"
        if path in explained:
            continue
        if isinstance(value, dict) and value:
            yield from _unexplained(value, explained, f"{path}.")
        else:
            yield path


def test_every_value_is_explained() -> None:
    assert list(_unexplained(VALUES, {path for path, _, _ in described(TEXT)})) == []


def test_the_values_as_delivered_keep_to_the_schema_and_are_all_in_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)
    assert set(SCHEMA["properties"]) - {"global"} == set(VALUES)


def _own() -> set[str]:
    """Settings that the templates give by themselves."""
    text = "\n".join(TEMPLATES.values())
    return {
        *re.findall(r'set \$own "(\w+)"', text),
        *re.findall(r"^([a-z_]+): (?:\{\{|/etc/treatywatch)", TEMPLATES["_settings.tpl"], re.MULTILINE),
    }


def test_the_templates_name_settings_that_exist() -> None:
    own = {name.removesuffix("_file") for name in _own()}
    assert {"bootstrap", "web_token", "sasl_password", "seeds", "sinks", "rules"} <= own
    assert own <= set(BY_NAME)
    for text in (*TEMPLATES.values(), TEXT):
        for name in re.findall(rf"{PREFIX}([A-Z_]+)\b", text):
            assert name.lower().removesuffix("_file") in BY_NAME, name


def test_the_settings_that_a_user_may_give_are_all_but_those_that_values_stand_for() -> None:
    free = set(SCHEMA["$defs"]["settings"]["propertyNames"]["enum"])
    assert free <= set(BY_NAME)
    assert free & {name.removesuffix("_file") for name in _own()} <= {"canary_interval", "web_url"}
    image = {"data", "cache", "metrics_host", "metrics_port", "log_file"}
    # The chart opens no port to push to, and the folders that an administrator could save to are its own values.
    not_here = {"push_host", "push_port", "push_token", "websub_callback", "web_admin_token"}
    assert set(BY_NAME) - free - {name.removesuffix("_file") for name in _own()} == image | not_here


@pytest.mark.parametrize("part", ["connect", "worker", "web", "deliver"])
def test_a_part_has_no_less_memory_and_time_to_stop_than_under_docker_compose(part: str) -> None:
    memory = re.sub(r"\$\{\w+:-(.*)\}", r"\1", SERVICES[part]["mem_limit"])
    assert VALUES[part]["resources"]["limits"]["memory"].lower() == f"{memory}i"
    (grace,) = re.findall(r"terminationGracePeriodSeconds: (\d+)", TEMPLATES[f"{part}.yaml"])
    assert int(grace) >= int(SERVICES[part]["stop_grace_period"].removesuffix("s"))


def test_workers_are_scaled_by_series_that_exist() -> None:
    adapter = yaml.safe_load((ROOT / "deploy" / "helm" / "prometheus-adapter.yaml").read_text())
    (rule,) = adapter["rules"]["external"]
    (query,) = re.findall(r"query: (.*)", TEMPLATES["autoscaling.yaml"])
    for expression in (rule["seriesQuery"], rule["metricsQuery"], query):
        assert named(expression) <= series()
        assert recorded(expression)
        assert recorded(expression) <= {one["record"] for one in RECORDED}
    assert f"name: {rule['name']['as']}" in TEMPLATES["autoscaling.yaml"]


def test_helm_and_its_unit_tests_are_pinned() -> None:
    tools = Path(ROOT / "deploy" / "helm" / "tools")
    pins = (tools / "go.mod").read_text()
    for name in ("helm.sh/helm/v3", "github.com/helm-unittest/helm-unittest"):
        (version,) = re.findall(rf"^\t{re.escape(name)} (v\S+)", pins, re.MULTILINE)
        assert f"{name} {version} h1:" in (tools / "go.sum").read_text()


def test_the_example_of_a_kafka_is_set_up_as_that_of_docker_compose() -> None:
    _, kafka = yaml.safe_load_all((ROOT / "deploy" / "helm" / "kafka-strimzi.yaml").read_text())
    given = {
        f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in kafka["spec"]["kafka"]["config"].items()
    }
    compose = SERVICES["kafka"]["environment"]
    shared = [name for name in given if name in compose and "REPLICATION_FACTOR" not in name and "_ISR" not in name]
    assert {"KAFKA_AUTO_CREATE_TOPICS_ENABLE", "KAFKA_MESSAGE_MAX_BYTES", "KAFKA_OFFSETS_RETENTION_MINUTES"} <= set(
        shared
    )
    for name in shared:
        assert str(given[name]).lower() == compose[name].lower(), name
