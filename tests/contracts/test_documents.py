"""The documents that are written from the code are current, and say what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from streams import rules
from streams.contracts import asyncapi
from streams.contracts.schemas import schemas
from streams.contracts.topics import TOPICS
from streams.logic import rule_schema, yamltext
from streams.logic.rules import RulesFault

DOCS = Path(__file__).parents[2] / "docs" / "contracts"


@pytest.mark.parametrize(
    ("name", "text"),
    [("asyncapi.json", asyncapi.text()), ("rule-file.json", rule_schema.text())],
    ids=["topics", "rules"],
)
def test_a_written_document_is_current(name: str, text: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text, "run: make docs"


def test_every_topic_is_described_with_its_messages_and_every_reference_leads_somewhere() -> None:
    document = asyncapi.document()
    channels = document["channels"].values()

    assert {channel["address"] for channel in channels} == {topic.name for topic in TOPICS}
    for reference in _references(document):
        if reference.startswith("./"):
            assert reference.removeprefix("./") in schemas(), reference
        else:
            found: Any = document
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]
    used = {r["$ref"].rpartition("/")[2] for c in channels for r in c["messages"].values()}
    assert used == document["components"]["messages"].keys()


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [r for value in node.values() for r in _references(value)]
    return [r for value in node for r in _references(value)] if isinstance(node, list) else []


def valid(text: str) -> bool:
    given = yamltext.parse("x.yaml", text, RulesFault)
    return bool(jsonschema.Draft202012Validator(rule_schema.schema()).is_valid(given))


def test_the_schema_is_one_and_takes_every_packaged_rule() -> None:
    jsonschema.Draft202012Validator.check_schema(rule_schema.schema())

    assert [name for name, text in rules.read().items() if not valid(text)] == []


RULE = {"id": "a", "version": "1", "when": "tabled", "severity": "info"}


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ({}, True),
        ({"match": {"actor|side": "west", "origins|gte": "2"}, "unless": {"voice": ["opinion", "rumour"]}}, True),
        ({"throttle": "6h", "group": {"by": ["actor"], "for": "12h"}, "inhibited_by": {"b": "1d"}}, True),
        ({"wehn": "tabled"}, False),
        ({"match": {"actr": "RU"}}, False),
        ({"match": {"actor|gte": "RU"}}, False),
        ({"match": {"status": "rejectd"}}, False),
        ({"severity": "loud"}, False),
        ({"throttle": "soon"}, False),
        ({"topic": "all"}, False),
        ({"topic": "Break/ing"}, False),
        ({"group": {"by": ["actor"]}}, False),
        ({"tests": [{"happened": "tabled"}]}, False),
    ],
)
def test_the_schema_takes_what_the_rules_take_and_refuses_what_they_refuse(more: dict[str, Any], good: bool) -> None:
    assert valid(yaml.safe_dump(RULE | more)) == good


def test_a_silence_without_an_author_is_none() -> None:
    silence = {"silence": "s", "author": "anna", "until": "2026-01-01", "reason": "r"}
    assert valid(yaml.safe_dump(silence, default_style='"'))
    assert not valid(yaml.safe_dump({k: v for k, v in silence.items() if k != "author"}, default_style='"'))
