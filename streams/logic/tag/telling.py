"""What an act comes to by the words around it, and which of a sentence's acts is its news.

"Will present" is a promise, "would not support" a refusal, "ready to sign if" a condition; and what a finite verb
reports comes before what a noun names, asks for or looks back on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from streams.logic.phrases import Hit
from streams.logic.tag.agreed import agrees_on_a_part, agrees_on_talks
from streams.logic.tag.asked import is_infinitive
from streams.logic.tag.negation import only, rejects_reports
from streams.logic.tag.papers import is_a_counter_offer, is_a_reply
from streams.logic.tag.pending import GERMAN_POSSIBLE, intended, on_terms, only_possible, to_come
from streams.logic.tag.reading import Read, payload, word_at
from streams.logic.tag.standing import ADJECTIVE, FIELD, Standing, standing


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


def becomes(one: Read, act: Hit, taken_back: bool) -> str:
    """The act that `act` comes to; `taken_back` when the sentence says that it was not done."""
    kind = payload(act).id
    if taken_back:
        refuses = (kind in BACKING and _told_not_to(one, act) and word_at(one, act.first - 1) not in _A) or (
            kind in TO_BE_SIGNED and _will_not(one, act)
        )
        return "reject" if refuses else "deny"
    kind = next((comes for was, does, comes in _BY_ITS_OBJECT if was == kind and does(one, act)), kind)
    if kind == "discuss" and standing(one, act) is Standing.NAMED and _to_be_held(one, act):
        return "promise"
    return _yet_to_be_done(one, act, kind) if standing(one, act) is Standing.TOLD else kind


_A = frozenset(["a", "an", "the", "ein", "eine"])
"""Before a noun: "not an endorsement" says what it was not, "did not endorse" refuses."""


def _to_be_held(one: Read, act: Hit) -> bool:
    """Whether talks are yet to be held: "will host a meeting", "Greece to host talks", "проведут переговоры"."""
    if any(0 <= act.first - cue.last <= HELD for cue in one.cues.get("future", ())):
        return True
    before = word_at(one, act.first - 2)
    return one.sentence.field == "title" and before == "to" and any(who.last == act.first - 2 for who in one.actors)


HELD = 2
"""Words from "will" to the talks that will be held."""


def _yet_to_be_done(one: Read, act: Hit, kind: str) -> str:
    """What a told act comes to that lies ahead: a promise, or terms for it."""
    if kind in TO_BE_HANDED_OVER and (_ahead(one, act) or intended(one, act)):
        return "promise"
    if kind in TO_BE_PROMISED and _promised(one, act):
        return "promise"
    possible = kind in BACKING | TO_BE_DONE and only_possible(one, act)
    if not possible and not (kind in BACKING | TO_BE_DONE and (_ahead(one, act) or to_come(one, act))):
        return kind
    if on_terms(one):
        return "counter"
    return "promise" if (possible and kind not in BACKING) or kind in TO_BE_SIGNED else kind


def says_something(one: Read, act: Hit) -> bool:
    """Whether a German verb of promising is one of saying: "sagte zu Reportern", not "sagte zu, ..."."""
    if not payload(act).phrase.startswith("sagt"):
        return False
    rest = one.text[one.sentence.places[act.last - 1][1] :].lstrip()
    return bool(rest) and rest[0] not in _ENDS_A_CLAUSE


def gives_his_word(one: Read, act: Hit) -> bool:
    """Whether a verb promises, and is no noun for a guarantee or a duty: "promised", "пообещал", "verspricht"."""
    return (
        payload(act).id == "promise"
        and payload(act).phrase.startswith(_HIS_WORD)
        and not says_something(one, act)
        and standing(one, act) is Standing.TOLD
    )


def _promised(one: Read, act: Hit) -> bool:
    """Whether an infinitive tells what is promised: "pledged to submit a draft", "обещает передать"."""
    if not is_infinitive(one, act):
        return False
    if any(0 <= act.first - other.last <= PROMISED and gives_his_word(one, other) for other in one.acts):
        return True
    to_come = payload(act).id in TO_BE_HANDED_OVER | TO_BE_SIGNED
    return to_come and any(_MEANS_TO.fullmatch(word_at(one, at)) for at in range(act.first - PROMISED, act.first))


def means_to(one: Read) -> bool:
    """Whether a sentence tells what somebody has announced that he will do, or means to do."""
    return any(_MEANS_TO.fullmatch(word) for word in one.sentence.folded)


def announces(one: Read, act: Hit) -> bool:
    """Whether a German verb is parted from its "an": "kündigt einen Entwurf an" ends nothing, and promises one."""
    if not _KUENDIGT.fullmatch(word_at(one, act.first)):
        return False
    words, spans = one.sentence.words, one.sentence.places
    for at in range(act.last, len(words)):
        rest = one.text[spans[at][1] :].lstrip()
        if word_at(one, at) == "an" and (not rest or rest[0] in _ENDS_A_CLAUSE or word_at(one, at + 1) == "und"):
            return True
    return False


def done_to_it(one: Read) -> set[str]:
    """The acts of a sentence that are done to what was spoken of before: "NATO rejected it on Monday"."""
    return {
        payload(act).id
        for act in one.acts
        if word_at(one, act.last) in _IT or word_at(one, act.first - 1) in _IT_BEFORE
    } & DONE_TO_IT


DONE_TO_IT = frozenset(["reject", "welcome", "support", "suspend", "ratify", "withdraw"])
"""Acts that are done to a proposal, so that "it" after one may stand for it."""
_IT = frozenset(["it", "them", "его", "ее", "их", "його", "її", "їх", "ihn", "sie", "es", "diesen", "го", "je", "ją"])
_IT_BEFORE = frozenset(["его", "ее", "их", "його", "її", "їх", "го", "lo", "la", "l", "le", "les", "los", "las"])
"""What may stand before its verb: "Россия его отвергает", "Moscou le rejette"."""
BACKING = frozenset(["support", "welcome"])
"""Acts that amount to a refusal when they are refused."""
TO_BE_HANDED_OVER = frozenset(["table", "propose", "clarify", "counter", "discuss"])
"""Acts that are promised when somebody says that he will do them."""
TO_BE_SIGNED = frozenset(["agree", "ratify"])
"""Acts that are no news before their day: "will sign the treaty on April 8"."""
TO_BE_DONE = frozenset(["revive", "suspend", "withdraw", "reject"]) | TO_BE_SIGNED
"""Acts that somebody may only be ready to do, or does on terms."""
TO_BE_PROMISED = TO_BE_HANDED_OVER | TO_BE_SIGNED | {"revive", "suspend", "withdraw"}
"""Acts that somebody may give his word to do."""
PROMISED = 16
"""Words from "promised" to what is promised."""
_HIS_WORD = (
    "анонсир", "анонсу",
    "promis", "pledg", "vow", "commits", "committed", "undertook", "assured", "пообещ", "обеща", "заверил", "обязал",
    "пообіця", "обіця", "запевн", "versprech", "versprach", "versprich", "versproch", "zusag", "zugesagt", "sagt",
    "promett", "promet", "s engag", "compromet", "obieca", "zobowiąz",
)  # fmt: skip
"""How phrases begin that say that somebody gives his word."""
_MEANS_TO = re.compile(
    r"intends?|intended|expects?|hopes?|hoped|plans|planned|angekundigt|ankundigt\w*|kundigt\w*|beabsichtig\w+|намер\w+|собира\w+ся|планиру\w+|готовится|готовятся"
    r"|планує|планують|мають|має|наміром|намір|annonc\w+|compte|comptent|entend|entendent|anunci\w+|zamierza\w*"
)
"""As words are compared: who has announced what he will do, or means to, has not done it."""
GIVEN = 6
"""Words from "will" to the reply that will be given."""
TO_DO = 5
"""Words from "proposed" to what is proposed to be done."""
CALLED = 8
"""Words from "called for" to the treaty that is called for, with no other act between."""
_KUENDIGT = re.compile(r"kundig(?:t|te|ten|en)")
"""As words are compared: without dots."""
_ENDS_A_CLAUSE = ',.;:!?»“”"–-'
# As words are compared: without dots. What is "wurde" in the text is no cue.
_WERDEN = frozenset(["wird", "werden", "werde", "wurde", "wurden"])
_WILL = frozenset(["will", "wollen", "soll", "sollen"])
"""As auxiliaries "werden", but English has a "will" of its own, before its infinitive."""


def _inside(short: Hit, long: Hit) -> bool:
    return long.first <= short.first and short.last <= long.last and long.last - long.first > short.last - short.first


def _hands_over_a_reply(one: Read, act: Hit) -> bool:
    """Whether what is handed over answers another's paper: "handed Moscow its written reply to the draft"."""
    after = [word_at(one, at) for at in range(act.first, min(act.last + REPLY, len(one.sentence.words)))]
    papers = next(
        (n for n, word in enumerate(after) if word.startswith(("draft", "проект", "entwurf", "text"))), REPLY + 9
    )
    return any(word.startswith(REPLIES) for word in after[:papers])


