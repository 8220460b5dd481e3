"""Where a record goes when there are more partitions, without Kafka."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.topics import ACTIVATE, ARTICLES, CANARY, KIND, MENTIONS, TICK, partition_of
from streams.transport.repartition import Kept, places


@given(st.text(min_size=1), st.integers(1, 32), st.integers(1, 8))
def test_what_has_a_key_goes_where_its_key_belongs_and_shares_it_with_one_old_partition_only(
    key: str, old: int, times: int
) -> None:
    key = key.encode("utf-8", "ignore").decode() or "x"
    for topic in (ARTICLES.name, MENTIONS.name):
        before, after = partition_of(topic, key, old), partition_of(topic, key, old * times)
        assert places(topic, Kept(before, key.encode(), b"", []), old, old * times) == [after]
        assert after % old == before


def test_ticks_and_activations_go_to_every_descendant_and_canaries_nowhere() -> None:
    def of(kind: str) -> list[int]:
        return places(MENTIONS.name, Kept(1, kind.encode(), b"", [(KIND, kind.encode())]), 4, 12)

    assert of(TICK) == of(ACTIVATE) == [1, 5, 9]
    assert of(CANARY) == []


def test_a_record_that_another_hand_put_elsewhere_keeps_its_company() -> None:
    elsewhere = (partition_of(ARTICLES.name, "key", 4) + 1) % 4
    assert places(ARTICLES.name, Kept(elsewhere, b"key", b"", []), 4, 8) == [elsewhere]
