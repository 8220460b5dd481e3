"""An HTML page as one article: its text by trafilatura, its date only from who states one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import htmldate
import lxml.html
import trafilatura
from lxml.etree import ParserError

from connectors.base import SourceFault, bare
from connectors.dates import moment
from connectors.entries import Declaration, Entry, Reading, match, to_item
from connectors.markup import harmless, one_line
from streams.contracts.records import Item

MOST_PAGE = 4 * 1024 * 1024
_ARTICLE = re.compile(r"Article$|^(?:BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|WebPage|VideoObject)$")
_PUBLISHED = {
    "article:published_time": "opengraph", "og:published_time": "opengraph", "og:article:published_time": "opengraph",
    "article:published": "opengraph", "datepublished": "page", "date.issued": "page", "dc.date.issued": "page",
    "dcterms.issued": "page", "dc.date.created": "page", "dcterms.created": "page", "sailthru.date": "page",
    "parsely-pub-date": "page", "pubdate": "page", "publishdate": "page", "publish-date": "page",
    "publish_date": "page",
    "publication_date": "page", "publication-date": "page", "citation_publication_date": "page",
    "article.published": "page", "published-date": "page", "published_date": "page", "og:pubdate": "opengraph",
    "cxenseparse:recs:publishtime": "page", "bt:pubdate": "page", "originalpublicationdate": "page",
    "article_date_original": "page", "dc.date": "page", "dcterms.date": "page", "date": "page",
}  # fmt: skip
_MODIFIED = {
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "revised", "article.updated",
}  # fmt: skip
_STAMP = re.compile(
    r"(?:updated|modified|edited|обновлен[оа]?|изменен[оа]?|отредактирован[оа]?|оновлено|aktualisiert|"
    r"mis à jour|modifié|actualizado|zaktualizowano|aktualizacja|актуализирана|atualizado)",
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
    published, dated_by = _published(tree, said, seen or datetime.now(UTC))
    title = _title(tree, said)
    document: Any = trafilatura.bare_extraction(
        tree, url=bare(url), include_comments=False, with_metadata=False, deduplicate=False
    )
    text = harmless((document.text or "") if document is not None else "").strip()
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


def _published(tree: Any, said: list[dict[str, Any]], seen: datetime) -> tuple[datetime | None, str | None]:
    """When the page says that it was published, and who says so."""
    latest = seen + timedelta(days=1)
    real = [one for one in said if not _is_page(one)] or said
    for one in real:
        if (at := moment(one.get("datePublished"))) and at <= latest:
            return at, "json-ld"
    metas = list(_meta(tree))
    for name, how in _PUBLISHED.items():
        for given, content in metas:
            if given == name and (at := moment(content)) and at <= latest:
                return at, how
    for one in tree.xpath("//time[@pubdate or contains(@itemprop, 'datePublished')]|//*[@itemprop='datePublished']"):
        if (at := moment(one.get("datetime") or one.get("content") or "".join(one.itertext())[:100])) and at <= latest:
            return at, "page"
    found = _guessed(tree, latest)
    return (found, "page") if found else (None, None)


def _is_page(one: dict[str, Any]) -> bool:
    return one.get("@type") in {"WebPage", "VideoObject"}


def _guessed(tree: Any, latest: datetime) -> datetime | None:
    try:
        text = htmldate.find_date(
            lxml.html.tostring(tree, encoding="unicode"),
            original_date=True,
            extensive_search=True,
            max_date=latest.strftime("%Y-%m-%d"),
        )
    except (ValueError, TypeError, RecursionError, ParserError, AttributeError):
        return None
    return moment(text)


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
    heads = [one_line("".join(h.itertext())) for h in tree.iter("h1")]
    heads = [h for h in heads if h]
    stated = [one_line(harmless(str(one["headline"]))) for one in said if isinstance(one.get("headline"), str)]
    graph = one_line(metas.get("og:title", "") or metas.get("twitter:title", ""))
    shown = one_line("".join(next(tree.iter("title"), tree.makeelement("title")).itertext()))
    for head in heads:
        if len(heads) == 1 or any(head in other or other in head for other in (shown, graph, *stated) if other):
            return harmless(head)
    for candidate in (*stated, graph):
        if candidate:
            return harmless(candidate)
    return harmless(_SITE.split(shown)[0].strip()) if shown else ""


def canonical(url: str, tree: Any) -> str:
    """The address that the page calls its own, if it is on the same host."""
    for one in tree.xpath("//link[@rel='canonical'][@href]"):
        return urljoin(url, str(one.get("href")))
    return url
