"""Fits the weights in `streams/knowledge/weights` to a labelled file, and says what to expect of them.

    python benchmarks/fit_weights.py TRAIN.jsonl [MORE.jsonl ...] [--write]

Needs scikit-learn, which the project itself does not: `pip install scikit-learn`. Figures come from
cross-validation over groups (a text and its translations are never on both sides). The order is that of
the tagger: sentences, documents, then the slots of mentions that were found.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from streams import knowledge
from streams.logic.knowledge import Knowledge, compile_knowledge
from streams.logic.tag import parties, slots
from streams.logic.tag.candidates import Candidate, candidates
from streams.logic.tag.features import Features, logistic, of_sentence, weigh
from streams.logic.tag.reading import Read, read

FOLDS = 10
WEIGHTS = Path(knowledge.__file__).parent / "weights"
STRENGTH = {"sentence": 0.1, "document": 0.05, "status": 0.1, "role": 0.3, "voice": 0.1, "time": 0.1, "proposer": 0.2,
            "addressee": 0.2}  # fmt: skip
"""Inverse regularisation of each model: small is cautious."""

Model = dict[str, dict[str, float]]


@dataclass
class Labelled:
    """A document as read, with its labels."""

    gold: Mapping[str, Any]
    read: list[Read]
    day: date | None
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def group(self) -> str:
        return str(self.gold.get("group") or self.gold["id"])


def day_of(text: str | None) -> date | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).date() if text else None
    except ValueError:
        return None


def load(known: Knowledge, paths: Iterable[Path]) -> list[Labelled]:
    found = []
    for path in paths:
        for line in path.open(encoding="utf-8"):
            gold = json.loads(line)
            day = day_of(gold.get("published"))
            one = Labelled(gold, read(known, {"title": gold["title"], "text": gold["text"]}, day), day)
            for mention in gold.get("mentions") or []:
                one.wanted.setdefault(mention["proposal"], mention)
            found.append(one)
    return found


def shown_by(one: Labelled, mention: Mapping[str, Any]) -> set[int]:
    """Numbers of the sentences that a label's evidence lies in."""
    numbers = set()
    for quote in mention["evidence"]:
        for name in ("text", "title"):
            at = one.gold[name].find(quote)
            if at >= 0:
                numbers |= {
                    r.number
                    for r in one.read
                    if r.sentence.field == name
                    and min(r.sentence.end, at + len(quote)) - max(r.sentence.start, at) >= 4
                }
                break
    return numbers


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
    from dataclasses import replace

    return replace(known, models={**known.models, **models})


def learn_sentences(known: Knowledge, docs: Sequence[Labelled]) -> Model:
    rows, answers = [], []
    for one in docs:
        if one.gold["label"] == "borderline":
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
    rows, answers, weights = [], [], []
    for one in docs:
        if one.gold["label"] == "borderline":
            continue
        for c in candidates(known, one.read, one.day):
            rows.append(c.features)
            answers.append(c.proposal.id in one.wanted)
            # In a document about other proposals a doubtful one does less harm than in one about none.
            weights.append(1.0 if one.wanted else 1.0)
    return fit(rows, answers, STRENGTH["document"], weights)


def learn_slots(known: Knowledge, docs: Sequence[Labelled]) -> dict[str, Model]:
    rows: dict[str, list[Features]] = {slot: [] for slot in slots.ANSWERS}
    answers: dict[str, list[str]] = {slot: [] for slot in slots.ANSWERS}
    for _, want, found in slot_rows(known, docs):
        for slot, its in found.items():
            rows[slot].append(its)
            answers[slot].append(want[slot])
    return {slot: fit(rows[slot], answers[slot], STRENGTH[slot]) for slot in rows}


def slot_rows(
    known: Knowledge, docs: Sequence[Labelled]
) -> Iterable[tuple[Candidate, Mapping[str, Any], dict[str, Features]]]:
    weights = known.models["document"][""]
    for one in docs:
        if not one.wanted or one.gold["label"] != "pos":
            continue
        found = candidates(known, one.read, one.day)
        scored = sorted(((weigh(weights, c.features), c) for c in found), key=lambda p: (-p[0], p[1].proposal.id))
        worth = [s for s in scored if logistic(s[0]) >= 0.2]
        how = slots.manner(one.read, one.day)
        for rank, (logit, c) in enumerate(worth):
            want = one.wanted.get(c.proposal.id)
            if want and shown_by(one, want) & {r.number for r in c.evidence()}:
                place = slots.Place(rank, len(worth), logit)
                yield c, want, slots.features(c.proposal, c.best, c.on, one.read, how, place)


