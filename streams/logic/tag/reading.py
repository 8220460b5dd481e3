"""A document as read: its sentences, each with who and what the knowledge base finds in it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date
from types import MappingProxyType
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, final

from mypy_extensions import mypyc_attr

from streams.logic.haystack import Haystack, Pieces, haystack, pieces
from streams.logic.knowledge import Instance, Knowledge, Payload
from streams.logic.phrases import Hit
from streams.logic.tag.text import MAX_CHARACTERS, Sentence, sentences
from streams.logic.tag.who import Who, valid

Hits = Mapping[str, list[Hit]]


_NOTHING: Hits = MappingProxyType({})
_NONE: frozenset[str] = frozenset()
_NO_INSTANCES: Mapping[str, list[Instance]] = MappingProxyType({})
"""Shared: an empty one for each would take longer than all else about a sentence in which nothing is found."""


@final
@mypyc_attr(acyclic=True)
class Read:
    """A sentence with what was found in it: in most sentences of most texts, nothing."""

    __slots__ = (
        "actors", "acts", "cues", "hints", "instances", "judged",
        "names", "near", "nots", "number", "sentence", "terms",
    )  # fmt: skip

    def __init__(self, sentence: Sentence, number: int) -> None:
        self.sentence: Final = sentence
        self.number: Final = number
        """Its place in the document; the title's sentences come first."""
        self.near = False
        """Whether it speaks of a proposal, stands beside such a sentence, or in the lead."""
        self.actors: Sequence[Who] = ()
        self.acts: Sequence[Hit] = ()
        self.cues: Hits = _NOTHING
        self.names: Hits = _NOTHING
        """What names a proposal, by the proposal's id; so the next two."""
        self.terms: Hits = _NOTHING
        self.hints: Hits = _NOTHING
        self.nots: Set[str] = _NONE
        """Proposals that it does not speak of, whatever else stands here."""
        self.instances: Mapping[str, list[Instance]] = _NO_INSTANCES
        self.judged: dict[tuple[object, ...], tuple[Any, ...]] | None = None
        """What was judged of it (`once`)."""

    @property
    def text(self) -> str:
        """The sentence as it stands."""
        return self.sentence.text

    @property
    def sides(self) -> set[str]:
        """Which sides are named: `russia`, `west`, `ukraine`, `other`."""
        return {who.actor.side for who in self.actors}

    def hits(self, proposal: str) -> list[Hit]:
        """What speaks of a proposal here, strongest first."""
        return [
            *self.names.get(proposal, ()),
            *self.terms.get(proposal, ()),
            *self.hints.get(proposal, ()),
        ]

    def proposals(self) -> set[str]:
        """Whatever may be spoken of here."""
        return {*self.names, *self.terms, *self.hints} - self.nots


P = ParamSpec("P")
R = TypeVar("R")


def once(judge: Callable[Concatenate[Read, P], R]) -> Callable[Concatenate[Read, P], R]:
    """Judge a sentence that is read, or one of its acts, once: both are asked for again for every proposal."""

    @functools.wraps(judge)
    def judged(one: Read, /, *act: P.args, **none: P.kwargs) -> R:
        if one.judged is None:
            one.judged = {}
        key = (judge, *map(id, act))
        if key not in one.judged:
            one.judged[key] = judge(one, *act, **none), act  # with the act, so that no other gets its id
        answer: R = one.judged[key][0]
        return answer

    return judged


def payload(hit: Hit) -> Payload:
    """What the knowledge base says of a hit."""
    return hit.payload  # type: ignore[return-value]  # the knowledge base's phrases carry payloads only


MOST_ACTS, MOST_ACTORS = 16, 40
"""What is read of one sentence: the fullest in 30,000 has 13 acts and 32 actors; one made to be slow, hundreds."""

LEAD = 3
"""Sentences that make a lead, the headline counted."""


def haystack_of(fields: Mapping[str, str]) -> Haystack:
    """Title and text as they are searched."""
    return haystack(f"{fields['title'][:MAX_CHARACTERS]}\n{fields['text'][:MAX_CHARACTERS]}")


