"""When a page was published: what it says itself, what its address says, what a reader sees.

Each of these may be wrong: a template's date, an update, the date of another article in a list. So they are heard
together. JSON-LD and OpenGraph count most; where others contradict, what agrees with most of the rest counts; and
where nothing does, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import htmldate
import lxml.html
from lxml.etree import ParserError

from connectors.dates import MONTHS, day, inside, moment
from connectors.sources.stated import about_page, metas, words

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
STAMP = re.compile(
    r"(?:copyright|©|\bstand\b|updated|modified|edited|revised|reviewed|corrected|обновлен[оа]?|изменен[оа]?|"
    r"отредактирован[оа]?|исправлен[оа]?|оновлено|змінено|aktualisiert|geändert|überarbeitet|mis à jour|modifié|màj|"
    r"actualizad[oa]|modificado|zaktualizowano|aktualizacja|актуализиран[аo]?|променен[аo]?|atualizad[oa]|"
    r"aggiornat[oa]|bijgewerkt|uppdaterad|oppdatert|opdateret|änderung|обновление)",
    re.IGNORECASE,
)
"""Words that make a date the date of a change."""
_CHANGE = re.compile(STAMP.pattern.replace("copyright|©|", ""), re.IGNORECASE)
_OUT = re.compile(
    r"\b(?:published|posted|issued|released|publi(?:é|ée|cado|cada|cação|kováno)|mise? en ligne|paru|"
    r"veröffentlicht|veröffentlichung|erschienen|erstellt|eingestellt|geschrieben|written|datum|date|дата|опубликован[оа]?|публикация|размещено|опубліковано|оприлюднено|"
    r"opublikowan[oa]|dodano|data|fecha|pubblicato|(?:meldung|mitteilung|artikel|beitrag|news) vom|"
    r"публикуван[ао]?|gepubliceerd|publicerad|julkaistu)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:joined|registered|member since|born|died|geboren|gestorben|expires|deadline|until|since|valid|bis|seit|"
    r"gültig|from|ab dem|до|с|от|due|effective|accessed|retrieved|abgerufen|consulté le|termin)\W*$",
    re.IGNORECASE,
)
"""Words right before a date that is that of something else."""
_ELSEWHERE = re.compile(
    r"comment|related|recommend|sidebar|widget|teaser|footer|archive|calendar|popular|recent|newsletter|event|"
    r"kommentar|reply|most-?read|similar|promo|carousel|breaking|\bnav|menu|topbar|today|clock|current-?date",
    re.IGNORECASE,
)
_HINT = re.compile(r"date|datum|time|publi|byline|meta|posted|stamp|dateline|info|author|kicker|tagline", re.IGNORECASE)
_APART = frozenset(["footer", "aside", "nav", "script", "style", "noscript", "select", "option", "head"])
NEAR, CLOSE = 80, 14
"""Elements around the headline in which its date is looked for; so near that it is likely to be its own."""
ENOUGH = 1.9
"""What must speak for a date before it is believed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of when a page was published."""

    at: datetime
    how: str
    weight: float


def published(
    tree: Any, said: Sequence[dict[str, Any]], latest: datetime, url: str = "", headline: str = ""
) -> tuple[datetime | None, str | None]:
    """The moment of publication and who says it (`json-ld`, `opengraph`, `page`); nothing later than `latest`."""
    seen = list(_visible(tree, headline, _lang(tree), latest))
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


def _whole(text: object) -> datetime | None:
    """A stated date that names its day."""
    if re.fullmatch(r"\s*\d{4}(?:[-/.]\d{1,2})?\s*", str(text or "")):
        return None
    return moment(text) or day(text)


def _close(one: datetime, other: datetime) -> bool:
    """Whether two dates are one day, told in different zones."""
    return abs(one - other) <= timedelta(hours=36)


def _decided(claims: Sequence[Claim], changes: Sequence[datetime]) -> Claim | None:
    """The claim that most speaks for: those of one day support each other."""
    best, most = None, 0.0
    for claim in claims:
        # A date that is also that of a change says little, unless its name says that it is the first.
        support = {c.how + str(c.weight): c.weight for c in claims if _close(c.at, claim.at)}
        weight = sum(support.values())
        if claim.how == "page" and claim.weight < 2.5 and any(claim.at.date() == at.date() for at in changes):
            weight /= 2
        if weight > most:
            best, most = claim, weight
    if best is None or most < ENOUGH:
        return None
    rivals = [c for c in claims if c.weight >= 2 and not _close(c.at, best.at)]
    # Two that are equally likely: nobody knows.
    return None if best.weight < 3 and any(c.weight >= most for c in rivals) else best


def _changes(tree: Any, said: Iterable[dict[str, Any]]) -> list[datetime]:
    stated = [one.get("dateModified") for one in said]
    stated += [content for name, content in metas(tree) if name in _CHANGED]
    return [at for text in stated if (at := moment(text)) is not None]


def _stated(tree: Any, said: Sequence[dict[str, Any]], url: str, headline: str) -> Iterator[Claim]:
    """What JSON-LD, `meta` elements and the address say."""
    articles = [(one, at) for one in said if not about_page(one) and (at := _whole(one.get("datePublished")))]
    ours = [pair for pair in articles if _ours(pair[0], url, headline)]
    several = len({at.date() for _, at in articles}) > 1
    for _, at in (ours or articles)[:1]:
        yield Claim(at, "json-ld", 3.0 if several and not ours else 6.0)
    for one in said:
        if about_page(one) and (at := _whole(one.get("datePublished"))):
            yield Claim(at, "json-ld", 2.0)
            break
    given = list(metas(tree))
    for names, how, weight in ((_GRAPH, "opengraph", 5.0), (_SAID, "page", 3.0), (_VAGUE, "page", 1.9)):
        for name in names:
            dates = [at for had, text in given if had == name and (at := _whole(text))]
            # Of one name with many dates none is the page's own: they are those of what it lists.
            if dates and all(_close(at, dates[0]) for at in dates):
                yield Claim(dates[0], how, weight)
                break
    for pattern in _IN_ADDRESS:
        found = pattern.search(unquote(urlsplit(url).path))
        if found and (at := moment(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}")):
            yield Claim(at, "page", 2.9)
            break


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
        at = _whole(stated) or _whole(inner.get("datetime") if inner is not None else None) or _whole(words(one))
        if at is not None and not STAMP.search(words(one)):
            found.append((one, at))
    if found and all(_close(at, found[0][1]) for _, at in found):
        yield Claim(found[0][1], "page", 3.1)


def _lang(tree: Any) -> str:
    return str(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()


def _around(one: Any) -> str:
    parent = one.getparent()
    return words(parent if parent is not None else one)[:120]


@dataclass(frozen=True, slots=True)
class Shown:
    """A date that a reader sees on the page."""

    at: datetime
    score: float
    distance: int
    """Elements between it and the headline."""
    kind: str
    """Tag and class: those of a list of articles are alike."""


def _visible(tree: Any, headline: str, lang: str, latest: datetime) -> Iterator[Claim]:
    """The date that stands by itself near the headline, not inside a list of other articles, and is no update."""
    head = _headline(tree, headline)
    around = set(head.iterancestors()) if head is not None else set()
    order = [one for one in tree.iter() if isinstance(one.tag, str)]
    at_head = order.index(head) if head is not None else 0
    shown = []
    days: dict[str, set[Any]] = {}
    for number, one in enumerate(order):
        text = _own(one)
        found = inside(text, lang) if 6 <= len(text) <= 200 and any(c.isdigit() for c in text) else None
        if found is None and one.tag == "time" and (at := _whole(one.get("datetime"))) is not None:
            found = at, "" if any(c.isdigit() for c in text) else text, ""
        if found is None or found[0] > latest or found[0].year < 1990:
            continue
        kind = f"{one.tag} {one.get('class')}"
        days.setdefault(kind, set()).add(found[0].date())
        labelled = _said_of(one, found[1], found[2])
        distance = number - at_head
        if labelled is None or (not labelled and not -NEAR // 2 <= distance <= NEAR):
            continue
        near = head is not None and -CLOSE <= distance <= CLOSE
        score = _score(one, found[1] + found[2], labelled, near, around)
        if score is not None:
            shown.append(Shown(found[0], score + near, abs(distance), kind))
    # Of many that look alike none is the article's, but for one right at the headline.
    alone = len({each.at.date() for each in shown}) == 1
    own = [each for each in shown if len(days[each.kind]) == 1 or each.distance <= CLOSE]
    best = max(own, key=lambda each: (each.score, -each.distance), default=None)
    if best is not None and best.score + 0.5 * alone >= 2:
        yield Claim(best.at, "page", min(best.score + 0.5 * alone, 3.0))


def _said_of(one: Any, before: str, after: str) -> bool | None:
    """Whether the words around a date say that it is that of publication; `None` when they say that it is another."""
    near = before[-40:] if before.strip() else _before(one)
    if STAMP.search(near) or _OTHER.search(near[-24:]):
        return None
    # "Published 1 May, updated 2 May": the word belongs to what follows it.
    if _CHANGE.search(after[:40]) and not _OUT.search(near) and not inside(after):
        return None
    return _OUT.search(near[-30:]) is not None


def _own(one: Any) -> str:
    """What stands in an element itself, or in what is not set apart in it."""
    if one.tag in {"script", "style", "noscript", "svg"}:
        return ""
    parts = [one.text or ""]
    for child in one:
        if isinstance(child.tag, str) and child.tag in {"b", "i", "em", "strong", "span", "time", "a", "br", "nobr"}:
            parts.append("".join(child.itertext()) if child.tag != "br" else " ")
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())


def _headline(tree: Any, headline: str) -> Any:
    if not headline:
        return None
    wanted = " ".join(headline.split())
    for name in ("h1", "h2", "h3"):
        for one in tree.iter(name):
            if words(one)[:100] == wanted[:100]:
                return one
    heads = list(tree.iter("h1"))
    return heads[0] if len(heads) == 1 else None


def _score(one: Any, rest: str, labelled: bool, close: bool, around: set[Any]) -> float | None:
    """How much a date looks like that of the article; `None` when it stands where others' dates stand.

    `rest` is the text that it stands in, without it; `close` is to the headline; `around` what that stands in.
    """
    marks = []
    for near, up in enumerate([one, *one.iterancestors()]):
        if up in around:
            break
        if up.tag in _APART and not (close or labelled):
            return None
        names = f"{up.get('class') or ''} {up.get('id') or ''}"
        if near < (2 if close else 6) and up.tag not in {"body", "html", "main"} and _ELSEWHERE.search(names):
            return None
        if near < 3:
            marks.append(names)
    score = (1.0 if around else 0.0) + (1.5 if labelled else 0.0)
    score += 1.0 if one.tag == "time" or any(_HINT.search(names) for names in marks) else 0.0
    letters = sum(c.isalpha() for c in rest)
    score += 0.6 if letters <= 25 else (0.0 if letters <= 70 or labelled else -1.5)
    if one.tag == "a" or any(up.tag == "a" for up in one.iterancestors()):
        score -= 1.5
    return score


def _before(one: Any) -> str:
    """The words right before an element: they may say what its date is."""
    previous, parent = one.getprevious(), one.getparent()
    text = (previous.tail or "") if previous is not None else (parent.text or "" if parent is not None else "")
    if previous is not None and isinstance(previous.tag, str) and not text.strip():
        text = words(previous)
    return " ".join(text.split())[-60:] if len(text.split()) <= 12 else ""


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
            apart = any(up.tag in _APART for up in parent.iterancestors()) or parent.tag in _APART
            if not apart:
                yield Claim(at, "page", 1.0)
                return
