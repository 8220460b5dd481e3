"""How common words are in news that passes the gate: what a search for phrases begins with is what is rare.

    python -m benchmarks.common_words STREAM.jsonl.gz [--write]

Writes `streams/knowledge/weights/common.yaml`: of what share of the sentences a word, folded, is part. It changes how
long a search takes and nothing of what it finds.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from benchmarks.tagging import load
from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.tag import Tagger
from streams.logic.tag.text import sentences
from streams.logic.words import fold

LEAST = 0.003
"""Words that are rarer are told apart by their length well enough."""

FILE = Path(knowledge.__file__).parent / "weights" / "common.yaml"
HEAD = "# Counted by benchmarks/common_words.py: of what share of the sentences of news a word is part.\n"


def shares(path: Path) -> dict[str, float]:
    """The words of a stream that are common, most of all first."""
    tagger, counts, total = Tagger(compile_knowledge(knowledge.read())), Counter[str](), 0
    for given in load(path):
        if tagger.gate(given["title"], given["text"]):
            split = [one for name in ("title", "text") for one in sentences(name, given[name])]
            counts.update(word for one in split for word in set(map(fold, one.words)))
            total += len(split)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: counts[word] / total for word in ordered if counts[word] >= LEAST * total and not word.isdecimal()}


def main(arguments: list[str]) -> None:
    found = shares(Path(arguments[0]))
    text = HEAD + "".join(f'"{word}": "{share:.3f}"\n' for word, share in found.items())
    if "--write" in arguments:
        FILE.write_text(text, encoding="utf-8")
    print(f"{len(found)} words" if "--write" in arguments else text)


if __name__ == "__main__":
    main(sys.argv[1:])
