"""The workbench's work: what knowledge and rules make of a text, and what a change of them would have changed.

It runs in a process of its own (`workshop`), since it takes memory and time that the page must not wait for. It
changes nothing: the log is only read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors.reader import read as follow
from streams.contracts.faults import BrokerFault, RecordFault, WorldFault
from streams.contracts.records import Alert, Article, BundleRef, Mention, SourceHealth, Suppressed, Tick, Withdrawn
from streams.contracts.topics import ALERTS, ARTICLES, KIND, MENTIONS, SOURCE, SUPPRESSED, TICK, WITHDRAWN, partition_of
from streams.contracts.wire import decode
from streams.logic import dossier, mention
from streams.logic.compile import compile_knowledge
from streams.logic.difference import Given, changes
from streams.logic.knowledge import KnowledgeFault
from streams.logic.lint import lint
from streams.logic.matching import Ask
from streams.logic.memory import DictMemory
from streams.logic.rules import CompiledRules, RulesFault, compile_rules, run_tests
from streams.logic.tag import THRESHOLD, Tagger
from streams.logic.tag.language import language
from streams.settings import Settings
from streams.transport.ends import spans, watermarks

Files = Mapping[str, str]
KINDS: Mapping[str, type[Mention | Withdrawn | Tick | SourceHealth]] = {
    "": Mention, WITHDRAWN: Withdrawn, TICK: Tick, SOURCE: SourceHealth,
}  # fmt: skip
COMPARE_SECONDS = 25.0
MOST_ARTICLES = 5_000
MOST_SHOWN = 40
ENGINE = "workbench"


def read(knowledge: Files, rules: Files, title: str, text: str, lang: str, published: str) -> dict[str, Any]:
    """What is found in a text, and for each finding which rules fire, as if this were the first report of it."""
    compiled = compile_knowledge(knowledge)
    tagger, watch = Tagger(compiled), compile_rules(rules)
    day = _moment(published)
    tagged = tagger.tag(title, text, lang or None, day, near_in_full=True)
    now = datetime.now(UTC)
    article = Article(
        id="workbench", revision=1, kind="new", item="workbench", event="workbench", source="workbench", url="",
        title=title, text=text, lang=tagged.lang, published=day, modified=None, seen=day or now,
        historical=False, signature="",
    )  # fmt: skip
    known = BundleRef(id="knowledge", version=compiled.ref.version, hash=compiled.ref.hash)
    said = mention.decide(DictMemory(), article, 0, tagger, known, ENGINE)
    mentions = [decode(Mention, out.value) for out in said.outgoing if not out.headers]
    return {
        "lang": tagged.lang, "supported": tagged.supported, "gated": tagged.gated, "threshold": THRESHOLD,
        "found": [msgspec.to_builtins(f) for f in tagged.findings],
        "near": [msgspec.to_builtins(f) for f in tagged.near],
        "rules": [_judged(watch, one) for one in mentions],
    }  # fmt: skip


def _judged(watch: CompiledRules, one: Mention) -> dict[str, Any]:
    """Which rule a mention alerts by, and of every rule by itself whether it would, or why not."""
    decided = _decide(watch, one)
    each = []
    for rule in watch.rules:
        alone = _decide(replace(watch, rules=(rule,)), one)
        each.append({"id": rule.id, "about": rule.about, "severity": rule.severity, "when": list(rule.when),
                     "match": [*map(_asked, rule.match),
                               *("unless " + _asked(ask) for ask in rule.unless)], **alone})  # fmt: skip
    return {"dossier": one.dossier, **decided, "each": each}


def _asked(ask: Ask) -> str:
    """A condition as its rule writes it."""
    name = ask.field + (f"|{ask.how}" if ask.how else "")
    return f"{name}: {', '.join(ask.wanted)}"


def _decide(watch: CompiledRules, one: Mention) -> dict[str, Any]:
    for out in dossier.decide(DictMemory(), one, 0, watch).outgoing:
        if out.topic == ALERTS.name:
            alert = decode(Alert, out.value)
            return {"fires": True, "rule": alert.rule.id, "headline": alert.headline, "reason": ""}
        if out.topic == SUPPRESSED.name:
            held = decode(Suppressed, out.value)
            return {"fires": False, "rule": "", "headline": held.headline, "reason": held.reason}
    return {"fires": False, "rule": "", "headline": "", "reason": ""}


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def test(settings: Settings, kind: str, files: Files, path: str, content: str, days: int) -> dict[str, Any]:
    """Tests of a changed rule or entry, and what it gains and loses over the log's last days (0: not asked)."""
    changed = {**files, path: content}
    try:
        problems = _rule_problems(changed, path) if kind == "rules" else _entry_problems(changed, path)
    except (RulesFault, KnowledgeFault) as fault:
        return {"problems": [str(fault)], "compared": None}
    if not days:
        return {"problems": problems, "compared": None}
    try:
        compared = (_compare_rules if kind == "rules" else _compare_entries)(settings, files, changed, days)
    except WorldFault as fault:
        return {"problems": problems, "compared": None, "why": str(fault)}
    return {"problems": problems, "compared": compared}


