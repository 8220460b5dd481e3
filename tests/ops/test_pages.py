"""The written pages are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streams.ops import pages

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", pages.PAGES)
def test_a_generated_page_is_current(page: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == pages.PAGES[page](), "run `make docs`"


def test_every_metric_of_ours_is_used_somewhere() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("streams", "connectors")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "meters.py"
    )
    declared = re.findall(
        r"^([A-Z_]+) = (?:Counter|Gauge|Histogram|Info)\(", (ROOT / "streams/ops/meters.py").read_text(), re.M
    )
    assert declared
    assert [name for name in declared if f"meters.{name}" not in code and name not in ("HEALTHY", "CLOCK")] == []
