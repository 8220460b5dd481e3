"""Dashboards are the code's, show what exists, and have what a reader needs to read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from deploy.grafana.boards import BOARDS, SOURCE, written
from tests.deploy.stack import ROOT
from tests.deploy.test_rules import ALERTS, RECORDED, named, recorded, series

GRAFANA = ROOT / "deploy" / "grafana"
FILES: dict[str, dict[str, Any]] = {p.stem: json.loads(p.read_text()) for p in (GRAFANA / "dashboards").glob("*.json")}
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}") for name in sorted(FILES) for panel in FILES[name]["panels"]
]


def test_the_files_are_what_the_code_says() -> None:
    assert set(FILES) == set(BOARDS)
    for name, board in BOARDS.items():
        assert (GRAFANA / "dashboards" / f"{name}.json").read_text() == written(board), "run `make docs`"


def test_the_data_source_is_the_provisioned_one() -> None:
    (given,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())["datasources"]
    assert (given["uid"], given["type"]) == (SOURCE["uid"], SOURCE["type"])


def test_every_recorded_series_is_used_by_a_rule_or_a_dashboard() -> None:
    used = "".join(rule["expr"] for rule in [*ALERTS, *RECORDED])
    used += "".join(target["expr"] for board in FILES.values() for p in board["panels"] for target in p["targets"])
    assert [rule["record"] for rule in RECORDED if rule["record"] not in used] == []


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_rests_on_series_that_exist_and_says_what_it_shows(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        assert named(target["expr"]) <= series()
        assert recorded(target["expr"]) <= {rule["record"] for rule in RECORDED}
        assert target["datasource"] == SOURCE
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_panel_overlaps_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in FILES[name]["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
