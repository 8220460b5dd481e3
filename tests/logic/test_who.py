"""Who does what in the short pieces that agencies send: the subject and not the owner; what is promised."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.making import tagger

DAY = datetime(2008, 7, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "act", "actor", "status"),
    [
        ("Die NATO hat Russlands Vorschlag für einen europäischen Sicherheitsvertrag abgelehnt.",
         "reject", ["NATO"], "rejected"),
        ("Президент Франции Саркози приветствовал предложение России о заключении договора о европейской безопасности.",
         "welcome", ["FR"], "welcomed"),
        ("Russian President Dmitry Medvedev called for a new European Security Treaty with NATO.",
         "propose", ["RU"], "floated"),
        ("NATO Secretary-General Rasmussen saw no need for the European Security Treaty proposed by Russia.",
         "reject", ["NATO"], "rejected"),
    ],
    ids=["the owner is no subject", "about concluding is not concluded", "calling for it", "no need"],
)  # fmt: skip
def test_who_does_what(text: str, act: str, actor: list[str], status: str) -> None:
    (found,) = tagger().tag("", text, None, DAY).findings

    assert (found.act, found.actor, found.status) == (act, actor, status)


def test_who_will_do_it_has_promised_it_and_not_the_city_in_the_dateline() -> None:
    text = "BRUSSELS, July 16 - Russia's envoy to NATO, Dmitry Rogozin, will present details of the proposed European "
    text += "Security Treaty on September 24."
    (found,) = tagger().tag("", text, None, DAY).findings

    assert [(c.who, c.due) for c in found.commitments] == [(["RU"], "2008-09-24")]


def test_a_proposal_named_by_whose_it_is_carries_the_text_on() -> None:
    text = (
        "Russian President Dmitry Medvedev presented his European Security Treaty in Evian. French President Sarkozy "
        "welcomed the Russian proposal. Russia will submit a draft text by December 15, Medvedev said."
    )
    (found,) = tagger().tag("", text, None, datetime(2008, 10, 8, tzinfo=UTC)).findings

    assert ("welcome", ["FR"]) in [(e.act, e.actor) for e in found.events]
    assert [(c.who, c.due) for c in found.commitments] == [(["RU"], "2008-12-15")]


@pytest.mark.parametrize(
    "text",
    [
        "Russia published a draft European Security Treaty, demanding that NATO rule out further expansion.",
        "Россия опубликовала проект договора о европейской безопасности. Москва требует отказа НАТО от расширения.",
    ],
)
def test_what_is_only_asked_for_is_not_done(text: str) -> None:
    found = tagger().tag("", text, None, DAY).findings

    assert "reject" not in {e.act for one in found for e in one.events}


@pytest.mark.parametrize(
    ("text", "act", "actor"),
    [
        ("Medvedev proposed a European security treaty to NATO. He discussed the initiative with European leaders.",
         "discuss", ["RU"]),
        ("Медведев предложил НАТО договор о европейской безопасности. Он обсудил эту инициативу с коллегами.",
         "discuss", ["RU"]),
        ("NATO rejected Russia's European security treaty. He discussed the initiative with colleagues.",
         "discuss", []),
    ],
    ids=["he", "он", "nobody was named"],
)  # fmt: skip
def test_a_pronoun_stands_for_who_was_named_just_before(text: str, act: str, actor: list[str]) -> None:
    found = tagger().tag("", text, None, DAY).findings[0]

    assert (act, actor) in [(e.act, e.actor) for e in found.events]
