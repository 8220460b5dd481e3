"""Labelled texts as `fit_weights` learns from them: files, golden articles, plain sentences, the seed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from connectors.sources.seeds import folder
from streams import knowledge
from streams.contracts.records import Item
from streams.logic.knowledge import Knowledge
from streams.logic.tag.reading import Read, read, read_rest
from streams.logic.tag.text import sentences

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden"


@dataclass
class Labelled:
    """A document as read, with its labels."""

    gold: Mapping[str, Any]
    read: list[Read]
    day: date | None
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def pairs(self) -> dict[str, Any] | None:
        """Of a document judged only in part: proposal -> whether it is spoken of, and the sentence judged."""
        return self.gold.get("pairs")

    @property
    def own(self) -> bool:
        """Written by ourselves: to learn from, not to measure by."""
        return "source" not in self.gold

    @property
    def plain(self) -> bool:
        """One of our plain sentences."""
        return not self.gold["title"] and self.gold["id"] == self.gold["text"]

    @property
    def group(self) -> str:
        return str(self.gold.get("group") or self.gold["id"])


def day_of(text: str | None) -> date | None:
    try:
        return datetime.fromisoformat(text + "-01" * (len(text) == len("2015-07"))).date() if text else None
    except ValueError:
        return None


def load(known: Knowledge, paths: Iterable[Path]) -> list[Labelled]:
    """Documents of labelled files (JSON lines as `eval` has them, or our own golden YAML), read."""
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        given = yaml.safe_load(text) if path.suffix == ".yaml" else [json.loads(line) for line in text.splitlines()]
        for gold in given:
            gold.setdefault("lang", path.stem)
            gold.setdefault("label", "pos" if gold.get("mentions") else "neg")
            found.append(labelled(known, gold))
    return found


def labelled(known: Knowledge, gold: Mapping[str, Any]) -> Labelled:
    day = day_of(gold.get("published"))
    found = read(known, {"title": gold["title"], "text": gold["text"]}, day)
    read_rest(known, found, day)
    one = Labelled(gold, found, day)
    for mention in gold.get("mentions") or []:
        one.wanted.setdefault(mention["proposal"], mention)
    return one


def kinds(known: Knowledge, path: Path, but: Sequence[Labelled]) -> list[Labelled]:
    """Texts of which only the kind is known, read whole."""
    labelled_too = {one.gold["id"] for one in but if "id" in one.gold}
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        if gold["id"] in labelled_too:
            continue
        day = day_of(gold.get("published"))
        whole = [
            Read(sentence, number)
            for number, sentence in enumerate(s for name in ("title", "text") for s in sentences(name, gold[name]))
        ]
        read_rest(known, whole, day)
        found.append(Labelled(gold, whole, day))
    return found


def plain_sentences(known: Knowledge) -> list[Labelled]:
    """Our own plain sentences (tests/golden/plain.txt): news at its shortest, which labelled op-eds lack."""
    found = []
    for line in (GOLDEN / "plain.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        lang, proposal, status, proposer, addressee, text = (part.strip() for part in line.split("|"))
        gold: dict[str, Any] = {"id": text, "lang": lang, "title": "", "text": text, "label": "neg"}
        if status == "-":
            gold["pairs"] = {proposal: (False, text)}
        else:
            mention = {"proposal": proposal, "status": status, "role": "main", "voice": "fact", "time": "current",
                       "proposer": [proposer], "addressee": [addressee], "evidence": [text]}  # fmt: skip
            gold |= {"label": "pos", "mentions": [mention], "pairs": {proposal: (True, text)}}
        found.append(labelled(known, gold))
    return found


def the_seed(known: Knowledge) -> Labelled:
    """The article that the project began with, and what is known of it."""
    item = next(iter(folder(Path(knowledge.__file__).parents[2] / "seeds", datetime.now(UTC))))
    assert isinstance(item, Item)
    quote = (
        "NATO ambassadors aired concerns about Moscow's intentions at a regular meeting with their Russian "
        "counterpart in Brussels and called on him to clarify President Dmitry Medvedev's proposal for a new "
        "European Security Treaty."
    )
    mention = {"proposal": "EST", "proposer": ["RU"], "addressee": ["NATO"], "status": "discussing", "role": "main",
               "voice": "quote", "time": "current", "evidence": [quote]}  # fmt: skip
    published = item.published.isoformat() if item.published else None
    gold = {"id": "seed", "title": item.title, "text": item.text, "published": published, "label": "pos"}
    return labelled(known, gold | {"mentions": [mention]})


def shown_by(one: Labelled, mention: Mapping[str, Any]) -> set[int]:
    """Numbers of the sentences that a label's evidence lies in."""
    numbers = set()
    for quote in mention["evidence"]:
        for name in ("text", "title"):
            at = one.gold[name].find(quote)
            if at >= 0:
                numbers |= {
                    r.number
                    for r in one.read
                    if r.sentence.field == name
                    and min(r.sentence.end, at + len(quote)) - max(r.sentence.start, at) >= 4
                }
                break
    return numbers
