"""What tests on a running system share: a worker as a process, a topic read whole, folds of a log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from connectors.reader import read_through
from streams import app
from streams.agents.dossier import KINDS
from streams.contracts.records import Activation, Article, BundleRef, Item
from streams.contracts.topics import ACTIVATE, ALERTS, ARTICLES, KIND, MENTIONS, Outgoing, partition_of
from streams.contracts.wire import decode
from streams.logic import dossier, mention, normalise
from streams.logic.memory import DictMemory
from streams.logic.tag import language
from streams.settings import Settings
from streams.up import environment
from tests.making import tagger, watch_rules


class Kept(NamedTuple):
    """A record as a topic keeps it."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    kind: str


def everything(settings: Settings, topic: str) -> list[Kept]:
    """All records of a topic, by partition and offset."""
    return [kept for kept, _ in with_headers(settings, topic)]


def with_headers(settings: Settings, topic: str) -> list[tuple[Kept, dict[str, bytes]]]:
    """The same, with the headers of each."""
    found: list[tuple[Kept, dict[str, bytes]]] = []
    for message in read_through(settings, [topic]):
        headers: Any = dict(message.headers() or [])
        kind = headers.get("kind", b"").decode()
        partition, offset = int(message.partition() or 0), int(message.offset() or 0)
        found.append(
            (Kept(partition, offset, bytes(message.key() or b""), bytes(message.value() or b""), kind), headers)
        )
    return sorted(found, key=lambda r: r[0][:2])


def worker(settings: Settings) -> subprocess.Popen[bytes]:
    """A worker as its own process; its log is `worker.log` in the data folder."""
    log = (settings.data / "worker.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "treatywatch", "worker"], env=environment(settings), stdout=log, stderr=log
        )


@contextmanager
def stopped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process in order when the block is left."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def alerts_folded(log: Iterable[Kept]) -> dict[str, bytes]:
    """Alerts of a pure fold over a log of mentions, by id."""
    memories: dict[int, DictMemory] = {}
    found = {}
    for record in log:
        if record.kind == ACTIVATE:
            decode(Activation, record.value)
            continue
        if record.kind not in KINDS:
            continue
        taken = decode(KINDS[record.kind], record.value)
        memory = memories.setdefault(record.partition, DictMemory())
        for out in dossier.decide(memory, taken, record.offset, watch_rules()).outgoing:
            if out.topic == ALERTS.name:
                found[json.loads(out.value)["id"]] = out.value
    return found


def mentions_folded(items: Iterable[Kept], knowledge: BundleRef) -> list[Outgoing]:
    """What an undisturbed run puts into `news.mentions` for a log of items, in the items' order."""
    normalising: dict[int, DictMemory] = {}
    tagging = DictMemory()
    found: list[Outgoing] = []
    for record in items:
        if record.kind:
            continue
        memory = normalising.setdefault(record.partition, DictMemory())
        for out in normalise.decide(memory, decode(Item, record.value), record.offset, language).outgoing:
            assert out.topic == ARTICLES.name
            said = mention.decide(tagging, decode(Article, out.value), 0, tagger(), knowledge, app.ENGINE).outgoing
            assert all(out.topic == MENTIONS.name for out in said)
            found += said
    return found


def alerts_undisturbed(items: Iterable[Kept], knowledge: BundleRef, partitions: int) -> dict[str, bytes]:
    """Alerts of an undisturbed run over a log of items, by id: all rooms folded, no topic between them looked at."""
    return alerts_folded(
        Kept(partition_of(out.topic, out.key, partitions), at, out.key.encode(), out.value,
             dict(out.headers).get(KIND, b"").decode())
        for at, out in enumerate(mentions_folded(items, knowledge))
    )  # fmt: skip
