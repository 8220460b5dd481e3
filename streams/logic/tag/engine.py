"""Find mentions of security proposals. Pure: same text and knowledge, same findings.

Text -> language -> gate -> sentences with what the knowledge base finds in them (`reading`) -> proposals
that may be spoken of (`candidates`) -> one explainable score each (`features`, weights in the knowledge
base) -> slots (`slots`, `state`, `parties`) and events (`events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from streams.contracts.records import Event, Reason
from streams.logic.haystack import Haystack
from streams.logic.knowledge import Instance, Knowledge, Proposal
from streams.logic.tag import parties, slots, state
from streams.logic.tag.candidates import Candidate, candidates
from streams.logic.tag.dates import years
from streams.logic.tag.events import commitments, events, evidence
from streams.logic.tag.features import BEST, logistic, model_of
from streams.logic.tag.findings import Finding, Tagged
from streams.logic.tag.formulas import formulas
from streams.logic.tag.language import PACKS, language
from streams.logic.tag.reading import Read, haystack_of, payload, read, read_rest
from streams.logic.tag.telling import Standing, becomes, dateline, done_to_it, is_a_dateline, is_a_term, standing
from streams.logic.words import fold

THRESHOLD = 0.5
FURTHER = 0.68
"""A second proposal of a document needs more: it is mostly the first one under another name."""

NEARLY = 0.1
"""How much less sure an entry may be than a class that means the same."""

FURTHER_IN_A_FLASH = 0.88
"""Where one sentence is all there is, it speaks of two proposals only when that is beyond doubt."""

NEAR_MISS = 0.2
MOST = 6
"""Proposals a document may mention; the most prominent come first."""

SMALL = 0.05
"""Terms of a score that weigh less are told together."""


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
        found = self._told_apart([f for f in findings if f.score >= THRESHOLD], sentences)
        top = max((f.score for f in found), default=0.0)
        further = FURTHER_IN_A_FLASH if model_of(sentences) == "flash" else FURTHER
        good = tuple(f for f in found if f.score >= further or f.score == top)[:MOST]
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

    def _told_apart(self, found: Sequence[Finding], sentences: Sequence[Read]) -> list[Finding]:
        """Without those that give way to another that is found as surely; a class to an entry nearly as sure.

        What is named in the same breath gives way to nothing: "a draft treaty with the United States and a draft
        agreement with NATO".
        """
        proposals, scores = self.knowledge.proposals, {f.proposal: f.score for f in found}

        def stands(f: Finding) -> bool:
            its = proposals[f.proposal]
            least = f.score - (NEARLY if its.other else 0.0)
            return all(
                scores.get(other, 0.0) < least or any(_named_beside(one, f.proposal, other) for one in sentences)
                for other in its.yields_to
            )

        return [f for f in found if stands(f)]

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
        weighed = [(self._terms(one, model), one) for one in found]
        scored = sorted(
            ((sum(weight for _, weight in terms), terms, one) for terms, one in weighed),
            key=lambda three: (-three[0], three[2].proposal.id),
        )
        worth = [s for s in scored if logistic(s[0]) >= NEAR_MISS]
        if not worth:
            return []
        read_rest(self.knowledge, sentences, day)
        how = slots.manner(sentences, day)
        findings = [
            self._finding(
                fields, whole, one, _why(terms, one), logit, sentences, day, how, slots.Place(rank, len(worth), logit)
            )
            for rank, (logit, terms, one) in enumerate(worth)
        ]
        return sorted(findings, key=lambda f: (f.role != "main", -f.score, f.proposal))

    def _terms(self, one: Candidate, model: str) -> list[tuple[str, float]]:
        """What adds up to a candidate's score: the start, then each feature's part, those that weigh little as one."""
        models = self.knowledge.models
        weights, of_sentence = models[model][""], models["sentence"][""]
        # The best sentence's own sum is told by its parts.
        share = weights.get(BEST, 0.0)
        parts = {
            name: weights.get(name, 0.0) * value + share * of_sentence.get(name, 0.0) * value
            for name, value in one.features.items()
            if name != BEST
        }
        terms = [("start", weights.get("start", 0.0) + share * of_sentence.get("start", 0.0))]
        rest = 0.0
        for name, weight in sorted(parts.items(), key=lambda pair: (-abs(pair[1]), pair[0])):
            if abs(weight) < SMALL:
                rest += weight
            else:
                terms.append((name, weight))
        if rest:
            terms.append(("the rest", rest))
        return terms

    def _finding(
        self,
        fields: Mapping[str, str],
        whole: Haystack,
        one: Candidate,
        why: list[Reason],
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
        lead = _lead(sentences) if how.total <= slots.SHORT else []
        if how.total <= slots.SHORT and slots.looks_back(best, day):
            choice["time"] = "historical"
        elif (how.total <= BRIEF and any(slots.names_a_weekday(r) for r in sentences)) or best in lead:
            choice["time"] = "current"
        if how.total <= BRIEF and place.rank == 0 and one.on[0].number <= 1:
            choice["role"] = "main"  # a few lines that begin with it are about it
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
        done = events(self.knowledge, fields, related, day, choice["voice"], choice["time"])
        happened = _without_terms(done, proposal, related)
        if lead and how.total > FLASH:
            happened = _within(happened, [r for r in related if r in lead or not _background(r, day)]) or happened
        brief = how.total <= BRIEF
        if not brief and (first := _within(happened, lead)):
            happened, brief = first, True
        told = _plainly(happened, related)
        leading = _leading(told if lead else happened, best) or _leading(happened, best)
        if how.total <= slots.SHORT:
            leading = _answer(leading, happened, related) or leading
        if brief:
            choice["status"] = _outright(leading, happened, told, choice["status"], min(how.total, BRIEF))
        leading = leading or _leading(done, best)
        doers = leading.actor if leading else []
        if leading and not doers and (same := [e for e in _within(happened, lead) if e.act == leading.act and e.actor]):
            doers = same[0].actor  # headline and first sentence tell one event
        instance = next((i for r in one.on for i in r.instances.get(proposal.id, ())), None)
        if instance is None and choice["time"] == "current":
            instance = _meant(proposal, day)
        return Finding(
            proposal=proposal.id,
            instance=instance.id if instance else None,
            proposal_name=instance.name if instance else proposal.name,
            other_name=_quote(best, proposal.id) if proposal.other else None,
            proposer=proposer,
            addressee=addressee,
            status=choice["status"],  # type: ignore[arg-type]  # chosen among the contract's answers
            role=choice["role"],  # type: ignore[arg-type]  # likewise
            voice=choice["voice"],  # type: ignore[arg-type]  # likewise
            time=choice["time"],  # type: ignore[arg-type]  # likewise
            act=leading.act if leading else "propose",
            actor=doers if leading else proposer,
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
            why=[*why, *parties.inferred(sides, {"proposer": proposer, "addressee": addressee})],
        )


OPEN = frozenset(["propose", "table", "demand", "promise", "discuss"])
"""Acts that may be answered further on in the same piece."""

TALKING = frozenset(["discuss", "clarify"])
NAMING = frozenset(["propose", "table"])
"""Acts that also name what they brought: "the draft", "the proposed treaty"."""

BRIEF = 4
"""Sentences, the headline counted, up to which a piece's news settles the state: of longer ones it is weighed."""

