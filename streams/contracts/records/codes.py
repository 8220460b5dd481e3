"""The closed lists of the contracts, and what all records have in common."""

from __future__ import annotations

from typing import Literal

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
