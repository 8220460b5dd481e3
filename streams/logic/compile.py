"""Compiles the files of a knowledge bundle into what the tagger uses. Faults name file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath as Path
from typing import Any

from streams.contracts.ids import bundle_hash
from streams.contracts.records import BundleRef
from streams.logic import yamltext
from streams.logic.gate import Gate
from streams.logic.knowledge import (
    ACTS,
    CUES,
    SIDES,
    STATUSES,
    Actor,
    FormulaEntry,
    Instance,
    Knowledge,
    KnowledgeFault,
    Model,
    Payload,
    Proposal,
    Sponsor,
    Years,
)
from streams.logic.phrases import PhraseError, Phrases

_PROPOSAL = [
    "id",
    "name",
    "about",
    "proposer",
    "addressee",
    "status",
    "kind",
    "since",
    "until",
    "course",
    "names",
    "then",
    "terms",
    "hints",
    "nots",
    "gate",
    "yields_to",
    "instances",
    "hits",
    "misses",
    "sources",
    "wikidata",
]
_ACTOR = ["id", "side", "names", "people", "wikidata"]
_FORMULA = ["id", "name", "about", "names", "hits", "misses", "sources"]
_PERSON = ["names", "office", "since", "until"]
_ACT = ["id", "status", "phrases", "cameo", "plover"]


def compile_knowledge(files: Mapping[str, str]) -> Knowledge:
    """Compile a bundle; the order of its files makes no difference."""
    proposals: dict[str, Proposal] = {}
    acts: dict[str, str | None] = {}
    phrases: list[tuple[str, object]] = []
    around: list[tuple[str, object]] = []
    set_phrases: list[tuple[str, object]] = []
    concepts: dict[str, tuple[str, ...]] = {}
    models: dict[str, Model] = {}
    gates: dict[str, list[str]] = {"russia": [], "security": [], "short": [], "ukraine": []}
    for path in sorted(files):
        text = files[path]
        given = yamltext.parse(path, text, KnowledgeFault)
        folder = path.partition("/")[0]
        if folder == "proposals":
            proposal = _proposal(path, text, given)
            if proposal.id in proposals:
                raise KnowledgeFault(f"{path}:1: {proposal.id} stands in {proposals[proposal.id].path} too")
            proposals[proposal.id] = proposal
            phrases += _of_proposal(proposal)
            # An acronym may be all that a text says of a treaty: the gate must know it.
            gates["security"] += [w[1:].casefold() for p in proposal.names for w in p.split() if w[0] == "="]
            gates["security"] += [one.casefold() for one in _list(path, text, given, "gate")]
        elif folder == "actors":
            around += _actor(path, text, given)
        elif folder == "formulas":
            set_phrases += _formula(path, text, given)
        elif folder == "concepts":
            concepts |= _concepts(path, text, given, concepts)
        elif folder == "weights":
            models[Path(path).stem] = _model(path, text, given)
        elif folder == "acts":
            around += _act(path, text, given, acts)
        elif folder == "cues":
            around += _cue(path, text, given, gates)
        else:
            folders = "proposals/, actors/, acts/, formulas/, concepts/, cues/ or weights/"
            raise KnowledgeFault(f"{path}:1: entries stand in {folders}")
    concepts = _of_actors(around) | concepts
    # Languages share words; who finds a thing twice has not found more.
    phrases, around = list(dict.fromkeys(phrases)), list(dict.fromkeys(around))
    common = models.pop("common", {}).get("", {})
    try:
        compiled = Phrases(phrases, concepts, common)
        context = Phrases(around, concepts, common)
        formulas = Phrases(set_phrases, concepts, common)
    except PhraseError as broken:
        raise _broken_phrase(files, [*phrases, *around, *set_phrases], concepts, str(broken)) from broken
    found = bundle_hash(files)
    return Knowledge(
        ref=BundleRef(id="knowledge", version=found[:12], hash=found),
        proposals=proposals,
        acts=acts,
        phrases=compiled,
        context=context,
        formulas=formulas,
        said={p.id: p.ref for _, p in set_phrases if isinstance(p, Payload)},
        actors=frozenset(p.ref.code for _, p in around if isinstance(p, Payload) and p.kind == "actor"),
        concepts=concepts,
        models=models,
        gate=Gate(gates["russia"], gates["security"], gates["short"], gates["ukraine"]),
        files=files,
    )


def _broken_phrase(
    files: Mapping[str, str],
    phrases: Sequence[tuple[str, object]],
    concepts: Mapping[str, Sequence[str]],
    what: str,
) -> KnowledgeFault:
    """Which file and line a phrase that cannot be read stands in: asked only once something is broken."""
    known = dict.fromkeys(concepts, ("x",))
    for text in [*(p for p, _ in phrases), *(p for ways in concepts.values() for p in ways)]:
        try:
            Phrases([(text, None)], known)
        except PhraseError as broken:
            for path in sorted(files):
                if text in files[path]:
                    line = files[path][: files[path].index(text)].count("\n") + 1
                    return KnowledgeFault(f"{path}:{line}: {broken}")
    return KnowledgeFault(f"a phrase cannot be read: {what}")


def _list(path: str, text: str, given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = given.get(key) or []
    if isinstance(value, dict):
        # Grouped by language for the reader; the words tell the languages apart.
        value = [one for part in value.values() for one in part]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise KnowledgeFault(f"{path}:{yamltext.line_of(text, key)}: {key} takes a list of texts")
    return tuple(value)


def _one_of(path: str, text: str, key: str, value: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        raise KnowledgeFault(
            f"{path}:{yamltext.line_of(text, key)}: {key} {value!r} is not one of {', '.join(sorted(allowed))}"
        )
    return value


def _year(path: str, text: str, given: Mapping[str, Any], key: str) -> int:
    value = given.get(key, "0")
    if not value.isdecimal():
        raise KnowledgeFault(f"{path}:{yamltext.line_of(text, key)}: {key} {value!r} is not a year")
    return int(value)


def _need(path: str, given: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if not given.get(key):
            raise KnowledgeFault(f"{path}:1: {key} is missing")


def _of_years(path: str, text: str, key: str, value: str) -> int:
    if not value.isdecimal():
        raise KnowledgeFault(f"{path}:{yamltext.line_of(text, key)}: {value!r} is not a year")
    return int(value)


def _sponsors(path: str, text: str, given: Mapping[str, Any], key: str) -> tuple[Sponsor, ...]:
    """`[RU, US]`, or with years: `[{who: USSR, until: "1991"}, {who: RU, since: "1992"}]`."""
    value = given.get(key) or []
    if not isinstance(value, list):
        raise KnowledgeFault(f"{path}:{yamltext.line_of(text, key)}: {key} takes a list")
    found = []
    for one in value:
        its = {"who": one} if isinstance(one, str) else one
        yamltext.known(path, text, its, ("who", "since", "until"), KnowledgeFault)
        if not its.get("who"):
            raise KnowledgeFault(f"{path}:{yamltext.line_of(text, key)}: {key} names who")
        found.append(Sponsor(its["who"], *(_of_years(path, text, key, its.get(at, "0")) for at in ("since", "until"))))
    return tuple(found)


_QID = re.compile(r"Q[1-9][0-9]*")


def _wikidata(path: str, text: str, given: Mapping[str, Any]) -> str | None:
    """`null`, or an item with the evidence that it is this one: a name that is taken on trust misleads for ever."""
    value = given.get("wikidata") or "null"
    if value in ("null", "~"):
        return None
    where = f"{path}:{yamltext.line_of(text, 'wikidata')}"
    shape = 'wikidata: {id: Q1, evidence: "where that is said"}, or null'
    if not isinstance(value, dict):
        raise KnowledgeFault(f"{where}: {value!r} stands without its evidence: {shape}")
    yamltext.known(path, text, value, ("id", "evidence"), KnowledgeFault)
    if not _QID.fullmatch(value.get("id", "")) or not value.get("evidence", "").strip():
        raise KnowledgeFault(f"{where}: an item has an id and its evidence: {shape}")
    return str(value["id"])


def _proposal(path: str, text: str, given: dict[str, Any]) -> Proposal:
    yamltext.known(path, text, given, _PROPOSAL, KnowledgeFault)
    _need(path, given, "id", "name", "status", "kind")
    if not given.get("names") and not given.get("terms"):
        raise KnowledgeFault(f"{path}:1: names or terms: an entry without either is never found")
    kind = _one_of(path, text, "kind", given["kind"], ("treaty", "plan", "class"))
    since, until = (_year(path, text, given, key) for key in ("since", "until"))
    if until and until < since:
        raise KnowledgeFault(f"{path}:{yamltext.line_of(text, 'until')}: until {until} is before since {since}")
    course = [
        (_of_years(path, text, year, year), _one_of(path, text, year, str(status), STATUSES))
        for year, status in (given.get("course") or {}).items()
    ]
    if course != sorted(course, key=lambda step: step[0]):
        raise KnowledgeFault(f"{path}:{yamltext.line_of(text, 'course')}: the years of a course go forward")
    sponsors = {key: _sponsors(path, text, given, key) for key in ("proposer", "addressee")}
    instances = []
    for key, value in (given.get("instances") or {}).items():
        yamltext.known(path, text, value, ("name", "names", "since", "until"), KnowledgeFault)
        names = _list(path, text, value, "names")
        first, last = (_of_years(path, text, key, value.get(bound, "0")) for bound in ("since", "until"))
        instances.append(Instance(key, value.get("name", key), names, first, last))
    return Proposal(
        id=given["id"],
        name=given["name"],
        about=given.get("about", ""),
        proposer=tuple(one.code for one in sponsors["proposer"]),
        addressee=tuple(one.code for one in sponsors["addressee"]),
        sponsors=sponsors,
        status=_one_of(path, text, "status", given["status"], STATUSES),
        treaty=kind == "treaty",
        other=kind == "class",
        since=since,
        until=until,
        course=tuple(course),
        names=_list(path, text, given, "names"),
        then=_list(path, text, given, "then"),
        terms=_list(path, text, given, "terms"),
        hints=_list(path, text, given, "hints"),
        nots=_list(path, text, given, "nots"),
        yields_to=_list(path, text, given, "yields_to"),
        instances=tuple(instances),
        hits=_list(path, text, given, "hits"),
        misses=_list(path, text, given, "misses"),
        path=path,
        wikidata=_wikidata(path, text, given),
    )


def _of_proposal(proposal: Proposal) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for kind, group in (
        ("name", proposal.names),
        ("term", proposal.terms),
        ("hint", proposal.hints),
        ("not", proposal.nots),
    ):
        found += [(phrase, Payload(kind, proposal.id, phrase)) for phrase in group]  # type: ignore[arg-type]  # the three kinds
    # What stands anywhere within so many words is no name: it would hold what happens to it.
    found += [
        (phrase, Payload("term" if phrase.startswith("~") else "name", proposal.id, phrase, years))
        for years in [Years(proposal.since, proposal.until)]
        for phrase in proposal.then
    ]
    for instance in proposal.instances:
        found += [(p, Payload("instance", proposal.id, p, instance)) for p in instance.names]
        found += [(p, Payload("name", proposal.id, p)) for p in instance.names]
    return found


def _actor(path: str, text: str, given: dict[str, Any]) -> list[tuple[str, object]]:
    yamltext.known(path, text, given, _ACTOR, KnowledgeFault)
    _need(path, given, "id", "side", "names")
    side = _one_of(path, text, "side", given["side"], SIDES)
    _wikidata(path, text, given)
    state = Actor(given["id"], side, False, "", "")
    found: list[tuple[str, object]] = [
        (p, Payload("actor", state.code, p, state)) for p in _list(path, text, given, "names")
    ]
    for person in given.get("people") or []:
        yamltext.known(path, text, person, _PERSON, KnowledgeFault)
        names = _list(path, text, person, "names")
        name = names[0].strip("=*").title() if names else ""
        who = Actor(given["id"], side, True, person.get("since", ""), person.get("until", ""), name)
        found += [(p, Payload("actor", who.code, p, who)) for p in names]
    return found


def _formula(path: str, text: str, given: dict[str, Any]) -> list[tuple[str, object]]:
    yamltext.known(path, text, given, _FORMULA, KnowledgeFault)
    _need(path, given, "id", "name", "names")
    entry = FormulaEntry(
        given["id"], given["name"], _list(path, text, given, "hits"), _list(path, text, given, "misses"), path
    )
    return [(p, Payload("formula", entry.id, p, entry)) for p in _list(path, text, given, "names")]


def _act(path: str, text: str, given: dict[str, Any], acts: dict[str, str | None]) -> list[tuple[str, object]]:
    yamltext.known(path, text, given, _ACT, KnowledgeFault)
    _need(path, given, "id", "phrases")
    act = _one_of(path, text, "id", given["id"], ACTS)
    status = given.get("status") or None
    acts[act] = status and _one_of(path, text, "status", status, STATUSES)
    return [(p, Payload("act", act, p)) for p in _list(path, text, given, "phrases")]


def _concepts(path: str, text: str, given: dict[str, Any], before: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    for name in given:
        if name in before:
            raise KnowledgeFault(f"{path}:{yamltext.line_of(text, name)}: the concept {name} stands elsewhere too")
    return {name: _list(path, text, given, name) for name in given}


def _of_actors(phrases: Iterable[tuple[str, object]]) -> dict[str, tuple[str, ...]]:
    """Actors are concepts too: `<NATO>` by code, `<russia>`, `<west>`, `<ukraine>` by side."""
    found: dict[str, list[str]] = {}
    for phrase, payload in phrases:
        if isinstance(payload, Payload) and payload.kind == "actor":
            for name in (payload.ref.code, payload.ref.side):
                found.setdefault(name, []).append(phrase)
    return {name: tuple(ways) for name, ways in found.items()}


def _model(path: str, text: str, given: dict[str, Any]) -> Model:
    """Weights of features: of one answer (`feature: weight`), or of several (`answer: {feature: weight}`)."""
    plain = {name: value for name, value in given.items() if not isinstance(value, dict)}
    groups = {name: value for name, value in given.items() if isinstance(value, dict)} | ({"": plain} if plain else {})
    try:
        return {answer: {name: float(value) for name, value in group.items()} for answer, group in groups.items()}
    except ValueError as broken:
        raise KnowledgeFault(f"{path}:1: a weight is a number: {broken}") from broken


def _cue(path: str, text: str, given: dict[str, Any], gates: dict[str, list[str]]) -> list[tuple[str, object]]:
    if path == "cues/gate.yaml":
        yamltext.known(path, text, given, tuple(gates), KnowledgeFault)
        for key in gates:
            gates[key] += [one.casefold() for one in _list(path, text, given, key)]
        return []
    yamltext.known(path, text, given, CUES, KnowledgeFault)
    return [(p, Payload("cue", cue, p)) for cue in given for p in _list(path, text, {"phrases": given[cue]}, "phrases")]
