"""Mentions in, dossiers and alerts out. What a change of state is: `streams.logic.dossier`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.agents.bundles import Bundles, activate, in_force
from streams.agents.room import Decide, TableMemory, Taken
from streams.contracts.records import Activation, Canary, Mention, SourceHealth, Tick, Withdrawn
from streams.contracts.topics import ACTIVATE, CANARY, SOURCE, TICK, WITHDRAWN, Outgoing
from streams.contracts.wire import decode
from streams.logic import dossier
from streams.logic.rules import CompiledRules

KINDS: dict[str, type[Mention | Withdrawn | Tick | SourceHealth]] = {
    "": Mention,
    WITHDRAWN: Withdrawn,
    TICK: Tick,
    SOURCE: SourceHealth,
}


def judgement(
    rules: Bundles[CompiledRules],
    arrived: Callable[[Canary], None] = lambda _: None,
    activated: Callable[[Activation, CompiledRules], None] = lambda *_: None,
) -> Decide:
    """The room's judgement of one record, with the rules that its partition activated.

    `arrived` is told of canaries, `activated` of what is in force from now on.

    What a canary says was seen of the world is kept: digests and dossiers tell it.
    """

    def ready(active: Activation) -> CompiledRules:
        return rules.by_hash(active.rules.hash)

    def decide(memory: TableMemory, taken: Taken) -> tuple[Sequence[Outgoing], dict[str, int]]:
        if taken.kind == ACTIVATE:
            activated(*activate(memory, taken, ready))
            return (), {"activated": 1}
        if taken.kind == CANARY:
            canary = decode(Canary, taken.value)
            arrived(canary)
            dossier.notice(memory, canary)
            return (), {"canary": 1}
        if taken.kind not in KINDS:
            return (), {"passed_over": 1}
        record = decode(KINDS[taken.kind], taken.value)
        _, watch = in_force(memory, taken, ready)
        found = dossier.decide(memory, record, taken.offset, watch)
        return found.outgoing, found.counts

    return decide
