"""Rules, their cases, their runbooks and the code agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from streams.ops import meters
from streams.ops.pages import _SUFFIX

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
ALERTMANAGER = ROOT / "deploy" / "alertmanager"


def _rules(name: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules" / name).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = _rules("alerts.yml")
RECORDED = _rules("recording.yml")
NAMES = sorted({rule["alert"] for rule in ALERTS})


def series() -> set[str]:
    """Every series that the code tells, as Prometheus names it."""
    found: set[str] = set()
    for metric in vars(meters).values():
        if isinstance(metric, MetricWrapperBase):
            name = metric._name + _SUFFIX.get(type(metric), "")
            found |= {f"{name}_{s}" for s in ("bucket", "sum", "count")} if isinstance(metric, Histogram) else {name}
    return found


def named(expression: str) -> set[str]:
    """Series of ours that an expression names, recorded ones aside."""
    return {n for n in re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", expression) if n.startswith("treatywatch_")}


def recorded(expression: str) -> set[str]:
    """Recorded series that an expression names."""
    return {n for n in re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", expression) if ":" in n.strip(":")}


@pytest.mark.parametrize("rule", [*ALERTS, *RECORDED], ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_rests_on_series_that_exist(rule: dict[str, Any]) -> None:
    assert named(rule["expr"]) <= series()
    assert recorded(rule["expr"]) <= {one["record"] for one in RECORDED}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_keeps_the_conventions_of_mixins(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"Treatywatch([A-Z][a-z]+)+", rule["alert"])
    assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert "{{ $value" not in rule["annotations"]["summary"] or "humanize" in rule["annotations"]["summary"]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_the_runbook_of_an_alert_exists(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor == rule["alert"].lower()
    assert rule["alert"] in headings


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_has_cases_in_which_it_fires_is_quiet_and_has_nothing_to_go_by(name: str) -> None:
    fires, quiet, absent = False, False, False
    for path in sorted((PROMETHEUS / "tests").glob("*.yml")):
        for test in yaml.safe_load(path.read_text())["tests"]:
            given = " ".join(s["series"] for s in test.get("input_series", []))
            for case in test["alert_rule_test"]:
                if case["alertname"] == name:
                    fires |= bool(case["exp_alerts"])
                    absent |= "treatywatch_" not in given
                    quiet |= not case["exp_alerts"] and bool(given)
    # The watchdog is never quiet, that is its use.
    assert (fires, quiet or name == "TreatywatchWatchdog", absent) == (True, True, True)


def test_what_alerts_rest_on_is_missed_when_nobody_tells_it() -> None:
    (missing,) = (rule["expr"] for rule in ALERTS if rule["alert"] == "TreatywatchSeriesMissing")
    watched = set(re.findall(r"absent\((\w+)\)", missing))
    rested = set().union(*(named(rule["expr"]) for rule in ALERTS if rule["alert"] != "TreatywatchSeriesMissing"))
    # A sink's outcomes stand beside its overdue time; a source that never had news has no time of its last.
    assert rested - watched <= {"treatywatch_deliveries_total", "treatywatch_source_new_timestamp_seconds"}


def test_both_files_of_alertmanager_differ_in_their_receivers_alone() -> None:
    quiet, loud = (yaml.safe_load((ALERTMANAGER / f"{n}.yml").read_text()) for n in ("alertmanager", "notify"))
    assert [r["name"] for r in quiet.pop("receivers")] == [r["name"] for r in loud.pop("receivers")]
    assert quiet == loud


def test_what_is_inhibited_exists() -> None:
    config = yaml.safe_load((ALERTMANAGER / "alertmanager.yml").read_text())
    for rule in config["inhibit_rules"]:
        for matcher in [*rule["source_matchers"], *rule["target_matchers"]]:
            label, _, pattern = re.split(r"\s*(=~|=)\s*", matcher)
            if label == "alertname":
                stem, _, tails = pattern.strip('"').partition("(")
                for tail in tails.rstrip(")").split("|") if tails else [""]:
                    assert stem + tail in NAMES
