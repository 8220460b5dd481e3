"""Reports as the dossier room gets them, made by hand; and one partition of that room."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from streams import rules
from streams.contracts.ids import mention_id
from streams.contracts.records import (
    Act,
    Alert,
    ArticleRef,
    BundleRef,
    Dossier,
    Event,
    Evidence,
    Mention,
    SourceHealth,
    Status,
    Suppressed,
    Tick,
    Withdrawn,
)
from streams.contracts.topics import Outgoing
from streams.contracts.wire import decode
from streams.logic import dossier
from streams.logic.dossier import account
from streams.logic.memory import DictMemory
from streams.logic.normalise import signature
from streams.logic.rules import compile_rules

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACTS: dict[Status, Act] = {
    "rejected": "reject", "tabled": "table", "floated": "propose", "discussing": "discuss", "agreed": "agree",
    "welcomed": "welcome", "suspended": "suspend", "in_force": "ratify", "countered": "counter",
}  # fmt: skip
STATUSES = {act: status for status, act in ACTS.items()}


def ref(article: str, revision: int = 1, seen: datetime = DAY, published: datetime | None = None) -> ArticleRef:
    return ArticleRef(id=article, revision=revision, source="test", url=f"https://news.example/{article}", title="",
                      lang="en", published=published or seen, modified=None, seen=seen)  # fmt: skip


def words_of(article: str) -> str:
    """Words that no other article has."""
    return " ".join(hashlib.sha256(f"{article} {n}".encode()).hexdigest()[:6] for n in range(25))


def mention(
    article: str, status: Status = "rejected", *, day: float = 0, revision: int = 1, text: str = "", **more: Any
) -> Mention:
    seen = DAY + timedelta(days=day)
    actor = more.pop("actor", ["NATO"])
    act = more.pop("act", ACTS[status])
    quote = text or f"{status} {words_of(article)}"
    evidence = [Evidence(field="text", start=0, end=len(quote), quote=quote)]
    voice, time, when = more.get("voice", "fact"), more.get("time", "current"), more.get("when")
    event = Event(act=act, actor=actor, status=status, voice=voice, time=time, when=when, evidence=evidence)
    proposal = more.pop("proposal", "EST")
    given: dict[str, Any] = {
        "id": mention_id(article, proposal), "dossier": proposal, "proposal": proposal, "instance": None,
        "proposal_name": "European Security Treaty", "other_name": None, "proposer": ["RU"], "addressee": ["NATO"],
        "status": status, "role": "main", "voice": "fact", "time": "current", "act": act, "actor": actor, "when": None,
        "evidence": evidence, "events": [event], "commitments": [], "score": 0.9, "why": [],
        "article": ref(article, revision, seen), "historical": False, "signature": signature(quote),
        "knowledge": BundleRef(id="k", version="1", hash="h"), "engine": "e",
    }  # fmt: skip
    return Mention(**(given | more))


def saying(article: str, *events: tuple[Act, list[str]], quote: str = "", **more: Any) -> Mention:
    """A mention whose one sentence says several things: acts and their actors."""
    quote = quote or words_of(article)
    evidence = [Evidence(field="text", start=0, end=len(quote), quote=quote)]
    found = [
        Event(
            act=act, actor=actor, status=STATUSES.get(act), voice="fact", time="current", when=None, evidence=evidence
        )
        for act, actor in events
    ]
    act, actor = events[0]
    return mention(article, text=quote, act=act, actor=actor, events=found, **more)


def gone(article: str, revision: int = 2, day: int = 0) -> Withdrawn:
    return Withdrawn(id=mention_id(article, "EST"), dossier="EST", proposal="EST", instance=None, reason="retracted",
                     article=ref(article, revision, DAY + timedelta(days=day)))  # fmt: skip


def tick(day: float, clock: str = "live") -> Tick:
    at = DAY.replace(hour=0) + timedelta(days=day)
    return Tick(id=f"t{day}", at=at, partition=0, clock=clock)


class Room:
    """One partition of the dossier room."""

    def __init__(self, **files: str) -> None:
        self.memory, self.offset = DictMemory(), 0
        self.rules = compile_rules(files or rules.read())
        self.counts: dict[str, int] = {}
        self.dossier: Dossier | None = None
        self.held: list[Suppressed] = []
        self.sent: list[tuple[str, str]] = []
        """Topic and type of every alert of the last record."""

    def take(self, record: Mention | Withdrawn | Tick | SourceHealth) -> list[Alert]:
        self.offset += 1
        found = dossier.decide(self.memory, record, self.offset, self.rules)
        self.counts = found.counts
        told: list[Alert] = []
        self.held, self.sent = [], []
        for out in found.outgoing:
            self._keep(out, told)
        return told

    def _keep(self, out: Outgoing, told: list[Alert]) -> None:
        if out.topic == "proposals.dossiers":
            assert len(out.value) <= account.LARGEST
            self.dossier = decode(Dossier, out.value)
        elif out.topic == "alerts.suppressed":
            self.held.append(decode(Suppressed, out.value))
        elif out.topic.startswith("alerts."):
            alert = decode(Alert, out.value)
            self.sent.append((out.topic, alert.type))
            if out.topic == "alerts.all":
                told.append(alert)

    @property
    def life(self) -> list[str]:
        assert self.dossier is not None
        return [t.status for t in self.dossier.transitions]
