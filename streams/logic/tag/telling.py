"""Which act is a sentence's news: what a finite verb reports, before what a noun names, asks for or looks back on.

"France backed the draft that Russia had proposed" reports that France backed it; that there is a draft, and that
Russia proposed it, is what the news is about. Also here: what an act becomes by the words around it ("will
present" is a promise, "would not support" a refusal), and what the line of place and date takes no part in.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import IntEnum

from streams.logic.knowledge import Proposal
from streams.logic.phrases import Hit
from streams.logic.tag.reading import Read, once, payload


class Standing(IntEnum):
    """How an act stands in its sentence, the likeliest news first."""

    TOLD = 0
    ASKED = 1
    """A modal: "must", "should"."""
    SUPPOSED = 2
    """In a condition: "if Ukraine gave up its plan"."""
    NAMED = 3
    """A noun for the thing itself, or an aside: "the draft", "talks", "in response to the proposal"."""
    LOOKED_BACK_ON = 4
    """A participle or a relative clause: "the proposed treaty", "the treaty that Russia had proposed"."""


def in_order(one: Read, taken_back: Collection[int]) -> list[int]:
    """Places of a sentence's acts, its news first, what was not done after what was.

    Acts that are words of a longer act are left out.
    """
    places = [
        place
        for place, act in enumerate(one.acts)
        if not any(other is not act and _inside(act, other) for other in one.acts)
    ]
    return sorted(places, key=lambda place: _rank(one, place, taken_back))


def _rank(one: Read, place: int, taken_back: Collection[int]) -> tuple[int, bool, int, bool, int]:
    act = one.acts[place]
    # "Resumed" is talk taken up again: of acts by the same word talking says the least.
    return standing(one, act), place in taken_back, act.first, payload(act).id == "discuss", place


@once
def standing(one: Read, act: Hit) -> Standing:
    """How an act stands in its sentence."""
    if _names(one, act) or _is_part_of_a_name(one, act) or _is_a_german_noun(one.sentence.words[act.last - 1]):
        return Standing.NAMED
    if (
        _comes_after(one, act)
        or _looked_back_on(one, act)
        or _in_a_relative_clause(one, act)
        or _signs_a_paper_on_another(one, act)
    ):
        return Standing.LOOKED_BACK_ON
    if _supposed(one, act):
        return Standing.SUPPOSED
    if any(0 <= act.first - cue.first <= OUGHT for cue in one.cues.get("ought", ())):
        return Standing.ASKED
    return Standing.TOLD


def _names(one: Read, act: Hit) -> bool:
    """Whether an act's word is a noun here, or an aside."""
    if payload(act).id == "counter" and (payload(act).phrase.split(" ")[0] in _ASIDE or _is_a_reply(act)):
        return True
    return any(cue.first == act.first for cue in one.cues.get("thing", ())) and not _conjugated(one, act)


def _is_part_of_a_name(one: Read, act: Hit) -> bool:
    """Whether an act's words are what the proposal is called: "the Istanbul agreements", "a moratorium on missiles".

    A moratorium on a treaty is none of its names: who announces one suspends it.
    """
    if payload(act).id not in CALLED_SO:
        return False
    called = one.names
    if payload(act).phrase.startswith(("moratori", "моратор")):
        if any(other.last <= act.first and payload(other).id in DONE_WITH_IT for other in one.acts):
            return True
        called = one.terms
    return any(hit.first <= act.first and act.last <= hit.last for hits in called.values() for hit in hits)


def is_a_term(one: Read, act: Hit, proposal: Proposal) -> bool:
    """Whether an act is what a plan asks for: "if Ukraine gave up its plan to join NATO", "отказ от вступления"."""
    if proposal.treaty or payload(act).id not in TERMS or standing(one, act) is Standing.TOLD:
        return False
    told = (*one.terms.get(proposal.id, ()), *one.hints.get(proposal.id, ()))
    return any(hit.first <= act.first and act.last <= hit.last for hit in told)


