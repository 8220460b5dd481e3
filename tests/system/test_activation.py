"""A folder of one's own entries goes into force on a running worker, on a real Kafka; a broken one changes nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from unittest.mock import ANY

import pytest
from click.testing import CliRunner

from connectors.ingest import publish
from streams import app
from streams.contracts.records import Activation, Mention
from streams.contracts.topics import ACTIVATE, ARTICLES, MENTIONS
from streams.contracts.wire import decode
from streams.settings import Settings
from streams.transport.activate import in_force
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.logic.test_lint import with_entry
from tests.system.running import everything, stopped, worker
from treatywatch import main

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

RULE = """id: zanzibar
version: "1"
when: agreement
severity: info
tests:
  - {happened: agreement, fires: "yes"}
"""
TEXT = "Russia proposed the Zanzibar treaty to NATO."


def report(settings: Settings, name: str) -> None:
    """One article through the worker, to the end."""
    line = {"id": name, "url": f"https://x.example/{name}", "text": TEXT, "published": "2026-11-23T10:00:00Z"}
    sent = publish([json.dumps(line | {"lang": "en"}).encode()], settings, io.StringIO())
    wait_through(settings, sent.offsets, io.StringIO())


def mentions(settings: Settings) -> list[Mention]:
    """Of the entry that is ours alone."""
    told = [decode(Mention, r.value) for r in everything(settings, MENTIONS.name) if not r.kind]
    return [mention for mention in told if mention.proposal == "ZZZ"]


def activate(settings: Settings, folder: Path, what: str = "kb") -> tuple[int, str]:
    result = CliRunner().invoke(main, [what, "activate", str(folder), "--bootstrap", settings.bootstrap])
    return result.exit_code, result.output


def last_activation(settings: Settings) -> Activation:
    found = in_force(settings)
    assert found
    return found


def test_entries_go_into_force_without_a_restart(kafka: tuple[Broker, Settings], tmp_path: Path) -> None:
    _, settings = kafka
    ours, _ = app.prepare(settings)
    entry = tmp_path / "proposals" / "ZZZ.yaml"
    entry.parent.mkdir()
    entry.write_text(with_entry()["proposals/ZZZ.yaml"], encoding="utf-8")
    rules = tmp_path.with_name(f"{tmp_path.name}-rules")
    rules.mkdir()
    (rules / "zanzibar.yaml").write_text(RULE, encoding="utf-8")
    with stopped(worker(settings)):
        report(settings, "before")
        assert mentions(settings) == []

        assert activate(settings, rules, "rules") == (0, ANY)
        watched = last_activation(settings).rules
        assert activate(settings, tmp_path)[0] == 0
        assert last_activation(settings).rules == watched  # not those of the settings
        report(settings, "after")
        (found,) = mentions(settings)
        assert found.knowledge.hash != ours.hash

        entry.write_text("id: ZZZ\nnmae: x\n", encoding="utf-8")
        code, said = activate(settings, tmp_path)
        assert code == 2
        assert "proposals/ZZZ.yaml:2: unknown key 'nmae'" in said
        report(settings, "later")

    assert [m.knowledge.hash for m in mentions(settings)] == [found.knowledge.hash] * 2
    in_force = [decode(Activation, r.value) for r in everything(settings, ARTICLES.name) if r.kind == ACTIVATE]
    assert {a.knowledge.hash for a in in_force} == {ours.hash, found.knowledge.hash}
