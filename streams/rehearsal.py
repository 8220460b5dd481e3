"""Articles played through the rooms in one process, without Kafka: in the order and by the clock of
`ingest --clock published`. What `rules test` runs the files of watch-rule tests with.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from streams.contracts.clock import moments, promised
from streams.contracts.ids import digest, event_id, item_id
from streams.contracts.records import Alert, Article, BundleRef, Dossier, Item, Mention, Suppressed, Tick, Withdrawn
from streams.contracts.topics import ALERTS, DOSSIERS, MENTIONS, SUPPRESSED
from streams.contracts.wire import decode
from streams.logic import dossier, mention, normalise, yamltext
from streams.logic.memory import DictMemory
from streams.logic.rules import CompiledRules, RulesFault
from streams.logic.tag import Tagger, language

CLOCK = "rehearsal"
_KNOWLEDGE = BundleRef(id="rehearsal", version="0", hash="")


class Left(NamedTuple):
    """Something that left the rooms, and when by the play's clock."""

    at: datetime
    topic: str
    what: Mention | Withdrawn | Alert | Suppressed


class Rehearsal:
    """One play: what left the rooms so far, each dossier as it was written and when, and all as they stand."""

    def __init__(self, tagger: Tagger, rules: CompiledRules) -> None:
        self.tagger, self.rules = tagger, rules
        self.left: list[Left] = []
        self.dossiers: dict[str, Dossier] = {}
        self.written: list[tuple[datetime, str, Dossier]] = []
        self._rooms = DictMemory(), DictMemory(), DictMemory()
        self._offset = 0
        self._last: datetime | None = None

    def run(self, items: Iterable[Item], until: datetime | None = None, live: Iterable[Item] = ()) -> list[Left]:
        """Play the items, each seen when it says; then let the clock run on to `until`, where it ends.

        `live` is what live sources have brought before the play, which runs on a clock of its own.
        """
        for item in live:
            self._item(item)
        for item in sorted(items, key=lambda one: one.seen):
            self._tick(item.seen)
            self._item(item)
        if until is not None:
            self._tick(until)
        if self._last is not None:
            self._decide(self._clocked(self._last, end=True), self._last)
        return self.left

    @property
    def alerts(self) -> list[tuple[datetime, Alert]]:
        """Every alert, once, with its moment."""
        return [(one.at, one.what) for one in self.left if one.topic == ALERTS.name and isinstance(one.what, Alert)]

    @property
    def held(self) -> list[tuple[datetime, Suppressed]]:
        """What did not go out, with its moment."""
        return [(one.at, one.what) for one in self.left if isinstance(one.what, Suppressed)]

    def _tick(self, at: datetime) -> None:
        if self._last is not None and at > self._last:
            due = set().union(*map(promised, self.dossiers.values()))
            for moment in moments(due, self._last, at):
                self._decide(self._clocked(moment), moment)
        self._last = at

    def _clocked(self, at: datetime, *, end: bool = False) -> Tick:
        identity = "k" + digest("tick", CLOCK, at.isoformat(), "end" if end else "")
        return Tick(id=identity, at=at, partition=0, clock=CLOCK, end=end)

    def _item(self, item: Item) -> None:
        normalising, tagging, _ = self._rooms
        for out in normalise.decide(normalising, item, self._next(), language).outgoing:
            article = decode(Article, out.value)
            for said in mention.decide(tagging, article, 0, self.tagger, _KNOWLEDGE, "rehearsal").outgoing:
                kind: type[Any] = Withdrawn if said.headers else Mention
                record = decode(kind, said.value)
                self.left.append(Left(item.seen, MENTIONS.name, record))
                self._decide(record, item.seen)

    def _next(self) -> int:
        self._offset += 1
        return self._offset

    def _decide(self, record: Any, at: datetime) -> None:
        for out in dossier.decide(self._rooms[2], record, self._next(), self.rules).outgoing:
            if out.topic == DOSSIERS.name:
                self.dossiers[out.key] = decode(Dossier, out.value)
                self.written.append((at, out.key, self.dossiers[out.key]))
            else:
                kind: type[Any] = Suppressed if out.topic == SUPPRESSED.name else Alert
                self.left.append(Left(at, out.topic, decode(kind, out.value)))