def learn_parties(known: Knowledge, docs: Sequence[Labelled]) -> dict[str, Model]:
    rows: dict[str, list[Features]] = {"proposer": [], "addressee": []}
    answers: dict[str, list[bool]] = {"proposer": [], "addressee": []}
    for one in docs:
        if not one.wanted or one.gold["label"] != "pos":
            continue
        for c in candidates(known, one.read, one.day):
            want = one.wanted.get(c.proposal.id)
            if not want:
                continue
            proposer, addressee = set(want["proposer"]) - {"unknown"}, set(want["addressee"]) - {"unknown"}
            for code, its in parties.features(c.proposal, c.best, c.on, one.read).items():
                if proposer:
                    rows["proposer"].append(its)
                    answers["proposer"].append(code in proposer)
                if addressee and code != parties.EXPERT and code not in proposer - addressee:
                    rows["addressee"].append(its | parties.after(code, sorted(proposer)))
                    answers["addressee"].append(code in addressee)
    return {name: fit(rows[name], answers[name], STRENGTH[name]) for name in rows}


def learn(known: Knowledge, docs: Sequence[Labelled]) -> Knowledge:
    known = with_models(known, sentence=learn_sentences(known, docs))
    known = with_models(known, document=learn_documents(known, docs))
    return with_models(known, **learn_slots(known, docs), **learn_parties(known, docs))


class Count(dict[str, float]):
    def __missing__(self, key: str) -> float:
        return 0.0


def judge(known: Knowledge, docs: Sequence[Labelled], n: Count, trace: list[Any]) -> None:
    weights = known.models["document"][""]
    for one in docs:
        scored = [(logistic(weigh(weights, c.features)), c) for c in candidates(known, one.read, one.day)]
        trace.append((one, scored))
    for _, want, found in slot_rows(known, docs):
        for slot, its in found.items():
            n[slot + " asked"] += 1
            n[slot] += slots.choose(known, slot, its) == want[slot]
    for one in docs:
        if one.gold["label"] != "pos":
            continue
        for c in candidates(known, one.read, one.day):
            want = one.wanted.get(c.proposal.id)
            if not want:
                continue
            p, a = parties.choose(known, c.proposal, parties.features(c.proposal, c.best, c.on, one.read))
            for slot, got, other in (("proposer", p, "addressee"), ("addressee", a, "proposer")):
                w = set(want[slot]) - {"unknown"}
                if w:
                    n[slot + " asked"] += 1
                    n[slot] += bool(w & set(got)) and not set(got) & (set(want[other]) - w)


def f1(tp: float, fp: float, fn: float) -> str:
    p, r = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    return f"P {p:.3f} R {r:.3f} F1 {2 * p * r / max(p + r, 1e-9):.3f}"


def report(trace: list[Any], threshold: float) -> str:
    n = Count()
    for one, scored in trace:
        got = {c.proposal.id: c for s, c in scored if s >= threshold}
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
            hit = p in got and bool(shown_by(one, want) & {r.number for r in got[p].evidence()})
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
    n, trace = Count(), []
    groups = [one.group for one in docs]
    for train, test in GroupKFold(FOLDS).split(docs, groups=groups):
        judge(learner(known, [docs[i] for i in train]), [docs[i] for i in test], n, trace)
    for threshold in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        print(report(trace, threshold))
    print({s: round(n[s] / max(n[s + " asked"], 1), 3) for s in ("proposer", "addressee", *slots.ANSWERS)})
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
        lines = [f"# Fitted by benchmarks/fit_weights.py; the meaning of a feature: streams/logic/tag."]
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
    docs = load(known, [Path(a) for a in given if not a.startswith("--")])
    print(f"{len(docs)} documents")
    cross_validate(known, docs, learn)
    if "--write" in given:
        write(learn(known, docs).models)


if __name__ == "__main__":
    np.random.seed(0)
    main(sys.argv[1:])
