"""The rights of the secure overlay: no more than what each part does, and nothing for who is not named."""

from __future__ import annotations

from deploy.secure.accounts import RIGHTS, bindings
from streams.contracts.topics import ALERTS, ITEMS, TOPICS


def _writers(topic: str) -> set[str]:
    found = set()
    for one in bindings(RIGHTS):
        begins = one.resource_pattern_type.name == "PREFIXED" and topic.startswith(one.name)
        if one.restype.name == "TOPIC" and one.operation.name == "WRITE" and (one.name == topic or begins):
            found.add(one.principal.removeprefix("User:"))
    return found


def test_only_the_workers_write_alerts_and_only_connectors_write_items() -> None:
    assert _writers(ALERTS.name) == {"worker"}
    assert _writers(ITEMS.name) == {"connect"}


def test_nobody_has_a_right_on_the_cluster_or_on_every_topic() -> None:
    assert {one.restype.name for one in bindings(RIGHTS)} == {"TOPIC", "GROUP"}
    assert not [one for one in bindings(RIGHTS) if one.restype.name == "TOPIC" and one.name in {"", "*"}]


def test_every_topic_has_somebody_who_writes_it() -> None:
    assert {topic.name for topic in TOPICS if not _writers(topic.name)} == set()
