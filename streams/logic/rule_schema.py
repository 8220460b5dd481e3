"""JSON Schema of a file of the rules folder, for editors: `python -m streams.logic.rule_schema FILE`.

Made of the same tables that read the files, so that it cannot say otherwise.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from streams.logic.matching import FIELDS, MODIFIERS, SIDES
from streams.logic.rules import RESERVED, RULE_KEYS, SEVERITIES, SIDES_KEYS, SILENCE_KEYS, SPAN, TOPIC, WHEN

_TEXT: dict[str, Any] = {"type": "string"}
_SPAN: dict[str, Any] = {"type": "string", "pattern": f"^{SPAN.pattern.replace('?P<n>', '').replace('?P<unit>', '')}$"}


def _either(one: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _value(name: str, how: str) -> dict[str, Any]:
    field = FIELDS[name]
    if how == "side":
        return {"enum": list(SIDES)}
    if field.values and not how:
        return {"enum": list(field.values)}
    if field.kind == "number":
        return {"type": ["number", "string"], "pattern": r"^-?[0-9.]+$"}
    return _TEXT


def _asks() -> dict[str, Any]:
    found = {}
    for name, field in FIELDS.items():
        for how in MODIFIERS[field.kind]:
            key = f"{name}|{how}" if how else name
            found[key] = {"description": field.about, **_either(_value(name, how))}
    return {"type": "object", "properties": found, "additionalProperties": False}


def _test() -> dict[str, Any]:
    named = {name: _either({"type": ["string", "number"]}) for name in FIELDS}
    own = {"happened": _either({"enum": list(WHEN)}), "fires": {"enum": ["yes", "no"]}}
    return {
        "type": "object", "properties": own | named, "required": ["happened", "fires"], "additionalProperties": False,
    }  # fmt: skip


def _rule() -> dict[str, Any]:
    keys: dict[str, dict[str, Any]] = {
        "id": _TEXT,
        "version": {"type": ["string", "number"]},
        "about": _TEXT,
        "when": {"description": "what has to happen, any of these", **_either({"enum": list(WHEN)})},
        "match": {"$ref": "#/$defs/asks", "description": "all of this must hold too"},
        "unless": {"$ref": "#/$defs/asks", "description": "not where all of this holds"},
        "severity": {"enum": list(SEVERITIES)},
        "topic": {"type": "string", "pattern": f"^{TOPIC.pattern}$", "not": {"enum": sorted(RESERVED)},
                  "description": "also to alerts.<topic>"},
        "throttle": {**_SPAN, "description": "at most one alert of this rule per dossier within so long"},
        "inhibited_by": {"type": "object", "additionalProperties": _SPAN,
                         "description": "not while that rule has alerted in the same dossier within so long"},
        "group": {"type": "object", "properties": {"by": _either({"enum": list(FIELDS)}), "for": _SPAN},
                  "required": ["for"], "additionalProperties": False,
                  "description": "the first goes out, the others leave as one digest"},
        "tests": {"type": "array", "items": {"$ref": "#/$defs/test"}},
    }  # fmt: skip
    assert keys.keys() == set(RULE_KEYS)  # noqa: S101 - the tables of one package
    return {
        "title": "a watch rule", "type": "object", "properties": keys, "additionalProperties": False,
        "required": ["id", "version", "when", "severity"],
    }  # fmt: skip


def _silence() -> dict[str, Any]:
    keys = dict.fromkeys(SILENCE_KEYS, _TEXT) | {
        "until": {"type": "string", "description": "a date, or an RFC 3339 time"},
        "match": {"$ref": "#/$defs/asks"},
        "rules": {"description": "ids of the rules that are silenced; left out: all", **_either(_TEXT)},
    }
    return {
        "title": "a silence", "type": "object", "properties": keys, "additionalProperties": False,
        "required": ["silence", "author", "until", "reason"],
    }  # fmt: skip


def _sides() -> dict[str, Any]:
    of = {"type": "object", "properties": {side: _either(_TEXT) for side in SIDES}, "additionalProperties": False}
    return {
        "title": "which side an actor is on", "type": "object", "properties": {SIDES_KEYS[0]: of},
        "required": [SIDES_KEYS[0]], "additionalProperties": False,
    }  # fmt: skip


def schema() -> dict[str, Any]:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of the rules folder of treatywatch",
        "oneOf": [_rule(), _silence(), _sides()],
        "$defs": {"asks": _asks(), "test": _test()},
    }


def text() -> str:
    """The schema as it stands in `docs/contracts/rule-file.json`."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
