"""What is agreed on short of a proposal itself: talks about it, some of its articles. Pure."""

from __future__ import annotations

import re

from streams.logic.phrases import Hit
from streams.logic.tag.particles import PROPOSAL_NOUNS
from streams.logic.tag.reading import Read, payload, word_at

SIGNED = ("sign", "подпис", "підпис", "unterzeich", "unterschr", "ratif", "ратиф")
"""How phrases of agreeing begin that put a name to a paper."""

_CLOSED = ("conclu", "negotiat", "abgeschlossen", "abzuschl", "schloss", "schlie", "заключ", "укла")
"""How phrases begin that say of talks that they are over, or what came of them."""

# As words are compared: without dots, of Latin letters without accents.
_TALKS = frozenset((
    "talks", "negotiations", "consultations", "переговоры", "переговоров", "переговорах", "консультации",
    "консультаций", "консультациях", "переговори", "переговорів", "переговорах", "консультації", "консультацій",
    "gesprache", "gesprachen", "verhandlungen", "beratungen", "konsultationen", "pourparlers", "negociations",
))  # fmt: skip
_AT = frozenset((
    "at", "in", "during", "after", "for", "following", "на", "в", "после", "під", "після", "bei", "nach", "den",
    "wahrend", "lors", "apres", "aux", "dans", "both", "these", "those",
))  # fmt: skip
"""Words before talks at which something is agreed."""
_BE = frozenset(["was", "were", "is", "are", "been", "be", "have", "has"])
_GERMAN_PARTICIPLE = re.compile(r"vereinbart|beschlossen|verabredet|abgemacht")
_PARTS = frozenset((
    "articles", "points", "paragraphs", "provisions", "clauses", "chapters", "parts", "wording", "preamble",
    "статьи", "статей", "статьям", "статьях", "пункты", "пунктов", "пунктам", "пунктах",
    "формулировки", "формулировках", "преамбулу", "преамбуле", "часть", "части",
    "статті", "статей", "статтями", "статтях", "пункти", "пунктів", "пунктах", "преамбулу", "частину",
    "artikel", "artikeln", "punkte", "punkten", "absatze", "absatzen", "teile", "teilen", "passagen", "praambel",
    "paragraphes", "dispositions", "passages", "preambule",
))  # fmt: skip
_ALL = frozenset(["all", "все", "всем", "всех", "alle", "allen", "tous", "toutes", "усі", "всі", "усіма"])
AHEAD, BACK = 7, 18
"""Words from "agreed" to what is agreed on, after it and before it."""


def agrees_on_talks(one: Read, act: Hit) -> bool:
    """Whether what is agreed is only to talk: "agreed on the opening of talks", "the start of talks was agreed"."""
    if _TALKS.isdisjoint(one.sentence.folded) or payload(act).phrase.startswith((*SIGNED, *_CLOSED)):
        return False
    named = _named(one)
    for at in range(act.last, act.last + AHEAD):
        if at in named or word_at(one, at) in _AT or word_at(one, at).startswith(PROPOSAL_NOUNS) or _comma(one, at):
            break  # "accepted NATO's offer of talks"
        if word_at(one, at) in _TALKS:
            return True
    done_to = (
        word_at(one, act.first - 1) in _BE
        or _GERMAN_PARTICIPLE.fullmatch(word_at(one, act.last - 1))
        or (one.sentence.field == "title" and word_at(one, 0) in _TALKS)
    )
    return bool(done_to) and any(
        word_at(one, at) in _TALKS and word_at(one, at - 1) not in _AT for at in _before(one, act)
    )


def agrees_on_a_part(one: Read, act: Hit) -> bool:
    """Whether only parts of a text are agreed: "agreed on two articles", "согласие по двум статьям"."""
    if _PARTS.isdisjoint(one.sentence.folded) or payload(act).phrase.startswith(SIGNED):
        return False
    named = _named(one)
    places: list[int] = []
    for at in range(act.first, act.last + AHEAD):
        if (at in named and at >= act.last) or (at >= act.last and _comma(one, at)):
            break
        places.append(at)
    return any(
        word_at(one, at) in _PARTS and not {word_at(one, at - 1), word_at(one, at - 2)} & _ALL
        for at in (*places, *_before(one, act))
    )


def _before(one: Read, act: Hit) -> list[int]:
    """The words of an act's clause before it, from where another act is joined to it by a comma."""
    found: list[int] = []
    for at in range(act.first - 1, max(-1, act.first - BACK - 1), -1):
        if _comma(one, at + 1) or word_at(one, at) == "and":
            break
        found.append(at)
    return found


def _named(one: Read) -> set[int]:
    """Where what names a proposal begins."""
    return {hit.first for places in (one.names, one.terms) for hits in places.values() for hit in hits}


def _comma(one: Read, at: int) -> bool:
    """Whether a comma stands before a word."""
    spans = one.sentence.places
    return 0 < at < len(spans) and "," in one.text[spans[at - 1][1] : spans[at][0]]
