"""Things that tests make: items, articles, mentions, taggers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from connectors.base import make_item
from connectors.sources.seeds import folder
from streams import knowledge, rules
from streams.contracts.records import Article, BundleRef, Item, Mention
from streams.contracts.wire import decode
from streams.logic import mention, normalise
from streams.logic.compile import compile_knowledge
from streams.logic.memory import DictMemory
from streams.logic.rules import CompiledRules, compile_rules
from streams.logic.tag import Tagger

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEEDS = Path(__file__).parents[1] / "seeds"


@cache
def tagger() -> Tagger:
    return Tagger(compile_knowledge(knowledge.read()))


@cache
def watch_rules() -> CompiledRules:
    return compile_rules(rules.read())


def seed() -> Item:
    found = next(iter(folder(SEEDS, NOW)))
    assert isinstance(found, Item)
    return found


def an_item(entry: str, text: str, **more: Any) -> Item:
    return make_item(
        more.pop("source", "test"),
        entry,
        url=f"https://news.example/{entry}",
        title=more.pop("title", ""),
        text=text,
        seen=more.pop("seen", NOW),
        published=more.pop("published", NOW),
        **more,
    )


def an_article(item: Item, memory: DictMemory | None = None, offset: int = 0) -> Article:
    found = normalise.decide(memory or DictMemory(), item, offset, lambda _: "en")
    return decode(Article, found.outgoing[0].value)


def mentions_of(article: Article, memory: DictMemory | None = None) -> list[Mention]:
    knowledge = BundleRef(id="packaged", version="1", hash="0")
    found = mention.decide(memory or DictMemory(), article, 0, tagger(), knowledge, "test")
    return [decode(Mention, out.value) for out in found.outgoing if not out.headers]
