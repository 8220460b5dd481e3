"""Wire reports and what becomes of them: copies that editors make, other reports of the same events, translations.

`texts()` gives every text with its event and its origin; two texts are copies of one report when the origins agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

WIRE = Path(__file__).parent / "wire" / "reports.yaml"


class Text(NamedTuple):
    """A text, and what it is in truth."""

    event: int
    origin: str
    how: str
    """What was done to the report, or `other`, `translation`."""
    text: str


def _paragraphs(text: str) -> list[str]:
    return [one.strip() for one in text.split("\n\n") if one.strip()]


def _no_dateline(text: str) -> str:
    return re.sub(r"^[A-Z]+(?:, France)?, \w+ \d+ - ", "", text)


def _every(step: int) -> Callable[[str], str]:
    """Another word in every place `step` apart: what a rewrite desk does to please a style book."""

    def edit(text: str) -> str:
        words = text.split(" ")
        return " ".join("moreover" if n % step == step - 1 else word for n, word in enumerate(words))

    return edit


_LOCAL = (
    "Our own correspondent adds that the matter will come up again when the foreign ministers of the region meet next "
    "month. Members of parliament here were divided over it in a debate that lasted into the evening."
)

EDITS: dict[str, Callable[[str], str]] = {
    "verbatim": lambda text: text,
    "no dateline": _no_dateline,
    "agency named": lambda text: "(Agencies) " + _no_dateline(text),
    "signed": lambda text: text.strip() + "\n\nReporting by our bureau; writing by A. Smith; editing by B. Jones",
    "style": lambda text: text.replace('"', "”").replace(" said", " told reporters").replace("said ", "stated "),
    "one paragraph": lambda text: _paragraphs(text)[0],
    "two paragraphs": lambda text: "\n\n".join(_paragraphs(text)[:2]),
    "cut at 60 words": lambda text: " ".join(_no_dateline(text).split()[:60]) + " ...",
    "local end": lambda text: "\n\n".join([*_paragraphs(text)[:2], _LOCAL]),
    "local within": lambda text: "\n\n".join([_paragraphs(text)[0], _LOCAL, *_paragraphs(text)[1:]]),
    "swapped": lambda text: "\n\n".join([_paragraphs(text)[0], *reversed(_paragraphs(text)[1:])]),
    "a word in twenty": _every(20),
    "a word in twelve": _every(12),
    "headed": lambda text: "World news. Latest: " + text + "\n\nRead more: the week in pictures. Subscribe here.",
}


OF_FLASHES = ("verbatim", "agency named", "signed", "style")


def texts() -> Iterator[Text]:
    """Every text of the set."""
    for event, entry in enumerate(yaml.safe_load(WIRE.read_text(encoding="utf-8"))):
        if "flash" in entry:
            for how in OF_FLASHES:
                yield Text(event, f"{event}", f"flash, {how}", EDITS[how](entry["flash"]))
            for other in entry.get("others", ()):
                yield Text(event, f"{event} other", "flash, other", other)
            continue
        for how, edit in EDITS.items():
            yield Text(event, f"{event}", how, edit(entry["report"]))
        background = _paragraphs(entry["report"])[-1]
        quote = max(re.findall(r"[^.\n]*\"[^\"]+\"[^.\n]*\.?", entry["report"]) or [""], key=len)
        for number, other in enumerate(entry.get("others", ())):
            yield Text(event, f"{event} other {number}", "other", other)
            yield Text(event, f"{event} other {number}", "other, signed", other.strip() + "\n\nBy our correspondent")
            # What makes it hard: they share a quotation, or the agency's background, word for word.
            yield Text(event, f"{event} other {number}", "other, quoting", other.strip() + "\n\n" + quote)
            yield Text(event, f"{event} other {number}", "other, background", other.strip() + "\n\n" + background)
        for number, other in enumerate(entry.get("translations", ())):
            yield Text(event, f"{event} translation {number}", "translation", other)
