"""What one record of `news.mentions` changes, and whom it alerts. Pure.

Counts: `redelivered`, `stale_revision`, `unknown_withdrawal`, `nothing_held`, `raised`, `updated`, `corrected`,
`retracted`, `digest`, `suppressed:<reason>`, `silent_edit`, `another_origin`, `another_copy`, `tick`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Change, Commitment, Mention, SourceHealth, Tick, Withdrawn
from streams.contracts.topics import DOSSIERS, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import life, sending, sight
from streams.logic.dossier import story as stories
from streams.logic.dossier.state import Brief, Head, Held, Mark, Promise, Story, await_at, called
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules

WINDOW, COPIED = timedelta(days=3), timedelta(days=14)
"""Reports of one event come within so many days of its first; copies of a text within the longer time."""

MOST_STORIES = 400

_TOLD_APART = frozenset(["floated", "discussing"])
"""States in which much can happen at once: here the act tells events apart; elsewhere the state does."""


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
            decision = _withdrawn(memory, record)
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
    head = memory.get(f"d/{mention.dossier}", Head) or Head(mention.proposal, mention.instance, mention.proposal_name)
    if held is not None and held.mention is not None and held.story is not None:
        _revised(memory, decision, head, mention, held.mention, held.story, rules)
    else:
        _reported(memory, decision, head, mention, rules)
    if head.last_activity is None or mention.article.seen > head.last_activity:
        head.last_activity = mention.article.seen
    _write(memory, decision, head)
    return decision


def _reported(memory: Memory, decision: Decision, head: Head, mention: Mention, rules: CompiledRules) -> None:
    """A report that is new here: it opens a story, or joins one."""
    at = life.event_time(mention)
    latest = head.steps[-1].order if head.steps else None
    step = life.step_of(mention, "", 1)
    late = latest is not None and step.order < latest
    before = None if late else head.status
    told, copied = _story_of(memory, head, mention, at)
    if told is None:
        identity = "s" + digest("story", mention.dossier, mention.id, str(mention.article.revision))
        told = Story(identity, [], {}, [])
        head.stories.append(Brief(identity, mention.act, mention.actor, mention.status, at, mention.historical))
        _let_go(memory, decision, head)
    told.origins, independent = stories.place(told.origins, mention.article.id, mention.signature)
    told.mentions[mention.article.id] = mention.id
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, told.id))

    happened = _happened(head, mention, late, told.id)
    opposite = life.contradicts(head, mention, told.id) if "contradiction" in happened else None
    if opposite is not None:
        life.keep_contradiction(head, mention, opposite)
    _set_step(memory, head, told)
    life.take_positions(head, mention)
    fresh = life.take_promises(head, mention)
    _await_promises(memory, head, fresh)
    life.keep_promises(head, mention)

    if told.last is not None:
        _joined(decision, told, mention, independent, fresh)
    elif copied and told.retired:
        sending.suppress(decision, rules, told, mention, before, "a copy of a report that was retracted")
    else:
        reason = f"late report: {at} is before {head.steps[-1].at}" if late and head.steps else ""
        sending.raise_(memory, decision, rules, head, told, mention, before, happened, reason)
    memory.put(f"s/{told.id}", told)


def _story_of(memory: Memory, head: Head, mention: Mention, at: str) -> tuple[Story | None, bool]:
    """The story that this reports too, and whether as a copy of one of its reports."""
    on = date.fromisoformat(at)
    joined: Story | None = None
    for brief in reversed(head.stories):
        apart = abs(date.fromisoformat(brief.first) - on)
        # A story of old material must not swallow news; news may have old material as a further report.
        if apart > COPIED or (brief.historical and not mention.historical):
            continue
        told = memory.get(f"s/{brief.id}", Story)
        if told is None:
            continue
        signatures = [origin.signature for origin in told.origins] + told.retired
        if any(stories.similarity(signature, mention.signature) >= stories.SAME for signature in signatures):
            return told, True
        if joined is None and not brief.over and apart <= WINDOW and _same_event(brief, mention):
            joined = told
    return joined, False


def _same_event(brief: Brief, mention: Mention) -> bool:
    same = brief.status == mention.status and (brief.act == mention.act or mention.status not in _TOLD_APART)
    return same and (not brief.actor or not mention.actor or bool(set(brief.actor) & set(mention.actor)))


def _let_go(memory: Memory, decision: Decision, head: Head) -> None:
    """Forget the oldest stories past the bound; their alerts can no longer be updated, which is counted."""
    while len(head.stories) > MOST_STORIES:
        memory.drop(f"s/{head.stories.pop(0).id}")
        decision.count("story_let_go")


def _happened(head: Head, mention: Mention, late: bool, story: str) -> list[str]:
    """What this does to the dossier, in the words that rules use."""
    known = {p.key for p in head.promises if p.state != "withdrawn"}
    promised = any((tuple(sorted(c.who)), c.due) not in known for c in mention.commitments)
    found = ["new_commitment"] if promised else []
    if life.is_class(mention.proposal):
        return ["story", *found]
    if head.revision == 0:
        found.append("first_seen")
    if late or not life.moves(mention):
        return found
    if mention.status != head.status:
        found.append("status_change")
        found += {
            "tabled": ["tabled"], "rejected": ["rejection"], "agreed": ["agreement"], "in_force": ["agreement"],
        }.get(mention.status, [])  # fmt: skip
        if life.contradicts(head, mention, story) is not None:
            found.append("contradiction")
    return found


def _set_step(memory: Memory, head: Head, told: Story) -> None:
    """The state that a story reports, by the first of its reports that does."""
    origins, _ = stories.figures(told.origins)
    for identity in told.mentions.values():
        held = memory.get(f"m/{identity}", Held)
        if held is not None and held.mention is not None and life.moves(held.mention):
            life.put_step(head, life.step_of(held.mention, told.id, origins))
            return
    life.drop_step(head, told.id)


def _await_promises(memory: Memory, head: Head, fresh: list[Promise]) -> None:
    for promise in fresh:
        if promise.due is not None and promise.state == "open":
            on = datetime.combine(date.fromisoformat(promise.due), time(), UTC)
            await_at(memory, on, promise.clock, head.key)
            await_at(memory, on + timedelta(days=1), promise.clock, head.key)


def _joined(decision: Decision, told: Story, mention: Mention, independent: bool, fresh: list[Promise]) -> None:
    """A further origin or copy: the alert's figures change, nobody is alerted again."""
    last = told.last
    assert last is not None  # noqa: S101 - the caller looked
    origins, copies = stories.figures(told.origins)
    changes = [
        Change(field=name, before=was, after=now)
        for name, was, now in (("origins", last.origins, origins), ("copies", last.copies, copies))
        if was != now
    ]
    if fresh:
        made = [c for c in mention.commitments if any(p.key == (tuple(sorted(c.who)), c.due) for p in fresh)]
        whole = [*last.commitments, *made]
        changes.append(Change(field="commitments", before=last.commitments, after=whole))
        told.last = msgspec.structs.replace(last, commitments=whole)
    if changes:
        sending.follow(decision, told, mention, "updated", changes)
        decision.count("another_origin" if independent else "another_copy")


