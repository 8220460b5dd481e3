"""Quality and speed of the tagger on labelled files: `python benchmarks/tagging.py GOLD.jsonl ...`."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streams import knowledge
from streams.logic import evaluate
from streams.logic.knowledge import compile_knowledge
from streams.logic.tag import Tagger, document

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "eval" / "dev.jsonl"


def day(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None


def main(paths: list[Path]) -> None:
    began = time.perf_counter()
    tagger = Tagger(compile_knowledge(knowledge.read()))
    print(f"ready after {time.perf_counter() - began:.2f} s")
    for path in paths:
        gold: list[dict[str, Any]] = [json.loads(line) for line in path.open(encoding="utf-8")]
        began = time.perf_counter()
        answers = {
            d["id"]: document(tagger.tag(d["title"], d["text"], d.get("lang"), day(d.get("published"))), d["id"])
            for d in gold
        }
        seconds = time.perf_counter() - began
        print(f"{path.name}: {len(gold) / seconds:.0f} documents/s")
        print(json.dumps(evaluate.score(gold, answers), indent=1))


if __name__ == "__main__":
    given = [Path(a) for a in sys.argv[1:]] or ([BESIDE] if BESIDE.exists() else [])
    if not given:
        print("no labelled file given and none found; nothing is measured")
        sys.exit(os.EX_OK)
    main(given)
