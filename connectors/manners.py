"""When a source may be asked again: what it asked for, what it owes us, and what we owe it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 7 * 86400.0
"""No server makes us wait longer than this at a time."""
LONGEST_BACKOFF = 86400.0
SLOWEST_PACE = 4 * 3600.0
"""A source that brings nothing is still looked at this often."""
_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_ANEW = re.compile(r"(?:^|[,\s])no-(?:cache|store)(?:$|[,\s])", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a feed says itself of when it wants to be read."""

    wait: float = 0.0
    """Seconds between polls: ttl, sy:updatePeriod."""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    """Monday is 0; hours and days are in UTC."""


def wishes(raw: bytes, ttl: object, period: object, frequency: object) -> Wishes:
    """Read the wishes of a feed; `raw` for the lists that feedparser gives only the last entry of."""
    seconds = 0.0
    if re.fullmatch(r"\s*\d{1,9}(?:\.\d{1,9})?\s*", str(ttl or ""), re.ASCII):
        seconds = float(str(ttl)) * 60
    base = {"hourly": 3600, "daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400, "yearly": 365 * 86400}
    often = str(frequency or "1").strip()
    if str(period or "").strip().lower() in base:
        times = max(1, int(often)) if often.isdecimal() and len(often) < 9 else 1
        seconds = max(seconds, base[str(period).strip().lower()] / times)
    hours = {int(h) % 24 for h in re.findall(rb"<hour>\s*(\d{1,2})\s*</hour>", _inside(raw, b"skipHours"))}
    named = re.findall(rb"<day>\s*([A-Za-z]+)\s*</day>", _inside(raw, b"skipDays"))
    days = {_DAYS.index(d.decode().lower()) for d in named if d.decode().lower() in _DAYS}
    return Wishes(min(seconds, LONGEST), frozenset(hours), frozenset(days))


def _inside(raw: bytes, name: bytes) -> bytes:
    begin = raw.find(b"<" + name + b">")
    return raw[begin : raw.find(b"</" + name + b">", begin)][:4096] if begin >= 0 else b""


def floor(headers: Mapping[str, str], now: float) -> float:
    """Seconds that an answer may be kept for by its headers, capped at a week."""
    said = headers.get("cache-control", "")
    if _ANEW.search(said):
        return 0.0
    asked = _AGE.search(said)
    if asked:
        age = headers.get("age", "0").strip()
        return min(max(float(asked[1]) - (float(age) if age.isdecimal() else 0.0), 0.0), LONGEST)
    if not headers.get("expires"):
        return 0.0
    return _until(headers["expires"], _moment(headers.get("date")) or now)


def retry_after(text: str | None, now: float) -> float:
    """Seconds that a Retry-After header asks for, capped at a week."""
    if not text:
        return 0.0
    if text.strip().isdecimal():
        return min(float(text), LONGEST)
    return _until(text, now)


def _moment(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (TypeError, ValueError, OverflowError):
        return None


def _until(text: str, now: float) -> float:
    at = _moment(text)
    return min(max(at - now, 0.0), LONGEST) if at is not None else 0.0


def backoff(interval: float, failures: int, spread: float) -> float:
    """Seconds to leave a failing source alone; `spread` (0.8 to 1.2) keeps many from coming back at once."""
    return max(interval, min(interval * 2.0 ** min(failures, 8), LONGEST_BACKOFF)) * spread


def pace(before: float, brought: int, least: float, most: float) -> float:
    """Seconds between polls from now on: news halve them, silence adds a quarter, within the bounds."""
    return min(max(before * (0.5 if brought else 1.25), least), most)


def next_poll(now: float, wait: float, wished: Wishes) -> float:
    """`now + wait`, moved on past the hours and days that the feed wants to be left alone in."""
    at = now + wait
    while at < now + LONGEST:
        moment = datetime.fromtimestamp(at, UTC)
        if moment.hour not in wished.skip_hours and moment.weekday() not in wished.skip_days:
            break
        at = moment.replace(minute=0, second=0, microsecond=0).timestamp() + 3600
    return min(at, now + LONGEST)
