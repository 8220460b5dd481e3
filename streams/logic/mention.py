"""Articles become mentions; a revision that drops one takes it back. Near misses are told beside. Pure.

Counts: `stale_revision`, `lang_unsupported`, `gated_out`, `irrelevant`, `relevant`, `near_miss`, `withdrawn`.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from streams.contracts.ids import mention_id
from streams.contracts.records import Article, ArticleRef, BundleRef, Mention, NearMiss, Withdrawn
from streams.contracts.topics import KIND, MENTIONS, NEAR, WITHDRAWN, Outgoing
from streams.contracts.wire import encode
from streams.logic.memory import Decision, Memory
from streams.logic.tag import THRESHOLD, Finding, Near, Tagger


class Named(msgspec.Struct):
    """Which dossiers the last revision of an article named."""

    revision: int
    dossiers: dict[str, str]
    """Dossier id -> the knowledge hash that found it."""


UNSUPPORTED, DAYS = "unsupported", 7


class Unsupported(msgspec.Struct):
    """How many articles of the last days were in languages that are not read."""

    days: dict[str, dict[str, int]]
    """Day (of `seen`) -> language -> articles; `und` where it was not told."""


def _note_unsupported(memory: Memory, article: Article) -> None:
    """Old material says nothing of what we miss now."""
    if article.clock != "live":
        return
    kept = memory.get(UNSUPPORTED, Unsupported) or Unsupported({})
    day = kept.days.setdefault(article.seen.astimezone(UTC).date().isoformat(), {})
    lang = article.lang or "und"
    day[lang] = day.get(lang, 0) + 1
    kept.days = dict(sorted(kept.days.items())[-DAYS:])
    memory.put(UNSUPPORTED, kept)


def unsupported(memory: Memory, now: datetime) -> dict[str, int]:
    """Articles of the last seven days in languages that are not read, by language."""
    kept = memory.get(UNSUPPORTED, Unsupported)
    since = (now.astimezone(UTC).date() - timedelta(days=DAYS - 1)).isoformat()
    found: Counter[str] = Counter()
    for day, counts in kept.days.items() if kept else ():
        if day >= since:
            found.update(counts)
    return dict(found.most_common())


def dossier_of(finding: Finding | Near) -> str:
    """`PROPOSAL`, or `PROPOSAL/INSTANCE` where readers tell cases apart."""
    return f"{finding.proposal}/{finding.instance}" if finding.instance else finding.proposal


def reference(article: Article) -> ArticleRef:
    """What travels of an article with its mentions."""
    return ArticleRef(
        id=article.id,
        revision=article.revision,
        source=article.source,
        url=article.url,
        title=article.title,
        lang=article.lang,
        published=article.published,
        modified=article.modified,
        seen=article.seen,
    )


def decide(
    memory: Memory, article: Article, offset: int, tagger: Tagger, knowledge: BundleRef, engine: str
) -> Decision:
    """Mentions of one revision, and the withdrawals of what it no longer says."""
    del offset  # revisions count up in `normalise`: they tell a redelivery by themselves
    decision = Decision()
    before = memory.get(f"a/{article.id}", Named)
    if before is not None and article.revision <= before.revision:
        return decision.count("stale_revision")
    now: dict[str, str] = {}
    if article.kind != "retraction":
        tagged = tagger.tag(article.title, article.text, article.lang, article.published)
        if not tagged.supported:
            decision.count("lang_unsupported")
            _note_unsupported(memory, article)
        elif not tagged.gated:
            decision.count("gated_out")
        else:
            decision.count("relevant" if tagged.relevant else "irrelevant")
        if tagged.near:
            decision.count("near_miss", len(tagged.near))
            decision.beside += [_nearly(article, one, knowledge, engine) for one in tagged.near]
        for finding in tagged.findings:
            dossier = dossier_of(finding)
            if dossier not in now:
                now[dossier] = knowledge.hash
                mention = _mention(article, dossier, finding, knowledge, engine)
                decision.outgoing.append(Outgoing(MENTIONS.name, dossier, encode(mention)))
    reason: Literal["edited", "retracted"] = "retracted" if article.kind == "retraction" else "edited"
    for dossier in sorted(set(before.dossiers if before else ()) - set(now)):
        proposal, _, instance = dossier.partition("/")
        taken_back = Withdrawn(
            id=mention_id(article.id, dossier),
            dossier=dossier,
            proposal=proposal,
            instance=instance or None,
            article=reference(article),
            reason=reason,
            clock=article.clock,
        )
        decision.outgoing.append(Outgoing(MENTIONS.name, dossier, encode(taken_back), ((KIND, WITHDRAWN.encode()),)))
        decision.count("withdrawn")
    if now or before is not None:
        memory.put(f"a/{article.id}", Named(article.revision, now))
    return decision


def _nearly(article: Article, finding: Finding | Near, knowledge: BundleRef, engine: str) -> Outgoing:
    dossier = dossier_of(finding)
    miss = NearMiss(
        id=mention_id(article.id, dossier),
        dossier=dossier,
        proposal=finding.proposal,
        instance=finding.instance,
        proposal_name=finding.proposal_name,
        reason="below_threshold" if finding.score < THRESHOLD else "gives_way",
        score=finding.score,
        threshold=THRESHOLD,
        evidence=finding.evidence,
        why=finding.why,
        article=reference(article),
        historical=article.historical,
        knowledge=knowledge,
        engine=engine,
        clock=article.clock,
    )
    return Outgoing(NEAR.name, finding.proposal, encode(miss))


def _mention(article: Article, dossier: str, finding: Finding, knowledge: BundleRef, engine: str) -> Mention:
    return Mention(
        **{name: getattr(finding, name) for name in finding.__struct_fields__},
        id=mention_id(article.id, dossier),
        dossier=dossier,
        article=reference(article),
        historical=article.historical,
        signature=article.signature,
        knowledge=knowledge,
        engine=engine,
        clock=article.clock,
    )
