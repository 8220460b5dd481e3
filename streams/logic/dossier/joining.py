"""Which story a report belongs to: copies by their text, other reports by the event. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from streams.contracts.records import Mention
from streams.logic.dossier import life, opposing, report
from streams.logic.dossier import story as stories
from streams.logic.dossier.state import Brief, Head, Kind, Story
from streams.logic.memory import Memory

WINDOW, COPIED = timedelta(days=3), timedelta(days=14)
"""Reports of one event come within so many days of its first; copies of a text within the longer time."""

_TOLD_APART = frozenset(["floated", "discussing"])
"""States in which much can happen at once: here the act tells events apart; elsewhere the state does."""


TALK = frozenset(["discuss", "clarify"])
"""Acts of one and the same meeting: who explains his plan to the allies, and the allies who talk it over with him."""


def brief_of(identity: str, mention: Mention) -> Brief:
    """What tells whether a further report may belong to the story that `mention` opens."""
    return Brief(
        identity, mention.act, mention.actor, mention.status, life.event_time(mention), mention.historical,
        kind=report.kind(mention),
    )  # fmt: skip


RETIRED = "retired"
"""A copy of a report that was retracted, and of none that stands."""


def story_of(memory: Memory, head: Head, mention: Mention) -> tuple[Story | None, Literal["", "copy", "retired"]]:
    """The story that this reports too, and whether as a copy of one of its reports, or of one that was retracted."""
    on = date.fromisoformat(life.event_time(mention))
    kind = report.kind(mention)
    joined: Story | None = None
    for brief in reversed(head.stories):
        apart = abs(date.fromisoformat(brief.first) - on)
        # A story of old material must not swallow news; news may have old material as a further report.
        if apart > COPIED or (brief.historical and not mention.historical):
            continue
        told = memory.get(f"s/{brief.id}", Story)
        if told is None:
            continue
        if _contrary(brief, mention, kind):
            continue
        if any(stories.same(origin.signature, mention.signature) for origin in told.origins):
            return told, "copy"
        if any(stories.same(signature, mention.signature) for signature in told.retired):
            return told, "retired"
        fits = brief.kind == kind and not brief.over and apart <= WINDOW
        if joined is None and fits and _same_event(brief, mention):
            joined = told
    return joined, ""


def _contrary(brief: Brief, mention: Mention, kind: Kind) -> bool:
    """Whether this says the opposite of a story: then it is no copy, though all but a word may be the same.

    "Germany rejected the treaty" is one word from "Germany welcomed the treaty", and from its denial.
    """
    return mention.status in opposing.opposite(brief.status) or (brief.kind != kind and "denial" in (brief.kind, kind))


def _same_event(brief: Brief, mention: Mention) -> bool:
    if brief.act == mention.act == "promise":
        return bool(set(brief.actor) & set(mention.actor))  # what is promised leaves the state as it is told to be
    same = brief.status == mention.status and (
        brief.act == mention.act or mention.status not in _TOLD_APART or {brief.act, mention.act} == TALK
    )
    return same and (not brief.actor or not mention.actor or bool(set(brief.actor) & set(mention.actor)))
