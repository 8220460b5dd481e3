"""A beginning of a word in one language must not catch common words of another: every text is read with all phrases."""

from __future__ import annotations

from functools import cache

import pytest

from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.knowledge import Knowledge
from streams.logic.tag.reading import Read, payload, read_rest
from streams.logic.tag.text import sentences


@cache
def known() -> Knowledge:
    return compile_knowledge(knowledge.read())


def one(text: str) -> Read:
    (sentence,) = sentences("text", text)
    found = Read(sentence, 0)
    read_rest(known(), [found], None)
    return found


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Violence in the north grew.", "suspend"),  # French viol*
        ("El acuerdo tiene un término.", "suspend"),  # terminó without its accent
        ("The resilience of the economy.", "suspend"),  # French résili*
        ("Two firms from Boston came.", "agree"),  # Spanish firm*
        ("Einige Länder liegen im Süden.", "agree"),  # German einig*
        ("It was an urgent matter.", "demand"),  # urg*
        ("Die Verlängerung war lang.", "demand"),  # verlang*, with and without its umlaut
        ("В настоящее время тихо.", "demand"),  # настоя*
        ("Das war noch nie so.", "deny"),  # French nie
        ("Tego nie ma.", "deny"),  # likewise, in every second Polish sentence
        ("A compromise was near.", "promise"),  # Spanish compromis*
        ("It was precise and explicit.", "clarify"),  # French précis*, Spanish explic*
        ("The decline of the city.", "reject"),  # declin*
        ("The opposition held a rally.", "reject"),  # oppos*
        ("Это исключительно важно.", "reject"),  # исключ*
        ("La salud es lo primero.", "welcome"),  # French salu*
        ("The retired general wrote.", "withdraw"),  # French retir*
    ],
)
def test_an_act_is_not_found_in_a_word_that_only_begins_like_one(text: str, act: str) -> None:
    assert act not in {payload(hit).id for hit in one(text).acts}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("La Russie viole le traité.", "suspend"),
        ("Rusia dio por terminado el tratado.", "suspend"),
        ("España firmó el tratado.", "agree"),
        ("Die Seiten haben sich geeinigt.", "agree"),
        ("NATO urged restraint.", "demand"),
        ("Moskau verlangte Garantien.", "demand"),
        ("Он настоял на своем.", "demand"),
        ("Le ministre a nié.", "deny"),
        ("España asumió el compromiso.", "promise"),
        ("Le ministre a précisé sa position.", "clarify"),
        ("Moscow declined to comment.", "reject"),
        ("НАТО исключила расширение.", "reject"),
        ("Paris salue le projet.", "welcome"),
        ("España se retiró del tratado.", "withdraw"),
    ],
)
def test_the_act_itself_is(text: str, act: str) -> None:
    assert act in {payload(hit).id for hit in one(text).acts}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("The United States and two member states.", "speech"),
        ("Международное сообщество молчит.", "speech"),
        ("Заявка на вступление в силе.", "speech"),
        ("El segundo día.", "speech"),
        ("The US and Russia.", "own"),
        ("Polska i Rosja.", "own"),
        ("The plan of the city.", "future"),
    ],
)
def test_a_cue_is_not_found_in_a_word_that_only_looks_like_one(text: str, cue: str) -> None:
    assert not one(text).cues.get(cue)
