from __future__ import annotations

import base64
import re
import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.page import find, stems
from connectors.page.archive import Archive, Arrived, connect
from connectors.page.find import Filter, cursor_of, cursor_text
from connectors.page.views.proposal import articles_of
from streams.contracts.records import Alert, Dossier, NearMiss, Transition
from streams.contracts.topics import ALERTS, DOSSIERS, NEAR, SUPPRESSED
from streams.contracts.wire import decode, encode
from streams.logic.tag import THRESHOLD
from tests.logic.test_rooms import FLOATED, REJECTED, Rooms, alerts
from tests.making import an_item, seed
from tests.page.serving import told
from tests.page.world import Log, filled


def an_alert() -> Alert:
    (alert,) = alerts(Rooms().take(seed()))
    return alert


def named(number: int, **more: object) -> Alert:
    given = {"id": f"n{number}", "thread": f"t{number}", "story": f"s{number}", "headline": f"H{number}"} | more
    return msgspec.structs.replace(an_alert(), **given)


def headlines(db: sqlite3.Connection, wanted: Filter | None = None) -> list[str]:
    return [e.alert.headline for e in find.threads(db, wanted or Filter(), 1000)[0]]


def test_the_newest_change_comes_first(tmp_path: Path) -> None:
    db = connect(filled(tmp_path / "a", told(named(0), named(1), named(2))))

    assert headlines(db) == ["H2", "H1", "H0"]


def test_the_order_is_the_same_whichever_partition_is_read_first(tmp_path: Path) -> None:
    records = told(*(named(n, proposal=p) for n, p in enumerate(("EST", "INF", "EST", "CFE"))))
    db = connect(filled(tmp_path / "a", sorted(records, key=lambda r: (-r.partition, r.offset))))

    assert headlines(db) == ["H3", "H2", "H1", "H0"]


def test_a_correction_takes_the_place_of_what_it_corrects(tmp_path: Path) -> None:
    rooms = Rooms()
    (raised,) = alerts(rooms.take(an_item("a", REJECTED)))
    (corrected,) = alerts(rooms.take(an_item("a", FLOATED, kind="update")))
    db = connect(filled(tmp_path / "a", told(raised, corrected)))

    assert headlines(db) == [corrected.headline]
    assert [a.type for a in find.history(db, raised.id)] == ["raised", "corrected"]
    assert find.matches(db, Filter(status=("floated",)), raised.thread)
    assert not find.matches(db, Filter(status=("rejected",)), raised.thread)


def test_an_article_is_named_as_its_latest_alert_has_it(tmp_path: Path) -> None:
    article = an_alert().article
    assert article is not None
    edited = msgspec.structs.replace(article, revision=2, title="What it is called now")
    db = connect(filled(tmp_path / "a", told(named(0), named(0, id="later", type="corrected", article=edited))))
    step = Transition(
        status="rejected", before=None, at="2008-07-29", act="reject", actor=["NATO"], article=article.id, evidence=[],
        origins=1,
    )  # fmt: skip
    life = Dossier(
        proposal="EST", instance=None, name="", status="rejected", since=None, transitions=[step], positions=[],
        commitments=[], contradictions=[], last_activity=None, revision=1, omitted=0,
    )  # fmt: skip

    assert articles_of(db, life)[article.id].title == "What it is called now"


def test_an_alert_sent_again_changes_nothing(tmp_path: Path) -> None:
    log, archive = Log(), Archive(tmp_path / "a", "log")
    first, second = named(0), named(0, id="n1", headline="H1")
    archive.take([log.record(ALERTS.name, "EST", encode(one)) for one in (first, second)])

    again = archive.take([log.record(ALERTS.name, "EST", encode(first))])

    assert again == []
    assert headlines(connect(archive.path)) == ["H1"]
    archive.close()


def test_a_story_is_shown_once_at_its_newest_alert_that_is_wanted(tmp_path: Path) -> None:
    same = [named(n, story="s", severity=s) for n, s in enumerate(("critical", "info"))]
    db = connect(filled(tmp_path / "a", told(same[0], named(7), same[1])))

    (newest, other), _ = find.stories(db, Filter(), 10)
    ((critical,), _) = find.stories(db, Filter(severity=("critical",)), 10)

    assert (newest.entry.alert.headline, [o.alert.headline for o in newest.others]) == ("H1", ["H0"])
    assert other.entry.alert.headline == "H7"
    assert critical.entry.alert.headline == "H0"


