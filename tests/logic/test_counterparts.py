"""Of two drafts, one put to the United States and one to NATO, which a text means: who talks, answers or is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.logic.tag import Finding
from tests.making import tagger

DAY = datetime(2022, 1, 20, tzinfo=UTC)
US, NATO = "DEC21-US", "DEC21-NATO"
MEANT = [
    ({US}, "en", "Joe Biden and Vladimir Putin discussed Moscow's proposals on security guarantees on Thursday."),
    ({NATO}, "en", "Jens Stoltenberg on Friday rejected Russia's demand for security guarantees."),
    ({US}, "en", "The U.S. ambassador handed Russia a written answer to its proposals on security guarantees."),
    ({US, NATO}, "en", "NATO and the United States gave Russia replies to its demands for security guarantees."),
    ({US}, "ru", "Делегации России и США обсудили в понедельник российские предложения по гарантиям безопасности."),
    ({NATO}, "ru", "Генсек НАТО Йенс Столтенберг в пятницу отклонил требования России о гарантиях безопасности."),
    ({US, NATO}, "ru", "США и НАТО передали России письменные ответы на её предложения по гарантиям безопасности."),
    ({US, NATO}, "de", "Die USA und die Nato haben auf Russlands Forderungen nach Sicherheitsgarantien geantwortet."),
    ({US}, "de", "Joe Biden und Wladimir Putin sprachen über die russischen Forderungen nach Sicherheitsgarantien."),
    ({NATO}, "de", "Die Nato und Russland haben über die russischen Vorschläge für Sicherheitsgarantien beraten."),
    ({US}, "fr", "Les États-Unis et la Russie ont discuté lundi des garanties de sécurité exigées par Moscou."),
    ({US}, "uk", "Сполучені Штати передали Росії письмову відповідь на її вимоги щодо гарантій безпеки."),
    ({NATO}, "en", "Vladimir Putin demanded security guarantees from the United States and its allies."),
    ({NATO}, "ru", "Блинкен покинул Женеву; Путин потребовал юридических гарантий безопасности для России."),
]  # fmt: skip


def findings(text: str, lang: str) -> dict[str, Finding]:
    return {f.proposal: f for f in tagger().tag("", text, lang, DAY).findings}


@pytest.mark.parametrize(("meant", "lang", "text"), MEANT)
def test_a_draft_is_told_from_its_twin_by_who_talks_or_answers(meant: set[str], lang: str, text: str) -> None:
    assert set(findings(text, lang)) == meant


def test_of_two_answers_each_is_the_answer_of_whom_the_draft_is_put_to() -> None:
    found = findings(
        "The United States and NATO on Wednesday gave Russia their written replies to its demands for security "
        "guarantees.",
        "en",
    )

    assert {name: (f.act, f.actor, f.proposer) for name, f in found.items()} == {
        US: ("counter", ["US"], ["RU"]),
        NATO: ("counter", ["NATO"], ["RU"]),
    }


def test_a_draft_is_not_theirs_to_whom_its_owner_will_answer() -> None:
    text = "Сергей Лавров пообещал, что Россия передаст США свой ответ по проекту договора о гарантиях безопасности."
    found = findings(text, "ru")[US]

    assert (found.act, found.actor, found.proposer) == ("promise", ["RU"], ["RU"])
    assert ["US"] not in [e.actor for e in found.events if e.act == "table"]
