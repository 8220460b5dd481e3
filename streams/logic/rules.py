"""Watch rules: when to alert, how severe, to which topic. Data with tests; see docs/rules.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from streams.contracts.ids import bundle_hash
from streams.contracts.records import BundleRef, Severity
from streams.logic import yamltext

WHEN = (
    "story",
    "status_change",
    "new_commitment",
    "first_seen",
    "tabled",
    "rejection",
    "agreement",
)
"""What can happen to a dossier, from the least to the most telling: see `dossier.happenings`."""

RESERVED = frozenset(["all", "suppressed", "feedback"])
FIELDS = (
    "proposal",
    "proposer",
    "addressee",
    "status",
    "act",
    "actor",
    "role",
    "voice",
    "time",
    "source",
    "lang",
)
SEVERITIES: tuple[str, ...] = get_args(Severity)


class RulesFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The rule author's to mend: `path:line: what`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One watch rule."""

    id: str
    about: str
    when: tuple[str, ...]
    match: Mapping[str, tuple[str, ...]]
    severity: Severity
    topic: str | None
    tests: tuple[Mapping[str, Any], ...]
    ref: BundleRef

    def fires(self, happened: Sequence[str], fields: Mapping[str, Sequence[str]]) -> bool:
        """Whether it fires on what happened, for a mention with these fields."""
        return any(one in self.when for one in happened) and all(
            set(wanted) & set(fields.get(name, ())) for name, wanted in self.match.items()
        )


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """All rules of a bundle in the order they are asked: the first that fires names the alert.

    Most severe first, then the most telling happening (`WHEN` from its end), then by id.
    """

    ref: BundleRef
    rules: tuple[Rule, ...]

    @property
    def topics(self) -> frozenset[str]:
        """Topics that rules send to, beside `alerts.all`."""
        return frozenset(f"alerts.{rule.topic}" for rule in self.rules if rule.topic)

    def first(self, happened: Sequence[str], fields: Mapping[str, Sequence[str]]) -> Rule | None:
        """The rule that fires, if one does."""
        return next((rule for rule in self.rules if rule.fires(happened, fields)), None)


def compile_rules(files: Mapping[str, str]) -> CompiledRules:
    """Compile a bundle of rules; `RulesFault` names file, line and what would be accepted."""
    found = bundle_hash(files)
    rules = [_rule(path, files[path], found) for path in sorted(files)]
    rules.sort(key=lambda rule: (-SEVERITIES.index(rule.severity), -max(map(WHEN.index, rule.when)), rule.id))
    return CompiledRules(BundleRef(id="rules", version=found[:12], hash=found), tuple(rules))


def _rule(path: str, text: str, bundle: str) -> Rule:
    given = yamltext.parse(path, text, RulesFault)
    allowed = ("id", "version", "about", "when", "match", "severity", "topic", "tests")
    yamltext.known(path, text, given, allowed, RulesFault)
    for key in ("id", "version", "when", "severity"):
        if not given.get(key):
            raise RulesFault(f"{path}:1: {key} is missing")
    match = given.get("match") or {}
    yamltext.known(path, text, match, FIELDS, RulesFault)
    when = _texts(given["when"])
    for one in when:
        if one not in WHEN:
            raise RulesFault(f"{path}:{yamltext.line_of(text, 'when')}: when takes {', '.join(WHEN)}; not {one!r}")
    if given["severity"] not in SEVERITIES:
        raise RulesFault(f"{path}:{yamltext.line_of(text, 'severity')}: severity takes {', '.join(SEVERITIES)}")
    topic = given.get("topic") or None
    if topic in RESERVED:
        raise RulesFault(f"{path}:{yamltext.line_of(text, 'topic')}: alerts.{topic} is reserved")
    tests = given.get("tests") or []
    for test in tests:
        yamltext.known(path, text, test, ("happened", "fires", *FIELDS), RulesFault)
    return Rule(
        id=given["id"],
        about=given.get("about", ""),
        when=when,
        match={key: _texts(value) for key, value in match.items()},
        severity=given["severity"],
        topic=topic,
        tests=tuple(tests),
        ref=BundleRef(id=given["id"], version=given["version"], hash=bundle),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def run_tests(files: Mapping[str, str]) -> Iterator[str]:
    """Failures of the tests that stand in the rules."""
    for rule in compile_rules(files).rules:
        if not rule.tests:
            yield f"{rule.id}: carries no test"
        for number, test in enumerate(rule.tests, 1):
            fields = {name: _texts(test[name]) for name in FIELDS if name in test}
            if "happened" not in test or test.get("fires") not in ("yes", "no"):
                yield f'{rule.id}: test {number}: needs happened, and fires: "yes" or "no"'
                continue
            fired = rule.fires(_texts(test["happened"]), fields)
            if fired != (test["fires"] == "yes"):
                yield f"{rule.id}: test {number}: {'fired' if fired else 'did not fire'} on {dict(test)}"
