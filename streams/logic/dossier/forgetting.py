"""What a dossier lets go, so that its state stays bounded: its oldest stories, and reports nothing rests on. Pure.

An edit of a report that was forgotten comes as one of old news, which moves no state of today's and alerts nobody; its
retraction is counted as unknown.
"""

from __future__ import annotations

from streams.contracts.ids import mention_id
from streams.logic.dossier.state import Head, Held, Story
from streams.logic.memory import Decision, Memory

MOST_STORIES = 400
"""Of a dossier; their alerts can be updated, corrected and retracted."""


def resting(head: Head) -> set[str]:
    """The articles on which something rests that a dossier at its bound says; empty below the bound."""
    if len(head.stories) < MOST_STORIES:
        return set()
    rests = {one.article for some in (head.steps, head.ahead, head.positions) for one in some}
    return rests.union(*(one.articles for some in (head.promises, head.contradictions, head.uses) for one in some))


def let_go(memory: Memory, decision: Decision, head: Head, rested: set[str]) -> None:
    """Forget the oldest stories past the bound, which is counted, and reports on which nothing rests any more.

    `rested` is what `resting` told before the record was decided.
    """
    over: set[str] = set()
    while len(head.stories) > MOST_STORIES:
        key = f"s/{head.stories.pop(0).id}"
        told = memory.get(key, Story)
        over |= told.mentions.keys() if told is not None else set()
        memory.drop(key)
        decision.count("story_let_go")
    # In one order, so that the same record brings the same state about.
    for article in sorted((over | rested) - resting(head)):
        key = f"m/{mention_id(article, head.key)}"
        held = memory.get(key, Held)
        if held is not None and (held.story is None or memory.get(f"s/{held.story}", Story) is None):
            memory.drop(key)
