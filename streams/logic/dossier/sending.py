"""Which rule fires, what holds an alert back, and what is sent after it. Pure.

The decision about a story is taken once. What a throttle, an inhibition, a silence or a rule's bound held back is
judged again when a further *independent* report comes and the state is still the one it told of; never for a copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Alert, AlertType, Change, Formula, Mention, Severity, Status, Suppressed, Tick
from streams.contracts.topics import DIGEST, SUPPRESSED, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import life, report, sight
from streams.logic.dossier import story as stories
from streams.logic.dossier.state import Group, Head, Story, await_at, turns
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules, Rule

SEVERITY: tuple[Severity, ...] = get_args(Severity)
GROUPED = "grouped"
"""What a story waits for that leaves with a digest."""


def fields_of(head: Head, mention: Mention, told: Story | None) -> dict[str, list[str]]:
    """What rules match on: of the mention, of its story, of the dossier as it was before. Numbers as texts."""
    origins, copies = stories.figures(told.origins) if told else (1, 0)
    given: dict[str, Sequence[str | None]] = {
        "proposal": [mention.proposal], "instance": [mention.instance], "proposal_name": [mention.proposal_name],
        "other_name": [mention.other_name], "proposer": mention.proposer, "addressee": mention.addressee,
        "status": [mention.status], "act": [mention.act], "actor": mention.actor, "role": [mention.role],
        "voice": [mention.voice], "time": [mention.time], "when": [mention.when], "score": [f"{mention.score:.4f}"],
        "source": [mention.article.source], "lang": [mention.article.lang or "und"], "url": [mention.article.url],
        "title": [mention.article.title], "quote": [one.quote for one in mention.evidence],
        "historical": ["yes" if mention.historical else "no"], "promised_by": [w for c in mention.commitments
                                                                               for w in c.who],
        "formula": [one.formula for one in mention.formulas],
        "speaker": [one.speaker for one in mention.formulas], "origins": [str(origins)], "copies": [str(copies)],
        "status_before": [told.before if told and told.happened else head.status],
        "open_commitments": [str(sum(p.state in ("open", "due") for p in head.promises))],
        "overdue_commitments": [str(sum(p.state == "overdue" for p in head.promises))],
        "contradictions": [str(len(head.contradictions))],
        "quiet_days": [str((mention.article.seen - head.last_activity).days)] if head.last_activity else [],
    }  # fmt: skip
    return {name: [one for one in values if one] for name, values in given.items()}


def raise_(
    memory: Memory,
    decision: Decision,
    rules: CompiledRules,
    head: Head,
    told: Story,
    mention: Mention,
    reason: str,
    uses: Sequence[Formula] = (),
    at: datetime | None = None,
) -> None:
    """Alert by the first rule that fires and that nothing holds back; else keep what was held back, and why.

    `at` is when the record came that brings this, where it is not the mention's own.
    """
    fields, before, at = fields_of(head, mention, told), told.before, at or mention.article.seen
    rule = rules.first(told.happened, fields)
    if rule is None:
        told.waits = "no rule" if told.happened else ""
        why = reason or "no rule fires: " + (", ".join(told.happened) or _nothing(mention))
        suppress(decision, rules, head, told, mention, before, why)
        return
    why_not = held_back(rules, rule, head, fields, at) if not mention.historical else None
    if why_not:
        told.waits = why_not
        suppress(decision, rules, head, told, mention, before, why_not, rule)
        return
    made = _made(head, mention, rule, told, before)
    cause = set(rule.when) & set(told.happened)
    if uses and cause == {"formula"}:
        made = alerts.of_formula(made, head.name, uses[0])
    elif mention.commitments and cause == {"new_commitment"}:
        made = alerts.of_promise(made, head.name, mention.commitments[0])
    if not mention.historical and grouped(memory, head, rule, made, fields, at, mention.clock):
        told.waits = GROUPED
        decision.count("grouped")
        return
    told.thread, told.topics = made.thread, [rule.topic] if rule.topic else []
    told.last, told.happened, told.waits = made, [], ""
    head.fired[rule.id] = at
    decision.outgoing += alerts.sent(made, at, told.topics)
    decision.count("raised")


def _nothing(mention: Mention) -> str:
    if mention.voice in ("opinion", "rumour"):
        return f"{mention.voice} moves no state"
    if report.denied(mention):
        return "a denial moves no state"
    return "nothing changed"


def state_told(head: Head, told: Story, mention: Mention) -> Status | None:
    """The state that an alert about this names: what the report brings, else the one that the proposal is in.

    A class of proposals has none.
    """
    if life.is_class(mention.proposal):
        return None
    brings = report.moves(mention) and any(
        s.story == told.id and s.status == mention.status for s, _ in turns(head.steps)
    )
    late = life.is_late(head, mention, life.step_of(mention, told.id, 1))
    return mention.status if brings or late else head.status or mention.status


def _made(head: Head, mention: Mention, rule: Rule, told: Story, before: Status | None) -> Alert:
    origins, copies = stories.figures(told.origins)
    return alerts.build(
        mention, rule, kind="raised", thread="t" + digest("thread", told.id), replaces=None, before=before,
        status=state_told(head, told, mention), story=told.id, origins=origins, copies=copies, changes=[],
    )  # fmt: skip


def held_back(
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


def grouped(
    memory: Memory, head: Head, rule: Rule, made: Alert, fields: Mapping[str, Sequence[str]], at: datetime, clock: str
) -> bool:
    """Hold an alert for its group's digest; the first of a group goes out at once and opens it."""
    if rule.group is None:
        return False
    by = "|".join([clock, rule.id, *(",".join(sorted(fields.get(name, ()))) for name in rule.group.by)])
    group = head.groups.get(by)
    if group is None or (at >= group.until and not group.held):
        until = at + rule.group.span
        head.groups[by] = Group(rule.id, until, [], clock)
        await_at(memory, until, clock, head.key)
        return False
    # Past its time with something held, its digest waits for the next tick, and takes this one along.
    # A further report of a story that is held already takes its place: a digest counts stories, not copies.
    group.held = [*(held for held in group.held if held.story != made.story), made]
    return True


