"""Mentions become the life of a proposal, and alerts when its state changes. Pure.

State in one partition, by dossier: the head (`d/`), one record per article that speaks of it (`m/`), one per
story (`s/`), the alert thread of a story inside it. A story is one event: the same act by the same actors with
the same state, within its window of days. Redelivered and stale records change nothing and say so in the counts.

Counts: `redelivered`, `stale_revision`, `unknown_withdrawal`, `raised`, `updated`, `corrected`, `retracted`,
`suppressed:<reason>`, `silent_edit`, `late_report`, `tick`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import (
    ActorPosition,
    Alert,
    Change,
    Dossier,
    DossierCommitment,
    Mention,
    Suppressed,
    Tick,
    Transition,
    Withdrawn,
)
from streams.contracts.topics import DOSSIERS, SUPPRESSED, Outgoing
from streams.contracts.wire import encode
from streams.logic import alert as alerts
from streams.logic import story as stories
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules

WINDOW = timedelta(days=3)
"""Reports of one event come within this long of its first."""

MOST_TRANSITIONS, MOST_POSITIONS, MOST_COMMITMENTS, MOST_STORIES = 200, 100, 100, 400

_POSITIONS = {
    "propose": "proposes", "table": "proposes", "demand": "proposes", "support": "supports", "welcome": "supports",
    "agree": "supports", "ratify": "supports", "counter": "conditional", "concern": "concerned",
    "reject": "rejects", "withdraw": "rejects", "suspend": "rejects", "deny": "denies",
}  # fmt: skip


class Head(msgspec.Struct):
    """A dossier and the ids of what it rests on."""

    dossier: Dossier
    stories: list[str]


class Held(msgspec.Struct):
    """The last revision of an article's mention; `mention` is gone after a withdrawal."""

    revision: int
    mention: Mention | None
    story: str | None


class Story(msgspec.Struct):
    """One event in the life of a proposal, as its reports tell it."""

    id: str
    act: str
    actor: list[str]
    status: str | None
    first: str
    origins: list[stories.Origin]
    thread: str | None
    last: Alert | None
    topic: str | None


class Mark(msgspec.Struct):
    """How far a partition's log is decided."""

    offset: int


def event_time(mention: Mention) -> str:
    """The date resolved for the act, else when it was published, else when it was seen."""
    if mention.when and len(mention.when) >= 10 and mention.when <= _day(mention.article.seen):
        return mention.when
    return _day(mention.article.published or mention.article.seen)


def _day(at: datetime) -> str:
    return at.date().isoformat()


def decide(memory: Memory, record: Mention | Withdrawn | Tick, offset: int, rules: CompiledRules) -> Decision:
    """What a record of `news.mentions` changes, and whom it alerts."""
    mark = memory.get("mark", Mark)
    if mark is not None and offset <= mark.offset:
        return Decision().count("redelivered")
    if isinstance(record, Mention):
        decision = _mention(memory, record, rules)
    elif isinstance(record, Withdrawn):
        decision = _withdrawn(memory, record)
    else:
        decision = Decision().count("tick")
    memory.put("mark", Mark(offset))
    return decision


def _mention(memory: Memory, mention: Mention, rules: CompiledRules) -> Decision:
    held = memory.get(f"m/{mention.id}", Held)
    if held is not None and mention.article.revision <= held.revision:
        return Decision().count("stale_revision")
    if held is not None and held.mention is not None and held.story is not None:
        return _revised(memory, mention, held.mention, held.story)
    decision = Decision()
    head = memory.get(f"d/{mention.dossier}", Head) or _new(mention)
    at = event_time(mention)
    told = _story_of(memory, head, mention, at)
    if told is None:
        told = Story(
            id="s" + digest("story", mention.dossier, mention.id, str(mention.article.revision)),
            act=mention.act, actor=mention.actor, status=mention.status, first=at, origins=[],
            thread=None, last=None, topic=None,
        )  # fmt: skip
        fresh = True
    else:
        fresh = False
    # A late report changes no state: it has no "before" to show.
    late = head.dossier.since is not None and at < head.dossier.since
    before = None if late else head.dossier.status
    told.origins, independent = stories.place(told.origins, mention.article.id, mention.signature)
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, told.id))
    happened = _happened(head.dossier, mention, at, fresh)
    head.dossier = _with(head.dossier, mention, at, told, fresh)
    if fresh:
        head.stories = [*head.stories, told.id][-MOST_STORIES:]
        _raise(decision, rules, told, mention, before, happened)
    elif told.last is not None:
        _update(decision, told, mention, independent)
    else:
        decision.count("suppressed:no_rule")
    memory.put(f"s/{told.id}", told)
    _write(memory, decision, head)
    return decision


