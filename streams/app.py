"""Puts the worker together: the only module that knows every room."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import importlib.metadata
import logging
import os
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

import faust
import msgspec
from faust.exceptions import ConsumerNotStarted

from streams import compiled, knowledge, rules
from streams.agents import canary, clock, dossier, normalise, tag
from streams.agents.bundles import Bundles
from streams.agents.room import MAX_STATE, Decide, Room
from streams.contracts.ids import bundle_hash
from streams.contracts.records import Activation, Alert, Bundle, Mention
from streams.contracts.topics import (
    ALERTS,
    ARTICLES,
    BY_NAME,
    ITEMS,
    KIND,
    MENTIONS,
    SUPPRESSED,
    TOPICS,
    Outgoing,
    Topic,
    alerts_topic,
)
from streams.logic.compile import compile_knowledge
from streams.logic.rules import CompiledRules, compile_rules
from streams.logic.tag import Tagger
from streams.ops import health, meters
from streams.settings import Settings
from streams.transport import activate, topics
from streams.transport.intake import PARCEL, Intake
from streams.transport.outbox import Outbox
from streams.transport.standstill import Standstill
from streams.transport.witness import Witness

log = logging.getLogger("treatywatch.worker")

STOOD_STILL = CRASHED = 1
"""Exit code of a worker that ended because it took nothing of what waited, or by a fault in Faust's own parts."""

ENGINE = "treatywatch/" + importlib.metadata.version("treatywatch")


def bundles(settings: Settings) -> tuple[Bundle, Bundle]:
    """Knowledge and rules of this deployment, checked: the packaged ones under the operator's."""
    known = knowledge.read(settings.knowledge)
    watched = rules.read(settings.rules)
    compile_knowledge(known)
    compile_rules(watched)
    return (
        _bundle("knowledge", known, settings.knowledge),
        _bundle("rules", watched, settings.rules),
    )


def _bundle(kind: Any, files: dict[str, str], folder: Path | None) -> Bundle:
    found = bundle_hash(files)
    name = "packaged" if folder is None else f"packaged+{folder.name}"
    return Bundle(kind=kind, id=name, version=found[:12], hash=found, files=files)


def prepare(settings: Settings) -> tuple[Bundle, Bundle]:
    """Create the topics and put the bundles in force, before anything reads or writes."""
    found = bundles(settings)
    put_in_force(settings, found)
    return found


def put_in_force(settings: Settings, found: tuple[Bundle, Bundle]) -> bool:
    """Make the topics, those that the rules send to among them, then activate; whether anything was not yet so."""
    own = compile_rules(found[1].files).topics
    topics.ensure(settings, (*TOPICS, *(t for name in sorted(own) if (t := alerts_topic(name)).name not in BY_NAME)))
    return activate.activate(settings, *found, now=datetime.now(UTC))


def in_force(settings: Settings) -> tuple[Bundle | None, Bundle | None]:
    """Knowledge and rules that were activated last, so that who changes one leaves the other as it is; none on a new
    Kafka, whose topics are made."""
    topics.ensure(settings, TOPICS)
    active = activate.in_force(settings)
    if active is None:
        return None, None
    kept = activate.load_bundles(settings)
    return kept.get(active.knowledge.hash), kept.get(active.rules.hash)


def _folder(settings: Settings) -> tuple[Path, TextIO]:
    """A folder of this process's own for its tables: the first that no living worker holds."""
    base = settings.data / "worker"
    for slot in range(1000):
        folder = base / str(slot)
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return folder, lock
    raise RuntimeError(f"a thousand workers hold {base}")


def _credentials(settings: Settings) -> Any:
    context = None
    if settings.security.endswith("SSL"):
        context = ssl.create_default_context(cafile=str(settings.ssl_ca) if settings.ssl_ca else None)
        if settings.ssl_certificate:
            context.load_cert_chain(settings.ssl_certificate, settings.ssl_key)
    if settings.security.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password,
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context else None


