"""What one record of `news.mentions` changes, and whom it alerts. Pure.

Counts: `redelivered`, `stale_revision`, `unknown_withdrawal`, `nothing_held`, `raised`, `updated`, `corrected`,
`retracted`, `digest`, `grouped`, `suppressed:<reason>`, `silent_edit`, `another_origin`, `another_copy`, `tick`,
`story_let_go`, `quietly_due`, `quietly_overdue`.
"""

from __future__ import annotations

import msgspec

from streams.contracts.ids import digest, mention_id
from streams.contracts.records import Change, Formula, Mention, SourceHealth, Tick, Withdrawn
from streams.contracts.topics import DOSSIERS, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import joining, life, promises, sending, sight
from streams.logic.dossier import story as stories
from streams.logic.dossier.keeping import head_of, keep
from streams.logic.dossier.state import Head, Held, Mark, Promise, Step, Story, called, turning
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
            decision = _withdrawn(memory, record, rules)
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
    mention = life.telling(mention, head.steps)
    if held is None:
        life.hear(head, mention)
    if held is not None and held.mention is not None and held.story is not None:
        _revised(memory, decision, head, mention, held.mention, held.story, rules)
    else:
        _reported(memory, decision, head, mention, rules)
    if head.last_activity is None or mention.article.seen > head.last_activity:
        head.last_activity = mention.article.seen
    _write(memory, decision, head, mention.clock)
    return decision


def _reported(memory: Memory, decision: Decision, head: Head, mention: Mention, rules: CompiledRules) -> None:
    """A report that is new here: it opens a story, or joins one."""
    step = life.step_of(mention, "", 1)
    late = life.is_late(head, mention, step)
    before = None if late else head.status
    told, copied = joining.story_of(memory, head, mention)
    if told is not None and not copied and _outgrown(head, told, mention, step, late=late):
        told = None
    if told is not None and copied == joining.RETIRED:
        # It supports nothing, and waits for nothing: an edit that makes it another text is a report like any other.
        memory.put(f"m/{mention.id}", Held(mention.article.revision, None, None))
        sending.suppress(decision, rules, head, told, mention, before, "a copy of a report that was retracted")
        return
    opened = told is None
    if told is None:
        told = Story("s" + digest("story", mention.dossier, mention.id, str(mention.article.revision)), [], {}, [])
        head.stories.append(joining.brief_of(told.id, mention))
        joining.let_go(memory, decision, head)
    told.origins, independent = stories.place(told.origins, mention.article.id, mention.signature)
    told.mentions[mention.article.id] = mention.id
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, told.id))

    happened = _happened(head, mention, late, told.id)
    reason = _why_late(head, mention, step) if late else ""
    if opened or (happened and not told.happened):
        told.before = before
    told.happened = _still(head, told, mention, late, happened)
    _contradict(head, told, mention)
    _set_step(memory, head, told)
    life.take_positions(head, mention)
    fresh = promises.take(memory, head, mention)
    promises.keep(memory, decision, head, mention)
    uses = life.new_uses(head, mention)
    life.take_uses(head, mention)

    if told.last is not None:
        told.happened = []
        _joined(decision, head, told, mention, independent, fresh, uses)
    elif told.waits == sending.GROUPED:
        sending.amend_group(decision, rules, head, told, mention)
    elif copied and told.waits:
        sending.suppress(decision, rules, head, told, mention, before, f"a copy of what was held back ({told.waits})")
    else:
        sending.raise_(memory, decision, rules, head, told, mention, reason, uses)
    memory.put(f"s/{told.id}", told)


def _why_late(head: Head, mention: Mention, step: Step) -> str:
    """Why a report is no news: something later is known, or it tells of long ago."""
    if head.steps and step.order < head.steps[-1].order:
        return f"late report: {step.at} is before {head.steps[-1].at}"
    return f"late report: {step.at} is long before {life.day(mention.article.published or mention.article.seen)}"


def _outgrown(head: Head, told: Story, mention: Mention, step: Step, *, late: bool) -> bool:
    """Whether a report is the first to move the state where its story has alerted without: a fact after a leak."""
    if told.last is None or late or any(one.story == told.id for one in head.steps):
        return False
    return life.moves(mention) and turning(head.steps, head.status, step)


