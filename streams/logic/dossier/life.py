"""The life of a proposal: the states that its stories report, in the order of event time. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from streams.contracts.records import ArticleRef, Mention, Transition
from streams.logic.dossier.state import Head, Step, turns

MOST_STEPS = 400


def day(at: datetime) -> str:
    """The date of a moment, in UTC."""
    return at.astimezone(UTC).date().isoformat()


AHEAD = timedelta(days=1)
"""So far clocks and time zones may differ; what is dated further ahead is dated wrongly."""


def told_on(article: ArticleRef) -> datetime:
    """When a report was published, else seen; nothing was published after it was seen.

    A feed that dates an entry 2099 would else stand last in the life for good, and make all that follows late. One
    that states the day alone tells of no midnight: it is placed when it was seen, or at the end of its day.
    """
    published = article.published
    if published is None or published > article.seen + AHEAD:
        return article.seen
    if published.astimezone(UTC).time() != time():
        return published
    return max(published, min(article.seen, published + AHEAD - timedelta(seconds=1)))


def event_time(mention: Mention) -> str:
    """The date resolved for the act, else when it was published, else when it was seen."""
    return dated(mention.when, mention) or day(told_on(mention.article))


def dated(when: str | None, mention: Mention) -> str | None:
    """A date that a report gives, when it is a day that has come, or the last of a month or year that is over."""
    if when and len(when) == len("1957"):
        when = f"{when}-12"
    if when and len(when) == len("2008-06"):
        year, month = map(int, when.split("-"))
        when = f"{when}-{monthrange(year, month)[1]}"
    if when and len(when) == len("2008-09-24") and when <= day(mention.article.seen):
        date.fromisoformat(when)
        return when
    return None


def is_class(proposal: str) -> bool:
    """Whether this is a class of proposals (OTHER-*), which has no single life."""
    return proposal.startswith("OTHER-")


def step_of(mention: Mention, story: str, origins: int) -> Step:
    """The state that a mention reports, as a step in the life."""
    return Step(
        at=event_time(mention),
        then=msgspec.to_builtins(told_on(mention.article).replace(microsecond=0)),
        article=mention.article.id,
        story=story,
        status=mention.status,
        act=mention.act,
        actor=mention.actor,
        evidence=mention.evidence[:1],
        origins=origins,
        seen=_moment(mention.article.seen),
        clock=mention.clock,
    )


LONG_AGO = timedelta(days=30)
"""A report of what happened so long before it was published is no news of a known proposal."""


def is_late(head: Head, mention: Mention, step: Step) -> bool:
    """Whether a report is of the past: something later is known already, or it tells of long ago."""
    return (bool(head.steps) and step.order < head.steps[-1].order) or is_long_ago(mention, step)


def is_long_ago(mention: Mention, step: Step) -> bool:
    """Whether a report tells of what happened long before it was published."""
    published = told_on(mention.article).astimezone(UTC).date()
    return published - date.fromisoformat(step.at) > LONG_AGO


def as_of(head: Head, seen: datetime, clock: str) -> None:
    """Put by what another clock brought that was seen later: an archive is played as on its days.

    Else one report of 2008 that a live source brought today would make the whole archive before it late.
    """
    known = _moment(seen)
    head.ahead = [step for step in head.steps if step.clock != clock and step.seen > known]
    head.steps = [step for step in head.steps if step.clock == clock or step.seen <= known]


def whole(head: Head) -> None:
    """Put what was put by back in its place."""
    if head.ahead:
        stories = {step.story for step in head.steps}
        rest = [step for step in head.ahead if step.story not in stories]
        head.steps, head.ahead = sorted([*head.steps, *rest], key=lambda step: step.order), []
        head.omitted += max(0, len(head.steps) - MOST_STEPS)
        head.steps = head.steps[-MOST_STEPS:]


def _moment(seen: datetime) -> str:
    """A moment as text, all of one length, so that they compare."""
    return seen.astimezone(UTC).isoformat(timespec="microseconds")


def put_step(head: Head, step: Step) -> None:
    """Put a story's step in its place; a story has one."""
    kept = [s for s in head.steps if s.story != step.story]
    head.steps = sorted([*kept, step], key=lambda s: s.order)
    head.omitted += max(0, len(head.steps) - MOST_STEPS)
    head.steps = head.steps[-MOST_STEPS:]


def drop_step(head: Head, story: str) -> None:
    """A story lost its last support: what it had brought is taken back."""
    head.steps = [s for s in head.steps if s.story != story]


def transitions(steps: list[Step]) -> list[Transition]:
    """The changes of state; what repeats a state, or names a known proposal once more, is none."""
    return [
        Transition(
            status=step.status, before=before, at=step.at, act=step.act, actor=step.actor, article=step.article,
            evidence=step.evidence, origins=step.origins,
        )
        for step, before in turns(steps)
    ]  # fmt: skip