REPORT_KEYS = ("at", "id", "source", "lang", "title", "text", "kind")
TEST_KEYS = ("name", "reports", "until", "alerts", "held")
EXPECTED_KEYS = (
    "at", "type", "rule", "severity", "proposal", "status", "status_before", "act", "actor", "origins", "copies",
    "headline", "reason",
)  # fmt: skip


def run_tests(path: str, text: str, tagger: Tagger, rules: CompiledRules) -> Iterator[str]:
    """Failures of a file of tests: articles in, exactly these alerts out (docs/rules.md, "Try it").

    `RulesFault` when the file is not one.
    """
    given = yamltext.parse(path, text, RulesFault)
    yamltext.known(path, text, given, ("rules", "tests"), RulesFault)
    for number, test in enumerate(given.get("tests") or (), 1):
        yamltext.known(path, text, test, TEST_KEYS, RulesFault)
        play = Rehearsal(tagger, rules)
        until = _moment(path, text, "until", test["until"]) if test.get("until") else None
        play.run(_items(path, text, test.get("reports") or ()), until)
        name = f"{path}: {test.get('name') or f'test {number}'}"
        for kind, found in (("alerts", play.alerts), ("held", play.held)):
            if kind in test:
                yield from _compared(path, text, f"{name}: {kind}", test[kind] or (), found)


def _items(path: str, text: str, reports: Iterable[Any]) -> list[Item]:
    items: list[Item] = []
    first: dict[str, datetime] = {}
    sources: dict[str, str] = {}
    """Whose report an id is: a retraction need not say it once more."""
    for number, one in enumerate(reports, 1):
        yamltext.known(path, text, one, REPORT_KEYS, RulesFault)
        at = _moment(path, text, "at", one.get("at"))
        entry = one.get("id", f"report {number}")
        source = one.get("source") or sources.get(entry, "test")
        sources.setdefault(entry, source)
        identity, kind = item_id(source, entry), one.get("kind", "new")
        title, body = one.get("title", ""), one.get("text", "")
        items.append(
            Item(
                id=identity, kind=kind, event=event_id(identity, kind, title, body), source=source,
                url=f"test:{source}/{entry}", title=title, text=body, lang=one.get("lang"),
                published=first.setdefault(identity, at), seen=at, clock=CLOCK,
            )
        )  # fmt: skip
    return items


def _moment(path: str, text: str, key: str, given: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        line = yamltext.line_of(text, key)
        raise RulesFault(f"{path}:{line}: {key} takes a date or an RFC 3339 time; not {given!r}") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _compared(
    path: str, text: str, name: str, wanted: Sequence[Any], found: Sequence[tuple[datetime, Alert]]
) -> Iterator[str]:
    """What is missing, too much, or otherwise than expected, in the order of the play."""
    for one in wanted:
        yamltext.known(path, text, one, EXPECTED_KEYS, RulesFault)
    for number, (want, got) in enumerate(itertools.zip_longest(wanted, found), 1):
        if got is None:
            yield f"{name}: {number} was expected and did not come: {_told(want)}"
        elif want is None:
            yield f"{name}: {number} was not expected: {_told(_shown(*got))}"
        else:
            shown = _shown(*got)
            wrong = {k: v for k, v in want.items() if not _agrees(k, v, shown[k])}
            if wrong:
                yield f"{name}: {number} was to have {_told(wrong)}; it is {_told(shown)}"


def _agrees(key: str, wanted: Any, shown: str) -> bool:
    if key in ("reason", "headline"):
        return str(wanted) in shown
    return ",".join(wanted) == shown if isinstance(wanted, list) else shown.startswith(str(wanted))


def _shown(at: datetime, alert: Alert) -> dict[str, str]:
    return {
        "at": f"{at:%Y-%m-%dT%H:%M}", "type": alert.type, "rule": alert.rule.id, "severity": alert.severity,
        "proposal": alert.proposal or "", "status": alert.status or "", "status_before": alert.status_before or "",
        "act": alert.act or "", "actor": ",".join(alert.actor), "origins": str(alert.origins),
        "copies": str(alert.copies), "headline": alert.headline,
        "reason": alert.reason if isinstance(alert, Suppressed) else "",
    }  # fmt: skip


def _told(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{k}: {','.join(v) if isinstance(v, list) else v}" for k, v in fields.items() if v)
