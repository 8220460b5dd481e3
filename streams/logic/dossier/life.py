"""A dossier as it is told: transitions in the order of event time, positions, commitments, contradictions. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from streams.contracts.records import (
    ActorPosition,
    Contradiction,
    Coverage,
    Dossier,
    DossierCommitment,
    DossierCoverage,
    Event,
    Evidence,
    Formula,
    Heard,
    Mention,
    Position,
    Status,
    Transition,
)
from streams.contracts.wire import encode
from streams.logic.dossier.state import Head, Kind, Step, Use, turning, turns

MOST_STEPS, MOST_TRANSITIONS, MOST_POSITIONS, MOST_PROMISES, MOST_CONTRADICTIONS = 400, 200, 400, 200, 50
LARGEST = 256 * 1024
"""Bytes of a dossier's record."""

POSITIONS: dict[str, Position] = {
    "propose": "proposes", "table": "proposes", "demand": "proposes", "support": "supports", "welcome": "supports",
    "agree": "supports", "ratify": "supports", "counter": "conditional", "concern": "concerned",
    "reject": "rejects", "withdraw": "rejects", "suspend": "rejects", "deny": "denies",
}  # fmt: skip

_FOR: frozenset[str] = frozenset(["welcomed", "agreed", "in_force", "revived"])
_AGAINST: frozenset[str] = frozenset(["rejected", "suspended"])


def day(at: datetime) -> str:
    """The date of a moment, in UTC."""
    return at.astimezone(UTC).date().isoformat()


def event_time(mention: Mention) -> str:
    """The date resolved for the act, else when it was published, else when it was seen."""
    return _dated(mention.when, mention) or day(mention.article.published or mention.article.seen)


def _dated(when: str | None, mention: Mention) -> str | None:
    """A date that a report gives, when it is a day that has come, or the last of a month that is over."""
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


STILL = frozenset(["promise", "deny"])
"""Acts that by themselves move nothing: what is promised is to come, a denied fear never was."""


def denied(mention: Mention) -> bool:
    """Whether this says that its event did not happen: "NATO denied that it had rejected the treaty"."""
    if mention.act == "deny":
        return True
    said = {
        _place(e.evidence)
        for e in mention.events
        if e.act == "deny" and set(e.actor) & set(mention.actor) and e.denied in (None, mention.status)
    }
    own = [e for e in mention.events if e.act == mention.act and e.actor == mention.actor]
    return bool(own) and all(_place(e.evidence) in said for e in own)


def _place(evidence: list[Evidence]) -> tuple[str, int] | None:
    return (evidence[0].field, evidence[0].start) if evidence else None


def is_told(mention: Mention, event: Event) -> bool:
    """Whether an event is more than a noun: in "NATO countered Russia's draft" Russia has drafted nothing now."""
    first = next(e for e in mention.events if _place(e.evidence) == _place(event.evidence))
    return event.act not in NAMING or first is event


def _doing(mention: Mention) -> Mention:
    """Who is said to bring what another proposes, and does something else to it in the same sentence, does that.

    "France supports talks on Russia's draft": France tables nothing.
    """
    actor = set(mention.actor)
    if mention.act not in NAMING or not mention.proposer or not actor or actor & set(mention.proposer):
        return mention
    for event in mention.events:
        status = "welcomed" if event.act == "support" else event.status
        other = event.act not in NAMING and event.act not in STILL and status is not None
        if other and set(event.actor) & actor and _place(event.evidence) == _place(mention.evidence):
            return msgspec.structs.replace(mention, status=status, act=event.act, actor=event.actor, when=event.when)
    return mention