REPLY = 7
"""Words from "handed over" to the reply."""
REPLIES = (
    "reply",
    "replies",
    "respon",
    "answer",
    "ответ",
    "відповід",
    "antwort",
    "reponse",
    "respuesta",
    "counter",
    "gegen",
    "встречн",
    "зустрічн",
)
"""How words begin for an answer to a paper."""


def _given_later(one: Read, act: Hit) -> bool:
    return any(0 <= act.first - cue.last <= GIVEN for cue in one.cues.get("future", ()))


def _proposes_to(one: Read, act: Hit, what: str) -> bool:
    """Whether what is proposed is to do another act: "proposed to return to the treaty", "предложил вернуться к"."""
    after = [other for other in one.acts if other.first >= act.last and payload(other).id != payload(act).id]
    return bool(after) and payload(after[0]).id == what and after[0].first - act.last <= TO_DO


def _will_not(one: Read, act: Hit) -> bool:
    """Whether somebody says that he will not: "would not sign", "не подпишет"; not "has not signed"."""
    for cue in one.cues.get("negation", ()):
        if not 0 <= act.first - cue.last <= WILLING:
            continue
        word = word_at(one, cue.first)
        if word in _NEVER or (word in ("can", "won", "wouldn") and word_at(one, cue.last - 1) == "t"):
            return True
        willing = (*one.cues.get("future", ()), *one.cues.get("possible", ()))
        if any(0 <= cue.first - will.last <= 1 or will.first == act.first for will in willing):
            return True
        if to_come(one, act) or word_at(one, cue.last) in _MAY:
            return True
        german = {word_at(one, will.first) for will in willing if 0 <= act.first - will.last <= FIELD}
        if german & (_WERDEN | _WILL | GERMAN_POSSIBLE) and word_at(one, act.last - 1).endswith("en"):
            return True
    return False


