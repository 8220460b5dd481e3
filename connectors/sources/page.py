"""An HTML page as one article: its text by trafilatura, its date only from who states one."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import htmldate
import lxml.html
import trafilatura
from lxml.etree import ParserError

from connectors.base import SourceFault, bare
from connectors.dates import MONTHS, day, moment
from connectors.entries import Declaration, Entry, Reading, match, to_item
from connectors.markup import harmless, one_line
from streams.contracts.records import Item

MOST_PAGE = 4 * 1024 * 1024
_ARTICLE = re.compile(r"Article$|^(?:BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|WebPage|VideoObject)$")
_GRAPH = (
    "article:published_time", "og:article:published_time", "og:published_time", "og:pubdate", "article:published",
)  # fmt: skip
_META = (
    "datepublished", "date.issued", "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.created",
    "sailthru.date", "parsely-pub-date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date",
    "publication-date", "citation_publication_date", "citation_online_date", "article.published", "published-date",
    "published_date", "cxenseparse:recs:publishtime", "bt:pubdate", "originalpublicationdate", "article_date_original",
    "article:post_date", "rnews:datepublished", "dc.date", "dcterms.date", "date",
)  # fmt: skip
_DATED = re.compile(r"/((?:19|20)\d\d)[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?:[/_.-]|$)")
_MODIFIED = {
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "revised", "article.updated",
}  # fmt: skip
_STAMP = re.compile(
    r"(?:copyright|©|\bstand\b|updated|modified|edited|обновлен[оа]?|изменен[оа]?|отредактирован[оа]?|оновлено|aktualisiert|"
    r"mis à jour|modifié|actualizado|zaktualizowano|aktualizacja|актуализирана|atualizado)",
    re.IGNORECASE,
)
_CHROME = re.compile(
    r"(?:\d+\s+)?comments?$|(?:advertisement|anzeige|publicité|реклама|share this|don['’]t miss|filed under.{0,80})\W*$"
    r"|(?:read more|see more|see also|related|more on this|читайте также|lesen sie auch|lire aussi)\s*:.{0,160}$"
    r"|(?:sign up (?:for|to)|subscribe to|follow us on) .{0,120}$",
    re.IGNORECASE,
)
_SITE = re.compile(r"\s+(?:[|–—\-·•»:]|::)\s+")


class Page:
    """An HTML page's bytes as one item."""

    def __init__(self, name: str, url: str, within: str | None = None) -> None:
        self.name, self.url, self.within = name, bare(url), within

    def read(self, raw: bytes, seen: datetime) -> Iterable[Item]:
        """The page's item; `SourceFault` when it has no text."""
        about = Declaration(self.within or self.name, self.name, self.url)
        found, _, _ = match(about.id, read(self.url, raw, seen=seen).entries, (), "link")
        return [to_item(one, about, seen, "new", first=False) for one in found]


def read(url: str, raw: bytes, kind: str = "", seen: datetime | None = None) -> Reading:
    """The one article of a page; `SourceFault` when there is none."""
    if len(raw) > MOST_PAGE:
        raise SourceFault(f"a page of more than {MOST_PAGE} bytes", "not-a-feed")
    if kind and not re.search(r"html|xml|text/plain|octet", kind, re.IGNORECASE):
        raise SourceFault(f"{bare(url)} is no page but {kind[:40]}", "not-a-feed")
    tree = _tree(raw, kind)
    if tree is None:
        raise SourceFault(f"{bare(url)} is not a page", "not-a-feed")
    said = list(_structured(tree))
    published, dated_by = _published(tree, said, seen or datetime.now(UTC), url)
    title = _title(tree, said)
    text = _body(tree)
    if not text and not title:
        raise SourceFault(f"{bare(url)} has no text", "not-a-feed")
    lang = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    entry = Entry(
        guid="",
        link=bare(url),
        title=title,
        text=text,
        lang=lang[:35] if lang else None,
        published=published,
        modified=_modified(tree, said),
        dated_by=dated_by,
        flags=("full-text",) if text else (),
    )
    return Reading([entry])


