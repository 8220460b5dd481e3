"""What every connector is: a Source reads bytes into items, and a SourceFault is the other side's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from streams.contracts.ids import event_id, item_id
from streams.contracts.records import Item, Kind


class SourceFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The other side's to mend: unreachable, refused, not what it should be."""

    def __init__(self, text: str, outcome: str = "failed") -> None:
        super().__init__(text)
        self.outcome = outcome


class BrokerFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """Kafka did not take what was sent."""


class Source(Protocol):
    """Turns what a place published into items. Reads no clock and no network: both are given."""

    name: str

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """Items in `raw`; `SourceFault` when it is not what this source reads."""


def make_item(
    source: str,
    entry: str,
    *,
    url: str,
    title: str,
    text: str,
    seen: datetime,
    kind: Kind = "new",
    lang: str | None = None,
    published: datetime | None = None,
    modified: datetime | None = None,
    first_poll: bool = False,
) -> Item:
    """An item with its ids; the same entry always gets the same id, the same content the same event."""
    title, text = clean(title), clean(text)
    identity = item_id(source, entry)
    return Item(
        id=identity,
        kind=kind,
        event=event_id(identity, kind, title, text),
        source=source,
        url=url,
        title=title,
        text=text,
        lang=lang,
        published=published,
        modified=modified,
        seen=seen,
        first_poll=first_poll,
    )


def clean(text: str) -> str:
    """Text that can travel as UTF-8: a lone surrogate is no character."""
    return text.encode("utf-8", "replace").decode()
