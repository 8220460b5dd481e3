"""What was seen travels with the canaries, and stands in digests and dossiers."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from streams.agents import canary as flown
from streams.agents.room import Taken
from streams.contracts.records import Article, Blind, Canary, Coverage, Mention
from streams.contracts.topics import MENTIONS
from streams.contracts.wire import decode, encode
from streams.logic import dossier
from streams.logic.dossier.account import MOST_SOURCES
from streams.logic.memory import DictMemory
from streams.logic.mention import unsupported
from tests.logic.reports import DAY, Room, mention, tick
from tests.making import an_article, an_item, mentions_of

SEEN = Coverage(
    at=DAY, sources=3, seen=1, stale=[], unsupported={"fi": 4}, lag={"news.items": 7}, canary=None,
    down=[Blind(id=name, name=name.title(), reason="timeout", since=None) for name in ("test", "elsewhere")],
)  # fmt: skip
GROUPED = "id: always\nversion: '1'\nwhen: status_change\nseverity: warning\ngroup: {by: [proposal], for: 12h}\n"


def told(room: Room, hours: float = 0.0) -> None:
    dossier.notice(room.memory, Canary(sent=DAY + timedelta(hours=hours), partition=0, coverage=SEEN))


def of_source(one: Mention, source: str, lang: str = "en") -> Mention:
    return msgspec.structs.replace(one, article=msgspec.structs.replace(one.article, source=source, lang=lang))


def test_a_digest_says_what_the_last_canary_of_its_partition_knew() -> None:
    room = Room(**{"always.yaml": GROUPED})
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(mention("b", "rejected", day=0.05))
    told(room, 1)
    told(room, 2)

    (digest,) = room.take(tick(1.1))
    assert digest.coverage == msgspec.structs.replace(SEEN, canary=DAY + timedelta(hours=2))
    (corrected,) = room.take(mention("b", "agreed", day=0.05, revision=2))
    assert (corrected.type, corrected.coverage) == ("corrected", None)


def test_the_play_of_an_archive_is_told_nothing_of_today() -> None:
    """Else the same archive would not give the same bytes tomorrow."""
    room = Room(**{"always.yaml": GROUPED})
    told(room)
    for article, status in (("a", "floated"), ("b", "rejected")):
        room.take(mention(article, status, clock="play", actor=["RU"]))  # type: ignore[arg-type]  # a literal of them

    (digest,) = room.take(tick(1.1, "play"))
    assert digest.coverage is None
    assert room.dossier is not None
    assert room.dossier.coverage.unseen == []


def test_a_dossier_says_who_tells_of_it_and_whom_of_them_we_do_not_see() -> None:
    room = Room()
    told(room)
    room.take(mention("a", "floated", actor=["RU"]))
    room.take(of_source(mention("b", "tabled", actor=["RU"], day=1), "wire", "de"))
    room.take(of_source(mention("b", "tabled", actor=["RU"], day=1, revision=2), "wire", "de"))
    room.take(of_source(mention("c", "rejected", day=2), "wire"))

    assert room.dossier is not None
    coverage = room.dossier.coverage
    assert [(one.source, one.reports, one.last) for one in coverage.sources] == [
        ("wire", 2, DAY + timedelta(days=2)), ("test", 1, DAY),
    ]  # fmt: skip
    assert coverage.languages == {"en": 2, "de": 1}
    assert [one.id for one in coverage.unseen] == ["test"], "what is down elsewhere is no matter here"


def test_of_very_many_sources_the_latest_are_kept_and_the_rest_is_counted() -> None:
    room = Room()
    for n in range(MOST_SOURCES + 3):
        room.take(of_source(mention(f"a{n}", "tabled", actor=["RU"], day=n), f"s{n}"))

    assert room.dossier is not None
    assert len(room.dossier.coverage.sources) == MOST_SOURCES
    assert "s2" not in {one.source for one in room.dossier.coverage.sources}
    assert room.dossier.omitted == 3


FINNISH = "Nato torjui Venäjän ehdotuksen Euroopan turvallisuussopimukseksi, sanoi pääsihteeri maanantaina Brysselissä."


def test_a_canary_brings_along_which_languages_are_not_read() -> None:
    memory = DictMemory()
    for n, (days, lang, clock) in enumerate([(0, "fi", "live"), (1, "fi", "live"), (1, None, "live"), (1, "fi", "x")]):
        article = an_article(an_item(f"f{n}", FINNISH))
        article = msgspec.structs.replace(article, lang=lang, clock=clock, seen=DAY + timedelta(days=days))
        assert mentions_of(article, memory) == []

    assert unsupported(memory, DAY + timedelta(days=1)) == {"fi": 2, "und": 1}, "an archive says nothing of today"
    assert unsupported(memory, DAY + timedelta(days=7)) == {"fi": 1, "und": 1}
    assert unsupported(memory, DAY + timedelta(days=30)) == {}

    sent = Canary(sent=DAY + timedelta(days=1), partition=2)
    taken = Taken("canary", b"canary", encode(sent), "news.articles", 2, 5, 0.0)
    ((onward,), _) = flown.handed_on(taken, MENTIONS, lambda at: unsupported(memory, at))
    assert decode(Canary, onward.value) == msgspec.structs.replace(sent, unsupported={"fi": 2, "und": 1})


def test_what_is_counted_of_languages_is_bounded_by_days() -> None:
    memory = DictMemory()
    for n in range(40):
        article = an_article(an_item(f"f{n}", FINNISH))
        mentions_of(msgspec.structs.replace(article, lang="fi", seen=DAY + timedelta(days=n)), memory)

    assert len(memory.raw["unsupported"]) < 300
    assert isinstance(article, Article)
