"""The workbench on a real Kafka: what a change would have changed, and an administrator's change put in force."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.ingest import publish
from streams import app, rules
from streams.settings import Settings
from streams.transport.activate import in_force, load_bundles
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.logic.test_lint import with_entry
from tests.logic.test_rooms import REJECTED
from tests.page.serving import page
from tests.system.running import stopped, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

TOKEN = "a token of the administrator's"
REPORTS = {"rejected": REJECTED, "zanzibar": "Russia proposed the Zanzibar treaty to NATO."}


def read_in(settings: Settings) -> None:
    """Two articles through the worker, to the end."""
    now = datetime.now(UTC).isoformat()
    lines = [
        json.dumps({"id": n, "url": f"https://x.example/{n}", "text": t, "published": now, "lang": "en"}).encode()
        for n, t in REPORTS.items()
    ]
    with stopped(worker(settings)):
        wait_through(settings, publish(lines, settings, io.StringIO()).offsets, io.StringIO())


def said_of(text: str) -> str:
    """What the page says of a change."""
    return text[text.index('class="tested"') : text.index("</section>", text.index('class="tested"'))]


async def test_a_changed_rule_and_a_changed_entry_are_compared_over_the_log_and_saved(
    kafka: tuple[Broker, Settings], tmp_path: Path
) -> None:
    _, settings = kafka
    ours, _ = app.prepare(settings)
    read_in(settings)
    rule = rules.read()["rejection.yaml"]
    never = re.sub(r"(?m)^severity:", "match: {actor: [nobody]}\nseverity:", rule)
    entry = with_entry()["proposals/ZZZ.yaml"]
    folders = {"rules": str(tmp_path / "rules"), "knowledge": str(tmp_path / "knowledge")}
    given = {"bootstrap": settings.bootstrap, "data": str(settings.data), "web_admin_token": TOKEN} | folders
    async with page(tmp_path, **given) as client:

        async def told(where: str, **form: str) -> str:
            answer = await client.post(f"/workbench/{where}", data=form)
            assert answer.status == 200, await answer.text()
            return await answer.text()

        silenced = await told("edit", open="rules/rejection.yaml", content=never, days="7", do="test")
        found = await told("edit", open="knowledge/proposals/ZZZ.yaml", content=entry, days="7", do="test")
        unchanged = await told("edit", open="rules/rejection.yaml", content=rule, days="7", do="test")
        await told("save", open="rules/mine.yaml", content=rule.replace("id: rejection", "id: mine"), token=TOKEN)
        await told("save", open="knowledge/proposals/ZZZ.yaml", content=entry, token=TOKEN)

    assert re.search(r"\d gained, 1 lost", silenced), said_of(silenced)
    assert "<del>−</del> " in silenced
    assert "<ins>+</ins> ZZZ" in found, said_of(found)
    assert "0 gained, 0 lost" in unchanged, said_of(unchanged)
    active, kept = in_force(settings), load_bundles(settings)
    assert active is not None
    assert active.knowledge.hash != ours.hash
    assert kept[active.knowledge.hash].files["proposals/ZZZ.yaml"] == entry
    assert "mine.yaml" in kept[active.rules.hash].files
