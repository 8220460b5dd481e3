"""Everyday words of the languages of the packs, for those who write entries (`kb lint`); no tagger reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_suffix(".tsv")
"""Language, times in a million words, word as it is compared; counted by benchmarks/everyday.py."""


def words() -> Mapping[str, Mapping[str, int]]:
    """By language each word with how often it stands in a million words of news."""
    found: dict[str, dict[str, int]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            lang, often, word = line.split("\t")
            found.setdefault(lang, {})[word] = int(often)
    return found
