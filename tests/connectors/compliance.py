"""The one check that every connector passes: what `news.items` may rely on, whatever the place."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Source, SourceFault
from streams.contracts.ids import event_id
from streams.contracts.records import Item
from streams.contracts.wire import decode, encode

SEEN = datetime(2026, 3, 2, 12, tzinfo=UTC)


def complies(source: Source, raw: bytes) -> None:
    """Fail unless `source` reads `raw` into items as it should, and stands anything else."""
    items = list(source.read(raw, SEEN))
    assert items, "a good document brings items"
    assert items == list(source.read(raw, SEEN)), "the same bytes bring the same items"
    assert len({i.id for i in items}) == len(items), "no two entries share an id"
    later = [i.id for i in source.read(raw, SEEN.replace(year=2027))]
    assert later == [i.id for i in items], "an id does not hang on when it was seen"
    for item in items:
        _sound(item)
    _stands_anything(source, raw)


def _sound(item: Item) -> None:
    assert item.source
    assert item.event == event_id(item.id, item.kind, item.title, item.text)
    assert item.seen == SEEN
    assert item.title or item.text
    assert not item.url.startswith(("javascript:", "data:", "file:"))
    assert "@" not in item.url.partition("//")[2].partition("/")[0], "no password travels on"
    for at in (item.published, item.modified):
        assert at is None or at.utcoffset() is not None
    assert item.published != SEEN, "the time of fetching is nobody's date of publication"
    for text in (item.title, item.text):
        assert "<script" not in text.lower()
    assert decode(Item, encode(item)) == item


def _stands_anything(source: Source, raw: bytes) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(st.data())
    def mangled(data: st.DataObject) -> None:
        cut = data.draw(st.integers(0, len(raw)))
        junk = data.draw(st.binary(max_size=40))
        with contextlib.suppress(SourceFault):
            for item in source.read(raw[:cut] + junk + raw[cut + len(junk) :], SEEN):
                encode(item)

    mangled()
    for broken in (b"", b"\0" * 100, b"<html><body>502</body></html>", b"\xff\xfe\x00"):
        with contextlib.suppress(SourceFault):
            list(source.read(broken, SEEN))
