"""The dashboards as a page of our own: every panel, the numbers that Prometheus gives, in units that people read."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.grafana.boards import BOARDS
from deploy.grafana.page import legend, page, shown, ticks


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        (0.0123, "s", "12.3 ms"),
        (90.0, "s", "1.5 min"),
        (172800.0, "s", "2 d"),
        (0.995, "percentunit", "99.5 %"),
        (2048.0, "Bps", "2 KiB/s"),
        (1.0, "bool_on_off", "on"),
        (12345.0, "short", "12,345"),
        (4.16, "short", "4"),
        (0.0, "s", "0 s"),
        (0.0, "bytes", "0 B"),
        (0.25, "cps", "0.25/s"),
        (float("nan"), "s", "–"),
    ],
)
def test_a_value_reads_as_its_unit_asks(value: float, unit: str, says: str) -> None:
    assert shown(value, unit) == says


@pytest.mark.parametrize(
    ("low", "high", "unit", "says"),
    [
        (0, 481, "short", ["0", "200", "400", "600"]),
        (0, 1, "short", ["0", "1"]),
        (0, 353, "s", ["0 s", "2 min", "4 min", "6 min"]),
        (0, 0.47, "s", ["0 s", "200 ms", "400 ms", "600 ms"]),
        (-0.02, 0.02, "s", ["-20 ms", "0 s", "20 ms"]),
        (0, 150 * 2**20, "bytes", ["0 B", "50 MiB", "100 MiB", "150 MiB"]),
        (0, 0.812, "percentunit", ["0 %", "50 %", "100 %"]),
    ],
)
def test_an_axis_has_round_values(low: float, high: float, unit: str, says: list[str]) -> None:
    found = ticks(low, high, unit)
    assert [shown(value, unit) for value in found] == says
    assert found[0] <= low
    assert found[-1] >= high


def test_a_legend_is_filled_in_from_the_labels() -> None:
    assert legend("{{severity}} {{type}}", {"severity": "notice", "type": "raised"}) == "notice raised"


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_every_panel_of_a_dashboard_is_drawn_with_what_prometheus_says(name: str) -> None:
    asked: list[tuple[str, str]] = []

    def ask(path: str, given: dict[str, str]) -> list[dict[str, Any]]:
        asked.append((path, given["query"]))
        labels = {"source": "<b>wire</b>", "room": "tag"}
        if path == "query":
            return [{"metric": labels, "value": [1000, "7"]}]
        return [{"metric": labels, "values": [[900, "1"], [950, "NaN"], [1000, "3"]]}]

    text = page(BOARDS[name], ask, 300, 1000)

    panels = BOARDS[name].panels
    assert text.count("<section") == len(panels)
    assert text.count("<polyline") == sum(len(p.queries) for p in panels if p.kind != "stat")
    assert len(asked) == sum(len(p.queries) for p in panels)
    assert not [query for _, query in asked if "$" in query], "no variable of Grafana's is left in a query"
    assert "<b>wire" not in text, "labels are data, not markup"


def test_a_panel_without_data_says_so() -> None:
    assert page(BOARDS["delivery"], lambda _path, _given: [], 300, 1000).count("nothing") == len(
        BOARDS["delivery"].panels
    )
