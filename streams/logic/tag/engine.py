"""Find mentions of security proposals. Pure: same text and knowledge, same findings.

Text -> language -> gate -> sentences with what the knowledge base finds in them (`reading`) -> proposals
that may be spoken of (`candidates`) -> one explainable score each (`features`, weights in the knowledge
base) -> slots (`slots`, `state`, `parties`) and events (`events`), of which one is the news (`leading`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from streams.contracts.records import Reason
from streams.logic.haystack import Haystack
from streams.logic.knowledge import Instance, Knowledge, Proposal
from streams.logic.tag import parties, slots, state
from streams.logic.tag.candidates import Candidate, candidates
from streams.logic.tag.events import events, evidence, is_a_question
from streams.logic.tag.features import logistic, model_of
from streams.logic.tag.findings import Finding, Tagged
from streams.logic.tag.formulas import formulas
from streams.logic.tag.language import PACKS, language
from streams.logic.tag.leading import BRIEF, lead_of, news, own_answer
from streams.logic.tag.promised import commitments
from streams.logic.tag.reading import LEAD, Read, haystack_of, read, read_rest
from streams.logic.tag.reasons import quote, terms, why
from streams.logic.tag.rivals import paired, told_apart
from streams.logic.tag.telling import done_to_it

THRESHOLD = 0.5
FURTHER = 0.68
"""A second proposal of a document needs more: it is mostly the first one under another name."""

PAIRED = 0.3
"""What is named in one breath with its rival needs less."""

FURTHER_IN_A_FLASH = 0.88
"""Where one sentence is all there is, it speaks of two proposals only when that is beyond doubt."""

NEAR_MISS = 0.2
MOST = 6
"""Proposals a document may mention; the most prominent come first."""


class Tagger:
    """Tags documents with one compiled knowledge base."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def tag(self, title: str, text: str, lang: str | None = None, published: datetime | None = None) -> Tagged:
        """Everything that the document says of proposals. Offsets are into `title` and `text`."""
        found_lang = lang or language(text or title)
        supported = found_lang is None or found_lang in PACKS
        fields = {"title": title, "text": text}
        whole = haystack_of(fields) if supported else None
        if whole is None or not self.knowledge.gate.passes(whole):
            return _nothing(found_lang, supported)
        day = published.date() if published else None
        sentences = read(self.knowledge, fields, day, whole)
        findings = self._findings(fields, whole, sentences, day)
        sure = {f.proposal for f in findings if f.score >= THRESHOLD}
        beside = {f.proposal for f in findings if paired(self.knowledge, f.proposal, sure, sentences)}
        likely = [f for f in findings if f.score >= (PAIRED if f.proposal in beside else THRESHOLD)]
        found = told_apart(self.knowledge, likely, sentences)
        top = max((f.score for f in found), default=0.0)
        further = FURTHER_IN_A_FLASH if model_of(sentences) == "flash" else FURTHER
        good = tuple(f for f in found if f.score >= further or f.score == top or f.proposal in beside)[:MOST]
        near = tuple(f for f in findings if f not in good)[:MOST]
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

    def gate(self, title: str, text: str) -> bool:
        """Whether the document is worth reading at all."""
        return self.knowledge.gate.passes(haystack_of({"title": title, "text": text}))

    def _findings(
        self, fields: Mapping[str, str], whole: Haystack, sentences: Sequence[Read], day: date | None
    ) -> list[Finding]:
        found = candidates(self.knowledge, sentences, day)
        if not found:
            return []
        model = model_of(sentences)
        weighed = [(terms(self.knowledge, one, model), one) for one in found]
        scored = sorted(
            ((sum(weight for _, weight in parts), parts, one) for parts, one in weighed),
            key=lambda three: (-three[0], three[2].proposal.id),
        )
        worth = [s for s in scored if logistic(s[0]) >= NEAR_MISS]
        if not worth:
            return []
        read_rest(self.knowledge, sentences, day)
        how = slots.manner(sentences, day)
        findings = [
            self._finding(
                fields, whole, one, why(parts, one), logit, sentences, day, how, slots.Place(rank, len(worth), logit)
            )
            for rank, (logit, parts, one) in enumerate(worth)
        ]
        return sorted(findings, key=lambda f: (f.role != "main", -f.score, f.proposal))

    def _finding(
        self,
        fields: Mapping[str, str],
        whole: Haystack,
        one: Candidate,
        reasons: list[Reason],
        logit: float,
        sentences: Sequence[Read],
        day: date | None,
        how: slots.Manner,
        place: slots.Place,
    ) -> Finding:
        proposal, best = one.proposal, one.best
        choice = {
            slot: slots.choose(self.knowledge, slot, found, how)
            for slot, found in slots.features(self.knowledge, proposal, best, one.on, sentences, how, place).items()
        }
        if slots.says_it_is_opinion(sentences):
            choice["voice"] = "opinion"
        lead = lead_of(sentences) if how.total <= slots.SHORT else []
        if how.total <= slots.SHORT and slots.looks_back(best, day):
            choice["time"] = "historical"
        elif (how.total <= BRIEF and any(slots.names_a_weekday(r) for r in sentences)) or best in lead:
            choice["time"] = "current"
        choice["role"] = _role(one, how, place, choice)
        kind = slots.genre(self.knowledge, how)
        choice["status"] = state.choose(
            self.knowledge, state.signs(self.knowledge, proposal, best, one.on, sentences, day, kind)
        )
        then = proposal.at(how.own_year)
        sides = parties.features(then, best, one.on, sentences, kind)
        proposer, addressee = parties.choose(self.knowledge, sides)
        related = _related(one, sentences) if place.rank == 0 else list(one.on)
        if how.total <= slots.SHORT and place.rank == 0:
            related = [*(r for r in sentences if r.sentence.field == "title" and r not in related), *related]
        done = events(self.knowledge, fields, related, sentences, day, choice["voice"], choice["time"])
        if not done and how.total <= slots.SHORT and place.rank == 0:
            related = _with_what_follows(one, related, sentences)
            done = events(self.knowledge, fields, related, sentences, day, choice["voice"], choice["time"])
        done = [own_answer(e, proposer) for e in done]
        told = news(done, related, best, proposal, proposer, lead, how.total, day, choice["status"])
        choice["status"] = told.status
        leading = told.event
        instance = next((i for r in one.on for i in r.instances.get(proposal.id, ())), None)
        if instance is None and choice["time"] == "current":
            instance = _meant(proposal, day)
        return Finding(
            proposal=proposal.id,
            instance=instance.id if instance else None,
            proposal_name=instance.name if instance else proposal.name,
            other_name=quote(best, proposal.id) if proposal.other else None,
            proposer=proposer,
            addressee=addressee,
            status=choice["status"],  # type: ignore[arg-type]  # chosen among the contract's answers
            role=choice["role"],  # type: ignore[arg-type]  # likewise
            voice=choice["voice"],  # type: ignore[arg-type]  # likewise
            time=choice["time"],  # type: ignore[arg-type]  # likewise
            act=leading.act if leading else "propose",
            actor=told.actor if leading else proposer,
            when=leading.when if leading else None,
            evidence=[evidence(fields, r.sentence) for r in one.evidence()],
            events=done,
            commitments=commitments(fields, sentences, related, day) if place.rank == 0 else [],
            formulas=(
                formulas(self.knowledge, fields, sentences, evidence, whole)
                if place.rank == 0
                else formulas(self.knowledge, fields, one.on, evidence, None)
            ),
            score=logistic(logit),
            why=[*reasons, *parties.inferred(sides, {"proposer": proposer, "addressee": addressee})],
        )


