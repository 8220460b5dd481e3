from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.difference import Given, changes
from streams.logic.lint import PLOVER, lint
from streams.logic.tag import Tagger
from streams.morphology import Lexicon
from tests.making import tagger
from treatywatch import main

ENTRY = """id: {id}
name: A treaty of the test
kind: plan
status: floated
proposer: [RU]
addressee: [NATO]
names:
  en: [{names}]
  ru: ["договор проверочный"]
  uk: ["договір перевірний"]
  de: ["prüfvertrag"]
  fr: ["traité d essai"]
hits: ["Russia proposed the Zanzibar treaty to NATO."]
misses: ["Nothing happened{misses}."]
"""


def with_entry(names: str = '"zanzibar treaty"', misses: str = "", **replaced: str) -> dict[str, str]:
    text = ENTRY.format(id="ZZZ", names=names, misses=misses)
    for before, after in replaced.items():
        text = text.replace(before, after)
    return knowledge.read() | {"proposals/ZZZ.yaml": text}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (with_entry(), None),
        (with_entry('"zanzibar treaty", "open skies"'), r"ZZZ.yaml:8: 'open skies' stands for OPEN-SKIES too"),
        (with_entry('"zanzibar treaty", "old open skies pact"'), "holds a name of OPEN-SKIES; say which gives way"),
        (with_entry('"zanzibar treaty", "ZZT"'), "would be any word of these letters; write '=ZZT'"),
        (with_entry('"zanzibar treaty", "=ZZT"'), "'ZZT' needs a miss that shows it in other company"),
        (with_entry('"zanzibar treaty", "=ZZT"', misses=" at the ZZT"), None),
        (with_entry('"sansibar treaty"'), r"does not find itself in 'Russia proposed the Zanzibar"),
        (with_entry(**{"Nothing happened": "Russia proposed the Zanzibar treaty to NATO"}), "finds itself in"),
        (with_entry(**{"  uk:": "  pl:", "  fr:": "  es:"}), "no phrase in uk, fr"),
        (with_entry(**{"hits:": "sources:"}), "carries its own tests"),
        (with_entry(**{"status:": "statsu:"}), r"ZZZ.yaml:4: unknown key 'statsu'; did you mean 'status'"),
        (with_entry('"zanzibar treaty", "OPEN Skies*"'), r"ZZZ.yaml:8: 'OPEN Skies\*' stands for OPEN-SKIES too"),
        (with_entry('"zanzibar treaty", "zzt"'), "ZZZ.yaml:8: 'zzt' is too short to stand alone"),
        (with_entry('"zanzibar-treaty"'), "ZZZ.yaml:8: 'zanzibar-treaty' is not one word; write blanks"),
        (with_entry(**{"[RU]": "[RUS]"}), r"ZZZ.yaml:5: proposer 'RUS' is no actor's id; did you mean"),
        (with_entry(**{"[NATO]": "[NATO]\nyields_to: [OPENSKIES]"}),
         "ZZZ.yaml:7: yields_to 'OPENSKIES' is no entry; did you mean 'OPEN-SKIES'"),
        (with_entry(**{'hits: ["Russia proposed the Zanzibar treaty to NATO."]':
                       'hits:\n  en: ["Russia proposed the Zanzibar treaty to NATO."]'}),
         "ZZZ.yaml:13: hits show nothing in ru, uk, de, fr"),
        (with_entry(**{"kind: plan": "kind: idea"}), "ZZZ.yaml:3: kind 'idea' is not one of class, plan, treaty"),
        (with_entry(**{"kind: plan": 'kind: plan\nwikidata: "Q1"'}), "ZZZ.yaml:4: 'Q1' stands without its evidence"),
        (with_entry(**{"kind: plan": "kind: plan\nkind: plan"}), "ZZZ.yaml:4: the key 'kind' stands twice"),
        (with_entry(**{"kind: plan": 'kind: plan\nsince: "2010"\nuntil: "2008"'}), "until 2008 is before since 2010"),
        (with_entry(**{"[RU]": '[{who: RU, form: "1992"}]'}), "unknown key 'form'"),
        (with_entry(**{"names:": "namse:"}), r"ZZZ.yaml:7: unknown key 'namse'; did you mean 'names'"),
        (with_entry('"zanzibar pledge"', **{"proposed the Zanzibar treaty to NATO": "gave Poland the Zanzibar pledge"}),
         r"ZZZ.yaml:13: does not find itself in .* \(left at the gate: no security term; an entry says in `gate`"),
        (with_entry('"zanzibar pledge"', **{"proposed the Zanzibar treaty to NATO": "gave Poland the Zanzibar pledge",
                                            "hits:": "gate: [zanzibar]\nhits:"}), None),
    ],
    ids=["well", "doubled", "inside", "uncased", "short", "shown", "missed", "found in a miss", "languages",
         "no tests", "typo", "doubled but for case", "too short", "no words", "no actor", "no neighbour",
         "languages of tests", "kind", "wikidata", "doubled key", "years", "key of a sponsor", "typo of a key left out",
         "left at the gate", "let through the gate"],
)  # fmt: skip
def test_lint_names_file_line_and_cure(files: dict[str, str], says: str | None) -> None:
    problems = [p for p in lint(files) if "ZZZ" in p]

    if says is None:
        assert problems == []
    else:
        assert any(re.search(says, problem) for problem in problems), problems