def _body(tree: Any) -> str:
    """The article's text. The careful reading; where it keeps less than half of the quick one, the quick one."""
    careful = trafilatura.bare_extraction(
        deepcopy(tree), include_comments=False, with_metadata=False, favor_precision=True
    )
    quick = trafilatura.bare_extraction(deepcopy(tree), include_comments=False, with_metadata=False, fast=True)
    first, second = (str(getattr(found, "text", None) or "") for found in (careful, quick))
    text = first if len(first) > len(second) / 2 else second
    lines = (line for line in harmless(text).splitlines() if not _CHROME.match(line.strip()))
    return "\n\n".join(line.strip() for line in lines if line.strip())


def _tree(raw: bytes, kind: str) -> Any:
    stated = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", kind, re.IGNORECASE)
    text: Any = raw
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        if stated:
            try:
                text = raw.decode(stated[1], "replace")
            except LookupError:
                text = raw
    return trafilatura.load_html(text)


def _structured(tree: Any) -> Iterator[dict[str, Any]]:
    """JSON-LD objects that are about an article, in document order."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            left: list[Any] = [json.loads(re.sub(r"[\x00-\x1f]", " ", script.text or ""), strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(500):
            if not left:
                break
            one = left.pop(0)
            if isinstance(one, list):
                left = one[:100] + left
            elif isinstance(one, dict):
                kinds = one.get("@type")
                listed = kinds if isinstance(kinds, list) else [kinds]
                if any(isinstance(k, str) and _ARTICLE.search(k) for k in listed):
                    yield one
                left += [v for k, v in one.items() if k in {"@graph", "mainEntity", "mainEntityOfPage"}]


def _meta(tree: Any) -> Iterator[tuple[str, str]]:
    for one in tree.iter("meta"):
        name = (one.get("property") or one.get("name") or one.get("itemprop") or "").strip().lower()
        content = (one.get("content") or "").strip()
        if name and content:
            yield name, content


def _published(
    tree: Any, said: list[dict[str, Any]], seen: datetime, url: str = ""
) -> tuple[datetime | None, str | None]:
    """When the page says that it was published, and who says so: the first of these that states a date."""
    latest = seen + timedelta(days=1)
    for how, stated in (
        ("json-ld", (one.get("datePublished") for one in said if not _is_page(one))),
        ("opengraph", _named(tree, _GRAPH)),
        ("page", _named(tree, _META)),
        ("page", _marked(tree)),
        ("page", _in_address(url)),
        ("json-ld", (one.get("datePublished") for one in said if _is_page(one))),
        ("page", _shown(tree)),
        ("page", _guessed(tree, latest)),
    ):
        for text in stated:
            at = moment(text) or day(text)
            if at is not None and at <= latest:
                return at, how
    return None, None


def _is_page(one: dict[str, Any]) -> bool:
    kinds = one.get("@type")
    return not set(kinds if isinstance(kinds, list) else [kinds]).isdisjoint({"WebPage", "VideoObject"})


def _named(tree: Any, names: Sequence[str]) -> Iterator[str]:
    """What `meta` elements of these names state, in the order of the names."""
    given = list(_meta(tree))
    for name in names:
        yield from (content for had, content in given if had == name)


def _marked(tree: Any) -> Iterator[str]:
    """Elements that say themselves that they hold the date of publication."""
    for one in tree.xpath("//*[@itemprop='datePublished' or @pubdate or contains(@class, 'published')]"):
        yield one.get("datetime") or one.get("content") or one.get("title") or _words(one)
    for one in tree.xpath("//*[contains(@class, 'published')]//time[@datetime]"):
        yield one.get("datetime")


def _in_address(url: str) -> Iterator[str]:
    found = _DATED.search(url)
    if found:
        yield f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _shown(tree: Any) -> Iterator[str]:
    """A date that stands by itself near the headline, not inside a list of other articles, and is no update."""
    for one in tree.xpath("//article//time[@datetime]|//main//time[@datetime]|//header//time[@datetime]")[:3]:
        if not _STAMP.search(_around(one)):
            yield one.get("datetime")
    heads = tree.xpath("//h1")
    near = heads[0].xpath("following::*[position() <= 40]|preceding::*[position() <= 12]") if len(heads) == 1 else []
    for one in near:
        text = _words(one)
        if 8 <= len(text) <= 60 and not _STAMP.search(text) and day(text):
            yield text


def _around(one: Any) -> str:
    parent = one.getparent()
    return _words(parent if parent is not None else one)[:120]


def _words(one: Any) -> str:
    return " ".join("".join(one.itertext()).split())[:200] if isinstance(one.tag, str) else ""


def _guessed(tree: Any, latest: datetime) -> Iterator[str]:
    """What htmldate finds, if a reader finds it on the page too, and not as the date of a change."""
    try:
        found = htmldate.find_date(
            lxml.html.tostring(tree, encoding="unicode"),
            original_date=True,
            extensive_search=False,
            max_date=latest.strftime("%Y-%m-%d"),
        )
    except (ValueError, TypeError, RecursionError, ParserError, AttributeError):
        return
    at = moment(found)
    if at is None:
        return
    names = "|".join(name for name, number in MONTHS.items() if number == at.month)
    written = re.compile(
        rf"\b0?{at.day}(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?(?:{names})[^\W\d]*\.?,?\s+(?:de\s+)?{at.year}"
        rf"|\b(?:{names})[^\W\d]*\.?\s+0?{at.day}(?:st|nd|rd|th)?,?\s+{at.year}"
        rf"|\b{at.year}[-/.]{at.month:02}[-/.]{at.day:02}\b|\b0?{at.month}/0?{at.day}/{at.year}\b"
        rf"|\b0?{at.day}[./-]0?{at.month}[./-](?:{at.year}|{at.year % 100:02})\b"
        rf"|{at.year}\s?[年년]\s?{at.month}\s?[月월]\s?{at.day}",
        re.IGNORECASE,
    )
    for text in tree.xpath("//body//text()[not(parent::script or parent::style)]"):
        if written.search(text) and not _STAMP.search(text[:200] + " " + _around(text.getparent())):
            yield f"{at:%Y-%m-%d}"
            return


def _modified(tree: Any, said: list[dict[str, Any]]) -> datetime | None:
    for one in said:
        if at := moment(one.get("dateModified")):
            return at
    for name, content in _meta(tree):
        if name in _MODIFIED and (at := moment(content)):
            return at
    for one in tree.xpath("//time[contains(@itemprop, 'dateModified')]|//*[@itemprop='dateModified']"):
        if at := moment(one.get("datetime") or one.get("content") or "".join(one.itertext())[:100]):
            return at
    for one in tree.xpath("//time[@datetime]"):
        around = "".join((one.getparent() if one.getparent() is not None else one).itertext())[:200]
        if _STAMP.search(around) and (at := moment(one.get("datetime"))):
            return at
    return None


def _title(tree: Any, said: list[dict[str, Any]]) -> str:
    """The headline: as the page shows it, where that agrees with what it says of itself."""
    metas = dict(reversed(list(_meta(tree))))
    site = one_line(metas.get("og:site_name", "")).casefold()
    graph = one_line(metas.get("og:title", "") or metas.get("twitter:title", ""))
    shown = one_line("".join(next(tree.iter("title"), tree.makeelement("title")).itertext()))
    stated = [one_line(html.unescape(str(one["headline"]))) for one in said if isinstance(one.get("headline"), str)]
    others = [text for text in (shown, graph, *stated) if text]
    heads = [text for head in tree.iter("h1") if (text := one_line("".join(head.itertext())))]
    for head in heads:
        named = head.casefold() == site or any(_SITE.split(text)[-1] == head != text for text in others)
        if not named and (not others or any(_agree(head, text) for text in others)):
            return harmless(head)
    for candidate in (*stated, graph, shown):
        if candidate:
            parts = _SITE.split(candidate)
            last = len(parts) > 1 and (parts[-1].casefold() == site or candidate is shown)
            return harmless(candidate[: candidate.rindex(parts[-1])].rstrip(" |–—-·•»:") if last else candidate)
    return harmless(heads[0]) if heads else ""


def _agree(head: str, other: str) -> bool:
    """Whether two titles are of one article: one holds the other, or a third of the words is shared."""
    if head in other or other in head:
        return True
    ours, theirs = (set(re.findall(r"\w+", text.casefold())) for text in (head, other))
    return len(ours & theirs) * 3 >= len(ours) > 0
