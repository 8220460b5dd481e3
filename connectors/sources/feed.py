"""RSS, RDF, Atom by feedparser, JSON Feed by our own reader: from bytes, never from an address."""

from __future__ import annotations

import codecs
import hashlib
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import charset_normalizer
import feedparser

from connectors.base import SourceFault, bare
from connectors.coding import gunzip
from connectors.dates import moment
from connectors.entries import Entry, Reading
from connectors.fetch import MOST_BYTES
from connectors.manners import wishes
from connectors.markup import harmless, one_line, plain
from connectors.sources import jsonfeed, newsml

MOST_ENTRIES = 1000
MOST_PARSED = 8 * 1024 * 1024
"""Bytes of a document that are parsed: what comes after is cut off behind a whole entry."""
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]{0,1000}\[", re.IGNORECASE)
_DOCTYPE_END = re.compile(rb"\]\s*>")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}\bencoding\s*=\s*[\"']?([\w.:-]{0,40})", re.IGNORECASE)
GUESSED_FROM = 64 * 1024
"""Bytes of a document that show its coding, where nobody states one."""
LEAST_FOREIGN = 24
FEW = 4
"""So many characters beyond ASCII for each broken byte are UTF-8 all the same."""
_TAG = re.compile(rb"<[^<>]*>")
_OPEN = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSE = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel|xml)\s*>", re.IGNORECASE)
_SURROGATE = re.compile(
    rb"&#(?:x0*d[89a-f][0-9a-f]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));?",
    re.IGNORECASE,
)
"""References to half a character, which feedparser stumbles over."""
_LONG_TAG = re.compile(rb"<[A-Za-z_][^<>]{65536}")
_DELETED = re.compile(
    rb"<(?:[\w.-]+:)?deleted-entry\b(?P<attributes>[^>]{0,2000}?)(?:/>|>.{0,5000}?</(?:[\w.-]+:)?deleted-entry\s*>)",
    re.DOTALL,
)
_REF = re.compile(rb"\bref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_WHEN = re.compile(rb"\bwhen\s*=\s*[\"']([^\"']{1,60})[\"']")
_UPDATED = re.compile(rb"<(?:[\w.-]+:)?(?:updated|modified)[\s>]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CANCELED = re.compile(r"(?:^|[:/\s])(?:cancell?ed|withheld|retracted)\s*$", re.IGNORECASE)


def read(url: str, raw: bytes, kind: str = "", had: frozenset[str] = frozenset()) -> Reading:
    """What a document in any of the feed formats says; `SourceFault` when it is no feed.

    An XML entry whose bytes have a hash in `had` is known to be as it was, and is not read again.
    """
    if raw[:2] == b"\x1f\x8b":
        raw = gunzip(raw, MOST_BYTES)  # a file that is packed itself, with no word of it in the headers
    if jsonfeed.sniffed(raw):
        return jsonfeed.read(url, raw)
    raw = without_entities(raw)
    if newsml.sniffed(raw):
        return newsml.read(url, raw)
    raw, cut, skipped = _bounded(url, raw)
    withdrawn = list(_withdrawn(raw))
    if withdrawn:
        raw = _DELETED.sub(b"", raw)
    raw = mended(raw)
    # No address of its own: feedparser would make part of every guid of it, and a move would change them all.
    headers = {}
    if charset := _charset(raw, kind):
        headers["content-type"] = f"application/xml; charset={charset}"
    # An entry that stands beside its own deletion must be read, to see which of them is the later one.
    raw, many = shortened(raw, cut)
    document, order, left = unread(raw, had if not withdrawn else frozenset())
    skipped += many
    try:
        parsed = feedparser.parse(document, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as fault:
        raise SourceFault(f"{bare(url)} cannot be read as a feed: {type(fault).__name__}", "not-a-feed") from fault
    if not parsed.entries and not parsed.get("version"):
        raise SourceFault(f"{bare(url)} is not a feed", "not-a-feed")
    about = parsed.feed
    updates = parsed.get("version", "").startswith("atom") or bool(_UPDATED.search(raw))
    entries: list[Entry] = []
    exact = len(left) == len(parsed.entries)
    for number, given in enumerate(parsed.entries[:MOST_ENTRIES]):
        one = _entry(given, about, bare(url), updates, raw, left[number] if exact else "")
        if one is None:
            skipped += 1
        else:
            entries.append(one)
    if not entries and not order and not withdrawn and not _ROOT_END.search(raw[-65536:]):
        raise SourceFault(f"{bare(url)} ends before its first entry does")
    return Reading(
        _later(entries, withdrawn),
        wishes(raw, about.get("ttl"), about.get("sy_updateperiod"), about.get("sy_updatefrequency")),
        hub=_link(about, "hub"),
        topic=_link(about, "self"),
        skipped=skipped,
        order=order,
        cut=cut,
    )


def _bounded(url: str, raw: bytes) -> tuple[bytes, bool, int]:
    """A document without what would hang or fill its reader; whether it breaks off in an entry; entries left out."""
    cut, many = truncated(raw), 0
    if len(raw) > 2 * MOST_PARSED:
        raw, many = shortened(raw, cut)  # before anything makes a copy of it
    if _LONG_TAG.search(raw):
        raise SourceFault(f"{bare(url)} has a tag of more than 65536 bytes", "not-a-feed")
    return _SURROGATE.sub(b"&#xFFFD;", raw), cut, many


def mended(raw: bytes) -> bytes:
    """UTF-8 with marks in place of broken bytes: for these alone the rest is not in another coding."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        if len(text) - len(text.encode("ascii", "ignore")) > (FEW + 1) * broken:
            return text.encode()
    return raw


def _charset(raw: bytes, kind: str) -> str:
    """What the bytes are, as far as somebody said it or they show it."""
    ascii_only = raw.isascii()
    if not ascii_only:
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "utf-8"  # text in another coding is never valid UTF-8 by chance
    stated, declared = _CHARSET.search(kind), _ENCODING.match(raw[:512])
    lies = declared is not None and declared[1].lower() in (b"utf-8", b"utf8")
    if stated:
        try:
            name = codecs.lookup(stated[1]).name
        except LookupError:
            return ""
        if ascii_only or name != "utf-8":
            return name
        # It says UTF-8 and is not: nobody said what it is.
    if ascii_only or (declared and not lies):
        return ""
    # Nobody says it. Latin letters are left to feedparser: from few accents a guess is often wrong.
    text = _TAG.sub(b" ", raw[:GUESSED_FROM])
    high = sum(byte > 127 for byte in text)
    if high < LEAST_FOREIGN or high < sum(chr(byte).isalpha() for byte in text if byte < 128):
        return ""
    found = charset_normalizer.from_bytes(raw[:GUESSED_FROM]).best()
    return found.encoding if found is not None else ""


def _link(about: Any, rel: str) -> str | None:
    for one in about.get("links") or []:
        if one.get("rel") == rel and str(one.get("href") or "").startswith(("http://", "https://")):
            return str(one["href"])
    return None


def _entry(given: Any, about: Any, url: str, updates: bool, raw: bytes, mark: str) -> Entry | None:
    # Not the detail's own value: of several titles feedparser knows which one counts.
    title = one_line(_text({**(given.get("title_detail") or {}), "value": given.get("title") or ""}))
    bodies = [_text(part) for part in given.get("content") or []]
    bodies.append(_text(given.get("summary_detail")))
    text = max(bodies, key=len)
    guid = str(given.get("id") or "").strip()
    # feedparser makes an address of every guid; only one that was written as such is one.
    web = guid.startswith(("http://", "https://")) and html.escape(guid, quote=False).encode() in raw
    link = _address(given, url, guid, web)
    dated = ["published", "created", "issued", "prism_publicationdate", "pubdate", "date"]
    published = next((at for name in dated if (at := moment(dict.get(given, name)))), None)
    modified = moment(dict.get(given, "updated"))
    if published is None and modified is not None and not updates:
        # What feedparser files under "updated" is dc:date here: the date of the entry.
        published, modified = modified, None
    if not title and not text:
        # Nobody titled it: it is named by its address, or by what it stands in.
        if not given:
            return None
        title = link or harmless(guid) or one_line(plain(str(about.get("title") or ""))) or url
    lang = (given.get("title_detail") or {}).get("language") or about.get("language")
    return Entry(
        guid=guid,
        link=link,
        title=title,
        text=text,
        lang=str(lang)[:35] if lang else None,
        published=published,
        modified=modified,
        dated_by="feed" if published else None,
        withdrawn=_canceled(given),
        raw=mark,
    )


def _text(part: Any) -> str:
    if not part:
        return ""
    value = str(part.get("value") or "")
    return harmless(value.strip()) if part.get("type") == "text/plain" else plain(value)


def _address(given: Any, url: str, guid: str, web: bool) -> str:
    """Where the entry's page is: http or https, or nothing."""
    linked = (one.get("href") for one in given.get("links") or [])
    offered = [str(one or "").strip() for one in (given.get("feedburner_origlink"), given.get("link"), *linked)]
    for text in [*(one for one in offered if one and (one != guid or web)), guid if web else ""]:
        try:
            whole = bare(urljoin(url, text)) if text else ""
        except ValueError:
            continue
        if whole.startswith(("http://", "https://")) and harmless(whole) == whole and whole.partition("://")[2]:
            return whole
    return ""


def _canceled(given: Any) -> bool:
    """Whether the entry carries NewsML's or ninjs' word that it is no more."""
    for key, value in given.items():
        if str(key).rpartition("_")[2] in {"pubstatus", "publishingstatus"}:
            said = " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)
            if _CANCELED.search(said):
                return True
    return False


def _withdrawn(raw: bytes) -> Iterator[Entry]:
    """Atom's deleted entries (RFC 6721): a guid each."""
    for found in _DELETED.finditer(raw):
        ref = _REF.search(found["attributes"])
        guid = html.unescape((ref[1] or ref[2] or b"").decode("utf-8", "replace")).strip() if ref else ""
        when = _WHEN.search(found["attributes"])
        if guid:
            yield Entry(
                guid=guid, withdrawn=True, modified=moment(when[1].decode("ascii", "replace")) if when else None
            )


def _later(entries: list[Entry], withdrawn: list[Entry]) -> list[Entry]:
    """Entries and deletions; of an entry and its own deletion the later one, as RFC 6721 has it."""
    last = {one.guid: one for one in withdrawn}
    for entry in entries:
        gone = last.get(entry.guid)
        if gone is not None and gone.modified and entry.modified and entry.modified > gone.modified:
            del last[entry.guid]
    return [entry for entry in entries if entry.guid not in last] + list(last.values())


def truncated(raw: bytes) -> bool:
    """Whether a feed breaks off inside an entry."""
    if _ROOT_END.search(raw[-65536:]):
        return False
    opened = [found.start() for found in _OPEN.finditer(raw)]
    closed = [found.end() for found in _CLOSE.finditer(raw)]
    return len(opened) > len(closed) > 0 and opened[-1] >= closed[-1]


def shortened(raw: bytes, cut: bool = False) -> tuple[bytes, int]:
    """A document without the entries that are too many, how many these are, and without one that it breaks off in."""
    ends: list[int] = []
    last = number = 0
    for found in _CLOSE.finditer(raw):
        last, number = found.end(), number + 1
        if len(ends) < MOST_ENTRIES and last <= MOST_PARSED:
            ends.append(last)
    if cut and ends:
        return raw[: ends[-1]], number - len(ends)
    if ends and ends[-1] < last:
        return raw[: ends[-1]] + raw[last:][:MOST_PARSED], number - len(ends)
    if len(raw) > 2 * MOST_PARSED:
        raise SourceFault(f"a feed with an entry of more than {MOST_PARSED} bytes", "not-a-feed")
    return raw, 0


def unread(raw: bytes, had: frozenset[str]) -> tuple[bytes, tuple[str, ...], list[str]]:
    """The document without the entries that are known; hashes of all, if any was left out; hashes of those left in.

    Only a document whose entries stand one behind the other is taken apart: what an entry's own markup or CDATA
    may hide is parsed whole.
    """
    begins, ends = [m.start() for m in _OPEN.finditer(raw)], [m.end() for m in _CLOSE.finditer(raw)]
    apart = len(begins) == len(ends) and all(b < e for b, e in zip(begins, ends, strict=True))
    if not apart or any(e > b for e, b in zip(ends, begins[1:], strict=False)):
        return raw, (), []
    marks = [hashlib.sha256(raw[b:e]).hexdigest()[:20] for b, e in zip(begins, ends, strict=True)]
    if had.isdisjoint(marks):
        return raw, (), marks
    parts, at, left = [], 0, []
    for mark, begin, end in zip(marks, begins, ends, strict=True):
        if mark in had:
            parts.append(raw[at:begin])
            at = end
        else:
            left.append(mark)
    return b"".join([*parts, raw[at:]]), tuple(marks), left


def without_entities(raw: bytes) -> bytes:
    """A document without the declarations in its DOCTYPE: nothing of ours expands or fetches an entity."""
    for mark, coding in ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
                         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
                         (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"),
                         (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):  # fmt: skip
        if raw.startswith(mark):
            raw = _DECLARATION.sub("", raw.decode(coding, "replace")).encode("utf-8", "replace")
            break
    begin = _DOCTYPE.search(raw)
    end = _DOCTYPE_END.search(raw, begin.end()) if begin else None
    return raw[: begin.start()] + raw[end.end() :] if begin and end else raw
