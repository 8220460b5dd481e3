"""What one record of `news.mentions` changes, and whom it alerts. Pure.

Counts: `redelivered`, `stale_revision`, `unknown_withdrawal`, `nothing_held`, `raised`, `updated`, `corrected`,
`retracted`, `digest`, `grouped`, `suppressed:<reason>`, `silent_edit`, `another_origin`, `another_copy`, `tick`,
`story_let_go`, `quietly_due`, `quietly_overdue`.
"""

from __future__ import annotations

from streams.contracts.records import Mention, SourceHealth, Tick, Withdrawn
from streams.logic.dossier import account, forgetting, life, promises, report, reporting, revising, sending, sight
from streams.logic.dossier.keeping import head_of
from streams.logic.dossier.state import Head, Held, Mark, called
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules


def decide(
    memory: Memory, record: Mention | Withdrawn | Tick | SourceHealth, offset: int, rules: CompiledRules
) -> Decision:
    """What a record changes, and whom it alerts; a redelivered or stale one changes nothing and is counted."""
    mark = memory.get("mark", Mark)
    if mark is not None and offset <= mark.offset:
        return Decision().count("redelivered")
    match record:
        case Mention():
            decision = _mention(memory, record, rules)
        case Withdrawn():
            decision = revising.withdrawn(memory, record, rules)
        case Tick():
            decision = _tick(memory, record, rules)
        case SourceHealth():
            decision = sight.decide(memory, record, rules)
    memory.put("mark", Mark(offset))
    return decision


def _mention(memory: Memory, mention: Mention, rules: CompiledRules) -> Decision:
    held = memory.get(f"m/{mention.id}", Held)
    if held is not None and mention.article.revision <= held.revision:
        return Decision().count("stale_revision")
    decision = Decision()
    head = head_of(memory, mention.dossier) or Head(mention.proposal, mention.instance, mention.proposal_name)
    life.as_of(head, mention.article.seen, mention.clock)
    mention = report.quoting(report.telling(mention, head.steps))
    rested = forgetting.resting(head)
    if held is None:
        account.hear(head, mention)
    if held is not None and held.mention is not None and held.story is not None:
        revising.revised(memory, decision, head, mention, held.mention, held.story, rules)
    else:
        reporting.reported(memory, decision, head, mention, rules)
    if head.last_activity is None or mention.article.seen > head.last_activity:
        head.last_activity = mention.article.seen
    forgetting.let_go(memory, decision, head, rested)
    account.write(memory, decision, head, mention.clock)
    return decision


def _tick(memory: Memory, tick: Tick, rules: CompiledRules) -> Decision:
    """What was waited for: promised days that come and pass, held alerts that leave together."""
    decision = Decision().count("tick")
    for key in called(memory, tick):
        head = head_of(memory, key)
        if head is None:
            continue
        life.as_of(head, tick.at, tick.clock)
        before = len(decision.outgoing), len(head.groups)
        passed = [promises.passes(memory, decision, rules, head, promise, tick) for promise in head.promises]
        sending.digests(memory, decision, head, tick)
        if any(passed) or before != (len(decision.outgoing), len(head.groups)):
            account.write(memory, decision, head, tick.clock)
    return decision
