"""Quality and speed of the tagger beside three simpler ways, in one run.

    python -m benchmarks.tagging [GOLD.jsonl ...] [--stream STREAM.jsonl.gz]

GOLD is labelled news; without one, `../shared/eval/dev.jsonl` is taken if it is there, else our own golden
articles. STREAM is a mixed stream for speed; without one the labelled texts are used. Speed is by time of the
thread: what other programs take of the core does not count, though they still slow it down. No warm-up but each
contender's first document; the contenders take turns document by document, so that a slow moment of the machine
meets all of them.
"""

from __future__ import annotations

import gc
import gzip
import json
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from streams import compiled, knowledge
from streams.logic import evaluate
from streams.logic.compile import compile_knowledge
from streams.logic.haystack import pieces
from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Phrases
from streams.logic.tag import Tagger, document
from streams.logic.tag.text import sentences

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden"
EVAL = Path(__file__).resolve().parents[2] / "shared" / "eval"
RUSSIA = r"russia\w*|moscow|kremlin|putin|soviet|росси\w+|москв\w+|русия|russland\w*|russie|rusia|rosj\w+|rússia"
WEST = r"nato|otan|нато|u\.s\.|american?|washington|сша|usa|états-unis|estados unidos|west\w*|запад\w*"
MATTER = r"treaty|traité|tratado|vertrag\w*|договор\w*|guarantees?|гаранти\w+|missile defen[cs]e|neutral\w*|нейтрал\w+"
ACT = (
    r"propos\w+|offer\w*|demand\w*|reject\w*|sign\w*|withdr\w+|suspend\w*|предлож\w+|треб\w+|подпис\w+|отверг\w+|выш\w+"
)
WORDS = [
    "nato",
    "treaty",
    "missile",
    "russia",
    "security",
    "guarantees",
    "proposal",
    "нато",
    "договор",
    "россия",
    "ракет",
]

Verdict = Callable[[dict[str, Any]], bool]


def day(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None


def keyword_regex() -> Verdict:
    """A sentence with a word of each kind."""
    needed = [re.compile(rf"\b(?:{kind})\b", re.IGNORECASE) for kind in (RUSSIA, WEST, MATTER, ACT)]

    def verdict(d: dict[str, Any]) -> bool:
        parts = re.split(r"(?<=[.!?])\s+", f"{d['title']}. {d['text']}")
        return any(all(one.search(part) for one in needed) for part in parts)

    return verdict


def named_only(known: Knowledge) -> Verdict:
    """Any name of an entry, anywhere."""
    names = Phrases([(name, None) for p in known.proposals.values() for name in p.names], known.concepts)

    def verdict(d: dict[str, Any]) -> bool:
        parts = [*sentences("title", d["title"]), *sentences("text", d["text"])]
        likely = names.likely(pieces([one.text for one in parts]))
        return any(names.find(parts[number].words) for number in likely)

    return verdict


def word_list() -> Verdict:
    """Three words of a list, each looked for by its own expression, as news classifiers by keyword do."""
    terms = [re.compile(rf"\b{term}\b", re.IGNORECASE) for term in WORDS]

    def verdict(d: dict[str, Any]) -> bool:
        text = f"{d['title']}\n{d['text']}"
        return sum(bool(term.search(text)) for term in terms) >= 3

    return verdict


def f1(gold: Sequence[dict[str, Any]], said: Sequence[bool]) -> str:
    pairs = [(d["label"] == "pos", s) for d, s in zip(gold, said, strict=True) if d["label"] != "borderline"]
    tp, fp, fn = (sum(p == want for p in pairs) for want in ((True, True), (False, True), (True, False)))
    precision, recall = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    return f"{precision:9.3f} {recall:7.3f} {2 * precision * recall / max(precision + recall, 1e-9):6.3f}"


def compare(gold: Sequence[dict[str, Any]], contenders: dict[str, Verdict]) -> None:
    said: dict[str, list[bool]] = {name: [] for name in contenders}
    took = dict.fromkeys(contenders, 0.0)
    for d in gold:
        for name, verdict in contenders.items():
            began = time.thread_time()
            said[name].append(verdict(d))
            took[name] += time.thread_time() - began
    print(f"{'':28} precision  recall     F1  documents/s")
    for name in contenders:
        print(f"  {name:26} {f1(gold, said[name])} {len(gold) / took[name]:12.0f}")


def speed(tagger: Tagger, stream: Sequence[dict[str, Any]]) -> None:
    times: list[tuple[bool, float]] = []
    for d in stream:
        began = time.thread_time()
        gated = tagger.tag(d["title"], d["text"], d.get("lang"), day(d.get("published"))).gated
        times.append((gated, time.thread_time() - began))
    gated_times = sorted(took for gated, took in times if gated) or [0.0]
    whole, read = sum(took for _, took in times), sum(gated_times)
    print(
        f"mixed stream: {len(times) / whole:.0f} documents/s; {len(gated_times)} of {len(times)} pass the gate, "
        f"{len(gated_times) / max(read, 1e-9):.0f}/s of those; p50 {gated_times[len(gated_times) // 2] * 1e3:.1f} ms, "
        f"p99 {gated_times[int(len(gated_times) * 0.99)] * 1e3:.1f} ms"
    )


def golden() -> list[dict[str, Any]]:
    """Our own labelled articles."""
    found: list[dict[str, Any]] = []
    for path in sorted(GOLDEN.glob("*.yaml")):
        for given in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append({"lang": path.stem, "label": "pos" if given["mentions"] else "neg"} | given)
    return found


def load(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def main(arguments: list[str]) -> None:
    stream = Path(arguments.pop(arguments.index("--stream") + 1)) if "--stream" in arguments else None
    paths = [Path(a) for a in arguments if a != "--stream"] or [p for p in [EVAL / "dev.jsonl"] if p.exists()]
    began = time.perf_counter()
    known = compile_knowledge(knowledge.read())
    tagger = Tagger(known)
    tagger.tag("", "Russia proposed a European security treaty to NATO.")
    gc.freeze()  # as the worker does
    print(f"{compiled.FORM}; ready after {time.perf_counter() - began:.2f} s")
    golds = {path.name: load(path) for path in paths} or {"tests/golden": golden()}
    for name, gold in golds.items():
        answers: dict[str, Any] = {}

        def ours(d: dict[str, Any], answers: dict[str, Any] = answers) -> bool:
            tagged = tagger.tag(d["title"], d["text"], d.get("lang"), day(d.get("published")))
            answers[d["id"]] = document(tagged, d["id"])
            return tagged.relevant

        contenders = {
            "treatywatch": ours,
            "keyword regex, a sentence": keyword_regex(),
            "named aliases only": named_only(known),
            r"word list, \bterm\b": word_list(),
        }
        print(f"\n{name}: {len(gold)} documents, {sum(d['label'] == 'pos' for d in gold)} positive")
        compare(gold, contenders)
        print(json.dumps(evaluate.score(gold, answers)))
    print()
    speed(tagger, load(stream) if stream else [d for gold in golds.values() for d in gold])
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most, the texts included")


if __name__ == "__main__":
    main(sys.argv[1:])