def test_an_act_has_the_codes_by_which_event_data_are_compared() -> None:
    sign = knowledge.read()["acts/agree.yaml"]
    files = knowledge.read() | {"acts/agree.yaml": sign.replace('"057"', '"sign"').replace('"SUPPORT"', '"SIGN"')}

    problems = list(lint(files))

    assert problems == [
        "acts/agree.yaml:3: an act has its CAMEO code, of two to four digits; not 'sign'",
        f"acts/agree.yaml:4: plover 'SIGN' is not one of {', '.join(PLOVER)}",
    ]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ("договор проверочный", r"ZZZ.yaml:9: 'договор проверочный' does not find ZZZ as 'договора .+' and \d+ more"),
        ("проверочн* договор*", None),
    ],
    ids=["in one form only", "in all"],
)
def test_a_name_is_looked_for_in_every_form_that_its_language_gives_it(names: str, says: str | None) -> None:
    files = with_entry(**{"договор проверочный": names})

    problems = [p for p in lint(files, Lexicon(["ru"]), {"proposals/ZZZ.yaml"}) if "ZZZ" in p]

    if says is None:
        assert problems == []
    else:
        assert len(problems) == 1
        assert re.search(says, problems[0])


def test_kb_lint_tells_of_every_broken_file_of_a_folder_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "proposals").mkdir()
    well = with_entry()["proposals/ZZZ.yaml"]
    for name, text in {
        "AAA": "id: AAA\nnmae: x\n",
        "BBB": "id: BBB\n  name: x\n",
        "CCC": well.replace("ZZZ", "CCC").replace("[RU]", "[RUS]").replace("zanzibar", "sansibar", 1),
    }.items():
        (tmp_path / "proposals" / f"{name}.yaml").write_text(text, encoding="utf-8")

    result = CliRunner().invoke(main, ["kb", "lint", str(tmp_path)])

    assert result.exit_code == 2
    places = [line.split(": ")[0] for line in result.stdout.splitlines()]
    assert places == ["proposals/AAA.yaml:2", "proposals/BBB.yaml:2", "proposals/CCC.yaml:5", "proposals/CCC.yaml:13"]
    assert "4 problem(s)" in result.stderr


def test_kb_lint_tells_where_a_beginning_catches_words_of_another_language(tmp_path: Path) -> None:
    (tmp_path / "concepts").mkdir()
    (tmp_path / "concepts" / "mine.yaml").write_text("mine:\n  es: [ces*]\n", encoding="utf-8")

    result = CliRunner().invoke(main, ["kb", "lint", str(tmp_path)])

    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "concepts/mine.yaml:2: 'ces*' (es) begins common words of another language, as ces (fr), cessez (fr): "
        "write its forms out, or say what is meant under fr too"
    ]


def test_a_difference_shows_what_is_gained_with_evidence() -> None:
    new = Tagger(compile_knowledge(with_entry()))
    text = "Russia proposed the Zanzibar treaty to NATO."
    given = [Given("a", "", text, "en", datetime(2020, 1, 1, tzinfo=UTC), "pos")]

    (gained,) = [c for c in changes(tagger(), new, given) if c.finding.proposal == "ZZZ"]
    (lost,) = [c for c in changes(new, tagger(), given) if c.finding.proposal == "ZZZ"]

    assert (gained.gained, lost.gained) == (True, False)
    assert gained.finding.evidence[0].quote == text


