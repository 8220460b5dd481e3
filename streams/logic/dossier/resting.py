"""What rests on a state that is taken back: a later alert that names it as the one before, or as the one that holds;
and a report that changed nothing only because of it. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence

import msgspec

from streams.contracts.ids import mention_id
from streams.contracts.records import Alert, Change, Mention, Status
from streams.logic.dossier import alert as alerts
from streams.logic.dossier import life, reporting, sending
from streams.logic.dossier.state import Head, Held, Step, Story, turns
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules

Order = tuple[str, str, str, str]


class Chain:
    """The states that steps make, to ask which one held at a place in the life."""

    def __init__(self, steps: Sequence[Step]) -> None:
        found = turns(steps)
        self.orders: list[Order] = [step.order for step, _ in found]
        self.statuses: list[Status] = [step.status for step, _ in found]
        self.stories = {step.story for step, _ in found}

    def before(self, order: Order) -> Status | None:
        """The state at a place in the life, which what stands there has not changed."""
        place = bisect_left(self.orders, order)
        return self.statuses[place - 1] if place else None


def settle(
    memory: Memory, decision: Decision, rules: CompiledRules, head: Head, was: Sequence[Step], cause: Mention,
    besides: Collection[str], *, against: bool,
) -> None:  # fmt: skip
    """Correct what rests on a state that `cause` has taken back; `was` are the steps before it did.

    `besides` are the stories that have told of the change themselves; `against`: whether its article has contradicted
    another, which may be told now that it does no longer.
    """
    old, new = Chain(was), Chain(head.steps)
    if not against and (old.orders, old.statuses) == (new.orders, new.statuses):
        return
    for brief in list(head.stories):
        told = memory.get(f"s/{brief.id}", Story) if brief.id not in besides and not brief.over else None
        said = _said(memory, head, told) if told is not None else None
        if told is None or said is None:
            continue
        as_it_was = msgspec.structs.astuple(told)
        own = next((step.order for step in head.steps if step.story == told.id), None)
        order = own or life.step_of(said, told.id, 1).order
        then, now = old.before(order), new.before(order)
        changed = [Change(field="contradicts", before=told.against, after=None)] if _settled(head, told, cause) else []
        if then is not None and then != now:
            changed += _rename(head, told, said, then, now, turned=told.id in old.stories)
        if told.last is not None and changed and changed[0].field == "contradicts":
            told.against = ""
            sending.follow(decision, head, told, cause, "updated", changed)
        elif told.last is not None and changed:
            sending.restate(decision, told, cause, changed)
        elif told.last is None and told.id in new.stories - old.stories and new.orders[-1] == order:
            _come_out(memory, decision, rules, head, told, said, cause, order)
        if msgspec.structs.astuple(told) != as_it_was:
            memory.put(f"s/{told.id}", told)


def _settled(head: Head, told: Story, cause: Mention) -> bool:
    """Whether a story contradicted what the article of `cause` says no longer."""
    article = cause.article.id
    still = any(article in c.articles and not told.mentions.keys().isdisjoint(c.articles) for c in head.contradictions)
    return told.last is not None and told.against == article and not still


def _said(memory: Memory, head: Head, told: Story) -> Mention | None:
    """The report whose words a story's alert quotes; of a story that has not alerted, its first."""
    quoted = told.last.article if told.last is not None else None
    identity = mention_id(quoted.id, head.key) if quoted is not None else next(iter(told.mentions.values()), "")
    held = memory.get(f"m/{identity}", Held)
    return held.mention if held is not None else None


def _rename(head: Head, told: Story, said: Mention, then: Status, now: Status | None, *, turned: bool) -> list[Change]:
    """A story names `then` as the state before it, or, where it changed none, as the one that holds; it is `now`."""
    if told.before == then:
        told.before = now
    for group in head.groups.values():
        group.held = [_renamed(one, said, then, now, turned=turned) if one.story == told.id else one
                      for one in group.held]  # fmt: skip
    last = told.last
    if last is None:
        return []
    told.last = _renamed(last, said, then, now, turned=turned)
    return [
        Change(field=name, before=getattr(last, name), after=getattr(told.last, name))
        for name in ("status", "status_before")
        if getattr(last, name) != getattr(told.last, name)
    ]


def _renamed(alert: Alert, said: Mention, then: Status, now: Status | None, *, turned: bool) -> Alert:
    """An alert with the states that it names now, and a headline that does not name others."""
    before = now if alert.status_before == then else alert.status_before
    # What it reports itself it goes on reporting.
    status = now or said.status if not turned and alert.status == then != said.status else alert.status
    if (before, status) == (alert.status_before, alert.status):
        return alert
    line = alert.headline.removeprefix("Corrected: ")
    if line in {alerts.headline(said, named, alert.status) for named in (alert.status_before, None)}:
        line = alerts.headline(said, before, status)
    return msgspec.structs.replace(alert, status=status, status_before=before, headline=line)


def _come_out(
    memory: Memory, decision: Decision, rules: CompiledRules, head: Head, told: Story, said: Mention, cause: Mention,
    order: Order,
) -> None:  # fmt: skip
    """A report that changed nothing, as another had said so before, is the first to say it now: it alerts."""
    if told.waits == sending.GROUPED or life.is_long_ago(said, life.step_of(said, told.id, 1)):
        return
    whole = head.steps
    head.steps = [step for step in whole if step.order < order]
    told.before, told.happened = head.status, reporting.happenings(head, said, False, told.id)
    head.steps = whole
    sending.raise_(memory, decision, rules, head, told, said, "", at=cause.article.seen)