FLASH = 2
"""Sentences, the headline counted, in which nothing is further on."""

STATE_OF = {"support": "welcomed"}
"""States that answers bring about which leave a proposal's own state open."""

UNTRUE = frozenset(["rejected", "agreed", "suspended", "in_force"])
"""States that are not reached when the act that would bring them about is denied."""


ANSWERS = frozenset(["welcome", "reject", "counter", "support"])
"""Acts by which the other side answers."""


def _news(done: Sequence[Event]) -> list[Event]:
    """The first event of each sentence: its news."""
    places = {(e.evidence[0].field, e.evidence[0].start): e for e in reversed(done)}
    return list(reversed(places.values()))


def _after(one: Event, other: Event) -> bool:
    places = [(e.evidence[0].field == "text", e.evidence[0].start) for e in (other, one)]
    return places[0] < places[1]


def _lead(sentences: Sequence[Read]) -> list[Read]:
    """Headline and first sentence of a report: it begins with a place, or tells of a day of this week. Else nothing."""
    text = [one for one in sentences if one.sentence.field == "text"]
    dated = bool(text) and is_a_dateline(text[0])
    first = next(iter(text[dated:]), None)
    if first is None or not (dated or dateline(first) or slots.names_a_weekday(first)):
        return []
    return [*(one for one in sentences if one.sentence.field == "title"), first]


def _named_beside(one: Read, proposal: str, other: str) -> bool:
    """Whether a sentence names both, each in words of its own."""
    theirs = one.names.get(other, ())
    return bool(theirs) and any(
        all(hit.last <= its.first or its.last <= hit.first for its in theirs) for hit in one.names.get(proposal, ())
    )


def _background(one: Read, day: date | None) -> bool:
    """Whether a sentence of a report looks back, on a year gone by or on what had been done; none of this week does."""
    if slots.names_a_weekday(one):
        return False
    named = years(one.text)
    gone = bool(named) and day is not None and max(named) < day.year
    return gone or any(fold(word) in HAD for word in one.sentence.words)


HAD = frozenset(["had", "hatte", "hatten", "avait", "avaient"])


def _within(done: Sequence[Event], some: Sequence[Read]) -> list[Event]:
    """The events that some sentences tell."""
    places = {(one.sentence.field, one.sentence.start) for one in some}
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start) in places]


