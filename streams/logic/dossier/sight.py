"""Whether we see at all: a source that goes blind, or sees again, as an alert without a proposal; and what is known
of the world in a partition, as its canaries tell it. Pure."""

from __future__ import annotations

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Alert, BundleRef, Canary, Change, Coverage, SourceHealth
from streams.logic.dossier import alert as alerts
from streams.logic.dossier.state import Sight
from streams.logic.memory import Decision, Memory
from streams.logic.rules import CompiledRules

SEEING = frozenset(["ok", "unchanged"])
_NONE = BundleRef(id="none", version="0", hash="")


COVERAGE = "coverage"


def notice(memory: Memory, canary: Canary) -> None:
    """Keep what a canary says was seen. Its own arrival is the last that is known of canaries here."""
    if canary.coverage is None:
        return
    seen = canary.coverage
    memory.put(
        COVERAGE, msgspec.structs.replace(seen, unsupported=seen.unsupported or canary.unsupported, canary=canary.sent)
    )


def seen(memory: Memory, clock: str) -> Coverage | None:
    """What was last known to be seen; a play of an archive watches nothing, and is the same whenever it is run."""
    return memory.get(COVERAGE, Coverage) if clock == "live" else None


def decide(memory: Memory, health: SourceHealth, rules: CompiledRules) -> Decision:
    """Alert when a source goes blind; update that alert when it sees again. Told once, not at every poll."""
    decision = Decision()
    before = memory.get(f"c/{health.id}", Sight) or Sight(blind=False, last=None)
    blind = health.enabled and health.outcome is not None and health.outcome not in SEEING
    if blind == before.blind or health.polled is None:
        return decision.count("source_unchanged")
    rule = rules.first(["source_blind"], {"source": [health.id]})
    if rule is None:
        memory.put(f"c/{health.id}", Sight(blind, None))
        return decision.count("suppressed:no_rule")
    thread = before.last.thread if before.last and not blind else "t" + digest(
        "sight", health.id, msgspec.to_builtins(health.polled)
    )  # fmt: skip
    said = f"{health.name} is not seen: {health.reason or health.outcome}" if blind else f"{health.name} is seen again"
    made = Alert(
        id="n" + digest("alert", thread, "blind" if blind else "seeing", msgspec.to_builtins(health.polled)),
        type="raised" if blind else "updated", thread=thread,
        replaces=before.last.id if before.last and not blind else None, headline=said,
        severity=rule.severity if blind else "info", historical=False, score=1.0, proposal=None, instance=None,
        proposal_name=None, proposer=[], addressee=[], status=None, status_before=None, act=None, actor=[], role=None,
        voice=None, time=None, evidence=[], article=None, story=None, origins=0, copies=0, commitments=[],
        rule=rule.ref, knowledge=_NONE, engine="", why=[],
        changes=[] if blind else [Change(field="source", before="blind", after="seen")],
    )  # fmt: skip
    decision.outgoing += alerts.sent(
        made, health.polled, [rule.topic] if blind and rule.topic else [], f"SOURCES/{health.id}"
    )
    memory.put(f"c/{health.id}", Sight(blind, made))
    return decision.count("raised" if blind else "updated")
