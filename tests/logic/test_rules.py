"""Watch rules: what they can ask, and what is said of one that is wrong."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams import knowledge, rules
from streams.logic.dossier.sending import fields_of
from streams.logic.dossier.state import Head
from streams.logic.matching import FIELDS
from streams.logic.rules import WHEN, CompiledRules, RulesFault, compile_rules
from tests.logic.reports import mention

HEAD = "id: a\nversion: '1'\nwhen: tabled\nseverity: info\n"
SIDES = "sides: {russia: [RU], west: [NATO, US]}\n"


def rule(text: str) -> CompiledRules:
    return compile_rules({"x.yaml": HEAD + text, "sides.yaml": SIDES})


@pytest.mark.parametrize(
    ("asked", "fields", "fires"),
    [
        ("match: {actor: NATO}", {"actor": ["RU", "NATO"]}, True),
        ("match: {actor: [US, EU]}", {"actor": ["NATO"]}, False),
        ("match: {actor|side: west}", {"actor": ["US"]}, True),
        ("match: {actor|side: west}", {"actor": ["RU"]}, False),
        ("match: {actor|side: other}", {"actor": ["CN"]}, True),
        ("match: {title|contains: DRAFT}", {"title": ["Russia submits draft"]}, True),
        ("match: {url|startswith: 'https://a.example/'}", {"url": ["https://b.example/"]}, False),
        ("match: {source|endswith: .ru}", {"source": ["kremlin.ru"]}, True),
        ("match: {origins|gte: 3}", {"origins": ["3"]}, True),
        ("match: {score|lt: 0.5}", {"score": ["0.5"]}, False),
        ("match: {when|gt: 2008-06-01}", {"when": ["2008-06-05"]}, True),
        ("match: {when|gt: 2008-06-01}", {}, False),
        ("match: {actor: RU}\nunless: {voice: rumour}", {"actor": ["RU"], "voice": ["rumour"]}, False),
        ("match: {actor: RU}\nunless: {voice: rumour}", {"actor": ["RU"], "voice": ["fact"]}, True),
        ("unless: {voice: rumour, actor: US}", {"actor": ["RU"], "voice": ["rumour"]}, True),
    ],
)
def test_a_rule_asks_of_any_field_as_sigma_does(asked: str, fields: dict[str, list[str]], fires: bool) -> None:
    assert (rule(asked).first(["tabled"], fields) is not None) == fires


def test_every_field_that_rules_know_is_filled() -> None:
    filled = fields_of(Head("EST", None, "Treaty"), mention("a"), None)

    assert filled.keys() == FIELDS.keys()


def test_sides_are_those_of_the_knowledge_base() -> None:
    known = [yaml.safe_load(text) for path, text in knowledge.read().items() if path.startswith("actors/")]

    assert compile_rules(rules.read()).sides == {a["id"]: a["side"] for a in known if a["side"] != "other"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("match: {actr: RU}", r"x.yaml:5: unknown field 'actr'; did you mean 'actor'\?"),
        ("match:\n  status|gte: 3", r"x.yaml:6: unknown modifier of status 'gte'; known are contains"),
        ("match: {actor|side: wset}", r"x.yaml:5: actor\|side takes russia, west.*did you mean 'west'"),
        ("match: {status: rejectd}", r"x.yaml:5: status takes .* not 'rejectd'; did you mean 'rejected'"),
        ("match: {origins|gte: many}", r"x.yaml:5: origins\|gte takes a number; not 'many'"),
        ("match:\n  when|gt: soon", r"x.yaml:6: when.gt takes a date such as 2008-09-24"),
        ("match: [RU]", r"x.yaml:5: match takes a mapping of fields to values"),
        ("match: {actor: []}", r"x.yaml:5: actor names no value"),
        ("group: {by: [actr], for: 1h}", r"x.yaml:5: unknown field in by 'actr'; did you mean 'actor'"),
        ("group: {by: [actor], four: 1h}", r"x.yaml:5: unknown key 'four'; did you mean 'for'"),
        ("throttle: soon", r"x.yaml:5: throttle takes a length of time such as 30m"),
        ("inhibited_by: {b: 1d}", r"x.yaml:5: unknown rule 'b'"),
        ("topic: Break/ing", r"x.yaml:5: topic takes small letters"),
        ("topic: suppressed", r"x.yaml:5: alerts.suppressed is reserved"),
        ("tests: {fires: x}", r"x.yaml:5: tests takes a list of tests"),
        ("tests:\n  - {hapened: tabled}", r"x.yaml:6: unknown key 'hapened'; did you mean 'happened'"),
        ("severity: info", r"x.yaml:5: the key 'severity' stands twice"),
    ],
)
def test_a_fault_names_file_line_and_cure(text: str, says: str) -> None:
    with pytest.raises(RulesFault, match=says):
        rule(text)


def test_a_silence_has_an_author_an_end_and_a_reason() -> None:
    with pytest.raises(RulesFault, match=r"s.yaml:1: author is missing"):
        compile_rules({"x.yaml": HEAD, "s.yaml": "silence: s\nuntil: 2026-01-01\nreason: r\n"})
    with pytest.raises(RulesFault, match=r"s.yaml:3: until takes a date"):
        compile_rules({"x.yaml": HEAD, "s.yaml": "silence: s\nauthor: a\nuntil: soon\nreason: r\n"})


def test_two_files_may_not_name_one_rule() -> None:
    with pytest.raises(RulesFault, match=r"b.yaml:1: the rule 'a' stands in a.yaml too"):
        compile_rules({"a.yaml": HEAD, "b.yaml": HEAD})


def test_every_happening_is_spoken_of_by_a_packaged_rule() -> None:
    spoken = {one for rule in compile_rules(rules.read()).rules for one in rule.when}

    assert spoken == set(WHEN) - {"commitment_due"}, "a day that comes is no news; one that passes is"


ANYTHING = st.recursive(
    st.text(max_size=6) | st.sampled_from(["tabled", "1h", "RU", "actor", "info", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["id", "version", "about", "when", "match", "unless", "severity", "topic", "throttle", "inhibited_by", "group",
     "tests", "silence", "author", "until", "reason", "rules", "sides"]
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, ANYTHING))
def test_whatever_stands_in_a_rule_file_it_is_a_rule_or_a_named_fault(found: dict[str, object]) -> None:
    with contextlib.suppress(RulesFault):
        compile_rules({"x.yaml": yaml.safe_dump(found)})
