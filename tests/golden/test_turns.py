"""One report after known ones: what it brings, in which state it leaves its proposal, and who is said to do what.

Opinion, memoirs and rumours move nothing; what is announced is promised; an answer moves a draft on. They were
written before they were played, in four rounds: at first sight 27 of 38, 24 of 30, 14 of 27, 20 of 20 brought what they
should. What was mended then stands here, with those that were right; five expectations were wrong or arguable. Three
changed later: by two histories of other hands (`skies`, `hamburg`) one ally's concern is its position, no talks.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from connectors.ingest import item_of
from streams.contracts.records import Item, Mention
from streams.rehearsal import CLOCK, Rehearsal
from tests.making import tagger, watch_rules

TABLE = yaml.safe_load((Path(__file__).parent / "turns" / "reports.yaml").read_text(encoding="utf-8"))


def _item(row: dict[str, Any], name: str) -> Item:
    fields = {"title": row["title"], "text": row["text"], "lang": row.get("lang", "en"), "published": row["at"]}
    made = item_of(json.dumps(fields | {"source": name, "url": f"https://{name}.example/"}).encode(), _at(row))
    return msgspec.structs.replace(made, clock=CLOCK)


def _at(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(UTC)


@pytest.mark.parametrize("report", TABLE["reports"], ids=lambda row: row["title"][:60])
def test_a_report_after_known_ones_brings_what_a_careful_reader_expects(report: dict[str, Any]) -> None:
    proposal, at = report["proposal"], _at(report)
    play = Rehearsal(tagger(), watch_rules())
    known = [_item(row, f"known{n}") for n, row in enumerate(TABLE["before"][proposal])]
    play.run([*known, _item(report, "news")])

    told = [(a.proposal, f"{a.type} {a.proposal} {a.status}") for moment, a in play.alerts if moment == at]
    told += [(a.proposal, f"held {a.proposal} {a.status}") for moment, a in play.held if moment == at]
    brings = next((line for of, line in told if of == proposal), "nothing")
    assert report["brings"] == "any" or brings.startswith(report["brings"])
    assert play.dossiers[proposal].status == report["leaves"]
    said = [m.what for m in play.left if m.at == at and isinstance(m.what, Mention) and m.what.proposal == proposal]
    if "says" in report:
        act, _, who = report["says"].partition(" ")
        assert (act, set(who.split(","))) in [(one.act, set(one.actor)) for one in said]