def test_pages_by_cursor_hold_everything_once_also_while_news_comes_in(tmp_path: Path, records: list[Arrived]) -> None:
    archive = Archive(tmp_path / "a", "log")
    archive.take(records)
    db = connect(archive.path)
    whole, found, cursor = headlines(db), [], ""
    for page in range(1000):
        entries, cursor = find.threads(db, Filter(), 7, cursor)
        found += [e.alert.headline for e in entries]
        archive.take([Arrived("alerts.all", 0, 10_000 + page, 1 << 42, "EST", encode(named(page)), {})])
        if not cursor:
            break

    assert found == whole
    archive.close()


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Filter(proposal=("EST",)), lambda a: a.proposal == "EST"),
        (Filter(actor=("NATO",)), lambda a: "NATO" in {*a.actor, *a.proposer, *a.addressee}),
        (Filter(status=("rejected", "agreed")), lambda a: a.status in ("rejected", "agreed")),
        (Filter(lang=("de",)), lambda a: a.article.lang == "de"),
        (Filter(rule=("rejection",)), lambda a: a.rule.id == "rejection"),
        (Filter(severity=("warning",), historical="no"), lambda a: a.severity == "warning" and not a.historical),
        (Filter(type=("corrected",)), lambda a: a.type == "corrected"),
        (
            Filter(since="2026-02-01", until="2026-02-28"),
            lambda a: f"{a.article.published or a.article.seen:%Y-%m}" == "2026-02",
        ),
        (Filter(source=("TASS",), text="treaty"), lambda a: a.article.source == "TASS"),
    ],
    ids=["proposal", "actor", "status", "language", "rule", "severity", "type", "time", "source and words"],
)
def test_a_filter_leaves_exactly_what_fits_it(archive: Path, wanted: Filter, fits: object) -> None:
    db = connect(archive)
    everything = [e.alert for e in find.threads(db, Filter(), 1000)[0] if e.alert.article]

    found = {e.alert.thread for e in find.threads(db, wanted, 1000)[0] if e.alert.article}
    expected = {a.thread for a in everything if fits(a)}  # type: ignore[operator]  # a function of the table above

    assert found
    assert found <= expected if wanted.text else found == expected