WILLING = 3
"""Words from "not" to what will not be done."""
_NEVER = frozenset(["cannot"])
_MAY = frozenset(
    ["be", "станет", "будет", "может", "могут", "готов", "готова", "готовы", "собирается", "намерен", "намерена"]
)


def _told_not_to(one: Read, act: Hit) -> bool:
    """ "Would not support", not "failed to win support"."""
    return any(0 <= act.first - cue.last <= 1 and not only(one, cue) for cue in one.cues.get("negation", ()))


def _ahead(one: Read, act: Hit) -> bool:
    near = {word_at(one, cue.first) for cue in one.cues.get("future", ()) if 0 <= act.first - cue.last <= FIELD}
    # A German infinitive ends its clause: "wird ... vorlegen".
    infinitive = word_at(one, act.last - 1).endswith(("en", "ln", "rn"))
    if near & _WERDEN:
        return infinitive
    if near & _WILL and infinitive:
        return True
    # A Russian or Ukrainian verb may say by its own form that it is yet to come: "представит".
    if any(0 <= act.first - cue.last <= 2 or cue.first == act.first for cue in one.cues.get("future", ())):
        return True
    # A headline's infinitive: "Russia to hand over its draft".
    return (
        one.sentence.field == "title"
        and word_at(one, act.first - 1) == "to"
        and any(who.last == act.first - 1 for who in one.actors)
    )


