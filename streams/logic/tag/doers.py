"""Who does an act: its sentence's subject, agent or speaker, or whom the one before named, for a pronoun. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.datelines import dateline
from streams.logic.tag.papers import is_a_counter_offer
from streams.logic.tag.particles import ARTICLES, HANGS, PROPOSAL_NOUNS
from streams.logic.tag.reading import Read, by, payload
from streams.logic.tag.speakers import JUDGED, last_speaker
from streams.logic.tag.telling import TO_BE_HANDED_OVER
from streams.logic.tag.who import Who, codes, joined
from streams.logic.tag.wishes import PRONOUNS, is_a_wish, who_says_so
from streams.logic.words import fold

NOT = frozenset(["not", "не", "nicht", "non", "pas"])


def set_against(one: Read, who: Who) -> bool:
    """Whether an actor is named only to say that it is another: "NATO, not the OSCE, rejected"."""
    before = [fold(word) for word in one.sentence.words[max(0, who.first - 2) : who.first]]
    if before and before[-1] in ARTICLES:
        before.pop()
    return bool(before) and before[-1] in NOT


PLURAL = frozenset(["they", "они", "вони", "sie", "ils", "ellos"])


def meant_by_a_pronoun(one: Read, before: Read | None) -> list[str]:
    """Who "he" is, where a sentence about the proposal begins so: whoever the sentence before named first in person."""
    words = one.sentence.words
    if before is None or before.number != one.number - 1 or not words:
        return []
    start = dateline(before)
    if (
        fold(words[0]) in PLURAL
        and len(group := codes(roles.together(before.sentence.words, [w for w in before.actors if w.first >= start])))
        > 1
    ):
        return group
    if fold(words[0]) not in PRONOUNS:
        return []
    return codes([who for who in before.actors if who.actor.person][:1])


def who_does(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who does an act; who is asked to clarify does not do it: "NATO asked Russia to clarify the plan"."""
    words, at = one.sentence.words, act.first
    kind, phrase = payload(act).id, payload(act).phrase
    if is_a_wish(one, act) or (kind == "promise" and WILL_BE.match(phrase)):
        return _promised_at_the_end(one, doers, act) or who_says_so(one, doers, act)
    if who := _who_is_named_apart(one, doers, act):
        return who
    judged = payload(act).id == "reject" and JUDGED.match(payload(act).phrase)
    if (judged or (payload(act).id == "deny" and NOT_AIMED.match(payload(act).phrase))) and (
        said := who_says_so(one, doers, act)
    ):
        return said
    if payload(act).id == "clarify" and at and fold(words[at - 1]) == "to":
        asked = next((who for who in reversed(doers) if who.last <= at and at - who.last <= 4), None)
        rest = [who for who in doers if asked is None or who.last <= asked.first]
        while asked and rest and rest[-1].actor.code == asked.actor.code:  # "Russian envoy Dmitry Rogozin"
            asked = rest.pop()
        if rest:
            return roles.subject(words, rest, at, _agents(one, act), act.last)
    return roles.subject(words, doers, at, _agents(one, act), act.last)


