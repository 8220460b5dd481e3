"""A dossier as it is told: transitions in the order of event time, positions, commitments, contradictions. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from streams.contracts.records import (
    ActorPosition,
    Contradiction,
    Dossier,
    DossierCommitment,
    Mention,
    Position,
    Status,
    Transition,
)
from streams.contracts.wire import encode
from streams.logic.dossier.state import Head, Promise, Step

MOST_STEPS, MOST_TRANSITIONS, MOST_POSITIONS, MOST_PROMISES, MOST_CONTRADICTIONS = 400, 200, 400, 200, 50
LARGEST = 256 * 1024
"""Bytes of a dossier's record."""

POSITIONS: dict[str, Position] = {
    "propose": "proposes", "table": "proposes", "demand": "proposes", "support": "supports", "welcome": "supports",
    "agree": "supports", "ratify": "supports", "counter": "conditional", "concern": "concerned",
    "reject": "rejects", "withdraw": "rejects", "suspend": "rejects", "deny": "denies",
}  # fmt: skip

_FOR = frozenset(["welcomed", "agreed", "in_force", "revived"])
_AGAINST = frozenset(["rejected", "suspended"])
KEEPING = frozenset(["propose", "table", "discuss", "clarify", "agree", "ratify", "counter", "revive", "withdraw"])
"""Acts by which a promise can have been kept, when done by who made it on about the promised day."""


def day(at: datetime) -> str:
    """The date of a moment, in UTC."""
    return at.astimezone(UTC).date().isoformat()


def event_time(mention: Mention) -> str:
    """The date resolved for the act, else when it was published, else when it was seen."""
    if mention.when and len(mention.when) == len("2008-09-24") and mention.when <= day(mention.article.seen):
        date.fromisoformat(mention.when)
        return mention.when
    return day(mention.article.published or mention.article.seen)


def is_class(proposal: str) -> bool:
    """Whether this is a class of proposals (OTHER-*), which has no single life."""
    return proposal.startswith("OTHER-")


STILL = frozenset(["promise", "deny"])
"""Acts that by themselves move nothing: what is promised is to come, a denied fear never was."""


def moves(mention: Mention) -> bool:
    """Whether this reports a state, rather than an opinion of one, a rumour, or an old state in passing."""
    return (
        not is_class(mention.proposal)
        and mention.act not in STILL
        and mention.voice in ("fact", "quote")
        and (mention.time == "current" or (mention.when is not None and len(mention.when) == len("2008-09-24")))
    )


def step_of(mention: Mention, story: str, origins: int) -> Step:
    """The state that a mention reports, as a step in the life."""
    return Step(
        at=event_time(mention),
        then=msgspec.to_builtins(mention.article.published or mention.article.seen),
        article=mention.article.id,
        story=story,
        status=mention.status,
        act=mention.act,
        actor=mention.actor,
        evidence=mention.evidence[:1],
        origins=origins,
    )


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
    """The changes of state; what repeats a state is none."""
    told: list[Transition] = []
    for step in steps:
        before = told[-1].status if told else None
        if step.status != before:
            told.append(
                Transition(
                    status=step.status, before=before, at=step.at, act=step.act, actor=step.actor,
                    article=step.article, evidence=step.evidence, origins=step.origins,
                )
            )  # fmt: skip
    return told


def take_positions(head: Head, mention: Mention) -> None:
    """Where actors stand by this mention: its own words, not an author's opinion of them."""
    if mention.voice in ("opinion", "rumour"):
        return
    for event in mention.events:
        stance = POSITIONS.get(event.act)
        if stance is None or event.voice in ("opinion", "rumour") or not event.evidence:
            continue
        for actor in event.actor:
            one = ActorPosition(
                actor=actor, position=stance, quote=event.evidence[0].quote[:500], article=mention.article.id,
                at=event_time(mention),
            )  # fmt: skip
            if not any((p.actor, p.position, p.article) == (actor, stance, one.article) for p in head.positions):
                head.positions.append(one)
    head.positions.sort(key=lambda p: (p.at, p.article, p.actor, p.position))
    head.omitted += max(0, len(head.positions) - MOST_POSITIONS)
    head.positions = head.positions[-MOST_POSITIONS:]


