"""Which words are common in news of each language: a short beginning of another language must not catch them.

    python -m benchmarks.everyday STREAM.jsonl.gz [--write]

Writes `streams/everyday.tsv`, which `treatywatch kb lint` reads: counts of words, no texts.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from streams.everyday import FILE
from streams.logic.words import WORD, fold

LEAST = 50e-6
"""Words that are rarer do little harm; of the beginnings that only they tell of, two in three are cognates."""

DOCUMENTS = 3
"""In fewer, a word is the subject of one article."""

LATIN, CYRILLIC = re.compile("[a-z\u00df-\u024f]+"), re.compile("[\u0400-\u04ff]+")
LETTERS = dict.fromkeys(("en", "de", "fr", "es", "pl", "pt"), LATIN) | dict.fromkeys(("ru", "uk", "bg"), CYRILLIC)
"""What is written in other letters is quoted, and no word of the language. Hindi shares its letters with no pack."""

HEAD = "# Counted by benchmarks/everyday.py: language, times in a million words of its news, word as it is compared.\n"


def counted(path: Path) -> dict[str, dict[str, int]]:
    """By language its common words, most common first."""
    often: dict[str, Counter[str]] = defaultdict(Counter)
    spread: dict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for given in map(json.loads, filter(str.strip, lines)):
            words = [fold(word) for word in WORD.findall(f"{given.get('title') or ''}\n{given['text']}")]
            often[given["lang"]].update(words)
            spread[given["lang"]].update(set(words))
    found = {}
    for lang, letters in LETTERS.items():
        counts, total = often[lang], often[lang].total()
        kept = [
            w for w in counts if counts[w] >= LEAST * total and spread[lang][w] >= DOCUMENTS and letters.fullmatch(w)
        ]
        found[lang] = {w: round(1e6 * counts[w] / total) for w in sorted(kept, key=lambda w: (-counts[w], w))}
    return found


def main(arguments: list[str]) -> None:
    found = counted(Path(arguments[0]))
    text = HEAD + "".join(f"{lang}\t{often}\t{word}\n" for lang, its in found.items() for word, often in its.items())
    if "--write" in arguments:
        FILE.write_text(text, encoding="utf-8")
    print(", ".join(f"{lang} {len(its)}" for lang, its in found.items()) if "--write" in arguments else text)


if __name__ == "__main__":
    main(sys.argv[1:])
