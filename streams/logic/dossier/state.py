"""What the dossier room remembers in one partition.

By key: `mark` (how far the log is decided), `d/DOSSIER` and `l/DOSSIER/LEAF` (a Head, kept in parts: `keeping`),
`m/MENTION` (a Held: the last revision of what an article says), `s/STORY` (a Story), `waiting` (what a tick is
awaited for), `c/SOURCE` (a source's sight), `coverage` (what the last canary knew of the world).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from streams.contracts.records import (
    Act,
    ActorPosition,
    Alert,
    CommitmentState,
    Contradiction,
    Evidence,
    Heard,
    Mention,
    Status,
    Tick,
)
from streams.logic.dossier import story
from streams.logic.memory import Memory

WAITING = "waiting"


class Mark(msgspec.Struct):
    """How far a partition's log is decided."""

    offset: int


class Step(msgspec.Struct):
    """A state that a story reports: it makes a transition where the state before it is another."""

    at: str
    """Event time as a date."""
    then: str
    """Orders reports of one day: when it was published, else seen."""
    article: str
    story: str
    status: Status
    act: Act
    actor: list[str]
    evidence: list[Evidence]
    origins: int
    seen: str = ""
    """Orders reports of one moment, as of a source that dates them all alike."""
    clock: str = "live"

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Place in the life of the proposal."""
        return self.at, self.then, self.seen, self.article


AFRESH = frozenset([None, "in_force", "suspended"])
"""States after which something can be floated anew; elsewhere "the proposed treaty" only names what is known."""


def turns(steps: Sequence[Step]) -> list[tuple[Step, Status | None]]:
    """The steps that change the state, each with the state before it."""
    found: list[tuple[Step, Status | None]] = []
    now: Status | None = None
    for place, step in enumerate(steps):
        if turning(steps[:place], now, step):
            found.append((step, now))
            now = step.status
    return found


def changes(now: Status | None, reported: Status) -> bool:
    """Whether a report of this state moves a proposal that is in the state `now`."""
    return reported != now and (reported != "floated" or now in AFRESH)


PAST_TABLING = frozenset(["discussing", "welcomed", "countered", "rejected", "agreed"])
"""States after which the draft that everybody knows is only named again."""

_ANEW = re.compile(
    r"\b(?:(?:written|formal) (?:reply|response|answer)|письменн\w+ ответ\w*|schriftliche\w* antwort\w*"
    r"|(?:new|revised|amended|updated|second|reworked|modified|fresh) (?:\w+ ){0,2}"
    r"(?:draft|drafts|text|version|proposals?|demands?|terms|paper|plan)"
    r"|(?:нов|доработан|исправлен|обновл[её]нн|втор|переработан)\w+ (?:\w+ ){0,2}"
    r"(?:проект|текст|верси|предложени|требовани|услови|редакци)\w*"
    r"|(?:neue|überarbeitete|geänderte|zweite|aktualisierte)\w* (?:\w+ ){0,2}"
    r"\w*(?:entwurf|entwürfe|fassung|text|vorschl|forderung|bedingung)\w*"
    r"|(?:nouve|révisé|modifié)\w* (?:\w+ ){0,2}(?:projet|texte|version|proposition|exigence)s?)",
    re.IGNORECASE,
)


def _known_already(earlier: Sequence[Step], now: Status | None, step: Step) -> bool:
    """Whether a report only names what the same side has tabled before: "Russia's draft", "insists on its demands"."""
    if step.status != "tabled" or now not in PAST_TABLING:
        return False
    # A demand puts something on the table too; but the draft that follows is another thing.
    before = [one for one in earlier if one.status == "tabled" and (step.act != "table" or one.act == "table")]
    tabled = {actor for one in before for actor in one.actor}
    known = bool(before) and (not step.actor or not tabled or bool(set(step.actor) & tabled))
    return known and not any(_ANEW.search(one.quote) for one in step.evidence)


def turning(earlier: Sequence[Step], now: Status | None, step: Step) -> bool:
    """Whether a step moves a proposal on from `now`; `earlier` steps tell who has floated it before."""
    if _known_already(earlier, now, step):
        return False
    return changes(now, step.status) or (_offers(earlier, now, step) and _another_s(earlier, step))


REFUSED = frozenset(["rejected", "countered"])
"""States after which somebody else's offer is a new one: "the United States proposed five years instead of one".

So it is after talk that nothing has been heard of for long."""


def _offers(earlier: Sequence[Step], now: Status | None, step: Step) -> bool:
    if step.status != "floated" or step.act != "propose":
        return False
    return now in REFUSED or (now == "discussing" and bool(earlier) and _days(earlier[-1], step) >= SILENCE)


SILENCE = 180
"""Days without a report of its state after which talk of a proposal has petered out."""


def _days(one: Step, other: Step) -> int:
    return (date.fromisoformat(other.at) - date.fromisoformat(one.at)).days


def _another_s(earlier: Sequence[Step], step: Step) -> bool:
    offered = {actor for one in earlier if one.status in ("floated", "tabled") for actor in one.actor}
    return bool(step.actor) and bool(offered) and not offered & set(step.actor)


class Promise(msgspec.Struct):
    """A commitment and the articles that report it."""

    who: list[str]
    what: str
    due: str | None
    state: CommitmentState
    articles: list[str]
    mention: str
    """The mention that an alert about it quotes."""
    clock: str
    historical: bool
    made: str = ""
    """Event time of the report that told of it first, a date."""
    last: Alert | None = None
    """What was last sent of its passing."""
    topics: list[str] = []

    def is_of(self, who: list[str], due: str | None) -> bool:
        """Whether a report speaks of this promise: the same day, and nobody else's."""
        if due is None:
            return self.due is None and sorted(self.who) == sorted(who)
        return self.due == due and (not who or not self.who or bool(set(who) & set(self.who)))


