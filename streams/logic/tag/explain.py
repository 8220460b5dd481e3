"""The tagger's reasons in words, for `kb try`."""

from __future__ import annotations

from datetime import datetime

from streams.logic.tag.engine import THRESHOLD, Tagger
from streams.logic.tag.findings import Finding


def explain(
    tagger: Tagger,
    title: str,
    text: str,
    lang: str | None = None,
    published: datetime | None = None,
) -> str:
    """What the tagger makes of a text, and why."""
    tagged = tagger.tag(title, text, lang, published)
    lines = [f"language {tagged.lang or 'unknown'}" + ("" if tagged.supported else " (no pack)")]
    if not tagged.gated:
        lines.append("left at the gate: no Russian side with a security term")
    for name, findings in (("found", tagged.findings), ("near miss", tagged.near)):
        for finding in findings:
            lines += _one(name, finding)
    if tagged.gated and not tagged.findings and not tagged.near:
        lines.append("read whole, nothing found")
    return "\n".join(lines)


def _one(name: str, f: Finding) -> list[str]:
    key = f.proposal + (f"/{f.instance}" if f.instance else "")
    lines = [
        f"{name}: {key} ({f.proposal_name}), score {f.score:.2f} (threshold {THRESHOLD})",
        f"  {'/'.join(f.proposer) or '?'} -> {'/'.join(f.addressee) or '?'}, {f.status}, {f.role}, {f.voice}, {f.time}",
    ]
    lines += [f"  {r.weight:+.2f}  {r.feature}: {r.text}" for r in f.why]
    lines += [f"  [{e.field} {e.start}-{e.end}] {e.quote}" for e in f.evidence]
    lines += [f"  event: {'/'.join(e.actor) or '?'} {e.act}" + (f" on {e.when}" if e.when else "") for e in f.events]
    lines += [f"  promised by {'/'.join(c.who) or '?'} for {c.due}: {c.what}" for c in f.commitments]
    return lines