def _revised(
    memory: Memory,
    decision: Decision,
    head: Head,
    mention: Mention,
    before: Mention,
    story: str,
    rules: CompiledRules,
) -> None:
    """A newer revision of an article's mention."""
    changes = alerts.differences(before, mention)
    told = memory.get(f"s/{story}", Story)
    if not changes or told is None:
        memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, story))
        decision.count("silent_edit" if told is not None else "story_let_go")
        return
    life.forget(head, mention.article.id)
    if len(told.mentions) > 1 and (before.status, before.act) != (mention.status, mention.act):
        # It tells of another event now: its story goes on without it, and it is a report like any other.
        _leave(memory, decision, head, told, before, mention.article.id, edited=True)
        memory.put(f"s/{story}", told)
        memory.put(f"m/{mention.id}", Held(mention.article.revision, None, None))
        _reported(memory, decision, head, mention, rules)
        return
    was = head.status
    happened = _happened(head, mention, late=False, story=story)
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, story))
    for brief in head.stories:
        if brief.id == story:
            brief.act, brief.actor, brief.status = mention.act, mention.actor, mention.status
    _set_step(memory, head, told)
    life.take_positions(head, mention)
    _await_promises(memory, head, life.take_promises(head, mention))
    if told.last is None:
        sending.raise_(memory, decision, rules, head, told, mention, was, happened, "")
    elif told.last.article is not None and told.last.article.id == mention.article.id:
        sending.follow(decision, told, mention, "corrected", changes)
    else:
        decision.count("silent_edit")
    memory.put(f"s/{story}", told)


