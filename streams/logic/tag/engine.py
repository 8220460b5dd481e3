"""Find mentions of security proposals. Pure: same text and knowledge, same findings.

Text -> language -> gate -> sentences with what the knowledge base finds in them (`reading`) -> proposals
that may be spoken of (`candidates`) -> one explainable score each (`features`, weights in the knowledge
base) -> slots (`slots`, `state`, `parties`) and events (`events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime

import msgspec

from streams.contracts.records import Event, Reason
from streams.logic.haystack import Haystack
from streams.logic.knowledge import Instance, Knowledge, Proposal
from streams.logic.tag import parties, slots, state
from streams.logic.tag.acts import is_a_charge
from streams.logic.tag.candidates import Candidate, candidates
from streams.logic.tag.datelines import dateline, is_a_dateline
from streams.logic.tag.dates import years
from streams.logic.tag.events import events, evidence, is_a_question
from streams.logic.tag.features import BEST, logistic, model_of
from streams.logic.tag.findings import Finding, Tagged
from streams.logic.tag.formulas import formulas
from streams.logic.tag.language import PACKS, language
from streams.logic.tag.negation import not_done
from streams.logic.tag.promised import commitments
from streams.logic.tag.reading import LEAD, Read, haystack_of, payload, read, read_rest
from streams.logic.tag.standing import Standing, is_a_reply, is_a_term, standing
from streams.logic.tag.telling import becomes, done_to_it
from streams.logic.words import fold

THRESHOLD = 0.5
FURTHER = 0.68
"""A second proposal of a document needs more: it is mostly the first one under another name."""

PAIRED = 0.3
"""What is named in one breath with its rival needs less."""

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
        sure = {f.proposal for f in findings if f.score >= THRESHOLD}
        beside = {f.proposal for f in findings if self._paired(f.proposal, sure, sentences)}
        likely = [f for f in findings if f.score >= (PAIRED if f.proposal in beside else THRESHOLD)]
        found = self._told_apart(likely, sentences)
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

    def _told_apart(self, found: Sequence[Finding], sentences: Sequence[Read]) -> list[Finding]:
        """Without those that give way to another that is found as surely; a class to an entry nearly as sure.

        What is named in the same breath gives way to nothing: "a draft treaty with the United States and a draft
        agreement with NATO".
        """
        proposals, scores = self.knowledge.proposals, {f.proposal: f.score for f in found}

        entries = [f for f in found if not proposals[f.proposal].other]
        named_with = {f.proposal: any(self._with_whom(one, f.proposal) for one in sentences) for f in found}

        def stands(f: Finding) -> bool:
            its = proposals[f.proposal]
            if its.other and len(sentences) <= BRIEF and any(e.score > f.score for e in entries):
                return False  # a few lines are about one thing
            if its.other and any(e.score > f.score and set(_places(f)) <= set(_places(e)) for e in entries):
                return False  # all that it would rest on is evidence of an entry: it is the same idea
            least = f.score - (NEARLY if its.other else 0.0)
            told_apart = [other for other in self._rivals(f.proposal) if other in scores]
            if told_apart and named_with[f.proposal] != any(named_with[other] for other in told_apart):
                return named_with[f.proposal]
            return all(
                scores.get(other, 0.0) < least or any(self._beside(one, f.proposal, other) for one in sentences)
                for other in its.yields_to
            )

        return [f for f in found if stands(f)]

    def _paired(self, proposal: str, sure: Set[str], sentences: Sequence[Read]) -> bool:
        """Whether a sentence names a proposal beside a rival that is surely spoken of: "one with the United States and
        one with NATO"."""
        return any(
            other in sure and self._beside(one, proposal, other)
            for other in self._rivals(proposal)
            for one in sentences
        )

    def _rivals(self, proposal: str) -> list[str]:
        """The entries that are hard to tell from this one, each from the other."""
        proposals = self.knowledge.proposals
        return [
            other
            for other in proposals[proposal].yields_to
            if other in proposals and proposal in proposals[other].yields_to
        ]

    def _beside(self, one: Read, proposal: str, other: str) -> bool:
        """Whether a sentence names both, each in words of its own; of rivals, with whom each is."""
        if other not in self._rivals(proposal):
            return _named_beside(one, proposal, other)
        return self._with_whom(one, proposal) and self._with_whom(one, other)

    def _with_whom(self, one: Read, proposal: str) -> bool:
        party = next(iter(self.knowledge.proposals[proposal].addressee), None)
        return any(
            who.actor.code == party and hit.first <= who.first and who.last <= hit.last
            for hit in one.names.get(proposal, ())
            for who in one.actors
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
        done = [_own_answer(e, proposer) for e in done]
        happened = _without_terms(done, proposal, related)
        if lead and how.total > FLASH:
            happened = _within(happened, [r for r in related if r in lead or not _background(r, day)]) or happened
        brief = how.total <= BRIEF
        if not brief and (first := _within(happened, lead)):
            happened, brief = first, True
        happened = _without_charges(_without_replies_to_come(happened, related), related)
        told = _plainly(happened, related)
        leading = _leading(told if lead else happened, best) or _leading(happened, best)
        if how.total <= slots.SHORT:
            leading = _answer(leading, happened, related) or leading
        if brief:
            choice["status"] = _outright(
                leading, happened, told, choice["status"], min(how.total, BRIEF), plan=not proposal.treaty
            )
        leading = leading or _leading(done, best)
        doers = _doers(leading, told, proposer, related)
        if leading and not doers:
            # Headline and first sentence tell one event.
            doers = next((e.actor for e in _within(happened, lead) if e.act == leading.act and e.actor), doers)
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
    first = next((one for one in text[dated:] if not is_a_question(one)), None)
    if first is None or not (dated or dateline(first) or slots.names_a_weekday(first)):
        return []
    return [*(one for one in sentences if one.sentence.field == "title"), first]


def _places(found: Finding) -> list[tuple[str, int]]:
    return [(one.field, one.start) for one in found.evidence]


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
        (one.sentence.field, one.sentence.start, becomes(one, act, place in taken_back))
        for one in related
        for taken_back in [not_done(one)]
        for place, act in enumerate(one.acts)
        if standing(one, act) <= Standing.ASKED
    }
    return [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) in told]


