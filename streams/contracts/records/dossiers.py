"""The life of a proposal, as it is so far."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.records.codes import Act, CommitmentState, Position, Record, Status
from streams.contracts.records.coverage import Blind
from streams.contracts.records.mentions import Evidence


class Transition(Record, frozen=True, kw_only=True):
    """A change of a dossier's status."""

    status: Status
    before: Status | None
    at: str
    """Event time: the date resolved for the act, else published, else seen."""
    act: Act
    actor: list[str]
    article: str
    evidence: list[Evidence]
    origins: int


class ActorPosition(Record, frozen=True, kw_only=True):
    """Where an actor stands, in whose words."""

    actor: str
    position: Position
    quote: str
    article: str
    at: str


class DossierCommitment(Record, frozen=True, kw_only=True):
    """A commitment in the forward calendar."""

    who: list[str]
    what: str
    due: str | None
    state: CommitmentState
    article: str


class Contradiction(Record, frozen=True, kw_only=True):
    """Two origins that report different states of one event."""

    at: str
    statuses: list[Status]
    articles: list[str]


class Heard(Record, frozen=True, kw_only=True):
    """A source that has spoken of a proposal."""

    source: str
    reports: int
    last: datetime
    """When it was last seen to."""


class DossierCoverage(Record, frozen=True, kw_only=True):
    """Who tells of a proposal, and whom of them we could not see: how far its silence may be trusted."""

    sources: list[Heard] = msgspec.field(default_factory=list)
    """The latest first."""
    languages: dict[str, int] = msgspec.field(default_factory=dict)
    """Reports by language; `und`: not known."""
    unseen: list[Blind] = msgspec.field(default_factory=list)
    """Of the sources, those that were down or stale when this record was written, as far as was known here."""


class Dossier(Record, frozen=True, kw_only=True):
    """The life of one proposal so far; at most 256 KiB."""

    proposal: str
    instance: str | None
    name: str
    status: Status | None
    since: str | None
    transitions: list[Transition]
    positions: list[ActorPosition]
    commitments: list[DossierCommitment]
    contradictions: list[Contradiction]
    last_activity: datetime | None
    revision: int
    omitted: int
    coverage: DossierCoverage = DossierCoverage()