def _withdrawn(memory: Memory, record: Withdrawn) -> Decision:
    decision = Decision()
    held = memory.get(f"m/{record.id}", Held)
    if held is not None and record.article.revision <= held.revision:
        return decision.count("stale_revision")
    memory.put(f"m/{record.id}", Held(record.article.revision, None, None))
    if held is None:
        return decision.count("unknown_withdrawal")
    head = memory.get(f"d/{record.dossier}", Head)
    if held.mention is None or head is None:
        return decision.count("nothing_held")
    told = memory.get(f"s/{held.story}", Story) if held.story else None
    life.forget(head, record.article.id)
    if told is None:
        head.steps = [s for s in head.steps if s.article != record.article.id]
        decision.count("story_let_go")
    else:
        gone = msgspec.structs.replace(held.mention, article=record.article)
        _leave(memory, decision, head, told, gone, record.article.id, edited=record.reason == "edited")
        memory.put(f"s/{told.id}", told)
    _write(memory, decision, head)
    return decision


def _leave(
    memory: Memory, decision: Decision, head: Head, told: Story, gone: Mention, article: str, *, edited: bool
) -> None:
    """A report is taken out of its story: the alert rests on what is left, or is retracted."""
    was = head.status
    told.mentions.pop(article, None)
    told.origins = stories.without(told.origins, article)
    if gone.signature and not edited:
        told.retired = [*told.retired, gone.signature][-stories.MOST_ORIGINS :]
    _set_step(memory, head, told)
    if not told.mentions:
        for brief in head.stories:
            brief.over = brief.over or brief.id == told.id
    if told.last is None:
        decision.count("unalerted_withdrawal")
        return
    quoted = told.last.article is not None and told.last.article.id == article
    changes = [Change(field="article", before=article, after="edited" if edited else "retracted")]
    if was != head.status:
        changes.append(Change(field="status", before=was, after=head.status))
    rest = next((h.mention for m in told.mentions.values() if (h := memory.get(f"m/{m}", Held)) and h.mention), None)
    if rest is None:
        sending.follow(decision, told, gone, "retracted", changes)
    elif quoted:
        changes[0] = Change(field="article", before=article, after=rest.article.id)
        changes += alerts.differences(gone, rest)
        sending.follow(decision, told, rest, "corrected", changes, cause=gone)
    else:
        sending.follow(decision, told, gone, "updated", changes)


def _tick(memory: Memory, tick: Tick, rules: CompiledRules) -> Decision:
    """What was waited for: promised days that come and pass, held alerts that leave together."""
    decision = Decision().count("tick")
    for key in called(memory, tick.at, tick.clock):
        head = memory.get(f"d/{key}", Head)
        if head is None:
            continue
        changed = False
        for promise in head.promises:
            changed |= _passes(memory, decision, rules, head, promise, tick)
        sending.digests(decision, head, tick)
        if changed or decision.outgoing:
            _write(memory, decision, head)
    return decision


def _passes(memory: Memory, decision: Decision, rules: CompiledRules, head: Head, promise: Promise, tick: Tick) -> bool:
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
    made = next(
        (c for c in held.mention.commitments if (tuple(sorted(c.who)), c.due) == promise.key),
        Commitment(who=promise.who, what=promise.what, due=promise.due, quote=""),
    )
    sending.promise_passed(decision, rules, head, held.mention, made, f"commitment_{state}", tick)
    return True


def _write(memory: Memory, decision: Decision, head: Head) -> None:
    head.revision += 1
    memory.put(f"d/{head.key}", head)
    decision.outgoing.append(Outgoing(DOSSIERS.name, head.key, encode(life.told(head))))