def becomes(one: Read, act: Hit, taken_back: bool) -> str:
    """The act that `act` comes to; `taken_back` when the sentence says that it was not done."""
    kind = payload(act).id
    if taken_back:
        return "reject" if kind in BACKING and _told_not_to(one, act) else "deny"
    if kind == "demand" and _calls_for_it(one, act):
        return "propose"
    if kind == "propose" and _proposes_to(one, act, "revive"):
        return "revive"
    if kind == "counter" and _is_a_reply(act) and _given_later(one, act):
        return "promise"
    if kind in TO_BE_HANDED_OVER and standing(one, act) is Standing.TOLD and _ahead(one, act):
        return "promise"
    return kind


def done_to_it(one: Read) -> set[str]:
    """The acts of a sentence that are done to what was spoken of before: "NATO rejected it on Monday"."""
    return {payload(act).id for act in one.acts if _word(one, act.last) in _IT} & DONE_TO_IT


def is_a_paper(word: str) -> bool:
    """Whether a folded word is an order or a law, which does what it is on: "a decree on the suspension"."""
    return bool(_PAPER.fullmatch(word))


def is_a_dateline(one: Read) -> bool:
    """Whether a sentence is nothing but a place and a date: "МОСКВА, 5 июня."."""
    place = _ALONE.fullmatch(one.text)
    return one.sentence.field == "text" and place is not None and place["place"].isupper()


def dateline(one: Read) -> int:
    """Words of the line of place and date that a report begins with: "BRUSSELS, Dec. 3 (Agency) - "; 0 without one.

    Who is named there does nothing: a report from Brussels is no report on the EU.
    """
    if one.sentence.field != "text" or one.sentence.start > FROM_THE_TOP:
        return 0
    line = _DATELINE.match(one.text)
    if line is None or line["place"].casefold() in _NO_PLACE:
        return 0
    return sum(end <= line.end() for _, end in one.sentence.places)


DONE_TO_IT = frozenset(["reject", "welcome", "support", "suspend", "ratify", "withdraw"])
"""Acts that are done to a proposal, so that "it" after one may stand for it."""

_IT = frozenset(["it", "them", "его", "ее", "их", "його", "її", "їх", "ihn", "sie", "es", "diesen", "го", "je", "ją"])

CALLED_SO = frozenset(["agree", "discuss", "suspend", "promise"])
"""Acts whose nouns stand in names of proposals."""

TERMS = frozenset(["reject", "withdraw", "suspend", "agree", "ratify", "deny"])
"""Acts that may be what a plan asks for rather than what happens to it."""

BACKING = frozenset(["support", "welcome"])
"""Acts that amount to a refusal when they are refused."""

DONE_WITH_IT = frozenset(
    ["propose", "table", "reject", "welcome", "support", "discuss", "counter", "withdraw", "revive"]
)
"""Acts after which a moratorium is what they are done to: "offers inspections for a moratorium"."""

TO_BE_HANDED_OVER = frozenset(["table", "propose", "clarify", "counter", "discuss"])
"""Acts that are promised when somebody says that he will do them."""

GIVEN = 6
"""Words from "will" to the reply that will be given."""

TO_DO = 5
"""Words from "proposed" to what is proposed to be done."""

FIELD = 16
"""Words between a German auxiliary and the infinitive that ends its clause."""

CLAUSE = 6
"""Words from "which" to the verb of its clause, or from an order to what is ordered."""

AFTER = 4
"""Words from "after" to the verb of its clause."""

OUGHT = 3
"""Words from "must" to what must be done."""

CALLED = 8
"""Words from "called for" to the treaty that is called for, with no other act between."""

FROM_THE_TOP = 400
"""Characters of a text within which its dateline stands: notices may come before it."""

