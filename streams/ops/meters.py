"""All metrics, in one place. Names and labels do not change once here: docs/metrics.md.

Label values come from closed lists (rooms, outcomes, proposals, rules, sources of the source list),
never from what a feed or a page says.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from prometheus_client import Counter, Gauge, Histogram, Info, start_http_server

from streams.contracts.faults import WorldFault

P: Final = "treatywatch_"
_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_AGES = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400)

# The world's side.
ITEMS_FETCHED = Counter(P + "items_fetched", "Entries that polls brought", ["source", "outcome"])
BYTES_FETCHED = Counter(P + "bytes_fetched", "Bytes read from sources", ["source", "outcome"])
POLL_SECONDS = Histogram(P + "poll_seconds", "How long a poll took", ["source"], buckets=_SECONDS)
SOURCE_NEW = Gauge(P + "source_new_timestamp_seconds", "When a source last had news", ["source"])
SOURCE_READ = Gauge(P + "source_read_timestamp_seconds", "When a source was last read without a fault", ["source"])
SOURCE_BLIND = Gauge(P + "source_blind", "1 while we do not see what a source publishes: failing, or gone", ["source"])
SOURCE_INFO = Gauge(P + "source_info", "1; the name that the source list has for a source", ["source", "name"])
NOT_MODIFIED = Counter(P + "polls_not_modified", "Polls answered by 304", ["source"])
POLLS = Counter(P + "polls", "Polls by how they ended", ["source", "outcome"])
LEFT_OUT = Gauge(P + "source_entries_left_out", "Entries of a source's document that were not taken", ["source"])
FALLEN = Gauge(P + "identity_fallbacks", "Entries of a source that their own guid does not tell", ["source"])
PUSHED = Counter(P + "pushed", "Articles pushed to us: accepted, repeated, refused", ["outcome"])
WEBSUB = Counter(P + "websub", "What passed between hubs and us, by kind", ["what"])

# The rooms.
ROOM_IN = Counter(P + "room_in", "Records a room took", ["room"])
ROOM_OUT = Counter(P + "room_out", "Records a room gave", ["room", "topic"])
ROOM_SECONDS = Histogram(
    P + "room_batch_seconds",
    "From taking a batch to its acknowledgement",
    ["room"],
    buckets=_SECONDS,
)
DEAD = Counter(P + "dead_letters", "Records set aside", ["room", "reason"])
DECIDED = Counter(P + "decisions", "What a room decided about its records", ["room", "what"])
LAG = Gauge(P + "consumer_lag_records", "Records not yet taken", ["room", "partition"])
COMMITTED = Gauge(P + "committed_offset", "Next record that a room has not acknowledged", ["room", "partition"])
RECOVERING = Gauge(P + "recovering", "1 while the worker reads its state back")
STILL = Gauge(
    P + "standing_still_seconds", "For how long the worker has taken nothing of a partition although records wait there"
)

# What it is all for.
ARTICLES = Counter(P + "articles", "Articles by change", ["change"])
MENTIONS = Counter(P + "mentions", "Mentions found", ["proposal", "lang"])
GATE = Counter(P + "tagged", "Articles tagged, by what they turned out", ["outcome"])
LANG_UNSUPPORTED = Counter(P + "lang_unsupported", "Articles in a language without a pack")
ALERTS = Counter(P + "alerts", "Alerts sent", ["rule", "severity", "type"])
SUPPRESSED = Counter(P + "suppressed", "Alerts held back", ["rule", "reason"])
PUBLISHED_TO_ALERT = Histogram(
    P + "published_to_alert_seconds", "From publication to the alert", ["rule"], buckets=_AGES
)
SEEN_TO_ALERT = Histogram(P + "seen_to_alert_seconds", "From when it was seen to the alert", ["rule"], buckets=_AGES)
KNOWLEDGE = Info(P + "knowledge", "Knowledge base and rules in force")
CANARY_AGE = Gauge(P + "canary_age_seconds", "Since the last canary that came the whole way was sent", ["partition"])
DELIVERIES = Counter(P + "deliveries", "Alerts by what a sink made of them", ["sink", "outcome"])
DELIVERY_SECONDS = Histogram(
    P + "delivery_seconds", "From when an alert was due to when the sink had it", ["sink"], buckets=_AGES
)
DELIVERIES_WAITING = Gauge(P + "deliveries_waiting", "Alerts that wait for a sink, for whatever reason", ["sink"])
DELIVERY_OVERDUE = Gauge(
    P + "delivery_overdue_seconds", "How long the oldest alert is due that a sink has not taken", ["sink"]
)
CANARY_SECONDS = Histogram(P + "canary_seconds", "From sending a canary to its arrival", buckets=_AGES)
WORKBENCH_SAVES = Counter(
    P + "workbench_saves", "Rules and entries that were to be saved from the workbench", ["kind", "outcome"]
)
BROKER_UP = Gauge(P + "broker_up", "1 when the broker answers")

# The process.
HEALTHY = Gauge(P + "healthy", "1 when this part does its work", ["part"])
CLOCK = Gauge(P + "clock_timestamp_seconds", "What this process takes the time to be")
CLOCK.set_function(time.time)
PORTS = {"connect": 9461, "worker": 9462, "web": 9463, "deliver": 9464}


def serve(part: str, host: str, port: int) -> int:
    """Serve the metrics of this process; the port taken, the next free one. Returns the port."""
    wanted = port or PORTS.get(part, 0)
    HEALTHY.labels(part).set(0)
    for candidate in (wanted, 0) if not port else (port,):
        try:
            server, _ = start_http_server(candidate, addr=host)
        except OSError:
            if port:
                raise WorldFault(
                    f"port {port} on {host} is taken; give the metrics of {part} another (TREATYWATCH_METRICS_PORT)"
                ) from None
            continue
        return int(server.server_port)
    raise WorldFault(f"no port for the metrics of {part} on {host}")


def keep_only(gauge: Gauge, held: Iterable[tuple[str, ...]]) -> None:
    """Forget the series of a gauge whose label values are not in `held`: what another process now tells."""
    kept = set(held)
    for labels in [tuple(sample.labels.values()) for family in gauge.collect() for sample in family.samples]:
        if labels not in kept:
            gauge.remove(*labels)
