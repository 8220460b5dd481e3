"""Where actors stand, and which set phrases they use, as far as reports quote them. Pure."""

from __future__ import annotations

from streams.contracts.records import ActorPosition, Formula, Mention, Position
from streams.logic.dossier import life, report
from streams.logic.dossier.state import Head, Use

MOST_POSITIONS = 400

POSITIONS: dict[str, Position] = {
    "propose": "proposes", "table": "proposes", "demand": "proposes", "support": "supports", "welcome": "supports",
    "agree": "supports", "ratify": "supports", "counter": "conditional", "concern": "concerned",
    "reject": "rejects", "withdraw": "rejects", "suspend": "rejects", "deny": "denies",
}  # fmt: skip


def take_positions(head: Head, mention: Mention) -> None:
    """Where actors stand by this mention: its own words, not an author's opinion of them.

    A look back that names no day tells where somebody stood only where nothing else does.
    """
    if mention.voice in ("opinion", "rumour"):
        return
    other = {
        (report.place_of(e.evidence), actor) for e in mention.events if e.act not in report.NAMING for actor in e.actor
    }
    denying: set[tuple[str, int] | None] = set()
    for event in mention.events:
        if event.act == "deny":
            # Of one sentence only the first: "NATO denied that it had rejected what Russia proposed".
            if report.place_of(event.evidence) in denying:
                continue
            denying.add(report.place_of(event.evidence))
        stance = POSITIONS.get(event.act)
        if stance is None or event.voice in ("opinion", "rumour") or not event.evidence:
            continue
        own = life.dated(event.when, mention)
        passing = own is None and "historical" in (event.time, mention.time)
        for actor in event.actor:
            if event.act in report.NAMING and (
                (report.place_of(event.evidence), actor) in other
                or (mention.proposer and actor not in mention.proposer)
            ):
                continue
            if passing and any((p.actor, p.position) == (actor, stance) for p in head.positions):
                continue
            one = ActorPosition(
                actor=actor, position=stance, quote=event.evidence[0].quote[:500], article=mention.article.id,
                at=own or life.event_time(mention),
            )  # fmt: skip
            if not any((p.actor, p.position, p.article) == (actor, stance, one.article) for p in head.positions):
                head.positions.append(one)
    head.positions.sort(key=lambda p: (p.at, p.article, p.actor, p.position))
    head.omitted += max(0, len(head.positions) - MOST_POSITIONS)
    head.positions = head.positions[-MOST_POSITIONS:]


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


def forget(head: Head, article: str) -> bool:
    """Take an article's positions, formulas and contradictions out; whether it contradicted another."""
    for use in head.uses:
        use.articles = [one for one in use.articles if one != article]
    head.uses = [use for use in head.uses if use.articles]
    head.positions = [p for p in head.positions if p.article != article]
    kept = [c for c in head.contradictions if article not in c.articles]
    against, head.contradictions = len(kept) < len(head.contradictions), kept
    return against
