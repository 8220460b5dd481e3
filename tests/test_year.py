"""The year of tests/system/history.py in one process: exactly what tests/system/expected.py says, in seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from connectors.ingest import item_of
from connectors.play import revised
from streams.contracts.records import Alert, Dossier, Item
from streams.contracts.topics import BREAKING
from streams.rehearsal import CLOCK, Rehearsal
from tests.making import tagger, watch_rules
from tests.system import expected
from tests.system.history import lines, name_of

SEED = next((Path(__file__).parents[1] / "seeds").glob("*.txt"))


@pytest.fixture(scope="module")
def year() -> Rehearsal:
    play = Rehearsal(tagger(), watch_rules())
    play.run(archive())
    return play


def archive() -> Iterator[Item]:
    items = [item_of(line, datetime.now(UTC)) for line in lines()]
    seen = [structs.replace(item, seen=item.published, clock=CLOCK) for item in items if item.published]
    return revised(sorted(seen, key=lambda item: item.seen))


def test_every_alert_of_the_year_and_no_other(year: Rehearsal) -> None:
    breaking = {one.what.id for one in year.left if one.topic == BREAKING.name}
    assert [row(at, a, breaking) for at, a in year.alerts] == expected.ALERTS.strip().splitlines()


def test_what_a_live_source_has_told_of_that_year_changes_nothing_of_its_play(year: Rehearsal) -> None:
    """The packaged seed tells of July 2008, and is there before any archive is played."""
    told = {"url": "seed:1", "source": "The Moscow Times", "published": "2008-07-29", "text": SEED.read_text("utf-8")}
    play = Rehearsal(tagger(), watch_rules())
    play.run(archive(), live=[item_of(json.dumps(told).encode(), datetime.now(UTC))])

    (of_seed, historical), *alerts = play.alerts
    assert historical.historical
    assert of_seed > datetime(2026, 1, 1, tzinfo=UTC)
    assert [row(at, a, set()) for at, a in alerts] == [row(at, a, set()) for at, a in year.alerts]
    assert [(at, s.reason) for at, s in play.held] == [(at, s.reason) for at, s in year.held]
    life = play.dossiers["EST"]
    assert [(",".join(c.who), c.due, c.state) for c in life.commitments] == expected.COMMITMENTS


def row(at: datetime, a: Alert, breaking: set[str]) -> str:
    assert a.article is not None
    return (
        f"{at:%Y-%m-%d %H:%M} {a.type:9} {a.rule.id:18} {a.proposal:8} {a.status_before or 'none'} -> "
        f"{a.status or 'none'}, {a.origins} {a.copies}, {name_of(a.article.url)}"
        f"{' breaking' if a.id in breaking else ''}"
    )


def test_what_was_held_back_in_the_year_and_why(year: Rehearsal) -> None:
    held = [(at, s, name_of(s.article.url) if s.article else "") for at, s in year.held]
    assert [f"{at:%Y-%m-%d %H:%M} {of:4} {s.reason}" for at, s, of in held] == expected.HELD.strip().splitlines()


def test_the_dossiers_at_the_end_of_the_year(year: Rehearsal) -> None:
    as_expected(year.dossiers)


def as_expected(dossiers: Mapping[str, Dossier]) -> None:
    lives = {key: [f"{t.status} {t.at}" for t in one.transitions] for key, one in dossiers.items()}
    assert lives == expected.LIVES
    life = dossiers["EST"]
    assert {(p.actor, p.position) for p in life.positions} == expected.POSITIONS
    assert [(",".join(c.who), c.due, c.state) for c in life.commitments] == expected.COMMITMENTS
    assert [c.statuses for c in life.contradictions] == expected.CONTRADICTIONS
