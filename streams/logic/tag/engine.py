"""Find mentions of security proposals. Pure: same text and knowledge, same findings.

Text -> language -> gate -> sentences with what the knowledge base finds in them (`reading`) -> proposals
that may be spoken of (`candidates`) -> one explainable score each (`features`, weights in the knowledge
base) -> slots (`slots`, `state`, `parties`) and events (`events`), of which one is the news (`leading`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from streams.contracts.records import Reason
from streams.logic.haystack import Haystack
from streams.logic.knowledge import Instance, Knowledge
from streams.logic.tag import parties, slots, state
from streams.logic.tag.answered import OPEN as OPEN_STATES
from streams.logic.tag.answered import answered
from streams.logic.tag.candidates import Candidate, candidates, evidence_of
from streams.logic.tag.counterparts import Scored, booked, its_own, put_to
from streams.logic.tag.events import events, evidence, is_a_question
from streams.logic.tag.features import logistic, model_of
from streams.logic.tag.findings import Finding, Near, Tagged
from streams.logic.tag.formulas import formulas
from streams.logic.tag.language import PACKS, language
from streams.logic.tag.leading import BRIEF, is_an_aside, lead_of, news, own_answer, without_their_drafts
from streams.logic.tag.promised import commitments
from streams.logic.tag.reading import LEAD, Read, haystack_of, read, read_rest
from streams.logic.tag.reasons import quote, terms, why
from streams.logic.tag.rivals import named_case, told_apart
from streams.logic.tag.subject import another_matter
from streams.logic.tag.telling import done_to_it
from streams.logic.tag.voices import voice
from streams.logic.tag.wishes import EXPERT

THRESHOLD = 0.5
FURTHER = 0.68
"""A second proposal of a document needs more: it is mostly the first one under another name."""

FURTHER_IN_A_FLASH = 0.88
"""Where one sentence is all there is, it speaks of two proposals only when that is beyond doubt."""

NEAR_MISS = 0.2
MOST = 6
"""Proposals a document may mention; the most prominent come first."""


class Tagger:
    """Tags documents with one compiled knowledge base."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def tag(
        self,
        title: str,
        text: str,
        lang: str | None = None,
        published: datetime | None = None,
        *,
        near_in_full: bool = False,
    ) -> Tagged:
        """Everything that the document says of proposals. Offsets are into `title` and `text`.

        `near_in_full`: near misses as findings, for people who look at one text.
        """
        found_lang = lang or language(text or title)
        supported = found_lang is None or found_lang in PACKS
        fields = {"title": title, "text": text}
        whole = haystack_of(fields) if supported else None
        if whole is None or not self.knowledge.gate.passes(whole):
            return _nothing(found_lang, supported)
        day = published.date() if published else None
        sentences = read(self.knowledge, fields, day, whole)
        findings, nearly = self._findings(fields, whole, sentences, day, near_in_full)
        likely = [f for f in findings if f.score >= THRESHOLD and not another_matter(self.knowledge, f, sentences)]
        found = told_apart(self.knowledge, likely, sentences, day)
        top = max((f.score for f in found), default=0.0)
        further = FURTHER_IN_A_FLASH if model_of(sentences) == "flash" else FURTHER
        good = tuple(f for f in found if f.score >= further or f.score == top or named_case(f, sentences))[:MOST]
        every: list[Finding | Near] = [*findings, *nearly]
        rest = [f for f in every if f not in good]
        near = tuple(sorted(rest, key=lambda f: (-f.score, f.proposal)))[:MOST]
        for finding in (*good, *near):
            _verify(fields, finding)
        return Tagged(
            relevant=bool(good),
            score=max((f.score for f in every), default=0.0),
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
        self, fields: Mapping[str, str], whole: Haystack, sentences: Sequence[Read], day: date | None, in_full: bool
    ) -> tuple[list[Finding], list[Near]]:
        """What is found, the topic first, and what falls short: half of the time would go into the slots of that."""
        found = candidates(self.knowledge, sentences, day)
        if not found:
            return [], []
        model = model_of(sentences)
        weighed = [(terms(self.knowledge, one, model), one) for one in found]
        ordered = sorted(
            (Scored(sum(weight for _, weight in parts), parts, one) for parts, one in weighed),
            key=lambda s: (-s.logit, s.one.proposal.id),
        )
        worth = [s for s in ordered if logistic(s.logit) >= NEAR_MISS]
        worth = booked(self.knowledge, worth)
        full, nearly = [], []
        for scored in worth:
            if in_full or logistic(scored.logit) >= THRESHOLD or _meant_here(scored.one, day):
                full.append(scored)
            else:
                nearly.append(_near(fields, scored))
        if not full:
            return [], nearly
        read_rest(self.knowledge, sentences, day)
        how = slots.manner(sentences, day)
        findings = [
            self._finding(
                fields, whole, one, why(parts, one), logit, sentences, day, how, slots.Place(rank, len(worth), logit)
            )
            for logit, parts, one in full
            for rank in [sum(other.logit > logit for other in worth)]
        ]
        return sorted(findings, key=lambda f: (f.role != "main", -f.score, f.proposal)), nearly

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
        reported = lead_of(sentences)
        choice["voice"] = voice(self.knowledge, best, sentences, how, bool(reported), choice["voice"])
        lead = reported if how.total <= slots.SHORT else []
        aside = is_an_aside(one.on, lead, day)
        if aside or (how.total <= slots.SHORT and slots.looks_back(best, day) and not slots.names_a_weekday(best)):
            choice["time"] = "historical"
        elif (how.total <= BRIEF and any(slots.names_a_weekday(r) for r in sentences)) or best in lead:
            choice["time"] = "current"
        elif how.total <= slots.SHORT and place.rank > 0 and slots.tells_of_years_gone(best, day):
            choice["time"] = "historical"
        choice["role"] = "passing" if aside else "main" if best in reported else _role(one, how, place, choice)
        kind = slots.genre(self.knowledge, how)
        choice["status"] = state.choose(
            self.knowledge, state.signs(self.knowledge, proposal, best, one.on, sentences, day, kind)
        )
        then = proposal.at(how.own_year)
        sides = parties.features(then, best, one.on, sentences, kind)
        theirs = put_to(self.knowledge, proposal.id)
        wished = parties.whose_wish(proposal, best, sentences, sides, theirs, argued=choice["voice"] == "opinion")
        proposer, addressee = parties.choose(self.knowledge, sides, theirs, wished)
        related = _related(one, sentences) if place.rank == 0 else list(one.on)
        if how.total <= slots.SHORT and place.rank == 0:
            related = [*(r for r in sentences if r.sentence.field == "title" and r not in related), *related]
        done = events(self.knowledge, fields, related, sentences, day, choice["voice"], choice["time"])
        if not done and how.total <= slots.SHORT and place.rank == 0:
            related = _with_what_follows(one, related, sentences)
            done = events(self.knowledge, fields, related, sentences, day, choice["voice"], choice["time"])
        done = without_their_drafts(done, related, theirs)
        done = [
            own_answer(
                msgspec.structs.replace(e, actor=its_own(one, e.actor)), proposer, then, [] if theirs else related
            )
            for e in done
        ]
        latest = news(done, related, best, proposal, proposer, lead, how.total, day, choice["status"])
        choice["status"] = latest.status
        if latest.status in OPEN_STATES and how.total > BRIEF and choice["time"] == "current":
            answer = answered(self.knowledge, proposal, best, one.on, sentences, proposer, day)
            choice["status"] = answer or latest.status
        if wished == [EXPERT]:
            choice["status"] = "floated"  # nobody has answered what is only now put forward
        leading = latest.event
        instance = _named(one)
        if choice["time"] == "current":
            instance = instance or _meant_here(one, day)
        return Finding(
            proposal=proposal.id,
            instance=instance.id if instance else None,
            proposal_name=instance.name if instance else proposal.name,
            other_name=quote(best, proposal.id) if proposal.other else None,
            proposer=proposer,
            addressee=its_own(one, addressee),
            status=choice["status"],  # type: ignore[arg-type]  # chosen among the contract's answers
            role=choice["role"],  # type: ignore[arg-type]  # likewise
            voice=choice["voice"],  # type: ignore[arg-type]  # likewise
            time=choice["time"],  # type: ignore[arg-type]  # likewise
            act=leading.act if leading else "propose",
            actor=latest.actor if leading else proposer,
            when=leading.when if leading else None,
            evidence=[evidence(fields, r.sentence) for r in evidence_of(one)],
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


def _named(one: Candidate) -> Instance | None:
    """The instance that a text names."""
    return next((i for r in one.on for i in r.instances.get(one.proposal.id, ())), None)


def _meant_here(one: Candidate, day: date | None) -> Instance | None:
    """The instance that a text of that day means when it names none and speaks of its own time: the one that was alive
    alone."""
    if _named(one):
        return None
    alive = [i for i in one.proposal.instances if day and i.since and i.since <= day.year <= i.until]
    return alive[0] if len(alive) == 1 else None


def _near(fields: Mapping[str, str], scored: Scored) -> Near:
    """A near miss: what it would be, and why it is not."""
    one, instance = scored.one, _named(scored.one)
    return Near(
        proposal=one.proposal.id,
        instance=instance.id if instance else None,
        proposal_name=instance.name if instance else one.proposal.name,
        evidence=[evidence(fields, r.sentence) for r in evidence_of(one)],
        score=logistic(scored.logit),
        why=why(scored.parts, one),
    )


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


def _verify(fields: Mapping[str, str], finding: Finding | Near) -> None:
    """Evidence is verbatim or nothing leaves."""
    events_ = finding.events if isinstance(finding, Finding) else []
    for span in (*finding.evidence, *(e for event in events_ for e in event.evidence)):
        if fields[span.field][span.start : span.end] != span.quote:
            raise AssertionError(f"{finding.proposal}: evidence is not verbatim at {span.start}")
