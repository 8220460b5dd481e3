"""What we could see, in words: the end of every digest. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sinks.message import Block, cut, plain
from streams.contracts.records import Blind, Coverage

MOST_BLIND = 15
"""Of sources that are down, or stale, how many are named."""
MOST_LANGUAGES = 8


def blocks(coverage: Coverage | None, alerts: bool) -> Iterator[Block]:
    """Sources that are down or stale, languages that are not read, what waits, and when a canary came last.

    `alerts`: whether the digest tells of anything; if not, its silence may be misread.
    """
    yield Block("heading", "What we saw")
    if coverage is None:
        doubt = "." if alerts else ": no alert may mean that nothing happened, or that we could not see it."
        yield Block("lead", "Nothing is known of the sources at the moment" + doubt)
        return
    unseen = coverage.sources - coverage.seen
    blind = f"{unseen} could not be seen" if unseen else "all were seen"
    yield Block(
        "lead",
        f"{coverage.seen} of {coverage.sources} sources answered; {blind}."
        if coverage.sources
        else "No source is being read.",
    )
    for label, sources in (("down", coverage.down), ("stale", coverage.stale)):
        yield from (Block("detail", _blind(label, source)) for source in sources[:MOST_BLIND])
        if len(sources) > MOST_BLIND:
            yield Block("detail", f"and {len(sources) - MOST_BLIND} more that are {label}")
    if coverage.unsupported:
        named = ", ".join(f"{plain(lang)} {n}" for lang, n in list(coverage.unsupported.items())[:MOST_LANGUAGES])
        more = len(coverage.unsupported) - MOST_LANGUAGES
        yield Block("detail", f"not read, by language, articles of a week: {named}{f' and {more} more' * (more > 0)}")
    yield Block("detail", _way(coverage))


def _way(coverage: Coverage) -> str:
    """How far the rooms are behind, and whether the way through them is open."""
    if coverage.lag is None:
        waiting = "what waits to be read is not known"
    else:
        waiting = f"{sum(coverage.lag.values())} records wait to be read"
    canary = f"last canary {coverage.canary:%Y-%m-%d %H:%M} UTC" if coverage.canary else "no canary came of late"
    return f"as of {coverage.at:%Y-%m-%d %H:%M} UTC: {waiting}; {canary}"


def _blind(label: str, source: Blind) -> str:
    since = f"; last news {source.since:%Y-%m-%d}" if source.since else "; never brought news"
    return f"{label}: {plain(source.name)}: {cut(plain(source.reason), 200)}{since}"