def read(
    knowledge: Knowledge, fields: Mapping[str, str], day: date | None, whole: Haystack | None = None
) -> list[Read]:
    """The sentences of title and text with what speaks of proposals, and near that the actors, acts and cues.

    Nothing when no sentence speaks of any: most documents end here. `read_rest` reads what is left out.
    `whole`: title and text as they are searched, where that is at hand.
    """
    split = [sentence for name in ("title", "text") for sentence in sentences(name, fields[name])]
    phrases = knowledge.phrases
    likely = phrases.likely(pieces_of(split, whole or haystack_of(fields)))
    hits = {number: its for number in likely if (its := phrases.find(split[number].words))}
    if not hits:
        return []
    found = [Read(one, number) for number, one in enumerate(split)]
    for number, its in hits.items():
        _what(found[number], its, day)
    speaking = [number for number in hits if found[number].proposals()]
    if not speaking:
        return []
    for number in {*range(LEAD + 1), *(n + step for n in speaking for step in (-1, 0, 1))}:
        if 0 <= number < len(found):
            found[number].near = True
    _read_around(knowledge, [one for one in found if one.near], day)
    return found


def pieces_of(split: Sequence[Sentence], whole: Haystack | None) -> Pieces:
    """Sentences for searching in them: all of a text, where they stand in what is folded already, if one can tell."""
    if whole is None or not whole.aligned:
        return pieces([one.text for one in split])
    text = min(len(split[-1].source), MAX_CHARACTERS) if split else 0
    begins = {"title": 0, "text": whole.characters - text}
    return whole.pieces(
        [one.start + begins[one.field] for one in split], [one.end + begins[one.field] for one in split]
    )


def read_rest(knowledge: Knowledge, found: Sequence[Read], day: date | None) -> None:
    """Read the actors, acts and cues of the sentences that `read` passed over."""
    _read_around(knowledge, [one for one in found if not one.near], day)


def _read_around(knowledge: Knowledge, some: Sequence[Read], day: date | None) -> None:
    for one in some:
        _around(one, knowledge.context.find(one.sentence.words), day)


def _what(one: Read, hits: Iterable[Hit], day: date | None) -> None:
    by_kind: dict[str, dict[str, list[Hit]]] = defaultdict(lambda: defaultdict(list))
    for hit in hits:
        found = payload(hit)
        if found.kind in ("name", "term") and found.ref is not None and not found.ref.hold(day):
            continue  # what it was called in its time
        by_kind[found.kind][found.id].append(hit)
    if not by_kind:
        return
    for group in by_kind.values():
        for places in group.values():
            if len(places) > 1:
                places.sort(key=_by_place)
    one.names, one.terms, one.hints = (by_kind.get(kind, {}) for kind in ("name", "term", "hint"))
    one.nots = by_kind.get("not", {}).keys()
    one.instances = {name: [payload(hit).ref for hit in its] for name, its in by_kind.get("instance", {}).items()}


def _by_place(hit: Hit) -> tuple[int, int]:
    return hit.first, hit.last


_TO_COME = frozenset(["future", "possible"])
_PASSED = frozenset(["wurde", "wurden", "konnte", "konnten"])
"""Past forms that only their dots tell from "würde" and "könnte", and words are compared without dots."""


def _around(one: Read, hits: Iterable[Hit], day: date | None) -> None:
    """Put each hit where it belongs. An actor inside a proposal's name is no actor ("European")."""
    actors: list[Hit] = []
    acts: list[Hit] = []
    cues: dict[str, list[Hit]] = {}
    for hit in hits:
        found = payload(hit)
        if found.kind == "cue":
            if found.id in _TO_COME and one.sentence.words[hit.first].casefold() in _PASSED:
                continue
            cues.setdefault(found.id, []).append(hit)
        elif found.kind == "act":
            acts.append(hit)
        elif found.kind == "actor" and valid(found.ref, day):
            actors.append(hit)
    if cues:
        for places in cues.values():
            places.sort(key=_by_place)
        one.cues = cues
    if acts:
        one.acts = sorted(acts, key=lambda hit: (hit.first, -hit.last))[:MOST_ACTS]
    if actors:
        actors.sort(key=_by_place)
        one.actors = [
            Who(payload(hit).ref, hit.first, hit.last)
            for hit in actors
            if not _inside_a_name(hit, one) and not _inside_a_longer(hit, actors)
        ][:MOST_ACTORS]


def _inside_a_name(hit: Hit, one: Read) -> bool:
    return payload(hit).ref.code == "EU" and any(
        named.first <= hit.first and hit.last <= named.last for places in one.names.values() for named in places
    )


def _inside_a_longer(hit: Hit, others: list[Hit]) -> bool:
    long = hit.last - hit.first
    return any(o.first <= hit.first and hit.last <= o.last and o.last - o.first > long for o in others)


def word_at(one: Read, at: int) -> str:
    """A word of a sentence as it is compared; empty beside it."""
    words = one.sentence.folded
    return words[at] if 0 <= at < len(words) else ""


def by(one: Read) -> list[int]:
    """Where an agent of a passive is announced."""
    return [hit.first for hit in one.cues.get("passive_by", ())]