def _meant(proposal: Proposal, day: date | None) -> Instance | None:
    """The instance that a text of that day means when it names none: the one that was alive alone."""
    alive = [i for i in proposal.instances if day and i.since and i.since <= day.year <= i.until]
    return alive[0] if len(alive) == 1 else None


def _nothing(lang: str | None, supported: bool) -> Tagged:
    return Tagged(relevant=False, score=0.0, lang=lang, supported=supported, gated=False, findings=(), near=())


def _related(one: Candidate, sentences: Sequence[Read]) -> list[Read]:
    """Sentences on the proposal, and later ones that carry it on ("the initiative", "his ideas")."""
    numbers = {r.number for r in one.on}
    carried = [
        r
        for r in sentences
        if r.number not in numbers
        and r.number > one.on[0].number
        and (r.cues.get("carry") or (r.number - 1 in numbers and done_to_it(r)))
    ]
    answers = [r for r in sentences if r.number not in numbers and r not in carried and _answers(r, one.on, sentences)]
    return sorted([*one.on, *carried, *answers], key=lambda r: r.number)


def _role(one: Candidate, how: slots.Manner, place: slots.Place, choice: Mapping[str, str]) -> str:
    """The role, where the piece's build says it: a few lines that begin with a proposal are about it, and what only its
    later parts look back on is background."""
    first = one.on[0].number
    if how.total <= BRIEF and place.rank == 0 and first <= 1:
        return "main"
    return "passing" if choice["time"] == "historical" and first > LEAD else choice["role"]


def _with_what_follows(one: Candidate, related: Sequence[Read], sentences: Sequence[Read]) -> list[Read]:
    """The sentences that name a proposal and tell nothing, with what comes right after them: it is about that."""
    after = {r.number + 1 for r in one.on}
    return [*related, *(r for r in sentences if r.number in after and r not in related)]


ANSWERED_IN = 3
"""Sentences after a question in which it is answered."""


def _answers(r: Read, on: Sequence[Read], sentences: Sequence[Read]) -> bool:
    """Whether a sentence answers a question on the proposal: what it tells is told of that."""
    asked = [one.number for one in on if is_a_question(one) and 0 < r.number - one.number <= ANSWERED_IN]
    return bool(asked) and not any(is_a_question(one) for one in sentences[asked[-1] + 1 : r.number + 1])


def _verify(fields: Mapping[str, str], finding: Finding) -> None:
    """Evidence is verbatim or nothing leaves."""
    spans = [*finding.evidence, *(e for event in finding.events for e in event.evidence)]
    for span in spans:
        if fields[span.field][span.start : span.end] != span.quote:
            raise AssertionError(f"{finding.proposal}: evidence is not verbatim at {span.start}")
