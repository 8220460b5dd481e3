"""Reads the dates that feeds and pages state. Strict: what can be read two ways, or is no date, is `None`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedparser.datetimes.greek import _parse_date_greek
from feedparser.datetimes.hungarian import _parse_date_hungarian
from feedparser.datetimes.korean import _parse_date_nate, _parse_date_onblog

FIRST_YEAR, LAST_YEAR = 1800, 2200
_MONTHS = (
    "jan january januar janvier janv enero ene gennaio gen januari janeiro styczen stycznia январь января янв січень січня січ ianuarie ocak януари яну ledna leden студзень студзеня",
    "feb february februar février fevrier févr fevr febrero febbraio februari fevereiro fev luty lutego лютий лютого лют февраль февраля фев февр şubat februarie февруари února únor лютага",
    "mar march märz maerz mär mrz mars marzo maart março marco marzec marca март марта мар березень березня бер martie mart března březen сакавік сакавіка",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwiecien kwi апрель апреля апр квітень квітня кві aprilie nisan април dubna duben красавік красавіка",
    "may mai mayo maggio mag mei maio maj maja май мая травень травня тра mayıs května květen",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze июнь июня июн червень червня чер iunie haziran юни června červen чэрвень чэрвеня",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip июль июля июл липень липня лип iulie temmuz юли července červenec ліпень ліпеня",
    "aug august août aout agosto ago augustus sierpień sierpnia sierpien sie август августа авг серпень серпня сер ağustos srpna srpen жнівень жніўня",
    "sep sept september septembre septiembre settembre set setembro wrzesień września wrzesien wrz сентябрь сентября сен сент вересень вересня вер septembrie eylül септември září верасень верасня",
    "oct october oktober okt octobre octubre ottobre ott outubro out październik października paź pazdziernik октябрь октября окт жовтень жовтня жов octombrie ekim октомври října říjen кастрычнік кастрычніка",
    "nov november novembre noviembre novembro listopad listopada lis ноябрь ноября ноя нояб листопад листопада лис noiembrie kasım ноември listopadu лістапад лістапада",
    "dec december dezember dez décembre decembre déc diciembre dic dicembre desember dezembro grudzień grudnia grudzien gru декабрь декабря дек грудень грудня гру decembrie aralık декември prosince prosinec снежань снежня",
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "cet": 60, "mez": 60, "met": 60, "cest": 120, "mesz": 120,
    "mest": 120, "eet": 120, "eest": 180, "msk": 180, "мск": 180, "msd": 240, "sast": 120, "jst": 540, "kst": 540,
    "hkt": 480, "sgt": 480, "aest": 600, "aedt": 660, "acst": 570, "acdt": 630, "awst": 480, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "et": -300, "cst": -360, "cdt": -300, "ct": -360, "mst": -420, "mdt": -360, "mt": -420,
    "pst": -480, "pdt": -420, "pt": -480, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180, "bst": 60,
    "yekt": 300, "trt": 180,
}  # fmt: skip
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?(?![a-z]))?"
)
_ZONE = (
    r"(?P<zone>[A-Za-zА-я]{1,5}\s*[+-]\d{1,2}:?(?:\d{2})?|[+−-]\d{1,2}:?(?:\d{2})?"
    r"|[A-Z][A-Za-z]{1,12}/[A-Za-z_/]{2,30}|[A-Za-zА-я]{1,5})"
)
_AT = r"(?:at|um|à|às|a las|в|о|o|o godz\.?|godz\.?|kl\.?|alle|ore|[-–—|•·])"
_TAIL = (
    rf"\s*(?:(?:г|р|r|roku|года|року|год)\.?(?=[\s,]|$))?"
    rf"(?:[\s,T]+(?:{_AT}\s*)?{_CLOCK}\s*(?:(?:Uhr|hrs?|ч)\.?\s*)?(?:{_ZONE}(?:\s+(?:GMT|UTC))?)?)?\s*(?:\([^)]*\)|Uhr)?\s*"
)
_ISO = re.compile(
    r"(?P<year>\d{4})(?:(?P<sep>[-/.]?)(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?)?"
    r"(?:(?:T|,?\s+|\s*T\s*)(?P<hour>\d{2}|\d(?=:))(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2}|(?<=:)\d)(?:[.,:](?P<part>\d{1,9})\d*)?)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?(?![a-z]))?"
    r"\s*(?P<zone>Z|[A-Za-z]{2,5}|(?:(?:GMT|UTC)\s*)?[+−-]\s*\d{1,2}(?::?\d{2})?|[A-Z][A-Za-z]{1,12}/[A-Za-z_/]{2,30})?)?",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
)
_WEEK = re.compile(r"(?P<year>\d{4})-?W(?P<week>\d\d)-?(?P<nth>[1-7])")
_ORDINAL = re.compile(r"(?P<year>\d{4})-?(?P<nth>\d{3})(?P<rest>T.*)?")
_WORD = r"(?P<name>[^\W\d_]{3,12})\.?"
_DAYNAME = r"(?:[^\W\d_]{2,14}(?:-feira)?\.?,?\s+)?"
_DAY_FIRST = re.compile(
    rf"{_DAYNAME}(?:le\s+|den\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:de\s+)?{_WORD}[\s,-]+(?:de\s+)?(?P<year>\d{{4}}|\d{{2}})\.?{_TAIL}",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"{_DAYNAME}{_WORD}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TAIL}", re.IGNORECASE
)
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})[\s-]+{_WORD}[\s-]+(?P<day>\d{{1,2}}){_TAIL}", re.IGNORECASE)
_ASCTIME = re.compile(
    rf"{_DAYNAME}{_WORD}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})(?:\s+(?P<late>[+-]\d{{4}}))?",
    re.IGNORECASE,
)
_DIGITS = re.compile(rf"{_DAYNAME}(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TAIL}")
_HAN = re.compile(rf"(?P<year>\d{{4}})\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})\s*[日일]?{_TAIL}")
_CLOCK_FIRST = re.compile(
    r"(?P<clock>\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*[AaPp]\.?[Mm]\.?)?)(?:\s*(?P<zone>[A-Z]{2,5}|МСК))?\s*[,|•·–—-]?\s+(?P<rest>[^:]{6,60})"
)
_OFFSET = re.compile(r"(?P<word>[^\W\d_]*)\s*(?P<sign>[+−-])\s*(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
_BRACKET = re.compile(r"(?<=[Z\d])\[[\w/+-]{1,40}\]$")
_COMMA = re.compile(r"(?<!:\d\d)\s*,\s*")  # but "10:00:00,123" is one number
_EPOCH = re.compile(r"(?P<seconds>1\d{9})(?:\d{3})?")


def moment(text: object) -> datetime | None:
    """The moment that `text` states, in UTC; without a stated zone it is taken as UTC."""
    if isinstance(text, str) and text[4:5] == text[7:8] == "-" and text[10:11] in {"T", ""} and len(text) > 9:
        try:  # most of what is read: a sitemap has 50,000 of them
            whole = datetime.fromisoformat(text)
            return _sane(whole.astimezone(UTC) if whole.tzinfo else whole.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            pass
    stated = _tidied(str(text or ""))
    if not stated:
        return None
    turned = _CLOCK_FIRST.fullmatch(stated)
    if turned and (at := moment(f"{turned['rest']} {turned['clock']} {turned['zone'] or ''}")) is not None:
        return at
    for pattern, read in _FORMS:
        found = pattern.fullmatch(stated)
        if found:
            try:
                return _sane(read(found))
            except (ValueError, OverflowError):
                break
    for foreign in (_parse_date_nate, _parse_date_onblog, _parse_date_greek, _parse_date_hungarian):
        try:
            parts = foreign(str(text).strip())
            if parts:
                return _sane(datetime(*parts[:6]).replace(tzinfo=UTC))
        except (ValueError, KeyError, TypeError, OverflowError):
            continue
    return None


def _tidied(text: str) -> str:
    """A stated date without what programs and people put around it."""
    text = html.unescape(text[:400]) if "&" in text else text[:400]
    text = " ".join(text.replace("\u202f", " ").replace('"', " ").split())[:200]
    text = _BRACKET.sub("", text)
    return _COMMA.sub(", ", text).strip(" ,")


def day(text: object) -> datetime | None:
    """The first date inside a longer text such as "Published on 28 July 2008 by N. N."; `None` if none stands out."""
    found = inside(str(text or "")[:300])
    return found[0] if found else None


def inside(text: str, lang: str = "") -> tuple[datetime, str, str] | None:
    """The first date in a text, with its time if one follows; the text before it, and after it.

    `lang`, the text's language tag, settles what 03/04/2024 is: month first in American English, day first in
    other English and in French, Spanish, Portuguese, Italian, ...; unsettled, it is no date.
    """
    begin = next((place for place, char in enumerate(text) if char.isdigit()), len(text))
    if (at := moment(text)) is not None:
        return at, text[:begin], ""
    for found in sorted((f for pattern in _INSIDE if (f := pattern.search(text))), key=lambda f: f.start()):
        for stated in (found[0], found["date"]):
            at = moment(stated.strip(" ,.|-")) or _slashed(found, lang)
            if at is not None:
                return at, text[: found.start()], text[found.start() + len(stated) :]
    return None


def _slashed(found: re.Match[str], lang: str) -> datetime | None:
    parts = re.fullmatch(r"(\d{1,2})([./])(\d{1,2})[./](\d{4}|\d{2})", found["date"])
    if parts is None or (parts[2] == "/" and (not lang or lang == "en")) or (parts[2] == "." and not lang):
        return None
    one, two, year = int(parts[1]), int(parts[3]), int(parts[4])
    number, month = (two, one) if parts[2] == "/" and lang.startswith("en-us") else (one, two)
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    try:
        return datetime(year, month, number, tzinfo=UTC)
    except ValueError:
        return None


def _sane(at: datetime) -> datetime | None:
    """`at`, unless it is what a program without a date writes."""
    return at if FIRST_YEAR <= at.year <= LAST_YEAR and at.timestamp() not in {0.0, -1.0} else None


def _zone(text: str | None) -> tzinfo:
    if not text:
        return UTC
    text = text.strip()
    offset = _OFFSET.fullmatch(text)
    if offset:
        if offset["word"].lower() not in {"", "gmt", "utc", "ut"}:
            raise ValueError(text)
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        if minutes > 14 * 60 or int(offset["minutes"] or 0) > 59:
            raise ValueError(text)
        return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes))
    if text.lower() in _ZONES:
        return timezone(timedelta(minutes=_ZONES[text.lower()]))
    if "/" in text:
        try:
            return ZoneInfo(text)
        except (ZoneInfoNotFoundError, OSError) as fault:
            raise ValueError(f"nobody knows the zone {text}") from fault
    raise ValueError(f"nobody knows the zone {text}")


def _at(found: re.Match[str], year: int, month: int, number: int) -> datetime:
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    if parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if parts["half"].lower() == "p" else 0)
    later = timedelta(0)
    if hour == 24 and minute == second == 0:
        hour, later = 0, timedelta(days=1)
    second = min(second, 59) if second == 60 else second
    micro = int((parts.get("part") or "0").ljust(6, "0")[:6])
    zone = _zone(parts.get("late") or parts.get("zone"))
    return (datetime(year, month, number, hour, minute, second, micro, zone) + later).astimezone(UTC)


def _iso(found: re.Match[str]) -> datetime:
    if found["sep"] == "" and found["month"] and (len(found["month"]) < 2 or not found["day"]):
        raise ValueError("six digits can be read two ways")
    return _at(found, int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))


def _ordinal(found: re.Match[str]) -> datetime:
    at = datetime(int(found["year"]), 1, 1, tzinfo=UTC) + timedelta(days=int(found["nth"]) - 1)
    if at.year != int(found["year"]):
        raise ValueError("no such day")
    whole = moment(f"{at:%Y-%m-%d}{found['rest'] or ''}")
    if whole is None:
        raise ValueError("no such time")
    return whole


def _month(name: str) -> int:
    """The month of a name, or of the beginning of names that are all of one month."""
    if name in MONTHS:
        return MONTHS[name]
    begun = {number for whole, number in MONTHS.items() if len(name) >= 3 and whole.startswith(name)}
    if len(begun) != 1:
        raise ValueError(f"no month {name}")
    return begun.pop()


def _named(found: re.Match[str]) -> datetime:
    name = found["name"].lower().strip(".")
    month = _month(name)
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 2000 if year < 50 else 1900
    return _at(found, year, month, int(found["day"]))


def _numbers(found: re.Match[str]) -> datetime:
    one, two = int(found["one"]), int(found["two"])
    if found["mark"] == "." or one > 12:
        return _at(found, int(found["year"]), two, one)
    if two > 12 or one == two:
        return _at(found, int(found["year"]), one, two)
    raise ValueError("day or month first: nobody knows")


def _han(found: re.Match[str]) -> datetime:
    return _at(found, int(found["year"]), int(found["month"]), int(found["day"]))


def _week(found: re.Match[str]) -> datetime:
    at = date.fromisocalendar(int(found["year"]), int(found["week"]), int(found["nth"]))
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


def _stamp(found: re.Match[str]) -> datetime:
    return _at(found, int(found["year"]), int(found["month"]), int(found["day"]))


def _epoch(found: re.Match[str]) -> datetime:
    return datetime.fromtimestamp(int(found["seconds"]), UTC)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], datetime]], ...] = (
    (_EPOCH, _epoch),
    (_STAMP, _stamp),
    (_WEEK, _week),
    (_ORDINAL, _ordinal),
    (_ISO, _iso),
    (_DAY_FIRST, _named),
    (_MONTH_FIRST, _named),
    (_YEAR_FIRST, _named),
    (_ASCTIME, _named),
    (_DIGITS, _numbers),
    (_HAN, _han),
)
_LATER = rf"(?:(?:[\s,|–-]+{_AT})?[\s,|–-]+\d{{1,2}}[:.]\d{{2}}(?::\d{{2}})?(?:\s*[AaPp]\.?[Mm]\b)?(?![\d.]))?"
_INSIDE = tuple(
    re.compile(rf"(?<![\d./-])(?P<date>{date}){_LATER}", re.IGNORECASE)
    for date in (
        r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?",
        r"\d{1,2}(?:st|nd|rd|th|er|\.)?\s*(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}",
        r"[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}",
        r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}(?!\d)",
        r"\d{1,2}/\d{1,2}/\d{4}(?!\d)",
        r"\d{4}\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일]",
        r"\d{1,2}\.\d{1,2}\.\d{2}(?!\d)",
    )
)
