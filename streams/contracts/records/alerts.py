"""What people are told, what they are not told, and what they said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from streams.contracts.records.codes import Act, AlertType, Record, Role, Severity, Status, Time, Voice
from streams.contracts.records.coverage import Coverage
from streams.contracts.records.mentions import ArticleRef, BundleRef, Commitment, Evidence, Reason


class AlertCommitment(Commitment, frozen=True, kw_only=True):
    """A commitment as an alert shows it."""


class RuleRef(BundleRef, frozen=True, kw_only=True):
    """The watch rule that fired."""


class Change(Record, frozen=True, kw_only=True):
    """One field of an alert that is no longer what it was."""

    field: str
    before: Any
    after: Any


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


class Feedback(Record, frozen=True, kw_only=True):
    """What a reader said of an alert. It changes nothing by itself."""

    alert: str
    thread: str
    rule: str
    verdict: Literal["relevant", "not-relevant", "duplicate", "wrong-span"]
    by: str
    at: datetime