def _new(mention: Mention) -> Head:
    return Head(
        Dossier(
            proposal=mention.proposal, instance=mention.instance, name=mention.proposal_name, status=None,
            since=None, transitions=[], positions=[], commitments=[], contradictions=[], last_activity=None,
            revision=0, omitted=0,
        ),
        [],
    )  # fmt: skip


def _story_of(memory: Memory, head: Head, mention: Mention, at: str) -> Story | None:
    """The story that this reports too: a copy of one of its reports, or the same event within days."""
    day = date.fromisoformat(at)
    for identity in reversed(head.stories):
        told = memory.get(f"s/{identity}", Story)
        if told is None:
            continue
        copy = any(stories.similarity(origin.signature, mention.signature) >= stories.SAME for origin in told.origins)
        near = abs(date.fromisoformat(told.first) - day) <= WINDOW
        same = (
            told.act == mention.act
            and told.status == mention.status
            and (not told.actor or not mention.actor or bool(set(told.actor) & set(mention.actor)))
        )
        if copy or (near and same):
            return told
    return None


def _is_class(mention: Mention) -> bool:
    return mention.proposal.startswith("OTHER-")


def _happened(dossier: Dossier, mention: Mention, at: str, fresh: bool) -> list[str]:
    """What this does to the dossier, in the words that rules use."""
    if not fresh:
        return []
    if _is_class(mention):
        return ["story"]
    found = ["first_seen"] if dossier.revision == 0 else []
    known = {(tuple(c.who), c.due) for c in dossier.commitments}
    if any((tuple(c.who), c.due) not in known for c in mention.commitments):
        found.append("new_commitment")
    late = dossier.since is not None and at < dossier.since
    if not late and mention.time == "current" and mention.status != dossier.status:
        found.append("status_change")
        found += {
            "tabled": ["tabled"], "rejected": ["rejection"], "agreed": ["agreement"], "in_force": ["agreement"],
        }.get(mention.status, [])  # fmt: skip
    return found


def _raise(
    decision: Decision,
    rules: CompiledRules,
    told: Story,
    mention: Mention,
    before: str | None,
    happened: list[str],
) -> None:
    fields: dict[str, list[str]] = {
        "proposal": [mention.proposal], "proposer": mention.proposer, "addressee": mention.addressee,
        "status": [mention.status], "act": [mention.act], "actor": mention.actor, "role": [mention.role],
        "voice": [mention.voice], "time": [mention.time], "source": [mention.article.source],
        "lang": [mention.article.lang or "und"],
    }  # fmt: skip
    rule = rules.first(happened, fields)
    if rule is None:
        _suppress(
            decision,
            rules,
            told,
            mention,
            before,
            "no rule fires: " + (", ".join(happened) or "nothing changed"),
        )
        return
    told.thread = "t" + digest("thread", told.id)
    told.topic = rule.topic
    origins, copies = stories.figures(told.origins)
    made = alerts.build(
        mention, rule, kind="raised", thread=told.thread, replaces=None, before=before, story=told.id,
        origins=origins, copies=copies, changes=[],
    )  # fmt: skip
    told.last = made
    decision.outgoing += alerts.sent(made, mention.article.seen, rule.topic)
    decision.count("raised")


def _suppress(
    decision: Decision,
    rules: CompiledRules,
    told: Story,
    mention: Mention,
    before: str | None,
    reason: str,
) -> None:
    if not rules.rules:
        decision.count("suppressed:no_rules")
        return
    origins, copies = stories.figures(told.origins)
    held = alerts.build(
        mention, rules.rules[-1], kind="raised", thread="t" + digest("thread", told.id), replaces=None,
        before=before, story=told.id, origins=origins, copies=copies, changes=[],
    )  # fmt: skip
    data = Suppressed(**msgspec.structs.asdict(held), reason=reason)
    decision.outgoing.append(Outgoing(SUPPRESSED.name, mention.proposal, encode(data)))
    decision.count("suppressed:no_rule")


