"""Reports that say the opposite of each other: both are kept, for which holds is for the reader to judge. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from streams.contracts.records import Contradiction, Mention
from streams.logic.dossier import life, report
from streams.logic.dossier.state import Head, Step, turns

MOST_CONTRADICTIONS = 50

_FOR: frozenset[str] = frozenset(["welcomed", "agreed", "in_force", "revived"])
_AGAINST: frozenset[str] = frozenset(["rejected", "suspended"])


def opposite(status: str) -> frozenset[str]:
    """The states of the other side: of `welcomed` those of a refusal; of a state that takes no side, none."""
    return _AGAINST if status in _FOR else _FOR if status in _AGAINST else frozenset()


def contradicts(head: Head, mention: Mention, story: str) -> Step | None:
    """The step of another story that this says the opposite of: of the same actors, about the same day.

    The opposite of a state is one of the other side (`welcomed`, `rejected`), or a denial that it came about.
    """
    if life.is_class(mention.proposal) or mention.voice not in ("fact", "quote"):
        return None
    contrary: frozenset[str]
    if report.denied(mention):
        told = frozenset(e.status for e in mention.events if e.status) - report.WEAK
        contrary = report.unsaid(mention) | told if mention.act == "deny" else frozenset([mention.status])
    else:
        contrary = opposite(mention.status)
    on = date.fromisoformat(life.event_time(mention))
    for step in reversed(head.steps):
        if (
            step.story != story
            and step.status in contrary
            and set(step.actor) & set(mention.actor)
            and abs(date.fromisoformat(step.at) - on) <= timedelta(days=1)
        ):
            return step
    return None


def keep_contradiction(head: Head, mention: Mention, step: Step) -> None:
    """Both states are kept: which holds is for the reader to judge. A denial says that the state before still holds."""
    earlier = next((before for turn, before in turns(head.steps) if turn.story == step.story), None)
    said = (earlier or "floated") if report.denied(mention) else mention.status
    found = Contradiction(
        at=life.event_time(mention), statuses=[step.status, said], articles=[step.article, mention.article.id]
    )
    head.contradictions = [*head.contradictions, found][-MOST_CONTRADICTIONS:]