def _rule_problems(changed: Files, path: str) -> list[str]:
    before = {p: t for p, t in changed.items() if p != path}
    old = set(run_tests(before)) if before else set()
    return [problem for problem in run_tests(changed) if problem not in old]


def _entry_problems(changed: Files, path: str) -> list[str]:
    compile_knowledge(changed)
    return [problem for problem in lint(changed) if problem.startswith(path + ":")]


def check(kind: str, files: Files) -> list[str]:
    """All that is wrong with a whole set of rules or entries: what the commands that put it in force ask, too."""
    try:
        return list(map(str, run_tests(files) if kind == "rules" else lint(files)))
    except (RulesFault, KnowledgeFault) as fault:
        return [str(fault)]


def _kind(message: Message) -> str:
    headers: Any = dict(message.headers() or ())
    return bytes(headers.get(KIND) or b"").decode("utf-8", "replace")


def _log_so_far(settings: Settings, topic: str, until: float) -> Iterator[Message]:
    """All that a topic holds now, or as much as is read before `until`."""
    stop, through = threading.Event(), threading.Event()
    for message in follow(settings, [topic], stop, caught_up=through):
        if message is not None:
            yield message
        if (through.is_set() and message is None) or time.monotonic() > until:
            stop.set()


def _compare_rules(settings: Settings, before: Files, after: Files, days: int) -> dict[str, Any]:
    watches = compile_rules(before), compile_rules(after)
    memories: dict[int, tuple[DictMemory, DictMemory]] = {}
    raised: tuple[dict[Any, Alert], dict[Any, Alert]] = ({}, {})
    until, newest, count = time.monotonic() + COMPARE_SECONDS, datetime.min.replace(tzinfo=UTC), 0
    for message in _log_so_far(settings, MENTIONS.name, until):
        kind = _kind(message)
        if kind not in KINDS:
            continue
        count += 1
        for side, memory in enumerate(memories.setdefault(int(message.partition() or 0), (DictMemory(), DictMemory()))):
            try:
                record = decode(KINDS[kind], message.value())
                out = dossier.decide(memory, record, int(message.offset() or 0), watches[side]).outgoing
            except (RecordFault, ValueError, KeyError):
                continue  # as the room does: set aside
            for one in out:
                alert = decode(Alert, one.value) if one.topic == ALERTS.name else None
                if alert is not None and alert.type == "raised":
                    # The same story by another rule, or as severe as it was not, is a change as well.
                    raised[side][alert.proposal, alert.story, alert.rule.id, alert.severity] = alert
                    newest = max(newest, _seen(alert))
    since = newest - timedelta(days=days) if count and newest.year > 1 else newest
    kept = [{k: a for k, a in side.items() if _seen(a) >= since} for side in raised]
    return _told(
        [_alert(kept[1][k]) for k in sorted(kept[1].keys() - kept[0].keys(), key=str)],
        [_alert(kept[0][k]) for k in sorted(kept[0].keys() - kept[1].keys(), key=str)],
        count, days, time.monotonic() > until,
    )  # fmt: skip


def _seen(alert: Alert) -> datetime:
    return alert.article.seen if alert.article else datetime.min.replace(tzinfo=UTC)


def _alert(alert: Alert) -> dict[str, str]:
    return {
        "headline": alert.headline, "rule": alert.rule.id, "severity": alert.severity, "thread": alert.thread,
        "quote": alert.evidence[0].quote if alert.evidence else "",
    }  # fmt: skip


def _told(gained: list[Any], lost: list[Any], documents: int, days: int, partial: bool) -> dict[str, Any]:
    return {
        "gained": gained[:MOST_SHOWN], "lost": lost[:MOST_SHOWN], "n_gained": len(gained), "n_lost": len(lost),
        "documents": documents, "days": days, "partial": partial,
    }  # fmt: skip


def _compare_entries(settings: Settings, before: Files, after: Files, days: int) -> dict[str, Any]:
    taggers = Tagger(compile_knowledge(before)), Tagger(compile_knowledge(after))
    until = time.monotonic() + COMPARE_SECONDS
    articles, whole = latest(settings, datetime.now(UTC) - timedelta(days=days), MOST_ARTICLES)
    given = [Given(one.id, one.title, one.text, one.lang, one.published, None) for one in articles]
    gained: list[dict[str, str]] = []
    lost: list[dict[str, str]] = []
    read_ = 0
    for one in given:
        if time.monotonic() > until:
            break
        read_ += 1
        for change in changes(taggers[0], taggers[1], [one]):
            finding = change.finding
            (gained if change.gained else lost).append(
                {"headline": f"{finding.proposal} {finding.score:.2f}: {one.title or one.text[:80]}",
                 "rule": "", "severity": "", "thread": "",
                 "quote": finding.evidence[0].quote if finding.evidence else ""}
            )  # fmt: skip
    return _told(gained, lost, read_, days, read_ < len(given) or not whole)


def _consumer(settings: Settings) -> Consumer:
    return Consumer(
        settings.kafka() | {"group.id": "treatywatch-workbench", "enable.auto.commit": False, "log_level": 0}
    )


