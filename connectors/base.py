"""What every connector is: a Source reads bytes into items, and a SourceFault is the other side's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from streams.contracts.faults import WorldFault
from streams.contracts.ids import event_id, item_id
from streams.contracts.records import Item, Kind
from streams.contracts.topics import Outgoing


class SourceFault(WorldFault):
    """The other side's to mend: unreachable, refused, not what it should be."""

    def __init__(
        self, text: str, outcome: str = "failed", retry_after: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.retry_after = retry_after
        """The header as the server sent it."""
        self.status = status
        """The HTTP status, when it came to one."""

    def __reduce__(self) -> tuple[type[SourceFault], tuple[str, str, str | None, int | None]]:
        return type(self), (str(self), self.outcome, self.retry_after, self.status)


class Source(Protocol):
    """Turns what a place published into items. Reads no clock and no network: both are given."""

    name: str

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """Items in `raw`; `SourceFault` when it is not what this source reads."""


class Outlet(Protocol):
    """Where connectors send: `connectors.producer.Publisher`, or what a test puts in its place."""

    def publish(self, records: Iterable[Outgoing], room: str) -> dict[int, int]:
        """Send all and return when the broker has them; next offset by partition."""

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""

    def dead(self, raw: bytes, room: str, reason: str, key: str = "", topic: str = "") -> None:
        """Keep bytes that could not be used, with the reason."""

    def close(self) -> None:
        """Let go of the connection."""


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
    within: str | None = None,
    identity: str | None = None,
    dated_by: str | None = None,
    flags: Sequence[str] = (),
) -> Item:
    """An item with its ids; the same entry always gets the same id, the same content the same event.

    `within` says whose entry it is when `source`, the name that people read, may change; `identity` is the
    item's id when it is known already.
    """
    title, text = clean(title), clean(text)
    identity = identity or item_id(within or source, entry)
    return Item(
        id=identity,
        kind=kind,
        event=event_id(identity, kind, title, text),
        source=clean(source),
        url=clean(url),
        title=title,
        text=text,
        lang=clean(lang) if lang else None,
        published=published,
        modified=modified,
        seen=seen,
        first_poll=first_poll,
        dated_by=dated_by,
        flags=list(flags),
    )


def clean(text: str) -> str:
    """Text that can travel as UTF-8: a lone surrogate is no character."""
    return text.encode("utf-8", "replace").decode()


def bare(url: str) -> str:
    """`url` as it may be shown and sent on: without a user's name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url