def _bringing(mention: Mention) -> Mention:
    """The mention by the act that brings its state about, where its main act in another sentence brings another.

    "On December 17 Russia published its draft. On January 26 NATO rejected it": what is rejected is so by NATO, and
    since January. What stands in one sentence is not taken apart: "France proposed that the OSCE discuss it".
    """
    own = [e.status for e in mention.events if (e.act, e.actor) == (mention.act, mention.actor) and e.status]
    if not own or mention.status in own:
        return mention
    for event in reversed(mention.events):
        elsewhere = _place(event.evidence) != _place(mention.evidence)
        if event.status == mention.status and event.actor and elsewhere and event.voice in ("fact", "quote"):
            return msgspec.structs.replace(
                mention, act=event.act, actor=event.actor, when=event.when, time=event.time,
                evidence=[*event.evidence, *(e for e in mention.evidence if e not in event.evidence)],
            )  # fmt: skip
    return mention


NAMING = frozenset(["propose", "table", "demand"])
"""Acts whose words also name the proposal: who discusses "the proposed treaty" has not proposed it."""

PLAIN = frozenset(["welcome", "support", "reject", "table"])
"""Acts whose words mean little else: what a report says of them beside its main event is taken up."""


UNANSWERED: frozenset[Status | None] = frozenset([None, "floated", "tabled", "discussing"])
"""States that concern moves on to talk; who is wary of what is welcomed, refused or signed changes nothing,
unless he asks to have it explained."""


def _wary(mention: Mention, steps: Sequence[Step]) -> Mention:
    asked = any(event.status == "discussing" for event in mention.events)
    if mention.act != "concern" or mention.status != "discussing" or asked:
        return mention
    its = step_of(mention, "", 1)
    earlier = turns([step for step in steps if step.order < its.order and step.article != mention.article.id])
    now = earlier[-1][0].status if earlier else None
    return mention if now in UNANSWERED or now is None else msgspec.structs.replace(mention, status=now)


def telling(mention: Mention, steps: Sequence[Step]) -> Mention:
    """The mention by the event in it that is news where its main one is not.

    A report that names a known proposal first ("Medvedev set out his treaty") and then says that Paris welcomed it is
    about the welcome; the tagger, which knows no dossier, cannot tell. It is told by what came before it, so that its
    next revision is told alike.
    """
    if is_class(mention.proposal) or mention.role != "main":
        return mention
    mention = _bringing(_doing(mention))
    own = [e.status for e in mention.events if (e.act, e.actor) == (mention.act, mention.actor) and e.status]
    somebody_s = any(e.status == mention.status and (e.actor or e.act not in NAMING) for e in mention.events)
    if own and mention.status in BACKED and mention.status not in own and not somebody_s:
        mention = msgspec.structs.replace(mention, status=own[0])
    mention = _wary(mention, steps)
    if mention.status != "floated":
        return mention
    its = step_of(mention, "", 1)
    before = [step for step in steps if step.order < its.order and step.article != mention.article.id]
    earlier = turns(before)
    if turning(before, earlier[-1][0].status if earlier else None, its):
        if earlier and not any(event.status == "floated" for event in mention.events):
            # Nothing in it proposes anything: it only names what is suspended or in force.
            return msgspec.structs.replace(mention, status=earlier[-1][0].status)
        return mention
    naming = {(_place(e.evidence), actor) for e in mention.events if e.act not in PLAIN for actor in e.actor}
    for event in reversed(mention.events):
        status = "welcomed" if event.act == "support" else event.status
        tabled_too = event.act == "table" and any((_place(event.evidence), actor) in naming for actor in event.actor)
        if (
            event.act in PLAIN
            and event.actor
            and status is not None
            and event.voice in ("fact", "quote")
            and not tabled_too
        ):
            return msgspec.structs.replace(
                mention, status=status, act=event.act, actor=event.actor, when=event.when,
                evidence=[*event.evidence, *(e for e in mention.evidence if e not in event.evidence)],
            )  # fmt: skip
    return mention


def kind(mention: Mention) -> Kind:
    """What its story is: a report, an opinion, or a denial."""
    return "denial" if denied(mention) else "opinion" if mention.voice == "opinion" else "report"


BACKED = frozenset(["tabled", "welcomed", "rejected", "countered", "agreed", "in_force", "suspended", "revived"])
"""States that an act brings about: a report of one without any such act is a guess, and moves nothing."""


