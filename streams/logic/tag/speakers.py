"""Who "we" are: whom a sentence quotes, whom the answer of an interview is given by, else who spoke last. Pure.

An interview names who speaks by labels: "QUESTION:", "Foreign Minister Sergei Lavrov:", "Frage:", "A:". What stands
after one is said by him until the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from streams.logic.phrases import Hit
from streams.logic.tag.reading import LEAD, Read, once, payload
from streams.logic.tag.who import Who, codes
from streams.logic.tag.wishes import SAID
from streams.logic.words import fold


class Label(NamedTuple):
    """What names who speaks, at the beginning of a sentence."""

    who: Sequence[str] = ()
    named: bool = False
    """Whether it is a name, and not a word for who asks or answers."""
    asks: bool = False


FIRST_PERSON = frozenset(["we", "i", "мы", "я", "wir", "ich", "nous", "ми"])
OUR = re.compile(r"our|unser\w*|наш\w*|notre|nos|nuestr\w+|nasz\w*|noss\w+")
GERMAN_FIRST_PERSON = frozenset(["wir", "ich"])
_WE_DO = re.compile(
    r"hemos|propusimos|ofrecimos|proponemos|ofrecemos|exigimos|propusemos|propomos|oferecemos"
    r"|\w+(?:alismy|ilismy|elismy)|proponujemy|oferujemy|zadamy|предлагаем|требуем|пропонуемо|пропонуємо|вимагаемо"
    r"|вимагаємо|предложихме|предлагаме|искаме"
)
"""As words are compared: verbs that say by their form that we do it."""
CLAUSE = 14
"""Words from "wir" to the verb that ends its clause."""
CLAUSE_ENDS = re.compile(r"[,;:–—]")
SUBJECT = 5
"""Words from "we" to what we do."""
JUDGED = re.compile(
    r"unaccept|неприемлем|inakzept|unannehm|inaccept|inacept|non starter|superfluous|unnecessary|überfl|лишн|излишн"
    r"|not on the|not made in|not \.\.\d credible"
)
"""What is said of a thing, so that who says it does it: "the deployment is unacceptable, the ministry said"."""


def who_speaks(one: Read, act: Hit, read: Sequence[Read]) -> list[str]:
    """Who "we" are, where they do it: who answers in an interview, whom the sentence quotes, else who spoke last."""
    if JUDGED.match(payload(act).phrase) and not one.cues.get("speech") and not we_do(one, act):
        ours = any(word in FIRST_PERSON for word in one.sentence.folded[act.last + 1 :])
        return _last(one, read) if ours else []
    return (said_by(one, read) or _last(one, read)) if we_do(one, act) else []


def said_by(one: Read, read: Sequence[Read]) -> list[str]:
    """Whose words a sentence holds, where the text says so: in an interview, or with a quotation."""
    if not (one.cues.get("speech") and _QUOTES.search(one.text)) and (answering := who_answers(one, read)) is not None:
        return answering
    people = [who for who in one.actors if who.actor.person]
    return codes(who_is_quoted(one, [] if people else one.actors))


def _last(one: Read, read: Sequence[Read]) -> list[str]:
    people = [who for who in one.actors if who.actor.person]
    if quoted := who_is_quoted(one, people) or people[:1] or who_is_quoted(one, one.actors):
        return codes(quoted)
    before = label_before(one, read)
    return [] if before and before[1].asks and not _answered(one, before[0]) else last_speaker(read, one.number)


def we_do(one: Read, act: Hit) -> bool:
    """Whether an act is ours: "we proposed", "our initiative", "wir haben ... vorgeschlagen", "hemos propuesto"."""
    words = one.sentence.folded
    if _german_we(one, act) is not None or is_ours(one, act):
        return True
    if any(_WE_DO.fullmatch(word) for word in words[max(0, act.first - 1) : act.last]):
        return True
    own = next(
        (at for at in range(act.first - 1, max(-1, act.first - SUBJECT - 1), -1) if words[at] in FIRST_PERSON), None
    )
    return own is not None and not any(own < who.first < act.first for who in one.actors)


def is_ours(one: Read, act: Hit) -> bool:
    """Whether a noun for an act is ours: "this is our counteroffer"."""
    return any(OUR.fullmatch(word) for word in one.sentence.folded[max(0, act.first - 2) : act.first])


def who_is_quoted(one: Read, others: Sequence[Who]) -> list[Who]:
    """Whose words a sentence says that it holds: a person's beside "said", else those of one of the `others`."""
    said = [cue.first for cue in one.cues.get("speech", ())]
    near = [who for who in one.actors if who.actor.person and any(abs(who.first - at) <= SAID for at in said)]
    quoted = max(one.text.rfind(mark) for mark in '"”»“')
    after = [
        who
        for who in others
        if any(0 <= who.first - at <= SAID for at in said)
        or (-1 < quoted < one.sentence.places[who.first][0] and any(0 <= at - who.first <= SAID for at in said))
    ]
    return (near or after)[:1]


