"""Find mentions of security proposals. Pure: same text and knowledge, same findings.

Text -> language -> gate -> sentences -> phrases -> which sentences speak of which proposal (by name, by
content, by "the initiative" carried over) -> slots -> one explainable score a proposal.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from streams.contracts.records import Commitment, Event, Evidence, Reason
from streams.logic.knowledge import Actor, Instance, Knowledge, Payload, Proposal
from streams.logic.phrases import Hit
from streams.logic.tag import roles
from streams.logic.tag.dates import Dated, days, years
from streams.logic.tag.findings import Finding, Tagged
from streams.logic.tag.language import PACKS, language
from streams.logic.tag.roles import Who
from streams.logic.tag.text import MAX_CHARACTERS, Sentence, sentences

THRESHOLD = 0.5
NEAR_MISS = 0.2
MOST = 6
"""Proposals a document may mention; the most prominent come first."""

CONTEXT = 40
"""Characters of prefix and suffix around a quote."""

ADVANCE = (
    "floated", "revived", "discussing", "welcomed", "countered",
    "tabled", "agreed", "in_force", "rejected", "suspended",
)  # fmt: skip
"""Which of several states said of a proposal is the latest, where the text gives no dates."""

WEIGHTS: dict[str, tuple[float, str]] = {
    "start": (-3.0, "no mention until shown"),
    "name": (2.2, "is named"),
    "term": (2.0, "its content is stated"),
    "act": (1.6, "something happens to it"),
    "no_act": (-1.6, "a treaty is merely named"),
    "both_sides": (1.2, "both sides stand in the sentence"),
    "one_side": (0.5, "one side in the sentence, the other in the text"),
    "no_side": (-2.0, "a side is missing"),
    "lead": (0.8, "in the title or the lead"),
    "again": (0.6, "spoken of in several sentences"),
    "owner": (0.7, "the text says whose it is"),
    "hypothesis": (-0.6, "only supposed"),
    "routine": (-1.6, "routine of a treaty body"),
}


@dataclass(slots=True)
class _Read:
    """A sentence with what was found in it."""

    sentence: Sentence
    number: int
    text: str
    actors: list[Who] = field(default_factory=list)
    acts: list[Hit] = field(default_factory=list)
    cues: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    terms: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    nots: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    instances: dict[str, list[Instance]] = field(default_factory=lambda: defaultdict(list))

    @property
    def sides(self) -> set[str]:
        return {who.actor.side for who in self.actors}

    def speaks_of(self, proposal: str) -> bool:
        return (bool(self.names.get(proposal)) or bool(self.terms.get(proposal))) and not self.nots.get(proposal)


class Tagger:
    """Tags documents with one compiled knowledge base."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def tag(self, title: str, text: str, lang: str | None = None, published: datetime | None = None) -> Tagged:
        """Everything that the document says of proposals. Offsets are into `title` and `text`."""
        found_lang = lang or language(text or title)
        supported = found_lang is None or found_lang in PACKS
        folded = f"{title}\n{text[:MAX_CHARACTERS]}".casefold()
        gated = supported and self.knowledge.gate.passes(folded)
        if not gated:
            return _nothing(found_lang, supported, gated)
        day = published.date() if published else None
        fields = {"title": title, "text": text}
        read = self._read(fields, day)
        # A headline repeated as first line of the text says nothing twice.
        findings = self._findings(fields, read, day)
        good = tuple(f for f in findings if f.score >= THRESHOLD)[:MOST]
        near = tuple(f for f in findings if NEAR_MISS <= f.score < THRESHOLD)[:MOST]
        for finding in (*good, *near):
            _verify(fields, finding)
        return Tagged(
            relevant=bool(good),
            score=max((f.score for f in findings), default=0.0),
            lang=found_lang,
            supported=True,
            gated=True,
            findings=good,
            near=near,
        )

    def _read(self, fields: dict[str, str], day: date | None) -> list[_Read]:
        found = []
        parts = [s for name in ("title", "text") for s in sentences(name, fields[name])]
        for number, sentence in enumerate(parts):
            read = _Read(sentence, number, fields[sentence.field][sentence.start : sentence.end])
            inside = list(self.knowledge.phrases.find(sentence.words))
            _sort_out(read, inside, day)
            found.append(read)
        return found

    def _findings(self, fields: dict[str, str], read: list[_Read], day: date | None) -> list[Finding]:
        sides = {side for r in read for side in r.sides}
        spoken: dict[str, list[_Read]] = defaultdict(list)
        for one in read:
            for proposal in {*one.names, *one.terms}:
                if one.speaks_of(proposal):
                    spoken[proposal].append(one)
        _prefer_specific(self.knowledge, spoken)
        opinion = _is_opinion(read)
        main = _most_prominent(spoken)
        found = [
            self._finding(fields, self.knowledge.proposals[p], on, read, sides, day, opinion, carry=p == main)
            for p, on in sorted(spoken.items())
        ]
        return sorted(found, key=lambda f: (f.role != "main", -f.score, f.proposal))

    def _finding(
        self,
        fields: dict[str, str],
        proposal: Proposal,
        on: list[_Read],
        read: list[_Read],
        sides: set[str],
        day: date | None,
        opinion: bool,
        carry: bool,
    ) -> Finding:
        related = list(on)
        if carry:
            numbers = {one.number for one in on}
            related += [r for r in read if r.cues.get("carry") and r.number not in numbers and r.number > on[0].number]
            related.sort(key=lambda r: r.number)
        best = max(on, key=lambda r: (_weight_of(r, proposal, sides), -r.number))
        why = _why(proposal, best, on, sides)
        owner, given = _owner(proposal, [best, *on])
        if given:
            why.append(_reason("owner", ", ".join(owner)))
        events = _events(self.knowledge, fields, proposal, related, day, opinion)
        own_event = next((e for e in events if e.evidence[0].start == best.sentence.start), None)
        leading = own_event or (events[0] if events else None)
        logit = sum(reason.weight for reason in why)
        addressee = _addressee(proposal, best, owner)
        instance = next((i for r in on for i in r.instances.get(proposal.id, ())), None)
        return Finding(
            proposal=proposal.id,
            instance=instance.id if instance else None,
            proposal_name=instance.name if instance else proposal.name,
            other_name=_name_of(proposal, best) if proposal.other else None,
            proposer=owner,
            addressee=addressee,
            status=_status(proposal, events, owner),  # type: ignore[arg-type]  # checked when the entry was compiled
            role="main" if _is_main(on) else "passing",
            voice=_voice_of(best, related, opinion),
            time=_time(best, day),
            act=leading.act if leading else "propose",
            actor=leading.actor if leading else owner,
            when=leading.when if leading else None,
            evidence=[_evidence(fields, r.sentence) for r in _evidence_of(best, on, proposal)],
            events=events,
            commitments=_commitments(fields, read, related, day) if carry else [],
            score=1 / (1 + math.exp(-logit)),
            why=why,
        )


