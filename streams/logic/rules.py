"""Watch rules: when to alert, how severe, how often, to which topic. Data with tests; see docs/rules.md."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from streams.contracts.ids import bundle_hash
from streams.contracts.records import BundleRef, Severity
from streams.logic import yamltext
from streams.logic.matching import FIELDS, SIDES, Asks, Fields, asks, holds

WHEN = (
    "source_blind",
    "story",
    "status_change",
    "formula",
    "new_commitment",
    "commitment_due",
    "commitment_overdue",
    "first_seen",
    "tabled",
    "rejection",
    "agreement",
    "contradiction",
)
"""What can happen, from the least to the most telling; what each means: docs/rules.md."""

RESERVED = frozenset(["all", "suppressed", "feedback"])
TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
RULE_KEYS = (
    "id", "version", "about", "when", "match", "unless", "severity", "topic", "throttle", "inhibited_by", "group",
    "tests",
)  # fmt: skip
SILENCE_KEYS = ("silence", "author", "until", "reason", "match", "rules")
SIDES_KEYS = ("sides",)
TEST_KEYS = ("happened", "fires")


class RulesFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The rule author's to mend: `path:line: what`."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Alerts of one rule that agree on `by`: the first goes out, the others wait `span` for a digest."""

    by: tuple[str, ...]
    span: timedelta


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody's decision that some alerts shall not go out for a time."""

    id: str
    author: str
    until: datetime
    reason: str
    match: Asks
    rules: tuple[str, ...]
    """Ids of the rules that are silenced; empty: all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One watch rule."""

    id: str
    about: str
    when: tuple[str, ...]
    match: Asks
    severity: Severity
    topic: str | None
    tests: tuple[Mapping[str, Any], ...]
    ref: BundleRef
    throttle: timedelta | None = None
    """At most one alert of this rule per dossier within so long."""
    inhibited_by: Mapping[str, timedelta] = field(default_factory=dict)
    """Other rules that, having alerted in the same dossier within so long, hold this one back."""
    group: Grouping | None = None

    unless: Asks = ()
    """It does not fire where all this holds."""

    def fires(self, happened: Sequence[str], fields: Fields, sides: Mapping[str, str]) -> bool:
        """Whether it fires on what happened, for a report with these fields."""
        if not any(one in self.when for one in happened) or not holds(self.match, fields, sides):
            return False
        return not (self.unless and holds(self.unless, fields, sides))


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """All rules of a bundle in the order they are asked: the first that fires names the alert.

    Most severe first, then the most telling happening (`WHEN` from its end), then by id.
    """

    ref: BundleRef
    rules: tuple[Rule, ...]
    silences: tuple[Silence, ...] = ()
    sides: Mapping[str, str] = field(default_factory=dict)
    """Which side an actor is on; who is not named is on `other`."""

    @property
    def none(self) -> Rule:
        """Stands where no rule fired: for what is suppressed."""
        ref = BundleRef(id="none", version=self.ref.version, hash=self.ref.hash)
        return Rule("none", "", (), (), "info", None, (), ref)

    def silenced(self, rule: Rule, fields: Fields, at: datetime) -> Silence | None:
        """The silence that holds an alert of `rule` back at this moment, if one does."""
        return next(
            (
                silence
                for silence in self.silences
                if at < silence.until
                and (not silence.rules or rule.id in silence.rules)
                and holds(silence.match, fields, self.sides)
            ),
            None,
        )

    @property
    def topics(self) -> frozenset[str]:
        """Names of the topics that rules send to, beside `all`."""
        return frozenset(rule.topic for rule in self.rules if rule.topic)

    def first(self, happened: Sequence[str], fields: Fields) -> Rule | None:
        """The rule that fires, if one does."""
        return next((rule for rule in self.rules if rule.fires(happened, fields, self.sides)), None)


