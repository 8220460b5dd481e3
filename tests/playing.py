"""An archive played in one process, without Kafka: the rooms, order and clock of `ingest --clock published`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import msgspec

from connectors.ingest import item_of
from connectors.play import revised
from streams.contracts.records import Alert, Article, BundleRef, Dossier, Item, Mention, Suppressed, Tick, Withdrawn
from streams.contracts.topics import DOSSIERS, MENTIONS, SUPPRESSED
from streams.contracts.wire import decode
from streams.logic import dossier, mention, normalise
from streams.logic.memory import DictMemory
from streams.logic.rules import CompiledRules
from streams.logic.tag import Tagger, language
from tests.making import tagger, watch_rules

CLOCK = "play-test"


class Outcome(NamedTuple):
    """One thing that left the rooms, and when by the play's clock."""

    at: datetime
    topic: str
    what: Alert | Suppressed | Dossier | Mention | Withdrawn


class Play:
    def __init__(self, rules: CompiledRules | None = None, tags: Tagger | None = None) -> None:
        self.rules, self.tagger = rules or watch_rules(), tags or tagger()
        self.rooms = DictMemory(), DictMemory(), DictMemory()
        self.offset = 0
        self.out: list[Outcome] = []
        self.dossiers: dict[str, Dossier] = {}
        self.counts: dict[str, int] = {}
        self.last: datetime | None = None

    def run(self, lines: Iterable[bytes]) -> list[Outcome]:
        items = []
        for line in lines:
            item = item_of(line, datetime.now(UTC))
            assert item.published is not None
            items.append(msgspec.structs.replace(item, seen=item.published, clock=CLOCK))
        for item in revised(sorted(items, key=lambda i: i.seen)):
            if item.seen != self.last:
                self.ticks(item.seen)
            self.item(item)
        return self.out

    def ticks(self, at: datetime) -> None:
        if self.last is not None:
            days = {
                date.fromisoformat(c.due) + timedelta(days=n)
                for d in self.dossiers.values()
                for c in d.commitments
                if c.due and c.state in ("open", "due")
                for n in (0, 1)
            }
            midnights = {datetime.combine(day, time(), UTC) for day in days}
            for moment in sorted({m for m in midnights if self.last < m < at} | {at}):
                self.decide(Tick(id=f"k{moment}", at=moment, partition=0, clock=CLOCK), moment)
        self.last = at

    def item(self, item: Item) -> None:
        for out in normalise.decide(self.rooms[0], item, self.next(), language).outgoing:
            article = decode(Article, out.value)
            known = BundleRef(id="packaged", version="1", hash="0")
            for said in mention.decide(self.rooms[1], article, 0, self.tagger, known, "test").outgoing:
                kind = Withdrawn if said.headers else Mention
                record = decode(kind, said.value)
                self.out.append(Outcome(item.seen, MENTIONS.name, record))
                self.decide(record, item.seen)

    def next(self) -> int:
        self.offset += 1
        return self.offset

    def decide(self, record: Mention | Withdrawn | Tick, at: datetime) -> None:
        found = dossier.decide(self.rooms[2], record, self.next(), self.rules)
        for what, n in found.counts.items():
            self.counts[what] = self.counts.get(what, 0) + n
        for out in found.outgoing:
            if out.topic == DOSSIERS.name:
                self.dossiers[out.key] = decode(Dossier, out.value)
                continue
            self.out.append(
                Outcome(at, out.topic, decode(Suppressed if out.topic == SUPPRESSED.name else Alert, out.value))
            )