def take_promises(head: Head, mention: Mention) -> list[Promise]:
    """The promises that are new with this mention."""
    fresh = []
    for one in mention.commitments:
        past = mention.historical and one.due is not None and one.due < day(mention.article.seen)
        made = Promise(
            who=one.who, what=one.what, due=one.due, state="overdue" if past else "open",
            articles=[mention.article.id], mention=mention.id, clock=mention.clock, historical=mention.historical,
        )  # fmt: skip
        known = next((p for p in head.promises if p.key == made.key and p.state != "withdrawn"), None)
        if known is None:
            fresh.append(made)
        elif mention.article.id not in known.articles:
            known.articles.append(mention.article.id)
    head.promises = [*head.promises, *fresh]
    head.omitted += max(0, len(head.promises) - MOST_PROMISES)
    head.promises = head.promises[-MOST_PROMISES:]
    return fresh


def keep_promises(head: Head, mention: Mention) -> None:
    """A promise is kept when who made it acts on about the promised day."""
    on = date.fromisoformat(event_time(mention))
    if mention.voice not in ("fact", "quote"):
        return
    acts = [(e.act, e.actor) for e in mention.events] + [(mention.act, mention.actor)]
    for promise in head.promises:
        if promise.due is None or promise.state not in ("open", "due", "overdue"):
            continue
        if mention.article.id in promise.articles or abs(on - date.fromisoformat(promise.due)) > timedelta(days=1):
            continue
        if any(act in KEEPING and set(actor) & set(promise.who) for act, actor in acts):
            promise.state = "kept"


def contradicts(head: Head, mention: Mention, story: str) -> Step | None:
    """The step of another story that reports the opposite of the same actors about the same day."""
    opposite = _AGAINST if mention.status in _FOR else _FOR if mention.status in _AGAINST else frozenset[str]()
    on = date.fromisoformat(event_time(mention))
    for step in reversed(head.steps):
        if (
            step.story != story
            and step.status in opposite
            and set(step.actor) & set(mention.actor)
            and abs(date.fromisoformat(step.at) - on) <= timedelta(days=1)
        ):
            return step
    return None


def keep_contradiction(head: Head, mention: Mention, step: Step) -> None:
    """Both states are kept: which holds is for the reader to judge."""
    statuses: list[Status] = [step.status, mention.status]
    found = Contradiction(at=event_time(mention), statuses=statuses, articles=[step.article, mention.article.id])
    head.contradictions = [*head.contradictions, found][-MOST_CONTRADICTIONS:]


def forget(head: Head, article: str) -> None:
    """Take an article's positions, promises and contradictions out."""
    head.positions = [p for p in head.positions if p.article != article]
    head.contradictions = [c for c in head.contradictions if article not in c.articles]
    for promise in head.promises:
        if article in promise.articles:
            promise.articles.remove(article)
            if not promise.articles and promise.state != "kept":
                promise.state = "withdrawn"


def told(head: Head) -> Dossier:
    """The dossier's record, within its size: the oldest parts give way, and are counted."""
    chain = transitions(head.steps)
    latest: dict[tuple[str, str], ActorPosition] = {(p.actor, p.position): p for p in head.positions}
    positions = sorted(latest.values(), key=lambda p: (p.at, p.article, p.actor, p.position))
    commitments = [
        DossierCommitment(who=p.who, what=p.what, due=p.due, state=p.state, article=next(iter(p.articles), ""))
        for p in head.promises
    ]
    most = MOST_TRANSITIONS
    while True:
        kept = chain[-most:], positions[-most:], commitments[-most:]
        left = len(kept[0]) + len(kept[1]) + len(kept[2])
        record = Dossier(
            proposal=head.proposal, instance=head.instance, name=head.name, status=head.status,
            since=chain[-1].at if chain else None, transitions=kept[0], positions=kept[1], commitments=kept[2],
            contradictions=head.contradictions, last_activity=head.last_activity, revision=head.revision,
            omitted=head.omitted + len(chain) + len(positions) + len(commitments) - left,
        )  # fmt: skip
        if most == 1 or len(encode(record)) <= LARGEST:
            return record
        most = max(1, most // 2)
