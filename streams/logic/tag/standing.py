"""How an act stands in its sentence: told by a finite verb, asked for, supposed, named by a noun, or looked back on.

"France backed the draft that Russia had proposed" reports that France backed it; that there is a draft, and that
Russia proposed it, is what the news is about.
"""

from __future__ import annotations

import re
from enum import IntEnum

from streams.logic.knowledge import Proposal
from streams.logic.phrases import Hit
from streams.logic.tag.asked import DONE_TO_AN_OFFER, TERMS, asked_for
from streams.logic.tag.papers import is_a_counter_offer, is_a_paper, is_a_reply
from streams.logic.tag.reading import Read, once, payload, word_at


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


@once
def standing(one: Read, act: Hit) -> Standing:
    """How an act stands in its sentence."""
    if (
        _names(one, act)
        or _is_part_of_a_name(one, act)
        or _is_a_german_noun(one.sentence.words[act.last - 1])
        or asked_for(one, act)
    ):
        return Standing.NAMED
    if (
        _comes_after(one, act)
        or _after_its_end(one, act)
        or _looked_back_on(one, act)
        or _as_promised(one, act)
        or _in_a_relative_clause(one, act)
        or _signs_a_paper_on_another(one, act)
    ):
        return Standing.LOOKED_BACK_ON
    if _supposed(one, act) or _how(one, act):
        return Standing.SUPPOSED
    if any(0 <= act.first - cue.first <= OUGHT for cue in one.cues.get("ought", ())):
        return Standing.ASKED
    if payload(act).id != "demand" and word_at(one, act.last - 1).endswith("en"):
        # The German infinitive ends its clause: "die Nato solle den Entwurf ablehnen".
        for at in range(act.first - 1, max(-1, act.first - FIELD - 1), -1):
            if "," in one.text[one.sentence.places[at][1] : one.sentence.places[at + 1][0]]:
                break
            if _OUGHT.fullmatch(word_at(one, at)):
                return Standing.ASKED
    return Standing.TOLD


def _names(one: Read, act: Hit) -> bool:
    """Whether an act's word is a noun here, or an aside."""
    if payload(act).id == "counter":
        if payload(act).phrase.split(" ")[0] in _ASIDE or is_a_reply(act):
            return True
        # "Turned down the counter-offer": it is what something is done to.
        if is_a_counter_offer(act):
            return any(payload(other).id in DONE_TO_AN_OFFER for other in one.acts)
    if _is_a_russian_noun(one, act):
        return True
    if act.last - act.first > 1 and payload(act).phrase.split(" ")[-1].startswith(_VERBS):
        return False  # "Entwurf ... veröffentlicht"
    return any(cue.first == act.first for cue in one.cues.get("thing", ())) and not _conjugated(one, act)


_VERBS = (
    "veröff", "vorz", "vorgest", "überg", "überm", "überr", "übers", "präsent", "опубл", "обнарод", "размещ",
    "представл", "вруч", "передан", "направл", "made", "public", "published",
)  # fmt: skip
"""How phrases end that begin with the thing and go on with what is done to it."""


def _is_part_of_a_name(one: Read, act: Hit) -> bool:
    """Whether an act's words are what the proposal is called: "the Istanbul agreements", "a moratorium on missiles".

    A moratorium on a treaty is none of its names: who announces one suspends it.
    """
    if payload(act).id not in CALLED_SO:
        return False
    called = one.names
    if payload(act).phrase.startswith(("moratori", "moratoire", "моратор")):
        if any(other.last <= act.first and payload(other).id in DONE_WITH_IT for other in one.acts):
            return True
        if any(
            payload(other).id in DONE_WITH_IT
            and 0
            <= other.first - act.last
            <= (DONE_LAST if _LAST.fullmatch(word_at(one, other.last - 1)) else DONE_AFTER)
            for other in one.acts
        ):
            return True  # "das Moratorium abgelehnt"
        called = one.terms
    # "Медведев пообещал договор о безопасности": what begins with somebody's name holds what he does.
    people = {who.first for who in one.actors if who.actor.person}
    return any(
        hit.first <= act.first and act.last <= hit.last and hit.first not in people
        for hits in called.values()
        for hit in hits
    )