class Quiet(faust.Worker):
    """Faust's worker without a look of its own: its logging would take our handlers away and write in colours."""

    def __init__(self, app: Any, *services: Any, **options: Any) -> None:
        super().__init__(app, *services, **options | {"override_logging": False})
        self.spinner = None  # it would move the cursor of whoever reads the log

    def _crash(self, reason: BaseException) -> None:
        """A part of Faust's has failed: end, so that a new start mends it.

        Stopping in good order may wait for good: for streams that take nothing any more, for a consumer's thread that
        has ended. What was not committed is taken again.
        """
        log.critical("ended by a fault: %r", reason)
        _end(CRASHED)


def _end(code: int) -> NoReturn:
    """End the process at once, without a commit."""
    logging.shutdown()
    os._exit(code)


TAGGED = frozenset(["relevant", "irrelevant", "gated_out", "lang_unsupported"])
"""What an article can turn out to be; the share that is not `gated_out` is the gate's pass rate."""

ROOM_OF = {ITEMS.name: "normalise", ARTICLES.name: "tag", MENTIONS.name: "dossier"}


def told_from_the_start(rules: CompiledRules) -> None:
    """Give each rule its series: Prometheus does not see a series rise that appears with its first alert."""
    for rule in rules.rules:
        meters.ALERTS.labels(rule.id, rule.severity, "raised")
        meters.SEEN_TO_ALERT.labels(rule.id)
        meters.PUBLISHED_TO_ALERT.labels(rule.id)


def activated(active: Activation, rules: CompiledRules) -> None:
    """Show what is in force from now on: it need not be what this worker's settings name."""
    meters.KNOWLEDGE.info({"knowledge": active.knowledge.hash, "rules": active.rules.hash, "engine": ENGINE})
    told_from_the_start(rules)


def counted(room: str, outgoing: Sequence[Outgoing], counts: dict[str, int]) -> None:
    """Turn what a room did into metrics."""
    for what, n in counts.items():
        meters.DECIDED.labels(room, what).inc(n)
        if room == "tag" and what in TAGGED:
            meters.GATE.labels(what).inc(n)
        if what == "lang_unsupported":
            meters.LANG_UNSUPPORTED.inc(n)
    now = datetime.now(UTC)
    for out in outgoing:
        if any(name == KIND for name, _ in out.headers):
            continue  # not the topic's own record: a withdrawal, a canary
        if out.topic == ARTICLES.name:
            meters.ARTICLES.labels(_peek(out, "kind")).inc()
        elif out.topic == MENTIONS.name:
            found = msgspec.json.decode(out.value, type=Mention)
            meters.MENTIONS.labels(found.proposal, found.article.lang or "und").inc()
        elif out.topic == ALERTS.name:
            alert = msgspec.json.decode(out.value, type=Alert)
            meters.ALERTS.labels(alert.rule.id, alert.severity, alert.type).inc()
            # An archive that is played is seen when it was published: how long ago that is says nothing about us.
            played = alert.article is not None and alert.article.seen == alert.article.published
            # What updates or corrects an alert names the article that raised it, which may be from yesterday.
            if alert.article and alert.type == "raised" and not alert.historical and not played:
                seen = (now - alert.article.seen).total_seconds()
                meters.SEEN_TO_ALERT.labels(alert.rule.id).observe(max(seen, 0))
                if alert.article.published:
                    age = (now - alert.article.published).total_seconds()
                    meters.PUBLISHED_TO_ALERT.labels(alert.rule.id).observe(max(age, 0))
        elif out.topic == SUPPRESSED.name:
            held = msgspec.json.decode(out.value, type=dict[str, Any])
            meters.SUPPRESSED.labels(held["rule"]["id"], held["reason"].split(":")[0]).inc()


def _peek(out: Outgoing, name: str) -> str:
    return str(msgspec.json.decode(out.value)[name])


