"""The line of place and date that a report begins with: who is named there does nothing."""

from __future__ import annotations

import re

from streams.logic.tag.reading import Read


def is_a_dateline(one: Read) -> bool:
    """Whether a sentence is nothing but a place and a date: "МОСКВА, 5 июня."."""
    if one.sentence.field != "text":
        return False
    place = _ALONE.fullmatch(one.text)
    return bool(_PLACE_ALONE.fullmatch(one.text) or _DATE_ALONE.fullmatch(one.text)) or (
        place is not None and place["place"].isupper()
    )


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


FROM_THE_TOP = 400
"""Characters of a text within which its dateline stands: notices may come before it."""
_NO_PLACE = frozenset(["nato", "eu", "osce", "un", "us", "нато", "ес", "обсе"])
_DATELINE = re.compile(
    r"\s*(?P<place>[^\W\d_][^\W\d_.'-]*(?:[ -][A-ZА-ЯЁÄÖÜ][^\W\d_]*){0,2})"
    r"(?:, [^-–—()\n]{2,30}?)?(?: ?\([^()\n]{2,30}\))? (?:[-–—]{1,2}) "
)
_ALONE = re.compile(r"\s*(?P<place>[^\W\d_][^\d,]{1,40}),\s+(?:\d{1,2}\.?\s+[^\W\d_]+|[^\W\d_]+\.?\s+\d{1,2})\.?\s*")
_PLACE_ALONE = re.compile(
    r"\s*[A-ZÄÖÜ][^\W\d_]{2,}(?:[ -/][A-ZÄÖÜ][^\W\d_]{2,}){0,2}(?: ?\([^()\n]{2,30}\))?\.\s*"
    r"|\s*[А-ЯЁЄІЇҐ]{3,}(?:[ -/][А-ЯЁЄІЇҐ]{3,}){0,2}\.\s*"
)
"""As German papers begin: "Berlin.", "Sotschi/Moskau."; and Russian ones: "МОСКВА."."""
_DATE_ALONE = re.compile(
    r"\s*(?:[^\W\d_]{3,20}, )?\d{1,2}\.? [^\W\d_]{3,10} \d{4}(?: года| р\.)?(?:, [^\W\d_][^,.]{2,20})?\.\s*"
)
"""As offices begin: "5 июня 2008 года, Берлин."."""
