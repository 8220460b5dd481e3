from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from connectors.ingest import IngestReport, item_of, publish
from streams.settings import load
from tests.connectors.served import Kept
from tests.making import NOW


def sent(*lines: bytes | dict[str, object]) -> tuple[Kept, IngestReport, str]:
    outlet, said = Kept(), io.StringIO()
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    report = publish([r + b"\n" for r in raw], load(), said, NOW, outlet)
    return outlet, report, said.getvalue()


def an(**more: object) -> dict[str, object]:
    return {"url": "https://x.example/1", "title": "T", "text": "Text.", **more}


def test_the_same_url_or_id_again_is_the_same_item() -> None:
    outlet, report, _ = sent(
        an(), an(text="Edited."), an(id="k"), an(id="k", url="https://x.example/2"), an(source="o")
    )

    ids = [i.id for i in outlet.items]
    assert ids[0] == ids[1]
    assert ids[2] == ids[3]
    assert len(set(ids)) == 3
    assert report.sent == 5
    assert sum(report.offsets.values()) == 5


def test_a_retraction_names_what_it_withdraws() -> None:
    outlet, _, _ = sent(an(), {"url": "https://x.example/1", "kind": "retraction"})

    assert [i.kind for i in outlet.items] == ["new", "retraction"]
    assert len({i.id for i in outlet.items}) == 1


@pytest.mark.parametrize(
    "named",
    [
        {"id": "k"}, {"id": "k", "source": "wire"}, {"url": "https://x.example/1"},
        {"url": "https://x.example/1", "source": "wire"}, {"id": "k", "url": "https://elsewhere.example/"},
    ],
    ids=["id", "id and source", "address", "address and source", "id at another address"],
)  # fmt: skip
def test_a_later_line_need_not_say_again_what_an_entry_is_told_by(named: dict[str, object]) -> None:
    outlet, _, _ = sent(an(id="k", source="wire"), an(id="k", source="daily"), named | {"kind": "retraction"})

    wire, daily, withdrawn = outlet.items
    assert withdrawn.id == wire.id != daily.id
    assert withdrawn.source == "wire"


def test_an_address_of_another_source_is_another_article() -> None:
    outlet, _, _ = sent(an(source="wire"), an(source="daily"), an(source="daily", text="Edited."))

    ids = [i.id for i in outlet.items]
    assert ids[0] != ids[1] == ids[2]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"{", "not JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"[1]", "a JSON object"),
        (b"[" * 100_000, "not JSON"),
        ({"title": "T", "text": "x"}, "needs a url or an id"),
        ({"url": "u"}, "needs a title or a text"),
        (an(text=5), "text is a text, not int"),
        (an(kind="news"), "kind is new, update or retraction"),
        (an(published="Tuesday"), "published is a date or an RFC 3339 time"),
        (an(published="0001-01-01T00:00:00+14:00"), "out of range"),
        (an(text="x" * 5_000_000), "too many for news.items"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_a_bad_line_is_said_with_its_number_kept_and_costs_no_other(bad: bytes | dict[str, object], says: str) -> None:
    outlet, report, said = sent(an(), b"", bad, an(id="z"))

    assert len(outlet.items) == 2
    assert (report.sent, report.refused) == (2, 1)
    assert said.startswith("line 3: ")
    assert says in said
    ((raw, room, reason),) = outlet.letters
    assert raw == (bad if isinstance(bad, bytes) else json.dumps(bad).encode())
    assert room == "ingest"
    assert says in reason


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2008-07-29", datetime(2008, 7, 29, tzinfo=UTC)),
        ("2008-07-29T10:00:00Z", datetime(2008, 7, 29, 10, tzinfo=UTC)),
        ("2008-07-29T10:00:00+04:00", datetime(2008, 7, 29, 6, tzinfo=UTC)),
    ],
)
def test_published_is_a_date_or_a_time(text: str, at: datetime) -> None:
    assert item_of(json.dumps(an(published=text)).encode(), NOW).published == at


def test_a_lone_surrogate_travels_as_a_question_mark() -> None:
    outlet, report, _ = sent(rb'{"url":"https://x.example/\ud800","title":"\ud800","text":"t","source":"s\udfff"}')

    assert report.refused == 0
    assert outlet.items[0].title == "?"
