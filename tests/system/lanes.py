"""An archive that means the same however far partitions drift apart.

Rooms keep the order of what comes from one partition, and of nothing else: with several partitions a report can come
after a later one, is late then and alerts otherwise. So here all that is ever said of a proposal goes one way, a
*lane*: its items are in one partition of `news.items`, its articles in one of `news.articles`. Whatever is killed
meanwhile, the same alerts must come.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.lookup import NAMELESS
from streams.contracts.ids import article_id, item_id
from streams.contracts.topics import ARTICLES, ITEMS, partition_of

LANES = (
    ("European Security Treaty", "Eurasian security architecture", "INF treaty"),
    ("CFE treaty", "Adapted CFE Treaty", "ABM treaty"),
    ("New START treaty", "SALT II treaty", "START II treaty"),
    ("Open Skies treaty", "Vienna Document", "comprehensive nuclear test ban treaty"),
    ("Budapest Memorandum", "NATO-Russia Founding Act"),
    ("Helsinki Final Act", "Minsk agreements on Western guarantees", "joint missile defence system"),
    (
        "Istanbul communique on neutrality and security guarantees for Ukraine",
        "Trump's 28-point peace plan for Ukraine with security guarantees",
        "neutral status for Ukraine outside NATO",
    ),
    ("draft treaty on security guarantees with the United States", "no further NATO enlargement to the east"),
)
"""What is spoken of, by partition; names that can come to one dossier are in one lane."""

SAYS = (
    "NATO rejected Russia's proposal on the {}.",
    "NATO and Russia signed the {}.",
    "Russia withdrew from the {}, NATO said.",
    "Russia proposed to NATO a new draft of the {}.",
    "NATO and Russia are discussing the {}.",
)
ARTICLES_COUNT, REVISIONS, RETRACTIONS = 1400, 400, 200
DAY = datetime(2009, 1, 1, tzinfo=UTC)


def lane_of(entry: str) -> int | None:
    """The partition that an entry's items and articles are both in, if it is the same."""
    item = item_id(NAMELESS, entry)
    lane = partition_of(ITEMS.name, item, len(LANES))
    return lane if partition_of(ARTICLES.name, article_id(item), len(LANES)) == lane else None


def entries() -> Iterator[tuple[str, int]]:
    """Names of entries without end, each with its lane."""
    for number in itertools.count():
        lane = lane_of(f"a{number}")
        if lane is not None:
            yield f"a{number}", lane


def archive(chance: random.Random) -> Iterator[bytes]:
    """2,000 items: articles, then now and then a revision or a retraction of an earlier one."""
    kinds = ["new"] * ARTICLES_COUNT + ["update"] * REVISIONS + ["retraction"] * RETRACTIONS
    chance.shuffle(kinds)
    names, written = entries(), list[tuple[str, int]]()
    for number, wanted in enumerate(kinds):
        kind = wanted if len(written) >= 10 else "new"
        if kind == "new":
            at = len(written)
            written.append(next(names))
        else:
            at = chance.randrange(max(0, len(written) - 60), len(written))
        entry, lane = written[at]
        text = "" if kind == "retraction" else (
            chance.choice(SAYS).format(chance.choice(LANES[lane])) + f" This is report {number}, filed as {entry}."
        )  # fmt: skip
        line = {"id": entry, "url": f"https://news.example/{entry}", "title": "", "text": text, "lang": "en",
                "published": (DAY + timedelta(days=at)).isoformat(), "kind": kind}  # fmt: skip
        yield json.dumps(line).encode()
