"""Which acts of a sentence did not happen: negated, denied, refused, threatened or yet to come."""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.logic.phrases import Hit
from streams.logic.tag.reading import Read, once, payload
from streams.logic.words import fold

AHEAD = 5
"""Words from a negation to the act that it takes back, in the same clause."""

GERMAN_AHEAD = 8
"""The same for German, where the participle comes last."""

BEHIND = 9
"""Words from a German finite verb to the `nicht` that closes its clause."""

_AFTER_VERB = frozenset(["nicht", "nie", "niemals"])
_ONLY = frozenset(
    ["only", "только", "лише", "тільки", "nur", "seulement", "solo", "solamente", "само", "tylko", "apenas", "so"]
)
_NOT_TAKEN_BACK = frozenset(["concern", "deny"])
_WORDS = re.compile(r"\w+")
_BREAK = re.compile(r"[,;:—–()]")


@once
def not_done(one: Read) -> frozenset[int]:
    """Places (in `one.acts`) of the acts that the sentence takes back."""
    clauses = _clauses(one)
    negations = [cue for cue in one.cues.get("negation", ()) if not (_not_only(one, cue) or only(one, cue))]
    unreal = one.cues.get("unreal", ())
    denials = [
        act
        for act in one.acts
        if payload(act).id == "deny" or (payload(act).id == "reject" and rejects_reports(one, act))
    ]
    found = set()
    reported = untrue(one)
    for place, act in enumerate(one.acts):
        if payload(act).id in _NOT_TAKEN_BACK:
            continue
        if reported and reported[0] < act.first < reported[1]:
            found.add(place)
            continue
        clause = clauses[act.first]
        if (
            any(_before(cue, act, _reach(one, cue)) and clauses[cue.first] == clause for cue in negations)
            or any(_inside(one, cue, act) for cue in negations)
            or any(_before(cue, act, AHEAD + 3) for cue in unreal)
            or any(_before(denial, act, AHEAD + 7) for denial in denials)
            or any(_closes(one, cue, act) and clauses[cue.first] == clause for cue in negations)
        ):
            found.add(place)
    return frozenset(found)


_REPORTS = re.compile(
    r"reports?|rumou?rs?|claims?|allegations?|accusations?|suggestions?|speculation|fears|charges"
    r"|сообщени\w*|слух\w*|утверждени\w*|обвинени\w*|предположени\w*|домысл\w*"
    r"|bericht\w*|\w*meldung\w*|vorwurf\w*|gerucht\w*|behauptung\w*|spekulation\w*|informationen"
    r"|informations|rumeurs?|accusations?|allégations?"
)
TOLD_OF = 3
"""Words between "dismissed" and the reports."""


def rejects_reports(one: Read, act: Hit) -> bool:
    """Whether what is refused is only what is said: "dismissed reports that it had left the treaty" denies them."""
    if (reported := untrue(one)) and act.first == reported[1]:
        return True
    words = [fold(word) for word in one.sentence.words]
    near = [*words[max(0, act.first - 2) : act.first], *words[act.first : act.last + TOLD_OF]]
    return any(_REPORTS.fullmatch(word) for word in near)


@once
def untrue(one: Read) -> tuple[int, int] | None:
    """Where a report is named and where it is said to be untrue: "a report that Russia withdrew was denied"."""
    words = one.sentence.folded
    if _A_REPORT.isdisjoint(words):
        return None
    begins = next(at for at, word in enumerate(words) if word in _A_REPORT)
    for at in range(begins + 1, len(words)):
        word, before = words[at], words[at - 1]
        if _DENIED.fullmatch(word):
            if not word.isascii() or before in _ARE or words[at - 2] in _ARE or not _GERMAN_VERBS.isdisjoint(words):
                return begins, at
        elif _UNTRUE.fullmatch(word) or (before == "nicht" and word == "zu"):
            return begins, at
    return None


