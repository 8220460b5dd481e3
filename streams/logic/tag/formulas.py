"""Set phrases of the debate ("indivisible security") and who uses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streams.contracts.records import Evidence, Formula
from streams.logic.haystack import Haystack
from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Hit
from streams.logic.tag.reading import Read, payload, pieces_of
from streams.logic.tag.text import Sentence
from streams.logic.tag.who import Who

Quoted = Callable[[Mapping[str, str], Sentence], Evidence]

NEAR = 2
"""Sentences back to the last speaker named: a quotation goes on without its name."""


def formulas(
    knowledge: Knowledge, fields: Mapping[str, str], sentences: Sequence[Read], quoted: Quoted, whole: Haystack | None
) -> list[Formula]:
    """Each formula that somebody uses in these sentences, once for each speaker; without a speaker it is nobody's.

    `whole` is the text as it is searched, where these are all of its sentences.
    """
    found: dict[tuple[str, str, str], Formula] = {}
    for place in knowledge.formulas.likely(pieces_of([one.sentence for one in sentences], whole)):
        one = sentences[place]
        for hit in knowledge.formulas.find(one.sentence.words):
            who = _speaker(one, hit) or _before(sentences[max(0, place - NEAR) : place])
            if who is None:
                continue
            entry = payload(hit)
            found.setdefault(
                (entry.id, who.actor.code, who.actor.name),
                Formula(
                    formula=entry.id, name=entry.ref.name, speaker=who.actor.code, by=who.actor.name,
                    evidence=[quoted(fields, one.sentence)],
                ),
            )  # fmt: skip
    return list(found.values())


def _speaker(one: Read, hit: Hit) -> Who | None:
    """Who says it in this sentence: a person before a state, near a word of speech before far from one."""
    actors = [who for who in one.actors if not (who.first < hit.last and hit.first < who.last)]
    speech = [cue.first for cue in one.cues.get("speech", ())]
    people = [who for who in actors if who.actor.person]
    if people:
        return min(people, key=lambda who: min((abs(who.first - at) for at in speech), default=who.first))
    acting = [act.first for act in one.acts]
    able = [who for who in actors if who.last <= min([*speech, *acting], default=-1)]
    return able[-1] if able else None


def _before(earlier: Sequence[Read]) -> Who | None:
    people = [who for one in earlier for who in one.actors if who.actor.person]
    return people[-1] if people else None
