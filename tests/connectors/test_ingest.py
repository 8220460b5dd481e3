from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

import treatywatch
from connectors import ingest
from connectors.ingest import SAID, IngestReport, item_of, publish
from connectors.lookup import Logged, Name, Owner, owners
from connectors.play import in_turn, on_its_day
from streams.contracts.faults import BrokerFault, BrokerRefuses
from streams.contracts.ids import item_id
from streams.settings import load
from tests.connectors.served import Kept
from tests.making import NOW


def sent(*lines: bytes | dict[str, object], log: Sequence[Logged] | None = None) -> tuple[Kept, IngestReport, str]:
    """What comes of an archive; one that needs the log and is given none fails."""
    outlet, said = Kept(), io.StringIO()
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]

    def look(names: Iterable[Name]) -> dict[Name, Owner]:
        assert log is not None, "the log is read where it must be, and nowhere else"
        return owners(names, log)

    report = publish([r + b"\n" for r in raw], load(), said, NOW, outlet, look)
    return outlet, report, said.getvalue()


def logged(
    source: str, entry: str, *, url: str = "https://x.example/1", days: int = 0, article: bool = False
) -> Logged:
    identity = item_id(source, entry)
    ids = {"id": "a1", "item": identity} if article else {"id": identity}
    return Logged(**ids, source=source, url=url, seen=NOW - timedelta(days=days))


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


@pytest.mark.parametrize("article", [False, True], ids=["an item", "its article"])
@pytest.mark.parametrize(
    "named",
    [{"id": "k"}, {"url": "https://x.example/1"}, {"id": "elsewhere", "url": "https://x.example/1"}],
    ids=["id", "address", "an id of another's, and the address"],
)
def test_a_retraction_of_another_day_finds_its_entry_in_the_log(named: dict[str, object], article: bool) -> None:
    log = [logged("other", "z", url="https://x.example/z"), logged("wire", "k", article=article)]

    outlet, report, said = sent(an(url="https://x.example/n", source="daily"), {"kind": "retraction"} | named, log=log)

    new, withdrawn = outlet.items
    assert new.id == item_id("daily", "https://x.example/n")
    assert (withdrawn.kind, withdrawn.id, withdrawn.source) == ("retraction", item_id("wire", "k"), "wire")
    assert (report.sent, said) == (2, "")


def test_of_several_that_have_the_address_the_first_is_withdrawn_and_the_others_are_told() -> None:
    log = [logged("daily", "d", days=1), logged("wire", "w", days=2), logged("wire", "w", days=9, article=True)]

    outlet, _, said = sent({"url": "https://x.example/1", "kind": "retraction"}, log=log)

    assert [i.source for i in outlet.items] == ["wire"]
    assert said == "line 1: withdraws that of wire; daily has it too: name the source for that\n"


def test_what_named_no_source_either_is_meant_before_others() -> None:
    url = "https://x.example/1"
    outlet, _, _ = sent({"url": url, "kind": "retraction"}, log=[logged("wire", "w", days=9), logged("ingest", url)])

    assert [i.id for i in outlet.items] == [item_id("ingest", url)]


def test_a_retraction_of_what_nobody_has_is_told_and_sent_as_one_of_no_source() -> None:
    outlet, report, said = sent({"id": "k", "kind": "retraction"}, log=[logged("wire", "w")])

    assert [i.id for i in outlet.items] == [item_id("ingest", "k")]
    assert report.refused == 0
    assert said == "line 1: the log has nothing of that id; if it is older, name its source\n"


def test_where_the_log_may_not_be_read_such_a_retraction_is_refused_and_costs_no_other() -> None:
    def look(_: Iterable[Name]) -> dict[Name, Owner]:
        raise BrokerRefuses("Kafka refuses: topic authorization failed")

    outlet, said, lines = Kept(), io.StringIO(), [an(id="k"), {"id": "z", "kind": "retraction"}]
    report = publish([json.dumps(line).encode() for line in lines], load(), said, NOW, outlet, look)

    assert (report.sent, report.refused) == (1, 1)
    assert said.getvalue().startswith("line 2: a retraction that names no source; the log was to tell which is meant")