def _calls_for_it(one: Read, act: Hit) -> bool:
    """Whether an act of demanding asks for the proposal itself, and so proposes it: "called for a treaty"."""
    if not payload(act).phrase.startswith(
        ("call", "urg", "appeal", "призв", "призыв", "закли", "ruft", "rief", "appel")
    ):
        return False
    if any(
        0 <= who.first - act.last <= 1 and not ADJECTIVE.fullmatch(word_at(one, who.last - 1)) for who in one.actors
    ):
        return False  # "urged NATO to sign the treaty"
    named = [hit.first for places in (one.names, one.terms) for hits in places.values() for hit in hits]
    ahead = [first for first in named if 0 <= first - act.last <= CALLED]
    return bool(ahead) and not any(act.last <= other.first < min(ahead) for other in one.acts if other is not act)


def _revives_it(one: Read, act: Hit) -> bool:
    return _proposes_to(one, act, "revive")


def _replies_later(one: Read, act: Hit) -> bool:
    return is_a_reply(act) and _given_later(one, act)


def _offers_instead(one: Read, act: Hit) -> bool:
    """Whether what is put forward is a counter-offer: "выдвинула встречное предложение"."""
    # A German participle comes last: "hat einen Gegenentwurf vorgelegt".
    back = INSTEAD if word_at(one, act.last - 1).startswith(("vor", "unter")) else 1
    near = range(act.first - back, act.last + INSTEAD)
    return any(payload(o).id == "counter" and is_a_counter_offer(o) and o.first in near for o in one.acts)


INSTEAD = 4
"""Words from "put forward" to the counter-offer."""


def _agrees_to_prepare(one: Read, act: Hit) -> bool:
    """Whether what is agreed is only to work on it: "agreed to draft a new treaty", "договорились готовить договор"."""
    if payload(act).phrase.startswith(_SIGNED):
        return False
    words = one.sentence.words
    for at in range(act.last, min(act.last + PREPARED, len(words))):
        if "," in one.text[one.sentence.places[at - 1][1] : one.sentence.places[at][0]] and not _ZU.fullmatch(
            word_at(one, act.last - 1)
        ):
            return False
        english = word_at(one, at) in _ENGLISH_PREPARES
        if _PREPARES.fullmatch(word_at(one, at)) and (not english or word_at(one, at - 1) == "to"):
            return True
    return False


PREPARED = 12
"""Words from "agreed" to what is to be prepared; a German infinitive ends its clause."""
_SIGNED = ("sign", "подпис", "підпис", "unterzeich", "unterschr", "ratif", "ратиф")
_ZU = re.compile(r"vereinbar\w*|geeinigt|verständigt|verstandigt|beschlossen|uberein\w*|einig\w*")
_ENGLISH_PREPARES = frozenset(
    ["draft", "prepare", "negotiate", "start", "begin", "open", "launch", "work", "continue", "draw", "hold"]
)
_PREPARES = re.compile(
    r"draft|prepare|negotiate|start|begin|open|launch|work|continue|draw|hold"
    r"|готовить|подготовить|разработать|разрабатывать|начать|вести|продолжить|продолжать|выработать|работать|приступить"
    r"|готувати|підготувати|розробити|розробляти|почати|розпочати|вести|продовжити|продовжувати|виробити|працювати"
    r"|auszuarbeiten|vorzubereiten|auszuhandeln|aufzunehmen|beginnen|verhandeln|erarbeiten|fortzusetzen|entwerfen"
    r"|preparer|préparer|elaborer|élaborer|negocier|négocier|entamer|ouvrir|commencer|poursuivre|rediger|rédiger"
)
"""As words are compared: without dots and, mostly, accents."""

_BY_ITS_OBJECT: tuple[tuple[str, Callable[[Read, Hit], bool], str], ...] = (
    ("reject", rejects_reports, "deny"),
    ("withdraw", announces, "promise"),
    ("agree", _agrees_to_prepare, "discuss"),
    ("agree", agrees_on_talks, "discuss"),
    ("agree", agrees_on_a_part, "discuss"),
    ("demand", _calls_for_it, "propose"),
    ("propose", _revives_it, "revive"),
    ("counter", _replies_later, "promise"),
    ("table", _hands_over_a_reply, "counter"),
    ("table", _offers_instead, "counter"),
    ("propose", _offers_instead, "counter"),
)
"""What an act comes to by what it is done to."""
