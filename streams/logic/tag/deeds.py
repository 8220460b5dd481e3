"""What is done to a deed that only a noun names: proposed, weighed, demanded or put off, it has not happened.

"The conclusion of a treaty was suggested" concludes nothing; "the withdrawal was announced" withdraws.
"""

from __future__ import annotations

import re

from streams.logic.phrases import Hit
from streams.logic.tag.reading import Read, once, payload, word_at

SETTLING = frozenset(["agree", "ratify", "suspend", "withdraw", "reject", "revive", "support", "welcome"])
"""Acts that bring a state about, whose nouns may only be spoken of."""
UNDOING = frozenset(["suspend", "withdraw"])
"""Acts that end a proposal: who talks about one of them does not talk the proposal over."""

# As words are compared: without dots, of Latin letters without accents.
_NOUNS = frozenset((
    "conclusion", "signing", "signature", "withdrawal", "pullout", "exit", "suspension", "ratification", "acceptance",
    "adoption", "approval", "endorsement", "abandonment", "termination", "renunciation", "rejection", "revival",
    "resumption", "extension", "renewal", "freeze", "end", "support",
    "abschluss", "unterzeichnung", "ratifizierung", "aussetzung", "ruckzug", "rucknahme", "ausstieg", "austritt",
    "kundigung", "annahme", "ablehnung", "unterstutzung", "zustimmung", "wiederaufnahme", "wiederbelebung", "billigung",
    "verlangerung", "ende",
    "retrait", "reprise", "soutien", "rejet", "approbation", "gel", "abandon", "denonciation",
))  # fmt: skip
_SLAVIC = (
    "заключени", "подписани", "отзыв", "выход", "приостанов", "ратификаци", "отказ", "возобновлени", "приняти",
    "поддержк", "одобрени", "прекращени", "расторжени", "заморозк", "замораживани", "денонсаци", "продлени",
    "укладенн", "підписанн", "відкликанн", "вихід", "виходу", "призупиненн", "ратифікаці", "відмов", "відновленн",
    "ухваленн", "підтримк", "схваленн", "припиненн",
)  # fmt: skip
"""How Russian and Ukrainian nouns begin; their verbs go on otherwise (`_SLAVIC_VERB`)."""
_SLAVIC_VERB = re.compile(
    r"\w+(?:ил|ила|или|ить|ить|ал|ала|али|ать|ают|ает|ит|ят|ют|ився|илась|илося|илось|ався|ить|ив|ла|ло|ли|л|ись|лся|лась)"
)

_LEFT_OPEN = re.compile(
    # English participles, which stand after a form of "be"
    r"suggested|proposed|offered|considered|weighed|contemplated|mulled|studied|examined|explored|discussed|debated"
    r"|hoped|demanded|requested|urged|sought|expected|planned|foreseen|envisaged|promised|pledged|postponed|delayed|deferred"
    r"|excluded|denied|refused|rejected|declined|opposed|feared|threatened|recommended|advocated|conceivable|possible"
    r"|thinkable|imaginable|unlikely|likely|doubtful|uncertain|desirable|desired|wanted"
    # German participles and adjectives, which are not inflected where they end a clause
    r"|angeregt|vorgeschlagen|angeboten|erwogen|gepruft|diskutiert|erortert|gefordert|verlangt|erhofft|erwartet|geplant"
    r"|vorgesehen|zugesagt|versprochen|verschoben|vertagt|ausgeschlossen|dementiert|verweigert|abgelehnt|denkbar|moglich"
    r"|vorstellbar|wahrscheinlich|unwahrscheinlich|fraglich|ungewiss|angedroht|empfohlen|gewunscht"
    r"|предложен[аоы]?|предлож(?:ил|ила|или)|предлага(?:ет|ют)|рассматрива(?:ется|ются|ют|ли)"
    r"|обсужда(?:ется|ются|ют|лось|лся)"
    r"|обдумыва(?:ется|ют|ет)|изучается|потребова(?:л|ла|ли)|требу(?:ет|ют|ется)|ожида(?:ется|ют)|планируется|намечен[аоы]?"
    r"|обещан[аоы]?|отложен[аоы]?|перенесен[аоы]?|исключен[аоы]?|исключается|отвергнут[аоы]?|отклонен[аоы]?"
    r"|опровергнут[аоы]?|возможн[аоы]|возможен|вероятн[аоы]|вероятен|маловероятн[аоы]|зависит|рекомендован[аоы]?"
    r"|допуска(?:ется|ют)"
    r"|запропонова(?:но|ний|на)|запропонува(?:в|ла|ли)|пропону(?:є|ють)|розгляда(?:ється|ють|є)|обговорю(?:ється|ють)"
    r"|обмірковують|вимага(?:є|ють|в|ла)|очікується|планується|обіцяно|відкладено|відхилено|виключено|спростовано"
    r"|можлив[аеи]|можливий|ймовірн[аеи]|малоймовірн[аеи]"
    r"|suggeree?s?|proposee?s?|envisagee?s?|examinee?s?|discutee?s?|exigee?s?|reclamee?s?|esperee?s?|attendue?s?|prevue?s?"
    r"|promise?s?|reportee?s?|exclue?s?|dementie?s?|refusee?s?|rejetee?s?|envisageable|concevable|improbable|incertaine?"
)
"""What leaves a deed open when it is said of it."""
_LATIN_ADJECTIVE = re.compile(
    r"conceivable|possible|thinkable|imaginable|unlikely|likely|doubtful|uncertain|desirable|denkbar|moglich|vorstellbar"
    r"|\w*wahrscheinlich|fraglich|ungewiss|envisageable|concevable|improbable|incertaine?"
)
_BE = frozenset((
    "is", "are", "was", "were", "be", "been", "being", "remains", "seems",
    "ete", "est", "sont", "serait", "sera", "soit",
))  # fmt: skip
_AUXILIARY = frozenset(["ist", "sei", "war", "wird", "werde", "wurde", "ware", "bleibt", "scheint", "hat", "haben"])
"""German forms one of which stands between a noun and the participle that ends its clause."""
_PARTICIPLE = re.compile(r"\w{3,}ed|made|taken|signed|annoncee?s?|confirmee?s?|decidee?s?")
_DONE = re.compile(
    r"erfolgt|vollzogen|verkundet|bekanntgegeben|erklart|mitgeteilt|beschlossen|bestatigt|angekundigt"
    r"|объявлен[аоы]?|объяви(?:л|ла|ли)|состоял(?:ся|ась|ось)|подтвержден[аоы]?|подтверди(?:л|ла|ли)|завершен[аоы]?"
    r"|произош(?:ел|ла|ло)|оголошено|оголоси(?:в|ла|ли)|підтвердже\w+|відбу(?:вся|лася|лося)"
)
"""What says that a deed was done."""
_WEIGHING = re.compile(
    r"consider(?:s|ing|ed)?|weigh(?:s|ing|ed)?|mull(?:s|ing|ed)?|contemplat\w+|discuss(?:es|ing|ed)?|debat(?:e|es|ing|ed)"
    r"|propos(?:e|es|ing|ed)|suggest(?:s|ing|ed)?|offer(?:s|ing|ed)?|postpon(?:e|es|ing|ed)|delay(?:s|ing|ed)?"
    r"|oppos(?:e|es|ing|ed)|refus(?:e|es|ing|ed)|reject(?:s|ing|ed)?"
    r"|erwagt|erwagen|erwog\w*|diskutier\w+|vorschlagt|verschiebt|verschob"
    r"|обдумыва(?:ет|ют|л|ла|ли)|рассматрива(?:ет|ют|л|ла|ли)|обсуди(?:л|ла|ли)|обсужда(?:ет|ют|ла|ли)|предлож(?:ил|ила|или)"
    r"|предлага(?:ет|ют)|отложи(?:л|ла|ли)"
    r"|обмірков(?:ує|ують)|розгляда(?:є|ють)|обговор(?:ює|юють|или|ила|ив)|запропонува(?:в|ла|ли)|пропону(?:є|ють)"
    r"|envisagent|envisage|examine|examinent|discutent|reporte|reportent|propose|proposent"
)
"""Verbs before a deed after which it is only spoken of."""

