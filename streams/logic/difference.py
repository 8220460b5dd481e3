"""What a change of the knowledge base changes in documents: what is found anew, what no longer, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from streams.logic.tag import Finding, Tagger


class Given(NamedTuple):
    """A document to compare on; `label` is `pos`, `neg`, `borderline` or unknown."""

    id: str
    title: str
    text: str
    lang: str | None
    published: datetime | None
    label: str | None


class Change(NamedTuple):
    """A proposal gained or lost in a document."""

    document: Given
    gained: bool
    finding: Finding
    """By the knowledge base that finds it: its evidence and reasons."""
    flips: bool
    """Whether the document as a whole changes between relevant and not."""


def changes(old: Tagger, new: Tagger, documents: Iterable[Given]) -> Iterator[Change]:
    """Proposals that only one of the two knowledge bases finds, document by document."""
    for d in documents:
        before = {f.proposal: f for f in old.tag(d.title, d.text, d.lang, d.published).findings}
        after = {f.proposal: f for f in new.tag(d.title, d.text, d.lang, d.published).findings}
        flips = bool(before) != bool(after)
        for proposal in sorted(after.keys() - before.keys()):
            yield Change(d, True, after[proposal], flips)
        for proposal in sorted(before.keys() - after.keys()):
            yield Change(d, False, before[proposal], flips)
