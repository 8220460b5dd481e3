"""Which entry of a document is which of those that are known, through all polls and moves of its site. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.edits import settled
from connectors.entries import POLICIES, Entry, Known, Matched, Policy
from streams.contracts.ids import item_id

BURST = 3
"""So many entries with known words and new names at once are a site that was rebuilt."""


@dataclass(slots=True)
class Names:
    """Which guids and links tell the entries of one document apart: not those that different entries share."""

    guids: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Names:
        """Count the names of `entries`; the same entry listed twice counts once."""
        names = cls()
        for guid, place, _ in {(e.guid, e.place, settled(e.title)) for e in entries}:
            names.guids[guid] += bool(guid)
            names.places[place] += bool(place)
            names.pairs[guid, place] += bool(guid and place)
        return names

    def key(self, entry: Entry, policy: Policy | None = None) -> tuple[Policy, str]:
        """The policy that `entry` can be told by, and its name under it; the source's own policy if it can."""
        order: Sequence[Policy] = (policy, *POLICIES) if policy else POLICIES
        for one in order:
            if one == "guid" and self.guids[entry.guid] == 1:
                return one, entry.guid
            if one == "link" and self.places[entry.place] == 1:
                return one, entry.place
            if one == "guid+link" and self.pairs[entry.guid, entry.place] == 1:
                return one, f"{entry.guid} {entry.place}"
        stated = entry.published.isoformat() if entry.published else ""
        return "title+date", f"{settled(entry.title)}|{stated}" if entry.title else f"|{stated}|{settled(entry.text)}"


def match(
    within: str,
    entries: Sequence[Entry],
    known: Iterable[Known],
    policy: Policy | None,
    before: datetime | None = None,
) -> tuple[list[Matched], Policy | None, int]:
    """Tell which entries are known; the source's identity policy from now on; how many had to fall back.

    A guid or link names an entry only where no other entry shares it. Where guids change under the same links,
    or pass from one article to another, the source is told by its links from then on. What is dated earlier than
    `before` cannot be news since the last poll: with a site that was rebuilt, entries that we never had are taken in
    as quietly as those that only their names changed of.
    """
    kept = list(known)
    names = Names.of(entries)
    by_guid = _unique((k.guid, k) for k in kept)
    by_place = _unique((k.place, k) for k in kept)
    policy = _behaves(entries, names, by_guid, by_place, policy)
    by_item = {k.item: k for k in kept}
    taken: set[str] = set()
    first: dict[int, Known] = {}
    by_raw = {k.raw: k for k in kept if k.raw}
    for number, entry in enumerate(entries):
        found = by_raw.get(entry.raw) if entry.same else _same(entry, names, by_guid, by_place, by_item, within, policy)
        if found is not None and found.item not in taken:
            first[number] = found
            taken.add(found.item)
    absent = [k for k in kept if k.item not in taken]
    moved = _moved([e for n, e in enumerate(entries) if n not in first], absent, before)
    rebuilt = len(moved) >= BURST
    result: list[Matched] = []
    fallen, used = 0, set(taken)
    for number, entry in enumerate(entries):
        if number in first:
            result.append(Matched(entry, first[number].item, first[number]))
            continue
        was = moved.pop(id(entry), None)
        if was is not None:
            result.append(Matched(entry, was.item, was, quiet=rebuilt))
            continue
        how, key = names.key(entry, policy)
        if entry.guid and how not in {"guid", policy}:
            fallen += 1
        item = item_id(within, key)
        if item in used:
            continue  # listed twice
        used.add(item)
        result.append(Matched(entry, item, None, quiet=rebuilt and _older(entry, before)))
    return result, policy, fallen


def _unique(pairs: Iterable[tuple[str, Known]]) -> dict[str, Known]:
    found: dict[str, Known | None] = {}
    for name, one in pairs:
        if name:
            found[name] = one if name not in found else None
    return {name: one for name, one in found.items() if one is not None}