@pytest.mark.parametrize(
    ("lang", "text", "asked"),
    [
        ("en", "NATO ambassadors aired concerns about the treaties", "ambassador concern treaty"),
        ("ru", "Россия предложила проект договора о европейской безопасности", "договор европейская безопасность"),
        ("ru", "министры обсудили предложения", "предложение министр"),
        ("uk", "НАТО відхилило пропозицію Росії про європейську безпеку", "пропозиція європейська безпека"),
        ("de", "Die Sicherheitsverträge der Verbündeten", "sicherheitsvertrag verbündete"),
        ("fr", "les négociations sur les traités de désarmement", "négociation traité"),
        ("es", "los ministros rechazaron las propuestas rusas", "propuesta rusa ministro"),
        ("pl", "Rosja zaproponowała traktaty o bezpieczeństwie", "traktat bezpieczeństwo"),
        ("bg", "НАТО отхвърли предложенията за сигурност", "предложение сигурност"),
        ("pt", "as propostas russas de tratados", "proposta tratado"),
    ],
)
def test_other_forms_of_a_word_are_found_in_every_language(lang: str, text: str, asked: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute('CREATE VIRTUAL TABLE words USING fts5(forms, stems, tokenize="unicode61 remove_diacritics 0")')
    db.execute("INSERT INTO words VALUES(?, ?)", stems.indexed(text, lang))

    missing = [
        word
        for word in asked.split()
        if not db.execute("SELECT 1 FROM words WHERE words MATCH ?", (stems.query(word),)).fetchone()
    ]

    assert missing == []
    assert not db.execute("SELECT 1 FROM words WHERE words MATCH ?", (stems.query("weather"),)).fetchone()


def test_quotes_find_words_as_they_stand_and_a_star_what_begins_so(tmp_path: Path) -> None:
    db = connect(filled(tmp_path / "a", told(named(0, headline="Talks about nuclear treaties"))))

    def found(text: str) -> bool:
        return bool(headlines(db, Filter(text=text)))

    assert found('"nuclear treaties"')
    assert not found('"treaties nuclear"')
    assert not found('"nuclear treaty"')
    assert found("nucl*")
    assert not found("nucl")


@given(st.text(max_size=60))
def test_any_words_may_be_asked_for(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute('CREATE VIRTUAL TABLE words USING fts5(forms, stems, tokenize="unicode61 remove_diacritics 0")')
    asked = stems.query(text)

    if asked:
        db.execute("SELECT 1 FROM words WHERE words MATCH ?", (asked,)).fetchall()


def test_a_tombstone_deletes(tmp_path: Path) -> None:
    log, life = Log(), next(o for o in Rooms().take(seed()) if o.topic == DOSSIERS.name)
    there = log.record(DOSSIERS.name, "EST", life.value)
    archive = Archive(tmp_path / "a", "log")
    archive.take([there])
    db = connect(archive.path)

    assert find.dossier(db, "EST") == decode(Dossier, life.value)
    archive.take([log.record(DOSSIERS.name, "EST", None)])
    assert find.dossier(db, "EST") is None
    archive.close()


def test_near_misses_are_kept_beside_what_was_held_back_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: Path, records: list[Arrived]
) -> None:
    db = connect(archive)
    told_ = {decode(NearMiss, r.value).id for r in records if r.topic == NEAR.name}
    found, following = find.near(db, "", 3, "")
    rest, end = find.near(db, "", 1000, following)
    council, _ = find.near(db, "NRC", 1000, "")

    assert {one.id for _, one in (*found, *rest)} == told_
    assert (len(found), end) == (3, "")
    assert [at for at, _ in (*found, *rest)] == sorted((at for at, _ in (*found, *rest)), reverse=True)
    assert {one.proposal for _, one in council} == {"NRC"}
    assert all((one.reason == "below_threshold") == (one.score < THRESHOLD) for _, one in (*found, *rest))
    assert not [one for _, one in find.held(db, "", "", 1000, "")[0] if not one.reason], "they are no alerts"

    monkeypatch.setattr("connectors.page.archive.MOST_NEAR", 5)
    bounded = connect(filled(tmp_path / "a", records))
    assert [one.id for _, one in find.near(bounded, "", 100, "")[0]][:5] == [one.id for _, one in (*found, *rest)][:5]
    assert find.count(bounded, "near") <= 6


def test_what_was_held_back_is_kept_with_its_reason(archive: Path) -> None:
    db = connect(archive)

    held, following = find.held(db, "", "", 1, "")
    rest, end = find.held(db, "", "", 100, following)

    assert len(held) == 1 <= len(rest)
    assert all(one.reason for _, one in (*held, *rest))
    assert len(held) + len(rest) == find.count(db, "held") == sum(n for _, n in find.held_reasons(db))
    assert end == ""
    assert {one.reason.split(":")[0] for _, one in (*held, *rest)} == {reason for reason, _ in find.held_reasons(db)}


def test_a_restart_goes_on_where_it_was_and_another_log_begins_anew(tmp_path: Path, records: list[Arrived]) -> None:
    first = Archive(tmp_path / "a", "log")
    first.take(records)
    places = first.places()
    first.close()

    again = Archive(tmp_path / "a", "log")
    assert again.places() == places
    assert find.count(connect(again.path), "threads") > 40
    again.close()
    other = Archive(tmp_path / "a", "another log")
    assert other.places() == {}
    assert find.count(connect(other.path), "threads") == 0
    other.close()


def test_a_broken_file_is_thrown_away_and_built_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"not a database" * 1000)

    archive = Archive(tmp_path / "a", "log")
    archive.take(told(named(1)))

    assert headlines(connect(archive.path)) == ["H1"]
    archive.close()


def test_a_batch_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a", "log")
    records = told(named(0), named(1))

    def breaks() -> object:
        yield from records
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        archive.take(breaks())  # type: ignore[arg-type]  # an iterator of records

    assert archive.places() == {}
    assert headlines(connect(archive.path)) == []
    assert len(archive.take(records)) == 2
    archive.close()


def test_a_record_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    log, archive = Log(), Archive(tmp_path / "a", "log")
    bad = [log.record(topic, "x", b"{}") for topic in (ALERTS.name, DOSSIERS.name, SUPPRESSED.name)]

    archive.take([*bad, *told(named(1))])

    assert headlines(connect(archive.path)) == ["H1"]
    archive.close()


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_cursors_read_back(rank: int, offset: int) -> None:
    assert cursor_of(cursor_text(rank, offset)) == (rank, offset)


@given(st.text())
def test_a_cursor_of_another_make_is_refused_in_words(text: str) -> None:
    if _stands_for_a_place(text):
        return
    with pytest.raises(find.QueryFault, match="cursor"):
        cursor_of(text)


def _stands_for_a_place(text: str) -> bool:
    """Whether chance made one of ours."""
    try:
        raw = base64.urlsafe_b64decode(text[:100] + "=" * (-len(text[:100]) % 4)).decode()
    except ValueError:
        return False
    return bool(re.match(r"\s*\+?\d", raw))