def _update(decision: Decision, told: Story, mention: Mention, independent: bool) -> None:
    """A further origin or copy: the alert's figures change, nobody is alerted again."""
    assert told.last is not None  # noqa: S101 - the caller looked
    origins, copies = stories.figures(told.origins)
    changes = [
        Change(field=name, before=was, after=now)
        for name, was, now in (
            ("origins", told.last.origins, origins),
            ("copies", told.last.copies, copies),
        )
        if was != now
    ]
    if not changes:
        return
    _follow(decision, told, mention, "updated", changes)
    decision.count("another_origin" if independent else "another_copy")


def _follow(decision: Decision, told: Story, mention: Mention, kind: str, changes: list[Change]) -> None:
    """Send what updates, corrects or retracts the story's alert to where that went."""
    assert told.last is not None and told.thread is not None  # noqa: S101, PT018 - the callers looked
    origins, copies = stories.figures(told.origins)
    identity = "n" + digest(
        "alert",
        told.thread,
        kind,
        mention.id,
        str(mention.article.revision),
        told.last.id,
        str(origins),
        str(copies),
    )
    made = msgspec.structs.replace(
        told.last,
        id=identity,
        type=kind,
        replaces=told.last.id,
        origins=origins,
        copies=copies,
        changes=changes,
    )
    if kind == "corrected":
        made = msgspec.structs.replace(
            made, evidence=mention.evidence, article=mention.article, act=mention.act, actor=mention.actor,
            proposer=mention.proposer, addressee=mention.addressee, voice=mention.voice, score=mention.score,
            why=mention.why, status=None if _is_class(mention) else mention.status,
            headline="Corrected: " + alerts.headline(mention, None, None if _is_class(mention) else mention.status),
        )  # fmt: skip
    elif kind == "retracted":
        made = msgspec.structs.replace(made, headline="Retracted: " + told.last.headline)
    told.last = made
    decision.outgoing += alerts.sent(made, mention.article.seen, told.topic)
    decision.count(kind)


def _revised(memory: Memory, mention: Mention, before: Mention, story: str) -> Decision:
    """A newer revision of an article: corrects the alert that quoted it, when it says another thing."""
    decision = Decision()
    memory.put(f"m/{mention.id}", Held(mention.article.revision, mention, story))
    changes = alerts.differences(before, mention)
    told = memory.get(f"s/{story}", Story)
    head = memory.get(f"d/{mention.dossier}", Head)
    if not changes:
        return decision.count("silent_edit")
    if told is None or head is None:
        return decision.count("story_let_go")
    quoted = told.last is not None and told.last.article is not None and told.last.article.id == mention.article.id
    if quoted:
        _follow(decision, told, mention, "corrected", changes)
        told.act, told.actor, told.status = mention.act, mention.actor, mention.status
        memory.put(f"s/{story}", told)
    at = event_time(mention)
    kept = [t for t in head.dossier.transitions if t.article != mention.article.id]
    head.dossier = _again(msgspec.structs.replace(head.dossier, transitions=kept))
    head.dossier = _with(head.dossier, mention, at, told, fresh=True)
    _write(memory, decision, head)
    return decision


