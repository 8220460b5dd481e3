"""Scores tags against labels: precision, recall and F1 of documents, proposals; accuracy of slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

SLOTS = ("status", "role", "voice", "time")


def missing(document: Mapping[str, Any]) -> str:
    """What a document lacks to be scored against; empty when it is labelled."""
    if document.get("label") not in ("pos", "neg", "borderline"):
        return "a label is pos, neg or borderline"
    if document["label"] != "pos":
        return ""
    mentions = document.get("mentions")
    if not isinstance(mentions, list) or not all(isinstance(one, dict) for one in mentions):
        return "what is pos has a list of mentions"
    lacking = {
        name
        for one in mentions
        for name in ("proposal", "proposer", "addressee", *SLOTS, "evidence")
        if name not in one
    }
    return f"a mention lacks {', '.join(sorted(lacking))}" if lacking else ""


def score(gold: Sequence[Mapping[str, Any]], answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Figures over labelled documents; borderline ones count for no document figure."""
    n: Counter[str] = Counter()
    for labelled in gold:
        if labelled["label"] != "borderline":
            _judge(labelled, answers[labelled["id"]], n)
    report: dict[str, Any] = {"documents": len(gold)}
    for name in ("document", "proposal", "mention"):
        report[name] = _f1(n[name + "_tp"], n[name + "_fp"], n[name + "_fn"])
    for slot in ("proposer", "addressee", *SLOTS):
        asked = n[slot + "_asked"]
        report[slot] = round(n[slot] / asked, 4) if asked else None
    report["evidence_verbatim"] = round(n["verbatim"] / n["evidence"], 4) if n["evidence"] else None
    return report


def _f1(tp: int, fp: int, fn: int) -> dict[str, float]:
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _judge(gold: Mapping[str, Any], answer: Mapping[str, Any], n: Counter[str]) -> None:
    positive, relevant = gold["label"] == "pos", bool(answer["relevant"])
    if positive or relevant:
        n["document_" + ("tp" if positive and relevant else "fn" if positive else "fp")] += 1
    wanted = list(gold["mentions"]) if positive else []
    found = list(answer["mentions"]) if relevant else []
    ids, given = {m["proposal"] for m in wanted}, {m["proposal"] for m in found}
    n["proposal_tp"] += len(ids & given)
    n["proposal_fp"] += len(given - ids)
    n["proposal_fn"] += len(ids - given)
    for mention in found:
        for e in mention["evidence"]:
            n["evidence"] += 1
            n["verbatim"] += gold[e["field"]][e["start"] : e["end"]] == e["quote"]
    for want in wanted:
        hit = next((m for m in found if m["proposal"] == want["proposal"] and _meets(want, m)), None)
        if hit is None:
            n["mention_fn"] += 1
            continue
        found.remove(hit)
        n["mention_tp"] += 1
        for slot in ("proposer", "addressee"):
            named = set(want[slot]) - {"unknown"}
            if named:
                n[slot + "_asked"] += 1
                n[slot] += bool(named & set(hit[slot]))
        for slot in SLOTS:
            n[slot + "_asked"] += 1
            n[slot] += want[slot] == hit[slot]
    n["mention_fp"] += len(found)


def _meets(want: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return any(quote in e["quote"] or e["quote"] in quote for quote in want["evidence"] for e in found["evidence"])
