"""How a dossier's head is kept: what grows with the dossier in leaves of a few entries each, so that a report rewrites
the leaves that it changes and not the whole life. Pure.

`d/DOSSIER` holds the head without its lists and names their leaves in order; `l/DOSSIER/LEAF` holds the entries of
one. A list is cut where the hash of an entry says so, not at a count: an entry put in or taken out changes its own
leaf and no other, wherever it stands. A leaf is named by the hash of its content: it is never changed, only left.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from streams.contracts.records import ActorPosition, Contradiction
from streams.logic.dossier.state import Brief, Head, Promise, Step, Use
from streams.logic.memory import Memory

LISTS: dict[str, Any] = {
    "steps": list[Step], "positions": list[ActorPosition], "promises": list[Promise],
    "contradictions": list[Contradiction], "uses": list[Use], "stories": list[Brief],
}  # fmt: skip
LEAF = 2048
"""Bytes that a leaf has on average: fewer make more leaves to read, more make more to write."""
REMEMBERED = 4096
"""Leaves whose text is remembered by name: what a name means never changes."""

_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in LISTS.items()}
_RAW = msgspec.json.Decoder(list[msgspec.Raw])
_texts: dict[str, bytes] = {}


class Leaf(msgspec.Struct):
    """Some entries that follow each other in a list."""

    entries: msgspec.Raw
    """A JSON array."""


def head_of(memory: Memory, dossier: str) -> Head | None:
    """The head of a dossier, whole; `None` when there is none."""
    head = memory.get(f"d/{dossier}", Head)
    for name, leaves in head.leaves.items() if head else ():
        text = b"".join(_texts_of(memory, dossier, leaves))
        setattr(head, name, _DECODERS[name].decode(b"[" + text[:-1] + b"]"))
    return head


def keep(memory: Memory, head: Head) -> None:
    """Keep a head: the leaves that are new are written, those that it no longer names are dropped."""
    before, head.leaves = head.leaves, {}
    for name in LISTS:
        entries = getattr(head, name)
        if entries:
            text = msgspec.json.encode(entries)[1:-1] + b","
            head.leaves[name] = _leaves(memory, head.key, name, text, before.get(name, []))
    gone = {leaf for leaves in before.values() for leaf in leaves}.difference(*head.leaves.values())
    for leaf in sorted(gone):
        memory.drop(f"l/{head.key}/{leaf}")
    memory.put(f"d/{head.key}", msgspec.structs.replace(head, **{name: [] for name in LISTS}))


def _leaves(memory: Memory, dossier: str, name: str, text: bytes, before: Sequence[str]) -> list[str]:
    """The leaves of a list of this text. Those at its two ends that are as before are not looked into."""
    begins, ends, first, last = 0, len(text), 0, len(before)
    old = _texts_of(memory, dossier, before)
    while first < last - 1 and text.startswith(old[first], begins):
        begins, first = begins + len(old[first]), first + 1
    while first < last and text.endswith(old[last - 1], begins, ends):
        ends, last = ends - len(old[last - 1]), last - 1
    if last < len(before):
        # What is cut anew has to end where a leaf ends: so it takes one leaf in.
        ends, last = ends + len(old[last]), last + 1
    found = [*before[:first]]
    for leaf in _cut(_RAW.decode(b"[" + text[begins:ends][:-1] + b"]")):
        identity = f"{name}-{hashlib.blake2b(leaf, digest_size=12).hexdigest()}"
        if identity not in before:
            memory.put(f"l/{dossier}/{identity}", Leaf(msgspec.Raw(b"[" + leaf[:-1] + b"]")))
        found.append(identity)
    return [*found, *before[last:]]


def _cut(entries: Sequence[msgspec.Raw]) -> Iterator[bytes]:
    """Leaves of these entries; the larger an entry, the likelier a leaf ends with it: so all are of about one size."""
    leaf: list[bytes] = []
    for entry in map(bytes, entries):
        leaf.append(entry)
        if zlib.crc32(entry) % LEAF < len(entry):
            yield b",".join(leaf) + b","
            leaf = []
    if leaf:
        yield b",".join(leaf) + b","


def _texts_of(memory: Memory, dossier: str, leaves: Sequence[str]) -> list[bytes]:
    """The entries of leaves as they stand in their list, each with the comma after it."""
    return [_texts.get(leaf) or _read(memory, dossier, leaf) for leaf in leaves]


def _read(memory: Memory, dossier: str, leaf: str) -> bytes:
    kept = memory.get(f"l/{dossier}/{leaf}", Leaf)
    if kept is None:
        raise KeyError(f"{dossier} names a leaf that is not kept: {leaf}")
    found = _texts[leaf] = bytes(kept.entries)[1:-1] + b","
    if len(_texts) > REMEMBERED:
        del _texts[next(iter(_texts))]
    return found