AHEAD, BACK = 34, 4
"""Words from a deed to what is said of it, and from a verb to the deed that it is done to."""
_STOPS = re.compile(r"[;:!?]")


@once
def left_open(one: Read, act: Hit) -> bool:
    """Whether an act is a deed that only a noun names, and of which the sentence says nothing that would do it."""
    if payload(act).id not in SETTLING or (at := _noun(one, act)) is None:
        return False
    for before in range(act.first - 1, max(-1, act.first - BACK - 1), -1):
        if _parted(one, before, before + 1):
            break
        if _WEIGHING.fullmatch(word_at(one, before)) and word_at(one, before - 1) not in _BE:
            return True
    return _said_of(one, at)


def _noun(one: Read, act: Hit) -> int | None:
    """Where the noun for a deed stands among an act's words."""
    for at in range(act.first, act.last):
        word = word_at(one, at)
        if word in _NOUNS:
            # Of a word that may be a verb an article or an adjective tells: "a support"; German nouns have capitals.
            verb = word in ("end", "support", "freeze", "exit") and word_at(one, at - 1) not in _DETERMINERS
            return None if verb else at
        if word.startswith(_SLAVIC) and not _SLAVIC_VERB.fullmatch(word):
            return at
    return None


_DETERMINERS = frozenset(["the", "a", "an", "any", "no", "its", "their", "his", "s", "full", "formal", "russian"])


def _said_of(one: Read, noun: int) -> bool:
    """Whether the first thing that is said of a deed leaves it open."""
    auxiliary = False
    for at in range(noun + 1, min(noun + AHEAD, len(one.sentence.words))):
        if _parted(one, at - 1, at):
            break
        word = word_at(one, at)
        auxiliary = auxiliary or word in _AUXILIARY
        if (left := _leaves_open(one, at, word, auxiliary=auxiliary)) is not None:
            return left
    return False


def _leaves_open(one: Read, at: int, word: str, *, auxiliary: bool) -> bool | None:
    """Whether a word that may be said of a deed leaves it open, or says that it was done; None of any other."""
    if word in _MAY and word_at(one, at + 1) in _COME:
        return True
    passive = word.isascii() and _after_be(one, at)
    if _LEFT_OPEN.fullmatch(word):
        german = auxiliary and not word.endswith("ed")
        return True if not word.isascii() or passive or german or _LATIN_ADJECTIVE.fullmatch(word) else None
    done = (passive and _PARTICIPLE.fullmatch(word)) or ((auxiliary or not word.isascii()) and _DONE.fullmatch(word))
    return False if done else None


_MAY = frozenset(["cannot", "could", "may", "might"])
_COME = frozenset(["be", "take", "come", "follow"])


def _after_be(one: Read, at: int) -> bool:
    """Whether a participle stands after a form of "be": "was suggested", "is still being considered"."""
    before = word_at(one, at - 1)
    if before == "not" or before.endswith("ly") or before in ("also", "still", "now", "again"):
        before = word_at(one, at - 2)
    return before in _BE


def _parted(one: Read, at: int, after: int) -> bool:
    """Whether two words stand in different sentences of one: "the deal is done; the talks ..."."""
    spans = one.sentence.places
    return after < len(spans) and bool(_STOPS.search(one.text, spans[at][1], spans[after][0]))
