"""Reads the golden files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent


class Line(NamedTuple):
    """A line of plain.txt or negation.txt: its columns, the sentence last."""

    lang: str
    columns: tuple[str, ...]
    text: str


def articles() -> list[dict[str, Any]]:
    """Our articles in the form of a labelled file."""
    found = []
    for path in sorted(set(HERE.glob("*.yaml")) - {HERE / "wire.yaml"}):
        for given in yaml.safe_load(path.read_text(encoding="utf-8")):
            label = "pos" if given["mentions"] else "neg"
            found.append({"lang": path.stem, "label": label, "genre": "news"} | given)
    return found


def lines(name: str) -> list[Line]:
    """The lines of a table of sentences."""
    found = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, *columns, text = (part.strip() for part in line.split("|"))
            found.append(Line(lang, tuple(columns), text))
    return found


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