_A_REPORT = frozenset((
    "report", "reports", "rumor", "rumors", "rumour", "rumours", "claim", "claims", "allegation", "allegations",
    "bericht", "berichte", "meldung", "meldungen", "medienberichte", "gerucht", "geruchte", "behauptung",
    "behauptungen",
    "сообщение", "сообщения", "информация", "слух", "слухи", "утверждение", "утверждения",
    "повідомлення", "інформація", "чутки", "твердження",
    "information", "informations", "rumeur", "rumeurs",
))  # fmt: skip
"""Nouns for what is said, as the subject of a sentence. As words are compared, like what follows."""
_DENIED = re.compile(
    r"denied|dismissed|rejected|refuted|dementiert|zuruckgewiesen|bestritten|dementie?s?"
    r"|опровергнут[аоы]?|опроверг(?:ла|ли)?|спростован[аоі]|спростува(?:в|ла|ли)"
)
_ARE = frozenset(["was", "were", "is", "are", "been", "be", "ete", "est", "sont"])
_GERMAN_VERBS = frozenset(["wird", "wurde", "wurden", "werden", "worden", "hat", "haben"])
_UNTRUE = re.compile(
    r"untrue|false|unfounded|baseless|incorrect|inaccurate|invented|falsch|unzutreffend|unwahr|haltlos|erfunden"
    r"|действительности|ложн\w+|неверн\w+|недостоверн\w+|дійсності|неправдив\w+|хибн\w+"
    r"|fausse?s?|faux|infondee?s?|inexacte?s?"
)


def _before(cue: Hit, act: Hit, words: int) -> bool:
    return 0 <= act.first - cue.last <= words


def _inside(one: Read, cue: Hit, act: Hit) -> bool:
    """ "sich nicht auf den Vertrag einigen": between the words of the act, and none of them."""
    if not (act.first < cue.first and cue.last < act.last):
        return False
    return fold(one.sentence.words[cue.first]) not in _WORDS.findall(payload(act).phrase)


def _reach(one: Read, cue: Hit) -> int:
    word = fold(one.sentence.words[cue.first])
    return GERMAN_AHEAD if word in _AFTER_VERB or word.startswith("kein") else AHEAD


def _closes(one: Read, cue: Hit, act: Hit) -> bool:
    """ "Russland kündigte den Vertrag nicht": the negation comes last in a German main clause."""
    return fold(one.sentence.words[cue.first]) in _AFTER_VERB and 0 <= cue.first - act.last <= BEHIND


def only(one: Read, cue: Hit) -> bool:
    """Whether a French negation only restricts: "n'appuiera le traité que si", which is no refusal."""
    words = one.sentence.folded
    if words[cue.first] not in _NE:
        return False
    for at in range(cue.last, min(cue.last + ONLY, len(words) - 1)):
        if words[at] in _PAS:
            return False
        if words[at] in _QUE and words[at + 1] in _IF_AND_WITH:
            return True
    return False


ONLY = 16
"""Words from "ne" to "que si"."""
_NE, _QUE = frozenset(["ne", "n"]), frozenset(["que", "qu"])
_PAS = frozenset(["pas", "plus", "jamais", "rien", "aucun", "aucune", "guere", "nullement", "point"])
_IF_AND_WITH = frozenset(["si", "a", "à", "en", "avec", "sous", "dans", "apres", "lorsque", "quand"])


def _not_only(one: Read, cue: Hit) -> bool:
    words: Sequence[str] = one.sentence.words
    return any(fold(word) in _ONLY for word in words[cue.last : cue.last + 3])


def _clauses(one: Read) -> list[int]:
    """For each word the number of its clause: clauses end at commas, dashes and the like."""
    numbers, clause, end = [], 0, 0
    text = one.text
    for start, last in one.sentence.places:
        clause += bool(_BREAK.search(text, end, start))
        numbers.append(clause)
        end = last
    return numbers