def _like(entry: Entry, one: Known) -> bool:
    """Whether an entry is about what `one` was about, whatever it is called."""
    return one.print == entry.print or (bool(entry.title) and settled(entry.title) == settled(one.title))


def _behaves(
    entries: Sequence[Entry],
    names: Names,
    by_guid: Mapping[str, Known],
    by_place: Mapping[str, Known],
    policy: Policy | None,
) -> Policy | None:
    """What the source's names are worth, from what they did since the last poll; sticky once they were caught."""
    if policy == "link" or not entries:
        return policy
    usable = [e for e in entries if not e.withdrawn]
    passed = sum(
        1
        for e in usable
        if (k := by_guid.get(e.guid)) and k.place and e.place and k.place != e.place and not _like(e, k)
    )
    same = sum(1 for e in usable if (k := by_guid.get(e.guid)) and (k.place == e.place or _like(e, k)))
    changed = sum(
        1 for e in usable if names.places[e.place] == 1 and (k := by_place.get(e.place)) and k.guid and e.guid != k.guid
    )
    kept = sum(1 for e in usable if (k := by_place.get(e.place)) and e.guid == k.guid)
    if (passed >= 2 and passed > same) or (changed >= 2 and changed > kept):
        return "link"
    if policy is None:
        told = Counter(names.key(e)[0] for e in usable)
        return told.most_common(1)[0][0] if told else None
    return policy


def _same(
    entry: Entry,
    names: Names,
    by_guid: Mapping[str, Known],
    by_place: Mapping[str, Known],
    by_item: Mapping[str, Known],
    within: str,
    policy: Policy | None,
) -> Known | None:
    """What is known of an entry, by its names."""
    guid = by_guid.get(entry.guid) if names.guids[entry.guid] == 1 or entry.withdrawn else None
    place = by_place.get(entry.place) if names.places[entry.place] == 1 else None
    if policy == "link" and place is not None:
        return place
    if guid is not None and policy != "link":
        return guid
    _, key = names.key(entry, policy)
    own = by_item.get(item_id(within, key))
    if own is not None:
        return own
    if place is None:
        return None
    # The same page under another guid: the same article, unless the page is one that all articles share.
    alone = not entry.guid or not place.guid or _like(entry, place) or place.named == entry.named != ""
    return place if alone else None


def _older(entry: Entry, before: datetime | None) -> bool:
    return before is not None and entry.published is not None and entry.published < before


def _moved(unknown: Sequence[Entry], absent: Sequence[Known], before: datetime | None) -> dict[int, Known]:
    """Entries that only their names changed of, by `id()`: told by title and date, in a burst by less than that."""
    found = _paired(unknown, absent, lambda e: e.named, lambda k: k.named)
    steps: list[tuple[Callable[[Entry], str], Callable[[Known], str]]] = [
        (lambda e: e.print if len(settled(e.title + e.text)) > 20 else "", lambda k: k.print),
        # A title, or a moment, is shared more easily: only what is old by its date can be known by it.
        (lambda e: settled(e.title) if _older(e, before) else "", lambda k: settled(k.title)),
        (lambda e: e.published.isoformat() if e.published and _older(e, before) else "", lambda k: k.published or ""),
    ]
    burst: dict[int, Known] = {}
    for of_entry, of_known in steps:
        gone = {k.item for k in (*found.values(), *burst.values())}
        left = [e for e in unknown if id(e) not in found and id(e) not in burst]
        burst |= _paired(left, [k for k in absent if k.item not in gone], of_entry, of_known)
    return found | burst if len(found) + len(burst) >= BURST else found


def _paired(
    entries: Iterable[Entry],
    known: Iterable[Known],
    of_entry: Callable[[Entry], str],
    of_known: Callable[[Known], str],
) -> dict[int, Known]:
    """Entries and known ones that alone on both sides have the same name, by the entry's `id()`."""
    by_name = _unique((of_known(k), k) for k in known)
    named = [(of_entry(e), e) for e in entries]
    often = Counter(name for name, _ in named)
    return {id(e): by_name[name] for name, e in named if name and often[name] == 1 and name in by_name}