def _own_answer(event: Event, proposer: Sequence[str]) -> Event:
    """Whose proposal it is counters nothing by an answer of his: he puts one more paper on the table."""
    if event.act == "counter" and event.status == "countered" and event.actor and set(event.actor) <= set(proposer):
        return msgspec.structs.replace(event, act="table", status="tabled")
    return event


def _without_replies_to_come(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events without the reply that a noun names where its giver only promises it: "reply to draft on Oct. 20"."""
    promising = {actor for e in done if e.act == "promise" for actor in e.actor}
    named = {
        (one.sentence.field, one.sentence.start)
        for one in related
        for act in one.acts
        if is_a_reply(act) and standing(one, act) is Standing.NAMED
    }
    return [e for e in done if not (e.act == "counter" and _place(e) in named and promising & set(e.actor))]


def _without_charges(done: Sequence[Event], related: Sequence[Read]) -> list[Event]:
    """The events without mere charges of a breach, where a treaty is suspended or left by a decision."""
    charged = {
        (one.sentence.field, one.sentence.start, payload(act).id)
        for one in related
        for act in one.acts
        if is_a_charge(act)
    }
    rest = [e for e in done if (e.evidence[0].field, e.evidence[0].start, e.act) not in charged]
    return rest if any(e.act in ("suspend", "withdraw") for e in rest) else list(done)


def _outright(
    leading: Event | None, done: Sequence[Event], told: Sequence[Event], weighed: str, total: int, *, plan: bool
) -> str:
    """The state of a short piece's proposal: what its news says, else what was weighed; `total` sentences.

    `told`: those of what is `done` that verbs tell; `plan`: whether it is no treaty in force.
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
    if leading.act == "concern" and plan and weighed not in {e.status for e in told}:
        return "discussing"  # who voices concern about a draft has neither tabled nor refused it
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


def _doers(leading: Event | None, told: Sequence[Event], proposer: list[str], related: Sequence[Read]) -> list[str]:
    """Who does what is news. Where only a noun names it, whose it is tells more than who stands nearest: "caught Bush
    off guard with an offer"."""
    if leading is None:
        return []
    if leading.act not in NAMING or leading in told or set(leading.actor) & set(proposer):
        return leading.actor
    there = {who.actor.code for one in related for who in one.actors}
    return [code for code in proposer if code in there] or leading.actor


ANSWERED_IN = 3
"""Sentences after a question in which it is answered."""


def _answers(r: Read, on: Sequence[Read], sentences: Sequence[Read]) -> bool:
    """Whether a sentence answers a question on the proposal: what it tells is told of that."""
    asked = [one.number for one in on if is_a_question(one) and 0 < r.number - one.number <= ANSWERED_IN]
    return bool(asked) and not any(is_a_question(one) for one in sentences[asked[-1] + 1 : r.number + 1])


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
