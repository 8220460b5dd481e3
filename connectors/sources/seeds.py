"""Article files in a folder: notices, headline, dateline, body. The seed is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from connectors.base import SourceFault, make_item
from streams.contracts.records import Item

DATELINE = re.compile(r"^(?P<city>[A-Z][A-Z .,'-]{2,40}) (?:--|—|–) ", re.MULTILINE)
STAMP = re.compile(r"last (?:updated|modified):?\s*(\d{1,2})/(\d{1,2})/(\d{4})", re.IGNORECASE)


class ArticleFile:
    """One text file; what it cannot say itself stands in the catalogue beside it."""

    name = "seeds"

    def __init__(self, stem: str, known: Mapping[str, Any] | None = None) -> None:
        self.stem, self.known = stem, dict(known or {})

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """The one article of the file, without the notices above its headline."""
        page = raw.decode("utf-8", errors="replace").replace("\r\n", "\n").strip()
        dateline = DATELINE.search(page)
        if dateline is None:
            raise SourceFault(f"{self.stem}: no dateline such as 'BRUSSELS -- '", "not-a-feed")
        above = [line.strip() for line in page[: dateline.start()].splitlines() if line.strip()]
        # The page's own stamp dates the page, not the news: it never becomes `published`.
        stamp = STAMP.search(page[: dateline.start()])
        modified = _day(int(stamp[3]), int(stamp[1]), int(stamp[2])) if stamp else None
        stated = self.known.get("published")
        yield make_item(
            str(self.known.get("source", "seeds")),
            self.stem,
            url=str(self.known.get("url", f"seed:{self.stem}")),
            title=above[-1] if above else page[dateline.start() :][:80],
            text=page[dateline.start() :],
            seen=seen,
            lang=self.known.get("lang"),
            published=_stated(str(stated)) if stated else None,
            modified=modified,
            first_poll=True,
        )


def _stated(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _day(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None  # a stamp that is no date dates nothing


def _catalogue(listing: Path) -> Mapping[str, Any]:
    if not listing.exists():
        return {}
    try:
        known = yaml.load(listing.read_text(encoding="utf-8"), yaml.BaseLoader) or {}  # noqa: S506 - makes strings only
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise SourceFault(f"{listing}: {fault}") from fault
    if not isinstance(known, dict) or not all(isinstance(entry, dict) for entry in known.values()):
        raise SourceFault(f"{listing}: needs an entry with its fields for each file")
    return known


def folder(place: Path, seen: datetime) -> Iterator[Item | SourceFault]:
    """Items of every text file in a folder; a file that is no article costs no other."""
    if not place.is_dir():
        yield SourceFault(f"there is no folder {place}")
        return
    try:
        known = _catalogue(place / "catalogue.yaml")
    except SourceFault as fault:
        # Without it every date is unknown; the articles still are.
        known = {}
        yield fault
    for path in sorted(place.glob("*.txt")):
        try:
            yield from ArticleFile(path.stem, known.get(path.stem)).read(path.read_bytes(), seen)
        except (SourceFault, OSError, ValueError) as fault:
            yield fault if isinstance(fault, SourceFault) else SourceFault(f"{path.name}: {fault}")
