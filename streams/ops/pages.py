"""The pages of docs/ that are written from the code: `python -m streams.ops.pages DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from prometheus_client import Counter, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

from streams.ops import meters
from streams.settings import OPTIONS, PREFIX, shown_default

_SUFFIX = {Counter: "_total", Info: "_info"}


def metrics() -> str:
    """Every metric: name as Prometheus sees it, kind, labels, meaning."""
    rows = []
    for metric in vars(meters).values():
        if isinstance(metric, MetricWrapperBase):
            name = metric._name + _SUFFIX.get(type(metric), "")
            series = f"`{name}_bucket` `_sum` `_count`" if isinstance(metric, Histogram) else f"`{name}`"
            labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "-"
            rows.append(f"| {series} | {type(metric).__name__.lower()} | {labels} | {metric._documentation} |")
    head = (
        "# Metrics\n\nEvery process serves them on its own port: connect 9461, worker 9462, web 9463, deliver 9464.\n"
        "Names and labels do not change once they are here. Written from the code by `make docs`.\n\n"
        "| series | kind | labels | meaning |\n|---|---|---|---|\n"
    )
    return head + "\n".join(sorted(rows)) + "\n"


def settings() -> str:
    """Every option: variable, default, meaning."""
    rows = [
        f"| `{PREFIX}{option.name.upper()}` | {shown_default(option)} | {option.meaning}"
        + (f"; a secret: better `{PREFIX}{option.name.upper()}_FILE`" if option.secret else "")
        + " |"
        for option in OPTIONS
    ]
    head = (
        '# Settings\n\nEnvironment over the TOML file named by `TREATYWATCH_CONFIG` (`bootstrap = "kafka:9092"`) over '
        "defaults.\nAny option may also be read from a file: append `_FILE` to its variable. Written from the code by "
        "`make docs`.\n\n| variable | default | meaning |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


PAGES = {"metrics.md": metrics, "settings.md": settings}


if __name__ == "__main__":
    for page, text in PAGES.items():
        (Path(sys.argv[1]) / page).write_text(text(), encoding="utf-8")