Kind = Literal["report", "opinion", "denial"]
"""Whether a story reports an event, argues for one, or says that it did not happen: these are never one story."""


class Brief(msgspec.Struct):
    """As much of a story as tells whether a report may belong to it."""

    id: str
    act: Act
    actor: list[str]
    status: Status
    first: str
    """Event time of its first report, a date."""
    historical: bool
    over: bool = False
    """Whether all its reports were withdrawn."""
    kind: Kind = "report"


class Use(msgspec.Struct):
    """A formula that somebody has used, and the articles that report it."""

    formula: str
    speaker: str
    by: str
    articles: list[str]


class Group(msgspec.Struct):
    """Alerts of one rule that are held back to leave together."""

    rule: str
    until: datetime
    held: list[Alert]
    clock: str = "live"


class Head(msgspec.Struct):
    """A dossier: what its record is told from."""

    proposal: str
    instance: str | None
    name: str
    steps: list[Step] = []
    positions: list[ActorPosition] = []
    """By article, so that a withdrawal leaves what others report."""
    promises: list[Promise] = []
    contradictions: list[Contradiction] = []
    uses: list[Use] = []
    stories: list[Brief] = []
    last_activity: datetime | None = None
    revision: int = 0
    omitted: int = 0
    fired: dict[str, datetime] = {}
    """When each rule last alerted here, by the causing record's `seen`."""
    groups: dict[str, Group] = {}
    heard: dict[str, Heard] = {}
    """The sources that have spoken of it."""
    languages: dict[str, int] = {}
    ahead: list[Step] = []
    """While a record is decided: what another clock has brought that was seen later. Never kept."""
    leaves: dict[str, list[str]] = {}
    """Where its lists are kept: `streams.logic.dossier.keeping`."""

    @property
    def key(self) -> str:
        """The dossier's id."""
        return self.proposal + (f"/{self.instance}" if self.instance else "")

    @property
    def status(self) -> Status | None:
        """The state that the proposal is in now."""
        turned = turns(self.steps)
        return turned[-1][0].status if turned else None


class Held(msgspec.Struct):
    """The last revision of an article's mention; `mention` is gone after a withdrawal."""

    revision: int
    mention: Mention | None
    story: str | None


class Story(msgspec.Struct):
    """One event in the life of a proposal, as its reports tell it."""

    id: str
    origins: list[story.Origin]
    mentions: dict[str, str]
    """Article id -> mention id, in the order in which they came."""
    retired: list[str]
    """Signatures of reports that were withdrawn: their copies are no news."""
    thread: str | None = None
    last: Alert | None = None
    topics: list[str] = []
    """Where its alerts go beside `alerts.all`: all topics that one of them has gone to."""
    happened: list[str] = []
    """What it did to the dossier, while no alert has told so."""
    before: Status | None = None
    """The state before that."""
    against: str = ""
    """The article whose state it contradicts."""
    waits: str = ""
    """Why its alert did not go out, when time or a further report can still bring it out."""


class Awaited(msgspec.Struct):
    """A moment at which a dossier has something to do."""

    at: datetime
    clock: str
    dossier: str


class Waiting(msgspec.Struct):
    """All that a partition waits for, by time."""

    entries: list[Awaited]


class Sight(msgspec.Struct):
    """What was last said of a source."""

    blind: bool
    last: Alert | None


def waiting_until(memory: Memory, clock: str) -> datetime | None:
    """The first moment that something here waits for on `clock`; `None` when nothing does."""
    waiting = memory.get(WAITING, Waiting)
    return min((e.at for e in waiting.entries if e.clock == clock), default=None) if waiting else None


def await_at(memory: Memory, at: datetime, clock: str, dossier: str) -> None:
    """Have a tick at or after `at` come to this dossier."""
    waiting = memory.get(WAITING, Waiting) or Waiting([])
    entry = Awaited(at, clock, dossier)
    if entry not in waiting.entries:
        waiting.entries.append(entry)
        waiting.entries.sort(key=lambda e: (e.at, e.clock, e.dossier))
        memory.put(WAITING, waiting)


def called(memory: Memory, tick: Tick) -> list[str]:
    """The dossiers that a tick calls, in the order of their moments; they are waited for no more.

    The last tick of a clock calls all that wait on it.
    """
    waiting = memory.get(WAITING, Waiting)
    if waiting is None:
        return []
    now = [e for e in waiting.entries if e.clock == tick.clock and (e.at <= tick.at or tick.end)]
    if now:
        memory.put(WAITING, Waiting([e for e in waiting.entries if e not in now]))
    return list(dict.fromkeys(e.dossier for e in now))
