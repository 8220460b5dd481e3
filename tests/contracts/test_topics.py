from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as theirs

from streams.contracts.topics import TOPICS, murmur2, partition_of


@given(st.binary(max_size=80))
def test_our_murmur2_is_the_one_that_kafka_clients_use(data: bytes) -> None:
    assert murmur2(data) == theirs(data) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "hashed"),
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)],
    ids=["two", "six", "many"],
)
def test_murmur2_gives_the_values_of_java_s_own_tests(key: str, hashed: int) -> None:
    assert murmur2(key.encode()) == hashed & 0xFFFFFFFF


@pytest.mark.parametrize("topic", ["news.mentions", "proposals.dossiers"])
def test_instances_of_a_proposal_share_its_partition(topic: str) -> None:
    assert partition_of(topic, "START/new-start", 8) == partition_of(topic, "START", 8)


def test_only_mentions_and_dossiers_are_placed_by_the_part_before_the_slash() -> None:
    keys = [f"a/{n}" for n in range(50)]

    assert len({partition_of("alerts.all", key, 8) for key in keys}) > 1


def test_every_topic_is_stamped_by_the_broker() -> None:
    assert {topic.config["message.timestamp.type"] for topic in TOPICS} == {"LogAppendTime"}
