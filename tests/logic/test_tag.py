from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from streams import knowledge
from streams.contracts.records import Article, BundleRef, NearMiss
from streams.contracts.wire import decode
from streams.everyday import words
from streams.logic import mention
from streams.logic.compile import compile_knowledge
from streams.logic.knowledge import KnowledgeFault
from streams.logic.lint import lint
from streams.logic.memory import DictMemory
from streams.logic.tag import Finding, Near, Tagger
from streams.logic.tag.features import weigh
from tests.making import NOW, seed, tagger


def test_the_seed_is_medvedev_s_treaty() -> None:
    item = seed()

    found = tagger().tag(item.title, item.text, item.lang, item.published)

    assert [f.proposal for f in found.findings] == ["EST"]
    finding = found.findings[0]
    assert (finding.proposer, finding.addressee) == (["RU"], ["NATO"])
    assert (finding.status, finding.role, finding.voice, finding.time) == ("discussing", "main", "quote", "current")


def test_evidence_is_verbatim() -> None:
    item = seed()
    record = {"title": item.title, "text": item.text}

    for finding in tagger().tag(item.title, item.text).findings:
        for e in (*finding.evidence, *(e for event in finding.events for e in event.evidence)):
            assert record[e.field][e.start : e.end] == e.quote


def test_reasons_add_up_to_the_score_s_logit() -> None:
    import math  # noqa: PLC0415 - used here only

    finding = tagger().tag(seed().title, seed().text).findings[0]

    assert 1 / (1 + math.exp(-sum(r.weight for r in finding.why))) == pytest.approx(finding.score)


def test_the_packaged_knowledge_has_no_problem() -> None:
    assert list(lint(knowledge.read(), everyday=words())) == []


@pytest.mark.parametrize(
    "text",
    [
        "NATO held exercises in Poland; Moscow protested.",
        "Sweden filed its NATO application and Russia took note.",
        "The football club of Kiev lost in Berlin.",
        "",
    ],
    ids=["exercise", "accession", "sports", "empty"],
)
def test_what_is_no_proposal_is_not_found(text: str) -> None:
    assert not tagger().tag("", text).relevant


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("Lavrov said Russia awaits written replies to its draft treaty.", "DEC21-NATO"),
        ("Putin: Ukraine must stay out of NATO and cut its army.", "UA-NEUTRAL"),
        ("START-2 ratified by the Duma.", "START"),
        ("Lavrov said Russia awaits written replies to its draft treaties, which NATO rejected.", "DEC21-NATO"),
        ("Putin demanded that Ukraine stay out of NATO.", "UA-NEUTRAL"),
        ("США вышли из Договора по РСМД, Россия назвала это ошибкой.", "INF"),
        ("Die USA haben den INF-Vertrag mit Russland gekündigt.", "INF"),
        ("Les États-Unis se sont retirés du traité INF avec la Russie.", "INF"),
        ("RUSSIA PROPOSED A EUROPEAN SECURITY TREATY TO NATO.", "EST"),
        ("Russia pro\u00adposed a Euro\u00adpean Security Treaty to NATO.", "EST"),
        ("Russia proposed a European\nSecurity Treaty to NATO.", "EST"),
    ],
)  # fmt: skip
def test_proposals_are_found_in_several_languages_and_dresses(text: str, proposal: str) -> None:
    assert proposal in [f.proposal for f in tagger().tag("", text).findings]


def test_the_order_of_the_files_makes_no_difference() -> None:
    files = knowledge.read()
    turned = dict(reversed(list(files.items())))

    assert Tagger(compile_knowledge(turned)).tag("", seed().text) == tagger().tag("", seed().text)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("proposals/X.yaml", "id: X\nnmae: y\n", r"proposals/X.yaml:2: unknown key 'nmae'; did you mean 'name'"),
        ("proposals/X.yaml", "id: [", r"proposals/X.yaml:\d"),
        ("acts/x.yaml", "id: shout\nphrases: [a]\n", "is not one of"),
        ("elsewhere/x.yaml", "id: x\n", "entries stand in"),
        ("cues/cues.yaml", 'carry: ["a ..99 b"]\n', "a gap is"),
    ],
    ids=["typo", "broken", "act", "folder", "phrase"],
)
def test_a_fault_in_the_knowledge_names_file_line_and_cure(path: str, text: str, says: str) -> None:
    with pytest.raises(KnowledgeFault, match=says):
        compile_knowledge({path: text})