_NO_PLACE = frozenset(["nato", "eu", "osce", "un", "us", "нато", "ес", "обсе"])
_DATELINE = re.compile(
    r"\s*(?P<place>[^\W\d_][^\W\d_.'-]*(?:[ -][A-ZА-ЯЁÄÖÜ][^\W\d_]*){0,2})"
    r"(?:, [^-–—()\n]{2,30}?)?(?: ?\([^()\n]{2,30}\))? (?:[-–—]{1,2}) "
)
_ALONE = re.compile(r"\s*(?P<place>[^\W\d_][^\d,]{1,40}),\s+(?:\d{1,2}\.?\s+[^\W\d_]+|[^\W\d_]+\.?\s+\d{1,2})\.?\s*")
_LONG_PARTICIPLE = re.compile(
    r"\w+(?:нн|вш|ющ|ущ|ащ|ящ|ем)(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми|ий|его|ему|им|ем|ее|ие|их|ими|яя|ей|юю)"
)
_GERMAN_PARTICIPLE = re.compile(r"\w*ge\w+(?:t|en)e[mnrs]?")
_ASIDE = frozenset(["in", "im", "unter", "en", "à", "a", "в", "при", "на", "w", "pod", "em", "na"])
_WHICH = re.compile(
    r"which|whom|котор\w+|як(?:ий|а|е|і|ого|ої|ому|им|их)|któr\w+|кой?то|която|което|които|lequel|laquelle|dont|qui"
)
_PAPER = re.compile(
    r"decrees?|orders?|laws?|bills?|указ\w*|закон\w*|распоряжени\w*|dekret\w*|gesetz\w*|erlass\w*"
    r"|décrets?|lois?|decretos?|ley|ustaw\w*"
)
_IF = frozenset(
    [
        "if",
        "unless",
        "until",
        "till",
        "пока",
        "поки",
        "dopóki",
        "если",
        "якщо",
        "wenn",
        "falls",
        "si",
        "ако",
        "jeśli",
        "jeżeli",
        "se",
    ]
)
_BE = frozenset(["was", "were", "is", "are", "been", "be", "being"])
_AFTER = frozenset(
    ["after", "before", "when", "once", "nachdem", "bevor", "sobald", "когда", "коли", "après", "lorsque"]
)
_HAD = frozenset(["had", "hatte", "hatten", "avait"])
_WERDEN = frozenset(["wird", "werden", "werde", "würde", "würden"])
_RELATIVE = frozenset(["that", "which", "who", "den", "der", "die", "das", "qui", "que"])
_VERB_OR_NOUN = frozenset(
    ["offer", "offers", "plan", "plans", "demand", "demands", "call", "calls", "draft", "drafts", "debate", "review"]
)
_BEFORE_A_VERB = frozenset(["to", "will", "would", "also", "not", "has", "have", "who"])
_ADJECTIVE = re.compile(r"\w+(?:an|sh|ese|ern|ch)")
_OF = frozenset(["s", "the", "a", "an", "its", "his", "her", "their", "new", "any", "this"])


def _inside(short: Hit, long: Hit) -> bool:
    return long.first <= short.first and short.last <= long.last and long.last - long.first > short.last - short.first


def _word(one: Read, at: int) -> str:
    words = one.sentence.folded
    return words[at] if 0 <= at < len(words) else ""


def _conjugated(one: Read, act: Hit) -> bool:
    """Whether a word that may be a noun is the verb here: "NATO demands", "will offer"."""
    if _word(one, act.first) not in _VERB_OR_NOUN:
        return False
    before = _word(one, act.first - 1)
    if before in _BEFORE_A_VERB:
        return True
    return any(who.last == act.first and not _ADJECTIVE.fullmatch(before) for who in one.actors)


def _looked_back_on(one: Read, act: Hit) -> bool:
    word, before = _word(one, act.last - 1), _word(one, act.first - 1)
    named = [hit for places in (one.names, one.terms) for hits in places.values() for hit in hits]
    if word.endswith("ed"):
        if before in _BE:
            return False
        if _word(one, act.last) in ("by", "in") and any(0 <= act.first - hit.last <= 1 for hit in named):
            return True  # "the treaty proposed by Russia"
        if any(hit.first == act.last for hit in named) and (before in _OF or _ADJECTIVE.fullmatch(before)):
            return True  # "the proposed treaty"
    if before in _HAD or _word(one, act.first - 2) in _HAD:
        return any(_word(one, at) in _RELATIVE for at in range(act.first - 6, act.first - 1))
    if _LONG_PARTICIPLE.fullmatch(word):
        return True
    return bool(_GERMAN_PARTICIPLE.fullmatch(word)) and one.sentence.words[act.last - 1][:1].islower()


