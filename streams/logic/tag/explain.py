"""The tagger's reasons in words, for `kb try`."""

from __future__ import annotations

from datetime import datetime

from streams.logic.gate import Gate
from streams.logic.haystack import haystack
from streams.logic.tag.engine import THRESHOLD, Tagger
from streams.logic.tag.findings import Finding, Near

SHOWN = 3
"""Reasons against a near miss that are told."""


def explain(
    tagger: Tagger,
    title: str,
    text: str,
    lang: str | None = None,
    published: datetime | None = None,
    whole: bool = False,
) -> str:
    """What the tagger makes of a text, and why: findings in full, near misses in a line each, or `whole`."""
    tagged = tagger.tag(title, text, lang, published, near_in_full=whole)
    ref = tagger.knowledge.ref
    lines = [
        f"knowledge {ref.version}, language {tagged.lang or 'unknown'}" + ("" if tagged.supported else " (no pack)"),
    ]
    if not tagged.gated:
        lines.append(f"left at the gate: {missing(tagger.knowledge.gate, f'{title} {text}')}")
    for finding in tagged.findings:
        lines += _one("found", finding)
    for near in tagged.near:
        lines += _one("near miss", near) if whole and isinstance(near, Finding) else [_short(near)]
    if tagged.gated and not tagged.findings and not tagged.near:
        lines.append("read whole: nothing in it speaks of a proposal")
    return "\n".join(lines)


def missing(gate: Gate, text: str) -> str:
    """Which of the two things that the gate asks for is not there."""
    russia, security = "no Russian side", "no security term"
    if gate.passes(haystack(f"{text} nato")):
        return security
    return russia if gate.passes(haystack(f"{text} russia")) else f"{russia} and {security}"


def _key(f: Finding | Near) -> str:
    return f.proposal + (f"/{f.instance}" if f.instance else "")


def _short(f: Finding | Near) -> str:
    against = sorted((r for r in f.why if r.weight < 0), key=lambda r: r.weight)[:SHOWN]
    reasons = ", ".join(f"{r.feature} {r.weight:+.2f}" for r in against)
    return f"near miss: {_key(f)} ({f.proposal_name}), score {f.score:.2f}; most against it: {reasons}"


def _one(name: str, f: Finding) -> list[str]:
    lines = [
        f"{name}: {_key(f)} ({f.proposal_name}), score {f.score:.2f} (threshold {THRESHOLD})",
        f"  {'/'.join(f.proposer) or '?'} -> {'/'.join(f.addressee) or '?'}, {f.status}, {f.role}, {f.voice}, {f.time}",
        f"  news: {'/'.join(f.actor) or '?'} {f.act}" + (f" on {f.when}" if f.when else ""),
    ]
    lines += [f"  {r.weight:+.2f}  {r.feature}" + (f": {r.text}" if r.text != r.feature else "") for r in f.why]
    lines += [f"  [{e.field} {e.start}-{e.end}] {e.quote}" for e in f.evidence]
    lines += [f"  event: {'/'.join(e.actor) or '?'} {e.act}" + (f" on {e.when}" if e.when else "") for e in f.events]
    lines += [f"  promised by {'/'.join(c.who) or '?'} for {c.due}: {c.what}" for c in f.commitments]
    return lines