def amend_group(decision: Decision, rules: CompiledRules, head: Head, told: Story, rest: Mention | None) -> None:
    """A story that waits for its digest is told anew: by another report's words, or no longer (`rest` is none)."""
    for group in head.groups.values():
        for place, held in enumerate(group.held):
            if held.story != told.id:
                continue
            if rest is None:
                del group.held[place]
                data = Suppressed(**msgspec.structs.asdict(held), reason="retracted before its digest went out")
                decision.outgoing.append(Outgoing(SUPPRESSED.name, held.proposal or "", encode(data)))
                decision.count("suppressed:retracted")
            else:
                rule = next((rule for rule in rules.rules if rule.id == held.rule.id), rules.none)
                group.held[place] = msgspec.structs.replace(
                    _made(head, rest, rule, told, held.status_before), rule=held.rule, severity=held.severity
                )
            return


def digests(memory: Memory, decision: Decision, head: Head, tick: Tick) -> None:
    """Send what groups have held, one digest a group; the stories in it follow it from then on."""
    for by, group in list(head.groups.items()):
        if group.clock != tick.clock or not (tick.end or tick.at >= group.until):
            continue
        del head.groups[by]
        if not group.held:
            continue
        last = group.held[-1]
        identity = digest("digest", head.key, by, msgspec.to_builtins(group.until))
        made = msgspec.structs.replace(
            last, id="n" + identity, thread="t" + identity, type="digest",
            headline=f"{len(group.held)} more on {head.name}: {last.headline}",
            changes=[Change(field="alert", before=None, after=one.headline) for one in group.held],
            coverage=sight.seen(memory, tick.clock),
        )  # fmt: skip
        for held in group.held:
            told = memory.get(f"s/{held.story}", Story)
            if told is not None:
                told.thread, told.topics, told.happened, told.waits = made.thread, ["digest"], [], ""
                told.last = msgspec.structs.replace(held, id=made.id, thread=made.thread, type="digest")
                memory.put(f"s/{told.id}", told)
        decision.outgoing += alerts.sent(made, tick.at, [DIGEST.name.partition(".")[2]])
        decision.count("digest")


