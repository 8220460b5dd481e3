"""Dates in a text, resolved against its publication: "Sept. 24", "24 сентября", "am 24. September"."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

_MONTHS = [
    "jan|january|январ|січ|januar|janv|janvier|ener|stycz|janeir|януар",
    "feb|february|феврал|лют|februar|fév|févr|février|febrer|lut|fevereir|февруар",
    "mar|march|март|берез|märz|mars|marz|marc|març",
    "apr|april|апрел|квіт|avr|avril|abril|kwie|април",
    "may|мая|май|трав|mai|mayo|maj|maio",
    "jun|june|июн|черв|juni|juin|juni|czerw|junh|юни",
    "jul|july|июл|лип|juli|juil|juillet|lip|julh|юли",
    "aug|august|август|серп|août|agost|sierp",
    "sep|sept|september|сентябр|верес|septembre|septiembre|wrze|setembr|септемвр",
    "oct|october|октябр|жовт|oktober|octobre|octubre|paźdz|outubr|октомвр",
    "nov|november|ноябр|листопад|novembre|noviembre|listopad|novembr|ноемвр",
    "dec|december|декабр|груд|dezember|déc|décembre|diciembre|grud|dezembr|декемвр",
]
_BY_STEM = sorted(
    ((stem, n) for n, stems in enumerate(_MONTHS, 1) for stem in stems.split("|")),
    key=lambda pair: -len(pair[0]),
)
_NAME = r"(?P<m>[^\W\d_]{3,12})"
_FORMS = (
    re.compile(rf"\b{_NAME}\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}}))?"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er)?\.?\s+(?:of\s+|de\s+)?{_NAME}\.?(?:\s+(?:de\s+)?(?P<y>\d{{4}}))?"
    ),
    re.compile(r"\b(?P<y>\d{4})-(?P<mm>\d{2})-(?P<d>\d{2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})\.(?P<mm>\d{1,2})\.(?P<y>\d{4})\b"),
)
_OF_A_YEAR = re.compile(rf"(?<!\d )(?<!\d\. )\b{_NAME}\.?,?\s+(?:de\s+)?(?P<y>(?:19|20)\d\d)\b")
_IN_A_YEAR = re.compile(r"\b(?:in|в|у|im jahre?|en)\s+(?P<y>(?:19|20)\d\d)\b(?![-–/])", re.IGNORECASE)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "a one einem un один", "two zwei deux два", "three drei trois три", "four vier quatre четыре чотири",
            "five fünf cinq пять п’ять", "six sechs шесть шість", "seven sieben sept семь сім",
            "eight acht huit восемь вісім",
            "nine neun neuf девять дев’ять", "ten zehn dix десять",
        ), 1
    )
    for word in (*words.split(), str(number))
}  # fmt: skip
_NUMBER = rf"(?P<n>{'|'.join(_NUMBERS)})"
_AGO = (
    re.compile(
        rf"\b{_NUMBER} (?:years? (?:ago(?: today)?|earlier)|(?:года?|лет|рік|роки|років) (?:назад|тому))\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\bvor {_NUMBER} jahr(?:en)?\b", re.IGNORECASE),
    re.compile(rf"\bil y a {_NUMBER} ans?\b", re.IGNORECASE),
)
"""So many years ago: "two years ago today", "vor zwei Jahren", "два года назад"."""
_BY = re.compile(
    r"\b(?:by|before|until|till|no later than|not later than|к|до|не позднее|не позже|не пізніше|bis|bis zum"
    r"|spätestens|spätestens am"
    r"|d['’]ici au|d['’]ici le|avant le|jusqu['’]au|antes del|hasta el|do|przed|até|най-късно на) $",
    re.IGNORECASE,
)
"""What leads to the day by which something is to be done."""
WAS_DUE, IS_DUE = timedelta(days=120), timedelta(days=245)
"""A day by which something is due, of no year: so long gone by, or to come, a year in all."""
_YEAR = re.compile(r"\b(?:19[4-9]\d|20[0-4]\d)(?!\d)")
_DIGIT = re.compile(r"\d")


class Dated(NamedTuple):
    """A day in the text, and where."""

    day: date
    start: int
    end: int
    stated_year: bool


class Period(NamedTuple):
    """A month in the text, `2009-04`, or a year, `1957`, and where."""

    when: str
    start: int
    end: int


def month_of(name: str) -> int | None:
    """The number of a month by its name, inflected or cut short, in any of the languages; None when it is none."""
    lowered = name.casefold()
    for stem, number in _BY_STEM:
        if lowered == stem or (len(stem) > 3 and lowered.startswith(stem)):
            return number
        if len(stem) == 3 and not stem.isascii() and lowered.startswith(stem):
            return number
    return None


LED = 16
"""Characters back to what leads to a day."""


def days(text: str, published: date | None, future: bool) -> list[Dated]:
    """Days named in `text`; one without a year is the nearest after (or before) publication.

    A day by which something is due lies ahead, unless it passed lately.
    """
    found: list[Dated] = []
    if not _DIGIT.search(text):
        return found  # most sentences
    for form in _FORMS:
        for hit in form.finditer(text):
            parts = hit.groupdict()
            month = int(parts["mm"]) if parts.get("mm") else month_of(parts["m"])
            if month is None:
                continue
            year = int(parts["y"]) if parts.get("y") else None
            due = year is None and bool(_BY.search(text, max(0, hit.start() - LED), hit.start()))
            resolved = _resolve(int(parts["d"]), month, year, published, future, due=due)
            if resolved and not any(hit.start() < f.end and f.start < hit.end() for f in found):
                found.append(Dated(resolved, hit.start(), hit.end(), year is not None))
    return sorted(found, key=lambda dated: dated.start)


def gone_by(text: str, published: date | None) -> list[Period]:
    """Months and years that were over when a text was published: "ещё в апреле 2009 года", "in 1957"."""
    if published is None:
        return []
    in_digits = _DIGIT.search(text) is not None  # "two years ago" needs none
    found = []
    for hit in _OF_A_YEAR.finditer(text) if in_digits else ():
        month, year = month_of(hit["m"]), int(hit["y"])
        if month and (year, month) < (published.year, published.month):
            found.append(Period(f"{year}-{month:02}", hit.start(), hit.end()))
    for form in _AGO:
        for hit in form.finditer(text):
            year = published.year - _NUMBERS[hit["n"].lower()]
            found.append(Period(str(year), hit.start(), hit.end()))
    for hit in _IN_A_YEAR.finditer(text) if in_digits else ():
        if int(hit["y"]) < published.year:
            found.append(Period(hit["y"], hit.start(), hit.end()))
    return found


def _resolve(day: int, month: int, year: int | None, published: date | None, future: bool, *, due: bool) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        if published is None:
            return None
        near = date(published.year, month, day)
        # Tense breaks the tie; two weeks of slack for reports that run a little late.
        back, ahead = (timedelta(days=14), timedelta(days=366)) if future else (timedelta.max, timedelta(days=14))
        if due and not future:
            back, ahead = WAS_DUE, IS_DUE
        year = published.year + (published - near > back) - (near - published > ahead)
        return date(year, month, day)
    except ValueError:
        return None


def years(text: str) -> list[int]:
    """Years named in `text`; of a decade ("1990s", "90er Jahre" not) its first."""
    return [int(year) for year in _YEAR.findall(text)]
