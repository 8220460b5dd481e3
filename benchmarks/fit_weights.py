"""Fits the weights in `streams/knowledge/weights` to a labelled file, and says what to expect of them.

    python -m benchmarks.fit_weights TRAIN.jsonl [MORE.jsonl ...] [--kinds NEWS.jsonl] [--write]

NEWS holds texts of which only the `genre` is known; what kind of piece a text is, is learned from them too.

Needs scikit-learn, which the project itself does not: `pip install scikit-learn`. Figures come from
cross-validation over groups (a text and its translations are never on both sides). The order is that of
the tagger: sentences, documents, then the slots of mentions that were found.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks.fit_state import fit_state
from benchmarks.fit_texts import GOLDEN, Labelled, kinds, load, plain_sentences, shown_by, the_seed
from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.knowledge import Knowledge
from streams.logic.tag import parties, slots, state, wishes
from streams.logic.tag.candidates import Candidate, candidates, evidence_of
from streams.logic.tag.features import SHORT, Features, logistic, model_of, of_sentence, weigh

FOLDS = 10
WEIGHTS = Path(knowledge.__file__).parent / "weights"
STRENGTH = {
    "genre": 1.0,
    "sentence": 0.1,
    "document": 0.05,
    "flash": 0.2,
    "status": 1.0,
    "role": 0.3,
    "voice": 1.0,
    "time": 0.3,
    "proposer": 0.2,
    "addressee": 0.2,
}
"""Inverse regularisation of each model: small is cautious."""

CONTEXT_SLOTS = ("role", "voice")
"""What is told by a piece rather than by a sentence."""

CUT = {"document": 0.34, "flash": 0.45}
"""The raw scores that decide; weights are written so that they become 0.5: of documents for precision as long as recall
does not fall faster, in cross-validation; of flashes what parts our plain sentences."""

Model = dict[str, dict[str, float]]


def fit(
    rows: Sequence[Features], answers: Sequence[Any], strength: float, weight: Sequence[float] | None = None
) -> Model:
    vectors = DictVectorizer()
    matrix = vectors.fit_transform(rows)
    model = LogisticRegression(C=strength, max_iter=3000)
    model.fit(matrix, answers, sample_weight=weight)
    names = vectors.get_feature_names_out()
    labels = [""] if len(model.classes_) == 2 else list(model.classes_)
    found = {}
    for label, line, start in zip(labels, model.coef_, model.intercept_, strict=True):
        found[label] = {"start": float(start)} | {
            n: float(w) for n, w in zip(names, line, strict=True) if abs(w) >= 0.005
        }
    if len(model.classes_) == 2 and isinstance(model.classes_[0], str):
        no, yes = model.classes_
        found = {str(yes): found[""], str(no): {"start": 0.0}}
    return found


def with_models(known: Knowledge, **models: Model) -> Knowledge:
    return replace(known, models={**known.models, **models})


def learn_sentences(known: Knowledge, docs: Sequence[Labelled]) -> Model:
    rows, answers = [], []
    for one in docs:
        if one.gold["label"] == "borderline":
            continue
        if one.pairs is not None:
            for proposal_id, (yes, sentence) in one.pairs.items():
                for r in one.read:
                    if proposal_id in r.proposals() and (not yes or r.text == sentence):
                        rows.append(of_sentence(known.proposals[proposal_id], r, one.read))
                        answers.append(bool(yes))
            continue
        for proposal_id in {p for r in one.read for p in r.proposals()}:
            want = one.wanted.get(proposal_id)
            shown = shown_by(one, want) if want else set()
            for r in one.read:
                if proposal_id in r.proposals():
                    rows.append(of_sentence(known.proposals[proposal_id], r, one.read))
                    answers.append(r.number in shown)
    return fit(rows, answers, STRENGTH["sentence"])


def learn_documents(known: Knowledge, docs: Sequence[Labelled]) -> Model:
    rows, answers = [], []
    for one in docs:
        if one.gold["label"] == "borderline":
            continue
        for c in candidates(known, one.read, one.day):
            if one.pairs is None:
                rows.append(c.features)
                answers.append(c.proposal.id in one.wanted)
            elif c.proposal.id in one.pairs:
                rows.append(c.features)
                answers.append(bool(one.pairs[c.proposal.id][0]))
    return fit(rows, answers, STRENGTH["document"])


def learn_flashes(known: Knowledge, docs: Sequence[Labelled]) -> Model:
    """From our plain sentences, short documents, and the sentences of articles taken alone."""
    rows, answers, weights = [], [], []
    for one in docs:
        if one.gold["label"] == "borderline":
            continue
        for c in candidates(known, one.read, one.day):
            want = one.wanted.get(c.proposal.id)
            if one.plain or (len(one.read) <= SHORT and one.pairs is None):
                if one.pairs is None or c.proposal.id in one.pairs:
                    rows.append(of_sentence(c.proposal, c.best, one.read))
                    answers.append(want is not None)
                    weights.append(3.0 if one.plain else 1.0)
            elif one.pairs is None and want is not None:
                for r in c.on:
                    rows.append(of_sentence(c.proposal, r, [r]))
                    answers.append(r.number in shown_by(one, want))
                    weights.append(0.5)
            elif one.pairs is None and not one.wanted:
                rows.append(of_sentence(c.proposal, c.best, [c.best]))
                answers.append(False)
                weights.append(0.5)
    return fit(rows, answers, STRENGTH["flash"], weights)


def learn_slots(known: Knowledge, docs: Sequence[Labelled]) -> dict[str, Model]:
    rows: dict[str, list[Features]] = {slot: [] for slot in slots.SLOTS}
    answers: dict[str, list[str]] = {slot: [] for slot in slots.SLOTS}
    told: list[tuple[state.Signs, str]] = []
    for one in docs:
        often = len(as_in_use([one], 2))
        for asked in slot_rows(known, [one], learning=True):
            told += often * [(asked.signs, asked.want["status"])]
            for slot, its in asked.slots.items():
                # Of prominence and voice a lone sentence shows nothing; of prominence all kinds of piece the same.
                times = 0 if one.plain and slot in CONTEXT_SLOTS else often if slot != "role" else 1
                rows[slot] += times * [its]
                answers[slot] += times * [asked.want[slot]]
    return {
        "status": fit_state([signs for signs, _ in told], [status for _, status in told], STRENGTH["status"]),
        **{slot: fit(rows[slot], answers[slot], STRENGTH[slot]) for slot in rows},
    }


class Asked(NamedTuple):
    """A labelled mention that the tagger has to say more of."""

    of: Candidate
    want: Mapping[str, Any]
    slots: dict[str, Features]
    signs: state.Signs


def slot_rows(known: Knowledge, docs: Sequence[Labelled], learning: bool = False) -> Iterable[Asked]:
    """Labelled mentions with the features of their slots: to learn from, of all that are candidates at all and
    by the sentence that the label shows; to judge, of those that would be found."""
    for one in docs:
        if one.gold["label"] != "pos":
            continue
        weights = known.models[model_of(one.read)][""]
        found = candidates(known, one.read, one.day)
        scored = sorted(((weigh(weights, c.features), c) for c in found), key=lambda p: (-p[0], p[1].proposal.id))
        worth = [s for s in scored if logistic(s[0]) >= 0.2]
        how = slots.manner(one.read, one.day)
        for rank, (logit, c) in enumerate(scored if learning else worth):
            want = one.wanted.get(c.proposal.id)
            if want is None:
                continue
            shown = shown_by(one, want)
            best = c.best
            if learning:
                best = max((r for r in c.on if r.number in shown), key=lambda r: c.scores[r.number], default=c.best)
            elif not shown & {r.number for r in evidence_of(c)}:
                continue
            place = slots.Place(rank, len(worth), logit)
            kind = slots.genre(known, how)
            yield Asked(
                c,
                want,
                slots.features(known, c.proposal, best, c.on, one.read, how, place),
                state.signs(known, c.proposal, best, c.on, one.read, one.day, kind),
            )


def sides_of(known: Knowledge, one: Labelled, c: Candidate) -> dict[str, Features]:
    """The features of whoever may be a party."""
    how = slots.manner(one.read, one.day)
    return parties.features(c.proposal.at(how.own_year), c.best, c.on, one.read, slots.genre(known, how))


def learn_parties(known: Knowledge, docs: Sequence[Labelled]) -> dict[str, Model]:
    rows: dict[str, list[Features]] = {"proposer": [], "addressee": []}
    answers: dict[str, list[bool]] = {"proposer": [], "addressee": []}
    for one in as_in_use(docs, 2):
        if not one.wanted or one.gold["label"] != "pos":
            continue
        for c in candidates(known, one.read, one.day):
            want = one.wanted.get(c.proposal.id)
            if not want:
                continue
            proposer, addressee = set(want["proposer"]) - {"unknown"}, set(want["addressee"]) - {"unknown"}
            for code, its in sides_of(known, one, c).items():
                if proposer:
                    rows["proposer"].append(its)
                    answers["proposer"].append(code in proposer)
                if addressee and code != wishes.EXPERT and code not in proposer - addressee:
                    rows["addressee"].append(its | parties.after(code, sorted(proposer)))
                    answers["addressee"].append(code in addressee)
    return {name: fit(rows[name], answers[name], STRENGTH[name]) for name in rows}


def learn_genre(docs: Sequence[Labelled], more: Sequence[Labelled] = ()) -> Model:
    """From all that is labelled, and `more` of which only the kind is known: labelled files are mostly op-eds."""
    names = {"telegram": "channel", "analysis": "opinion", "partisan": "news"}
    whole = [one for one in (*docs, *more) if one.gold.get("genre")]
    rows = [slots.manner(one.read, one.day).features for one in whole]
    return fit(rows, [names.get(one.gold["genre"], one.gold["genre"]) for one in whole], STRENGTH["genre"])


def as_in_use(docs: Sequence[Labelled], times: int) -> list[Labelled]:
    """News counts more often than opinion: the labelled files are mostly op-eds, what the monitor reads is not."""
    rare = ("news", "telegram", "official")
    return [one for one in docs for _ in range(times if one.gold.get("genre") in rare else 1)]


def learn(known: Knowledge, docs: Sequence[Labelled], more: Sequence[Labelled] = ()) -> Knowledge:
    known = with_models(known, genre=learn_genre(docs, more))
    # Sentences are learned where they stand in articles; a plain one alone shows no neighbours.
    found_in = as_in_use(docs, 2)
    known = with_models(known, sentence=learn_sentences(known, [one for one in found_in if not one.plain]))
    known = with_models(known, document=learn_documents(known, [one for one in found_in if not one.plain]))
    known = with_models(known, flash=learn_flashes(known, found_in))
    return with_models(known, **learn_slots(known, docs), **learn_parties(known, docs))


class Count(dict[str, float]):
    def __missing__(self, key: str) -> float:
        return 0.0


def judge(known: Knowledge, docs: Sequence[Labelled], n: Count, trace: list[Any]) -> None:
    for one in docs:
        weights = known.models[model_of(one.read)][""]
        scored = [(logistic(weigh(weights, c.features)), c) for c in candidates(known, one.read, one.day)]
        trace.append((one, scored))
    for asked in slot_rows(known, docs):
        answers = {slot: slots.weighed(known, slot, its) for slot, its in asked.slots.items()}
        answers["status"] = state.choose(known, asked.signs)
        for slot, answer in answers.items():
            n[slot + " asked"] += 1
            n[slot] += answer == asked.want[slot]
    for one in docs:
        if one.gold["label"] != "pos":
            continue
        for c in candidates(known, one.read, one.day):
            want = one.wanted.get(c.proposal.id)
            if not want:
                continue
            p, a = parties.choose(known, sides_of(known, one, c))
            for slot, got, other in (("proposer", p, "addressee"), ("addressee", a, "proposer")):
                w = set(want[slot]) - {"unknown"}
                if w:
                    n[slot + " asked"] += 1
                    n[slot] += bool(w & set(got)) and not set(got) & (set(want[other]) - w)


def f1(tp: float, fp: float, fn: float) -> str:
    p, r = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    return f"P {p:.3f} R {r:.3f} F1 {2 * p * r / max(p + r, 1e-9):.3f}"


def report(trace: list[Any], threshold: float, further: float = 0.0) -> str:
    n = Count()
    for one, scored in trace:
        top = max((s for s, _ in scored), default=0.0)
        got = {c.proposal.id: c for s, c in scored if s >= threshold and (s >= further or s == top)}
        label = one.gold["label"]
        if label == "borderline":
            n["borderline"] += bool(got)
            continue
        positive = label == "pos"
        n["tp"] += positive and bool(got)
        n["fp"] += (not positive) and bool(got)
        n["fn"] += positive and not got
        wanted = one.wanted if positive else {}
        n["ptp"] += len(wanted.keys() & got)
        n["pfp"] += len(got.keys() - wanted)
        n["pfn"] += len(wanted.keys() - got)
        for p, want in wanted.items():
            hit = p in got and bool(shown_by(one, want) & {r.number for r in evidence_of(got[p])})
            n["mtp"] += hit
        n["mn"] += len(one.gold["mentions"]) if positive else 0
        n["mg"] += len(got)
    m = n["mtp"]
    return (
        f"{threshold:.2f} document {f1(n['tp'], n['fp'], n['fn'])} | proposal {f1(n['ptp'], n['pfp'], n['pfn'])}"
        f" | mention {f1(m, n['mg'] - m, n['mn'] - m)} | borderline {n['borderline']:.0f}"
    )


def cross_validate(
    known: Knowledge, docs: Sequence[Labelled], learner: Callable[[Knowledge, Sequence[Labelled]], Knowledge]
) -> list[Any]:
    n = Count()
    trace: list[Any] = []
    groups = [one.group for one in docs]
    for train, test in GroupKFold(FOLDS).split(docs, groups=groups):
        whole = [docs[i] for i in test if docs[i].pairs is None and not docs[i].own]
        judge(learner(known, [docs[i] for i in train]), whole, n, trace)
    for threshold in (0.26, 0.28, 0.3, 0.32, 0.34, 0.36, 0.4, 0.5):
        print(report(trace, threshold))
    for further in (0.4, 0.5, 0.55, 0.6, 0.65):
        print("  further", further, report(trace, CUT["document"], further))
    print({s: round(n[s] / max(n[s + " asked"], 1), 3) for s in ("proposer", "addressee", "status", *slots.SLOTS)})
    reach = sum(
        any(p in {c.proposal.id for _, c in scored} for p in one.wanted)
        for one, scored in trace
        if one.gold["label"] == "pos"
    )
    pairs = sum(
        len(one.wanted.keys() & {c.proposal.id for _, c in scored})
        for one, scored in trace
        if one.gold["label"] == "pos"
    )
    print(
        f"a candidate for some proposal in {reach} of {sum(t[0].gold['label'] == 'pos' for t in trace)} positives; "
        f"{pairs} of {sum(len(t[0].wanted) for t in trace if t[0].gold['label'] == 'pos')} proposals"
    )
    return trace


def write(models: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    for name, model in models.items():
        lines = ["# Fitted by benchmarks/fit_weights.py; the meaning of a feature: streams/logic/tag."]
        for answer, group in sorted(model.items()):
            ordered = sorted(group.items(), key=lambda pair: (pair[0] != "start", -abs(round(pair[1], 2)), pair[0]))
            if answer:
                lines.append(f"{answer}:")
            lines += [
                f'{"  " if answer else ""}{json.dumps(k, ensure_ascii=False)}: "{v:.2f}"'
                for k, v in ordered
                if k == "start" or abs(v) >= 0.01
            ]
        (WEIGHTS / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(given: list[str]) -> None:
    known = compile_knowledge(knowledge.read())
    more = Path(given.pop(given.index("--kinds") + 1)) if "--kinds" in given else None
    docs = load(known, [Path(a) for a in given if not a.startswith("--")])
    docs += [*load(known, sorted(GOLDEN.glob("*.yaml"))), the_seed(known), *plain_sentences(known)]
    of_a_kind = kinds(known, more, docs) if more else []
    print(f"{len(docs)} documents, and {len(of_a_kind)} of a kind")
    cross_validate(known, docs, lambda known, docs: learn(known, docs, of_a_kind))
    if "--write" in given:
        models = {name: dict(model) for name, model in learn(known, docs, of_a_kind).models.items()}
        for name, cut in CUT.items():
            start = models[name][""]["start"] - math.log(cut / (1 - cut))
            models[name] = {"": {**models[name][""], "start": start}}
        write(models)


if __name__ == "__main__":
    np.random.seed(0)
    main(sys.argv[1:])
