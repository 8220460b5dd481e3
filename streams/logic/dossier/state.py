"""What the dossier room remembers in one partition.

By key: `mark` (how far the log is decided), `d/DOSSIER` (a Head), `m/MENTION` (a Held: the last revision of what an
article says), `s/STORY` (a Story), `waiting` (what a tick of the clock is awaited for), `c/SOURCE` (a source's sight).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.records import (
    Act,
    ActorPosition,
    Alert,
    CommitmentState,
    Contradiction,
    Evidence,
    Mention,
    Status,
)
from streams.logic.dossier import story
from streams.logic.memory import Memory

WAITING = "waiting"


class Mark(msgspec.Struct):
    """How far a partition's log is decided."""

    offset: int


class Step(msgspec.Struct):
    """A state that a story reports: it makes a transition where the state before it is another."""

    at: str
    """Event time as a date."""
    then: str
    """Orders reports of one day: when it was published, else seen."""
    article: str
    story: str
    status: Status
    act: Act
    actor: list[str]
    evidence: list[Evidence]
    origins: int

    @property
    def order(self) -> tuple[str, str, str]:
        """Place in the life of the proposal."""
        return self.at, self.then, self.article


class Promise(msgspec.Struct):
    """A commitment and the articles that report it."""

    who: list[str]
    what: str
    due: str | None
    state: CommitmentState
    articles: list[str]
    mention: str
    """The mention that an alert about it quotes."""
    clock: str
    historical: bool

    @property
    def key(self) -> tuple[tuple[str, ...], str | None]:
        """Reports of one promise agree on who and when."""
        return tuple(sorted(self.who)), self.due


class Brief(msgspec.Struct):
    """As much of a story as tells whether a report may belong to it."""

    id: str
    act: Act
    actor: list[str]
    status: Status
    first: str
    """Event time of its first report, a date."""
    historical: bool
    over: bool = False
    """Whether all its reports were withdrawn."""


class Group(msgspec.Struct):
    """Alerts of one rule that are held back to leave together."""

    rule: str
    until: datetime
    held: list[Alert]


class Head(msgspec.Struct):
    """A dossier: what its record is told from."""

    proposal: str
    instance: str | None
    name: str
    steps: list[Step] = []
    positions: list[ActorPosition] = []
    """By article, so that a withdrawal leaves what others report."""
    promises: list[Promise] = []
    contradictions: list[Contradiction] = []
    stories: list[Brief] = []
    last_activity: datetime | None = None
    revision: int = 0
    omitted: int = 0
    fired: dict[str, datetime] = {}
    """When each rule last alerted here, by the causing record's `seen`."""
    groups: dict[str, Group] = {}

    @property
    def key(self) -> str:
        """The dossier's id."""
        return self.proposal + (f"/{self.instance}" if self.instance else "")

    @property
    def status(self) -> Status | None:
        """The state that the proposal is in now."""
        return self.steps[-1].status if self.steps else None


class Held(msgspec.Struct):
    """The last revision of an article's mention; `mention` is gone after a withdrawal."""

    revision: int
    mention: Mention | None
    story: str | None


class Story(msgspec.Struct):
    """One event in the life of a proposal, as its reports tell it."""

    id: str
    origins: list[story.Origin]
    mentions: dict[str, str]
    """Article id -> mention id, in the order in which they came."""
    retired: list[str]
    """Signatures of reports that were withdrawn: their copies are no news."""
    thread: str | None = None
    last: Alert | None = None
    topic: str | None = None


class Awaited(msgspec.Struct):
    """A moment at which a dossier has something to do."""

    at: datetime
    clock: str
    dossier: str


class Waiting(msgspec.Struct):
    """All that a partition waits for, by time."""

    entries: list[Awaited]


class Sight(msgspec.Struct):
    """What was last said of a source."""

    blind: bool
    last: Alert | None


def waiting_until(memory: Memory, clock: str) -> datetime | None:
    """The first moment that something here waits for on `clock`; `None` when nothing does."""
    waiting = memory.get(WAITING, Waiting)
    return min((e.at for e in waiting.entries if e.clock == clock), default=None) if waiting else None


def await_at(memory: Memory, at: datetime, clock: str, dossier: str) -> None:
    """Have a tick at or after `at` come to this dossier."""
    waiting = memory.get(WAITING, Waiting) or Waiting([])
    entry = Awaited(at, clock, dossier)
    if entry not in waiting.entries:
        waiting.entries.append(entry)
        waiting.entries.sort(key=lambda e: (e.at, e.clock, e.dossier))
        memory.put(WAITING, waiting)


def called(memory: Memory, at: datetime, clock: str) -> list[str]:
    """The dossiers that a tick calls, in the order of their moments; they are waited for no more."""
    waiting = memory.get(WAITING, Waiting)
    if waiting is None:
        return []
    now = [e for e in waiting.entries if e.clock == clock and e.at <= at]
    if now:
        memory.put(WAITING, Waiting([e for e in waiting.entries if e not in now]))
    return list(dict.fromkeys(e.dossier for e in now))
