"""A batch's state is whole or absent, wherever a kill cuts its way to the changelog."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.agents import journal

Store = dict[bytes, bytes | None]
KEYS = st.sampled_from([b"mark", b"d/EST", b"s/1", b"s/2", b"m/1"])
BATCHES = st.lists(st.dictionaries(KEYS, st.none() | st.binary(max_size=30), min_size=1), min_size=1, max_size=4)


def recovered(sent: journal.Pairs) -> Store:
    """A table as Faust rebuilds it from what the changelog holds, then brought to its end."""
    store: Store = dict(sent)
    left = journal.sealed(store.get)
    if left is not None:
        store |= dict(left[1])
    return {key: value for key, value in store.items() if not key.startswith(journal.SEAL) and value is not None}


@given(BATCHES, st.integers(1, 40), st.data())
def test_every_cut_leaves_the_state_after_a_whole_batch(
    batches: list[dict[bytes, bytes | None]], limit: int, data: st.DataObject
) -> None:
    sent: journal.Pairs = []
    state: Store = {}
    wholes = [state]
    for batch in batches:
        sent += journal.written(batch, limit)
        state = {k: v for k, v in (state | batch).items() if v is not None}
        wholes.append(state)
    cut = data.draw(st.integers(0, len(sent)))

    assert recovered(sent[:cut]) in wholes


@given(st.dictionaries(KEYS, st.none() | st.binary(max_size=30), min_size=1), st.integers(1, 40))
def test_what_was_sealed_survives_and_keys_follow_their_seal(batch: dict[bytes, bytes | None], limit: int) -> None:
    pairs = journal.written(batch, limit)
    at = [key for key, _ in pairs].index(journal.SEAL)

    assert dict(pairs[at + 1 :]) == batch
    assert recovered(pairs[: at + 1]) == {k: v for k, v in batch.items() if v is not None}
    assert recovered(pairs[:at]) == {}
    assert all(len(value or b"") <= limit for _, value in pairs[:at])


def test_an_unsealed_later_batch_does_not_bring_back_an_earlier_one() -> None:
    first, second = journal.written({b"mark": b"1"}, 64), journal.written({b"mark": b"2"}, 64)

    assert journal.sealed(dict(first + second[:1]).get) is None
