"""What a demand or a proposal asks for, where its sentence tells the answer: the answer does not do it.

"NATO rejected the demand to ratify the treaty" ratifies nothing.
"""

from __future__ import annotations

import re

from streams.logic.phrases import Hit
from streams.logic.tag.reading import Read, payload, word_at

TERMS = frozenset(["reject", "withdraw", "suspend", "agree", "ratify", "deny"])
"""Acts that may be what a plan asks for rather than what happens to it."""
DONE_TO_AN_OFFER = frozenset(["reject", "agree", "welcome", "support", "concern", "deny"])
ASKED_FOR = TERMS | {"revive"}
"""Acts that a proposal, a demand or a call may ask for."""
_ASKING = re.compile(
    r"demands?|proposals?|calls?|requests?|appeals?|offers?|требовани\w+|предложени\w+|призыв\w*|просьб\w+|вимог\w+|пропозиці\w+"
    r"|заклик\w*|forderung(?:en)?|vorschlag\w*|angebote?s?|aufruf\w*|bitten?|exigences?|propositions?|demandes?|offres?"
)
"""As words are compared: nouns for what asks."""
_FOR = frozenset(["for", "nach", "о", "об", "про", "pour"])
SLAVIC_INFINITIVE = re.compile(r"\w+(?:ть|ти|ться|тися|чь)")
_WITH_ZU = re.compile(r"\w+zu\w+en")
ASKS = 6
"""Words from "demand for" to what is demanded, and from a demand to its answer after it."""
FURTHEST = 16
"""Words from a demand to an infinitive that ends its clause."""


def asked_for(one: Read, act: Hit) -> bool:
    """Whether an act is what was asked for, where the sentence tells the answer: "agreed to the demand to halt it",
    "lehnte die Forderung ab, den Vertrag zu ratifizieren"."""
    if payload(act).id not in ASKED_FOR:
        return False
    answers = [other for other in one.acts if other is not act and payload(other).id in DONE_TO_AN_OFFER]
    for at in range(act.first - 1, max(-1, act.first - FURTHEST - 1), -1) if answers else ():
        if _ASKING.fullmatch(word_at(one, at)):
            asked = is_infinitive(one, act) or (word_at(one, at + 1) in _FOR and act.first - at <= ASKS)
            return asked and any(other.first < at or other.last <= at + ASKS < act.first for other in answers)
    return False


def is_infinitive(one: Read, act: Hit) -> bool:
    """Whether an act is an infinitive: "to submit", "передать", "zu übergeben", "vorzulegen", "de remettre"."""
    word, before, last = word_at(one, act.first), word_at(one, act.first - 1), word_at(one, act.last - 1)
    return (
        before == "to"
        or bool(SLAVIC_INFINITIVE.fullmatch(word))
        or (word_at(one, act.last - 2) == "zu" and last.endswith("n"))
        or bool(_WITH_ZU.fullmatch(last))
        or (before in ("de", "d", "a") and word.endswith(("er", "ir", "re", "ar")))
    )