def is_a_term(one: Read, act: Hit, proposal: Proposal) -> bool:
    """Whether an act is what a plan asks for: "if Ukraine gave up its plan to join NATO", "отказ от вступления"."""
    if proposal.treaty or payload(act).id not in TERMS or standing(one, act) is Standing.TOLD:
        return False
    told = (*one.terms.get(proposal.id, ()), *one.hints.get(proposal.id, ()))
    return any(hit.first <= act.first and act.last <= hit.last for hit in told)


CALLED_SO = frozenset(["agree", "discuss", "suspend", "promise"])
"""Acts whose nouns stand in names of proposals."""
DONE_WITH_IT = frozenset(
    ["propose", "table", "reject", "welcome", "support", "discuss", "counter", "withdraw", "revive"]
)
"""Acts after which a moratorium is what they are done to: "offers inspections for a moratorium"."""
DONE_AFTER, DONE_LAST = 8, 24
"""Words from a moratorium to what is done to it, where the verb comes last; to a German participle."""
_LAST = re.compile(r"\w*ge\w+(?:t|en)")
FIELD = 16
"""Words between a German auxiliary and the infinitive that ends its clause."""
CLAUSE = 6
"""Words from "which" to the verb of its clause, or from an order to what is ordered."""
AFTER = 4
"""Words from "after" to the verb of its clause."""
OUGHT = 3
"""Words from "must" to what must be done."""
_LONG_PARTICIPLE = re.compile(
    r"\w+(?:нн|вш|ющ|ущ|ащ|ящ|ем)(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми|ий|его|ему|им|ем|ее|ие|их|ими|яя|ей|юю)"
)
_GERMAN_PARTICIPLE = re.compile(r"\w*ge\w+(?:t|en)e[mnrs]?")
_ASIDE = frozenset(["in", "im", "unter", "en", "à", "a", "в", "при", "на", "w", "pod", "em", "na"])
_WORDS_IN_IT = re.compile(
    r"letters?|statements?|speech|interview|notes?|articles?|message|письм\w+|заявлени\w+|послани\w+|речь|речи|интервью|стать\w+"
    r"|brief\w*|schreiben|rede|erklarung|lettres?|discours|déclaration"
)
_WHICH = re.compile(
    r"which|whom|who|кто|хто|котор\w+|як(?:ий|а|е|і|ого|ої|ому|им|их)|któr\w+|кой?то|която|което|които|lequel|laquelle|dont|qui"
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
        "solange",
        "sofern",
        "si",
        "ако",
        "jeśli",
        "jeżeli",
        "se",
    ]
)
_AS = frozenset(["as", "как", "як", "wie", "comme", "como"])
_ALSO = frozenset(["и", "і", "it", "had"])
_BE = frozenset(["was", "were", "is", "are", "been", "be", "being"])
_AFTER = frozenset(
    ["after", "before", "when", "once", "nachdem", "bevor", "sobald", "когда", "коли", "après", "lorsque"]
)
_THAT_TIME = frozenset(["that", "this", "one", "then"])
"""After "after": the clause that follows is not one of time, "after that NATO suspended the talks"."""
_HAD = frozenset(["had", "hatte", "hatten", "avait"])
_OUGHT = re.compile(r"solle|sollen|sollte|sollten|musse|mussen|muss|musste|mussten|durfe|durfen|darf")
"""As words are compared: without dots."""
_RELATIVE = frozenset(["that", "which", "who", "den", "der", "die", "das", "qui", "que"])
_VERB_OR_NOUN = frozenset(
    ["offer", "offers", "plan", "plans", "demand", "demands", "call", "calls", "draft", "drafts", "debate", "review"]
)
_GIVING = frozenset(["promise", "table", "propose"])
_BEFORE_A_VERB = frozenset(["to", "will", "would", "also", "not", "has", "have", "who"])
ADJECTIVE = re.compile(r"\w+(?:an|sh|ese|ern|ch)")
_OF = frozenset(
    [
        "s",
        "the",
        "a",
        "an",
        "its",
        "his",
        "her",
        "their",
        "new",
        "any",
        "this",
        "on",
        "of",
        "over",
        "about",
        "for",
        "to",
    ]
)


