"""The log decided again: why an alert fired, what a time range gives, what other rules would have made of it.

Everything that decided an alert stands in the log (`news.mentions`, `config.bundles`), so a fold over it gives
every alert again, byte for byte, as long as the log is kept. Nothing here needs `alerts.*` or the worker's state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from confluent_kafka import KafkaException, TopicPartition

from streams.agents.bundles import Bundles
from streams.agents.dossier import judgement
from streams.agents.room import TableMemory, Taken
from streams.contracts.faults import BrokerFault, RecordFault
from streams.contracts.records import Alert, Feedback, Mention, Suppressed
from streams.contracts.topics import ALERTS, FEEDBACK, KIND, MENTIONS, SUPPRESSED, Outgoing
from streams.contracts.wire import decode
from streams.logic.rules import CompiledRules, compile_rules
from streams.settings import Settings
from streams.transport.activate import load_bundles
from streams.transport.ends import spans
from streams.transport.whole import reader, through


class Told(NamedTuple):
    """An alert as the fold gives it, and the record that caused it."""

    alert: Alert
    outgoing: list[Outgoing]
    """To `alerts.all` and to its rule's topic."""
    cause: Taken
    beside: list[Suppressed]
    """What the same record had held back, with reasons."""


class Range(NamedTuple):
    """What the log gives of a time range."""

    alerts: list[Told]
    held: list[Suppressed]
    """What did not go out."""
    reports: int
    """Mentions of proposals, revisions not counted."""
    articles: int
    """Articles that mention one."""
    stories: int
    days: int
    """From the first report to the last; of an archive's play those of its own clock, apart from the live ones."""


class Volume(NamedTuple):
    """How much is alerted, and how much would be if every report were an alert."""

    articles: int
    reports: int
    stories: int
    raised: int
    updated: int
    digests: int
    held: int
    by_rule: dict[str, int]

    def per_thousand(self, n: int) -> float:
        """`n` per 1,000 relevant articles."""
        return 1000 * n / self.articles if self.articles else 0.0


def records(settings: Settings, topic: str) -> Iterator[Taken]:
    """All records that a topic holds now, partition by partition; `BrokerFault` when Kafka goes away and stays away."""
    consumer = reader(settings, "treatywatch-replay")
    try:
        for partition, (low, high) in spans(consumer, topic).items():
            for message in through(settings, consumer, TopicPartition(topic, partition, low), high):
                headers: Any = dict(message.headers() or ())
                yield Taken(
                    bytes(headers.get(KIND) or b"").decode("utf-8", "replace"), message.key(), message.value(),
                    topic, partition, int(message.offset() or 0), message.timestamp()[1] / 1000,
                )  # fmt: skip
    except KafkaException as fault:
        raise BrokerFault(
            f"no Kafka answers on {settings.bootstrap} ({fault.args[0].str()}); "
            "start everything with `treatywatch up`, or set TREATYWATCH_BOOTSTRAP"
        ) from fault
    finally:
        consumer.close()


def forgotten(settings: Settings) -> list[int]:
    """Partitions of `news.mentions` whose beginning is no longer kept: what they gave cannot be told again."""
    consumer = reader(settings, "treatywatch-replay")
    try:
        return [p for p, (low, _) in spans(consumer, MENTIONS.name).items() if low > 0]
    except KafkaException as fault:
        raise BrokerFault(
            f"no Kafka answers on {settings.bootstrap} ({fault.args[0].str()}); "
            "start everything with `treatywatch up`, or set TREATYWATCH_BOOTSTRAP"
        ) from fault
    finally:
        consumer.close()


class _Given(Bundles[CompiledRules]):
    """The same rules whatever a partition activated: for "what if"."""

    def __init__(self, rules: CompiledRules) -> None:
        super().__init__(compile_rules, {}, dict)
        self._rules = rules

    def by_hash(self, wanted: str) -> CompiledRules:
        """The given rules."""
        del wanted
        return self._rules


def decided(settings: Settings, rules: CompiledRules | None = None) -> Iterator[tuple[Taken, list[Outgoing]]]:
    """Every record of the log and what it causes, in the order of each partition; by other rules when given.

    A record that the room would set aside is passed over, as the room did.
    """
    watch = _Given(rules) if rules else Bundles(compile_rules, {}, lambda: load_bundles(settings))
    decide = judgement(watch)
    memories: dict[int, tuple[dict[bytes, bytes | None], TableMemory]] = {}
    for taken in records(settings, MENTIONS.name):
        if taken.partition not in memories:
            state: dict[bytes, bytes | None] = {}
            memories[taken.partition] = state, TableMemory(state.get)
        _, memory = memories[taken.partition]
        try:
            outgoing, _ = decide(memory, taken)
        except (RecordFault, ValueError, KeyError):
            memory.discard()
            continue
        memory.keep()
        yield taken, list(outgoing)


