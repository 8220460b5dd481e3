"""JSON Schema 2020-12 of the sinks file, for editors: `python -m connectors.sinks.schema DIR`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

from connectors.sinks.declared import Sinks

NAME = "Sinks.json"


def schema() -> str:
    """The text of the schema."""
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Sinks", **msgspec.json.schema(Sinks)}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) / NAME).write_text(schema(), encoding="utf-8")
