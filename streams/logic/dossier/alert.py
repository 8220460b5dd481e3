"""Builds alerts: CloudEvents with deterministic ids and a sentence for people. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from streams.contracts.ids import digest
from streams.contracts.records import Alert, AlertType, Change, Commitment, Formula, Mention, Status
from streams.contracts.topics import ALERTS, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import report
from streams.logic.rules import Rule

SCHEMA = "https://treatywatch.invalid/contracts/Alert.json"
SOURCE = "/treatywatch"

_ACTS = {
    "propose": ("proposes", "propose"), "table": ("tables terms on", "table terms on"),
    "discuss": ("discusses", "discuss"), "clarify": ("clarifies", "clarify"), "welcome": ("welcomes", "welcome"),
    "support": ("supports", "support"), "concern": ("voices concern about", "voice concern about"),
    "demand": ("makes demands on", "make demands on"), "reject": ("rejects", "reject"),
    "counter": ("counters", "counter"), "deny": ("denies fears about", "deny fears about"),
    "promise": ("makes a promise on", "make a promise on"), "agree": ("agrees to", "agree to"),
    "ratify": ("ratifies or extends", "ratify or extend"), "suspend": ("suspends or breaches", "suspend or breach"),
    "withdraw": ("withdraws from", "withdraw from"), "revive": ("revives", "revive"),
}  # fmt: skip
"""What one, and what several do to a proposal."""

_NAMES = {"RU": "Russia", "USSR": "The USSR", "US": "The US", "UA": "Ukraine", "DE": "Germany", "FR": "France",
          "UK": "Britain", "IT": "Italy", "PL": "Poland", "TR": "Turkey", "CN": "China", "VA": "The Vatican",
          "BR": "Brazil", "EU": "The EU", "OSCE": "The OSCE", "NATO": "NATO"}  # fmt: skip


_DENIED = {
    "rejected": "rejecting", "welcomed": "welcoming", "countered": "countering", "tabled": "tabling",
    "agreed": "having agreed to", "in_force": "having ratified", "suspended": "suspending", "revived": "reviving",
}  # fmt: skip
"""What a denied state is called after "denies"."""


def people(codes: Sequence[str]) -> str:
    """Actor codes as names: "Russia and NATO"."""
    named = [_NAMES.get(code, code.removeprefix("other:")) for code in codes]
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1] if named else ""]))


def headline(mention: Mention, before: str | None, status: str | None) -> str:
    """One sentence: who does what to which proposal, and what it is now.

    Where nobody is said to do it, it is whose proposal it is who brings it; who refuses or signs it stays open.
    """
    doing = mention.actor or (mention.proposer if mention.act in report.NAMING else [])
    verb = _ACTS[mention.act][len(doing) > 1]
    if mention.act != "deny" and report.denied(mention):
        verb, status = ("denies", "deny")[len(doing) > 1] + f" that it {verb}", None
    elif unsaid := report.unsaid(mention):
        verb, status = ("denies", "deny")[len(doing) > 1] + f" {_DENIED[min(unsaid)]}", None
    if doing or verb.startswith("denies"):
        said = f"{people(doing) or 'Somebody'} {verb} {mention.proposal_name}"
    else:
        said = mention.proposal_name
    if status and before and status != before:
        return f"{said}: {before.replace('_', ' ')} -> {status.replace('_', ' ')}"
    return f"{said}: {status.replace('_', ' ')}" if status else said


def build(
    mention: Mention,
    rule: Rule,
    *,
    kind: AlertType,
    thread: str,
    replaces: str | None,
    before: Status | None,
    status: Status | None,
    story: str,
    origins: int,
    copies: int,
    changes: list[Change],
) -> Alert:
    """The alert that `mention` causes; its id is a function of what caused it."""
    identity = "n" + digest(
        "alert",
        thread,
        kind,
        mention.id,
        str(mention.article.revision),
        rule.ref.hash,
        str(origins),
        str(copies),
    )
    return Alert(
        id=identity,
        type=kind,
        thread=thread,
        replaces=replaces,
        headline=headline(mention, before, status),
        severity="info" if mention.historical else rule.severity,
        historical=mention.historical,
        score=mention.score,
        proposal=mention.proposal,
        instance=mention.instance,
        proposal_name=mention.proposal_name,
        proposer=mention.proposer,
        addressee=mention.addressee,
        status=status,
        status_before=before,
        act=mention.act,
        actor=mention.actor,
        role=mention.role,
        voice=mention.voice,
        time=mention.time,
        evidence=mention.evidence,
        article=mention.article,
        story=story,
        origins=origins,
        copies=copies,
        commitments=mention.commitments,
        rule=rule.ref,
        knowledge=mention.knowledge,
        engine=mention.engine,
        why=mention.why,
        changes=changes,
    )


def of_formula(made: Alert, name: str, use: Formula) -> Alert:
    """The alert as one on a formula: who uses it for the first time here, in whose words."""
    who = f"{people([use.speaker])} ({use.by})" if use.by else people([use.speaker])
    said = f"{who} speaks of “{use.name}” for the first time ({name})"
    return msgspec.structs.replace(made, headline=said, actor=[use.speaker], evidence=[*use.evidence, *made.evidence])


def of_promise(made: Alert, name: str, promise: Commitment) -> Alert:
    """The alert as one on a promise: who names which day for what."""
    who, day = people(promise.who) or "Somebody", f" for {promise.due}" if promise.due else ""
    return msgspec.structs.replace(made, headline=f"{who} promised{day}: “{promise.what.rstrip('. ')}” ({name})")


def sent(alert: Alert, seen: datetime, topics: Sequence[str], key: str | None = None) -> list[Outgoing]:
    """The alert on its way: `alerts.all`, and the rules' topics unless it is old news."""
    headers = tuple(
        (name, value.encode())
        for name, value in {
            "ce_specversion": "1.0",
            "ce_id": alert.id,
            "ce_type": f"treatywatch.alert.{alert.type}.v1",
            "ce_source": SOURCE,
            "ce_time": msgspec.to_builtins(seen),
            "ce_subject": alert.proposal or "",
            "ce_dataschema": SCHEMA,
            "content-type": "application/json",
        }.items()
    )
    value, key = encode(alert), key or alert.proposal or "coverage"
    names = [ALERTS.name, *(f"alerts.{topic}" for topic in topics if not alert.historical)]
    return [Outgoing(name, key, value, headers) for name in names]


_TOLD = {"fact", "quote"}
"""Whether a report says so itself or has it from a named source: no reader unlearns anything by that."""


def differences(before: Mention, after: Mention) -> list[Change]:
    """What a reader of the alert would have to unlearn; edits beside the evidence are none."""
    found: list[Change] = []
    for name in ("status", "act", "actor", "proposer", "addressee", "voice"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now and not (name == "voice" and {was, now} == _TOLD):
            found.append(Change(field=name, before=was, after=now))
    if _said(before) != _said(after):
        was, now = [e.quote for e in before.evidence], [e.quote for e in after.evidence]
        found.append(Change(field="evidence", before=was, after=now))
    return found


def _said(mention: Mention) -> list[list[str]]:
    """What the evidence says: its words and questions, whatever their case, quotation marks, dashes and line breaks."""
    return [_WORDS.findall(e.quote.casefold()) for e in mention.evidence]


_WORDS = re.compile(r"\w+|[?%]")
