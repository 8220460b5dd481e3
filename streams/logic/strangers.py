"""Short beginnings of words that catch everyday words of another language: every text is read with all phrases.

`saíd*` was written for the Portuguese "saída" and found the English "said" in every text. Within one language only its
author can tell a stranger from kin (`negoci*` means "negociación" too, `neg*` does not): see benchmarks/morphology.py.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

import yaml

from streams.logic.words import fold

SHORT = 6
"""Letters; of longer beginnings that catch a common word of another language, four in five mean the same in it."""

SHOWN = 3

_KEYS = {"proposals": ("names", "then", "terms", "hints"), "acts": ("phrases",), "formulas": ("names",)}
"""What an entry says by language; each key of a file of concepts is a whole of its own."""


class Written(NamedTuple):
    """A word or beginning that stands alone in a phrase; beside others, the company keeps strangers out."""

    lang: str
    choice: str
    line: int

    def catches(self, word: str) -> bool:
        """Whether a folded word is found by it."""
        bare = fold(self.choice.strip("=*"))
        return word.startswith(bare) if self.choice.endswith("*") else word == bare


def strangers(files: Mapping[str, str], everyday: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Each short beginning that a common word of another language begins with too, as `path:line: what`.

    What the same entry says in that language as well is meant. `everyday` tells by language how often its words come.
    """
    inorder = {lang: sorted(words) for lang, words in everyday.items()}
    for path in sorted(files):
        for said in _wholes(path, files[path]):
            told: set[str] = set()
            for one in said:
                stem = fold(one.choice[:-1])
                if not one.choice.endswith("*") or len(stem) > SHORT or stem in told or one.lang not in everyday:
                    continue
                caught = [
                    (-everyday[lang][word], lang, word)
                    for lang in everyday.keys() - {one.lang}
                    for word in _begun(inorder[lang], stem)
                    if not any(other.lang in (lang, "all") and other.catches(word) for other in said)
                ]
                if caught:
                    told.add(stem)  # said in three languages, it has one cure
                    yield f"{path}:{one.line}: {_warning(one, sorted(caught))}"


def _warning(one: Written, caught: Sequence[tuple[int, str, str]]) -> str:
    words = ", ".join(f"{word} ({lang})" for _, lang, word in caught[:SHOWN])
    langs = ", ".join(dict.fromkeys(lang for _, lang, _ in caught))
    cure = f"write its forms out, or say what is meant under {langs} too"
    return f"{one.choice!r} ({one.lang}) begins common words of another language, as {words}: {cure}"


def _begun(words: Sequence[str], stem: str) -> Iterable[str]:
    return takewhile(lambda word: word.startswith(stem), islice(words, bisect_left(words, stem), None))


def _wholes(path: str, text: str) -> Iterator[list[Written]]:
    """What a file says by language, each thing that it speaks of apart."""
    folder = path.partition("/")[0]
    if folder not in _KEYS and folder != "concepts":
        return
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    keys = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
    if folder == "concepts":
        yield from (list(_written(value)) for value in keys.values())
    else:
        yield [one for key in _KEYS[folder] if key in keys for one in _written(keys[key])]


def _written(group: yaml.Node) -> Iterator[Written]:
    """The words of one group; a list that names no language has none to be a stranger to."""
    if isinstance(group, yaml.MappingNode):
        for lang, phrases in group.value:
            for phrase in phrases.value:
                if len(phrase.value.split()) == 1:
                    for choice in phrase.value.split("|"):
                        yield Written(lang.value, choice, phrase.start_mark.line + 1)
