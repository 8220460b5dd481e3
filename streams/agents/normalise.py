"""Items in, articles out. What an article and a revision is: `streams.logic.normalise`."""

from __future__ import annotations

from collections.abc import Sequence

from streams.agents.canary import handed_on
from streams.agents.room import Decide, TableMemory, Taken
from streams.contracts.records import Item
from streams.contracts.topics import ARTICLES, CANARY, Outgoing
from streams.contracts.wire import decode
from streams.logic import normalise
from streams.logic.tag import language


def judgement() -> Decide:
    """The room's judgement of one record."""

    def decide(memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
        if taken.kind == CANARY:
            return handed_on(taken, ARTICLES)
        if taken.kind:
            return (), {"passed_over": 1}
        found = normalise.decide(memory, decode(Item, taken.value), taken.offset, language)
        return found.outgoing, found.counts

    return decide
