"""Whole histories, piece by piece: what alerts, what updates, what is held back, what is nothing.

Other than the year of tests/test_year.py, which must come out exactly, these were written without looking at what the
product does. At their first play 86 of 116 pieces of `arms` and `treaty` brought what they should; of `wire`, whose
pieces are as long as an agency's, 51 of 87; of `papers` and `brief`, played after what `wire` told was mended, 29 of 37
and 19 of 26. `meseberg`, `limits`, `drafts` and `plans` are by another hand, which knew neither the code nor what it
does, and those after them by others yet:
docs/decisions/0004-dossier-room.md has what they brought at first.
The sentences told wrongly have been mended since, so the floors guard what was won, and measure no news to come.
`python -m tests.golden.test_histories` lists what comes otherwise.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml

from connectors.ingest import item_of
from connectors.play import revised
from streams.contracts.records import Alert, Item, Mention, Suppressed
from streams.rehearsal import CLOCK, Rehearsal
from tests.making import tagger, watch_rules

HERE = Path(__file__).parent / "histories"
FLOORS = {
    "arms": 73, "treaty": 38, "wire": 85, "papers": 34, "brief": 22,
    "meseberg": 30, "limits": 36, "drafts": 33, "plans": 32, "pact": 89, "guarantees": 74, "terms": 71,
    "corfu": 74, "shield": 72, "berlin": 75, "quartet": 71, "council": 76, "radar": 72,
    "vancouver": 76, "lisbon": 76, "skies": 78, "hamburg": 78, "reassurance": 77, "athens": 69,
    "deauville": 78,
}  # fmt: skip
"""How many pieces bring what they should, and say and leave behind what they should, where a history tells."""


class Piece(NamedTuple):
    """An article, or a moment of the clock; what it should bring, and what it brings."""

    name: str
    wants: list[str]
    brings: list[str]
    missing: list[str]
    """Of what it should say, by which rule, and where dossiers should stand after it: what is otherwise."""
    checks: int = 1

    @property
    def right(self) -> bool:
        rest = list(self.brings)
        for want in self.wants:
            kind, dossier, *_ = want.split()
            if want == _DUE:
                rest = [one for one in rest if not one.startswith("held")]
                continue
            if kind in ("maybe", "quiet"):
                calm = kind == "quiet"
                rest = [one for one in rest if one.split()[1] != dossier or (calm and not one.startswith(_CALM))]
                continue
            found = next((one for one in rest if f"{one} ".startswith(f"{want} ")), None)
            if found is None:
                return False
            rest.remove(found)
        return not rest


_DUE = "held ANY"
"""What a moment brings that no row names: a promised day is today, which no rule of ours tells anybody."""

_CALM = ("held", "updated")


def played(name: str) -> Iterator[Piece]:
    rows = {_moment(row): row for row in yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))}
    play = Rehearsal(tagger(), watch_rules())
    play.run(revised(_item(row) for _, row in sorted(rows.items()) if "tick" not in row))
    brings: dict[datetime, list[str]] = defaultdict(list)
    facts: dict[datetime, set[str]] = defaultdict(set)
    for at, alert in play.alerts:
        brings[at].append(_said(alert.type, alert))
        facts[at].add(f"by {alert.rule.id}")
    for at, held in play.held:
        brings[at].append(_said("held", held))
    for one in play.left:
        if isinstance(one.what, Mention):
            told = f"{one.what.act} {','.join(sorted(one.what.actor))}".rstrip()
            facts[one.at] |= {f"{dossier} {told}" for dossier in (one.what.proposal, one.what.dossier)}
    stands: dict[str, str | None] = {}
    written = iter(sorted(play.written, key=lambda one: one[0]))
    latest = next(written, None)
    for at in sorted(rows.keys() | brings.keys()):
        while latest is not None and latest[0] <= at:
            stands[latest[1]] = latest[2].status
            latest = next(written, None)
        row = rows.get(at, {"name": f"the clock at {at:%Y-%m-%d}", "wants": [_DUE]})
        asked = [f"by {row['rule']}"] if "rule" in row else []
        asked += [f"{p} {act} {','.join(sorted(who.split(',')))}" for p, act, who in map(_three, row.get("says", ()))]
        then = [line.split() for line in row.get("then", ())]
        missing = [one for one in asked if one not in facts[at]]
        missing += [f"{key} {status}, not {stands.get(key)}" for key, status in then if stands.get(key) != status]
        yield Piece(row["name"], row["wants"], brings[at], missing, 1 + len(asked) + len(then))


def _three(line: str) -> list[str]:
    return line.split(maxsplit=2)


def _moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(row.get("tick") or row["at"])).astimezone(UTC)


def _item(row: dict[str, Any]) -> Item:
    fields = {key: row[key] for key in ("source", "title", "text", "lang", "kind") if key in row}
    url = f"https://{row['source']}.example/{row.get('id', row['name'])}"
    item = item_of(json.dumps(fields | {"url": url, "published": row["at"]}).encode(), _moment(row))
    return msgspec.structs.replace(item, clock=CLOCK)


def _said(kind: str, alert: Alert | Suppressed) -> str:
    dossier = f"{alert.proposal}/{alert.instance}" if alert.instance else alert.proposal
    return f"{kind} {dossier} {alert.status or ''}".rstrip()


@pytest.mark.parametrize("name", FLOORS)
def test_a_history_brings_what_a_careful_reader_expects(name: str) -> None:
    pieces = list(played(name))

    assert sum(piece.right and not piece.missing for piece in pieces) >= FLOORS[name]
    assert not any(piece.brings for piece in pieces if piece.name.startswith("noise"))


if __name__ == "__main__":
    for history in sys.argv[1:] or FLOORS:
        found = list(played(history))
        for one in found:
            if not one.right:
                print(f"{history} {one.name}: wants {one.wants}, brings {one.brings}")
            if one.missing:
                print(f"{history} {one.name}: {one.missing}")
        checks = sum(one.checks for one in found)
        wrong = sum(len(one.missing) + (not one.right) for one in found)
        print(
            f"{history}: {sum(one.right for one in found)} of {len(found)} pieces, {checks - wrong} of {checks} checks"
        )
