"""What a partition has activated: by its own log only; what a worker is too old to read waits for a newer one."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from streams.agents.bundles import Bundles
from streams.agents.dossier import judgement
from streams.agents.room import TableMemory, Taken, judge
from streams.contracts.faults import BrokerFault
from streams.contracts.records import Activation, Bundle, BundleRef, Status
from streams.contracts.topics import MENTIONS
from streams.contracts.wire import encode
from streams.logic.rules import CompiledRules, compile_rules
from tests.logic.reports import DAY, mention

RULE = "id: any\nversion: '1'\nwhen: [first_seen, status_change]\nseverity: notice\n"
FILES = {"old": {"any.yaml": RULE}, "new": {"any.yaml": RULE.replace("any", "fresh") + "loudness: high\n"}}
KEPT = {
    name: Bundle(kind="rules", id=name, version="1", hash=name, files=files) for name, files in FILES.items()
}  # fmt: skip


SAYS: dict[int, Status] = {1: "tabled", 3: "tabled", 4: "rejected", 5: "agreed", 6: "suspended"}


def newer(files: Mapping[str, str]) -> CompiledRules:
    """A version that knows one key more."""
    return compile_rules({path: text.replace("loudness: high\n", "") for path, text in files.items()})


def activation(name: str, offset: int) -> Taken:
    ref = BundleRef(id=name, version="1", hash=name)
    value = encode(Activation(knowledge=ref, rules=ref, at=DAY))
    return Taken("activate", b"activate", value, MENTIONS.name, 0, offset, 0.0)


def report(article: str, offset: int) -> Taken:
    return Taken("", b"EST", encode(mention(article, SAYS[offset], day=offset * 9)), MENTIONS.name, 0, offset, 0.0)


def test_what_a_worker_is_too_old_to_read_is_taken_up_by_a_newer_one_at_its_first_record() -> None:
    state: dict[bytes, bytes | None] = {}

    def told(worker: Bundles[CompiledRules], *taken: Taken) -> tuple[list[str], list[str]]:
        memory = TableMemory(state.get)
        work = judge(memory, taken, judgement(worker), "dossier")
        state.update(memory.changes)
        alerts = [msgspec.json.decode(out.value) for out in work.outgoing if out.topic == "alerts.all"]
        return [alert["rule"]["id"] for alert in alerts], [text for *_, text in work.dead]

    tries: list[int] = []

    def older(files: Mapping[str, str]) -> CompiledRules:
        tries.append(1)
        return compile_rules(files)

    old = Bundles(older, KEPT, dict)
    rules, dead = told(old, activation("old", 0), report("a", 1), activation("new", 2), report("b", 3), report("c", 4))
    assert rules == ["any", "any"], "what was in force before goes on; the second report changes nothing"
    assert [text.partition(":")[0] for text in dead] == ["activates a bundle that this worker cannot read"]
    assert len(tries) == 2, "each bundle is read once"

    assert told(Bundles(newer, KEPT, dict), report("d", 5)) == (["fresh"], [])
    assert told(Bundles(newer, KEPT, dict), report("e", 6)) == (["fresh"], [])


def test_an_activation_waits_for_a_kafka_that_does_not_tell_its_bundle_and_is_not_set_aside() -> None:
    def away() -> Mapping[str, Bundle]:
        raise BrokerFault("no Kafka answers")

    memory = TableMemory(lambda _: None)
    with pytest.raises(BrokerFault):  # the worker ends without a commit, and takes it again
        judge(memory, [activation("old", 0)], judgement(Bundles(newer, {}, away)), "dossier")
    assert not memory.changes


def test_who_watches_is_told_what_is_in_force_from_now_on() -> None:
    told: list[tuple[str, list[str]]] = []
    decide = judgement(
        Bundles(newer, KEPT, dict),
        activated=lambda active, watch: told.append((active.rules.hash, [rule.id for rule in watch.rules])),
    )

    judge(TableMemory(lambda _: None), [activation("old", 0), report("a", 1), activation("new", 2)], decide, "dossier")

    assert told == [("old", ["any"]), ("new", ["fresh"])]
