from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams import knowledge
from streams.logic.difference import Given, changes
from streams.logic.knowledge import compile_knowledge
from streams.logic.lint import lint
from streams.logic.tag import Tagger
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
    ],
    ids=["well", "doubled", "inside", "uncased", "short", "shown", "missed", "found in a miss", "languages",
         "no tests", "typo"],
)  # fmt: skip
def test_lint_names_file_line_and_cure(files: dict[str, str], says: str | None) -> None:
    problems = [p for p in lint(files) if "ZZZ" in p]

    if says is None:
        assert problems == []
    else:
        assert any(re.search(says, problem) for problem in problems), problems


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
    assert "gained ZZZ" in result.output
    assert "Zanzibar" in result.output


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
