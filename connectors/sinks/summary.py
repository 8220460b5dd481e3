"""What people read of many alerts: a digest for a desk, with a word on what we could see. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from connectors.sinks.coverage import Blind, Coverage
from connectors.sinks.message import Block, Message, change_of, cut, link, plain, source_of, title
from connectors.sinks.message import of as message_of
from connectors.sinks.parcel import Parcel, Told
from streams.contracts.records import Alert

MOST_BLIND = 15
"""Of sources that are down, or stale, how many are named."""


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
    blocks += _coverage(parcel.coverage, bool(stories))
    at = f", {parcel.due.astimezone(zone):%a %d %b %Y %H:%M %Z}" if parcel.due else ""
    coverage = parcel.coverage
    seen = f"; {coverage.seen} of {coverage.sources} sources seen" if coverage else ""
    mark = "[TEST] " if parcel.test else ""
    return Message(f"{mark}treatywatch{at}: {_count(stories)}{seen}", tuple(blocks))


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


def _coverage(coverage: Coverage | None, alerts: bool) -> Iterator[Block]:
    yield Block("heading", "What we saw")
    if coverage is None:
        doubt = "." if alerts else ": no alert may mean that nothing happened, or that we could not see it."
        yield Block("lead", "Nothing is known of the sources at the moment" + doubt)
        return
    unseen = coverage.sources - coverage.seen
    blind = f"{unseen} could not be seen" if unseen else "all were seen"
    yield Block("lead", f"{coverage.seen} of {coverage.sources} sources answered; {blind}.")
    for label, sources in (("down", coverage.down), ("stale", coverage.stale)):
        yield from (Block("detail", _blind(label, source)) for source in sources[:MOST_BLIND])
        if len(sources) > MOST_BLIND:
            yield Block("detail", f"and {len(sources) - MOST_BLIND} more that are {label}")


def _blind(label: str, source: Blind) -> str:
    since = f"; last news {source.since:%Y-%m-%d}" if source.since else "; never brought news"
    return f"{label}: {plain(source.name)}: {cut(plain(source.reason), 200)}{since}"


def written(parcel: Parcel, zone: tzinfo, most: int = 1000) -> Message:
    """The message of a parcel, whatever it holds."""
    return of(parcel, zone, most) if parcel.digest else message_of(parcel.alerts[0], parcel.test)
