"""Why an alert fired: the whole decision, decided again from the log alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from streams.contracts.records import Alert, Article, ArticleRef, BundleRef, Mention, Suppressed
from streams.contracts.topics import ARTICLES, SUPPRESSED
from streams.contracts.wire import decode, encode
from streams.logic import mention
from streams.logic.compile import compile_knowledge
from streams.logic.memory import DictMemory
from streams.logic.tag import Tagger
from streams.replay import Told, alerts_of, cause_time, decided, records
from streams.settings import Settings
from streams.transport.activate import load_bundles

BESIDE = timedelta(days=3)
"""What was held back in the dossier so long before and after an alert is shown beside it."""


def explain(settings: Settings, identity: str) -> str | None:
    """The whole decision behind an alert, decided again from the log; `None` when the log does not give it."""
    alerts: list[Told] = []
    held: dict[bytes, Suppressed] = {}
    for taken, outgoing in decided(settings):
        alerts += alerts_of(taken, outgoing)
        held |= {out.value: decode(Suppressed, out.value) for out in outgoing if out.topic == SUPPRESSED.name}
    told = next((one for one in alerts if one.alert.id == identity), None)
    if told is None:
        return None
    alert, bundles = told.alert, load_bundles(settings)
    lines = [
        alert.headline,
        " · ".join(["  " + alert.type, alert.severity, *(["historical"] if alert.historical else [])]),
        f"  id {alert.id}, thread {alert.thread}",
        f"  caused by {told.cause.topic}/{told.cause.partition}@{told.cause.offset}, at {cause_time(told).isoformat()}",
        "",
        f"rule {alert.rule.id}, version {alert.rule.version}, bundle {alert.rule.hash[:12]}",
        *_rule_text(bundles, alert),
        f"knowledge {alert.knowledge.version} ({alert.knowledge.hash[:12]}), {alert.engine}",
        "",
        "evidence",
        *(f"  {e.field}[{e.start}:{e.end}] “{e.quote}”" for e in alert.evidence),
        "",
        f"why (logit {sum(r.weight for r in alert.why):+.2f}, score {alert.score:.2f})",
        *(
            f"  {r.weight:+6.2f}  {r.feature}{f': {r.text}' if r.text not in ('', r.feature) else ''}"
            for r in alert.why
        ),
        "",
        f"story {alert.story}: {alert.origins} origin(s), {alert.copies} further copies",
        *(f"  changed {c.field}: {c.before!r} -> {c.after!r}" for c in alert.changes),
        *_thread(told, alerts),
        *_beside(told, held.values()),
    ]
    if alert.article is not None:
        lines += ["", *_article(settings, bundles, told)]
    return "\n".join(lines)


def _thread(told: Told, alerts: Sequence[Told]) -> list[str]:
    """All that was sent on this thread, and which report brought it."""
    lines = ["thread"]
    for one in alerts:
        if one.alert.thread == told.alert.thread:
            said = decode(Mention, one.cause.value) if not one.cause.kind else None
            here = "->" if one.alert.id == told.alert.id else "  "
            by = said.article.url if said else one.cause.kind
            lines.append(f"{here} {cause_time(one):%Y-%m-%d %H:%M} {one.alert.type}, by {by}")
    return lines


def _beside(told: Told, held: Iterable[Suppressed]) -> list[str]:
    """What was held back of the same story, and of the same dossier at about the time."""
    alert, at = told.alert, cause_time(told)
    lines = []
    for one in held:
        seen = one.article.seen if one.article else at
        of_dossier = (one.proposal, one.instance) == (alert.proposal, alert.instance) and abs(seen - at) <= BESIDE
        if one.story == alert.story or of_dossier:
            of = "this story" if one.story == alert.story else "this dossier"
            lines.append(f"  {seen:%Y-%m-%d %H:%M} {of}: {one.headline} ({one.reason})")
    return ["held back beside it", *lines] if lines else []


def _rule_text(bundles: Mapping[str, Any], alert: Alert) -> list[str]:
    bundle = bundles.get(alert.rule.hash)
    if bundle is None:
        return []
    for path, text in bundle.files.items():
        if f"id: {alert.rule.id}\n" in text:
            return [f"  {path}", *("  | " + line for line in text.splitlines())]
    return []


def _article(settings: Settings, bundles: Mapping[str, Any], told: Told) -> list[str]:
    """The article quoted; and the one that caused this, with whether its mention is found again in the same bytes."""
    ref = told.alert.article
    assert ref is not None  # noqa: S101 - the caller looked
    cause = decode(Mention, told.cause.value) if not told.cause.kind else None
    wanted = {(ref.id, ref.revision)} | ({(cause.article.id, cause.article.revision)} if cause else set())
    found = {}
    for taken in records(settings, ARTICLES.name):
        if not taken.kind and taken.value is not None:
            article = decode(Article, taken.value)
            if (article.id, article.revision) in wanted:
                found[article.id, article.revision] = article
    lines = [f"quotes {_hashed(ref, found.get((ref.id, ref.revision)))}"]
    if cause is None:
        return lines
    caused = found.get((cause.article.id, cause.article.revision))
    if (cause.article.id, cause.article.revision) != (ref.id, ref.revision):
        lines.append(f"caused by {_hashed(cause.article, caused)}")
    bundle = bundles.get(cause.knowledge.hash)
    if caused is None or bundle is None:
        return lines
    tagger = Tagger(compile_knowledge(bundle.files))
    known = BundleRef(id=bundle.id, version=bundle.version, hash=bundle.hash)
    again = mention.decide(DictMemory(), caused, 0, tagger, known, cause.engine)
    same = any(out.value == encode(cause) for out in again.outgoing)
    return [
        *lines,
        f"tagged again: {'the same mention, byte for byte' if same else 'another mention than the log holds'}",
    ]


def _hashed(ref: ArticleRef, article: Article | None) -> str:
    if article is None:
        return f"article {ref.url}, revision {ref.revision}: no longer kept in {ARTICLES.name}"
    sha = hashlib.sha256(f"{article.title}\n{article.text}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"article {ref.url}, revision {ref.revision}, sha256 {sha}"
