"""The tagger compiled and as Python says the same; an edit is always what runs."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import compile as compiling
from streams import compiled
from streams.logic.tag import Tagged, explain
from tests.golden.reading import articles, day, lines
from tests.logic.test_robustness import HOSTILE
from tests.making import tagger

ROOT = Path(__file__).parents[2]


def everything_said() -> None:
    """What the tagger says of all golden texts and of hostile ones, a line each, after what it runs as."""
    sys.stdout.write(f"{json.dumps(compiled.FORM)}\n")
    texts = [(a["title"], a["text"], when) for a in articles() for when in (day(a["published"]), None)]
    texts += [("", line.text, None) for name in ("plain.txt", "news.txt", "negation.txt") for line in lines(name)]
    for title, text, when in texts:
        found: Tagged = tagger().tag(title, text, None, when)
        told = explain(tagger(), title, text, None, when, whole=True)
        sys.stdout.write(f"{json.dumps([repr(found), told])}\n")
    for text in HOSTILE.values():
        sys.stdout.write(f"{json.dumps(repr(tagger().tag(text[:200], text)))}\n")


def run(root: Path, code: str, **more: str) -> list[str]:
    environment = {k: v for k, v in os.environ.items() if k != compiled.PURE} | {"PYTHONPATH": str(root)} | more
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_compiled_and_as_python_the_tagger_says_the_same_to_the_letter() -> None:
    code = "from tests.logic.test_compiled import everything_said; everything_said()"
    form, *said = run(ROOT, code)
    if form != '"compiled"':
        assert not os.environ.get("CI"), f"{form}: in CI nothing may be left out"
        # A developer edits a file and runs its tests: what he edits runs as Python until `make` compiles it.
        pytest.skip(f"{form}; `make test` compiles it")
    pure, *said_as_python = run(ROOT, code, PURE_PYTHON="1")

    assert pure.startswith('"pure Python')
    assert len(said) > 500
    assert said == said_as_python


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout whose tagger was "compiled": into nothing, as which modules those are does not matter here."""
    shutil.copytree(ROOT / "streams", tmp_path / "streams", ignore=shutil.ignore_patterns("_compiled", "__pycache__"))
    (key,) = run(tmp_path, "from streams import compiled; print(compiled.key())")
    (tmp_path / "streams/_compiled" / key).mkdir(parents=True)
    return tmp_path


FORM = "from streams import compiled; print(compiled.FORM)"


def test_what_was_built_is_used_while_the_sources_are_as_they_were(tree: Path) -> None:
    assert run(tree, FORM) == ["compiled"]


@pytest.mark.parametrize("edited", ["logic/words.py", "logic/tag/state.py", "logic/knowledge.py"])
def test_an_edit_is_what_runs(tree: Path, edited: str) -> None:
    with (tree / "streams" / edited).open("a") as source:
        source.write("\nEDITED = True\n")
    module = f"streams.{edited.removesuffix('.py').replace('/', '.')}"

    assert run(tree, FORM) == ["pure Python, as the sources are not those that were compiled"]
    assert run(tree, f"import {module} as edited; print(edited.EDITED, edited.__file__)") == [
        f"True {tree / 'streams' / edited}"
    ]


def test_a_module_more_is_an_edit_too(tree: Path) -> None:
    (tree / "streams/logic/tag/more.py").touch()

    assert run(tree, FORM) == ["pure Python, as the sources are not those that were compiled"]


def test_who_asks_for_python_gets_it(tree: Path) -> None:
    assert run(tree, FORM, PURE_PYTHON="1") == ["pure Python, as PURE_PYTHON asks"]


def test_what_compiled_modules_import_of_ours_is_in_their_key() -> None:
    known = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in compiled.keyed()}
    for path in compiled.sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streams"):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                assert {node.module, f"{node.module}.__init__"} & known or names <= known, (path, node.module)


def test_where_there_is_no_compiler_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compiled, "BUILT", tmp_path / "_compiled")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv(compiled.PURE, raising=False)

    said = compiling.main()

    assert said.startswith("treatywatch: no C compiler")
    assert "\n" not in said
    assert not (tmp_path / "_compiled").exists()


def test_who_waits_for_the_compiler_is_told_before_it_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        before.append(capsys.readouterr().out)
        return subprocess.CompletedProcess(command, 1, "", "no such type\n")

    before: list[str] = []
    monkeypatch.delenv(compiled.PURE, raising=False)
    monkeypatch.setattr(compiled, "BUILT", tmp_path)
    monkeypatch.setattr(compiling, "lacking", lambda: None)
    monkeypatch.setattr(subprocess, "run", failing)

    assert compiling.main().startswith("no such type\ntreatywatch: the compiler failed")
    assert before == ["treatywatch: compiling the tagger, once for these sources; a minute or two ...\n"]
