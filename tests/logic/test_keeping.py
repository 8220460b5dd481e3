"""A dossier's head is kept in leaves: nothing of it is lost, and little is written for a little change."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.records import ActorPosition
from streams.logic.dossier import keeping
from streams.logic.dossier.state import Head
from streams.logic.memory import DictMemory
from tests.logic.reports import Room, mention

QUOTE = st.text(max_size=40) | st.sampled_from(["", '{"a":1},', "},{", '"}],', "x" * 3000])
ENTRIES = st.lists(
    st.builds(
        ActorPosition, actor=st.sampled_from(["RU", "NATO"]), position=st.just("supports"), quote=QUOTE,
        article=st.sampled_from(["a", "b"]), at=st.just("2008-06-05"),
    ),
    max_size=60,
)  # fmt: skip


def leaves(memory: DictMemory) -> dict[str, bytes]:
    return {key: raw for key, raw in memory.raw.items() if key.startswith("l/")}


@given(st.lists(ENTRIES, min_size=1, max_size=5))
def test_whatever_is_kept_is_read_again_and_lies_as_if_it_were_kept_afresh(versions: list[list[ActorPosition]]) -> None:
    memory = DictMemory()
    for positions in versions:
        head = keeping.head_of(memory, "EST") or Head("EST", None, "European Security Treaty")
        head.positions = positions
        keeping.keep(memory, head)
        keeping._texts.clear()

        read = keeping.head_of(memory, "EST")
        assert read is not None
        assert read.positions == positions
        afresh = DictMemory()
        keeping.keep(afresh, Head("EST", None, "European Security Treaty", positions=positions))
        assert memory.raw == afresh.raw, "what was there before leaves no trace"


def test_one_entry_more_or_less_rewrites_its_own_leaf() -> None:
    chance, memory = random.Random(3), DictMemory()
    positions = [
        ActorPosition(actor="RU", position="supports", quote=f"{chance.random():.17f}" * 10, article=f"a{n}", at="2008")
        for n in range(400)
    ]
    keeping.keep(memory, Head("EST", None, "European Security Treaty", positions=positions))
    whole = sum(map(len, memory.raw.values()))
    for place in (0, 137, -1):
        before = leaves(memory)
        head = keeping.head_of(memory, "EST")
        assert head is not None
        del head.positions[place]
        keeping.keep(memory, head)
        written = {key: raw for key, raw in leaves(memory).items() if key not in before}
        assert sum(map(len, written.values())) < whole / 8, place


def test_a_head_that_was_kept_whole_is_still_read() -> None:
    """As workers kept it before there were leaves."""
    memory = DictMemory()
    positions = [ActorPosition(actor="RU", position="supports", quote="q", article="a", at="2008-06-05")]
    memory.put("d/EST", Head("EST", None, "European Security Treaty", positions=positions, revision=7))

    head = keeping.head_of(memory, "EST")
    assert head is not None
    assert (head.positions, head.revision) == (positions, 7)
    keeping.keep(memory, head)
    assert leaves(memory)


def test_a_leaf_that_is_missing_is_no_empty_list() -> None:
    room = Room()
    room.take(mention("a", "floated", actor=["RU"]))
    keeping._texts.clear()
    for key in leaves(room.memory):
        room.memory.drop(key)

    with pytest.raises(KeyError, match="not kept"):
        keeping.head_of(room.memory, "EST")


def test_what_a_report_writes_does_not_grow_with_the_dossier() -> None:
    room = Room()
    for n in range(120):
        room.take(mention(f"a{n}", "tabled" if n % 2 else "rejected", day=4 * n))
    before = dict(room.memory.raw)
    room.take(mention("z", "tabled", day=600))
    written = {key: raw for key, raw in room.memory.raw.items() if before.get(key) != raw}
    head = keeping.head_of(room.memory, "EST")

    assert head is not None
    assert sum(map(len, written.values())) < len(msgspec.json.encode(head)) / 2
