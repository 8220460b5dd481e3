"""What is taken back: an edit that says something else, a retraction; and what follows for the alerts on it. Pure."""

from __future__ import annotations

import msgspec

from streams.contracts.records import Change, Mention, Withdrawn
from streams.logic.dossier import account, joining, life, promises, reporting, resting, sending, stances
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import story as stories
from streams.logic.dossier.keeping import head_of
from streams.logic.dossier.state import Head, Held, Story
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules


def revised(
    memory: Memory,
    decision: Decision,
    head: Head,
    mention: Mention,
    before: Mention,
    story: str,
    rules: CompiledRules,
) -> None:
    """A newer revision of an article's mention."""
    changed = alerts.differences(before, mention)
    told = memory.get(f"s/{story}", Story)
    if not changed or told is None:
        memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, story))
        decision.count("silent_edit" if told is not None else "story_let_go")
        return
    was = list(head.steps)
    against = stances.forget(head, mention.article.id)
    promises.forget(memory, decision, head, _by(before, mention), mention.commitments)
    if len(told.mentions) > 1 and (before.status, before.act) != (mention.status, mention.act):
        # It tells of another event now: its story goes on without it, and it is a report like any other.
        _leave(memory, decision, head, told, _by(before, mention), rules, edited=True)
        memory.put(f"s/{story}", told)
        memory.put(f"m/{mention.id}", Held(mention.article.revision, None, None))
        reporting.reported(memory, decision, head, mention, rules)
    else:
        _rewritten(memory, decision, head, told, mention, changed, rules)
        memory.put(f"s/{story}", told)
    now = memory.get(f"m/{mention.id}", Held)
    its = {story, now.story or ""} if now is not None else {story}
    resting.settle(memory, decision, rules, head, was, mention, its, against=against)


def _rewritten(
    memory: Memory, decision: Decision, head: Head, told: Story, mention: Mention, changed: list[Change],
    rules: CompiledRules,
) -> None:  # fmt: skip
    """An edit of what its story rests on: the story's alert is corrected, and fires what it fires now."""
    life.drop_step(head, told.id)
    was = head.status
    step = life.step_of(mention, "", 1)
    late = life.is_late(head, mention, step)
    happened = reporting.happenings(head, mention, late, told.id)
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, told.id))
    for place, brief in enumerate(head.stories):
        if brief.id == told.id:
            head.stories[place] = joining.brief_of(told.id, mention)
    reporting.contradict(head, told, mention)
    reporting.set_step(memory, head, told)
    stances.take_positions(head, mention)
    promises.take(memory, head, mention)
    promises.keep(memory, decision, head, mention)
    uses = stances.new_uses(head, mention)
    stances.take_uses(head, mention)
    if told.last is None:
        told.before, told.happened = was, happened
        if told.waits == sending.GROUPED:
            sending.amend_group(decision, rules, head, told, mention)
        else:
            reason = reporting.why_late(head, mention, step) if late else ""
            sending.raise_(memory, decision, rules, head, told, mention, reason, uses)
    elif told.last.article is not None and told.last.article.id == mention.article.id:
        fires = rules.first(happened, sending.fields_of(head, mention, told))
        sending.follow(decision, head, told, mention, "corrected", changed, rule=fires)
        if fires is not None:
            head.fired[fires.id] = mention.article.seen
    else:
        decision.count("silent_edit")


def _by(said: Mention, revision: Mention | Withdrawn) -> Mention:
    """What was said, as of the revision that takes it back."""
    return msgspec.structs.replace(said, article=revision.article)


def withdrawn(memory: Memory, record: Withdrawn, rules: CompiledRules) -> Decision:
    """An article no longer speaks of the proposal, or is gone."""
    decision = Decision()
    held = memory.get(f"m/{record.id}", Held)
    if held is not None and record.article.revision <= held.revision:
        return decision.count("stale_revision")
    memory.put(f"m/{record.id}", Held(record.article.revision, None, None))
    if held is None:
        return decision.count("unknown_withdrawal")
    head = head_of(memory, record.dossier)
    if held.mention is None or head is None:
        return decision.count("nothing_held")
    life.as_of(head, record.article.seen, record.clock)
    gone = _by(held.mention, record)
    told = memory.get(f"s/{held.story}", Story) if held.story else None
    was = list(head.steps)
    against = stances.forget(head, record.article.id)
    promises.forget(memory, decision, head, gone, [])
    if told is None:
        head.steps = [s for s in head.steps if s.article != record.article.id]
        decision.count("story_let_go")
    else:
        _leave(memory, decision, head, told, gone, rules, edited=record.reason == "edited")
        memory.put(f"s/{told.id}", told)
    resting.settle(memory, decision, rules, head, was, gone, {held.story or ""}, against=against)
    account.write(memory, decision, head, record.clock)
    return decision


def _leave(
    memory: Memory, decision: Decision, head: Head, told: Story, gone: Mention, rules: CompiledRules, *, edited: bool
) -> None:
    """A report is taken out of its story: the alert rests on what is left, or is retracted."""
    was, article = head.status, gone.article.id
    told.mentions.pop(article, None)
    told.origins = stories.without(told.origins, article)
    if gone.signature and not edited:
        told.retired = [*told.retired, gone.signature][-stories.MOST_ORIGINS :]
    reporting.set_step(memory, head, told)
    if not told.mentions:
        for brief in head.stories:
            brief.over = brief.over or brief.id == told.id
    rest = next((h.mention for m in told.mentions.values() if (h := memory.get(f"m/{m}", Held)) and h.mention), None)
    if told.last is None:
        if told.waits == sending.GROUPED:
            sending.amend_group(decision, rules, head, told, rest)
        if rest is None:
            told.happened, told.waits = [], ""
        decision.count("unalerted_withdrawal")
        return
    quoted = told.last.article is not None and told.last.article.id == article
    changed = [Change(field="article", before=article, after="edited" if edited else "retracted")]
    if was != head.status:
        changed.append(Change(field="status", before=was, after=head.status))
    if rest is None:
        sending.follow(decision, head, told, gone, "retracted", changed)
    elif quoted:
        changed[0] = Change(field="article", before=article, after=rest.article.id)
        changed += alerts.differences(gone, rest)
        sending.follow(decision, head, told, rest, "corrected", changed, cause=gone)
    else:
        sending.follow(decision, head, told, gone, "updated", changed)
