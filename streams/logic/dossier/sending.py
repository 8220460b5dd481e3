"""Which rule fires, what holds an alert back, and what is sent after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Alert, AlertType, Change, Commitment, Mention, Status, Suppressed, Tick
from streams.contracts.topics import SUPPRESSED, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import life
from streams.logic.dossier import story as stories
from streams.logic.dossier.state import Group, Head, Story, await_at
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules, Rule


def fields_of(mention: Mention) -> dict[str, list[str]]:
    """What rules match on."""
    return {
        "proposal": [mention.proposal], "instance": [mention.instance] if mention.instance else [],
        "proposer": mention.proposer, "addressee": mention.addressee, "status": [mention.status],
        "act": [mention.act], "actor": mention.actor, "role": [mention.role], "voice": [mention.voice],
        "time": [mention.time], "source": [mention.article.source], "lang": [mention.article.lang or "und"],
        "historical": ["yes" if mention.historical else "no"],
    }  # fmt: skip


def raise_(
    memory: Memory,
    decision: Decision,
    rules: CompiledRules,
    head: Head,
    told: Story,
    mention: Mention,
    before: Status | None,
    happened: Sequence[str],
    reason: str,
) -> None:
    """Alert by the first rule that fires and that nothing holds back; else keep what was held back, and why."""
    fields = fields_of(mention)
    rule = rules.first(happened, fields)
    if rule is None:
        why = reason or "no rule fires: " + (", ".join(happened) or _nothing(mention))
        suppress(decision, rules, told, mention, before, why)
        return
    at = mention.article.seen
    held_back = _held_back(rules, rule, head, fields, at) if not mention.historical else None
    if held_back:
        suppress(decision, rules, told, mention, before, held_back, rule)
        return
    told.thread = "t" + digest("thread", told.id)
    told.topic = rule.topic
    made = _made(mention, rule, told, before)
    if rule.group is not None and not mention.historical and _grouped(memory, head, rule, made, mention, fields):
        told.thread = None
        decision.count("grouped")
        return
    told.last = made
    head.fired[rule.id] = at
    decision.outgoing += alerts.sent(made, at, rule.topic)
    decision.count("raised")


def _nothing(mention: Mention) -> str:
    if mention.voice in ("opinion", "rumour"):
        return f"{mention.voice} moves no state"
    return "nothing changed"


def _made(mention: Mention, rule: Rule, told: Story, before: Status | None) -> Alert:
    origins, copies = stories.figures(told.origins)
    return alerts.build(
        mention, rule, kind="raised", thread="t" + digest("thread", told.id), replaces=None, before=before,
        story=told.id, origins=origins, copies=copies, changes=[],
    )  # fmt: skip


def _held_back(
    rules: CompiledRules, rule: Rule, head: Head, fields: Mapping[str, Sequence[str]], at: datetime
) -> str | None:
    """The reason why an alert of `rule` does not go out now, if there is one."""
    silence = rules.silenced(rule, fields, at)
    if silence is not None:
        return f"silenced by {silence.author} until {msgspec.to_builtins(silence.until)}: {silence.reason}"
    for other, span in rule.inhibited_by.items():
        last = head.fired.get(other)
        if last is not None and at - last < span:
            return f"inhibited: {other} has alerted {msgspec.to_builtins(last)}"
    last = head.fired.get(rule.id)
    if rule.throttle is not None and last is not None and at - last < rule.throttle:
        return f"throttled: {rule.id} has alerted {msgspec.to_builtins(last)}"
    return None


def _grouped(
    memory: Memory, head: Head, rule: Rule, made: Alert, mention: Mention, fields: Mapping[str, Sequence[str]]
) -> bool:
    """Hold an alert for its group's digest; the first of a group goes out at once and opens it."""
    assert rule.group is not None  # noqa: S101 - the caller looked
    by = "|".join([rule.id, *(",".join(sorted(fields.get(name, ()))) for name in rule.group.by)])
    group = head.groups.get(by)
    at = mention.article.seen
    if group is None or at >= group.until:
        if group is not None and group.held:
            return False  # its digest waits for a tick; this one opens nothing new
        until = at + rule.group.span
        head.groups[by] = Group(rule.id, until, [])
        await_at(memory, until, mention.clock, head.key)
        return False
    # A further report of a story that is held already takes its place: a digest counts stories, not copies.
    group.held = [*(held for held in group.held if held.story != made.story), made]
    return True


