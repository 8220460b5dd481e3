"""What travels between rooms. A change here is a change of the wire: see docs/contracts/.

Every value is JSON (UTF-8). Times are RFC 3339 in UTC. What is not known is `null` or an empty
list, never left out. Three clocks are kept apart everywhere: the time in the text (`when`, `due`),
the publisher's time (`published`), and ours (`seen`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Kind = Literal["new", "update", "retraction"]
Act = Literal[
    "propose", "table", "discuss", "clarify", "welcome", "support", "concern", "demand", "reject",
    "counter", "deny", "promise", "agree", "ratify", "suspend", "withdraw", "revive",
]  # fmt: skip
Status = Literal[
    "floated", "tabled", "discussing", "welcomed", "rejected", "countered", "agreed", "in_force",
    "suspended", "revived",
]  # fmt: skip
Role = Literal["main", "passing"]
Voice = Literal["fact", "quote", "opinion", "rumour"]
Time = Literal["current", "historical"]
Field = Literal["title", "text"]
Severity = Literal["info", "notice", "warning", "critical"]
AlertType = Literal["raised", "updated", "corrected", "retracted", "digest"]
Position = Literal["proposes", "supports", "conditional", "concerned", "rejects", "denies"]
CommitmentState = Literal["open", "due", "overdue", "kept", "withdrawn"]
Outcome = Literal["ok", "unchanged", "gone", "refused", "failed", "not-a-feed"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all that travels: immutable, built by keyword, every field always written."""


class Item(Record, frozen=True, kw_only=True):
    """One entry as a connector saw it, before anybody judged it."""

    id: str
    """Stable per source and publisher's entry: `streams.contracts.ids.item_id`."""
    kind: Kind
    event: str
    """Hash of id, kind and normalised content; tells a repeat from an edit."""
    source: str
    url: str
    title: str
    text: str
    lang: str | None = None
    """As the source states it (BCP 47); `normalise` looks for itself when this is `None`."""
    published: datetime | None = None
    """`None` when the source states no date; never the fetch time in disguise."""
    modified: datetime | None = None
    seen: datetime
    first_poll: bool = False
    """Whether this came with the source's first poll: undated entries there are old news."""
    dated_by: str | None = None
    """What stated `published`: feed, json-ld, opengraph, page, gdelt; `None` when nothing did, or nobody noted it."""
    flags: list[str] = []
    """What a reader should know: `future-date`, `full-text` (the page's text, not the feed's)."""
    clock: str = "live"