def test_a_kafka_that_stays_away_makes_no_retraction_a_bad_one() -> None:
    def look(_: Iterable[Name]) -> dict[Name, Owner]:
        raise BrokerFault("no Kafka answers")

    outlet, lines = Kept(), [{"id": "z", "kind": "retraction"}]
    with pytest.raises(BrokerFault):
        publish([json.dumps(line).encode() for line in lines], load(), io.StringIO(), NOW, outlet, look)

    assert not outlet.letters


def test_a_retraction_above_its_article_waits_for_it() -> None:
    outlet, _, said = sent({"id": "k", "kind": "retraction"}, an(id="k", source="wire"))

    assert [(i.kind, i.source) for i in outlet.items] == [("new", "wire"), ("retraction", "wire")]
    assert said == ""


@pytest.mark.parametrize(
    ("lines", "code", "says"),
    [
        (
            ["{", "[1]"],
            2,
            "nothing sent: none of 2 line(s) can be taken (kept in news.dead). A line is one JSON object",
        ),
        (["{", '{"id":"k","text":"t"}'], 0, "1 item(s) sent, 1 line(s) refused (kept in news.dead)"),
        (["", " "], 0, "0 item(s) sent: there was no line"),
    ],
    ids=["nothing but bad lines", "a good one among them", "no line"],
)
def test_an_archive_without_one_good_line_is_the_user_s_mistake(
    lines: list[str], code: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "Publisher", lambda _: Kept())

    done = CliRunner().invoke(treatywatch.main, ["ingest", "-"], input="\n".join(lines))

    assert done.exit_code == code, done.output
    assert says in done.output


def test_a_mark_of_byte_order_is_none_of_the_first_article() -> None:
    outlet, report, _ = sent(b"\xef\xbb\xbf" + json.dumps(an()).encode())

    assert (len(outlet.items), report.refused) == (1, 0)


def test_of_many_bad_lines_the_first_are_told_and_all_are_kept() -> None:
    outlet, report, said = sent(*[b"{"] * (SAID + 30))

    assert report.refused == len(outlet.letters) == SAID + 30
    assert len(said.splitlines()) == SAID + 1
    assert said.endswith("the reason of each is kept with it in news.dead\n")


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


@pytest.mark.parametrize(
    ("published", "says"),
    [(None, "has no place in a play"), ("2099-01-01", "published lies ahead of today: 2099-01-01")],
)
def test_what_has_no_day_that_has_come_cannot_be_played(published: str | None, says: str) -> None:
    item = item_of(json.dumps(an(published=published)).encode(), NOW)

    with pytest.raises(ValueError, match=says):
        on_its_day("play", item)


def test_articles_of_one_moment_are_played_in_the_order_of_the_file() -> None:
    days = ("2008-07-28", "2008-07-29", "2008-07-29", "2008-07-29", "2008-07-30")
    items = [
        on_its_day("play", item_of(json.dumps(an(id=f"a{n}", published=day)).encode(), NOW))
        for n, day in enumerate(days)
    ]

    played = list(in_turn(items))

    assert [item.id for item in played] == [item.id for item in items]
    first = datetime(2008, 7, 29, tzinfo=UTC)
    assert [item.seen - first for item in played[1:4]] == [timedelta(microseconds=n) for n in range(3)]
    assert [item.published for item in played] == [item.published for item in items]


def test_a_lone_surrogate_travels_as_a_question_mark() -> None:
    outlet, report, _ = sent(rb'{"url":"https://x.example/\ud800","title":"\ud800","text":"t","source":"s\udfff"}')

    assert report.refused == 0
    assert outlet.items[0].title == "?"
