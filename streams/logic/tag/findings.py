"""What the tagger gives: findings with evidence, slots and an explanation."""

from __future__ import annotations

from typing import Any

import msgspec

from streams.contracts.records import (
    Act,
    Commitment,
    Event,
    Evidence,
    Formula,
    Reason,
    Role,
    Status,
    Time,
    Voice,
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal in one document: all layers of a Mention that come from the text."""

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
    commitments: list[Commitment]
    formulas: list[Formula] = []
    score: float
    why: list[Reason]


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that was nearly found: what it would be and why it is not, no more of it is read."""

    proposal: str
    instance: str | None
    proposal_name: str
    evidence: list[Evidence]
    score: float
    why: list[Reason]


class Tagged(msgspec.Struct, frozen=True, kw_only=True):
    """A document as tagged."""

    relevant: bool
    score: float
    lang: str | None
    supported: bool
    gated: bool
    """Whether it passed the first gate."""
    findings: tuple[Finding, ...]
    near: tuple[Finding | Near, ...]
    """Near misses, the surest first: what fell short of the threshold, and findings that gave way to others."""


def document(tagged: Tagged, identity: str) -> dict[str, Any]:
    """The line that `treatywatch tag` writes."""
    return {
        "id": identity,
        "relevant": tagged.relevant,
        "score": round(tagged.score, 4),
        "lang": tagged.lang,
        "mentions": [msgspec.to_builtins(finding) for finding in tagged.findings],
    }