class Pushed(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article as `POST /items` takes it: a `url` or an `id`, and a `title` or a `text` unless it is withdrawn."""

    url: str = ""
    id: str = ""
    """The sender's own; the same again is a revision. Default: the `url`."""
    title: str = ""
    text: str = ""
    """Plain text; markup in it is not shown as such."""
    source: str = "default"
    """The sender's name for where it is from; ids are apart by it."""
    kind: Kind = "new"
    lang: str | None = None
    published: str | None = None
    """RFC 3339."""
    modified: str | None = None


class Article(Record, frozen=True, kw_only=True):
    """The normalised item. `title` and `text` are the publisher's, character for character."""

    id: str
    revision: int
    """1, 2, 3, ... per article; a retraction is a revision too."""
    kind: Kind
    item: str
    event: str
    source: str
    url: str
    title: str
    text: str
    lang: str | None
    """ISO 639-1, or `None` when the text is too short to tell."""
    published: datetime | None
    modified: datetime | None
    seen: datetime
    historical: bool
    """Published more than 7 days before it was seen, or undated at its source's first poll."""
    signature: str
    """How many runs of three words the text has, and their MinHash (base64 of 65 big-endian uint32), so that copies
    are told downstream; empty when there is no text."""
    clock: str = "live"


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
    """The date of the act as the text gives it, resolved: `2008-06`, `2008-09-24`; else `None`."""
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
    formulas: list[Formula] = []
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


class AlertCommitment(Commitment, frozen=True, kw_only=True):
    """A commitment as an alert shows it."""


class RuleRef(BundleRef, frozen=True, kw_only=True):
    """The watch rule that fired."""


class Change(Record, frozen=True, kw_only=True):
    """One field of an alert that is no longer what it was."""

    field: str
    before: Any
    after: Any


class Blind(Record, frozen=True, kw_only=True):
    """A source that we do not see, or hear nothing from."""

    id: str
    name: str
    reason: str
    since: datetime | None
    """When it last brought something; `None`: never, as far as we know."""


class Coverage(Record, frozen=True, kw_only=True):
    """What we saw of the world at a moment: tells "nothing happened" from "we were blind"."""

    at: datetime
    sources: int
    """Enabled sources."""
    seen: int
    """Those that answered when they were last asked, and were asked when they should have been."""
    down: list[Blind]
    """Those that failed or refused; at most 300 are named."""
    stale: list[Blind]
    """Those that nobody asks, or that are silent for a week; at most 300 are named."""
    unsupported: dict[str, int]
    """Articles of the last seven days in languages that are not read, by language; `und`: too short to tell."""
    lag: dict[str, int] | None
    """Records that wait before each room, by topic; `None` when Kafka did not say."""
    canary: datetime | None
    """When the last canary of the partition that has waited longest was sent; `None` when none was seen of late."""


class Alert(Record, frozen=True, kw_only=True):
    """The data of the CloudEvent. Fields and their meaning: docs/contracts/."""

    id: str
    type: AlertType
    thread: str
    replaces: str | None
    headline: str
    severity: Severity
    historical: bool
    score: float
    proposal: str | None
    instance: str | None
    proposal_name: str | None
    proposer: list[str]
    addressee: list[str]
    status: Status | None
    status_before: Status | None
    act: Act | None
    actor: list[str]
    role: Role | None
    voice: Voice | None
    time: Time | None
    evidence: list[Evidence]
    article: ArticleRef | None
    story: str | None
    origins: int
    copies: int
    commitments: list[Commitment]
    rule: BundleRef
    knowledge: BundleRef
    engine: str
    why: list[Reason]
    changes: list[Change]
    coverage: Coverage | None = None
    """Of a digest: what was seen when it was made, as the last canary in its partition told it; else `None`."""


class Suppressed(Alert, frozen=True, kw_only=True):
    """An alert that did not go out, and why."""

    reason: str


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

    sources: list[Heard] = []
    """The latest first."""
    languages: dict[str, int] = {}
    """Reports by language; `und`: not known."""
    unseen: list[Blind] = []
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


class SourceHealth(Record, frozen=True, kw_only=True):
    """How a source is doing: what `sources list` and the page show."""

    id: str
    name: str
    url: str
    format: str
    enabled: bool
    outcome: Outcome | None
    """Of the last poll; `None` before the first."""
    reason: str
    """In plain words, when the outcome is not good; else empty."""
    polled: datetime | None
    changed: datetime | None
    """When a poll last brought something new."""
    next: datetime | None
    items: int
    """Items sent so far."""
    failures: int
    """Failed polls in a row."""


class Tick(Record, frozen=True, kw_only=True):
    """The clock as a record, so that a replay sees the same time in the same order."""

    id: str
    at: datetime
    partition: int
    clock: str = "live"
    end: bool = False
    """The clock stops here, as an archive's play is over: what waits for a digest cannot wait any longer."""


class Activation(Record, frozen=True, kw_only=True):
    """From here on this partition is decided with these bundles: header `kind` = `activate`."""

    knowledge: BundleRef
    rules: BundleRef
    at: datetime


class Bundle(Record, frozen=True, kw_only=True):
    """A folder of YAML files as every worker used it, whole; its key is its hash."""

    kind: Literal["knowledge", "rules"]
    id: str
    version: str
    hash: str
    files: dict[str, str]
    """Text by relative path."""


class Feedback(Record, frozen=True, kw_only=True):
    """What a reader said of an alert. It changes nothing by itself."""

    alert: str
    thread: str
    rule: str
    verdict: Literal["relevant", "not-relevant", "duplicate", "wrong-span"]
    by: str
    at: datetime


class Canary(Record, frozen=True, kw_only=True):
    """A record that only goes the whole way: header `kind` = `canary`. Never shown as news."""

    sent: datetime
    partition: int
    coverage: Coverage | None = None
    """What was seen when it was sent: so each partition knows it, and a digest made there can tell."""
    unsupported: dict[str, int] = {}
    """Articles of the last seven days in languages that are not read, in this partition; `tag` fills it in."""