def judgements(settings: Settings, known: Bundle, watched: Bundle) -> dict[str, tuple[Topic, Decide]]:
    """The rooms by name: where each reads, and its judgement of a record."""
    taggers: Bundles[Tagger] = Bundles(
        lambda files: Tagger(compile_knowledge(files)),
        {known.hash: known},
        lambda: activate.load_bundles(settings),
    )
    watch = Bundles(compile_rules, {watched.hash: watched}, lambda: activate.load_bundles(settings))
    # Compiled now: a fault in them must be said before anything is taken.
    taggers.by_hash(known.hash)
    watch.by_hash(watched.hash)
    # What is loaded by now stays: looking it through at each collection took a tenth of a document's time.
    gc.freeze()
    return {
        "normalise": (ITEMS, normalise.judgement()),
        "tag": (ARTICLES, tag.judgement(taggers, ENGINE)),
        "dossier": (MENTIONS, dossier.judgement(watch, canary.arrived, activated)),
    }


def build(settings: Settings, rooms: Mapping[str, tuple[Topic, Decide]] | None = None) -> Any:
    """The Faust app with its rooms (others than its own only in benchmarks).

    Needs the broker: topics come before anything starts.
    """
    known, watched = prepare(settings)
    topics.check_state(settings)
    meters.KNOWLEDGE.info({"knowledge": known.hash, "rules": watched.hash, "engine": ENGINE})
    told_from_the_start(compile_rules(watched.files))
    folder, lock = _folder(settings)
    outbox = Outbox(settings)
    count = outbox.partitions(ITEMS.name)
    parcels = max(settings.batch // PARCEL, 1)
    app: Any = faust.App(
        settings.app_id,
        broker=[f"kafka://{address}" for address in settings.bootstrap.split(",")],
        broker_credentials=_credentials(settings),
        store="rocksdb://",
        # By its name: another application's cache would be read as this one's.
        datadir=str(folder / f"tables-{settings.app_id}"),
        autodiscover=False,
        topic_disable_leader=True,
        topic_partitions=count,
        topic_replication_factor=settings.replication,
        broker_commit_interval=0.25,
        broker_session_timeout=6.0,
        broker_heartbeat_interval=2.0,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=True,
        stream_buffer_maxsize=2 * parcels,
        broker_max_poll_records=settings.batch,
        web_enabled=False,
        Worker=Quiet,
    )
    app.transport.Consumer = type(
        "Inboxes",
        (Intake,),
        {"inboxes": frozenset(ROOM_OF), "stands_between": staticmethod(Witness(settings).stands_between)},
    )
    app.settings_lock = lock  # held as long as the app lives
    opened = {
        name: Room(app, name, inbox, lambda: outbox, judge, counted, settings.min_insync)
        for name, (inbox, judge) in (rooms or judgements(settings, known, watched)).items()
    }
    app.transport.Consumer.changelogs = {room.inbox.name: room.changelog for room in opened.values()}
    # Before Faust would: a member whose metadata does not know a changelog yet is assigned an inbox without its state.
    topics.make(
        settings,
        [Topic(room.changelog, compacted=True, partitions=count, max_record=MAX_STATE) for room in opened.values()],
    )
    for room in opened.values():
        room.open(parcels, settings.linger)

    @app.timer(interval=clock.EVERY)  # type: ignore[untyped-decorator]  # Faust is untyped
    async def tell_the_time() -> None:
        if app.rebalancing or app.tables.recovery.in_recovery:
            return  # whoever holds the partitions afterwards tells it
        held = sorted(tp.partition for tp in app.consumer.assignment() if tp.topic == MENTIONS.name)
        await outbox.deliver(clock.ticks(held, opened["dossier"].memory, datetime.now(UTC)))

    @app.timer(interval=1.0)  # type: ignore[untyped-decorator]  # Faust is untyped
    async def acknowledge_what_is_done() -> None:
        if app.rebalancing or app.tables.recovery.in_recovery:
            return
        for name, room in opened.items():
            held = {tp for tp in app.consumer.assignment() if tp.topic == room.inbox.name}
            lost = room.acknowledged.lost(app.consumer._committed_offset, held, time.monotonic())
            if lost:
                log.warning("%s: committing again what Faust did not: %s", name, lost)
                await app.consumer._commit_offsets(lost)

    standstill = app.standstill = _standstill(app, settings, opened)

    @app.timer(interval=1.0)  # type: ignore[untyped-decorator]  # Faust is untyped
    async def say_how_it_goes() -> None:
        recovering = bool(app.tables.recovery.in_recovery)
        meters.RECOVERING.set(recovering)
        meters.STILL.set(standstill.seconds)
        meters.HEALTHY.labels("worker").set(0 if recovering or standstill.suspected() else 1)
        held = {(ROOM_OF[tp.topic], str(tp.partition)): tp for tp in app.consumer.assignment() if tp.topic in ROOM_OF}
        # What moved to another worker is told by that one; kept here it would look like a room that stands still.
        meters.keep_only(meters.LAG, held)
        meters.keep_only(meters.COMMITTED, held)
        meters.keep_only(meters.CANARY_AGE, [(partition,) for room, partition in held if room == "dossier"])
        for labels, tp in held.items():
            high = app.consumer.highwater(tp)
            at = app.consumer._committed_offset.get(tp)
            if high is not None and at is not None:
                meters.LAG.labels(*labels).set(max(high - at, 0))
                meters.COMMITTED.labels(*labels).set(at)

    @app.timer(interval=health.LOOK)  # type: ignore[untyped-decorator]  # Faust is untyped
    async def look_at_the_broker() -> None:
        meters.BROKER_UP.set(await health.broker_answers(settings.bootstrap))

    return app


def _standstill(app: Any, settings: Settings, opened: Mapping[str, Room]) -> Standstill:
    """Watches, once the worker has partitions, that it takes what waits in them."""

    def held() -> set[tuple[str, int]]:
        consumer = app._consumer  # `app.consumer` would make one, on this thread
        try:
            return (
                {(tp.topic, tp.partition) for tp in consumer.assignment() if tp.topic in ROOM_OF} if consumer else set()
            )
        except ConsumerNotStarted:
            return set()

    rooms = {room.inbox.name: room for room in opened.values()}

    def sign(place: tuple[str, int]) -> Any:
        recovered = sum(at or 0 for at in list(app.tables.recovery.active_offsets.values()))
        return app.consumer_generation_id, recovered, rooms[place[0]].acknowledged.progress(place)

    def end(seconds: float, waiting: Mapping[tuple[str, int], int]) -> None:
        consumer = app.consumer
        log.critical(
            "stands still for %.0f s: records wait and none is taken; ending, so that a new start mends it. "
            "Waiting from %s; generation %s, rebalancing %s, recovering %s, flow %s, reads %s, paused %s, "
            "believes committed %s",
            seconds, dict(waiting), app.consumer_generation_id, app.rebalancing, app.tables.recovery.in_recovery,
            consumer.flow_active, sorted(consumer._active_partitions), sorted(consumer._paused_partitions),
            dict(consumer._committed_offset),
        )  # fmt: skip
        _end(STOOD_STILL)

    return Standstill(settings, held, sign, end)


def run(settings: Settings, rooms: Mapping[str, tuple[Topic, Decide]] | None = None) -> int:
    """Run a worker until it is told to stop. Returns the exit code."""
    app = build(settings, rooms)
    port = meters.serve("worker", settings.metrics_host, settings.metrics_port)
    log.info("the tagger is %s", compiled.FORM)
    health.note(settings.data, "worker", port)
    log.info("metrics on http://%s:%s/metrics", settings.metrics_host, port)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = app.Worker(loop=loop, redirect_stdouts=False, quiet=True)
    code = 0
    app.standstill.start()
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        code = int(end.code or 0)
    return code
