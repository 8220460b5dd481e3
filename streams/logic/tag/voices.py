"""Whose voice a sentence is, where the piece tells by its form: what it calls itself, whom it cites, how it reports.

What is weighed (`slots`) stands unless one of these says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.logic.knowledge import Knowledge
from streams.logic.tag.acts import told
from streams.logic.tag.reading import Read
from streams.logic.tag.slots import QUOTED, SHORT, Manner, names_a_weekday


def voice(knowledge: Knowledge, best: Read, read: Sequence[Read], how: Manner, reported: bool, weighed: str) -> str:
    """The voice of the sentence that shows a proposal; `weighed` where the piece tells nothing of it.

    `reported` is whether the piece has the lead of a report.
    """
    if says_it_is_opinion(read, how):
        return "opinion"
    if cites_the_unnamed(best) or (how.total <= SHORT and unnamed(best, read)):
        return "rumour"
    if is_a_statement(read):
        return "quote"
    if weighed == "opinion" and reports(read, how):
        return "quote" if best.cues.get("speech") else "fact"
    if how.total > SHORT and reported:
        return of_a_report(best, next((one.kind for one in told(best, knowledge)), None), weighed)
    return weighed


def _first(read: Sequence[Read]) -> Read | None:
    """The sentence that a text begins with, after a place and day that stand alone: "БРЮССЕЛЬ, 27 марта." """
    text = [one for one in read if one.sentence.field == "text"]
    alone = len(text) > 1 and len(text[0].sentence.words) <= DATELINE and _DAY_ALONE.search(text[0].text)
    return text[1] if alone else text[0] if text else None


DATELINE = 5
"""Words of a place and a day that stand alone."""
_DAY_ALONE = re.compile(r"\d\.?\s+\w+\.$|\w+\s+\d{1,2}\.$")


def says_it_is_opinion(read: Sequence[Read], how: Manner) -> bool:
    """Whether a piece says so: by its headline or first words ("Comment: Say no to Medvedev", "Column."), or, a short
    one that tells of no day of this week, by who speaks for himself outside quotation marks: "it seems to me"."""
    first = _first(read)
    if any(one.sentence.field == "title" and _OPINION.match(one.text) for one in read):
        return True
    if first is None:
        return False
    if _LABEL.match(first.text):
        return True
    if how.total > SHORT or names_a_weekday(first):
        return False
    return any(
        one.sentence.field == "text" and bool(_IN_HIS_OWN_VOICE.search(one.text)) and not QUOTED.search(one.text)
        for one in read
    )


def is_a_statement(read: Sequence[Read]) -> bool:
    """Whether a piece is what a party itself says, by its headline: "Statement by the foreign ministry". One that
    goes on after a colon reports on it: "Gorbachev's statement: echoes in the West"."""
    return any(
        one.sentence.field == "title" and bool(one.actors) and ":" not in one.text and bool(_STATEMENT.match(one.text))
        for one in read
    )


def reports(read: Sequence[Read], how: Manner) -> bool:
    """Whether a short piece is a report, whatever it quotes: its first sentence tells of a day of this week, and nobody
    speaks for himself outside quotation marks."""
    first = _first(read)
    if how.total > SHORT or first is None or not names_a_weekday(first):
        return False
    return not any(one.cues.get("own") and not QUOTED.search(one.text) for one in read)


def of_a_report(best: Read, does: str | None, weighed: str) -> str:
    """The voice of a sentence of a longer report: what nobody is said to say there the report tells itself.

    `does` is the act that it tells; who proposes or demands says so.
    """
    said = {best.sentence.folded[cue.first] for cue in best.cues.get("speech", ())}
    if weighed == "quote" and does not in _SAYING and said <= _DONE_BY_SAYING and not _quotes(best):
        return "fact"
    return "quote" if weighed == "fact" and _SAID.search(best.text) else weighed


def _quotes(one: Read) -> bool:
    """Whether a sentence quotes more than the few words of a name or a catchword, "at 20"."""
    parts = re.split(r"[\"“”„«»]", one.text)
    return len(parts) % 2 == 0 or any(len(part.split()) >= WORDS for part in parts[1::2])


WORDS = 4
"""Words in quotation marks from which on they are somebody's."""
_SAYING = frozenset(["propose", "demand", "promise", "deny", "clarify", "concern"])
_DONE_BY_SAYING = frozenset(["announced", "announces", "asked", "called", "calls", "call"])
"""Verbs of saying that may tell a deed: who has announced a moratorium keeps one."""
_SAID = re.compile(
    r"\b(?:told (?:reporters|journalists|a news conference)\b"
    r"|said(?:$|[.,]| (?:that|on|in|his|her|its|it|he|she|they|the)\b))"
)


