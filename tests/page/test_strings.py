from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from connectors.page.strings import HERE, LOCALES, Words, negotiated
from connectors.page.views.coverage import STATES
from connectors.page.views.shown import PAGES
from streams.contracts.records import Act, AlertType, CommitmentState, Position, Severity, Status, Voice
from streams.logic import dossier

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


def test_several_do_together_what_one_does_alone() -> None:
    words = Words("en")

    assert [words.act("agree", who) for who in (["RU"], ["NATO", "RU"], [])] == ["agrees", "agree", "agrees"]


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
