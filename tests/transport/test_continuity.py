"""Whether each parcel goes on where the one before it ended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.continuity import Continuity, PassedOver

HERE = TP("news.items", 3)


@given(st.sets(st.integers(0, 40), min_size=1), st.data())
async def test_what_leaves_out_a_record_is_found_and_nothing_else(log: set[int], data: Any) -> None:
    """A log with holes, read in parcels from which a few records are lost."""
    there = sorted(log)
    lost = data.draw(st.sets(st.sampled_from(there)))
    continuity = Continuity(lambda _, start, end: any(start <= offset < end for offset in log))
    continuity.begin(HERE, data.draw(st.sampled_from([None, 0, there[0]])))
    found, begun = False, None
    for offset in there:
        if offset in lost:
            continue
        try:
            await continuity.check(HERE, offset)
        except PassedOver:
            found = True
            break
        begun = offset
        continuity.taken(HERE, offset)

    before = [offset for offset in there if offset not in lost]
    missed = bool(before) and any(offset < before[-1] for offset in lost)
    assert found == missed, (begun, before)


async def test_the_log_is_asked_only_where_something_is_left_out() -> None:
    asked = []
    continuity = Continuity(lambda *about: bool(asked.append(about)))  # type: ignore[func-returns-value]
    assert not await continuity.check(HERE, 5), "nothing is known of it yet"
    continuity.begin(HERE, 5)
    assert not await continuity.check(HERE, 5)
    continuity.taken(HERE, 9)
    assert not await continuity.check(HERE, 10)
    assert not asked
    assert await continuity.check(HERE, 12)

    assert asked == [(("news.items", 3), 10, 12)]


async def test_what_comes_again_is_no_hole() -> None:
    continuity = Continuity(lambda *_: True)
    continuity.begin(HERE, 5)
    continuity.taken(HERE, 9)

    assert not await continuity.check(HERE, 5)


async def test_each_partition_goes_on_by_itself() -> None:
    continuity, other = Continuity(lambda *_: True), SimpleNamespace(topic="news.items", partition=4)
    continuity.begin(HERE, 5)
    continuity.begin(TP(*vars(other).values()), 70)

    with pytest.raises(PassedOver):
        await continuity.check(HERE, 6)