def test_kb_diff_tells_gains_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "proposals"
    folder.mkdir(parents=True)
    (folder / "ZZZ.yaml").write_text(with_entry()["proposals/ZZZ.yaml"], encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "a", "text": "Russia proposed the Zanzibar treaty to NATO.", "label": "pos"}\n', "utf-8")

    result = CliRunner().invoke(main, ["kb", "diff", "packaged", str(folder.parent), "--gold", str(gold)])

    assert result.exit_code == 0
    told = result.stdout.splitlines()
    assert told[0].startswith("gained ZZZ 0.")
    assert told[0].endswith(": a labelled pos")
    assert told[1] == "  [text 0-44] Russia proposed the Zanzibar treaty to NATO."
    assert result.stderr.splitlines()[0] == "1 gained (1 in pos)"
    assert result.stderr.splitlines()[-1] == "in 1 documents"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("The cat sat.", "left at the gate: no Russian side and no security term"),
        ("Moscow is cold.", "left at the gate: no security term"),
        ("NATO met.", "left at the gate: no Russian side"),
        ("NATO and Russia met.", "read whole: nothing in it speaks of a proposal"),
        ("NATO rejected Russia's European security treaty.", "news: NATO reject"),
        (
            "Russia proposed a European security treaty to NATO.",
            r"near miss: .* score 0\.\d+; most against it: .*hint only -1",
        ),
    ],
)
def test_kb_try_says_how_far_a_text_came(text: str, says: str) -> None:
    result = CliRunner().invoke(main, ["kb", "try", "-", "--lang", "en"], input=text)

    assert result.exit_code == 0
    assert f"knowledge {tagger().knowledge.ref.version}, language en" in result.output
    assert re.search(says, result.output), result.output


def test_an_entry_with_an_error_is_not_activated(tmp_path: Path) -> None:
    folder = tmp_path / "proposals"
    folder.mkdir()
    (folder / "EST.yaml").write_text("id: EST\nnmae: x\n", encoding="utf-8")

    # No broker listens there: it must not even be asked.
    result = CliRunner().invoke(main, ["kb", "activate", str(tmp_path), "--bootstrap", "127.0.0.1:9"])

    assert result.exit_code == 2
    assert "proposals/EST.yaml:2: unknown key 'nmae'" in result.output
    assert "nothing was changed" in result.output


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("proposals/EST.yml", b"id: EST\n", "proposals/EST.yml:1: entries end in .yaml"),
        ("proposals/EST.yaml", b"id: EST\nname: trait\xe9\n", "proposals/EST.yaml:2: not UTF-8"),
        ("proposal/EST.yaml", b"id: EST\n", "proposal/EST.yaml:1: entries stand in proposals/"),
    ],
    ids=["another ending", "not UTF-8", "another folder"],
)
@pytest.mark.parametrize("command", ["lint", "activate"])
def test_a_file_that_would_be_passed_over_is_said(
    tmp_path: Path, command: str, name: str, raw: bytes, says: str
) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(raw)

    result = CliRunner().invoke(main, ["kb", command, str(tmp_path)])

    assert result.exit_code == 2
    assert says in result.output


def test_a_user_s_entry_overrides_ours(tmp_path: Path) -> None:
    (tmp_path / "proposals").mkdir()
    own = with_entry()["proposals/ZZZ.yaml"].replace("id: ZZZ", "id: EST")
    (tmp_path / "proposals" / "EST.yaml").write_text(own, encoding="utf-8")

    compiled = compile_knowledge(knowledge.read(tmp_path))

    assert compiled.proposals["EST"].name == "A treaty of the test"
    assert compiled.ref.hash != tagger().knowledge.ref.hash


def test_a_folder_as_kubernetes_mounts_it_is_read_once(tmp_path: Path) -> None:
    behind = tmp_path / "..2026_01_02_03" / "proposals"
    behind.mkdir(parents=True)
    (behind / "ZANZIBAR.yaml").write_text("id: ZANZIBAR")
    (tmp_path / "..data").symlink_to("..2026_01_02_03")
    (tmp_path / "proposals").symlink_to("..data/proposals")
    assert set(knowledge.read(tmp_path)) - set(knowledge.read()) == {"proposals/ZANZIBAR.yaml"}
