"""What of a text counts as the publisher's edit. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from streams.contracts.ids import digest

_SPACE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\xad]+")
_NUMBER = r"\d{1,3}(?:[.,\s\xa0]\d{3}){0,4}(?:[.,]\d{1,9})?\s?[kKmM]?|\d{1,15}"
_COUNTED = (
    r"comments?|views?|shares?|likes?|reads?|replies|reply|reactions?|votes?|points?|retweets?|clicks?|visits?|plays?|"
    r"downloads?|followers|people\s+(?:are\s+)?reading(?:\s+now)?|readers?|times?\s+(?:read|viewed|shared)|"
    r"комментари(?:й|я|ев)|просмотр(?:а|ов)?|лайк(?:а|ов)?|репост(?:а|ов)?|прочтени(?:е|я|й)|коментар(?:і|ів|ь)|перегляд(?:и|ів)?|"
    r"Kommentare?|Aufrufe?|commentaires?|vues?|partages?|comentarios?|visitas|comentários?|visualizações|curtidas|komentarz[ey]|wyświetleń|odsłon|"
    r"polubień|коментара?|преглеждания|харесвания|комментариев"
)
_NOISE = re.compile(
    rf"(?:\b(?:{_NUMBER})\s*(?:{_COUNTED})\b)"
    rf"|(?:\b(?:{_COUNTED})\s*[:\-–(]?\s*(?:{_NUMBER})\)?)"
    r"|(?:\b(?:about|over|около|vor|il y a|hace)?\s*(?:\d+|an?|one)\s*(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)\s+ago\b)"
    r"|(?:\b\d*\s*(?:секунд[уы]?|минут[уы]?|час(?:а|ов)?|д(?:ень|ня|ней)|недел[юиь]|хвилин[уи]?|годин[уи]?)\s+(?:назад|тому)\b)"
    r"|(?:\bvor\s+\d+\s+(?:Sekunden?|Minuten?|Stunden?|Tage?n?)\b)|(?:\bil y a\s+\d+\s+(?:secondes?|minutes?|heures?|jours?)\b)"
    r"|(?:\bhace\s+\d+\s+(?:segundos?|minutos?|horas?|días?)\b)"
    r"|(?:\b\d+\s*[- ]?\s*min(?:ute)?s?\.?\s+read\b)"
    r"|(?:\b(?:last\s+)?(?:updated|modified|refreshed|generated|rendered|обновлено|оновлено|aktualisiert|mis à jour)\s*(?:on|at|am|um|le|в)?\s*:?\s*"
    r"(?:\d[\d./:\-T\s]*\d(?:\s*(?:am|pm|Z|UTC|GMT|MSK|[A-Z]{3,4}))?|\d{1,2}\s+[^\W\d_]+\s+\d{4}(?:,?\s+\d{1,2}:\d{2})?"
    r"|[^\W\d_]+\s+\d{1,2},?\s+\d{4}(?:,?\s+\d{1,2}:\d{2})?|just now)(?:\s*(?:UTC|GMT|MSK))?)"
    r"|(?:\bjust now\b)",
    re.IGNORECASE,
)
_MAYBE = re.compile(r"\d|\bago\b|just now|назад|тому", re.IGNORECASE)
"""What all that changes by itself has in it: the many texts without it are not looked through."""
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")
_TRACKED = re.compile(
    r"^(?:utm_\w+|mtm_\w+|pk_\w+|piwik_\w+|hsa_\w+|wt_\w+|wtrid|at_\w+|ns_\w+|mc_[ce]id|fbclid|gclid|gclsrc|dclid|yclid|ysclid|msclkid|twclid|igshid|igsh|"
    r"_openstat|cmpid|cmp|ocid|ito|ftag|spm|ref|ref_src|ref_url|referrer|rss|rssid|feedname|via|xtor|smid|partner|emc|"
    r"__twitter_impression|_ga|_gl|vero_id|oly_\w+|ncid|sr_share|s_cid|icid|campaign|traffic_source|session|sessionid|phpsessid|jsessionid|cachebuster|cb|nocache|_)$",
    re.IGNORECASE,
)
_BARE = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?/[^?#;\s]*")
"""An address that has nothing to be taken off: most have not."""
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def fingerprint(title: str, text: str) -> str:
    """Hash of what the publisher says; counters, trackers, "5 minutes ago" and stamps make no difference."""
    return print_of(settled(title), settled(text))


def print_of(title: str, text: str) -> str:
    """The same of a title and a text that are `settled` already."""
    return digest("print", title, text)


def settled(text: str) -> str:
    """`text` without what changes by itself."""
    text = " ".join(text.split()) if text.isascii() else _SPACE.sub(" ", unicodedata.normalize("NFC", text))
    if "://" in text:
        text = _LINK.sub(lambda found: untracked(found[0]), text)
    if _MAYBE.search(text):
        text = _SPACE.sub(" ", _NOISE.sub(" ", text))
    return text.strip()


def untracked(url: str) -> str:
    """An address as far as it names the page: no tracking parameters, no fragment, no case in the host."""
    if _BARE.fullmatch(url):
        return url
    try:
        parts = urlsplit(url.strip())
        query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKED.match(k)]
    except ValueError:
        return url
    if not parts.scheme.startswith("http"):
        return url
    host = parts.netloc.rpartition("@")[2].lower()
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit((parts.scheme.lower(), host, _PATH_SESSION.sub("", parts.path), urlencode(query), fragment))


def page_of(url: str) -> str:
    """What of an address names the page also after a move to https, or to a host without `www`."""
    return re.sub(r"^https?://(?:www\.)?", "//", untracked(url)).rstrip("/")
