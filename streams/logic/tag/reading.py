"""A document as read: its sentences, each with who and what the knowledge base finds in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from streams.logic.knowledge import Instance, Knowledge, Payload
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.roles import Who
from streams.logic.tag.text import Sentence, sentences


@dataclass(slots=True)
class Read:
    """A sentence with what was found in it."""

    sentence: Sentence
    number: int
    """Its place in the document; the title's sentences come first."""
    text: str
    near: bool = False
    """Whether it speaks of a proposal, stands beside such a sentence, or in the lead."""
    actors: list[Who] = field(default_factory=list)
    acts: list[Hit] = field(default_factory=list)
    cues: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    terms: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    hints: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    nots: set[str] = field(default_factory=set)
    instances: dict[str, list[Instance]] = field(default_factory=lambda: defaultdict(list))

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


def payload(hit: Hit) -> Payload:
    """What the knowledge base says of a hit."""
    return hit.payload  # type: ignore[return-value]  # the knowledge base's phrases carry payloads only


LEAD = 3
"""Sentences that make a lead, the headline counted."""


def read(knowledge: Knowledge, fields: Mapping[str, str], day: date | None) -> list[Read]:
    """The sentences of title and text with what speaks of proposals, and near that the actors, acts and cues.

    Nothing when no sentence speaks of any: most documents end here. `read_rest` reads what is left out.
    """
    found = []
    speaking = set()
    for number, sentence in enumerate(s for name in ("title", "text") for s in sentences(name, fields[name])):
        one = Read(sentence, number, fields[sentence.field][sentence.start : sentence.end])
        _what(one, knowledge.phrases.find(sentence.words))
        if one.proposals():
            speaking.add(number)
        found.append(one)
    if not speaking:
        return []
    for number in {*range(LEAD + 1), *(n + step for n in speaking for step in (-1, 0, 1))}:
        if 0 <= number < len(found):
            found[number].near = True
            _around(found[number], knowledge.context.find(found[number].sentence.words), day)
    return found


def read_rest(knowledge: Knowledge, found: Iterable[Read], day: date | None) -> None:
    """Read the actors, acts and cues of the sentences that `read` passed over."""
    for one in found:
        if not one.near:
            _around(one, knowledge.context.find(one.sentence.words), day)


def _what(one: Read, hits: Iterable[Hit]) -> None:
    groups = {"name": one.names, "term": one.terms, "hint": one.hints}
    for hit in hits:
        found = payload(hit)
        if found.kind in groups:
            groups[found.kind][found.id].append(hit)
        elif found.kind == "not":
            one.nots.add(found.id)
        elif found.kind == "instance":
            one.instances[found.id].append(found.ref)
    for group in groups.values():
        for places in group.values():
            if len(places) > 1:
                places.sort(key=lambda hit: (hit.first, hit.last))


def _around(one: Read, hits: Iterable[Hit], day: date | None) -> None:
    """Put each hit where it belongs. An actor inside a proposal's name is no actor ("European")."""
    actors: list[Hit] = []
    for hit in hits:
        found = payload(hit)
        if found.kind == "cue":
            one.cues[found.id].append(hit)
        elif found.kind == "act":
            one.acts.append(hit)
        elif found.kind == "actor" and roles.valid(found.ref, day):
            actors.append(hit)
    for places in one.cues.values():
        places.sort(key=lambda hit: (hit.first, hit.last))
    one.acts.sort(key=lambda hit: (hit.first, -hit.last))
    named = [hit for places in one.names.values() for hit in places]
    for hit in actors:
        if not _inside_a_name(hit, named) and not _inside_a_longer(hit, actors):
            one.actors.append(Who(payload(hit).ref, hit.first, hit.last))
    one.actors.sort(key=lambda who: (who.first, who.last))


def _inside_a_name(hit: Hit, named: list[Hit]) -> bool:
    return payload(hit).ref.code == "EU" and any(n.first <= hit.first and hit.last <= n.last for n in named)


def _inside_a_longer(hit: Hit, others: list[Hit]) -> bool:
    long = hit.last - hit.first
    return any(o.first <= hit.first and hit.last <= o.last and o.last - o.first > long for o in others)
