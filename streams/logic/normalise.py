"""Items become revisions of articles. Pure: same state and item, same article.

Counts: `repeat` (says what the latest state says), `redelivered` (taken before a crash), `unknown_retraction`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from rensa import RMinHash

from streams.contracts.ids import article_id, content
from streams.contracts.records import Article, Item, Kind
from streams.contracts.topics import ARTICLES, Outgoing
from streams.contracts.wire import encode
from streams.logic.forgetting import remember
from streams.logic.memory import Decision, Memory

OLD = timedelta(days=7)
REMEMBERED = timedelta(days=400)
"""How long an article is known: longer than any log of items or articles. An edit after that is a new article."""
_WORD = re.compile(r"\w+")
SHINGLE = 3
PERMUTATIONS = 64


class Known(msgspec.Struct):
    """What is remembered of an article."""

    event: str
    revision: int
    offset: int
    historical: bool
    published: datetime | None
    lang: str | None


def signature(text: str) -> str:
    """How many runs of three words, and their MinHash: base64 of 65 big-endian uint32; empty for an empty text."""
    words = _WORD.findall(content(text).casefold())
    if not words:
        return ""
    runs = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
    hashed = RMinHash(num_perm=PERMUTATIONS, seed=42)
    hashed.update(sorted(runs))
    return base64.b64encode(b"".join(int(d).to_bytes(4, "big") for d in (len(runs), *hashed.digest()))).decode()


def decide(memory: Memory, item: Item, offset: int, language: Callable[[str], str | None]) -> Decision:
    """The next revision of the item's article, or nothing."""
    identity = article_id(item.id)
    before = memory.get(f"a/{identity}", Known)
    decision = Decision()
    if before is not None and offset <= before.offset:
        return decision.count("redelivered")
    if before is not None and item.event == before.event:
        return decision.count("repeat")
    if before is None and item.kind == "retraction":
        return decision.count("unknown_retraction")
    published = item.published or (before.published if before else None)
    if item.kind == "retraction" and before is not None:
        historical = before.historical
    elif published is not None:
        historical = item.seen - published > OLD
    else:
        historical = item.first_poll or (before is not None and before.historical)
    stated = item.lang.partition("-")[0].lower() if item.lang else None
    lang = stated or language(f"{item.title}\n{item.text}") or (before.lang if before else None)
    after = Known(
        event=item.event,
        revision=before.revision + 1 if before else 1,
        offset=offset,
        historical=historical,
        published=published,
        lang=lang,
    )
    kind: Kind = "retraction" if item.kind == "retraction" else "update" if before else "new"
    article = Article(
        id=identity,
        revision=after.revision,
        kind=kind,
        item=item.id,
        event=item.event,
        source=item.source,
        url=item.url,
        title=item.title,
        text=item.text,
        lang=lang,
        published=published,
        modified=item.modified,
        seen=item.seen,
        historical=historical,
        signature=signature(item.text) if kind != "retraction" else "",
        clock=item.clock,
    )
    memory.put(f"a/{identity}", after)
    if before is None:
        decision.count("forgotten", remember(memory, f"a/{identity}", item.seen.date(), REMEMBERED))
    decision.outgoing.append(Outgoing(ARTICLES.name, identity, encode(article)))
    return decision.count(kind)