def _german_we(one: Read, act: Hit) -> int | None:
    """Where "wir" stands in whose clause an act comes last: "Wir können dem russischen Vertrag nicht zustimmen"."""
    words, spans = one.sentence.words, one.sentence.places
    for at in range(act.first - 1, max(-1, act.first - CLAUSE - 1), -1):
        if CLAUSE_ENDS.search(one.text, spans[at][1], spans[at + 1][0]):
            return None
        if fold(words[at]) in GERMAN_FIRST_PERSON:
            return at
    return None


@once
def label(one: Read) -> Label | None:
    """The label that a sentence begins with."""
    found = _LABEL.match(one.text)
    if found is None:
        return None
    who = found["who"]
    if _ANSWERS.fullmatch(who) or _ASKS.fullmatch(who):
        return Label(asks=_ASKS.fullmatch(who) is not None)
    inside = [w for w in one.actors if one.sentence.places[w.last - 1][1] <= found.end("who")]
    people = [w for w in inside if w.actor.person]
    speaks = people or (inside if _SPEAK_FOR.search(who) else [])
    return Label(who=codes(speaks[:1]), named=True) if speaks or who.isupper() else None


def who_answers(one: Read, read: Sequence[Read]) -> list[str] | None:
    """Who speaks in a sentence of an interview, by the last label before it; nobody where that is who asks, or not to
    be told; nothing where there is no label."""
    before = label_before(one, read)
    if before is None:
        return None
    other, its = before
    if its.named:
        return list(its.who)
    return [] if its.asks and not _answered(one, other) else _who_is_asked(read)


def label_before(one: Read, read: Sequence[Read]) -> tuple[Read, Label] | None:
    """The last label before a sentence of an interview, or its own."""
    for other in reversed(read[: one.number + 1]):
        if other.sentence.field == one.sentence.field and (its := label(other)):
            return (other, its) if other is one or is_an_interview(read) else None
    return None


def _answered(one: Read, asked: Read) -> bool:
    """Whether a sentence stands in another paragraph than who asks."""
    return "\n" in one.sentence.source[asked.sentence.start : one.sentence.start]


def is_an_interview(read: Sequence[Read]) -> bool:
    """Whether a text names by labels who speaks: by more than one."""
    return sum(label(one) is not None for one in read) > 1


def _who_is_asked(read: Sequence[Read]) -> list[str]:
    """Who gives an interview: whom its headline or its first sentences name in person."""
    for one in read:
        if one.sentence.field == "text" and one.number > LEAD:
            break
        if people := [who for who in one.actors if who.actor.person]:
            return codes(people[:1])
    return []


_LABEL = re.compile(
    r"(?:[-–—•*_]+\s*)?(?P<who>[^\W\d_](?:[^\n:?!\"“”«»„;]{0,90}[^\s:?!\"“”«»„;,])?)(?:\*\*|_)?:(?=\s|\*)"
)
"""What stands before a colon at the beginning of a sentence."""
_ASKS = re.compile(
    r"q|question|interviewer|moderator|reporter|journalist|correspondent|вопрос|корреспондент|журналист|ведущ(?:ий|ая)|frage"
    r"|question|journaliste|pregunta|periodista|entrevistador|питання|запитання|кореспондент|журналіст|pytanie|dziennikarz"
    r"|pergunta|jornalista|въпрос|журналист",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"a|answer|ответ|antwort|réponse|respuesta|відповідь|odpowiedź|resposta|отговор", re.IGNORECASE)


_SPEAK_FOR = re.compile(
    r"official|spokes|minist|president|envoy|ambassador|secretary|negotiator|diplomat|chief|министр|президент|посол|генсек"
    r"|представител|постпред|глава|міністр|представник|sprecher|botschafter|präsident|kanzler|ministre|porte-parole|ministro"
    r"|portavoz|rzeczni|prezydent",
    re.IGNORECASE,
)
"""Who speaks for a state, where a label does not name him."""
_QUOTES = re.compile(r"[\"“”„«»‟]")


def last_speaker(read: Sequence[Read], number: int) -> list[str]:
    """Whom a text named last in person before a sentence."""
    for one in reversed(read[:number]):
        people = [w for w in one.actors if w.actor.person]
        if people:
            return codes(people[:1])
    return []