def _who_is_named_apart(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who does an act that stands far from him: who promises it, or has handed over what a noun names."""
    kind = payload(act).id
    if kind == "promise":
        return whose_deed(one, doers, act) or who_says_last(one, doers, act)
    if kind == "concern":
        return _whom_it_troubles(one, doers, act)
    if kind == "counter" and is_a_counter_offer(act) and (agents := _handed_over_by(one, doers, act)):
        return agents
    return _promised_at_the_end(one, doers, act) if kind in TO_BE_HANDED_OVER else []


def _promised_at_the_end(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who promises an act after it is told: "werde der Nato übergeben, versprach Lawrow"."""
    for other in one.acts:
        if payload(other).id == "promise" and other.first >= act.last:
            return who_says_last(one, doers, other)
    return []


def whose_deed(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who will do what somebody else of theirs promises at the end: "NATO will send its reply by May, Frattini
    promised". Who is only to be given something does nothing."""
    for will in one.cues.get("future", ()):
        if will.first >= act.first:
            break
        after = fold(one.sentence.words[will.last]) if will.last < len(one.sentence.words) else ""
        between = one.text[one.sentence.places[will.last - 1][1] : one.sentence.places[act.first][0]]
        before = [who for who in doers if who.last <= will.first and not who.actor.person and not _on_what_is(one, who)]
        if "," in between and before and after not in RECEIVING:
            return roles.subject(one.sentence.words, before, will.first, [], will.last)
    return []


def _whom_it_troubles(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who is worried by what: "the draft worries Poland", "проект беспокоит Польшу"."""
    if not _TROUBLES.fullmatch(fold(one.sentence.words[act.first])):
        return []
    words = [fold(word) for word in one.sentence.words[act.last : act.last + TROUBLED]]
    near = [who for who in doers if 0 <= who.first - act.last <= TROUBLED]
    if not near or not HANGS.isdisjoint(words[: near[0].first - act.last]):
        return []  # "is worried by Russia's draft", "беспокоит в России"
    return joined(near[0], near)


TROUBLED = 2
"""Words from "worries" to whom."""
_TROUBLES = re.compile(
    r"worries|alarms|unsettles|(?:worri|alarm|unsettl)ed|беспокоит|тревожит|настораживает|обеспокоил\w?|встревожил\w?|насторожил\w?"
    r"|непокоїть|занепокоїл\w|турбує|тривожить|насторожує|стурбував|стурбувала|beunruhigt|alarmiert|inquiete|preoccupe|alarme|preocupa|inquieta"
    r"|niepokoi|zaniepokoił\w?"
)
"""Verbs whose object is who is worried; what is folded has no accents."""
WILL_BE = re.compile("будет|буде")
"""How phrases begin of what will be done, with nobody named who will: "проект будет передан НАТО"."""
RECEIVING = frozenset(["be", "get", "receive", "have", "получить", "erhalten", "bekommen", "recevoir"])
"""What somebody does who is given something."""


def _on_what_is(one: Read, who: Who) -> bool:
    """Whether an actor is whose paper another is on: "the answer to NATO's proposal", "ответ на предложение НАТО"."""
    return any(fold(word) in _ON for word in one.sentence.words[max(0, who.first - 2) : who.first])


_ON = frozenset(["to", "на", "auf", "a", "à", "aux", "au"])


def who_says_last(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who promises where the verb comes after what is promised, and he after it: "..., пообещал во вторник министр"."""
    spans = one.sentence.places
    begins = act.first - (act.first > 0 and fold(one.sentence.words[act.first - 1]) in ("a", "has", "hat"))
    named = any(who.last == begins for who in doers)  # "Russia's envoy, Dmitry Rogozin, promised"
    if not begins or named or "," not in one.text[spans[begins - 1][1] : spans[begins][0]]:
        return []
    after = [
        who
        for who in doers
        if 0 <= who.first - act.last <= AFTER_IT and "," not in one.text[spans[act.last - 1][1] : spans[who.first][0]]
    ]
    return after[:1]


AFTER_IT = 9
"""Words from "promised" to who did, with his office and the day between."""


def _handed_over_by(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who has handed over what a noun names first: "a counter-proposal to the draft was handed to Moscow by NATO"."""
    words = one.sentence.folded
    was = next((at for at in range(act.last, len(words)) if words[at] in _WAS), None)
    if was is None:
        return []
    by_whom = next((at for at in range(was + 1, len(words)) if words[at] in _BY), None)
    if by_whom is None or words[by_whom - 1].startswith(PROPOSAL_NOUNS):
        return []
    return [who for who in doers if by_whom < who.first <= by_whom + 4][:1]


_WAS = frozenset(["was", "were", "been", "is", "wurde", "ist", "wird", "worden", "ete", "было", "была"])
_BY = frozenset(["by", "von", "vom", "par"])

NOT_AIMED = re.compile(r"not |no such|не |нет |nicht |n est |ne ")
"""How phrases begin that deny what is said of a thing: who says "it is not aimed at NATO" denies it."""


def _agents(one: Read, act: Hit) -> list[int]:
    """Where the agent of a passive may be announced: not after "worried", nor by "von" after a finite verb."""
    words = one.sentence.words
    if payload(act).id == "concern":
        return []
    finite = "ge" not in fold(words[act.last - 1])
    # "Kyiv publishes draft of guarantees by Western states": an English verb of the third person has its subject.
    active = _THIRD_PERSON.fullmatch(fold(words[act.first])) is not None
    return [
        place
        for place in by(one)
        if place + 1 == len(words) or words[place + 1] != "écrit"
        if not (finite and fold(words[place]) == "von") and not (active and fold(words[place]) == "by")
    ]


_THIRD_PERSON = re.compile(r"\w+(?:[^s]s|sses)")


def group_before(read: Sequence[Read], number: int) -> list[str]:
    """Who "they" and "the presidents" are: whom the sentence before names first, together; else who spoke last."""
    for one in read[max(0, number - 1) : number]:
        start = dateline(one)
        if named := [who for who in one.actors if who.first >= start]:
            return codes(roles.together(one.sentence.words, named))
    return last_speaker(read, number)
