"""What people read of many alerts: a digest for a desk, with a word on what we could see. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from connectors.sinks import seen
from connectors.sinks.message import Block, Message, change_of, cut, link, plain, source_of, title
from connectors.sinks.message import of as message_of
from connectors.sinks.parcel import Parcel, Told
from streams.contracts.records import Alert


def of(parcel: Parcel, zone: tzinfo, most: int = 1000) -> Message:
    """The message of a digest: at most `most` stories by proposal, and what we could see; its hour in `zone`."""
    stories = _stories(parcel.alerts)
    shown = stories[:most]
    blocks: list[Block] = []
    for proposal in dict.fromkeys(alert.proposal for alert, _ in shown):
        of_it = [(alert, kinds) for alert, kinds in shown if alert.proposal == proposal]
        name = plain(of_it[0][0].proposal_name or "") or "Sources"
        blocks.append(Block("heading", f"{name} ({proposal})" if proposal else name))
        blocks += [block for alert, kinds in of_it for block in _story(alert, kinds)]
    if len(stories) > most:
        blocks.append(Block("lead", f"and {len(stories) - most} more, which did not fit here"))
    blocks += seen.blocks(parcel.coverage, bool(stories))
    at = f", {parcel.due.astimezone(zone):%a %d %b %Y %H:%M %Z}" if parcel.due else ""
    coverage = parcel.coverage
    sources = f"; {coverage.seen} of {coverage.sources} sources seen" if coverage and coverage.sources else ""
    mark = "[TEST] " if parcel.test else ""
    return Message(f"{mark}treatywatch{at}: {_count(stories)}{sources}", tuple(blocks))


def _count(stories: Sequence[tuple[Alert, list[str]]]) -> str:
    if not stories:
        return "no alert"
    proposals = {alert.proposal for alert, _ in stories}
    return f"{_number(len(stories), 'alert')} on {_number(len(proposals), 'proposal')}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _stories(alerts: Iterable[Told]) -> list[tuple[Alert, list[str]]]:
    """Each thread once, by its last alert, with the kinds of all; the most severe first."""
    found: dict[str, tuple[Alert, list[str]]] = {}
    for told in alerts:
        _, kinds = found.get(told.alert.thread, (None, []))
        found[told.alert.thread] = told.alert, [*kinds, told.alert.type]
    rank = ("critical", "warning", "notice", "info")
    return sorted(found.values(), key=lambda one: rank.index(one[0].severity))


def _story(alert: Alert, kinds: Sequence[str]) -> Iterator[Block]:
    yield Block("item", title(alert))
    if alert.type in {"corrected", "retracted"}:
        since = "before this digest went out" if "raised" in kinds else "after it was sent to you"
        changes = "".join(f"; {change_of(change)}" for change in alert.changes[:3])
        yield Block("detail", f"{alert.type} {since}{changes}")
    for piece in alert.evidence[:1]:
        yield Block("detail", f"“{cut(plain(piece.quote), 300)}”")
    if alert.article is not None:
        yield Block("detail", source_of(alert))
        yield from [Block("link", link(alert))] if link(alert) else []


def written(parcel: Parcel, zone: tzinfo, most: int = 1000) -> Message:
    """The message of a parcel, whatever it holds."""
    if parcel.digest:
        return of(parcel, zone, most)
    message, alert = message_of(parcel.alerts[0], parcel.test), parcel.alerts[0].alert
    if alert.type != "digest":
        return message
    return Message(message.title, (*message.blocks, *seen.blocks(alert.coverage, True)))
