"""When a page was published: what it says itself, what its address says, what a reader sees.

Each of these may be wrong: a template's date, an update, the date of another article in a list. So they are heard
together. JSON-LD and OpenGraph count most; where others contradict, what agrees with most of the rest counts; and
where nothing does, nothing is said.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import htmldate
import lxml.html
from lxml.etree import ParserError

from connectors.dates import MONTHS, moment
from connectors.sources.stated import Claim, about_page, close, metas, whole, words
from connectors.sources.visible import APART, STAMP, visible

_GRAPH = (
    "article:published_time", "og:article:published_time", "og:published_time", "og:pubdate", "article:published",
)  # fmt: skip
_SAID = (
    "datepublished", "date.issued", "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.created",
    "sailthru.date", "parsely-pub-date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date",
    "publication-date", "citation_publication_date", "citation_online_date", "article.published", "published-date",
    "published_date", "cxenseparse:recs:publishtime", "bt:pubdate", "originalpublicationdate", "article_date_original",
    "article:post_date", "rnews:datepublished", "prism.publicationdate",
)  # fmt: skip
_VAGUE = ("dc.date", "dcterms.date", "date")
"""Names that some programs fill with the day of the last change, or of the visit."""
_CHANGED = {
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "revised", "article.updated",
}  # fmt: skip
_IN_ADDRESS = (
    re.compile(r"[/_-]((?:19|20)\d\d)[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
)
_DAY_FIRST = re.compile(r"/(3[01]|[12]\d|0?[1-9])-(1[0-2]|0?[1-9])-((?:19|20)\d\d)(?=[/_.-]|$)")
ENOUGH = 1.9
"""What must speak for a date before it is believed."""


def published(
    tree: Any, said: Sequence[dict[str, Any]], latest: datetime, url: str = "", headline: str = ""
) -> tuple[datetime | None, str | None]:
    """The moment of publication and who says it (`json-ld`, `opengraph`, `page`); nothing later than `latest`."""
    seen = list(visible(tree, headline, _lang(tree), latest))
    claims = [c for c in (*_stated(tree, said, url, headline), *_marked(tree, headline), *seen) if _usual(c, latest)]
    chosen = _decided(claims, _changes(tree, said))
    if chosen is None:
        chosen = next((c for c in _guessed(tree, latest, url) if _usual(c, latest)), None)
    return (chosen.at, chosen.how) if chosen else (None, None)


def modified(tree: Any, said: Iterable[dict[str, Any]]) -> datetime | None:
    """When the page says that it was last changed."""
    for one in said:
        if at := moment(one.get("dateModified")):
            return at
    for name, content in metas(tree):
        if name in _CHANGED and (at := moment(content)):
            return at
    for one in tree.xpath("//time[contains(@itemprop, 'dateModified')]|//*[@itemprop='dateModified']"):
        if at := moment(one.get("datetime") or one.get("content") or words(one)[:100]):
            return at
    for one in tree.xpath("//time[@datetime]"):
        if STAMP.search(_around(one)) and (at := moment(one.get("datetime"))):
            return at
    return None


def _usual(claim: Claim, latest: datetime) -> bool:
    return claim.at.year > 1900 and claim.at <= latest


def _decided(claims: Sequence[Claim], changes: Sequence[datetime]) -> Claim | None:
    """The claim that most speaks for: those of one day support each other."""
    best, most = None, 0.0
    for claim in claims:
        # A date that is also that of a change says little, unless its name says that it is the first.
        support = {c.how + str(c.weight): c.weight for c in claims if close(c.at, claim.at)}
        weight = sum(support.values())
        if claim.how == "page" and claim.weight < 2.5 and any(claim.at.date() == at.date() for at in changes):
            weight /= 2
        if weight > most:
            best, most = claim, weight
    if best is None or most < ENOUGH:
        return None
    rivals = [c for c in claims if c.weight >= 2 and not close(c.at, best.at)]
    # Two that are equally likely: nobody knows.
    return None if best.weight < 3 and any(c.weight >= most for c in rivals) else best


def _changes(tree: Any, said: Iterable[dict[str, Any]]) -> list[datetime]:
    stated = [one.get("dateModified") for one in said]
    stated += [content for name, content in metas(tree) if name in _CHANGED]
    return [at for text in stated if (at := moment(text)) is not None]


def _stated(tree: Any, said: Sequence[dict[str, Any]], url: str, headline: str) -> Iterator[Claim]:
    """What JSON-LD, `meta` elements and the address say."""
    articles = [(one, at) for one in said if not about_page(one) and (at := whole(one.get("datePublished")))]
    ours = [pair for pair in articles if _ours(pair[0], url, headline)]
    several = len({at.date() for _, at in articles}) > 1
    for _, at in (ours or articles)[:1]:
        yield Claim(at, "json-ld", 3.0 if several and not ours else 6.0)
    for one in said:
        if about_page(one) and (at := whole(one.get("datePublished"))):
            yield Claim(at, "json-ld", 2.0)
            break
    given = list(metas(tree))
    given += _parsely(given)
    for names, how, weight in ((_GRAPH, "opengraph", 5.0), (_SAID, "page", 3.0), (_VAGUE, "page", 1.9)):
        for name in names:
            dates = [at for had, text in given if had == name and (at := whole(text))]
            # Of one name with many dates none is the page's own: they are those of what it lists.
            if dates and all(close(at, dates[0]) for at in dates):
                yield Claim(dates[0], how, weight)
                break
    path = unquote(urlsplit(url).path)
    for pattern in _IN_ADDRESS:
        found = pattern.search(path)
        if found and (at := moment(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}")):
            yield Claim(at, "page", 2.9)
            break
    turned = _DAY_FIRST.search(path)
    if turned and int(turned[1]) > 12 and (at := moment(f"{turned[3]}-{int(turned[2]):02}-{int(turned[1]):02}")):
        yield Claim(at, "page", 2.0)


def _parsely(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The date in the older form of Parse.ly's `meta` element, which is JSON."""
    found = []
    for name, content in given:
        if name == "parsely-page":
            with contextlib.suppress(ValueError, RecursionError):
                said = json.loads(content)
                found.append(("parsely-pub-date", str(said.get("pub_date", "")) if isinstance(said, dict) else ""))
    return found


