from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from connectors.page.reasons import reason
from connectors.page.strings import HERE, LOCALES, Words, negotiated
from connectors.page.views.coverage import STATES
from connectors.page.views.shown import PAGES
from streams.contracts.records import Act, AlertType, CommitmentState, Position, Severity, Status, Voice
from streams.logic import dossier
from streams.logic.rules import WHEN

TEMPLATES = Path(HERE).parent / "templates"
NOON = datetime(2008, 9, 24, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("lang", LOCALES)
def test_every_language_says_everything_with_the_same_values(lang: str) -> None:
    english, other = Words("en"), Words(lang)

    assert other.keys() == english.keys()
    for key in sorted(english.keys()):
        section, _, name = key.partition(".")
        ours, theirs = english._texts[section][name], other._texts[section][name]
        assert _places(ours) == _places(theirs), key


def _places(text: object) -> set[str]:
    texts = text.values() if isinstance(text, dict) else [text]
    return {place for one in texts for place in re.findall(r"{(\w+)}", str(one))}


def test_what_templates_ask_for_is_there() -> None:
    asked = {
        key
        for path in TEMPLATES.glob("*.html")
        for key in re.findall(r"""\bt\(["']([\w-]+\.[\w-]+)["']""", path.read_text(encoding="utf-8"))
    }

    assert len(asked) > 100
    assert asked <= Words("en").keys()
    assert {f"page.{name}" for name, _ in PAGES} <= Words("en").keys()
    assert {f"sources.{name}" for name in STATES} <= Words("en").keys()


@pytest.mark.parametrize(
    ("section", "kind"),
    [("status", Status), ("act", Act), ("act_of_several", Act), ("type", AlertType), ("severity", Severity),
     ("voice", Voice), ("position", Position), ("commitment", CommitmentState)],
)  # fmt: skip
def test_every_code_of_the_contracts_has_a_name(section: str, kind: object) -> None:
    assert set(get_args(kind)) == {
        k.partition(".")[2] for k in sorted(Words("de").keys()) if k.startswith(section + ".")
    }


def test_everything_that_a_correction_may_change_has_a_name() -> None:
    rooms = Path(dossier.__file__).parent
    changed = {
        name for path in rooms.glob("*.py") for name in re.findall(r'Change\(field="(\w+)"', path.read_text("utf-8"))
    }

    assert {"article", "source", "contradicts"} <= changed
    for lang in LOCALES:
        assert {f"field.{name}" for name in changed} <= Words(lang).keys()


HELD = {
    "no rule fires: status_change, tabled": "keine Regel löst aus: neuer Stand, vorgelegt",
    "no rule fires: rumour moves no state": "keine Regel löst aus: ein Gerücht ändert keinen Stand",
    "late report: 2008-06 is before 2008-09-24":
        "späte Nachricht: sie betrifft Juni 2008, der Stand ist schon vom 24.09.2008",
    "late report: 2008 is long before 2008-09-24": "späte Nachricht: sie betrifft 2008, am 24.09.2008 lange her",
    "silenced by A. Analyst until 2008-09-24T12:05:00Z: drill: no news":
        "stummgeschaltet von A. Analyst bis 24.09.2008, 12:05: drill: no news",
    "inhibited: agreement has alerted 2008-09-24T12:05:00Z":
        "agreement hat am 24.09.2008, 12:05 gemeldet und hält dies zurück",
    "throttled: rejection has alerted 2008-09-24T12:05:00.5Z":
        "gedrosselt: rejection hat zuletzt am 24.09.2008, 12:05 gemeldet",
    "a copy of what was held back (throttled: rejection has alerted 2008-09-24T12:05:00Z)":
        "Kopie dessen, was zurückgehalten wurde (gedrosselt: rejection hat zuletzt am 24.09.2008, 12:05 gemeldet)",
    "a copy of what was held back (no rule)": "Kopie dessen, was zurückgehalten wurde (keine Regel löste aus)",
    "a copy of a report that was retracted": "Kopie eines Berichts, der zurückgezogen wurde",
    "retracted before its digest went out": "zurückgezogen, ehe seine Sammlung hinausging",
}  # fmt: skip
KINDS = {
    "no rule fires": "keine Regel löst aus", "late report": "späte Nachricht", "silenced": "stummgeschaltet",
    "inhibited": "eine andere Regel hat gemeldet", "throttled": "gedrosselt",
    "a copy of what was held back": "Kopie dessen, was zurückgehalten wurde",
}  # fmt: skip


@pytest.mark.parametrize(("said", "german"), [*HELD.items(), *KINDS.items()])
def test_a_reason_for_holding_back_is_said_in_the_reader_s_language(said: str, german: str) -> None:
    assert reason(said, Words("de")) == german


def test_a_reason_of_no_known_form_stands_as_it_is() -> None:
    assert reason("moon phase: waning", Words("de")) == "moon phase: waning"
    assert reason("throttled: r has alerted someday", Words("en")) == "throttled: r has alerted last at someday"


def test_every_reason_that_the_dossier_room_gives_has_its_words() -> None:
    rooms = Path(dossier.__file__).parent
    given = [one for path in sorted(rooms.glob("*.py")) for one in _reasons(ast.parse(path.read_text("utf-8")))]

    assert {one.partition(":")[0].partition(" by ")[0].partition(" (")[0] for one in given} == {
        *KINDS, "a copy of a report that was retracted", "retracted before its digest went out"
    }  # fmt: skip
    for one in given:
        assert reason(one, Words("de")) != one


def test_everything_that_can_happen_has_a_name() -> None:
    for lang in LOCALES:
        assert {f"happened.{one}" for one in WHEN} <= Words(lang).keys()


def _reasons(module: ast.Module) -> Iterator[str]:
    """What a module of the dossier room says of why it holds back: texts with what stands in them as `2008-09-24`."""
    for node in ast.walk(module):
        said = list[ast.expr]()
        if isinstance(node, ast.Call):
            said += [k.value for k in node.keywords if k.arg == "reason"]
            said += node.args if getattr(node.func, "attr", getattr(node.func, "id", "")) == "suppress" else []
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            named = [getattr(t, "id", "") for t in (node.targets if isinstance(node, ast.Assign) else [node.target])]
            said += [node.value] if {"why", "reason", "held_back"} & set(named) else []
        elif isinstance(node, ast.FunctionDef) and (node.name == "held_back" or "why" in node.name):
            said += [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
        for expression in said:
            yield from _texts(expression)


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "2008-09-24" for p in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") > 3:
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def test_several_do_together_what_one_does_alone() -> None:
    words = Words("en")

    assert [words.act("agree", who) for who in (["RU"], ["NATO", "RU"], [])] == ["agrees", "agree", "agrees"]


def test_languages_are_called_by_their_names() -> None:
    assert [Words("en").language(code) for code in ("uk", "und", "x-none")] == [
        "Ukrainian",
        "Unknown language",
        "x-none",
    ]
    assert Words("de").language("uk") == "Ukrainisch"


def test_numbers_dates_and_plurals_are_the_language_s_own() -> None:
    en, de = Words("en"), Words("de")

    assert (en.number(12345.6), de.number(12345.6)) == ("12,345.6", "12.345,6")
    assert (en.moment(NOON), de.moment(NOON)) == ("24 Sept 2008, 12:05", "24.09.2008, 12:05")
    assert (en.day("2008-09-24"), en.day("2008-09"), en.day("2008"), en.day("soon")) == (
        "24 Sept 2008", "Sept 2008", "2008", "soon",
    )  # fmt: skip
    assert (en("now.fresh", n=1), en("now.fresh", n=2000)) == ("1 new alert", "2,000 new alerts")
    assert (de("now.fresh", n=1), de("now.fresh", n=2000)) == ("1 neue Meldung", "2.000 neue Meldungen")
    assert (en.signed(-1.5), de.signed(0.25)) == ("−1.50", "+0,25")


@pytest.mark.parametrize(
    ("header", "lang"),
    [("", "en"), ("de", "de"), ("de-CH,en;q=0.5", "de"), ("en;q=0.4,de;q=0.9", "de"), ("fr,de;q=0", "en"),
     ("fr;q=1,de;q=0.2", "de"), (";;q=x,,", "en"), ("*", "en")],
)  # fmt: skip
def test_the_browser_s_languages_are_taken_by_their_weights(header: str, lang: str) -> None:
    assert negotiated(header) == lang