def fold(settings: Settings, rules: CompiledRules | None = None) -> Iterator[Told]:
    """Every alert of the log, in the order of each partition; by other rules when they are given."""
    for taken, outgoing in decided(settings, rules):
        yield from alerts_of(taken, outgoing)


def alerts_of(taken: Taken, outgoing: Sequence[Outgoing]) -> Iterator[Told]:
    """The alerts among what a record causes, each once."""
    beside = [decode(Suppressed, out.value) for out in outgoing if out.topic == SUPPRESSED.name]
    for out in outgoing:
        if out.topic == ALERTS.name:
            same = [o for o in outgoing if o.value == out.value and o.topic != SUPPRESSED.name]
            yield Told(decode(Alert, out.value), same, taken, beside)


def cause_time(told: Told) -> datetime:
    """The moment by which a time range is meant: `ce_time`, never Kafka's own."""
    stated = dict(told.outgoing[0].headers)["ce_time"]
    return msgspec.convert(stated.decode(), datetime)


def between(settings: Settings, start: datetime, end: datetime, rules: CompiledRules | None = None) -> Range:
    """What a time range gives, by `ce_time`; the state before it is built from the log before it."""
    alerts: list[Told] = []
    held: list[Suppressed] = []
    seen: dict[str, list[datetime]] = {}
    articles: set[str] = set()
    reports = 0
    for taken, outgoing in decided(settings, rules):
        alerts += [told for told in alerts_of(taken, outgoing) if start <= cause_time(told) < end]
        if taken.kind:
            continue
        mention = decode(Mention, taken.value)
        if not start <= mention.article.seen < end:
            continue
        seen.setdefault(mention.clock, []).append(mention.article.seen)
        reports += mention.article.revision == 1
        articles.add(mention.article.id)
        held += [decode(Suppressed, out.value) for out in outgoing if out.topic == SUPPRESSED.name]
    stories = {told.alert.story for told in alerts} | {one.story for one in held}
    days = sum((max(own).date() - min(own).date()).days + 1 for own in seen.values())
    return Range(alerts, held, reports, len(articles), len(stories), days)


def volume(settings: Settings, start: datetime, end: datetime) -> Volume:
    """How much is alerted in a time range."""
    found = between(settings, start, end)
    kinds = Counter(told.alert.type for told in found.alerts)
    return Volume(
        articles=found.articles, reports=found.reports, stories=found.stories, raised=kinds["raised"],
        updated=kinds["updated"], digests=kinds["digest"], held=len(found.held),
        by_rule=dict(Counter(told.alert.rule.id for told in found.alerts if told.alert.type == "raised")),
    )  # fmt: skip


def kept_alerts(settings: Settings) -> dict[str, bytes]:
    """What `alerts.all` holds, by id."""
    found = {}
    for taken in records(settings, ALERTS.name):
        if taken.value is not None:
            found[decode(Alert, taken.value).id] = taken.value
    return found


def compare(again: Sequence[Told], kept: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Ids that come out the same, that differ in their bytes, and that `alerts.all` does not hold."""
    found: dict[str, list[str]] = {"same": [], "different": [], "missing": []}
    for told in again:
        value = told.outgoing[0].value
        there = kept.get(told.alert.id)
        found["missing" if there is None else "same" if there == value else "different"].append(told.alert.id)
    return found


def raised(told: Sequence[Told]) -> dict[tuple[str, str], Told]:
    """The raised alerts by dossier and story: what stays the same when only the rule's name changes."""
    return {
        (one.alert.proposal or "", one.alert.story or one.alert.thread): one
        for one in told
        if one.alert.type == "raised"
    }


def per_day(count: int, days: int) -> float:
    """So many over so many days."""
    return count / days if days else 0.0


def busiest(told: Sequence[Told]) -> tuple[int, str]:
    """Most of these alerts on one day, and which day that was."""
    days = Counter(cause_time(one).date().isoformat() for one in told)
    return max(((n, day) for day, n in days.items()), default=(0, ""), key=lambda one: (one[0], one[1]))


def verdicts(settings: Settings) -> dict[str, Counter[str]]:
    """Per rule, how many alerts were called what; of several verdicts of one reader the last counts."""
    last: dict[tuple[str, str], Feedback] = {}
    for taken in records(settings, FEEDBACK.name):
        try:
            said = decode(Feedback, taken.value)
        except RecordFault:
            continue  # not ours to judge: feedback changes nothing
        last[said.alert, said.by] = said
    found: dict[str, Counter[str]] = {}
    for said in last.values():
        found.setdefault(said.rule, Counter())[said.verdict] += 1
    return found
