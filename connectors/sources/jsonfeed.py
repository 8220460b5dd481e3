"""JSON Feed 1.x, and ninjs: news in JSON."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any
from urllib.parse import urljoin

from connectors.base import SourceFault, bare
from connectors.dates import moment
from connectors.entries import Entry, Reading
from connectors.markup import harmless, one_line, plain

MOST_ENTRIES = 1000
MOST_BYTES, MOST_VALUES = 16 * 1024 * 1024, 500_000
"""A document of more bytes, or of more objects and lists, is not read: a few bytes each become hundreds in memory."""
_SPACE = b" \t\r\n"
_ENDED = re.compile(r"cancell?ed|withheld|retracted", re.IGNORECASE)


def sniffed(raw: bytes) -> bool:
    """Whether a document is JSON rather than XML."""
    head = raw[:64].removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
    return head[:1] in {b"{", b"["} or raw[:6].replace(b"\0", b"").lstrip(b"\xff\xfe") [:1] == b"{"  # fmt: skip


def read(url: str, raw: bytes) -> Reading:
    """Entries of a JSON Feed or of ninjs; `SourceFault` when it is neither."""
    if len(raw) > MOST_BYTES or raw.count(b"{") + raw.count(b"[") > MOST_VALUES or raw.count(b",") > 4 * MOST_VALUES:
        raise SourceFault(f"{bare(url)} is larger than a JSON feed may be", "not-a-feed")
    try:
        given: Any = json.loads(raw.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as fault:
        raise SourceFault(f"{bare(url)} is not JSON: {str(fault)[:80]}", "not-a-feed") from fault
    if isinstance(given, dict) and ("headline" in given or "pubstatus" in given):
        return _ninjs(url, [given])
    listed = given.get("items") if isinstance(given, dict) else given
    if not isinstance(listed, list):
        raise SourceFault(f"{bare(url)} is not a feed", "not-a-feed")
    if listed and all(isinstance(one, dict) and "uri" in one and "id" not in one for one in listed):
        return _ninjs(url, listed)
    if not isinstance(given, dict) or not _is_feed(given):
        raise SourceFault(f"{bare(url)} is not a feed", "not-a-feed")
    lang = _word(given.get("language")) or None
    entries = [_entry(one, url, lang) for one in listed[:MOST_ENTRIES] if isinstance(one, dict)]
    found = [one for one in entries if one is not None]
    return Reading(
        found,
        hub=next((_web(url, h.get("url")) or None for h in _list(given.get("hubs")) if isinstance(h, dict)), None),
        topic=_web(url, given.get("feed_url")) or None,
        ended=given.get("expired") is True,
        skipped=len(listed) - len(found),
    )


def _is_feed(given: dict[str, Any]) -> bool:
    return "jsonfeed.org" in _word(given.get("version")) or ("title" in given and "version" in given)


def _entry(one: dict[str, Any], url: str, lang: str | None) -> Entry | None:
    title = one_line(harmless(_word(one.get("title"))))
    markup = _word(one.get("content_html"))
    text = plain(markup) if markup else harmless(_word(one.get("content_text")).strip())
    text = text or harmless(_word(one.get("summary")).strip())
    link = _web(url, one.get("url")) or _web(url, one.get("external_url"))
    guid = _word(one.get("id")).strip()
    link = link or (_web("", guid) if guid.startswith(("http://", "https://")) else "")
    if not title and not text:
        if not link:
            return None
        title = link
    published = moment(_word(one.get("date_published")))
    return Entry(
        guid=guid,
        link=link,
        title=title,
        text=text,
        lang=_word(one.get("language")) or lang,
        published=published,
        modified=moment(_word(one.get("date_modified"))),
        dated_by="feed" if published else None,
        withdrawn=bool(_ENDED.search(_word(one.get("pubstatus")) or _word((one.get("_ninjs") or {}).get("pubstatus"))
                                     if isinstance(one.get("_ninjs") or {}, dict) else "")),
    )  # fmt: skip


def _ninjs(url: str, listed: list[Any]) -> Reading:
    entries = []
    for one in listed[:MOST_ENTRIES]:
        if not isinstance(one, dict) or not _word(one.get("uri")):
            continue
        bodies = _list(one.get("bodies"))
        body = next((_word(b.get("value")) for b in bodies if isinstance(b, dict) and b.get("value")), "")
        heads = _list(one.get("headlines"))
        head = next((_word(h.get("value")) for h in heads if isinstance(h, dict) and h.get("value")), "")
        text = plain(_word(one.get("body_xhtml")) or _word(one.get("body_html")) or body)
        published = moment(_word(one.get("firstcreated")) or _word(one.get("firstCreated")))
        withdrawn = bool(_ENDED.search(_word(one.get("pubstatus")) or _word(one.get("pubStatus"))))
        title = one_line(harmless(_word(one.get("headline")) or head))
        entries.append(
            Entry(
                guid=_word(one["uri"]),
                link=_web(url, one.get("standardlink")) or _web(url, one["uri"] if "://" in _word(one["uri"]) else ""),
                title=title or ("" if withdrawn else _word(one["uri"])),  # a withdrawal has the title that is known
                text=text or harmless(_word(one.get("body_text")).strip()),
                lang=_word(one.get("language")) or None,
                published=published,
                modified=moment(_word(one.get("versioncreated")) or _word(one.get("versionCreated"))),
                dated_by="feed" if published else None,
                withdrawn=withdrawn,
            )
        )
    return Reading(entries)


def _word(value: Any) -> str:
    """A JSON value as text: the standard asks readers to take numbers as ids for what they show."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _web(url: str, value: Any) -> str:
    try:
        whole = bare(urljoin(url, _word(value).strip())) if _word(value).strip() else ""
    except ValueError:
        return ""
    return whole if whole.startswith(("http://", "https://")) and harmless(whole) == whole else ""
