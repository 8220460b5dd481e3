"""A report that is new to a dossier: it opens a story or joins one, and alerts or does not. Pure."""

from __future__ import annotations

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Change, Formula, Mention
from streams.logic.dossier import joining, life, opposing, promises, report, sending, stances
from streams.logic.dossier import story as stories
from streams.logic.dossier.state import Head, Held, Promise, Step, Story, turning
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules


def reported(memory: Memory, decision: Decision, head: Head, mention: Mention, rules: CompiledRules) -> None:
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
    told.origins, independent = stories.place(told.origins, mention.article.id, mention.signature)
    told.mentions[mention.article.id] = mention.id
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, told.id))

    happened = happenings(head, mention, late, told.id)
    reason = why_late(head, mention, step) if late else ""
    if opened or (happened and not told.happened):
        told.before = before
    told.happened = _still(head, told, mention, late, happened)
    contradict(head, told, mention)
    set_step(memory, head, told)
    stances.take_positions(head, mention)
    fresh = promises.take(memory, head, mention)
    promises.keep(memory, decision, head, mention)
    uses = stances.new_uses(head, mention)
    stances.take_uses(head, mention)

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


def why_late(head: Head, mention: Mention, step: Step) -> str:
    """Why a report is no news: something later is known, or it tells of long ago."""
    if head.steps and step.order < head.steps[-1].order:
        last = head.steps[-1]
        own, known = (step.at, last.at) if step.at != last.at else (step.then, last.then)
        return f"late report: {own} is before {known}"
    return f"late report: {step.at} is long before {life.day(life.told_on(mention.article))}"


def _outgrown(head: Head, told: Story, mention: Mention, step: Step, *, late: bool) -> bool:
    """Whether a report is the first to move the state where its story has alerted without: a fact after a leak."""
    if told.last is None or late or any(one.story == told.id for one in head.steps):
        return False
    return report.moves(mention) and turning(head.steps, head.status, step)


def _still(head: Head, told: Story, mention: Mention, late: bool, happened: list[str]) -> list[str]:
    """What has happened and was not told yet, with what this report brings; of a state only while it holds."""
    holds = not late and mention.status == head.status and report.moves(mention)
    earlier = [one for one in told.happened if holds or one not in _OF_STATES]
    return [*earlier, *(one for one in happened if one not in earlier)]


_OF_STATES = frozenset(["status_change", "tabled", "rejection", "agreement", "contradiction"])


def happenings(head: Head, mention: Mention, late: bool, story: str) -> list[str]:
    """What this does to the dossier, in the words that rules use."""
    found = ["new_commitment"] if any(promises.known(head, one, mention) is None for one in mention.commitments) else []
    if life.is_class(mention.proposal):
        found += ["formula"] if stances.new_uses(head, mention) else []
        return [*([] if report.denied(mention) else ["story"]), *found]
    if stances.new_uses(head, mention):
        found.append("formula")
    if head.revision == 0 and not (late and life.is_long_ago(mention, life.step_of(mention, story, 1))):
        found.append("first_seen")
    if late:
        return found
    if report.moves(mention) and turning(head.steps, head.status, life.step_of(mention, story, 1)):
        found.append("status_change")
        found += {
            "tabled": ["tabled"], "rejected": ["rejection"], "agreed": ["agreement"], "in_force": ["agreement"],
        }.get(mention.status, [])  # fmt: skip
    if opposing.contradicts(head, mention, story) is not None:
        found.append("contradiction")
    return found


def contradict(head: Head, told: Story, mention: Mention) -> None:
    """Keep that a story says the opposite of another, and which."""
    opposite = opposing.contradicts(head, mention, told.id)
    if opposite is not None:
        opposing.keep_contradiction(head, mention, opposite)
        told.against = opposite.article


def set_step(memory: Memory, head: Head, told: Story) -> None:
    """The state that a story reports, by the first of its reports that does."""
    origins, _ = stories.figures(told.origins)
    for identity in told.mentions.values():
        held = memory.get(f"m/{identity}", Held)
        if held is not None and held.mention is not None and report.moves(held.mention):
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