def _plainly(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events that verbs tell, rather than nouns that name a thing or words that look back."""
    told = {
        (one.sentence.field, one.sentence.start, becomes(one, act, taken_back=False))
        for one in related
        for act in one.acts
        if standing(one, act) <= Standing.ASKED
    }
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) in told]


def _outright(leading: Event | None, done: Sequence[Event], told: Sequence[Event], weighed: str, total: int) -> str:
    """The state of a short piece's proposal: what its news says, else what was weighed; `total` sentences.

    `told`: those of what is `done` that verbs tell.
    """
    if leading is None:
        return weighed
    if leading.act in OPEN:
        acts = {e.act for e in (told if leading in told else done)} - {"promise"}
        if acts & TALKING and acts <= TALKING | NAMING:
            return "discussing"
        if acts != {"propose"} and (total > FLASH or leading.act in ("promise", "demand")):
            # What was weighed may be what the piece goes on to say; of a text not what none of its words says.
            said = {e.status for e in (told if leading.act == "propose" else done)}
            unsaid = weighed not in said and (leading.act in ("propose", "table", "discuss") or total <= FLASH)
            return str(leading.status) if unsaid else weighed
    if leading.act == "deny":
        return _denied(leading, weighed)
    return STATE_OF.get(leading.act) or leading.status or weighed


def _answer(leading: Event | None, done: Sequence[Event], related: Sequence[Read]) -> Event | None:
    """What a short piece goes on to say of a proposal that its news leaves open: "Medvedev proposed. NATO refused.",
    "Medvedev proposed a treaty, and NATO refused it"."""
    if leading is None or leading.act not in OPEN:
        return None
    offered = set(leading.actor)
    answers = [e for e in done if e.act in ANSWERS and not offered & set(e.actor)]
    later = next((e for e in reversed(_news(done)) if e in answers and _after(e, leading)), None)
    if later:
        return later
    here = [one for one in related if (one.sentence.field, one.sentence.start) == _place(leading)]
    its = {act for one in here for act in done_to_it(one)}
    return next((e for e in answers if _place(e) == _place(leading) and e.act in its), None)


def _place(one: Event) -> tuple[str, int]:
    return one.evidence[0].field, one.evidence[0].start


def _denied(leading: Event, weighed: str) -> str:
    """The state that is left when the news is a denial."""
    if weighed == leading.denied == "tabled":
        return "floated"
    return "discussing" if weighed in UNTRUE else weighed


def _without_terms(done: Sequence[Event], proposal: Proposal, related: Sequence[Read]) -> list[Event]:
    """The events that are no term of a plan: in "Ukraine must renounce NATO" nobody has renounced anything."""
    terms = {
        (one.sentence.field, one.sentence.start, payload(act).id)
        for one in related
        for act in one.acts
        if is_a_term(one, act, proposal)
    }
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) not in terms]


def _leading(done: Sequence[Event], best: Read) -> Event | None:
    """The event that a mention is about: its best sentence's news, else the first that a sentence tells."""
    own = [e for e in done if (e.evidence[0].field, e.evidence[0].start) == (best.sentence.field, best.sentence.start)]
    answered = [e for e in _news(done) if e.evidence[0].field == "title" and e.act in ANSWERS]
    if answered and own and own[0].act in OPEN:
        return answered[0]  # "Trump welcomes Putin's offer"
    # What is only promised is news where nothing has happened.
    happened = [*own[:1], *_news(done)]
    return next((e for e in happened if e.act != "promise"), next(iter([*own, *done]), None))


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
    return sorted([*one.on, *carried], key=lambda r: r.number)


def _quote(read_: Read, proposal: str) -> str:
    hits = read_.hits(proposal)
    return _words_of(read_, hits[0].first, hits[0].last) if hits else proposal


def _words_of(read_: Read, first: int, last: int) -> str:
    """The text from word `first` to before word `last`."""
    places = read_.sentence.places
    return read_.text[places[first][0] : places[last - 1][1]]


SAID = {"start": "no mention until shown", "the rest": "features that weigh little each"}


def _why(terms: Sequence[tuple[str, float]], one: Candidate) -> list[Reason]:
    return [Reason(feature=name, weight=weight, text=SAID.get(name) or _shown(name, one)) for name, weight in terms]


def _shown(name: str, one: Candidate) -> str:
    """A feature in words: what in the text it is about, where one can point at it."""
    best, proposal = one.best, one.proposal.id
    if name in ("named", "content", "hint"):
        return _quote(best, proposal)
    if name.startswith("act "):
        for act in best.acts:
            if payload(act).id == name[4:]:
                return _words_of(best, act.first, act.last)
    return name


def _verify(fields: Mapping[str, str], finding: Finding) -> None:
    """Evidence is verbatim or nothing leaves."""
    spans = [*finding.evidence, *(e for event in finding.events for e in event.evidence)]
    for span in spans:
        if fields[span.field][span.start : span.end] != span.quote:
            raise AssertionError(f"{finding.proposal}: evidence is not verbatim at {span.start}")
