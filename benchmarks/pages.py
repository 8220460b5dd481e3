"""Titles and dates of labelled pages, ours and trafilatura's: `python -m benchmarks.pages LABELS.json`.

LABELS.json is a list of `{"set", "file", "url", "title", "date"}`; title and date may be null, `file` is a page, or one
packed with gzip. Prints for each set and reader how many dates are right to a day, null and wrong, and how many titles
are exact, and the same but for case and marks.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import multiprocessing
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import htmldate
import trafilatura

from connectors.base import SourceFault
from connectors.sources import page

Said = tuple[str, str]
"""A title, and a date as YYYY-MM-DD; empty when there is none."""


def ours(raw: bytes, url: str) -> Said:
    try:
        (entry,) = page.read(url, raw, "", datetime.now(UTC)).entries
    except SourceFault:
        return "", ""
    return entry.title, entry.published.date().isoformat() if entry.published else ""


def plain(raw: bytes, url: str) -> Said:
    """trafilatura's title and htmldate's date of the original."""
    about = trafilatura.extract_metadata(raw.decode("utf-8", "replace"), default_url=url)
    try:
        dated = htmldate.find_date(raw.decode("utf-8", "replace"), original_date=True, url=url)
    except (ValueError, TypeError):
        dated = None
    return (about.title or "" if about else ""), dated or ""


READERS: dict[str, Callable[[bytes, str], Said]] = {"ours": ours, "trafilatura, htmldate": plain}


def judged(label: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """For each reader how its date and its title are."""
    logging.disable(logging.CRITICAL)
    raw = Path(label["file"]).read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    found = {}
    for name, read in READERS.items():
        title, dated = read(raw, label["url"] or "https://x.example/")
        found[name] = (_date(dated, label["date"]), _title(title, label["title"]))
    return found


def _date(said: str, label: object) -> str:
    if not isinstance(label, str) or not re.match(r"\d{4}-\d\d-\d\d", label):
        return ""  # some label sets say NaN
    if not said:
        return "null"
    return "right" if abs((date.fromisoformat(said[:10]) - date.fromisoformat(label[:10])).days) <= 1 else "wrong"


def _title(said: str, label: str | None) -> str:
    if not label:
        return ""
    if said.split() == label.split():
        return "exact"
    return "alike" if re.sub(r"[\W_]", "", said.casefold()) == re.sub(r"[\W_]", "", label.casefold()) else "other"


def show(labels: Sequence[dict[str, Any]]) -> None:
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    with multiprocessing.Pool() as pool:
        for label, verdicts in zip(labels, pool.imap(judged, labels, 8), strict=True):
            for name, (dated, title) in verdicts.items():
                for verdict in filter(None, (dated, title)):
                    counts[label["set"], name, verdict] += 1
    for kind in dict.fromkeys(label["set"] for label in labels):
        for name in READERS:
            dates = [counts[kind, name, verdict] for verdict in ("right", "null", "wrong")]
            titles = [counts[kind, name, verdict] for verdict in ("exact", "alike", "other")]
            print(
                f"{kind:24} {name:24} dates: {dates[0]:4} of {sum(dates):4} right, {dates[1]:3} null, "
                f"{dates[2]:3} wrong; titles: {titles[0]:4} of {sum(titles):4} exact, {titles[1]:3} more but for marks"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    show(json.loads(parser.parse_args().labels.read_text(encoding="utf-8")))