def short(reason: str) -> str:
    """A reason as a label: its first word, of a closed list."""
    return reason.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0]


def suppress(
    decision: Decision,
    rules: CompiledRules,
    head: Head,
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
    held = _made(head, mention, rule or rules.none, told, before)
    if not life.is_class(mention.proposal):
        held = msgspec.structs.replace(held, status=mention.status)  # what it says, though it moves nothing
    data = Suppressed(**msgspec.structs.asdict(held), reason=reason)
    decision.outgoing.append(Outgoing(SUPPRESSED.name, mention.proposal, encode(data)))
    decision.count("suppressed:" + short(reason))


def follow(
    decision: Decision,
    head: Head,
    told: Story,
    mention: Mention,
    kind: AlertType,
    changes: list[Change],
    cause: Mention | None = None,
    rule: Rule | None = None,
) -> None:
    """Send what updates, corrects or retracts the story's alert to where that went.

    `cause` is the mention whose record brings this, when it is not `mention`, whose words the alert takes over.
    `rule` is one that the corrected story fires now: its topic is told too, and what follows.
    """
    last = told.last
    assert last is not None and told.thread is not None  # noqa: S101, PT018 - the callers looked
    cause = cause or mention
    origins, copies = stories.figures(told.origins)
    identity = "n" + digest(
        "alert", told.thread, kind, cause.id, str(cause.article.revision), last.id, str(origins), str(copies)
    )
    if rule is not None and rule.ref.id != last.rule.id:
        changes = [*changes, Change(field="rule", before=last.rule.id, after=rule.ref.id)]
        severity = last.severity if last.historical else max(last.severity, rule.severity, key=SEVERITY.index)
        last = msgspec.structs.replace(last, rule=rule.ref, severity=severity)
        if rule.topic and rule.topic not in told.topics:
            told.topics = [*told.topics, rule.topic]
    made = msgspec.structs.replace(
        last, id=identity, type=kind, replaces=last.id, origins=origins, copies=copies, changes=changes, coverage=None
    )
    if kind == "corrected":
        status = state_told(head, told, mention)
        made = msgspec.structs.replace(
            made, evidence=mention.evidence, article=mention.article, act=mention.act, actor=mention.actor,
            proposer=mention.proposer, addressee=mention.addressee, role=mention.role, voice=mention.voice,
            time=mention.time, score=mention.score, why=mention.why, status=status,
            commitments=mention.commitments, headline="Corrected: " + alerts.headline(mention, None, status),
        )  # fmt: skip
    elif kind == "retracted":
        made = msgspec.structs.replace(made, headline="Retracted: " + last.headline.removeprefix("Corrected: "))
    told.last = made
    decision.outgoing += alerts.sent(made, cause.article.seen, told.topics)
    decision.count(kind)


def restate(decision: Decision, told: Story, cause: Mention, changes: list[Change]) -> None:
    """Send a story's alert whose states are named anew; its own words, and what it quotes, are as they were."""
    last = told.last
    assert last is not None and told.thread is not None  # noqa: S101, PT018 - the caller looked
    identity = digest("alert", told.thread, "restated", cause.id, str(cause.article.revision), last.id)
    told.last = msgspec.structs.replace(
        last, id="n" + identity, type="corrected", replaces=last.id, changes=changes, coverage=None,
        headline=f"Corrected: {last.headline}",
    )  # fmt: skip
    decision.outgoing += alerts.sent(told.last, cause.article.seen, told.topics)
    decision.count("corrected")