def _nothing(lang: str | None, supported: bool, gated: bool) -> Tagged:
    return Tagged(relevant=False, score=0.0, lang=lang, supported=supported, gated=gated, findings=(), near=())


def _sort_out(read: _Read, hits: Sequence[Hit], day: date | None) -> None:
    """Put each hit where it belongs. An actor inside a proposal's name is no actor ("European")."""
    named = [h for h in hits if _kind(h) in {"name", "instance"}]
    longest: list[Hit] = []
    for hit in hits:
        payload = _payload(hit)
        if payload.kind == "name":
            read.names[payload.id].append(hit)
        elif payload.kind == "term":
            read.terms[payload.id].append(hit)
        elif payload.kind == "not":
            read.nots[payload.id].append(hit)
        elif payload.kind == "instance":
            read.instances[payload.id].append(payload.ref)
        elif payload.kind == "act":
            read.acts.append(hit)
        elif payload.kind == "cue":
            read.cues[payload.id].append(hit)
        elif payload.kind == "actor":
            actor: Actor = payload.ref
            inside = any(n.first <= hit.first and hit.last <= n.last for n in named)
            if roles.valid(actor, day) and not (inside and actor.side != "russia" and actor.code == "EU"):
                longest.append(hit)
    for hit in longest:
        if not any(
            (o.first <= hit.first and hit.last <= o.last and o.last - o.first > hit.last - hit.first) for o in longest
        ):
            read.actors.append(Who(_payload(hit).ref, hit.first, hit.last))
    read.actors.sort(key=lambda who: (who.first, who.last))
    read.acts.sort(key=lambda hit: (hit.first, -hit.last))


def _payload(hit: Hit) -> Payload:
    return hit.payload  # type: ignore[return-value]  # the knowledge base's phrases carry payloads only


def _kind(hit: Hit) -> str:
    return _payload(hit).kind


def _prefer_specific(knowledge: Knowledge, spoken: dict[str, list[_Read]]) -> None:
    """A class (`OTHER-*`) gives way to a proposal of its own: where that is the topic, and in its sentences."""
    if any(_is_main(on) for p, on in spoken.items() if not knowledge.proposals[p].other):
        for proposal in [p for p in spoken if knowledge.proposals[p].other]:
            del spoken[proposal]
    specific = {r.number for p, on in spoken.items() if not knowledge.proposals[p].other for r in on}
    for proposal in [p for p in spoken if knowledge.proposals[p].other]:
        left = [r for r in spoken[proposal] if r.number not in specific]
        if left:
            spoken[proposal] = left
        else:
            del spoken[proposal]


