"""What somebody ought to do, by the words of another: "Ukraine should become neutral". Pure.

Who is the subject of "should" proposes nothing by it, and does not own what it speaks of. Whose wish it is says a
quotation, by who is quoted; where nobody is, it is the author's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.acts import MODAL
from streams.logic.tag.reading import Read, payload, word_at
from streams.logic.tag.standing import Standing, standing
from streams.logic.tag.who import Who, codes

EXPERT = "expert/think-tank"
"""The author or an expert as proposer: a candidate of every mention."""


def is_a_wish(one: Read, act: Hit) -> bool:
    """Whether an act of demanding is a modal verb: "must", "has to", "должна", "musi"."""
    if payload(act).id != "demand":
        return False
    return payload(act).phrase in HAS_TO or MODAL.fullmatch(word_at(one, act.first)) is not None


HAS_TO = frozenset(["have to", "has to"])


def only_wished(one: Read, act: Hit) -> bool:
    """Whether an act is what somebody ought to do, and has not done: "NATO should promise"."""
    return payload(act).id != "demand" and standing(one, act) is Standing.ASKED


def wished_of(one: Read, act: Hit) -> Who | None:
    """Who ought to do it: the subject that stands beside a modal verb, "Ukraine should", "sollte die Ukraine"."""
    if not is_a_wish(one, act):
        return None
    spans = one.sentence.places
    for who in one.actors:
        ahead = 0 <= act.first - who.last <= BESIDE
        behind = 0 <= who.first - act.last <= BESIDE and not _ENGLISH.fullmatch(word_at(one, act.first))
        if ahead or behind:
            first, last = (who.last, act.first) if ahead else (act.last, who.first)
            if not _PARTS.search(one.text[spans[first - 1][1] : spans[last][0]]):
                return who
    return None


BESIDE = 1
"""Words between a modal verb and its subject: "Ukraine also must", "sollte die Ukraine"."""
_ENGLISH = re.compile("must|should|has|have")
"""Before its subject it makes a question or a condition: "should Congress not ratify"."""
_PARTS = re.compile(r"[,;:.]")


def ought_to(one: Read) -> list[Who]:
    """All that ought to do something in a sentence."""
    return [who for act in one.acts for who in [wished_of(one, act)] if who]


def who_says_so(one: Read, doers: Sequence[Who], act: Hit) -> list[Who]:
    """Who demands by "must" is who says it: in "Ukraine must stay out of NATO, Putin said" it is Russia. Nobody that we
    know of, where an expert does."""
    said = [cue.first for cue in one.cues.get("speech", ())]
    must = roles.subject(one.sentence.words, [who for who in doers if who.last <= act.first], act.first, [], act.last)
    others = [who for who in doers if who not in must and not _is_spoken_of(one, who, act)]
    away = {who: min((abs(who.first - at) for at in said), default=SAID + 1) for who in others}
    near = sorted((who for who in others if away[who] <= SAID), key=lambda who: (not who.actor.person, away[who]))
    return near[:1] if near and (near[0].actor.person or not an_expert_says_so(one)) else []


def _is_spoken_of(one: Read, who: Who, act: Hit) -> bool:
    """Whether a wish has an actor in its own clause: "the West must give up enlarging NATO, she added"."""
    spans = one.sentence.places
    after = next((cue.first for cue in one.cues.get("speech", ()) if cue.first >= who.last), None)
    if who.actor.person or who.first < act.last or after is None:
        return False
    return "," in one.text[spans[who.last - 1][1] : spans[after][0]]


SAID = 5
"""Words between "said" and who did."""


def by_another(one: Read) -> bool:
    """Whether a wish is told in the clause of another, or denied: "policymakers wondered whether Russia should join",
    "it does not mean that Ukraine must"."""
    before = [*(who.last for who in one.actors), *(cue.last for cue in one.cues.get("negation", ()))]
    return any(
        word_at(one, at) in _THAT and min(before, default=at + 1) <= at
        for of in ought_to(one)
        for at in range(max(0, of.first - 2), of.first)
    )


_THAT = frozenset(
    [
        "that",
        "whether",
        "if",
        "dass",
        "ob",
        "что",
        "чтобы",
        "ли",
        "що",
        "чи",
        "que",
        "si",
        "że",
        "ze",
        "czy",
        "че",
        "дали",
    ]
)


def wished_by(one: Read, read: Sequence[Read]) -> list[str]:
    """Whose wish a sentence tells: the side of who is quoted, or an expert; nobody's where it quotes none, or says what
    ought not to be."""
    for act in one.acts:
        of = wished_of(one, act)
        if of is None or any(0 <= cue.first - act.last <= 1 for cue in one.cues.get("negation", ())):
            continue
        if _he_says_so(one):
            return codes(who for who in read[max(0, one.number - 1)].actors if who.actor.person)[:1]
        if speaker := [who for who in who_says_so(one, one.actors, act) if who.actor.code != of.actor.code]:
            return codes(speaker)
        if an_expert_says_so(one):
            return [EXPERT]
    return []


def _he_says_so(one: Read) -> bool:
    """Whether the words of a sentence are his whom the one before has named: "добавила она", "he said"."""
    return any(word_at(one, at) in PRONOUNS for cue in one.cues.get("speech", ()) for at in (cue.first - 1, cue.last))


PRONOUNS = frozenset(["he", "she", "он", "она", "він", "вона", "er", "él", "ella", "той", "ele", "ela"])
"""Words that stand for somebody named just before. French "il" and German "sie" stand for too much else."""


def an_expert_says_so(one: Read) -> bool:
    """Whether a sentence has its words from somebody who speaks for no state: "the analyst said", "считает эксперт"."""
    words = one.sentence.folded
    return any(
        _EXPERTS.fullmatch(word)
        for cue in one.cues.get("speech", ())
        for word in words[max(0, cue.first - SAID) : cue.last + SAID]
    )


_EXPERTS = re.compile(
    r"experts?|analysts?|professors?|historians?|scholars?|researchers?|scientists?|strategists?|think-?tank|academics?"
    r"|эксперт\w*|аналитик\w*|политолог\w*|профессор\w*|историк\w*|експерт\w*|аналітик\w*|політолог\w*|професор\w*|історик\w*"
    r"|experte\w*|expertin\w*|politikwissenschaftler\w*|politolog\w*|historiker\w*|analyst\w*|forscher\w*"
    r"|politologue\w*|analyste\w*|historien\w*|professeur\w*|chercheu\w*|expertos?|expertas?|analistas?|politologos?"
    r"|historiador\w*|profesor\w*|ekspert\w*|politolo\w+|analityk\w*|historyk\w*|експерти?|анализатор\w*"
)
"""As words are compared: without dots and accents."""