def _conjugated(one: Read, act: Hit) -> bool:
    """Whether a word that may be a noun is the verb here: "NATO demands", "will offer"."""
    if word_at(one, act.first) not in _VERB_OR_NOUN:
        return False
    before = word_at(one, act.first - 1)
    if before in _BEFORE_A_VERB:
        return True
    doer = next((who for who in one.actors if who.last == act.first), None)
    if doer is None or ADJECTIVE.fullmatch(before):
        return False
    # "Promises NATO draft of treaty", "hands NATO plan": it is given what the noun names.
    return not any(other.last == doer.first and payload(other).id in _GIVING for other in one.acts)


def _looked_back_on(one: Read, act: Hit) -> bool:
    word, before = word_at(one, act.last - 1), word_at(one, act.first - 1)
    named = [hit for places in (one.names, one.terms) for hits in places.values() for hit in hits]
    if word.endswith("ed"):
        if before in _BE:
            return False
        if word_at(one, act.last) in ("by", "in") and any(0 <= act.first - hit.last <= 1 for hit in named):
            return True  # "the treaty proposed by Russia"
        # "The proposed treaty", "talks on the revived Russian treaty".
        next_to = act.last + bool(ADJECTIVE.fullmatch(word_at(one, act.last)))
        if any(hit.first in (act.last, next_to) for hit in named) and (before in _OF or ADJECTIVE.fullmatch(before)):
            return True
    if before in _HAD or word_at(one, act.first - 2) in _HAD:
        return any(word_at(one, at) in _RELATIVE for at in range(act.first - 6, act.first - 1))
    if act.last - act.first == 1 and _LONG_PARTICIPLE.fullmatch(word):
        return True
    return bool(_GERMAN_PARTICIPLE.fullmatch(word)) and one.sentence.words[act.last - 1][:1].islower()


def _as_promised(one: Read, act: Hit) -> bool:
    """Whether a promise is only recalled: "as promised", "как и обещала"."""
    before = word_at(one, act.first - 1)
    return payload(act).id == "promise" and (before in _AS or (before in _ALSO and word_at(one, act.first - 2) in _AS))


def _that_relates(one: Read, at: int) -> bool:
    """Whether "that" begins a relative clause: "the shield that Washington wants", not "said that Washington wants"."""
    if word_at(one, at) != "that" or not at:
        return False
    return bool(_A_THING.fullmatch(word_at(one, at - 1)))


_A_THING = re.compile(
    r"treaty|treaties|pact|accord|agreement|deal|shield|system|plan|plans|proposal|proposals|offer|drafts?|document|text"
    r"|moratorium|initiative|council|missiles?|radar|ideas?|limits|rules|terms|guarantees|countries|states|allies|side"
)
"""What "that" may relate to: after other nouns it tells what they say, "notice that it would withdraw"."""


def _in_a_relative_clause(one: Read, act: Hit) -> bool:
    """ "The treaty, which Moscow has suspended": told of the treaty in passing."""
    spans = one.sentence.places
    for at in range(act.first - 1, max(-1, act.first - CLAUSE - 1), -1):
        if "," in one.text[spans[at][1] : spans[at + 1][0]]:
            return False
        if _WORDS_IN_IT.fullmatch(word_at(one, at - 2)) and word_at(one, at - 1) in _ASIDE:
            return False  # "letters in which he proposed": what they say is the news
        if _WHICH.fullmatch(word_at(one, at)) or _that_relates(one, at):
            return at > 0
    return False