def _weight_of(read: _Read, proposal: Proposal, sides: set[str]) -> float:
    return sum(reason.weight for reason in _why(proposal, read, [read], sides)) + (
        0.3 if _owner_in(proposal, read) else 0.0
    )


def _reason(feature: str, text: str = "") -> Reason:
    weight, meaning = WEIGHTS[feature]
    return Reason(feature=feature, weight=weight, text=f"{meaning}: {text}" if text else meaning)


def _why(proposal: Proposal, best: _Read, on: Sequence[_Read], sides: set[str]) -> list[Reason]:
    why = [_reason("start")]
    names, terms = best.names.get(proposal.id), best.terms.get(proposal.id)
    if names:
        why.append(_reason("name", _quote(best, names[0])))
    if terms:
        why.append(_reason("term", _quote(best, terms[0])))
    if best.acts:
        why.append(_reason("act", _quote(best, best.acts[0])))
    elif proposal.treaty:
        why.append(_reason("no_act"))
    here = best.sides
    west = {"west", "ukraine"} if proposal.id.startswith(("UA-", "PEACE", "ISTANBUL", "MINSK", "BUDA")) else {"west"}
    if "russia" in here and here & west:
        why.append(_reason("both_sides"))
    elif "russia" in sides and sides & west and here & {"russia", *west}:
        why.append(_reason("one_side"))
    elif "russia" not in sides or not sides & west:
        why.append(_reason("no_side"))
    if any(r.sentence.field == "title" or r.number <= 3 for r in on):
        why.append(_reason("lead"))
    if len(on) >= 2:
        why.append(_reason("again", f"{len(on)} times"))
    if best.cues.get("hypothesis"):
        why.append(_reason("hypothesis", _quote(best, best.cues["hypothesis"][0])))
    if best.cues.get("routine"):
        why.append(_reason("routine", _quote(best, best.cues["routine"][0])))
    return why


def _quote(read: _Read, hit: Hit) -> str:
    words = read.sentence.words
    start = words[hit.first].start - read.sentence.start
    return read.text[start : words[hit.last - 1].end - read.sentence.start]


def _name_of(proposal: Proposal, best: _Read) -> str:
    hits = best.terms.get(proposal.id) or best.names.get(proposal.id)
    return _quote(best, hits[0]) if hits else proposal.name


def _owner_in(proposal: Proposal, read: _Read) -> list[str]:
    for hit in [*read.names.get(proposal.id, ()), *read.terms.get(proposal.id, ())]:
        found = roles.owners(read.sentence.words, read.actors, hit.first, hit.last)
        if found:
            return roles.codes(found)
    for act in read.acts:
        if _payload(act).id in {"propose", "demand", "table"}:
            return roles.codes(roles.subject(read.sentence.words, read.actors, act.first, _by(read), act.last))
    return []


def _owner(proposal: Proposal, on: Sequence[_Read]) -> tuple[list[str], bool]:
    """The proposer by the text, else by the knowledge base; and whether the text says it."""
    for read in on:
        found = _owner_in(proposal, read)
        if found and (not proposal.proposer or set(found) & set(proposal.proposer) or proposal.other):
            return found, True
    return list(proposal.proposer), False


def _addressee(proposal: Proposal, best: _Read, owner: list[str]) -> list[str]:
    if not proposal.other and proposal.addressee:
        rest = [code for code in proposal.addressee if code not in owner]
        return rest or list(proposal.addressee)
    theirs = {w.actor.side for w in best.actors if w.actor.code in owner}
    others = [w for w in best.actors if w.actor.code not in owner and w.actor.side not in theirs]
    return roles.codes(others)


def _by(read: _Read) -> list[int]:
    return [hit.first for hit in read.cues.get("passive_by", ())]


def _evidence(fields: dict[str, str], sentence: Sentence) -> Evidence:
    text = fields[sentence.field]
    return Evidence(
        field=sentence.field,  # type: ignore[arg-type]  # sentences come from these two fields only
        start=sentence.start,
        end=sentence.end,
        quote=text[sentence.start : sentence.end],
        prefix=text[max(0, sentence.start - CONTEXT) : sentence.start],
        suffix=text[sentence.end : sentence.end + CONTEXT],
    )


def _evidence_of(best: _Read, on: Sequence[_Read], proposal: Proposal) -> list[_Read]:
    """The sentence that shows most, then two more."""
    others = [r for r in on if r is not best and (r.acts or not proposal.treaty)]
    return [best, *others[:2]]


