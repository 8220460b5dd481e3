"""Articles in, mentions out, near misses beside. What counts as a mention: `streams.logic.tag`."""

from __future__ import annotations

from collections.abc import Sequence

from streams.agents.bundles import Bundles, activation, in_force
from streams.agents.canary import handed_on
from streams.agents.room import Decide, TableMemory, Taken
from streams.contracts.records import Article
from streams.contracts.topics import ACTIVATE, CANARY, MENTIONS, Outgoing
from streams.contracts.wire import decode
from streams.logic import mention
from streams.logic.tag import Tagger


def judgement(taggers: Bundles[Tagger], engine: str) -> Decide:
    """The room's judgement of one record, with the knowledge that its partition activated."""

    def decide(memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
        if taken.kind == ACTIVATE:
            taggers.by_hash(activation(memory, taken).knowledge.hash)
            return (), {"activated": 1}
        if taken.kind == CANARY:
            return handed_on(taken, MENTIONS, lambda at: mention.unsupported(memory, at))
        if taken.kind:
            return (), {"passed_over": 1}
        article = decode(Article, taken.value)
        active = in_force(memory, taken)
        tagger = taggers.by_hash(active.knowledge.hash)
        found = mention.decide(memory, article, taken.offset, tagger, active.knowledge, engine)
        return (*found.outgoing, *found.beside), found.counts

    return decide
