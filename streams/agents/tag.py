"""Articles in, mentions out, near misses beside. What counts as a mention: `streams.logic.tag`."""

from __future__ import annotations

from collections.abc import Sequence

from streams.agents.bundles import Bundles, activate, in_force
from streams.agents.canary import handed_on
from streams.agents.room import Decide, TableMemory, Taken
from streams.contracts.records import Activation, Article
from streams.contracts.topics import ACTIVATE, CANARY, MENTIONS, Outgoing
from streams.contracts.wire import decode
from streams.logic import mention
from streams.logic.tag import Tagger


def judgement(taggers: Bundles[Tagger], engine: str) -> Decide:
    """The room's judgement of one record, with the knowledge that its partition activated."""

    def ready(active: Activation) -> Tagger:
        return taggers.by_hash(active.knowledge.hash)

    def decide(memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
        if taken.kind == ACTIVATE:
            activate(memory, taken, ready)
            return (), {"activated": 1}
        if taken.kind == CANARY:
            return handed_on(taken, MENTIONS, lambda at: mention.unsupported(memory, at))
        if taken.kind:
            return (), {"passed_over": 1}
        article = decode(Article, taken.value)
        active, tagger = in_force(memory, taken, ready)
        found = mention.decide(memory, article, taken.offset, tagger, active.knowledge, engine)
        return (*found.outgoing, *found.beside), found.counts

    return decide