def _withdrawn(memory: Memory, record: Withdrawn) -> Decision:
    decision = Decision()
    held = memory.get(f"m/{record.id}", Held)
    if held is None:
        memory.put(f"m/{record.id}", Held(record.article.revision, None, None))
        return decision.count("unknown_withdrawal")
    if record.article.revision <= held.revision:
        return decision.count("stale_revision")
    memory.put(f"m/{record.id}", Held(record.article.revision, None, None))
    head = memory.get(f"d/{record.dossier}", Head)
    told = memory.get(f"s/{held.story}", Story) if held.story else None
    if held.mention is None or head is None:
        return decision.count("nothing_held")
    gone = msgspec.structs.replace(held.mention, article=record.article)
    if told is not None:
        told.origins = stories.without(told.origins, record.article.id)
        if told.last is not None:
            quoted = told.last.article is not None and told.last.article.id == record.article.id
            reason = [Change(field="article", before=record.article.id, after=record.reason)]
            _follow(
                decision,
                told,
                gone,
                "retracted" if quoted or not told.origins else "updated",
                reason,
            )
        memory.put(f"s/{told.id}", told)
    if told is None or not told.origins:
        # The transition has lost its last support.
        kept = [t for t in head.dossier.transitions if t.article != record.article.id]
        head.dossier = _again(msgspec.structs.replace(head.dossier, transitions=kept))
    head.dossier = msgspec.structs.replace(
        head.dossier,
        positions=[p for p in head.dossier.positions if p.article != record.article.id],
        commitments=[c for c in head.dossier.commitments if c.article != record.article.id],
    )
    _write(memory, decision, head)
    return decision


def _again(dossier: Dossier) -> Dossier:
    """Status and the states before, told once more from the transitions that are left."""
    chain: list[Transition] = []
    for one in dossier.transitions:
        before = chain[-1].status if chain else None
        if one.status != before:
            chain.append(msgspec.structs.replace(one, before=before))
    last = chain[-1] if chain else None
    return msgspec.structs.replace(
        dossier,
        transitions=chain,
        status=last.status if last else None,
        since=last.at if last else None,
    )


def _with(dossier: Dossier, mention: Mention, at: str, told: Story, fresh: bool) -> Dossier:
    """The dossier with this mention: transition in the order of event time, positions, commitments."""
    origins, _ = stories.figures(told.origins)
    transitions = dossier.transitions
    if fresh and not _is_class(mention):
        own = Transition(
            status=mention.status, before=None, at=at, act=mention.act, actor=mention.actor,
            article=mention.article.id, evidence=mention.evidence[:1], origins=origins,
        )  # fmt: skip
        transitions = sorted([*transitions, own], key=lambda t: (t.at, t.article))
    positions = dossier.positions
    for event in mention.events:
        stance = _POSITIONS.get(event.act)
        for actor in event.actor if stance else ():
            new = ActorPosition(
                actor=actor,
                position=stance,  # type: ignore[arg-type]  # from the table above
                quote=event.evidence[0].quote[:500],
                article=mention.article.id,
                at=at,
            )
            rest = [p for p in positions if (p.actor, p.position) != (new.actor, new.position)]
            if len(rest) == len(positions) or at >= max(
                p.at for p in positions if (p.actor, p.position) == (new.actor, new.position)
            ):
                positions = [*rest, new]
    commitments = dossier.commitments
    for one in mention.commitments:
        if not any((c.who, c.due) == (one.who, one.due) for c in commitments):
            past = mention.historical and one.due is not None and one.due < _day(mention.article.seen)
            commitments = [
                *commitments,
                DossierCommitment(
                    who=one.who, what=one.what, due=one.due, state="overdue" if past else "open",
                    article=mention.article.id,
                ),
            ]  # fmt: skip
    omitted = dossier.omitted + sum(
        max(0, len(part) - most)
        for part, most in (
            (transitions, MOST_TRANSITIONS), (positions, MOST_POSITIONS), (commitments, MOST_COMMITMENTS),
        )
    )  # fmt: skip
    seen = mention.article.seen
    newer = dossier.last_activity is None or seen > dossier.last_activity
    return _again(
        msgspec.structs.replace(
            dossier,
            transitions=transitions[-MOST_TRANSITIONS:],
            positions=positions[-MOST_POSITIONS:],
            commitments=commitments[-MOST_COMMITMENTS:],
            last_activity=seen if newer else dossier.last_activity,
            omitted=omitted,
        )
    )


def _write(memory: Memory, decision: Decision, head: Head) -> None:
    head.dossier = msgspec.structs.replace(head.dossier, revision=head.dossier.revision + 1)
    key = head.dossier.proposal + (f"/{head.dossier.instance}" if head.dossier.instance else "")
    memory.put(f"d/{key}", head)
    decision.outgoing.append(Outgoing(DOSSIERS.name, key, encode(head.dossier)))
