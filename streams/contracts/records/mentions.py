"""What an article says of a proposal, with its evidence; and what it nearly said."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from streams.contracts.records.codes import Act, Field, Record, Role, Status, Time, Voice


class Evidence(Record, frozen=True, kw_only=True):
    """A verbatim span, by the W3C Web Annotation selectors; offsets count Unicode code points."""

    field: Field
    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""


class Reason(Record, frozen=True, kw_only=True):
    """One term of a score: the weights of all terms add up to its logit."""

    feature: str
    weight: float
    text: str


class Commitment(Record, frozen=True, kw_only=True):
    """Something promised for later."""

    who: list[str]
    what: str
    due: str | None
    """A date, `2008-09-24`, or `None` when the text names none."""
    quote: str


class Event(Record, frozen=True, kw_only=True):
    """One thing that happens to a proposal in an article: who does what to it."""

    act: Act
    actor: list[str]
    status: Status | None
    """The state this act puts the proposal in; `None` when it moves nothing (a denial of fears)."""
    denied: Status | None = None
    """Of a denial: the state that it says has not come about ("NATO denied that it had rejected the treaty")."""
    voice: Voice
    time: Time
    when: str | None
    """The date of the act as the text gives it, resolved: `2008`, `2008-06`, `2008-09-24`; else `None`."""
    evidence: list[Evidence]


class Formula(Record, frozen=True, kw_only=True):
    """A set phrase of the debate that somebody uses: "indivisible security"."""

    formula: str
    """Id of its entry in the knowledge base."""
    name: str
    speaker: str
    """Whose words they are: an actor's code."""
    by: str
    """The person, when one is named; else empty."""
    evidence: list[Evidence]


class ArticleRef(Record, frozen=True, kw_only=True):
    """Which article, in which revision; what a reader needs to find and weigh it."""

    id: str
    revision: int
    source: str
    url: str
    title: str
    lang: str | None
    published: datetime | None
    modified: datetime | None
    seen: datetime


class BundleRef(Record, frozen=True, kw_only=True):
    """Which rules or knowledge decided: readable id and version, and the hash of all its bytes."""

    id: str
    version: str
    hash: str


class Mention(Record, frozen=True, kw_only=True):
    """A place in an article that speaks of one proposal: the proposal's layer and the event's."""

    id: str
    """Deterministic over article and dossier; the revision is `article.revision`."""
    dossier: str
    """`PROPOSAL`, or `PROPOSAL/INSTANCE`; the record's key."""
    proposal: str
    instance: str | None
    proposal_name: str
    other_name: str | None
    proposer: list[str]
    addressee: list[str]
    status: Status
    role: Role
    voice: Voice
    time: Time
    act: Act
    actor: list[str]
    when: str | None
    evidence: list[Evidence]
    events: list[Event]
    """All that the article says happens to the proposal; the fields above sum up the main one."""
    commitments: list[Commitment]
    score: float
    why: list[Reason]
    article: ArticleRef
    historical: bool
    signature: str
    knowledge: BundleRef
    engine: str
    formulas: list[Formula] = msgspec.field(default_factory=list)
    """Set phrases used beside it, each once a speaker."""
    clock: str = "live"


class Withdrawn(Record, frozen=True, kw_only=True):
    """A revision that no longer speaks of a proposal: header `kind` = `withdrawn`."""

    id: str
    """The id of the mention that is taken back."""
    dossier: str
    proposal: str
    instance: str | None
    article: ArticleRef
    reason: Literal["edited", "retracted"]
    clock: str = "live"


class NearMiss(Record, frozen=True, kw_only=True):
    """A proposal that was nearly found in an article. It decides nothing; people see what was close."""

    id: str
    """The id that the mention would have had."""
    dossier: str
    proposal: str
    instance: str | None
    proposal_name: str
    reason: Literal["below_threshold", "gives_way"]
    """Too little speaks for it; or another proposal of the article is found more surely, so that this is its name."""
    score: float
    threshold: float
    evidence: list[Evidence]
    why: list[Reason]
    """What spoke for it and against it: adds up to the score's logit."""
    article: ArticleRef
    historical: bool
    knowledge: BundleRef
    engine: str
    clock: str = "live"