def backed(mention: Mention) -> bool:
    """Whether something in the report brings about the state that it is said to report."""
    if mention.status not in BACKED:
        return True
    acts = {event.act for event in mention.events}
    return any(e.status == mention.status for e in mention.events) or (
        mention.status == "welcomed" and "support" in acts
    )


def moves(mention: Mention) -> bool:
    """Whether this reports a state, rather than an opinion of one, a rumour, a denial, or an old state in passing."""
    return (
        not is_class(mention.proposal)
        and mention.act not in STILL
        and mention.voice in ("fact", "quote")
        and (mention.time == "current" or (mention.when is not None and len(mention.when) == len("2008-09-24")))
        and not denied(mention)
        and backed(mention)
        and not _asks_of_it(mention)
    )


def _asks_of_it(mention: Mention) -> bool:
    """Whether somebody else only demands something of a proposal: "the Times demands that NATO reject the draft"."""
    others = bool(mention.proposer) and not set(mention.actor) & set(mention.proposer)
    return mention.act == "demand" and mention.status == "tabled" and others


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


LONG_AGO = timedelta(days=30)
"""A report of what happened so long before it was published is no news of a known proposal."""


def is_late(head: Head, mention: Mention, step: Step) -> bool:
    """Whether a report is of the past: something later is known already, or it tells of long ago."""
    return (bool(head.steps) and step.order < head.steps[-1].order) or is_long_ago(mention, step)


def is_long_ago(mention: Mention, step: Step) -> bool:
    """Whether a report tells of what happened long before it was published."""
    published = (mention.article.published or mention.article.seen).astimezone(UTC).date()
    return published - date.fromisoformat(step.at) > LONG_AGO


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


def take_positions(head: Head, mention: Mention) -> None:
    """Where actors stand by this mention: its own words, not an author's opinion of them.

    A look back that names no day tells where somebody stood only where nothing else does.
    """
    if mention.voice in ("opinion", "rumour"):
        return
    other = {(_place(e.evidence), actor) for e in mention.events if e.act not in NAMING for actor in e.actor}
    denying: set[tuple[str, int] | None] = set()
    for event in mention.events:
        if event.act == "deny":
            # Of one sentence only the first: "NATO denied that it had rejected what Russia proposed".
            if _place(event.evidence) in denying:
                continue
            denying.add(_place(event.evidence))
        stance = POSITIONS.get(event.act)
        if stance is None or event.voice in ("opinion", "rumour") or not event.evidence:
            continue
        own = _dated(event.when, mention)
        passing = own is None and "historical" in (event.time, mention.time)
        for actor in event.actor:
            if event.act in NAMING and (
                (_place(event.evidence), actor) in other or (mention.proposer and actor not in mention.proposer)
            ):
                continue
            if passing and any((p.actor, p.position) == (actor, stance) for p in head.positions):
                continue
            one = ActorPosition(
                actor=actor, position=stance, quote=event.evidence[0].quote[:500], article=mention.article.id,
                at=own or event_time(mention),
            )  # fmt: skip
            if not any((p.actor, p.position, p.article) == (actor, stance, one.article) for p in head.positions):
                head.positions.append(one)
    head.positions.sort(key=lambda p: (p.at, p.article, p.actor, p.position))
    head.omitted += max(0, len(head.positions) - MOST_POSITIONS)
    head.positions = head.positions[-MOST_POSITIONS:]


_WEAK = frozenset(["floated", "discussing"])
"""States of which there is nothing to deny."""


def unsaid(mention: Mention) -> frozenset[str]:
    """The states of which a denial says that they have not come about."""
    if mention.act != "deny":
        return frozenset()
    return frozenset(e.denied for e in mention.events if e.denied and set(e.actor) <= set(mention.actor)) - _WEAK


