from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts import ids
from streams.contracts.faults import RecordFault
from streams.contracts.records import Item
from streams.contracts.schemas import schemas
from streams.contracts.wire import decode, encode
from tests.making import an_item

DOCS = Path(__file__).parents[2] / "docs" / "contracts"


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_published_schema_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == schemas()[name], (
        "run: python -m streams.contracts.schemas docs/contracts"
    )


@given(st.text(), st.text())
def test_a_record_survives_the_wire(entry: str, text: str) -> None:
    item = an_item(entry, text)

    assert decode(Item, encode(item)) == item


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xff\xfe", "JSON"),
        (b"{}", "not a Item"),
        (b'{"id": 1}', "not a Item"),
        (b"[" * 100_000, "not a Item"),
        (None, "tombstone"),
    ],
    ids=["bytes", "empty", "type", "deep", "tombstone"],
)
def test_what_cannot_be_read_is_the_producer_s_fault_and_says_why(raw: bytes | None, says: str) -> None:
    with pytest.raises(RecordFault, match=says):
        decode(Item, raw)


def test_white_space_makes_no_event() -> None:
    assert ids.event_id("i", "new", "A  b", "c\n\nd") == ids.event_id("i", "new", "A b ", "c d")


def test_parts_of_an_id_do_not_run_together() -> None:
    assert ids.digest("ab", "c") != ids.digest("a", "bc")


def test_a_bundle_s_hash_does_not_depend_on_the_order_of_its_files() -> None:
    assert ids.bundle_hash({"a": "1", "b": "2"}) == ids.bundle_hash({"b": "2", "a": "1"})
