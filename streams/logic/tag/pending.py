"""What has not come about yet: what somebody is ready to do, may do or does on terms; a reply that is waited for."""

from __future__ import annotations

import re

from streams.logic.phrases import Hit
from streams.logic.tag.reading import Read
from streams.logic.words import fold

NEXT = 1
"""Words from "ready to" to what somebody is ready to do."""

FIELD = 12
"""The same in German, whose infinitive ends the clause."""

# As words are compared: without dots.
GERMAN_POSSIBLE = frozenset(["bereit", "konnte", "konnten", "kann", "konnen", "erwagt", "erwagen", "gewillt"])
_GERMAN_INFINITIVE = re.compile(r"\w+(?:en|ln|rn)")

_PERFECTIVE = re.compile(
    r"(?:возобнов|приостанов|восстанов|ратифициру|верн|выйд|поддерж|отклон|одобр|отзов)(?:ит|ят|ет|ут|[её]тся|утся)"
)
"""Russian verbs that say by their own form that what they tell is yet to come."""

_TERMS = re.compile(
    r"\b(?:if|unless|provided (?:that|it|they)|on (?:the )?condition|only (?:when|after|once)|(?<!at )once|as soon as"
    r"|если|при условии|как только|только после|только когда|в случае,? если"
    r"|якщо|за умови|щойно|як тільки|лише після"
    r"|wenn|falls|sofern|sobald|vorausgesetzt|unter der bedingung|erst nach"
    r"|s['’]ils?|si (?:la|le|les|l['’]|washington|moscou|kiev)|à condition|dès que|pourvu que"
    r"|si|siempre que|a condición|ako|ако|при условие|jeśli|jeżeli|pod warunkiem|desde que|caso)\b",
    re.IGNORECASE,
)

_WAITED_FOR = re.compile(
    r"\b(?:postpon\w+|put(?:s|ting)? off|delay\w*|defer\w*|push(?:es|ed)? back|verschob\w*|verschieb\w*|vertag\w*"
    r"|перен[её]с\w*"
    r"|отлож\w+|откладыва\w+|відкла\w+|reporte\w*|repouss\w+"
    r"|wait(?:s|ed|ing)? (?:\w+ ){0,2}?for|await(?:s|ed|ing)?|expect(?:s|ed|ing)?"
    r"|(?:not|never|yet to) (?:\w+ )?receiv\w+"
    r"|no (?:written |official |formal )?(?:answer|reply|response)|yet to (?:answer|reply|respond)"
    r"|without (?:an? )?(?:answer|reply|response)"
    r"|жд[её]т|жд[её]м|ждут|ждал\w*|дождал\w*|ожида\w+|не (?:\w+ )?получ\w+"
    r"|ответ\w* (?:[^.;]{0,120} )?(?:нет|не поступ\w+|не последовал\w*|не было)"
    r"|нет (?:\w+ ){0,2}ответ\w*|без ответа"
    r"|чека\w+|очіку\w+|не отрим\w+|немає (?:\w+ )?відповід\w+"
    r"|warte(?:t|n|te|ten)|abwarten|erwarte(?:t|n|te|ten)|keine (?:\w+ )?antwort"
    r"|steht (?:noch )?aus|stehe (?:noch )?aus|ausstehend\w*|unbeantwortet"
    r"|attend(?:s|ent|ait)?|pas (?:encore )?reçu|sans réponse|espera\w*|no ha recibido|sin respuesta)\b",
    re.IGNORECASE,
)


def only_possible(one: Read, act: Hit) -> bool:
    """Whether somebody may do this or is ready to, and has not: "is ready to resume", "could withdraw"."""
    for cue in one.cues.get("possible", ()):
        apart = act.first - cue.last
        if fold(one.sentence.words[cue.first]) in GERMAN_POSSIBLE:
            if 0 <= apart <= FIELD and _GERMAN_INFINITIVE.fullmatch(fold(one.sentence.words[act.last - 1])):
                return True
        elif 0 <= apart <= NEXT:
            return True
    return False


def to_come(one: Read, act: Hit) -> bool:
    """Whether a Russian verb tells by its form what is yet to come: "возобновит"."""
    return bool(_PERFECTIVE.fullmatch(fold(one.sentence.words[act.first])))


def intended(one: Read, act: Hit) -> bool:
    """Whether an infinitive tells what somebody announced or means to do: "hat angekündigt, den Entwurf zu übergeben",
    "intends to publish", "пообіцяла передати"."""
    words = [fold(word) for word in one.sentence.words[: act.last]]
    verb, before = words[-1], words[act.first - 1] if act.first else ""
    with_zu = before == "zu" or words[act.last - 2 : act.last - 1] == ["zu"] or _WITH_ZU.fullmatch(verb)
    if with_zu and verb.endswith(("en", "ln", "rn")):
        return any(_ANNOUNCED.fullmatch(word) for word in words[max(0, act.first - GERMAN_CLAUSE) : act.first])
    if before == "to" or _SLAVIC_INFINITIVE.fullmatch(words[act.first]):
        return any(_MEANS.fullmatch(word) for word in words[max(0, act.first - MEANT) : act.first])
    return False


GERMAN_CLAUSE = 16
"""Words from an announcement to the infinitive that ends its clause."""
MEANT = 4
"""Words from "intends" to what is intended."""
# As words are compared: without dots.
_WITH_ZU = re.compile(r"(?:vor|ab|an|aus|auf|ein|zuruck|uber|unter|be)zu\w+en")
_ANNOUNCED = re.compile(
    r"angekundigt|kundig(?:t|te|ten|en)|beabsichtig\w+|plan(?:t|te|ten|en)|versprach\w*|versproch\w+|verspricht"
    r"|zugesagt|zugesichert|entschlossen|vorhat|vorhaben"
)
_MEANS = re.compile(
    r"intend(?:s|ed)?|plan(?:s|ned)?|promis(?:es|ed)|pledg(?:es|ed)|vow(?:s|ed)?|aim(?:s|ed)?|expect(?:s|ed)?"
    r"|намерен\w*|собира\w+|планиру\w+|обеща\w*|пообеща\w+|обязал\w+|решил\w*"
    r"|намір\w*|збира\w+|плану\w+|обіця\w*|пообіця\w+|зобов\w+"
)
_SLAVIC_INFINITIVE = re.compile(r"\w+(?:ть|ти|ться|тися)")


def on_terms(one: Read) -> bool:
    """Whether a sentence names a condition: "if Washington stops", "при условии ратификации"."""
    return bool(_TERMS.search(one.text))


def waited_for(one: Read) -> bool:
    """Whether a reply is said not to have come: "has not received", "ждёт ответа", "steht noch aus"."""
    return bool(_WAITED_FOR.search(one.text))