def compile_rules(files: Mapping[str, str]) -> CompiledRules:
    """Compile a bundle of rules; `RulesFault` names file, line and what would be accepted."""
    found = bundle_hash(files)
    parsed = {path: yamltext.parse(path, files[path], RulesFault) for path in sorted(files)}
    for path, given in parsed.items():
        _shaped(path, files[path], given)
    silences = [_silence(path, files[path], given) for path, given in parsed.items() if "silence" in given]
    sides = {code: side for path, given in parsed.items() if "sides" in given
             for code, side in _sides(path, files[path], given).items()}  # fmt: skip
    rules = [
        _rule(path, files[path], given, found)
        for path, given in parsed.items()
        if "silence" not in given and "sides" not in given
    ]
    _once(rules, parsed)
    rules.sort(key=lambda rule: (-SEVERITIES.index(rule.severity), -max(map(WHEN.index, rule.when)), rule.id))
    known = {rule.id for rule in rules}
    named = [(path, name) for path, given in parsed.items() for name in _named(given)]
    for path, name in named:
        yamltext.known_at(f"{path}:{yamltext.line_of(files[path], name)}", name, known, RulesFault, "rule")
    ref = BundleRef(id="rules", version=found[:12], hash=found)
    return CompiledRules(ref, tuple(rules), tuple(silences), sides)