def _signs_a_paper_on_another(one: Read, act: Hit) -> bool:
    """Whether what is signed is an order to do another act: "signed a decree suspending the treaty"."""
    if payload(act).id != "agree":
        return False
    papers = [at for at in range(act.last, act.last + 3) if is_a_paper(word_at(one, at))]
    return bool(papers) and any(0 < other.first - papers[0] <= CLAUSE for other in one.acts if other is not act)


def _comes_after(one: Read, act: Hit) -> bool:
    """Whether a clause of time holds an act: "for a year after it expires", "suspends the pact after Russia quit"."""
    spans = one.sentence.places
    for at in range(act.first - 1, max(-1, act.first - AFTER - 1), -1):
        if "," in one.text[spans[at][1] : spans[at + 1][0]]:
            return False
        if word_at(one, at) in _AFTER:
            return at > 0 and word_at(one, at + 1) not in _THAT_TIME
    return False


def _after_its_end(one: Read, act: Hit) -> bool:
    """Whether an act is a noun after "after": "после прекращения договора", "since the collapse of"."""
    words = [word_at(one, at) for at in range(max(0, act.first - 3), act.first)]
    if payload(act).id == "counter":
        return False  # "со встречным предложением": with it
    return bool(_SINCE & set(words)) and any(_A_NOUN.fullmatch(word_at(one, at)) for at in range(act.first, act.last))


_SINCE = frozenset(["after", "since", "following", "после", "с", "со", "nach", "seit", "après", "depuis"])
_A_NOUN = re.compile(
    r"\w+(?:ения|ание|ания|ению|ение|ления|ением)|выхода|отказа|срыва|разрыва|истечения|конца|подписания"
    r"|end|expiry|expiration|collapse|suspension|withdrawal|demise|exit|ratification|signature|rejection|refusal|failure"
    r"|ende|kundigung|auslaufen|aussetzung|ausstieg|austritt|ruckzug|scheitern|unterzeichnung|ratifizierung|ablehnung"
)
"""As words are compared: without dots."""


def _supposed(one: Read, act: Hit) -> bool:
    for at in range(act.first - 1, -1, -1):
        if word_at(one, at) in _IF or _as_long_as(one, at):
            spans = one.sentence.places
            if word_at(one, at) == "se" and at and "," not in one.text[spans[at - 1][1] : spans[at][0]]:
                continue  # French and Spanish: oneself
            return "," not in one.text[spans[at][1] : spans[act.first][0]]
    return False


def _how(one: Read, act: Hit) -> bool:
    """Whether talking is what a paper is about: "a charter on how the two consult in a crisis"."""
    if payload(act).id != "discuss":
        return False
    spans = one.sentence.places
    for at in range(act.first - 1, max(0, act.first - HOW - 1), -1):
        if word_at(one, at) in _HOW:
            return True
        if "," in one.text[spans[at - 1][1] : spans[at][0]]:
            return False
    return False


HOW = 10
"""Words from "how" to the verb of its clause."""
_HOW = frozenset(["how", "wie", "comment"])


def _as_long_as(one: Read, at: int) -> bool:
    return word_at(one, at) == "long" and word_at(one, at - 1) in ("as", "so") and word_at(one, at + 1) == "as"


def _is_a_russian_noun(one: Read, act: Hit) -> bool:
    """Whether a word is a Russian noun for an act: "вернуться к выполнению договора"."""
    return payload(act).id in _DONE and bool(_VERBAL_NOUN.fullmatch(word_at(one, act.last - 1)))


_DONE = frozenset(["ratify", "suspend", "agree", "revive", "support"])
_VERBAL_NOUN = re.compile(r"\w{3,}(?:ени|ани|яти)(?:е|я|ю|ем|и)")


def _is_a_german_noun(word: str) -> bool:
    """Whether a word is a noun for an act by its ending and capital: "sich auf eine Verlängerung geeinigt"."""
    return word[:1].isupper() and (word.endswith(("ung", "ungen")) or bool(_LEAVING.fullmatch(word)))


_LEAVING = re.compile(r"(?:Austritt|Ausstieg|Rückzug)e?s?")
