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
    ({NATO}, "en", "NATO and the United States gave Russia replies to its demands for security guarantees."),
    ({US}, "ru", "Делегации России и США обсудили в понедельник российские предложения по гарантиям безопасности."),
    ({NATO}, "ru", "Генсек НАТО Йенс Столтенберг в пятницу отклонил требования России о гарантиях безопасности."),
    ({NATO}, "ru", "США и НАТО передали России письменные ответы на её предложения по гарантиям безопасности."),
    ({NATO}, "de", "Die USA und die Nato haben auf Russlands Forderungen nach Sicherheitsgarantien geantwortet."),
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


TO_BOTH = [
    ({NATO}, "en", "Russia wants legally binding security guarantees from the United States and NATO."),
    ({NATO}, "de", "Moskau fordert von den USA und der Nato rechtlich verbindliche Sicherheitsgarantien."),
    ({NATO}, "fr", "Les États-Unis et l'OTAN ont répondu mercredi aux garanties de sécurité exigées par Moscou."),
    ({NATO}, "es", "Estados Unidos y la OTAN rechazaron las garantías de seguridad que exige Rusia."),
    ({NATO}, "uk", "США та НАТО передали Москві письмові відповіді на вимоги Росії щодо гарантій безпеки."),
    ({NATO}, "pl", "USA i NATO odrzuciły rosyjskie żądania gwarancji bezpieczeństwa."),
    ({NATO}, "en", "The United States and NATO rejected the guarantees in the drafts that Russia has published."),
    ({US, NATO}, "en", "Russia has put forward a draft treaty with the United States and a draft agreement with NATO."),
    ({US, NATO}, "en", "Moscow published two drafts, one for a treaty with the US and one for an agreement with NATO."),
    ({US, NATO}, "ru", "Москва опубликовала проект договора с США о гарантиях безопасности и соглашения с НАТО."),
    ({US, NATO}, "en", "Russia will hand the United States and NATO its draft agreements on guarantees on January 25."),
    ({US}, "en", "Ryabkov said that Russia's draft treaty with the United States was not a menu to choose from."),
]  # fmt: skip


@pytest.mark.parametrize(("meant", "lang", "text"), TO_BOTH)
def test_what_is_put_to_both_is_one_proposal_unless_the_drafts_are_told_apart(
    meant: set[str], lang: str, text: str
) -> None:
    assert {name for name in findings(text, lang) if name in (US, NATO)} == meant


def test_a_joint_answer_is_one_answer_of_both() -> None:
    found = findings(
        "The United States and NATO on Wednesday gave Russia their written replies to its demands for security "
        "guarantees.",
        "en",
    )

    assert {name: (f.act, set(f.actor), f.proposer) for name, f in found.items()} == {
        NATO: ("counter", {"US", "NATO"}, ["RU"])
    }


def test_of_two_drafts_told_apart_each_is_answered_by_whom_it_is_put_to() -> None:
    found = findings(
        "The United States and NATO on Wednesday rejected Russia's draft treaty with the United States and its draft "
        "agreement with NATO on security guarantees.",
        "en",
    )

    assert {name: (f.act, f.actor, f.proposer) for name, f in found.items()} == {
        US: ("reject", ["US"], ["RU"]),
        NATO: ("reject", ["NATO"], ["RU"]),
    }


def test_a_draft_is_not_theirs_to_whom_its_owner_will_answer() -> None:
    text = "Сергей Лавров пообещал, что Россия передаст США свой ответ по проекту договора о гарантиях безопасности."
    found = findings(text, "ru")[US]

    assert (found.act, found.actor, found.proposer) == ("promise", ["RU"], ["RU"])
    assert ["US"] not in [e.actor for e in found.events if e.act == "table"]
