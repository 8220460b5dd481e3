"""A made-up world for the page: reports go through the real rooms, and what comes out fills an archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from connectors.page.archive import Archive, Arrived
from streams.contracts.records import Alert, Feedback, SourceHealth
from streams.contracts.topics import ALERTS, DEAD, FEEDBACK, SOURCES, Outgoing, partition_of
from streams.contracts.wire import decode, encode
from streams.logic import dossier
from streams.logic.memory import DictMemory
from tests.logic.test_rooms import Rooms
from tests.making import an_item, seed, watch_rules

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SAYS = {
    "en": (
        "Russia proposed the {name} to NATO on Monday, a foreign ministry spokesman said in Moscow.",
        "NATO rejected the {name}, the alliance's spokeswoman told reporters after a meeting in Brussels.",
        "NATO ambassadors discussed the {name} with Russia and voiced concern about its inspection clauses.",
        "NATO welcomed the {name} as a step forward, Secretary General Mark Rutte said on Thursday.",
        "Russia suspended the {name}, citing NATO exercises near its borders, the defence ministry announced.",
        "NATO and Russia signed the {name} after two years of talks, officials on both sides confirmed.",
    ),
    "de": (
        "Russland hat der NATO den {name} vorgeschlagen, sagte ein Sprecher des Außenministeriums in Moskau.",
        "Die NATO lehnte den {name} ab, teilte eine Sprecherin des Bündnisses in Brüssel mit.",
    ),
    "ru": (
        "Россия предложила НАТО {name}, заявил официальный представитель МИД в Москве.",
        "НАТО отвергла {name}, сообщил представитель альянса в Брюсселе.",
    ),
}
NAMES = {
    "en": ("European Security Treaty", "INF treaty", "CFE treaty", "Open Skies treaty", "Vienna Document"),
    "de": ("europäischen Sicherheitsvertrag", "INF-Vertrag", "KSE-Vertrag"),
    "ru": ("договор о европейской безопасности", "договор РСМД", "договор по открытому небу"),
}
PROMISES = (
    " The talks in Vienna will go on until {day}, diplomats said.",
    " Russia promised to give its answer by {day}.",
    " NATO foreign ministers will discuss it again in Brussels on {day}.",
)
PLACES = ("TASS", "Reuters", "Kommersant", "Der Spiegel", "Le Monde", "Moscow Times")


def reports(rooms: Rooms, n: int, start: datetime = START) -> Iterator[Outgoing]:
    """What the rooms make of `n` reports, the seed first; some are copies, edits and retractions of others."""
    yield from rooms.take(seed())
    langs = ("en", "en", "de", "ru")
    for i in range(n):
        lang = langs[i % len(langs)]
        text = SAYS[lang][i // 5 % len(SAYS[lang])].format(name=NAMES[lang][i % len(NAMES[lang])])
        at = start + timedelta(hours=19 * i)
        source = PLACES[i % len(PLACES)]
        title = text.split(",")[0]
        promise = (
            PROMISES[i // 3 % len(PROMISES)].format(day=f"{at + timedelta(days=40):%d %B %Y}") if i % 3 == 0 else ""
        )
        detail = f"{promise} Report {i}."
        given: dict[str, Any] = {
            "lang": lang, "seen": at, "published": at - timedelta(minutes=3 + i % 50), "title": title, "source": source,
        }  # fmt: skip
        yield from rooms.take(an_item(f"w{i}", text + detail, **given))
        yield from rooms.beside
        rooms.beside.clear()
        if i % 9 == 4 and lang == "en":
            yield from rooms.take(an_item(f"c{i}", text + detail, **(given | {"source": "Copy Agency"})))
        if i % 13 == 6:
            # A report of days ago that comes late: history, and no alert.
            yield from rooms.take(an_item(f"l{i}", text, **(given | {"published": at - timedelta(days=5)})))
        if i % 11 == 5:
            other = text.replace("rejected", "welcomed").replace("proposed", "suspended")
            yield from rooms.take(an_item(f"w{i}", other + detail, kind="update", **given))
        if i % 37 == 20:
            yield from rooms.take(an_item(f"w{i}", "", kind="retraction", **(given | {"published": None})))


def health(number: int, **more: Any) -> SourceHealth:
    """A source's health; every fourth is not well, each in its own way."""
    ways: tuple[dict[str, Any], ...] = (
        {"outcome": "failed", "reason": "timed out after 30 s", "failures": 4},
        {"outcome": "refused", "reason": "403 Forbidden: robots.txt asks us to stay away", "failures": 1},
        {"outcome": "gone", "reason": "410 Gone", "failures": 1},
        {"outcome": None, "polled": None, "changed": None},
        {"enabled": False},
    )
    at = datetime.now(UTC)
    given: dict[str, Any] = {
        "id": f"src{number}", "name": f"{PLACES[number % 6]} {number}", "url": f"https://feeds.example/{number}.xml",
        "format": "feed", "enabled": True, "outcome": "ok", "reason": "", "polled": at, "next": at,
        "changed": at - timedelta(days=number), "items": 40 * number, "failures": 0,
    }  # fmt: skip
    return SourceHealth(**(given | (ways[number // 4 % 5] if number % 4 == 3 else {}) | more))


class Log:
    """Records with places, as Kafka would number them."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, int], int] = {}
        self.at = int(START.timestamp() * 1000)

    def record(self, topic: str, key: str, value: bytes | None, headers: dict[str, bytes] | None = None) -> Arrived:
        place = topic, partition_of(topic, key, 8)
        offset = self._next.get(place, 0)
        self._next[place] = offset + 1
        self.at += 1000
        return Arrived(topic, place[1], offset, self.at, key, value, headers or {})

    def all_of(self, found: Iterable[Outgoing]) -> Iterator[Arrived]:
        """Alerts come some seconds after their article was seen, as a worker gives them."""
        for number, out in enumerate(found):
            if out.topic == ALERTS.name:
                alert = decode(Alert, out.value)
                if alert.article is not None and not alert.historical:
                    seen = int(alert.article.seen.timestamp() * 1000)
                    self.at = max(self.at, seen + (number % 5) ** 5 * 40 - 1000)
            yield self.record(out.topic, out.key, out.value, dict(out.headers))


def world(n: int = 300, *, recent: bool = False) -> list[Arrived]:
    """Everything that the page reads, for `n` reports; the same every day unless it is to be `recent`."""
    log, rooms, start = Log(), Rooms(), START
    if recent:
        today = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
        start = today - timedelta(hours=19 * n)
        log.at = int(start.timestamp() * 1000)
    found = [one for one in log.all_of(reports(rooms, n, start)) if one.topic != "alerts.breaking"]
    for i in range(24):
        found.append(log.record(SOURCES.name, f"src{i}", encode(health(i))))
    memory = DictMemory()
    for blind in (health(3), health(7), health(0, id="src7", name=health(7).name)):
        # Two sources go blind; of one it is told that it sees again.
        found += log.all_of(dossier.decide(memory, blind, len(found), watch_rules()).outgoing)
    alerts = [decode(Alert, one.value) for one in found if one.topic == ALERTS.name]
    for i, alert in enumerate(alerts[:60]):
        said = Feedback(
            alert=alert.id, thread=alert.thread, rule=alert.rule.id, by=f"reader {i % 3}", at=START,
            verdict="not-relevant" if i % 7 == 0 else "relevant",
        )  # fmt: skip
        found.append(log.record(FEEDBACK.name, alert.proposal or "", encode(said)))
    for i in range(5):
        found.append(log.record(DEAD.name, f"d{i}", b"\xff", {"room": b"normalise", "reason": b"not UTF-8 at byte 0"}))
    return found


def hostile(alert: Alert, attack: str) -> Alert:
    """The alert with an attack in everything that a feed may write."""
    assert alert.article is not None
    article = msgspec.structs.replace(alert.article, url=attack, source=attack, title=attack, lang="en")
    evidence = [msgspec.structs.replace(e, prefix=attack, quote=attack, suffix=attack) for e in alert.evidence]
    why = [msgspec.structs.replace(r, text=attack) for r in alert.why]
    return msgspec.structs.replace(alert, headline=attack, article=article, evidence=evidence, why=why)


def filled(path: Path, records: Iterable[Arrived]) -> Path:
    """An archive of these records."""
    archive = Archive(path, "test")
    archive.take(records)
    archive.close()
    return path


def lines(body: bytes) -> list[Any]:
    """JSON lines, read."""
    return [json.loads(line) for line in body.splitlines()]