def digests(decision: Decision, head: Head, tick: Tick) -> None:
    """Send what groups have held, one digest a group."""
    for by, group in list(head.groups.items()):
        if tick.at < group.until:
            continue
        del head.groups[by]
        if not group.held:
            continue
        last = group.held[-1]
        made = msgspec.structs.replace(
            last,
            id="n" + digest("digest", head.key, by, msgspec.to_builtins(group.until)),
            type="digest",
            headline=f"{len(group.held)} more on {head.name}: {last.headline}",
            changes=[Change(field="alert", before=None, after=one.headline) for one in group.held],
        )
        decision.outgoing += alerts.sent(made, tick.at, "digest")
        decision.count("digest")


def suppress(
    decision: Decision,
    rules: CompiledRules,
    told: Story,
    mention: Mention,
    before: Status | None,
    reason: str,
    rule: Rule | None = None,
) -> None:
    """Keep an alert that does not go out, with the reason."""
    if not rules.rules:
        decision.count("suppressed:no_rules")
        return
    held = _made(mention, rule or rules.none, told, before)
    data = Suppressed(**msgspec.structs.asdict(held), reason=reason)
    decision.outgoing.append(Outgoing(SUPPRESSED.name, mention.proposal, encode(data)))
    decision.count("suppressed:" + reason.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0])


def follow(
    decision: Decision,
    told: Story,
    mention: Mention,
    kind: AlertType,
    changes: list[Change],
    cause: Mention | None = None,
) -> None:
    """Send what updates, corrects or retracts the story's alert to where that went.

    `cause` is the mention whose record brings this, when it is not `mention`, whose words the alert takes over.
    """
    last = told.last
    assert last is not None and told.thread is not None  # noqa: S101, PT018 - the callers looked
    cause = cause or mention
    origins, copies = stories.figures(told.origins)
    identity = "n" + digest(
        "alert", told.thread, kind, cause.id, str(cause.article.revision), last.id, str(origins), str(copies)
    )
    made = msgspec.structs.replace(
        last, id=identity, type=kind, replaces=last.id, origins=origins, copies=copies, changes=changes
    )
    if kind == "corrected":
        status = None if life.is_class(mention.proposal) else mention.status
        made = msgspec.structs.replace(
            made, evidence=mention.evidence, article=mention.article, act=mention.act, actor=mention.actor,
            proposer=mention.proposer, addressee=mention.addressee, role=mention.role, voice=mention.voice,
            time=mention.time, score=mention.score, why=mention.why, status=status,
            commitments=mention.commitments, headline="Corrected: " + alerts.headline(mention, None, status),
        )  # fmt: skip
    elif kind == "retracted":
        made = msgspec.structs.replace(made, headline="Retracted: " + last.headline.removeprefix("Corrected: "))
    told.last = made
    decision.outgoing += alerts.sent(made, cause.article.seen, told.topic)
    decision.count(kind)


def promise_passed(
    decision: Decision,
    rules: CompiledRules,
    head: Head,
    mention: Mention,
    commitment: Commitment,
    happened: str,
    tick: Tick,
) -> None:
    """A promised day that came or passed: an alert on a thread of its own, quoting the promise."""
    told = Story("p" + digest("promise", head.key, *sorted(commitment.who), commitment.due or ""), [], {}, [])
    told.origins, _ = stories.place([], mention.article.id, mention.signature)
    rule = rules.first([happened], fields_of(mention))
    made = _made(mention, rule or rules.none, told, None)
    who = alerts.people(commitment.who) or "Somebody"
    passed = "has passed" if happened == "commitment_overdue" else "is today"
    made = msgspec.structs.replace(
        made,
        id="n" + digest("alert", made.thread, happened, msgspec.to_builtins(tick.at)),
        headline=f"{who} promised: {commitment.what} by {commitment.due}; the day {passed} ({head.name})",
        status=head.status,
        act="promise",
        actor=commitment.who,
        commitments=[commitment],
    )
    if rule is None:
        data = Suppressed(**msgspec.structs.asdict(made), reason=f"no rule fires: {happened}")
        decision.outgoing.append(Outgoing(SUPPRESSED.name, mention.proposal, encode(data)))
        decision.count("suppressed:no_rule")
        return
    head.fired[rule.id] = tick.at
    decision.outgoing += alerts.sent(made, tick.at, rule.topic)
    decision.count("raised")
