"""The dashboards, as code: `python -m deploy.grafana.boards DIR` writes them as Grafana reads them (`make docs`)."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = {"type": "prometheus", "uid": "treatywatch-prometheus"}
RATE = "$__rate_interval"
WIDTH = 24


@dataclass(frozen=True)
class Panel:
    """One panel: what it shows, in which unit, and how wide; queries as (expression, legend)."""

    title: str
    about: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    width: int = 12
    red: float | None = None
    """From where on it is red."""
    failures: bool = False
    """It shows failures alone, and is empty while there are none."""


@dataclass(frozen=True)
class Board:
    """A dashboard; `by` names what the reader may choose among, and the series and label that have its values."""

    uid: str
    title: str
    about: str
    panels: tuple[Panel, ...]
    by: tuple[str, str, str] | None = field(default=None)


def _quantiles(name: str, by: str = "", legend: str = "") -> tuple[tuple[str, str], ...]:
    labels = f"le, {by}" if by else "le"
    return tuple(
        (f"histogram_quantile({q}, sum by ({labels}) (rate({name}_bucket[{window}])))", f"{legend}p{q * 100:g}")
        for q, window in ((0.5, "1h"), (0.95, "1h"))
    )


OVERVIEW = Board(
    "treatywatch-overview",
    "treatywatch / overview",
    "Is it at work, and does it keep up?",
    (
        Panel("Parts that answer", "Containers of our parts that Prometheus can read.", "short",
              (('sum(up{job=~"connect|worker|web|deliver"})', "answering"),), "stat", 4),
        Panel("Kafka", "1 when at least one part can connect to a broker.", "bool_on_off",
              (("max(treatywatch_broker_up)", "broker"),), "stat", 4),
        Panel("Oldest canary", "Age of the last canary that came the whole way, in the worst partition. Rings at 15 minutes.", "s",
              (("treatywatch:canary_age_seconds:max", "age"),), "stat", 4, 900),
        Panel("Waiting records", "Records that wait for a room, all rooms together.", "short",
              (("sum(room:treatywatch_consumer_lag_records:sum)", "waiting"),), "stat", 4, 1000),
        Panel("Alerts in 24 hours", "Alerts that went out, of all severities and types.", "short",
              (("sum(increase(treatywatch_alerts_total[24h]))", "alerts"),), "stat", 4),
        Panel("Late in the last hour", "Share of alerts and canaries that took more than a minute; the promise allows 1 %.", "percentunit",
              (("treatywatch:time_to_alert_late:ratio_rate1h", "late"),), "stat", 4, 0.01),
        Panel("Records taken", "Records that each room takes, a second.", "rps",
              (("room:treatywatch_room_in:rate5m", "{{room}}"),)),
        Panel("Lag", "Records that wait for each room.", "short",
              (("room:treatywatch_consumer_lag_records:sum", "{{room}}"),)),
        Panel("Batch time", "99th percentile of the time from taking a batch to its acknowledgement.", "s",
              (("room:treatywatch_room_batch_seconds:p99_5m", "{{room}}"),)),
        Panel("Canary age by partition", "A partition whose line climbs past the interval is blocked.", "s",
              (("partition:treatywatch_canary_age_seconds:min", "{{partition}}"),)),
        Panel("Offsets", "How fast each room acknowledges; 0 beside a lag means that it stands still.", "rps",
              ((f"sum by (room) (rate(treatywatch_committed_offset[{RATE}]))", "{{room}}"),)),
        Panel("Canary time", "How long canaries take the whole way.", "s", _quantiles("treatywatch_canary_seconds")),
        Panel("Dead letters", "Records set aside: `bug` is ours, the others are their producer's.", "short",
              (("sum by (room, reason) (increase(treatywatch_dead_letters_total[1h]))", "{{room}} {{reason}}"),)),
        Panel("Memory", "Resident memory of each part.", "bytes",
              (('process_resident_memory_bytes{job=~"connect|worker|web|deliver"}', "{{job}} {{instance}}"),)),
        Panel("Clocks", "How far each part's clock is from Prometheus's. Rings at 5 seconds.", "s",
              (("treatywatch_clock_timestamp_seconds - timestamp(treatywatch_clock_timestamp_seconds)", "{{job}} {{instance}}"),), width=8),
        Panel("Workers reading their state back", "Half a minute after a start is usual; rings at five minutes.", "short",
              (("sum(treatywatch_recovering)", "recovering"),), width=8),
        Panel("Standing still", "How long a worker has taken nothing of a partition although records wait; at 90 seconds it ends itself, to be started again.", "s",
              (('treatywatch_standing_still_seconds{job="worker"}', "{{job}} {{instance}}"),), width=8),
    ),
)  # fmt: skip

NAMED = 'on (source) group_left (name) max by (source, name) (treatywatch_source_info{name=~"$source"})'
"""Keeps the sources that the reader chose, and gives each the name that the source list has for it."""

SOURCES = Board(
    "treatywatch-sources",
    "treatywatch / sources",
    "Which sources are seen, and what they bring.",
    (
        Panel("Sources", "Sources that are polled.", "short", (("count(treatywatch_source_blind)", "sources"),), "stat", 6),
        Panel("Not seen", "Sources that fail, or are gone: what they publish alerts nobody.", "short",
              (("sum(treatywatch_source_blind)", "blind"),), "stat", 6, 1),
        Panel("Longest unread", "Age of the last poll without a fault, of the source that waits longest.", "s",
              (("max(time() - treatywatch_source_read_timestamp_seconds)", "age"),), "stat", 6, 86400),
        Panel("Answered by 304", "Share of polls that the server answered with `nothing new`.", "percentunit",
              (("(sum(rate(treatywatch_polls_not_modified_total[1h])) or vector(0)) / sum(rate(treatywatch_polls_total[1h]))", "304"),),
              "stat", 6),
        Panel("Polls by outcome", "How polls ended.", "cps",
              ((f"sum by (outcome) (rate(treatywatch_polls_total[{RATE}]) * {NAMED})", "{{outcome}}"),)),
        Panel("Entries by kind", "New, updated and retracted entries that polls brought.", "short",
              ((f"sum by (outcome) (increase(treatywatch_items_fetched_total[1h]) * {NAMED})", "{{outcome}}"),)),
        Panel("Since the last news", "How long each source has had nothing new. A month is worth a look.", "s",
              ((f'(time() - treatywatch_source_new_timestamp_seconds) * {NAMED}', "{{name}}"),)),
        Panel("Since the last good poll", "How long ago each source was read without a fault.", "s",
              ((f'(time() - treatywatch_source_read_timestamp_seconds) * {NAMED}', "{{name}}"),)),
        Panel("Poll time", "95th percentile of how long a poll takes, by source.", "s",
              ((f'histogram_quantile(0.95, sum by (le, source) (rate(treatywatch_poll_seconds_bucket[1h]))) * {NAMED}',
                "{{name}}"),)),
        Panel("Bytes read", "What polls read from each source.", "Bps",
              ((f'sum by (source) (rate(treatywatch_bytes_fetched_total[{RATE}])) * {NAMED}', "{{name}}"),)),
    ),
    ("source", "treatywatch_source_info", "name"),
)  # fmt: skip

QUALITY = Board(
    "treatywatch-quality",
    "treatywatch / quality",
    "What is made of what comes in.",
    (
        Panel("Relevant", "Articles of the last day that tell of a proposal.", "short",
              (('sum(increase(treatywatch_tagged_total{outcome="relevant"}[24h]))', "articles"),), "stat", 6),
        Panel("Past the gate", "Share of articles that the first gate lets through; about a tenth of general news.", "percentunit",
              (("treatywatch:gate_pass:ratio_rate1h", "passed"),), "stat", 6),
        Panel("Unsupported languages", "Articles of the last day in a language that nobody has written a pack for.", "short",
              (("sum(increase(treatywatch_lang_unsupported_total[24h]))", "articles"),), "stat", 6),
        Panel("Bugs", "Records of the last day that a room set aside because of a fault of ours.", "short",
              (('sum(increase(treatywatch_dead_letters_total{reason="bug"}[24h]))', "records"),), "stat", 6, 1),
        Panel("Articles", "Articles by change: new, updated, retracted.", "short",
              (("sum by (change) (increase(treatywatch_articles_total[1h]))", "{{change}}"),)),
        Panel("What articles turned out", "Relevant, irrelevant, not past the gate, or in a language without a pack.", "short",
              (("sum by (outcome) (increase(treatywatch_tagged_total[1h]))", "{{outcome}}"),)),
        Panel("Mentions by proposal", "Mentions found in a day, by proposal.", "short",
              (("sum by (proposal) (increase(treatywatch_mentions_total[24h]))", "{{proposal}}"),)),
        Panel("Mentions by language", "Mentions found in a day, by language.", "short",
              (("sum by (lang) (increase(treatywatch_mentions_total[24h]))", "{{lang}}"),)),
        Panel("Alerts by rule", "Alerts of a day, by the rule that fired.", "short",
              (("sum by (rule) (increase(treatywatch_alerts_total[24h]))", "{{rule}}"),)),
        Panel("Alerts by severity", "Alerts of a day, by severity and type.", "short",
              (("sum by (severity, type) (increase(treatywatch_alerts_total[24h]))", "{{severity}} {{type}}"),)),
        Panel("Held back", "Alerts that rules would have sent and that were held back, with the reason.", "short",
              (("sum by (rule, reason) (increase(treatywatch_suppressed_total[24h]))", "{{rule}}: {{reason}}"),), failures=True),
        Panel("Seen to alert", "From when an article was seen to its alert.", "s", _quantiles("treatywatch_seen_to_alert_seconds")),
        Panel("Published to alert", "From when an article was published to its alert: mostly the wait for the next poll.", "s",
              _quantiles("treatywatch_published_to_alert_seconds")),
        Panel("Decisions", "What rooms decided about their records.", "cps",
              ((f"sum by (room, what) (rate(treatywatch_decisions_total[{RATE}]))", "{{room}} {{what}}"),)),
    ),
)  # fmt: skip

DELIVERY = Board(
    "treatywatch-delivery",
    "treatywatch / delivery",
    "Do alerts reach who asked for them?",
    (
        Panel("Delivered", "Alerts that sinks took within a day.", "short",
              (('sum by (sink) (increase(treatywatch_deliveries_total{outcome="given"}[24h]))', "{{sink}}"),), "stat", 8),
        Panel("Oldest overdue", "How long the oldest alert is due that a sink has not taken. Rings at ten minutes.", "s",
              (("max by (sink) (treatywatch_delivery_overdue_seconds)", "{{sink}}"),), "stat", 8, 600),
        Panel("Given up", "Alerts that went to the dead letters within a day.", "short",
              (('sum by (sink) (increase(treatywatch_deliveries_total{outcome="dead"}[24h]))', "{{sink}}"),), "stat", 8, 1),
        Panel("Deliveries", "What sinks made of alerts.", "cps",
              ((f"sum by (sink, outcome) (rate(treatywatch_deliveries_total[{RATE}]))", "{{sink}} {{outcome}}"),)),
        Panel("Waiting", "Alerts that wait for a sink: quiet hours, a digest, a receiver that is away.", "short",
              (("max by (sink) (treatywatch_deliveries_waiting)", "{{sink}}"),)),
        Panel("Time to deliver", "95th percentile from when an alert was due to when the sink had it.", "s",
              (("histogram_quantile(0.95, sum by (le, sink) (rate(treatywatch_delivery_seconds_bucket[1h])))", "{{sink}}"),)),
        Panel("Overdue", "How long the oldest alert is due, over time.", "s",
              (("max by (sink) (treatywatch_delivery_overdue_seconds)", "{{sink}}"),)),
    ),
)  # fmt: skip

BOARDS = {"overview": OVERVIEW, "sources": SOURCES, "quality": QUALITY, "delivery": DELIVERY}


def _panel(number: int, panel: Panel, x: int, y: int, height: int) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.red is not None:
        steps.append({"color": "red", "value": panel.red})
    drawn: dict[str, Any] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": height},
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
            for n, (expr, legend) in enumerate(panel.queries)
        ],
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}}
        if panel.kind == "stat"
        else {"tooltip": {"mode": "multi"}},
    }
    if panel.unit == "short":  # a count; `increase` guesses at fractions
        drawn["fieldConfig"]["defaults"]["decimals"] = 0
    if panel.unit == "s" and "Clocks" in panel.title:
        del drawn["fieldConfig"]["defaults"]["min"]
    if panel.failures:
        drawn["x-empty-ok"] = True
    return drawn


def rendered(board: Board) -> dict[str, Any]:
    """The board as Grafana's file provisioning takes it; panels stand in rows from the left."""
    panels, x, y, tallest = [], 0, 0, 0
    for number, panel in enumerate(board.panels, 1):
        height = 4 if panel.kind == "stat" else 8
        if x + panel.width > WIDTH:
            x, y, tallest = 0, y + tallest, 0
        panels.append(_panel(number, panel, x, y, height))
        x, tallest = x + panel.width, max(tallest, height)
    chosen = []
    if board.by:
        chosen_as, series, label = board.by
        chosen.append(
            {
                "name": chosen_as, "label": chosen_as, "type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1,
                "query": f"label_values({series}, {label})", "multi": True, "includeAll": True, "allValue": ".*",
                "current": {"text": "All", "value": "$__all"},
            }
        )  # fmt: skip
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.about,
        "tags": ["treatywatch"],
        "schemaVersion": 41,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": chosen},
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "tags": ["treatywatch"], "title": "treatywatch", "asDropdown": True}],
        "panels": panels,
    }


def written(board: Board) -> str:
    """The file."""
    return json.dumps(rendered(board), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, board in BOARDS.items():
        (Path(sys.argv[1]) / f"{name}.json").write_text(written(board), encoding="utf-8")