def _still(head: Head, told: Story, mention: Mention, late: bool, happened: list[str]) -> list[str]:
    """What has happened and was not told yet, with what this report brings; of a state only while it holds."""
    holds = not late and mention.status == head.status and life.moves(mention)
    earlier = [one for one in told.happened if holds or one not in _OF_STATES]
    return [*earlier, *(one for one in happened if one not in earlier)]


_OF_STATES = frozenset(["status_change", "tabled", "rejection", "agreement", "contradiction"])


def _happened(head: Head, mention: Mention, late: bool, story: str) -> list[str]:
    """What this does to the dossier, in the words that rules use."""
    found = ["new_commitment"] if any(promises.known(head, one) is None for one in mention.commitments) else []
    if life.is_class(mention.proposal):
        found += ["formula"] if life.new_uses(head, mention) else []
        return [*([] if life.denied(mention) else ["story"]), *found]
    if life.new_uses(head, mention):
        found.append("formula")
    if head.revision == 0 and not (late and life.is_long_ago(mention, life.step_of(mention, story, 1))):
        found.append("first_seen")
    if late:
        return found
    if life.moves(mention) and turning(head.steps, head.status, life.step_of(mention, story, 1)):
        found.append("status_change")
        found += {
            "tabled": ["tabled"], "rejected": ["rejection"], "agreed": ["agreement"], "in_force": ["agreement"],
        }.get(mention.status, [])  # fmt: skip
    if life.contradicts(head, mention, story) is not None:
        found.append("contradiction")
    return found


def _contradict(head: Head, told: Story, mention: Mention) -> None:
    opposite = life.contradicts(head, mention, told.id)
    if opposite is not None:
        life.keep_contradiction(head, mention, opposite)
        told.against = opposite.article


def _set_step(memory: Memory, head: Head, told: Story) -> None:
    """The state that a story reports, by the first of its reports that does."""
    origins, _ = stories.figures(told.origins)
    for identity in told.mentions.values():
        held = memory.get(f"m/{identity}", Held)
        if held is not None and held.mention is not None and life.moves(held.mention):
            life.put_step(head, life.step_of(held.mention, told.id, origins))
            return
    life.drop_step(head, told.id)


def _joined(
    decision: Decision,
    head: Head,
    told: Story,
    mention: Mention,
    independent: bool,
    fresh: list[Promise],
    uses: list[Formula],
) -> None:
    """A further origin or copy: the alert's figures change, nobody is alerted again."""
    last = told.last
    assert last is not None  # noqa: S101 - the caller looked
    origins, copies = stories.figures(told.origins)
    changed = [
        Change(field=name, before=was, after=now)
        for name, was, now in (("origins", last.origins, origins), ("copies", last.copies, copies))
        if was != now
    ]
    if fresh:
        made = [c for c in mention.commitments if any(p.is_of(c.who, c.due) for p in fresh)]
        whole = [*last.commitments, *made]
        changed.append(Change(field="commitments", before=last.commitments, after=whole))
        told.last = msgspec.structs.replace(last, commitments=whole)
    if uses:
        changed.append(Change(field="formulas", before=[], after=uses))
    if changed:
        sending.follow(decision, head, told, mention, "updated", changed)
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
    changed = alerts.differences(before, mention)
    told = memory.get(f"s/{story}", Story)
    if not changed or told is None:
        memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, story))
        decision.count("silent_edit" if told is not None else "story_let_go")
        return
    against = life.forget(head, mention.article.id)
    promises.forget(memory, decision, head, _by(before, mention), mention.commitments)
    if len(told.mentions) > 1 and (before.status, before.act) != (mention.status, mention.act):
        # It tells of another event now: its story goes on without it, and it is a report like any other.
        _leave(memory, decision, head, told, _by(before, mention), rules, edited=True)
        memory.put(f"s/{story}", told)
        memory.put(f"m/{mention.id}", Held(mention.article.revision, None, None))
        _reported(memory, decision, head, mention, rules)
    else:
        _rewritten(memory, decision, head, told, mention, changed, rules)
        memory.put(f"s/{story}", told)
    _settle(memory, decision, head, mention, against)


