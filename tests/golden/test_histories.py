"""Whole histories, piece by piece: what alerts, what updates, what is held back, what is nothing.

Other than the year of tests/test_year.py, which must come out exactly, these were written without looking at what the
product does. At their first play 86 of 116 pieces brought what they should; the sentences told wrongly have been
mended since, so the floors guard what was won, and measure no news to come. `python -m tests.golden.test_histories`
lists what comes otherwise.
"""

from __future__ import annotations

import json
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
from streams.contracts.records import Alert, Item, Suppressed
from streams.rehearsal import CLOCK, Rehearsal
from tests.making import tagger, watch_rules

HERE = Path(__file__).parent / "histories"
FLOORS = {"arms": 73, "treaty": 38}
"""How many pieces bring what they should."""


class Piece(NamedTuple):
    """An article, or a moment of the clock; what it should bring, and what it brings."""

    name: str
    wants: list[str]
    brings: list[str]

    @property
    def right(self) -> bool:
        rest = list(self.brings)
        for want in self.wants:
            if want.startswith("maybe "):
                rest = [one for one in rest if one.split()[1] != want.removeprefix("maybe ")]
                continue
            found = next((one for one in rest if f"{one} ".startswith(f"{want} ")), None)
            if found is None:
                return False
            rest.remove(found)
        return not rest


def played(name: str) -> Iterator[Piece]:
    rows = {_moment(row): row for row in yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))}
    play = Rehearsal(tagger(), watch_rules())
    play.run(revised(_item(row) for _, row in sorted(rows.items()) if "tick" not in row))
    brings: dict[datetime, list[str]] = defaultdict(list)
    for at, alert in play.alerts:
        brings[at].append(_said(alert.type, alert))
    for at, held in play.held:
        brings[at].append(_said("held", held))
    for at in sorted(rows.keys() | brings.keys()):
        row = rows.get(at, {"name": f"the clock at {at:%Y-%m-%d}", "wants": []})
        yield Piece(row["name"], row["wants"], brings[at])


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

    assert sum(piece.right for piece in pieces) >= FLOORS[name]
    assert not any(piece.brings for piece in pieces if piece.name.startswith("noise"))


if __name__ == "__main__":
    for history in FLOORS:
        found = list(played(history))
        for one in found:
            if not one.right:
                print(f"{history} {one.name}: wants {one.wants}, brings {one.brings}")
        print(f"{history}: {sum(one.right for one in found)} of {len(found)}")
