"""What matching beginnings of words misses and catches too much, beside lemmatisers; and what either costs.

    python -m benchmarks.morphology [--stream NEWS.jsonl.gz] [--languages ru,uk]

Every inflected form of every name and gap pattern, by lexicon (`streams/morphology.py`), is looked for in its own
entry. With a stream of documents: words of theirs that a beginning catches and that share no lemma with what it
means, most frequent first; and the time of a word's lemma against that of its place among our phrases, in turn.
Needs the development packages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from streams import knowledge
from streams.logic import inflection
from streams.logic.compile import compile_knowledge
from streams.logic.words import WORD, fold
from streams.morphology import Lexicon

SHOWN = 40


def forms(languages: Sequence[str]) -> None:
    """Forms looked for, and missed, per language; those of concepts apart."""
    files = knowledge.read()
    known, lexicon = compile_knowledge(files), Lexicon(languages)
    looked: Counter[tuple[str, str]] = Counter()
    missed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for proposal in known.proposals.values():
        for one in inflection.of_entry(known, proposal, files[proposal.path], lexicon):
            looked["names", one.lang] += 1
            if not one.found:
                missed["names", one.lang].append(f"{proposal.id} {one.phrase!r}: {one.form}")
    for path in sorted(files):
        if path.startswith("concepts/"):
            for name, one in inflection.of_concepts(known, files[path], path, lexicon):
                looked["concepts", one.lang] += 1
                if not one.found:
                    missed["concepts", one.lang].append(f"<{name}> {one.phrase!r}: {one.form}")
    for group, count in sorted(looked.items()):
        print(f"{group[0]:<9}{group[1]}  {count:>5} forms, {len(missed[group]):>4} missed")
        for line in missed[group][:SHOWN]:
            print(f"    {line}")


def texts(stream: Path) -> list[tuple[str, list[str]]]:
    """Language and words of each document."""
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        given = [json.loads(line) for line in lines if line.strip()]
    return [(str(one.get("lang")), WORD.findall(one["text"])) for one in given]


def stems(lang: str) -> set[str]:
    """Beginnings of a language that stand alone: beside others, the company keeps strangers out."""
    found: set[str] = set()
    import yaml  # noqa: PLC0415 - read plainly: the groups by language are gone once compiled

    for path, text in knowledge.read().items():
        if not path.startswith(("proposals/", "concepts/", "acts/")):
            continue
        given = yaml.load(text, Loader=yaml.BaseLoader)
        keys = given if path.startswith("concepts/") else ("names", "terms", "phrases")
        groups = [given.get(key) for key in keys]
        for group in groups:
            for phrase in group.get(lang, []) if isinstance(group, dict) else []:
                if " " not in phrase:
                    found |= {part[:-1] for part in phrase.split("|") if part.endswith("*")}
    return found


def overmatch(languages: Iterable[str], documents: Sequence[tuple[str, list[str]]]) -> None:
    """Words of the stream that a beginning catches though no form of what it means begins so."""
    lexicon = Lexicon()
    for lang in languages:
        counts = Counter(fold(word) for spoken, words in documents if spoken == lang for word in words)
        caught: Counter[tuple[str, str]] = Counter()
        for stem in sorted(stems(lang)):
            meant = {fold(form[0]) for form in lexicon.variants(lang, [stem + "*"])}
            folded = fold(stem)
            for word, count in counts.items():
                if word.startswith(folded) and word not in meant:
                    caught[stem, word] += count
        print(
            f"{lang}: {len(stems(lang))} beginnings that stand alone; words caught beside the forms of the word meant:"
        )
        for (stem, word), count in caught.most_common(SHOWN):
            print(f"    {stem}*  {word}  {count}")


def cost(documents: Sequence[tuple[str, list[str]]]) -> None:
    """Time of a word: lemmatisers, and our phrases (every form looked up once, then the phrases found)."""
    import pymorphy3  # noqa: PLC0415 - development only
    import simplemma  # noqa: PLC0415 - development only

    phrases = compile_knowledge(knowledge.read()).phrases
    morph = {lang: pymorphy3.MorphAnalyzer(lang=lang) for lang in ("ru", "uk")}
    for lang in ("ru", "uk", "en", "de", "fr", "es", "bg", "pl", "pt"):
        words = [word for spoken, its in documents if spoken == lang for word in its][:20_000]
        if len(words) < 1_000:
            continue
        contenders: dict[str, Callable[[str], object]] = {"simplemma": partial(simplemma.lemmatize, lang=lang)}
        if lang in morph:
            contenders["pymorphy3"] = morph[lang].parse
        contenders["simplemma"](words[0])
        took: dict[str, float] = dict.fromkeys(contenders, 0.0)
        ours = 0.0
        # In turns of a hundred words, so that a slow moment of the machine meets all of them.
        for at in range(0, len(words), 100):
            some = words[at : at + 100]
            start = time.perf_counter()
            phrases.find(some)
            ours += time.perf_counter() - start
            for name, lemma in contenders.items():
                start = time.perf_counter()
                for word in some:
                    lemma(word)
                took[name] += time.perf_counter() - start
        told = ", ".join(f"{name} {1e6 * t / len(words):.1f} us ({t / ours:.1f} x)" for name, t in took.items())
        print(f"{lang}: {len(words)} words; ours {1e6 * ours / len(words):.2f} us a word, {told}")


def main() -> None:
    """Run what the options ask for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--stream", type=Path, help="Documents with lang and text, JSON lines, gzip.")
    options.add_argument("--languages", default="ru,uk,en,de,fr,es,bg,pl,pt")
    given = options.parse_args()
    languages = given.languages.split(",")
    forms(languages)
    if given.stream:
        documents = texts(given.stream)
        overmatch(languages, documents)
        cost(documents)


if __name__ == "__main__":
    main()