def _near(given: str, allowed: Sequence[str]) -> str:
    near = difflib.get_close_matches(given, allowed, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _named(given: Mapping[str, Any]) -> list[str]:
    """Ids of other rules that an entry speaks of."""
    return [*(given.get("inhibited_by") or {}), *_texts(given.get("rules") or ())]


SPAN = re.compile(r"(?P<n>\d{1,5})(?P<unit>[smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _span(path: str, text: str, key: str, given: Any) -> timedelta:
    """A length of time in Prometheus's way of writing: 90s, 30m, 12h, 7d, 2w."""
    found = SPAN.fullmatch(str(given))
    if found is None:
        line = yamltext.line_of(text, key)
        raise RulesFault(f"{path}:{line}: {key} takes a length of time such as 30m, 12h or 7d; not {given!r}")
    return timedelta(seconds=int(found["n"]) * _UNITS[found["unit"]])


_SHAPES: dict[str, tuple[type, str]] = {
    "match": (dict, "a mapping of fields to values"),
    "unless": (dict, "a mapping of fields to values"),
    "sides": (dict, "a mapping of sides to actor codes"),
    "group": (dict, "a mapping of by and for"),
    "inhibited_by": (dict, "a mapping of rules to lengths of time"),
    "tests": (list, "a list of tests"),
}


def _shaped(path: str, text: str, given: Mapping[str, Any]) -> None:
    """Every key holds what it takes: a text or texts, save where `_SHAPES` says otherwise."""
    for key, value in given.items():
        kind, wanted = _SHAPES.get(key, (str, "a text"))
        right = isinstance(value, kind) or value == ""
        if kind is str:
            right = isinstance(value, str)
            if key in ("when", "rules"):
                right, wanted = right or _is_texts(value), "a text or a list of texts"
        elif kind is dict and isinstance(value, dict):
            right = all(isinstance(v, str) or _is_texts(v) for v in value.values())
        elif kind is list and isinstance(value, list):
            right = all(
                isinstance(t, dict) and all(isinstance(v, str) or _is_texts(v) for v in t.values()) for t in value
            )
        if not right:
            raise RulesFault(f"{path}:{yamltext.line_of(text, str(key))}: {key} takes {wanted}")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _once(rules: Sequence[Rule], parsed: Mapping[str, Mapping[str, Any]]) -> None:
    """Two rules of one id could not be told apart by who reads their alerts."""
    for rule in rules:
        paths = [path for path, given in parsed.items() if given.get("id") == rule.id]
        if len(paths) > 1:
            raise RulesFault(f"{paths[-1]}:1: the rule {rule.id!r} stands in {paths[0]} too; an override has its name")


def _sides(path: str, text: str, given: Mapping[str, Any]) -> dict[str, str]:
    yamltext.known(path, text, dict(given), SIDES_KEYS, RulesFault)
    yamltext.known(path, text, given["sides"] or {}, SIDES, RulesFault)
    return {code: side for side, codes in (given["sides"] or {}).items() for code in _texts(codes)}


def _silence(path: str, text: str, given: Mapping[str, Any]) -> Silence:
    yamltext.known(path, text, dict(given), SILENCE_KEYS, RulesFault)
    for key in ("author", "until", "reason"):
        if not given.get(key):
            raise RulesFault(f"{path}:1: {key} is missing: a silence has an author, an end and a reason")
    try:
        until = datetime.fromisoformat(str(given["until"]))
    except ValueError:
        line = yamltext.line_of(text, "until")
        raise RulesFault(f"{path}:{line}: until takes a date or an RFC 3339 time; not {given['until']!r}") from None
    return Silence(
        id=str(given["silence"]), author=str(given["author"]), reason=str(given["reason"]),
        until=until if until.tzinfo else until.replace(tzinfo=UTC),
        match=asks(path, text, given.get("match"), RulesFault), rules=_texts(given.get("rules") or ()),
    )  # fmt: skip


def _grouping(path: str, text: str, given: Any) -> Grouping | None:
    if not given:
        return None
    yamltext.known(path, text, given, ("by", "for"), RulesFault)
    by = _texts(given.get("by") or ())
    for name in by:
        yamltext.known_at(f"{path}:{yamltext.line_of(text, 'group')}", name, FIELDS, RulesFault, "field in by")
    return Grouping(by, _span(path, text, "for", given.get("for")))


def _rule(path: str, text: str, given: dict[str, Any], bundle: str) -> Rule:
    yamltext.known(path, text, given, RULE_KEYS, RulesFault)
    for key in ("id", "version", "when", "severity"):
        if not given.get(key):
            raise RulesFault(f"{path}:1: {key} is missing")
    when = _texts(given["when"])
    for one in when:
        if one not in WHEN:
            raise RulesFault(
                f"{path}:{yamltext.line_of(text, 'when')}: when takes {', '.join(WHEN)}; not {one!r}{_near(one, WHEN)}"
            )
    if given["severity"] not in SEVERITIES:
        raise RulesFault(
            f"{path}:{yamltext.line_of(text, 'severity')}: severity takes {', '.join(SEVERITIES)}; "
            f"not {given['severity']!r}"
        )
    topic = given.get("topic") or None
    if topic in RESERVED:
        raise RulesFault(f"{path}:{yamltext.line_of(text, 'topic')}: alerts.{topic} is reserved")
    if topic and not TOPIC.fullmatch(str(topic)):
        line = yamltext.line_of(text, "topic")
        raise RulesFault(f"{path}:{line}: topic takes small letters, digits and hyphens; not {topic!r}")
    tests = given.get("tests") or []
    for test in tests:
        yamltext.known(path, text, test, (*TEST_KEYS, *FIELDS), RulesFault)
    return Rule(
        id=given["id"],
        about=given.get("about", ""),
        when=when,
        match=asks(path, text, given.get("match"), RulesFault),
        unless=asks(path, text, given.get("unless"), RulesFault),
        severity=given["severity"],
        topic=topic,
        tests=tuple(tests),
        ref=BundleRef(id=given["id"], version=given["version"], hash=bundle),
        throttle=_span(path, text, "throttle", given["throttle"]) if given.get("throttle") else None,
        inhibited_by={name: _span(path, text, name, span) for name, span in (given.get("inhibited_by") or {}).items()},
        group=_grouping(path, text, given.get("group")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def run_tests(files: Mapping[str, str]) -> Iterator[str]:
    """Failures of the tests that stand in the rules."""
    compiled = compile_rules(files)
    for rule in compiled.rules:
        if not rule.tests:
            yield f"{rule.id}: carries no test"
        for number, test in enumerate(rule.tests, 1):
            fields = {name: _texts(test[name]) for name in FIELDS if name in test}
            if "happened" not in test or test.get("fires") not in ("yes", "no"):
                yield f'{rule.id}: test {number}: needs happened, and fires: "yes" or "no"'
                continue
            fired = rule.fires(_texts(test["happened"]), fields, compiled.sides)
            if fired != (test["fires"] == "yes"):
                yield f"{rule.id}: test {number}: {'fired' if fired else 'did not fire'} on {dict(test)}"