def _rewritten(
    memory: Memory, decision: Decision, head: Head, told: Story, mention: Mention, changed: list[Change],
    rules: CompiledRules,
) -> None:  # fmt: skip
    """An edit of what its story rests on: the story's alert is corrected, and fires what it fires now."""
    life.drop_step(head, told.id)
    was = head.status
    step = life.step_of(mention, "", 1)
    late = life.is_late(head, mention, step)
    happened = _happened(head, mention, late, told.id)
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, told.id))
    for place, brief in enumerate(head.stories):
        if brief.id == told.id:
            head.stories[place] = joining.brief_of(told.id, mention)
    _contradict(head, told, mention)
    _set_step(memory, head, told)
    life.take_positions(head, mention)
    promises.take(memory, head, mention)
    promises.keep(memory, decision, head, mention)
    uses = life.new_uses(head, mention)
    life.take_uses(head, mention)
    if told.last is None:
        told.before, told.happened = was, happened
        if told.waits == sending.GROUPED:
            sending.amend_group(decision, rules, head, told, mention)
        else:
            reason = _why_late(head, mention, step) if late else ""
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


def _withdrawn(memory: Memory, record: Withdrawn, rules: CompiledRules) -> Decision:
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
    gone = _by(held.mention, record)
    told = memory.get(f"s/{held.story}", Story) if held.story else None
    against = life.forget(head, record.article.id)
    promises.forget(memory, decision, head, gone, [])
    if told is None:
        head.steps = [s for s in head.steps if s.article != record.article.id]
        decision.count("story_let_go")
    else:
        _leave(memory, decision, head, told, gone, rules, edited=record.reason == "edited")
        memory.put(f"s/{told.id}", told)
    _settle(memory, decision, head, gone, against)
    _write(memory, decision, head, record.clock)
    return decision


def _settle(memory: Memory, decision: Decision, head: Head, gone: Mention, against: list[str]) -> None:
    """What contradicted an article is told when the article no longer says so."""
    article = gone.article.id
    for other in against:
        if any({article, other} == set(c.articles) for c in head.contradictions):
            continue
        held = memory.get(f"m/{mention_id(other, head.key)}", Held)
        told = memory.get(f"s/{held.story}", Story) if held is not None and held.story else None
        if told is None or told.last is None or told.against != article:
            continue
        told.against = ""
        sending.follow(decision, head, told, gone, "updated", [Change(field="contradicts", before=article, after=None)])
        memory.put(f"s/{told.id}", told)


def _leave(
    memory: Memory, decision: Decision, head: Head, told: Story, gone: Mention, rules: CompiledRules, *, edited: bool
) -> None:
    """A report is taken out of its story: the alert rests on what is left, or is retracted."""
    was, article = head.status, gone.article.id
    told.mentions.pop(article, None)
    told.origins = stories.without(told.origins, article)
    if gone.signature and not edited:
        told.retired = [*told.retired, gone.signature][-stories.MOST_ORIGINS :]
    _set_step(memory, head, told)
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


def _tick(memory: Memory, tick: Tick, rules: CompiledRules) -> Decision:
    """What was waited for: promised days that come and pass, held alerts that leave together."""
    decision = Decision().count("tick")
    for key in called(memory, tick):
        head = head_of(memory, key)
        if head is None:
            continue
        before = len(decision.outgoing), len(head.groups)
        passed = [promises.passes(memory, decision, rules, head, promise, tick) for promise in head.promises]
        sending.digests(memory, decision, head, tick)
        if any(passed) or before != (len(decision.outgoing), len(head.groups)):
            _write(memory, decision, head, tick.clock)
    return decision


def _write(memory: Memory, decision: Decision, head: Head, clock: str) -> None:
    head.revision += 1
    keep(memory, head)
    decision.outgoing.append(Outgoing(DOSSIERS.name, head.key, encode(life.told(head, sight.seen(memory, clock)))))
