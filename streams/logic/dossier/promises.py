"""Promises: the forward calendar of a dossier. A promised day comes, passes, or was kept; and an alert that said
so follows what becomes of its promise. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from streams.contracts.ids import digest, mention_id
from streams.contracts.records import AlertType, Change, Commitment, Mention, Suppressed, Tick
from streams.contracts.topics import SUPPRESSED, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import life, report, sending
from streams.logic.dossier.state import Head, Held, Promise, await_at
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules

MOST_PROMISES = 200

KEEPING = frozenset(["propose", "table", "discuss", "clarify", "agree", "ratify", "counter", "revive", "withdraw"])
"""Acts by which a promise can have been kept, when done by who made it on about the promised day."""

_SIGNING = re.compile(
    r"sign|ratif|agree|подпи|ратиф|соглас|заключ|unterzeichn|unterschr|ratifiz|zustimm|firm", re.IGNORECASE
)
"""What is promised where agreeing keeps the promise before its day; to agree hands over no draft."""

ANSWERS = frozenset(["counter", "agree", "welcome", "support", "reject"])
"""Acts that give the answer that was promised; other promises are not kept by a refusal."""
EARLY_ANSWERS = frozenset(["counter"])
_ANSWERING = re.compile(r"repl(?:y|ies)|respon|answer|ответ|відпов|antwort|répon", re.IGNORECASE)

_PUT_OFF = re.compile(
    r"\b(?:postpon|put(?:s|ting)? off|delay|defer|push(?:es|ed)? back|verschob|verschieb|vertag"
    r"|перен[её]с|отлож|відкла|repouss)",
    re.IGNORECASE,
)
"""What is put off to another day is not missed on its first."""

AT_ONCE = frozenset(["table", "agree", "ratify", "withdraw"])
"""Acts that keep a promise before its day too: "a draft by December"."""


def known(head: Head, one: Commitment, mention: Mention) -> Promise | None:
    """The promise that a report's commitment speaks of, when the dossier has it.

    What another clock has brought as history is not known on the days that an archive is played on.
    """
    return next(
        (
            p
            for p in head.promises
            if p.state != "withdrawn" and p.is_of(one.who, one.due) and (not p.historical or p.clock == mention.clock)
        ),
        None,
    )


def take(memory: Memory, head: Head, mention: Mention) -> list[Promise]:
    """Note the promises of a mention; those that are new are returned, and their days awaited."""
    fresh = []
    for one in mention.commitments:
        before = known(head, one, mention)
        if before is not None:
            before.who = before.who or one.who
            if mention.article.id not in before.articles:
                before.articles.append(mention.article.id)
            continue
        if _PUT_OFF.search(one.quote):
            for old in head.promises:
                if old.state in ("open", "due") and set(old.who) & set(one.who):
                    old.state = "withdrawn"  # another day has taken its place
        past = mention.historical and one.due is not None and one.due < life.day(mention.article.seen)
        made = Promise(
            who=one.who, what=one.what, due=one.due, state="overdue" if past else "open",
            articles=[mention.article.id], mention=mention.id, clock=mention.clock, historical=mention.historical,
            made=life.event_time(mention),
        )  # fmt: skip
        fresh.append(made)
        # It takes the place of what was history when it was told: one promise stands in a dossier once.
        history = [p for p in head.promises if p.historical and p.clock != made.clock and p.is_of(made.who, made.due)]
        made.articles += [article for p in history for article in p.articles]
        head.promises = [*(p for p in head.promises if p not in history), made]
        if made.due is not None and made.state == "open":
            on = datetime.combine(date.fromisoformat(made.due), time(), UTC)
            await_at(memory, on, made.clock, head.key)
            await_at(memory, on + timedelta(days=1), made.clock, head.key)
    head.omitted += max(0, len(head.promises) - MOST_PROMISES)
    head.promises = head.promises[-MOST_PROMISES:]
    return fresh


def keep(memory: Memory, decision: Decision, head: Head, mention: Mention) -> None:
    """A promise is kept when who made it acts on about the promised day, or by an act that needs no day.

    By such an act before the day only if the promise did not come with it: "Russia presented a plan, and will explain
    it on July 25" is not kept by the next report of the plan.
    """
    if mention.voice not in ("fact", "quote") or report.denied(mention):
        return
    on = date.fromisoformat(life.event_time(mention))
    acts = [(e.act, e.actor) for e in mention.events if report.is_told(mention, e)] + [(mention.act, mention.actor)]
    for promise in head.promises:
        if promise.due is None or promise.state not in ("open", "due", "overdue"):
            continue
        due = date.fromisoformat(promise.due)
        near = abs(on - due) <= timedelta(days=1)
        early = promise.made < on.isoformat() <= promise.due
        if mention.article.id in promise.articles or not (near or early):
            continue
        at_once = AT_ONCE if _SIGNING.search(promise.what) else AT_ONCE - {"agree", "ratify"}
        # Before its day, and as an answer, only by what the report is about: "its draft" is named in many. A refusal
        # before the day that an answer is promised for is no answer yet, as it may be said of a part of it, unless it
        # is given in the reply itself.
        own = [(mention.act, mention.actor)]
        if mention.act in ANSWERS:
            own += [
                (e.act, e.actor) for e in mention.events if e.act == "counter" and set(e.actor) & set(mention.actor)
            ]
        answers = (ANSWERS if near else EARLY_ANSWERS) if _ANSWERING.search(promise.what) else frozenset[str]()
        come_with = frozenset[str]() if near else _come_with(memory, promise)
        if (near and _by(promise, acts, KEEPING)) or _by(promise, own, (at_once | answers) - come_with):
            was, promise.state = promise.state, "kept"
            _follow(decision, head, promise, mention, "updated", [Change(field="commitment", before=was, after="kept")])


def _by(promise: Promise, acts: Iterable[tuple[str, list[str]]], fitting: frozenset[str]) -> bool:
    """Whether who promised has done one of the `fitting` acts."""
    return any(act in fitting and (set(actor) & set(promise.who) or not promise.who) for act, actor in acts)


def _come_with(memory: Memory, promise: Promise) -> frozenset[str]:
    """What who promises has just done, by the report that tells of the promise."""
    held = memory.get(f"m/{promise.mention}", Held)
    said = held.mention if held is not None else None
    if said is None or (promise.who and not set(said.actor) & set(promise.who)):
        return frozenset()
    return report.NAMING if said.act in report.NAMING else frozenset([said.act])


def forget(memory: Memory, decision: Decision, head: Head, gone: Mention, still: list[Commitment]) -> None:
    """An article no longer makes its promises, save `still`: they go with their last report.

    What alerted of one is retracted with it, or goes on with the words of another report.
    """
    article = gone.article.id
    for promise in head.promises:
        if article not in promise.articles or any(promise.is_of(one.who, one.due) for one in still):
            continue
        promise.articles.remove(article)
        changed = [Change(field="article", before=article, after=next(iter(promise.articles), "retracted"))]
        if not promise.articles:
            if promise.state != "kept":
                promise.state = "withdrawn"
            _follow(decision, head, promise, gone, "retracted", changed)
        elif promise.mention == mention_id(article, head.key):
            promise.mention = mention_id(promise.articles[0], head.key)
            held = memory.get(f"m/{promise.mention}", Held)
            if held is not None and held.mention is not None:
                _follow(decision, head, promise, gone, "corrected", changed, held.mention)


def _follow(
    decision: Decision, head: Head, promise: Promise, cause: Mention, kind: AlertType, changes: list[Change],
    words: Mention | None = None,
) -> None:  # fmt: skip
    """Tell who was alerted that a promised day had passed what has become of it."""
    last = promise.last
    if last is None:
        return
    made = msgspec.structs.replace(
        last, id="n" + digest("alert", last.thread, kind, cause.id, str(cause.article.revision), last.id), type=kind,
        replaces=last.id, changes=changes, status=head.status,
        headline=f"{kind.capitalize()}: {last.headline}" if kind != "updated" else f"Kept after all: {last.headline}",
    )  # fmt: skip
    if words is not None:
        made = msgspec.structs.replace(made, evidence=words.evidence, article=words.article)
    promise.last = made
    decision.outgoing += alerts.sent(made, cause.article.seen, promise.topics)
    decision.count(kind)


def passes(memory: Memory, decision: Decision, rules: CompiledRules, head: Head, promise: Promise, tick: Tick) -> bool:
    """A promised day that comes, or passes; `overdue` alerts, save for what was history when it was told."""
    if promise.due is None or promise.clock != tick.clock or promise.state not in ("open", "due"):
        return False
    today = life.day(tick.at)
    state = "overdue" if today > promise.due else "due" if today == promise.due else promise.state
    if state == promise.state:
        return False
    promise.state = state
    held = memory.get(f"m/{promise.mention}", Held)
    if promise.historical or held is None or held.mention is None:
        decision.count(f"quietly_{state}")
        return True
    _passed(memory, decision, rules, head, promise, held.mention, tick)
    return True


def _passed(
    memory: Memory, decision: Decision, rules: CompiledRules, head: Head, promise: Promise, mention: Mention, tick: Tick
) -> None:
    """An alert on a thread of its own, quoting the promise."""
    happened = f"commitment_{promise.state}"
    said = next((c for c in mention.commitments if promise.is_of(c.who, c.due)), None)
    quoted = said or Commitment(who=promise.who, what=promise.what, due=promise.due, quote="")
    story = "p" + digest("promise", head.key, *sorted(promise.who), promise.due or "")
    fields = sending.fields_of(head, mention, None) | {"actor": promise.who, "act": ["promise"]}
    rule = rules.first([happened], fields)
    made = alerts.build(
        mention, rule or rules.none, kind="raised", thread="t" + digest("thread", story), replaces=None, before=None,
        status=head.status, story=story, origins=1, copies=0, changes=[],
    )  # fmt: skip
    who = alerts.people(promise.who) or "Somebody"
    passed = "has passed" if promise.state == "overdue" else "is today"
    made = msgspec.structs.replace(
        made, id="n" + digest("alert", made.thread, happened, msgspec.to_builtins(tick.at)),
        headline=f"{who} promised for {promise.due}: “{promise.what.rstrip('. ')}”; the day {passed} ({head.name})",
        act="promise", actor=promise.who, commitments=[quoted],
    )  # fmt: skip
    if rule is None:
        held_back: str | None = f"no rule fires: {happened}"
    else:
        held_back = sending.held_back(rules, rule, head, fields, tick.at)
        if held_back is None and sending.grouped(memory, head, rule, made, fields, tick.at, tick.clock):
            decision.count("grouped")
            return
    if rule is None or held_back is not None:
        data = Suppressed(**msgspec.structs.asdict(made), reason=held_back or "")
        decision.outgoing.append(Outgoing(SUPPRESSED.name, mention.proposal, encode(data)))
        decision.count("suppressed:" + sending.short(held_back or ""))
        return
    head.fired[rule.id] = tick.at
    promise.last, promise.topics = made, [rule.topic] if rule.topic else []
    decision.outgoing += alerts.sent(made, tick.at, promise.topics)
    decision.count("raised")
