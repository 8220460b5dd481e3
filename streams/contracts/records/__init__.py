"""What travels between rooms. A change here is a change of the wire: see docs/contracts/.

Every value is JSON (UTF-8). Times are RFC 3339 in UTC. What is not known is `null` or an empty
list, never left out. Three clocks are kept apart everywhere: the time in the text (`when`, `due`),
the publisher's time (`published`), and ours (`seen`).

One module a subject: `news` and `mentions` travel from room to room, `alerts` and `dossiers` leave the last one,
`coverage` tells how well we see, `signals` are the clock, bundles and canaries; `codes` are the closed lists.
"""

from __future__ import annotations

from streams.contracts.records.alerts import Alert, AlertCommitment, Change, Feedback, RuleRef, Suppressed
from streams.contracts.records.codes import (
    Act,
    AlertType,
    CommitmentState,
    Field,
    Kind,
    Outcome,
    Position,
    Record,
    Role,
    Severity,
    Status,
    Time,
    Voice,
)
from streams.contracts.records.coverage import Blind, Coverage, SourceHealth
from streams.contracts.records.dossiers import (
    ActorPosition,
    Contradiction,
    Dossier,
    DossierCommitment,
    DossierCoverage,
    Heard,
    Transition,
)
from streams.contracts.records.mentions import (
    ArticleRef,
    BundleRef,
    Commitment,
    Event,
    Evidence,
    Formula,
    Mention,
    NearMiss,
    Reason,
    Withdrawn,
)
from streams.contracts.records.news import Article, Item, Pushed
from streams.contracts.records.signals import Activation, Bundle, Canary, Tick

__all__ = [
    "Act",
    "Activation",
    "ActorPosition",
    "Alert",
    "AlertCommitment",
    "AlertType",
    "Article",
    "ArticleRef",
    "Blind",
    "Bundle",
    "BundleRef",
    "Canary",
    "Change",
    "Commitment",
    "CommitmentState",
    "Contradiction",
    "Coverage",
    "Dossier",
    "DossierCommitment",
    "DossierCoverage",
    "Event",
    "Evidence",
    "Feedback",
    "Field",
    "Formula",
    "Heard",
    "Item",
    "Kind",
    "Mention",
    "NearMiss",
    "Outcome",
    "Position",
    "Pushed",
    "Reason",
    "Record",
    "Role",
    "RuleRef",
    "Severity",
    "SourceHealth",
    "Status",
    "Suppressed",
    "Tick",
    "Time",
    "Transition",
    "Voice",
    "Withdrawn",
]
