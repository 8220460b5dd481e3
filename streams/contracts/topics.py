"""The topics: names, keys, partitions, retention. Two rooms share a topic and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

DAY_MS = 86_400_000

PARTITIONS = 8
"""The ceiling on workers. Fixed from the start, since state lives by partition."""

MAX_RECORD = 4 * 1024 * 1024
"""Largest record, in bytes, of any topic that is not a keeper of other topics' bytes."""

MAX_KEPT_RECORD = MAX_RECORD + 1024 * 1024
"""Largest record of `news.dead` and `config.bundles`: any other record, and its headers."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the settings that it is created and checked with."""

    name: str
    retention_ms: int = -1
    """Milliseconds; -1 keeps everything."""
    compacted: bool = False
    partitions: int = PARTITIONS
    max_record: int = MAX_RECORD
    about: str = ""

    @property
    def config(self) -> dict[str, str]:
        """The topic settings, in Kafka's own names."""
        config = {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(self.max_record),
        }
        if not self.compacted:
            config["retention.ms"] = str(self.retention_ms)
        return config


ITEMS = Topic("news.items", 30 * DAY_MS, about="entries as connectors saw them; key: item id")
ARTICLES = Topic("news.articles", 90 * DAY_MS, about="every revision; key: article id")
MENTIONS = Topic("news.mentions", about="mentions of proposals; key: dossier id")
SOURCES = Topic("news.sources", compacted=True, about="health of each source; key: source id")
DOSSIERS = Topic("proposals.dossiers", compacted=True, about="life of each proposal; key: dossier id")
ALERTS = Topic("alerts.all", 365 * DAY_MS, about="every alert, as CloudEvents; key: proposal id")
BREAKING = Topic("alerts.breaking", 365 * DAY_MS, about="alerts of rules that ask for it")
DIGEST = Topic("alerts.digest", 365 * DAY_MS, about="what rules asked to sum up")
FEEDBACK = Topic("alerts.feedback", 365 * DAY_MS, about="what readers said; key: dossier id")
SUPPRESSED = Topic("alerts.suppressed", 90 * DAY_MS, about="what did not go out, with the reason")
NEAR = Topic("news.near", 90 * DAY_MS, about="proposals nearly found in an article; key: proposal id")


def alerts_topic(name: str) -> Topic:
    """The topic of rules that say `topic: <name>`."""
    return Topic(f"alerts.{name}", 365 * DAY_MS, about="alerts of rules that ask for it")


BUNDLES = Topic(
    "config.bundles",
    compacted=True,
    partitions=1,
    max_record=MAX_KEPT_RECORD,
    about="knowledge and rules as used; key: hash",
)
DEAD = Topic("news.dead", 90 * DAY_MS, max_record=MAX_KEPT_RECORD, about="what could not be read or judged")

TOPICS: tuple[Topic, ...] = (
    ITEMS, ARTICLES, MENTIONS, SOURCES, DOSSIERS, ALERTS, BREAKING, DIGEST, FEEDBACK, SUPPRESSED, NEAR,
    BUNDLES, DEAD,
)  # fmt: skip

BY_NAME = {topic.name: topic for topic in TOPICS}

KIND = "kind"
"""Header that tells a record of another kind than the topic's own; readers pass over others."""

TICK, ACTIVATE, SOURCE, WITHDRAWN, CANARY = "tick", "activate", "source", "withdrawn", "canary"


def murmur2(data: bytes) -> int:
    """Kafka's 32-bit murmur2, as `org.apache.kafka.common.utils.Utils.murmur2` (unsigned)."""
    length, seed, m, mask = len(data), 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF
    h = seed ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k ^= k >> 24
        h = (h * m & mask) ^ (k * m & mask)
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h ^= h >> 13
    h = h * m & mask
    return h ^ (h >> 15)


def partition_of(topic: str, key: str, partitions: int) -> int:
    """Partition of `key`: Java's default, over the part before `/` for mentions and dossiers.

    All that is decided about a proposal is so decided in one partition, instances included.
    """
    if topic in {MENTIONS.name, DOSSIERS.name}:
        key = key.partition("/")[0]
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record on its way: what every producer of ours sends and every decision yields."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = field(default=())
    partition: int | None = None
    """Set only for records that belong to a partition rather than to a key."""