def test_an_entry_s_own_time_ends_with_it() -> None:
    files = knowledge.read()
    path = "proposals/EST.yaml"
    broken = files | {path: files[path].replace('until: "2010"', 'until: "2007"')}

    with pytest.raises(KnowledgeFault, match=r"EST.yaml:\d+: until 2007 is before since 2008"):
        compile_knowledge(broken)


@pytest.mark.parametrize(("year", "time"), [(2001, "current"), (2019, "historical")])
def test_a_text_written_long_after_looks_back(year: int, time: str) -> None:
    text = (
        "In December 2001 the United States withdrew from the ABM treaty with Russia. Moscow protested. "
        "Both powers had kept to its limits, and the decision changed how each looked at the other's missiles."
    )

    (found,) = tagger().tag("Who ended the treaty?", text, "en", datetime(year, 12, 20, tzinfo=UTC)).findings

    assert found.time == time


def test_a_sum_does_not_depend_on_the_order_of_its_terms() -> None:
    features = {f"f{n}": 1.0 + n / 3 for n in range(40)}
    weights = {name: (-1) ** n / (n + 0.7) for n, name in enumerate(features)}

    assert weigh(weights, features) == weigh(weights, dict(reversed(features.items())))


def test_a_language_without_a_pack_is_counted_and_never_silent() -> None:
    text = "Venäjä ehdotti Natolle Euroopan turvallisuussopimusta ja vaati Ukrainan puolueettomuutta."
    article = Article(
        id="a", revision=1, kind="new", item="i", event="e", source="s", url="https://x.example/a", title="",
        text=text, lang="fi", published=None, modified=None, seen=NOW, historical=False, signature="",
    )  # fmt: skip

    decision = mention.decide(DictMemory(), article, 1, tagger(), BundleRef(id="k", version="1", hash="h"), "engine")

    assert decision.counts == {"lang_unsupported": 1}
    assert decision.outgoing == []


def test_what_was_nearly_found_is_told_beside_the_mentions_of_the_article() -> None:
    text = "Russia wants NATO to think about security in Europe."
    article = Article(
        id="a", revision=1, kind="new", item="i", event="e", source="s", url="https://x.example/a", title="",
        text=text, lang="en", published=None, modified=None, seen=NOW, historical=False, signature="",
    )  # fmt: skip

    decision = mention.decide(DictMemory(), article, 1, tagger(), BundleRef(id="k", version="1", hash="h"), "engine")

    out = decision.beside[0]
    miss = decode(NearMiss, out.value)
    assert decision.outgoing == []
    assert (out.topic, out.key, out.headers) == ("news.near", miss.proposal, ())
    assert (miss.reason, miss.score < miss.threshold, miss.article.id) == ("below_threshold", True, "a")
    assert [text[e.start : e.end] for e in miss.evidence] == [e.quote for e in miss.evidence]
    assert sum(r.weight for r in miss.why) == pytest.approx(math.log(miss.score / (1 - miss.score)), abs=0.01)


def test_a_near_miss_tells_the_same_whether_or_not_all_else_is_read_of_it() -> None:
    text = "Russia wants NATO to think about security in Europe."
    (miss,) = tagger().tag("", text, "en").near
    (read,) = tagger().tag("", text, "en", near_in_full=True).near

    assert isinstance(miss, Near)
    assert isinstance(read, Finding)
    told = [name for name in Near.__struct_fields__ if name != "why"]
    assert [getattr(miss, name) for name in told] == [getattr(read, name) for name in told]
    assert miss.why == [reason for reason in read.why if not reason.feature.endswith("inferred")]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Berlin did not rule out sending peacekeepers to Ukraine.", True),
        ("Berlin did not rule out sending peacekeepers to Mali.", False),
        ("Kyiv was promised a place under the NATO umbrella." + " The weather was fine." * 50, False),
    ],
    ids=["ukraine", "elsewhere", "long"],
)
def test_in_a_short_text_ukraine_stands_for_the_russian_side(text: str, read: bool) -> None:
    assert tagger().gate("", text) is read
