"""What the packaged entries promise: who held which office when, every proposal in every language, codes of acts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.knowledge import KnowledgeFault, Payload
from streams.logic.words import WORD
from tests.making import tagger

CODEBOOK = [
    "EST", "DEC21-US", "DEC21-NATO", "NRC", "CFE", "INF", "START", "ABM", "JOINT-MD", "OPEN-SKIES", "VIENNA-DOC",
    "HELSINKI", "EURASIA-ARCH", "NO-ENLARGE", "UA-NEUTRAL", "ISTANBUL22", "UA-GUARANTEES", "PEACE-UA", "MINSK",
    "BUDAPEST", "NUKE-SHARE", "TEST-BAN", "RU-IN-NATO", "OTHER-ARMS", "OTHER-GUARANTEE", "OTHER-MEMBERSHIP",
    "OTHER-CBM", "OTHER-TALKS", "OTHER-ARCH",
]  # fmt: skip
DAY_ONE = ("en", "ru", "uk", "de", "fr")
NINE = (*DAY_ONE, "es", "bg", "pl", "pt")
FILES = knowledge.read()
ENTRIES: dict[str, dict[str, Any]] = {
    given["id"]: given
    for path, text in FILES.items()
    if path.startswith("proposals/")
    for given in (yaml.load(text, Loader=yaml.BaseLoader),)
}


def test_every_proposal_of_the_codebook_has_an_entry_and_no_other_has() -> None:
    assert sorted(ENTRIES) == sorted(CODEBOOK)


@pytest.mark.parametrize("entry", CODEBOOK)
def test_every_proposal_is_named_in_nine_languages_and_shown_to_be_found(entry: str) -> None:
    given = ENTRIES[entry]
    own = {lang for key in ("names", "terms") for lang, phrases in (given.get(key) or {}).items() if phrases}

    assert set(NINE) - own == set()
    assert set(NINE) - set(given["hits"]) == set()
    assert set(DAY_ONE) - set(given["misses"]) == set()
    assert given["sources"]


@pytest.mark.parametrize("path", [path for path in FILES if path.startswith(("proposals/", "actors/"))])
def test_every_entry_says_its_wikidata_item_with_evidence_or_that_none_is_known(path: str) -> None:
    given = yaml.load(FILES[path], Loader=yaml.BaseLoader)

    item = given["wikidata"]
    assert item == "null" or (re.fullmatch(r"Q\d+", item["id"]) and item["evidence"])


@pytest.mark.parametrize("path", [path for path in FILES if path.startswith("acts/")])
def test_every_act_has_its_cameo_and_plover_code(path: str) -> None:
    given = yaml.load(FILES[path], Loader=yaml.BaseLoader)

    assert re.fullmatch(r"\d{3}", given["cameo"])
    assert given["plover"]


@pytest.mark.parametrize(
    ("year", "who", "speaks_for"),
    [
        (2008, "Rogozin", ["RU"]),
        (2020, "Rogozin", []),
        (2008, "Stoltenberg", []),
        (2015, "Stoltenberg", ["NATO"]),
        (2010, "Merkel", ["DE"]),
        (2024, "Merkel", []),
    ],
)
def test_people_speak_for_whom_they_hold_an_office_then(year: int, who: str, speaks_for: list[str]) -> None:
    text = f"{who} rejected the European Security Treaty between NATO and Moscow."
    (finding,) = tagger().tag("", text, "en", datetime(year, 7, 1, tzinfo=UTC)).findings

    said = [event.actor for event in finding.events if event.act == "reject"]
    assert said == [speaks_for]


ACTS_DE = [
    ("reject", "lehnte den Vorschlag für einen Sicherheitsvertrag ab"),
    ("reject", "wiesen den Vorschlag zurück"),
    ("reject", "beschloss, den Vorschlag abzulehnen"),
    ("propose", "schlug der NATO einen Vertrag vor"),
    ("propose", "will einen Vertrag vorzuschlagen versuchen"),
    ("table", "legten dem Rat den Entwurf vor"),
    ("table", "plant, den Entwurf im Herbst vorzulegen"),
    ("withdraw", "zogen ihren Entwurf am Montag zurück"),
    ("withdraw", "trat aus dem Vertrag aus"),
    ("suspend", "setzte den Vertrag am Dienstag aus"),
    ("suspend", "der Vertrag lief im Februar aus"),
    ("revive", "nahm die Gespräche wieder auf"),
    ("agree", "stimmte dem Entwurf nach langer Beratung zu"),
    ("agree", "schlossen den Vertrag in Wien ab"),
    ("promise", "sicherte der Ukraine Hilfe zu"),
    ("demand", "rief die NATO zum Verzicht auf"),
    ("demand", "hat die NATO aufgefordert"),
]


@pytest.mark.parametrize(("act", "text"), ACTS_DE, ids=[text for _, text in ACTS_DE])
def test_german_verbs_are_known_apart_together_and_as_infinitives(act: str, text: str) -> None:
    hits = tagger().knowledge.context.find(WORD.findall(text))

    assert act in {h.payload.id for h in hits if isinstance(h.payload, Payload) and h.payload.kind == "act"}


FORMS = [
    ("EST", "Pytano o opinię w sprawie zapisów w europejskim traktacie o bezpieczeństwie w Europie"),
    ("EST", "текст договора о европейской безопасности, договором о европейской безопасности"),
    ("EST", "у договорі про європейську безпеку"),
    ("EST", "договір про європейську безпеку"),
    ("HELSINKI", "w akcie końcowym KBWE"),
    ("OTHER-GUARANTEE", "mówiono o pakcie o nieagresji"),
    ("OTHER-GUARANTEE", "в пакте о ненападении"),
    ("OTHER-GUARANTEE", "Nichtangriffspakten"),
    ("OTHER-ARCH", "у неподільній безпеці"),
    ("UA-NEUTRAL", "нейтральным статусом Украины"),
    ("NUKE-SHARE", "die taktischen Atomwaffen aus Europa abzuziehen"),
    ("BUDAPEST", "die Budapester Memoranden"),
    ("INF", "ліквідації ракет середньої дальності"),
    ("PEACE-UA", "мирният план за Украйна и формулите за мир"),
]


@pytest.mark.parametrize(("entry", "text"), FORMS, ids=[text for _, text in FORMS])
def test_names_are_found_where_a_letter_of_the_stem_changes(entry: str, text: str) -> None:
    hits = tagger().knowledge.phrases.find(WORD.findall(text))

    found = {h.payload.id for h in hits if isinstance(h.payload, Payload) and h.payload.kind in ("name", "term")}
    assert entry in found


def test_who_stands_behind_a_proposal_has_its_years() -> None:
    start = tagger().knowledge.proposals["START"]

    assert (start.at(1985).proposer, start.at(2010).proposer) == (("US", "USSR"), ("US", "RU"))
    assert start.at(None).proposer == ("US", "RU")


def test_a_party_that_the_text_does_not_name_is_marked_as_inferred() -> None:
    text = (
        "It was cold in Moscow. Diplomats had come early. The New START treaty was signed in Prague, Washington said."
    )
    findings = tagger().tag("", text, "en", datetime(2010, 4, 8, tzinfo=UTC), near_in_full=True)
    (finding,) = [f for f in (*findings.findings, *findings.near) if f.proposal == "START"]

    remarks = {r.feature: r.text for r in finding.why if r.feature.endswith("inferred")}
    assert [code for code in remarks.values() if code.startswith("RU: ")]
    assert not [code for code in remarks.values() if code.startswith("US: ")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('wikidata: "Q42"', "stands without its evidence"),
        ('wikidata: {id: "42", evidence: "a book"}', "has an id and its evidence"),
        ('wikidata: {id: "Q42", evidence: " "}', "has an id and its evidence"),
        ('wikidata: {id: "Q42", evidenc: "a book"}', "did you mean 'evidence'"),
        ('wikidata: {id: "Q42", evidence: "a book"}', None),
        ('wikidata: "null"', None),
    ],
)
def test_a_wikidata_item_stands_with_its_evidence(line: str, says: str | None) -> None:
    files = FILES | {"proposals/EST.yaml": FILES["proposals/EST.yaml"].replace('wikidata: "null"', line)}

    if says is None:
        assert compile_knowledge(files).proposals["EST"].wikidata == ("Q42" if "Q42" in line else None)
    else:
        with pytest.raises(KnowledgeFault, match=rf"proposals/EST.yaml:3: .*{says}"):
            compile_knowledge(files)