def _away(settings: Settings, why: str) -> BrokerFault:
    return BrokerFault(f"Kafka on {settings.bootstrap} does not tell: {why}")


def latest(settings: Settings, since: datetime, most: int) -> tuple[list[Article], bool]:
    """The latest revision of articles that came since a moment, newest first; and whether all of them were read.

    `BrokerFault` when there are some and Kafka gives none.
    """
    consumer = _consumer(settings)
    found: dict[str, tuple[int, Article]] = {}
    try:
        ends = {p: high for p, (_, high) in spans(consumer, ARTICLES.name).items()}
        asked = [TopicPartition(ARTICLES.name, p, int(since.timestamp() * 1000)) for p in ends]
        starts = [place for place in consumer.offsets_for_times(asked, timeout=10) if place.offset >= 0]
        # No more than are wanted of each partition: the oldest are left out.
        for place in starts:
            place.offset = max(place.offset, ends[place.partition] - most)
        waiting = {place.partition: ends[place.partition] for place in starts if place.offset < ends[place.partition]}
        consumer.assign([place for place in starts if place.partition in waiting])
        until = time.monotonic() + COMPARE_SECONDS
        while waiting and time.monotonic() < until:
            message = consumer.poll(0.5)
            if message is None or message.error() is not None:
                continue
            partition = int(message.partition() or 0)
            if int(message.offset() or 0) + 1 >= waiting.get(partition, 0):
                waiting.pop(partition, None)
            article = _article(message)
            if article is not None:
                found[article.id] = int(message.timestamp()[1]), article
    except KafkaException as fault:
        raise _away(settings, fault.args[0].str()) from fault
    finally:
        consumer.close()
    if waiting and not found:
        raise _away(settings, f"nothing came for {COMPARE_SECONDS:.0f} s")
    newest = sorted(found.values(), key=lambda pair: pair[0], reverse=True)[:most]
    return [article for _, article in newest if article.kind != "retraction"], not waiting


def _article(message: Message) -> Article | None:
    if _kind(message) or message.value() is None:
        return None
    try:
        return decode(Article, message.value())
    except RecordFault:
        return None


def article(settings: Settings, identity: str, seen: str) -> dict[str, Any] | None:
    """An article from `news.articles`, its newest revision; `None` when it is no longer kept.

    `BrokerFault` when Kafka does not give what it may be among.
    """
    consumer = _consumer(settings)
    found = None
    try:
        partitions = len(consumer.list_topics(ARTICLES.name, timeout=10).topics[ARTICLES.name].partitions)
        place = TopicPartition(ARTICLES.name, partition_of(ARTICLES.name, identity, partitions))
        low, high = watermarks(consumer, place)
        moment = _moment(seen)
        start = low
        if moment is not None:
            # It was written soon after it was seen; the log's clock and ours may differ a little.
            asked = TopicPartition(place.topic, place.partition, int((moment - timedelta(hours=1)).timestamp() * 1000))
            (at,) = consumer.offsets_for_times([asked], timeout=10)
            start = at.offset if at.offset >= 0 else low
        consumer.assign([TopicPartition(place.topic, place.partition, start)])
        until = time.monotonic() + COMPARE_SECONDS
        position = start
        while position < high and time.monotonic() < until:
            message = consumer.poll(0.5)
            if message is None or message.error() is not None:
                continue
            position = int(message.offset() or 0) + 1
            if message.key() == identity.encode():
                found = _article(message) or found
    except KafkaException as fault:
        raise _away(settings, fault.args[0].str()) from fault
    finally:
        consumer.close()
    if found is None and position < high:
        raise _away(settings, f"not all was read within {COMPARE_SECONDS:.0f} s")
    return msgspec.to_builtins(found) if found else None


def near(settings: Settings, knowledge: Files, most: int) -> dict[str, Any]:
    """Near misses among the latest articles: what fell short of the threshold, and what was not read at all."""
    tagger = Tagger(compile_knowledge(knowledge))
    until = time.monotonic() + COMPARE_SECONDS
    told, articles, unsupported, gated = [], 0, 0, 0
    given, whole = latest(settings, datetime(2000, 1, 1, tzinfo=UTC), most)
    for one in given:
        if time.monotonic() > until:
            break
        articles += 1
        tagged = tagger.tag(one.title, one.text, one.lang or language(f"{one.title}\n{one.text}"), one.published)
        unsupported += not tagged.supported
        gated += tagged.supported and not tagged.gated
        told += [
            {"article": one.id, "title": one.title or one.text[:100], "source": one.source, "url": one.url,
             "lang": one.lang,
             "seen": msgspec.to_builtins(one.seen), "proposal": f.proposal, "score": f.score,
             "quote": f.evidence[0].quote if f.evidence else "",
             "against": [[r.weight, r.feature] for r in f.why if r.weight < 0 and r.feature != "start"][:3]}
            for f in tagged.near
        ]  # fmt: skip
    told.sort(key=lambda miss: -miss["score"])
    return {
        "misses": told[:MOST_SHOWN],
        "n": len(told),
        "articles": articles,
        "unsupported": unsupported,
        "gated": gated,
        "partial": articles < len(given) or not whole,
    }
