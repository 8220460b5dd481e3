"""Words that are papers, and no deeds: an order, another offer, a written reply. Pure."""

from __future__ import annotations

import re

from streams.logic.phrases import Hit
from streams.logic.tag.reading import payload


def is_a_paper(word: str) -> bool:
    """Whether a folded word is an order or a law, which does what it is on: "a decree on the suspension"."""
    return bool(_PAPER.fullmatch(word))


def is_a_counter_offer(act: Hit) -> bool:
    """Whether an act of countering is the noun for another offer: "a counterproposal", "встречное предложение"."""
    return bool(_COUNTER_OFFER.match(payload(act).phrase))


def is_a_reply(act: Hit) -> bool:
    """Whether an act of countering is the noun for a paper: "a written reply", "the reply to Moscow's draft"."""
    words = payload(act).phrase.split(" ")
    return words[0] not in _TO_ANSWER and any(word.startswith(_PAPERS) for word in (words[0], words[-1]))


_PAPER = re.compile(
    r"decrees?|orders?|laws?|bills?|указ\w*|закон\w*|распоряжени\w*|dekret\w*|gesetz\w*|erlass\w*"
    r"|décrets?|lois?|decretos?|ley|ustaw\w*"
)
_COUNTER_OFFER = re.compile(
    r"counter(?:offer|propos| propos)|gegen(?:vorschl|angebot|entw)|контрпредлож|контрпропоз|встречн|contre|contra"
    r"|eigene"
)
_TO_ANSWER = frozenset(
    [
        "geantwortet",
        "antworten",
        "antwortet",
        "antwortete",
        "antworteten",
        "will|would",
        "ответит",
        "ответят",
        "відповість",
    ]
)
"""How phrases begin that are the verb."""
_PAPERS = ("repl", "respon", "answer", "ответ", "відповід", "réponse", "respuesta", "antwort")
