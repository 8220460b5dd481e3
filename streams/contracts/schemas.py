"""JSON Schema 2020-12 of every record, for readers in any language: `python -m streams.contracts.schemas DIR`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from streams.contracts import records

TRAVELS = (
    records.Item,
    records.Pushed,
    records.Article,
    records.Mention,
    records.Withdrawn,
    records.Alert,
    records.Suppressed,
    records.NearMiss,
    records.Dossier,
    records.SourceHealth,
    records.Tick,
    records.Activation,
    records.Bundle,
    records.Feedback,
    records.Canary,
)


def schemas() -> dict[str, str]:
    """Text of each schema by file name."""
    found = {}
    for kind in TRAVELS:
        schema: dict[str, Any] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": kind.__name__,
            **msgspec.json.schema(kind),
        }
        found[f"{kind.__name__}.json"] = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    for name, text in schemas().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")
