"""Floors: they may rise, and fall only with a word in the commit."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from streams.logic import evaluate
from streams.logic.tag import Finding, document
from tests.golden.reading import Line, articles, day, lines
from tests.making import seed, tagger

FLOORS = {"document": 0.98, "proposal": 0.91, "mention": 0.89}
SLOT_FLOORS = {"proposer": 0.88, "addressee": 0.80, "status": 0.69, "role": 0.97, "voice": 0.78, "time": 0.99}
PLAIN_FOUND, PLAIN_STATUS, PLAIN_PROPOSER = 0.99, 0.93, 0.92
NEGATION = 0.98


@cache
def scored() -> dict[str, Any]:
    answers = {
        a["id"]: document(tagger().tag(a["title"], a["text"], a["lang"], day(a["published"])), a["id"])
        for a in articles()
    }
    return evaluate.score(articles(), answers)


def test_labels_quote_their_articles() -> None:
    for article in articles():
        for mention in article["mentions"]:
            for quote in mention["evidence"]:
                assert quote in f"{article['title']}\n{article['text']}", article["id"]


@pytest.mark.parametrize("measure", FLOORS)
def test_golden_articles_are_found_as_labelled(measure: str) -> None:
    assert scored()[measure]["f1"] >= FLOORS[measure]


@pytest.mark.parametrize("slot", SLOT_FLOORS)
def test_slots_of_golden_articles_are_as_labelled(slot: str) -> None:
    assert scored()[slot] >= SLOT_FLOORS[slot]


def test_golden_evidence_is_verbatim() -> None:
    assert scored()["evidence_verbatim"] == 1.0


def findings(line: Line) -> list[Finding]:
    tagged = tagger().tag("", line.text, line.lang, near_in_full=True)
    return [*tagged.findings, *(f for f in tagged.near if isinstance(f, Finding))]


def test_plain_sentences_are_found_with_state_and_proposer() -> None:
    told = [line for line in lines("plain.txt") if line.columns[1] != "-"]
    found = {line: next((f for f in findings(line) if f.proposal == line.columns[0]), None) for line in told}
    there = {line: f for line, f in found.items() if f}

    assert len(there) / len(told) >= PLAIN_FOUND
    assert sum(f.status == line.columns[1] for line, f in there.items()) / len(there) >= PLAIN_STATUS
    assert sum(line.columns[2] in f.proposer for line, f in there.items()) / len(there) >= PLAIN_PROPOSER


def test_what_was_negated_denied_refused_or_threatened_is_not_reported_as_done() -> None:
    table = lines("negation.txt")
    assert len(table) >= 150
    assert len({line.lang for line in table}) == 5

    def right(line: Line) -> bool:
        act, done = line.columns
        found = findings(line)
        return bool(found) and any(e.act == act for f in found for e in f.events) == (done == "yes")

    assert sum(map(right, table)) / len(table) >= NEGATION


SEED_EVENTS = [
    ("concern", "NATO", "aired concerns"),
    ("demand", "NATO", "called on him to clarify"),
    ("propose", "RU", "Medvedev proposed reviewing"),
    ("support", "IT", "Italy has said it will encourage"),
]


def the_seed() -> Finding:
    item = seed()
    (finding,) = tagger().tag(item.title, item.text, item.lang, item.published).findings
    return finding


@pytest.mark.parametrize(("act", "actor", "words"), SEED_EVENTS)
def test_the_seed_s_events_have_their_actors(act: str, actor: str, words: str) -> None:
    events = [e for e in the_seed().events if words in e.evidence[0].quote]

    assert (act, [actor]) in [(e.act, e.actor) for e in events]


def test_the_seed_dismantles_nothing() -> None:
    dismantling = [e for e in the_seed().events if "dismantling" in e.evidence[0].quote]

    assert "deny" in {e.act for e in dismantling}
    assert not any(e.status in ("suspended", "rejected") for e in the_seed().events)


def test_the_seed_s_promise_is_for_the_24th() -> None:
    assert [(c.who, c.due) for c in the_seed().commitments] == [(["RU"], "2008-09-24")]
