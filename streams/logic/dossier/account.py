"""A dossier as it goes out: its record within its size, and who tells of it. Pure."""

from __future__ import annotations

from streams.contracts.records import (
    ActorPosition,
    Coverage,
    Dossier,
    DossierCommitment,
    DossierCoverage,
    Heard,
    Mention,
)
from streams.contracts.topics import DOSSIERS, Outgoing
from streams.contracts.wire import encode
from streams.logic.dossier import life, sight
from streams.logic.dossier.keeping import keep
from streams.logic.dossier.state import Head
from streams.logic.memory import Decision, Memory

MOST_TRANSITIONS, MOST_SOURCES = 200, 50
LARGEST = 256 * 1024
"""Bytes of a dossier's record."""


def hear(head: Head, mention: Mention) -> None:
    """Note which source tells of it, in which language; a source that has been silent for longest gives way."""
    source, lang = mention.article.source, mention.article.lang or "und"
    before = head.heard.get(source)
    last = max(before.last, mention.article.seen) if before else mention.article.seen
    head.heard[source] = Heard(source=source, reports=before.reports + 1 if before else 1, last=last)
    head.languages[lang] = head.languages.get(lang, 0) + 1
    while len(head.heard) > MOST_SOURCES:
        del head.heard[min(head.heard.values(), key=lambda one: (one.last, one.source)).source]
        head.omitted += 1


def coverage_of(head: Head, seen: Coverage | None) -> DossierCoverage:
    """Who tells of it, and whom of them we do not see, as far as is known here."""
    blind = [*seen.down, *seen.stale] if seen else []
    return DossierCoverage(
        sources=sorted(head.heard.values(), key=lambda one: (-one.last.timestamp(), one.source)),
        languages=dict(sorted(head.languages.items(), key=lambda pair: (-pair[1], pair[0]))),
        unseen=[one for one in blind if one.id in head.heard],
    )


def told(head: Head, seen: Coverage | None = None) -> Dossier:
    """The dossier's record, within its size: the oldest parts give way, and are counted."""
    chain = life.transitions(head.steps)
    latest: dict[tuple[str, str], ActorPosition] = {(p.actor, p.position): p for p in head.positions}
    positions = sorted(latest.values(), key=lambda p: (p.at, p.article, p.actor, p.position))
    commitments = [
        DossierCommitment(who=p.who, what=p.what, due=p.due, state=p.state, article=next(iter(p.articles), ""))
        for p in head.promises
    ]
    most = MOST_TRANSITIONS
    while True:
        kept = chain[-most:], positions[-most:], commitments[-most:]
        left = len(kept[0]) + len(kept[1]) + len(kept[2])
        record = Dossier(
            proposal=head.proposal, instance=head.instance, name=head.name, status=head.status,
            since=chain[-1].at if chain else None, transitions=kept[0], positions=kept[1], commitments=kept[2],
            contradictions=head.contradictions, last_activity=head.last_activity, revision=head.revision,
            omitted=head.omitted + len(chain) + len(positions) + len(commitments) - left,
            coverage=coverage_of(head, seen),
        )  # fmt: skip
        if most == 1 or len(encode(record)) <= LARGEST:
            return record
        most = max(1, most // 2)


def write(memory: Memory, decision: Decision, head: Head, clock: str) -> None:
    """Keep a dossier that a record has changed, and send its record."""
    life.whole(head)
    head.revision += 1
    keep(memory, head)
    decision.outgoing.append(Outgoing(DOSSIERS.name, head.key, encode(told(head, sight.seen(memory, clock)))))