def _in_a_relative_clause(one: Read, act: Hit) -> bool:
    """ "The treaty, which Moscow has suspended": told of the treaty in passing."""
    spans = one.sentence.places
    for at in range(act.first - 1, max(-1, act.first - CLAUSE - 1), -1):
        if "," in one.text[spans[at][1] : spans[at + 1][0]]:
            return False
        if _WHICH.fullmatch(_word(one, at)):
            return at > 0
    return False


def _signs_a_paper_on_another(one: Read, act: Hit) -> bool:
    """Whether what is signed is an order to do another act: "signed a decree suspending the treaty"."""
    if payload(act).id != "agree":
        return False
    papers = [at for at in range(act.last, act.last + 3) if is_a_paper(_word(one, at))]
    return bool(papers) and any(0 < other.first - papers[0] <= CLAUSE for other in one.acts if other is not act)


def _is_a_reply(act: Hit) -> bool:
    """Whether an act of countering is the noun for a paper: "a written reply"."""
    return (
        payload(act).phrase.split(" ")[-1].startswith(("repl", "respon", "ответ", "відповід", "réponse", "respuesta"))
    )


def _given_later(one: Read, act: Hit) -> bool:
    return any(0 <= act.first - cue.last <= GIVEN for cue in one.cues.get("future", ()))


def _proposes_to(one: Read, act: Hit, what: str) -> bool:
    """Whether what is proposed is to do another act: "proposed to return to the treaty", "предложил вернуться к"."""
    after = [other for other in one.acts if other.first >= act.last and payload(other).id != payload(act).id]
    return bool(after) and payload(after[0]).id == what and after[0].first - act.last <= TO_DO


def _comes_after(one: Read, act: Hit) -> bool:
    """Whether a clause of time holds an act: "for a year after it expires", "suspends the pact after Russia quit"."""
    spans = one.sentence.places
    for at in range(act.first - 1, max(-1, act.first - AFTER - 1), -1):
        if "," in one.text[spans[at][1] : spans[at + 1][0]]:
            return False
        if _word(one, at) in _AFTER:
            return at > 0
    return False


def _supposed(one: Read, act: Hit) -> bool:
    for at in range(act.first - 1, -1, -1):
        if _word(one, at) in _IF:
            spans = one.sentence.places
            if _word(one, at) == "se" and at and "," not in one.text[spans[at - 1][1] : spans[at][0]]:
                continue  # French and Spanish: oneself
            return "," not in one.text[spans[at][1] : spans[act.first][0]]
    return False


def _told_not_to(one: Read, act: Hit) -> bool:
    """ "Would not support", not "failed to win support"."""
    return any(0 <= act.first - cue.last <= 1 for cue in one.cues.get("negation", ()))


def _ahead(one: Read, act: Hit) -> bool:
    if any(
        _word(one, cue.first) in _WERDEN and 0 <= act.first - cue.last <= FIELD for cue in one.cues.get("future", ())
    ):
        return _word(one, act.last - 1).endswith("en")  # a German infinitive ends its clause: "wird ... vorlegen"
    # A Russian or Ukrainian verb may say by its own form that it is yet to come: "представит".
    if any(0 <= act.first - cue.last <= 2 or cue.first == act.first for cue in one.cues.get("future", ())):
        return True
    # A headline's infinitive: "Russia to hand over its draft".
    return (
        one.sentence.field == "title"
        and _word(one, act.first - 1) == "to"
        and any(who.last == act.first - 1 for who in one.actors)
    )


def _is_a_german_noun(word: str) -> bool:
    """Whether a word is a noun for an act by its ending and capital: "sich auf eine Verlängerung geeinigt"."""
    return word[:1].isupper() and word.endswith(("ung", "ungen"))


def _calls_for_it(one: Read, act: Hit) -> bool:
    """Whether an act of demanding asks for the proposal itself, and so proposes it: "called for a new treaty"."""
    if not payload(act).phrase.startswith(("call", "призв", "призыв", "закли", "ruft", "rief", "appel")):
        return False
    named = [hit.first for places in (one.names, one.terms) for hits in places.values() for hit in hits]
    ahead = [first for first in named if 0 <= first - act.last <= CALLED]
    return bool(ahead) and not any(act.last <= other.first < min(ahead) for other in one.acts if other is not act)
