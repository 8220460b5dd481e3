"""What a report says has happened: which of its events is news here, whether it moves a state, or denies one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from streams.contracts.records import Event, Evidence, Mention, Status
from streams.logic.dossier import life
from streams.logic.dossier.state import Kind, Step, turning, turns

STILL = frozenset(["promise", "deny"])
"""Acts that by themselves move nothing: what is promised is to come, a denied fear never was."""


def denied(mention: Mention) -> bool:
    """Whether this says that its event did not happen: "NATO denied that it had rejected the treaty"."""
    if mention.act == "deny":
        return True
    said = {
        place_of(e.evidence)
        for e in mention.events
        if e.act == "deny" and set(e.actor) & set(mention.actor) and e.denied in (None, mention.status)
    }
    own = [e for e in mention.events if e.act == mention.act and e.actor == mention.actor]
    return bool(own) and all(place_of(e.evidence) in said for e in own)


def place_of(evidence: list[Evidence]) -> tuple[str, int] | None:
    """Where a piece of evidence begins: its field and offset; two events of one place stand in one sentence."""
    return (evidence[0].field, evidence[0].start) if evidence else None


def is_told(mention: Mention, event: Event) -> bool:
    """Whether an event is more than a noun: in "NATO countered Russia's draft" Russia has drafted nothing now."""
    first = next(e for e in mention.events if place_of(e.evidence) == place_of(event.evidence))
    return event.act not in NAMING or first is event


def _doing(mention: Mention) -> Mention:
    """Who is said to bring what another proposes, and does something else to it in the same sentence, does that.

    "France supports talks on Russia's draft": France tables nothing.
    """
    actor = set(mention.actor)
    first = next((e for e in mention.events if place_of(e.evidence) == place_of(mention.evidence)), None)
    offers_talks = first is not None and (first.act, first.actor) == ("propose", mention.actor)
    if mention.act not in NAMING or not mention.proposer or not actor or actor & set(mention.proposer):
        return mention
    for event in mention.events:
        status = "welcomed" if event.act == "support" else event.status
        other = event.act not in NAMING and event.act not in STILL and status is not None
        if offers_talks and event.act == "discuss":
            continue
        if other and set(event.actor) & actor and place_of(event.evidence) == place_of(mention.evidence):
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
        elsewhere = place_of(event.evidence) != place_of(mention.evidence)
        if not (event.actor and elsewhere and is_told(mention, event)):
            continue
        if event.status == mention.status and event.voice in ("fact", "quote"):
            return msgspec.structs.replace(
                mention, act=event.act, actor=event.actor, when=event.when, time=event.time,
                evidence=[*event.evidence, *(e for e in mention.evidence if e not in event.evidence)],
            )  # fmt: skip
    return mention


NAMING = frozenset(["propose", "table", "demand"])
"""Acts whose words also name the proposal: who discusses "the proposed treaty" has not proposed it."""

PLAIN = frozenset(["welcome", "support", "reject", "table"])
"""Acts whose words mean little else: what a report says of them beside its main event is taken up."""


ANSWERS = frozenset(["NATO", "EU", "OSCE", "RU", "USSR"])
"""Who speaks for a side."""
UNANSWERED: frozenset[Status | None] = frozenset([None, "floated", "tabled", "discussing"])
"""States that an alliance's concern moves on to talk; who is wary of what is welcomed, refused or signed
changes nothing, unless he asks to have it explained."""


def _wary(mention: Mention, steps: Sequence[Step]) -> Mention:
    if mention.act != "concern" or mention.status != "discussing":
        return mention
    now = _now(mention, steps)
    # One ally's worry, or its questions, are a position; those of an alliance are an answer, and ask for the next.
    asked = any(event.status == "discussing" and ANSWERS & set(event.actor) for event in mention.events)
    answered = (not mention.actor or ANSWERS & set(mention.actor)) and now in UNANSWERED
    return mention if now is None or asked or answered else msgspec.structs.replace(mention, status=now)


UNDER_WAY: frozenset[Status | None] = frozenset(["floated", "tabled", "discussing", "welcomed", "countered"])
"""States in which there is nothing to revive: who resumes talks then goes on with them."""


def _gone_on(mention: Mention, steps: Sequence[Step]) -> Mention:
    """The mention as one of talks where they are only taken up again: "held a second round of talks"."""
    if mention.status != "revived" or _now(mention, steps) not in UNDER_WAY:
        return mention
    talks = {place_of(event.evidence) for event in mention.events if event.act == "discuss"}
    if any(event.act == "revive" and place_of(event.evidence) not in talks for event in mention.events):
        return mention  # a sentence of its own says so: "Medvedev revives his treaty"
    for event in mention.events:
        if event.act == "discuss" and set(event.actor) & set(mention.actor):
            return msgspec.structs.replace(mention, status="discussing", act="discuss", actor=event.actor)
    return mention


def _now(mention: Mention, steps: Sequence[Step]) -> Status | None:
    """The state that a report finds its proposal in."""
    its = life.step_of(mention, "", 1)
    earlier = turns([step for step in steps if step.order < its.order and step.article != mention.article.id])
    return earlier[-1][0].status if earlier else None


SETTLED: frozenset[Status | None] = frozenset(
    ["revived", "welcomed", "rejected", "countered", "agreed", "in_force", "suspended"]
)
"""States that are left by something that is said to be done."""


def _merely_named(mention: Mention, steps: Sequence[Step]) -> Mention:
    """The mention with the state that is known, where it is said to be discussed only because nothing else is told:
    no act is, or talks by nobody."""
    talking = [e for e in mention.events if e.status == "discussing" or e.act in ("discuss", "clarify", "concern")]
    if mention.status != "discussing" or any(e.actor for e in talking):
        return mention
    now = _now(mention, steps)
    return msgspec.structs.replace(mention, status=now) if now in SETTLED else mention


def telling(mention: Mention, steps: Sequence[Step]) -> Mention:
    """The mention by the event in it that is news where its main one is not.

    A report that names a known proposal first ("Medvedev set out his treaty") and then says that Paris welcomed it is
    about the welcome; the tagger, which knows no dossier, cannot tell. It is told by what came before it, so that its
    next revision is told alike.
    """
    if life.is_class(mention.proposal) or mention.role != "main":
        return mention
    mention = _bringing(_doing(mention))
    own = [e.status for e in mention.events if (e.act, e.actor) == (mention.act, mention.actor) and e.status]
    somebody_s = any(
        e.status == mention.status and (e.actor or e.act not in NAMING) and is_told(mention, e) for e in mention.events
    )
    if own and mention.status in BACKED and mention.status not in own and not somebody_s:
        mention = msgspec.structs.replace(mention, status=own[0])
    mention = _merely_named(_wary(_gone_on(mention, steps), steps), steps)
    if mention.status != "floated":
        return mention
    its = life.step_of(mention, "", 1)
    before = [step for step in steps if step.order < its.order and step.article != mention.article.id]
    earlier = turns(before)
    if turning(before, earlier[-1][0].status if earlier else None, its):
        if earlier and not any(event.status == "floated" for event in mention.events):
            # Nothing in it proposes anything: it only names what is suspended or in force.
            return msgspec.structs.replace(mention, status=earlier[-1][0].status)
        return mention
    naming = {(place_of(e.evidence), actor) for e in mention.events if e.act not in PLAIN for actor in e.actor}
    promising = {place_of(e.evidence) for e in mention.events if e.act == "promise"}
    for event in reversed(mention.events):
        status = "welcomed" if event.act == "support" else event.status
        tabled_too = event.act == "table" and (
            place_of(event.evidence) in promising
            or any((place_of(event.evidence), actor) in naming for actor in event.actor)
        )
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


def quoting(mention: Mention) -> Mention:
    """The mention with the words of its event first, where its best evidence is another sentence.

    "France welcomed the treaty. Russia promised a draft of the European Security Treaty": the second shows more surely
    which proposal is meant; but who is told of a welcome wants to read it.
    """
    own = {place_of(e.evidence): e.evidence[0] for e in reversed(mention.events) if e.evidence and is_its(mention, e)}
    if not own or (mention.evidence and place_of(mention.evidence) in own):
        return mention
    known = next((one for one in mention.evidence if place_of([one]) in own), None)
    first = known or next(reversed(own.values()))
    return msgspec.structs.replace(mention, evidence=[first, *(one for one in mention.evidence if one != first)])


def is_its(mention: Mention, event: Event) -> bool:
    """Whether this is the event that a mention is told by."""
    return event.act == mention.act and event.actor == mention.actor


def kind(mention: Mention) -> Kind:
    """What its story is: a report, an opinion, or a denial."""
    return "denial" if denied(mention) else "opinion" if mention.voice == "opinion" else "report"


BACKED = frozenset(["tabled", "welcomed", "rejected", "countered", "agreed", "in_force", "suspended", "revived"])
"""States that an act brings about: a report of one without any such act is a guess, and moves nothing."""


TALKING = frozenset(["discuss", "clarify", "concern", "demand", "deny"])
"""Acts one of which a report of talks holds: who names terms for his consent has talked of nothing."""


def backed(mention: Mention) -> bool:
    """Whether something in the report brings about the state that it is said to report."""
    acts = {event.act for event in mention.events}
    if mention.status == "discussing":
        return bool(acts & TALKING) or any(e.status == "discussing" for e in mention.events)
    if mention.status not in BACKED:
        return True
    return any(e.status == mention.status for e in mention.events) or (
        mention.status == "welcomed" and "support" in acts
    )


def moves(mention: Mention) -> bool:
    """Whether this reports a state, rather than an opinion of one, a rumour, a denial, or an old state in passing."""
    return (
        not life.is_class(mention.proposal)
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


WEAK = frozenset(["floated", "discussing"])
"""States of which there is nothing to deny."""


def unsaid(mention: Mention) -> frozenset[str]:
    """The states of which a denial says that they have not come about."""
    if mention.act != "deny":
        return frozenset()
    return frozenset(e.denied for e in mention.events if e.denied and set(e.actor) <= set(mention.actor)) - WEAK
