"""One poll of one source, without Kafka: what is due now, as JSON lines."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connectors.base import SourceFault
from connectors.fetch import Fetcher, allowed
from connectors.runner import LONGEST, Parser, floor, retry_after
from connectors.state import State
from streams.contracts.ids import event_id
from streams.contracts.records import Item
from streams.settings import SettingsFault

FORMATS = ("feed",)


def run(url: str, form: str, state_dir: Path, output: Path, allow: str, full_text: bool) -> int:
    """Do what is due for `url`; 0, or 3 when the source failed."""
    if form not in FORMATS:
        raise SettingsFault(f"--format {form}: accepted are {', '.join(FORMATS)}")
    if full_text:
        raise SettingsFault("--full-text: not available for this format; leave it out")
    output.touch()
    store = State(state_dir / "poll.sqlite")
    try:
        return asyncio.run(_poll(url, store, output, allow))
    finally:
        store.close()


async def _poll(url: str, store: State, output: Path, allow: str) -> int:
    state, now = store.get(url), time.time()
    if state.next > now:
        return 0
    parser = Parser()
    try:
        async with Fetcher("treatywatch/0.1 (news monitor)", allowed(allow)) as fetcher:
            answer = await fetcher.get(url, state.etag, state.modified)
        fresh: list[Item] = []
        if answer.status == 200:
            items = await parser.items(url, url, None, answer.body, datetime.fromtimestamp(now, UTC))
            known = store.events(url)
            for item in items:
                before = known.get(item.id)
                update = event_id(item.id, "update", item.title, item.text)
                if before is None:
                    fresh.append(item)
                elif before not in {item.event, update}:
                    fresh.append(msgspec.structs.replace(item, kind="update", event=update))
            with output.open("a", encoding="utf-8") as lines:
                for item in fresh:
                    lines.write(json.dumps(msgspec.to_builtins(item), ensure_ascii=False) + "\n")
            state.etag, state.modified = (
                answer.headers.get("etag"),
                answer.headers.get("last-modified"),
            )
        state.failures, state.reason, state.outcome = 0, "", "ok"
        state.next = now + floor(answer, now)
        state.polled = now
        store.remember(state, [(i.id, i.event) for i in fresh], now)
    except SourceFault as fault:
        state.failures += 1
        state.reason, state.outcome, state.polled = str(fault), fault.outcome, now
        state.next = now + retry_after(getattr(fault, "retry_after", None), now)
        if fault.outcome == "gone":
            state.next = now + LONGEST
        store.remember(state, (), now)
        sys.stderr.write(f"{url}: {fault}\n")
        return 3
    finally:
        parser.close()
    return 0
