"""Which signature tells copies best: MinHash or SimHash, over how many words, by likeness or by containment.

    python -m benchmarks.copies

Every pair of texts of tests/golden/copies.py is decided by each candidate; precision and recall are over pairs. The
floors that hold are in tests/golden/test_copies.py, the decision in docs/decisions/0003-copies.md.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rensa import RMinHash

from streams.contracts.ids import content
from streams.logic import normalise
from streams.logic.dossier import story
from tests.golden.copies import Text, texts

_WORD = re.compile(r"\w+")


class Candidate(NamedTuple):
    """A way to sign a text and to compare two signatures."""

    name: str
    sign: Callable[[str], Any]
    like: Callable[[Any, Any], float]
    thresholds: Sequence[float]


def _shingles(text: str, size: int) -> list[str]:
    words = _WORD.findall(content(text).casefold())
    return [" ".join(words[i : i + size]) for i in range(max(1, len(words) - size + 1))]


class _Signed(NamedTuple):
    size: int
    minima: list[int]


def _minhash(size: int, permutations: int) -> Callable[[str], _Signed]:
    def sign(text: str) -> _Signed:
        hashed = RMinHash(num_perm=permutations, seed=42)
        runs = sorted(set(_shingles(text, size)))
        hashed.update(runs)
        return _Signed(len(runs), list(hashed.digest()))

    return sign


def _jaccard(one: _Signed, other: _Signed) -> float:
    return sum(a == b for a, b in zip(one.minima, other.minima, strict=True)) / len(one.minima)


def _contained(one: _Signed, other: _Signed) -> float:
    """How much of the shorter text stands in the longer one, from likeness and sizes."""
    alike = _jaccard(one, other)
    return min(1.0, alike * (one.size + other.size) / (min(one.size, other.size) * (1 + alike)))


def _simhash(text: str) -> int:
    sums = [0] * 64
    for shingle in _shingles(text, 3):
        digest = int.from_bytes(hashlib.blake2b(shingle.encode(), digest_size=8).digest(), "big")
        for bit in range(64):
            sums[bit] += 1 if digest >> bit & 1 else -1
    return sum(1 << bit for bit in range(64) if sums[bit] > 0)


def _hamming(one: int, other: int) -> float:
    return 1 - (one ^ other).bit_count() / 64


_TENTHS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.7)
CANDIDATES = (
    *(Candidate(f"MinHash 64, runs of {n}", _minhash(n, 64), _jaccard, _TENTHS) for n in (2, 3, 5)),
    Candidate("MinHash 128, runs of 3", _minhash(3, 128), _jaccard, _TENTHS),
    *(
        Candidate(f"MinHash {p}, runs of {n}, containment", _minhash(n, p), _contained, _TENTHS)
        for n, p in ((2, 64), (3, 64), (3, 128), (5, 64))
    ),
    Candidate("SimHash 64, runs of 3", _simhash, _hamming, (0.7, 0.75, 0.8, 0.85, 0.9)),
    Candidate("ours", normalise.signature, lambda a, b: float(story.same(a, b)), (1.0,)),
)


class Measured(NamedTuple):
    """Precision and recall over pairs, and which kinds of pairs were missed or wrongly joined."""

    precision: float
    recall: float
    missed: Counter[str]
    joined: Counter[str]


def measure(found: Sequence[Text], alike: Callable[[int, int], bool]) -> Measured:
    """Decide every pair of the texts."""
    right = wrong = left = 0
    missed: Counter[str] = Counter()
    joined: Counter[str] = Counter()
    for a, b in itertools.combinations(range(len(found)), 2):
        same, said = found[a].origin == found[b].origin, alike(a, b)
        kinds = " / ".join(sorted((found[a].how, found[b].how)))
        if said and same:
            right += 1
        elif said:
            wrong += 1
            joined[kinds] += 1
        elif same:
            left += 1
            missed[kinds] += 1
    return Measured(right / max(1, right + wrong), right / max(1, right + left), missed, joined)


def main() -> None:
    """Print a table."""
    found = list(texts())
    print(f"{len(found)} texts, {len(found) * (len(found) - 1) // 2} pairs")
    for candidate in CANDIDATES:
        began = time.perf_counter()
        signed = [candidate.sign(one.text) for one in found]
        each = (time.perf_counter() - began) / len(found) * 1e6
        likes = {(a, b): candidate.like(signed[a], signed[b]) for a, b in itertools.combinations(range(len(found)), 2)}
        print(f"{candidate.name}: {each:.0f} us to sign a text")
        for threshold in candidate.thresholds:
            told = measure(found, lambda a, b, t=threshold, known=likes: known[a, b] >= t)  # type: ignore[misc]
            print(f"  from {threshold:.2f}: precision {told.precision:.3f}, recall {told.recall:.3f}")
    for word, kinds in (("missed", told.missed), ("wrongly joined", told.joined)):
        for kind, n in kinds.most_common(8):
            print(f"  {word} {n}: {kind}")


if __name__ == "__main__":
    main()