def _events(
    knowledge: Knowledge,
    fields: dict[str, str],
    proposal: Proposal,
    related: Sequence[_Read],
    day: date | None,
    opinion: bool,
) -> list[Event]:
    found: list[Event] = []
    seen = set()
    for read in related:
        denied = _denied(read)
        for act in read.acts:
            kind = _payload(act).id
            actors = roles.codes(roles.subject(read.sentence.words, read.actors, act.first, _by(read), act.last))
            if kind in denied:
                kind = "deny"
            key = (kind, tuple(actors), read.number)
            if key in seen:
                continue
            seen.add(key)
            asks = kind == "demand" and any(
                _payload(o).id == "clarify" and 0 <= o.first - act.last <= 4 for o in read.acts
            )
            dated = days(read.text, day, bool(read.cues.get("future")))
            found.append(
                Event(
                    act=kind,  # type: ignore[arg-type]  # checked when the entry was compiled
                    actor=actors,
                    # To be asked to explain is to be in discussion, not to face a demand.
                    status="discussing" if asks else knowledge.acts.get(kind),  # type: ignore[arg-type]  # likewise
                    voice=_voice(read, opinion),
                    time=_time(read, day),
                    when=dated[0].day.isoformat() if dated else None,
                    evidence=[_evidence(fields, read.sentence)],
                )
            )
    return found[:40]


def _denied(read: _Read) -> set[str]:
    """Acts that the sentence says did not happen: a negation stands up to four words before."""
    return {
        _payload(act).id
        for act in read.acts
        for cue in read.cues.get("negation", ())
        if 0 <= act.first - cue.last <= 4 and _payload(act).id not in {"reject", "concern", "deny"}
    }


def _status(proposal: Proposal, events: Sequence[Event], owner: Sequence[str]) -> str:
    """The latest state said; a demand tables the proposal only when those who propose it make it."""
    said = [
        e.status
        for e in events
        if e.status
        and (e.status != "tabled" or e.act not in {"demand", "table", "promise"} or set(e.actor) & set(owner))
    ]
    if not said:
        return proposal.status
    return max(said, key=ADVANCE.index)


def _is_main(on: Sequence[_Read]) -> bool:
    return any(r.sentence.field == "title" for r in on) or len(on) >= 3 or on[0].number <= 2


def _most_prominent(spoken: dict[str, list[_Read]]) -> str | None:
    if not spoken:
        return None
    return min(spoken, key=lambda p: (-_is_main(spoken[p]), -len(spoken[p]), spoken[p][0].number, p))


def _is_opinion(read: Sequence[_Read]) -> bool:
    said = sum(bool(r.cues.get("speech")) for r in read)
    argued = sum(bool(r.cues.get("opinion")) for r in read)
    return argued >= 2 and argued > said


def _voice(read: _Read, opinion: bool) -> Any:
    if read.cues.get("rumour"):
        return "rumour"
    if read.cues.get("speech") or any(mark in read.text for mark in '"“„«»”'):
        return "opinion" if opinion and not read.cues.get("speech") else "quote"
    return "opinion" if opinion else "fact"


def _voice_of(best: _Read, related: Sequence[_Read], opinion: bool) -> Any:
    """The voice of the whole: a report that keeps quoting is a quote, also where one sentence is not."""
    own = _voice(best, opinion)
    if own == "fact" and sum(bool(r.cues.get("speech")) for r in related) >= 2:
        return "quote"
    return own


def _time(read: _Read, day: date | None) -> Any:
    named = years(read.text)
    if day and named:
        return "historical" if max(named) < day.year - 1 else "current"
    return "historical" if read.cues.get("past") else "current"


def _commitments(
    fields: dict[str, str], read: Sequence[_Read], related: Sequence[_Read], day: date | None
) -> list[Commitment]:
    """Promises with a day to come, in sentences near the proposal."""
    near = {n for r in related for n in (r.number - 1, r.number, r.number + 1)}
    found = []
    for one in read:
        if one.number not in near or not one.cues.get("future"):
            continue
        ahead: list[Dated] = [d for d in days(one.text, day, future=True) if day is None or d.day > day]
        if not ahead:
            continue
        who = roles.codes(one.actors[:1]) or _last_speaker(read, one.number)
        found.append(
            Commitment(
                who=who,
                what=one.text.strip()[:300],
                due=ahead[0].day.isoformat(),
                quote=fields[one.sentence.field][one.sentence.start : one.sentence.end],
            )
        )
    return found


def _last_speaker(read: Sequence[_Read], number: int) -> list[str]:
    for one in reversed(read[:number]):
        people = [w for w in one.actors if w.actor.person]
        if people:
            return roles.codes(people[:1])
    return []


def _verify(fields: dict[str, str], finding: Finding) -> None:
    """Evidence is verbatim or nothing leaves."""
    spans = [*finding.evidence, *(e for event in finding.events for e in event.evidence)]
    for span in spans:
        if fields[span.field][span.start : span.end] != span.quote:
            raise AssertionError(f"{finding.proposal}: evidence is not verbatim at {span.start}")