def _ours(one: dict[str, Any], url: str, headline: str) -> bool:
    """Whether a JSON-LD object is about the article of this page."""
    stated = str(one.get("headline") or one.get("name") or "").casefold()
    if headline and stated and (headline.casefold() in stated or stated in headline.casefold()):
        return True
    place = one.get("url") or one.get("@id") or one.get("mainEntityOfPage")
    place = place.get("@id") if isinstance(place, dict) else place
    return (
        bool(url)
        and isinstance(place, str)
        and urlsplit(place).path.rstrip("/") == urlsplit(url).path.rstrip("/") != ""
    )


def _marked(tree: Any, headline: str) -> Iterator[Claim]:
    """Elements that say themselves that they hold the date of publication."""
    found = []
    for one in tree.xpath(
        "//*[@itemprop='datePublished' or @property='datePublished' or @pubdate or contains(@class, 'published')]"
    ):
        inner = next(iter(one.xpath(".//time[@datetime]")), None)
        stated = one.get("datetime") or one.get("content") or one.get("title")
        at = whole(stated) or whole(inner.get("datetime") if inner is not None else None) or whole(words(one))
        if at is not None and not STAMP.search(words(one)):
            found.append((one, at))
    if found and all(close(at, found[0][1]) for _, at in found):
        yield Claim(found[0][1], "page", 3.1)


def _lang(tree: Any) -> str:
    return str(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()


def _around(one: Any) -> str:
    parent = one.getparent()
    return words(parent if parent is not None else one)[:120]


def _guessed(tree: Any, latest: datetime, url: str) -> Iterator[Claim]:
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
        parent = text.getparent()
        if written.search(text) and not STAMP.search(text[:200] + " " + _around(parent)):
            apart = any(up.tag in APART for up in parent.iterancestors()) or parent.tag in APART
            if not apart:
                yield Claim(at, "page", 1.0)
                return