def contradicts(head: Head, mention: Mention, story: str) -> Step | None:
    """The step of another story that this says the opposite of: of the same actors, about the same day.

    The opposite of a state is one of the other side (`welcomed`, `rejected`), or a denial that it came about.
    """
    if is_class(mention.proposal) or mention.voice not in ("fact", "quote"):
        return None
    opposite: frozenset[str]
    if denied(mention):
        told = frozenset(e.status for e in mention.events if e.status) - _WEAK
        opposite = unsaid(mention) | told if mention.act == "deny" else frozenset([mention.status])
    else:
        opposite = _AGAINST if mention.status in _FOR else _FOR if mention.status in _AGAINST else frozenset()
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
    """Both states are kept: which holds is for the reader to judge. A denial says that the state before still holds."""
    earlier = next((before for turn, before in turns(head.steps) if turn.story == step.story), None)
    said = (earlier or "floated") if denied(mention) else mention.status
    found = Contradiction(
        at=event_time(mention), statuses=[step.status, said], articles=[step.article, mention.article.id]
    )
    head.contradictions = [*head.contradictions, found][-MOST_CONTRADICTIONS:]


def forget(head: Head, article: str) -> list[str]:
    """Take an article's positions, formulas and contradictions out; returns the articles that it contradicted."""
    for use in head.uses:
        use.articles = [one for one in use.articles if one != article]
    head.uses = [use for use in head.uses if use.articles]
    head.positions = [p for p in head.positions if p.article != article]
    against = [a for c in head.contradictions if article in c.articles for a in c.articles if a != article]
    head.contradictions = [c for c in head.contradictions if article not in c.articles]
    return against


MOST_USES, MOST_REPORTS = 200, 20


def new_uses(head: Head, mention: Mention) -> list[Formula]:
    """Formulas that their speaker uses for the first time in this dossier; an author's opinion is no use."""
    if mention.voice in ("opinion", "rumour"):
        return []
    known = {(use.formula, use.speaker, use.by) for use in head.uses}
    return [one for one in mention.formulas if (one.formula, one.speaker, one.by) not in known]


def take_uses(head: Head, mention: Mention) -> None:
    """Note who uses which formula, old material too: what was said long ago is not said for the first time."""
    if mention.voice in ("opinion", "rumour"):
        return
    for one in mention.formulas:
        use = next((u for u in head.uses if (u.formula, u.speaker, u.by) == (one.formula, one.speaker, one.by)), None)
        if use is None:
            head.uses.append(Use(one.formula, one.speaker, one.by, [mention.article.id]))
        elif mention.article.id not in use.articles:
            use.articles = [*use.articles, mention.article.id][-MOST_REPORTS:]
    head.omitted += max(0, len(head.uses) - MOST_USES)
    head.uses = head.uses[-MOST_USES:]


MOST_SOURCES = 50


def hear(head: Head, mention: Mention) -> None:
    """Note which source tells of it, in which language; a source that has been silent for longest gives way."""
    source, lang = mention.article.source, mention.article.lang or "und"
    before = head.heard.get(source)
    last = max(before.last, mention.article.seen) if before else mention.article.seen
    head.heard[source] = Heard(source=source, reports=before.reports + 1 if before else 1, last=last)
    head.languages[lang] = head.languages.get(lang, 0) + 1
    while len(head.heard) > MOST_SOURCES:
        del head.heard[min(head.heard.values(), key=lambda one: (one.last, one.source)).source]
        head.omitted += 1


def coverage_of(head: Head, seen: Coverage | None) -> DossierCoverage:
    """Who tells of it, and whom of them we do not see, as far as is known here."""
    blind = [*seen.down, *seen.stale] if seen else []
    return DossierCoverage(
        sources=sorted(head.heard.values(), key=lambda one: (-one.last.timestamp(), one.source)),
        languages=dict(sorted(head.languages.items(), key=lambda pair: (-pair[1], pair[0]))),
        unseen=[one for one in blind if one.id in head.heard],
    )


def told(head: Head, seen: Coverage | None = None) -> Dossier:
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
            coverage=coverage_of(head, seen),
        )  # fmt: skip
        if most == 1 or len(encode(record)) <= LARGEST:
            return record
        most = max(1, most // 2)
