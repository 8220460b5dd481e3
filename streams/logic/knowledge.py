"""What the knowledge base is once its files are compiled (`streams.logic.compile`): entries, and what matches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, NamedTuple, get_args

from streams.contracts.records import Act, BundleRef, Status
from streams.logic.gate import Gate
from streams.logic.phrases import Phrases

Model = Mapping[str, Mapping[str, float]]
"""Answer -> feature -> weight; a model with one answer calls it ""."""

ACTS, STATUSES = frozenset(get_args(Act)), frozenset(get_args(Status))
Side = Literal["russia", "west", "ukraine", "other"]
SIDES = frozenset(get_args(Side))
CUES = frozenset(
    [
        "carry",
        "speech",
        "opinion",
        "rumour",
        "negation",
        "past",
        "hypothesis",
        "future",
        "passive_by",
        "routine",
        "own",
        "elsewhere",
        "agency",
        "ought",
        "notice",
        "thing",
        "unreal",
        "possible",
    ]
)


class KnowledgeFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The knowledge base's author's to mend: `path:line: what`."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One case of a proposal that readers tell from its other cases."""

    id: str
    name: str
    names: tuple[str, ...]
    since: int = 0
    """First and last year in which a text that names none of the instances means this one; 0: it never does."""
    until: int = 0


@dataclass(frozen=True, slots=True)
class Sponsor:
    """Who stands behind a proposal, or whom it is put to, in the years from `since` to `until` (0: no end)."""

    code: str
    since: int = 0
    until: int = 0


class Years(NamedTuple):
    """The years in which something is talked of; the last 0 while its story goes on."""

    since: int
    until: int

    def hold(self, day: date | None) -> bool:
        """Whether a text of that day is of these years; nothing is known of an undated one."""
        return day is not None and self.since <= day.year and (not self.until or day.year <= self.until)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry of the knowledge base."""

    id: str
    name: str
    about: str
    proposer: tuple[str, ...]
    """Who stands behind it where the text does not say; marked as inferred in the explanation."""
    addressee: tuple[str, ...]
    sponsors: Mapping[str, tuple[Sponsor, ...]]
    """Both of these with their years, by key."""
    status: str
    """The state that a bare mention reports."""
    treaty: bool
    """A text in force: naming it is not enough, something must happen to it."""
    other: bool
    """A class (`OTHER-*`) rather than one proposal."""
    since: int
    """A text published earlier is not about it."""
    until: int
    """The last year in which something happened to it, 0 when its story goes on: a later text looks back."""
    course: tuple[tuple[int, str], ...]
    """The years in which its state changed, in order, each with the new state."""
    names: tuple[str, ...]
    then: tuple[str, ...]
    """What it is called from `since` to `until` only, while everybody knows which draft is meant."""
    terms: tuple[str, ...]
    hints: tuple[str, ...]
    """What may speak of it: enough only with much else beside it."""
    nots: tuple[str, ...]
    yields_to: tuple[str, ...]
    """Entries beside which this one is not told apart in a text: where they are found, it is not."""
    instances: tuple[Instance, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    path: str
    wikidata: str | None = None
    """Its item there, where the entry gives the evidence."""

    def at(self, year: int | None) -> Proposal:
        """As it is in a text of `year`: with the proposers and addressees of that time; undated, those of today."""
        if not any(one.since or one.until for group in self.sponsors.values() for one in group):
            return self
        sides = {
            key: tuple(
                one.code
                for one in group
                if (one.since <= year and (not one.until or year <= one.until) if year else not one.until)
            )
            for key, group in self.sponsors.items()
        }
        return replace(self, proposer=sides["proposer"], addressee=sides["addressee"])

    def stood(self, year: int) -> str | None:
        """The state that it was in when `year` ended; nothing before its course begins."""
        return next((status for first, status in reversed(self.course) if first <= year), None)


@dataclass(frozen=True, slots=True)
class Actor:
    """A state, an organisation or a person who speaks for one."""

    code: str
    side: str
    person: bool
    since: str
    until: str
    name: str = ""
    """The person's, as the first of its phrases has it."""


@dataclass(frozen=True, slots=True)
class FormulaEntry:
    """A set phrase of the debate, in all languages."""

    id: str
    name: str
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What a phrase of the knowledge base stands for."""

    kind: Literal["name", "term", "hint", "not", "instance", "actor", "act", "cue", "formula"]
    id: str
    phrase: str
    ref: Any = None


@dataclass(frozen=True)
class Knowledge:
    """Everything that the tagger knows, ready to match."""

    ref: BundleRef
    proposals: Mapping[str, Proposal]
    acts: Mapping[str, str | None]
    """Status that an act puts a proposal in."""
    phrases: Phrases
    """What speaks of a proposal."""
    context: Phrases
    """Actors, acts and cues: needed only near what speaks of a proposal, and in documents that do."""
    formulas: Phrases
    """Set phrases of the debate."""
    said: Mapping[str, FormulaEntry]
    """Their entries, by id."""
    actors: frozenset[str]
    """Codes of states and organisations."""
    concepts: Mapping[str, tuple[str, ...]]
    """Ways to say what phrases refer to as `<name>`."""
    models: Mapping[str, Model]
    """Linear models by name: `document`, `sentence`, `role`, ..."""
    gate: Gate
    files: Mapping[str, str] = field(repr=False)