def unnamed(best: Read, read: Sequence[Read]) -> bool:
    """Whether what a sentence tells is from people without a name: "Both asked not to be named", it goes on."""
    return any(_UNNAMED.match(one.text) for one in read[best.number + 1 : best.number + 2])


def cites_the_unnamed(one: Read) -> bool:
    """Whether a sentence cites a source that it does not name: "Le Figaro writes, citing a source close to Macron"."""
    return bool(_CITES.search(one.text))


_UNNAMED = re.compile(
    r"(?:both|they|neither|he|she|the (?:two|three|officials?|diplomats?|envoys?|sources?)|one of them|all|that|this)\b"
    r"[^.]{0,60}"
    r"\b(?:not|declined|refused|condition)\b[^.]{0,30}\b(?:named|identified|quoted|anonym\w+)"
    r"|(?:das|dies|so)\b[^.]{0,40}\b(?:aus \w*kreisen|\w*kreise)"
    r"|(?:die|der|beide|sie|er)\b[^.]{0,60}\b(?:nicht|ungenannt|anonym)\b[^.]{0,40}(?:genannt|bleiben)"
    r"|(?:об этом|это)\b[^.]{0,60}\b(?:источник|собеседник)\w*"
    r"|(?:оба|они|он|она)\b[^.]{0,60}\b(?:неназванн|анонимн)\w+",
    re.IGNORECASE,
)
_CITES = re.compile(
    r"\bciting (?:\w+ ){0,3}(?:sources?|officials?|diplomats?|people)\b"
    r"|\bсо ссылкой на (?:\w+ ){0,3}источник|\b(?:і?з|зі) посиланням на (?:\w+ ){0,3}джерел"
    r"|\bпозова\w+ се на (?:\w+ ){0,3}източни|\bunter berufung auf (?:\w+ ){0,3}\w*(?:kreise|quellen|insider)"
    r"|\bcitant (?:\w+ ){0,3}sources?\b|\bcitando (?:\w+ ){0,3}(?:fuentes|fontes)\b"
    r"|\bpowołując się na (?:\w+ ){0,3}źródł",
    re.IGNORECASE,
)
_KINDS = (
    r"opinion|comment|commentary|column|op-ed|editorial|analysis and opinion|мнение|комментарий|колонка|думка|коментар"
    r"|kommentar|meinung|kolumne|gastbeitrag|leitartikel|tribune|éditorial|chronique|opinión|tribuna|columna|opinia"
    r"|komentarz|felieton|opinião|coluna"
)
_STATEMENT = re.compile(
    r"\s*(?:(?:joint )?statement (?:by|of|from)|заявление|заява|изявление (?:на|от)|erklärung (?:des|der|von)"
    r"|déclaration d[eu]|declaración (?:de|del)|oświadczenie|declaração (?:de|do|da))\s",
    re.IGNORECASE,
)
"""How headlines begin of what is given out by whom it is from."""
_OPINION = re.compile(rf"\s*(?:{_KINDS})\s*(?:[:|–—]|-\s)", re.IGNORECASE)
_LABEL = re.compile(rf"\s*(?:[^\W\d_]+ )?(?:{_KINDS})\s*[.:|–—](?:\s|$)", re.IGNORECASE)
"""How a text begins that is one: "Commentary.", "Авторская колонка."."""
_IN_HIS_OWN_VOICE = re.compile(
    r"\b(?:in my (?:view|opinion|judge?ment)|to my mind|it seems to me|as i see it"
    r"|i (?:still |do )?(?:believe|suspect|submit)\b"
    r"|(?:как )?мне (?:кажется|представляется|думается)|на мой взгляд|по[- ]моему|я (?:считаю|думаю|полагаю|уверен\w*)"
    r"|мені (?:здається|видається)|на мою думку|на мій погляд|я (?:вважаю|гадаю)"
    r"|(?:meiner|meines) (?:meinung|ansicht|erachtens|überzeugung)|mir scheint"
    r"|ich (?:halte|glaube|meine|finde)\b"
    r"|à mon (?:avis|sens)|selon moi|il me semble|je (?:crois|pense)|en mi opinión|me parece|creo que)",
    re.IGNORECASE,
)
"""Where an author argues for himself: on a report's pages such words stand in quotation marks, or after a speaker."""
