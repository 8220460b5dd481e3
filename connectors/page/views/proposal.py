"""All proposals; and one: its life as a timeline and a picture, who stands where in whose words, promises, sources."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from aiohttp import web

from connectors.page import find, pictures
from connectors.page.desk import DESK, Desk
from connectors.page.find import Filter
from connectors.page.strings import Words
from connectors.page.views import coverage
from connectors.page.views.now import OLD
from connectors.page.views.shown import show
from streams.contracts.records import ArticleRef, Dossier, Transition

POSITIONS = ("proposes", "supports", "conditional", "concerned", "rejects", "denies")
MOST_MONTHS = 60
LATEST = 12
MOST_STEPS = 30
"""Steps that the picture of a life holds; the list below it holds all."""
IN_HAND = 10, 360
"""On a phone: so many steps, and units of width. What is latest is seen there without moving the picture."""


def day_of(text: str) -> date:
    """The first day that a date of the contracts may mean: `2008`, `2008-06`, `2008-06-24`, or a time."""
    for form in (text[:10], text[:7] + "-01", text[:4] + "-01-01"):
        try:
            return date.fromisoformat(form)
        except ValueError:
            continue
    return date.min


def months(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Counts by month without gaps; by year when there are too many months."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    (year, month), found = (int(first[:4]), int(first[5:7])), []
    while f"{year:04}-{month:02}" <= last:
        found.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    if len(found) <= MOST_MONTHS:
        return [(name, counts.get(name, 0)) for name in found]
    years: dict[str, int] = defaultdict(int)
    for name in found:
        years[name[:4]] += counts.get(name, 0)
    return list(years.items())


def activity(db: sqlite3.Connection, identity: str) -> list[tuple[str, int]]:
    """Alerts by month of a dossier."""
    rows = db.execute(
        "SELECT substr(day, 1, 7), count(*) FROM threads WHERE dossier = ? AND day != '' GROUP BY 1", (identity,)
    )
    return months(dict(rows.fetchall()))


def picture_of_life(life: Dossier, words: Words, most: int = MOST_STEPS, width: int = 720) -> str:
    """The latest states over time; years of silence are drawn short (by the logarithm of days), order is kept."""
    steps = sorted(life.transitions, key=lambda s: day_of(s.at))[-most:]
    if not steps:
        return ""
    places, at = [], 0.0
    for before, step in zip([steps[0], *steps], steps, strict=False):
        at += math.log1p((day_of(step.at) - day_of(before.at)).days) if step is not before else 0.0
        places.append(at)
    told = "; ".join(f"{words.day(s.at)}: {words.name('status', s.status)}" for s in steps)
    drawn = [
        (0.93 * place / (places[-1] or 1.0), step.status, words.name("status", step.status), words.day(step.at))
        for place, step in zip(places, steps, strict=True)
    ]
    return pictures.life(drawn, f"{words('proposal.timeline')}: {told}", width=width)


def articles_of(db: sqlite3.Connection, life: Dossier) -> dict[str, ArticleRef]:
    """The articles that a dossier names only by id, each as its latest alert has it: an edit may have another title."""
    named = {one.article for part in (life.transitions, life.positions, life.commitments) for one in part}
    found = {}
    for identity in named:
        row = db.execute(
            "SELECT data FROM alerts WHERE article = ? ORDER BY at DESC, offset DESC LIMIT 1", (identity,)
        ).fetchone()
        if row is not None and (article := _ARTICLE.decode(row[0]).article) is not None:
            found[identity] = article
    return found


class _OnlyArticle(msgspec.Struct):
    article: ArticleRef | None


_ARTICLE = msgspec.json.Decoder(_OnlyArticle)


async def all_of_them(request: web.Request) -> web.Response:
    """Every proposal that was seen."""

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        lives = sorted(find.dossiers(db).items(), key=lambda pair: pair[1].last_activity or OLD, reverse=True)
        counts = dict(db.execute("SELECT dossier, count(*) FROM threads GROUP BY dossier").fetchall())
        return {"lives": [(id_, life, counts.get(id_, 0), activity(db, id_)) for id_, life in lives]}

    return await show(request, "proposals.html", "proposals", ask)


def _steps(life: Dossier) -> list[Transition]:
    return sorted(life.transitions, key=lambda s: day_of(s.at), reverse=True)


async def one(request: web.Request) -> web.Response:
    """One proposal, or one case of it."""
    identity = request.match_info["id"]
    desk: Desk = request.app[DESK]
    words = desk.look.words[desk.look.lang(request)]
    life = await desk.ask(find.dossier, identity)
    if life is None:
        raise web.HTTPNotFound(text=words("proposal.none"))

    def ask(db: sqlite3.Connection) -> dict[str, Any]:
        matrix: dict[str, dict[str, list[Any]]] = {}
        for stand in sorted(life.positions, key=lambda p: p.at, reverse=True):
            matrix.setdefault(stand.actor, {}).setdefault(stand.position, []).append(stand)
        counted = {
            column: db.execute(
                f"SELECT {column}, count(*) FROM threads WHERE dossier = ? AND {column} IS NOT NULL"  # noqa: S608 - one of two names
                " GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
                (identity,),
            ).fetchall()
            for column in ("source", "lang")
        }
        relatives = [k for k, d in find.dossiers(db).items() if d.proposal == life.proposal and k != identity]
        health, now = find.sources(db), datetime.now(UTC)
        known = [health[heard.source] for heard in life.coverage.sources if heard.source in health]
        entries, _ = find.threads(db, Filter(proposal=(identity,)), LATEST)
        return {
            "id": identity, "feed_query": Filter(proposal=(identity,)).address(),
            "life": life, "steps": _steps(life), "matrix": matrix, "positions": POSITIONS,
            "articles": articles_of(db, life), "activity": activity(db, identity),
            "picture": picture_of_life(life, words), "picture_in_hand": picture_of_life(life, words, *IN_HAND),
            "sources": counted["source"], "shares": counted["lang"],
            "relatives": relatives, "entries": entries,
            "unseen": [source for source in known if coverage.state_of(source, now) not in ("fresh", "off")],
            "promises": sorted(life.commitments, key=lambda c: c.due or "", reverse=True),
        }  # fmt: skip

    return await show(request, "proposal.html", "proposals", ask)
