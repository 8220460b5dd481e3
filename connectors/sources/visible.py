"""The date that a reader sees on a page: the one that stands near its headline, and is no one else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.dates import inside
from connectors.sources.stated import Claim, close, whole, words

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
APART = frozenset(["footer", "aside", "nav", "script", "style", "noscript", "select", "option", "head"])
NEAR, CLOSE = 80, 14
"""Elements around the headline in which its date is looked for; so near that it is likely to be its own."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A date that a reader sees on the page."""

    at: datetime
    score: float
    distance: int
    """Elements between it and the headline."""
    kind: str
    """Tag and class: those of a list of articles are alike."""


def visible(tree: Any, headline: str, lang: str, latest: datetime) -> Iterator[Claim]:
    """The date that stands by itself near the headline, not inside a list of other articles, and is no update."""
    head = _headline(tree, headline)
    around = set(head.iterancestors()) if head is not None else set()
    order = [one for one in tree.iter() if isinstance(one.tag, str)]
    at_head = order.index(head) if head is not None else 0
    shown: list[Shown] = []
    told: list[Claim] = []
    days: dict[str, set[Any]] = {}
    for number, one in enumerate(order):
        text = _own(one)
        found = inside(text, lang) if 6 <= len(text) <= 200 and any(c.isdigit() for c in text) else None
        if found is None and one.tag == "time" and (at := whole(one.get("datetime"))) is not None:
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
        if labelled and head is not None and -CLOSE <= distance <= NEAR // 2:
            told.append(Claim(found[0], "page", 2.0))
        score = _score(one, found[1] + found[2], labelled, near, around)
        if score is not None:
            shown.append(Shown(found[0], score + near, abs(distance), kind))
    # Of many that look alike none is the article's, but for one right at the headline.
    alone = len({each.at.date() for each in shown}) == 1
    own = [each for each in shown if len(days[each.kind]) == 1 or each.distance <= CLOSE]
    best = max(own, key=lambda each: (each.score, -each.distance), default=None)
    if best is not None and best.score + 0.5 * alone >= 2:
        yield Claim(best.at, "page", min(best.score + 0.5 * alone, 3.0))
    elif told and all(close(each.at, told[0].at) for each in told):
        yield told[0]  # "Published on" under the headline is believed wherever it stands


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
        if up.tag in APART and not (close or labelled):
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
