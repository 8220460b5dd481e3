"""The command's words and exit codes, as people and scripts see them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import treatywatch
from streams import kb_command
from streams.transport.broker import free_port


def run(*arguments: str, **environ: str) -> tuple[int, str]:
    settings = {f"TREATYWATCH_{name.upper()}": value for name, value in environ.items()}
    done = CliRunner(env=settings).invoke(treatywatch.main, arguments)
    return done.exit_code, done.output


def commands(group: click.Group, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [before]
    for name, command in group.commands.items():
        more = commands(command, (*before, name)) if isinstance(command, click.Group) else [(*before, name)]
        found += more
    return found


@pytest.mark.parametrize("command", commands(treatywatch.main), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    code, said = run(*command, "--help")

    assert code == 0
    assert len(said.splitlines()) > 4
    assert not said.splitlines()[2].strip().startswith("Options"), "a command says what it does"


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        (("up", "--ofline"), {}, "--offline"),
        (("ingets", "x"), {}, "ingest"),
        (("topics",), {"bootstrp": "x:1"}, "did you mean 'bootstrap'?"),
        (("topics",), {"partitions": "many"}, "TREATYWATCH_PARTITIONS: 'many' is not accepted"),
        (("kb", "lint"), {"knowledge": "{bad}"}, "bad.yaml:1: entries stand in"),
        (("rules", "test"), {"rules": "{bad}"}, "bad.yaml:3: unknown key 'wehn'; did you mean 'when'"),
        (("health", "wroker"), {}, "worker"),
        (("up", "--web-port", "99999"), {}, "0<=x<=65535"),
        (("kb", "try", "text", "--published", "yesterday"), {}, "'yesterday' is no date"),
        (("replay", "--from", "2009-01-01", "--to", "2008-01-01"), {}, "from 2009-01-01 to 2008-01-01 holds no moment"),
    ],
    ids=["option", "command", "setting", "value", "knowledge", "rules", "part", "port", "date", "range"],
)
def test_a_mistake_is_named_with_its_cure_and_ends_with_2(
    arguments: tuple[str, ...], environ: dict[str, str], says: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.yaml").write_text("id: bad\nversion: '1'\nwehn: story\nseverity: info\n")
    code, said = run(*arguments, **{k: v.replace("{bad}", str(tmp_path)) for k, v in environ.items()})

    assert code == 2, said
    assert says in said
    assert "Traceback" not in said


def test_half_of_a_pair_goes_through_tag_as_it_came(tmp_path: Path) -> None:
    given = tmp_path / "given.jsonl"
    given.write_text(
        r'{"id":"a","title":"","text":"Russia proposed a European Security Treaty \udfff to NATO."}', encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "treatywatch", "tag", str(given)], capture_output=True, check=True, timeout=240
    )
    (mention,) = json.loads(done.stdout)["mentions"]
    assert mention["evidence"][0]["quote"] == "Russia proposed a European Security Treaty \udfff to NATO."


def test_the_list_of_commands_cuts_no_sentence_off() -> None:
    for group in ((), ("kb",), ("rules",), ("sources",), ("alerts",)):
        assert "..." not in run(*group, "--help")[1].partition("Commands:")[2]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "document a: a label is pos, neg or borderline"),
        ({"label": "pos"}, "document a: what is pos has a list of mentions"),
        ({"label": "pos", "mentions": [{"proposal": "EST", "evidence": []}]}, "document a: a mention lacks addressee"),
    ],
    ids=["no label", "no mentions", "half a mention"],
)
def test_what_has_no_labels_cannot_be_scored_and_that_is_said(
    more: dict[str, object], says: str, tmp_path: Path
) -> None:
    (tmp_path / "gold.jsonl").write_text(json.dumps({"id": "a", "text": "Text."} | more))
    code, said = run("evaluate", str(tmp_path / "gold.jsonl"))

    assert code == 2
    assert says in said


def test_a_folder_without_entries_is_not_passed_in_silence(tmp_path: Path) -> None:
    code, said = run("kb", "lint", str(tmp_path))

    assert code == 0
    assert f"{tmp_path} holds no entry" in said


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xff\xfe", "line 1: not UTF-8 at byte 0"),
        (b'{"id":"a","text":"t","label":"neg"}\n' + b"[" * 100_000, "line 2: not JSON"),
        (b"[]", "line 1: a document is a JSON object"),
        (b'\n{"id":"a","text":["t"]}', "line 2: text is a text, not list"),
        (b'{"text":"t"}', "line 1: a document has an id, and a text or a title"),
        (b'{"id":"a"}', "line 1: a document has an id, and a text or a title"),
    ],
    ids=["no text", "deep", "a list", "a list as text", "no id", "nothing to read"],
)
@pytest.mark.parametrize("command", ["tag", "evaluate"])
def test_what_is_no_document_is_told_with_its_line(command: str, raw: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "given.jsonl").write_bytes(raw)
    code, said = run(command, str(tmp_path / "given.jsonl"))

    assert code == 2
    assert says in said


def test_a_mark_of_byte_order_and_a_missing_text_are_no_mistakes(tmp_path: Path) -> None:
    given = '{"id": 1, "title": "Russia proposed a European Security Treaty to NATO.", "text": null}\n'
    (tmp_path / "given.jsonl").write_text(given, encoding="utf-8-sig")
    code, said = run("tag", str(tmp_path / "given.jsonl"))

    assert code == 0
    assert [(one["id"], one["relevant"]) for one in map(json.loads, said.splitlines())] == [("1", True)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("evaluate", "{empty}"), "no document"),
        (("tag", "{one}", "--output", "{empty}/below"), "Could not open file"),
        (("replay", "--from", "soon"), "'soon' is no date"),
        (("rules", "backtest", "{folder}"), "bad.yaml:1: version is missing"),
        (("up", "--sources", "{empty}"), "not OPML"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_a_mistake_is_told_before_anything_is_asked_of_kafka(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "one").write_text('{"id": "a", "text": "t"}')
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bad.yaml").write_text("id: bad\n")
    places = {"empty": tmp_path / "empty", "one": tmp_path / "one", "folder": tmp_path / "rules"}
    code, said = run(*(one.format(**places) for one in arguments), bootstrap="127.0.0.1:1", data=str(tmp_path / "d"))

    assert code == 2, said
    assert says in said


@pytest.mark.parametrize(
    ("arguments", "environ", "embedded"),
    [
        ([], {}, True),
        (["--bootstrap", "127.0.0.1:9092"], {}, False),
        ([], {"TREATYWATCH_BOOTSTRAP": "127.0.0.1:9092"}, False),
    ],
    ids=["neither", "option", "environment"],
)
def test_up_brings_its_own_kafka_where_none_is_named(
    arguments: list[str], environ: dict[str, str], embedded: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started = list[bool]()

    def run_parts(*_: object, embedded: bool, **__: object) -> int:
        started.append(embedded)
        return 0

    monkeypatch.delenv("TREATYWATCH_BOOTSTRAP", raising=False)
    monkeypatch.setattr("streams.up.run", run_parts)

    CliRunner(env=environ).invoke(treatywatch.main, ["up", "--data", str(tmp_path), *arguments])

    assert started == [embedded]


@pytest.mark.system
@pytest.mark.timeout(600)
def test_a_missing_broker_ends_every_command_with_3_and_a_remedy(tmp_path: Path) -> None:
    port = free_port(0)
    sinks = tmp_path / "sinks.yaml"
    sinks.write_text("sinks:\n  a: {kind: file, path: alerts.jsonl}\n")
    environ = {
        "TREATYWATCH_BOOTSTRAP": f"127.0.0.1:{port}", "TREATYWATCH_DATA": str(tmp_path), "PATH": "",
        "TREATYWATCH_SINKS": str(sinks),
    }  # fmt: skip
    running = {
        words: subprocess.Popen(
            [sys.executable, "-m", "treatywatch", *words.split()],
            env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for words in ("topics", "connect", "worker", "web", "alerts follow", "ingest -", "deliver", "deliver --again")
    }  # fmt: skip
    for words, process in running.items():
        said, _ = process.communicate('{"id": "1", "text": "t"}\n', timeout=300)
        assert process.returncode == 3, (words, said)
        assert f"127.0.0.1:{port}" in said, words
        assert "treatywatch " in said.splitlines()[-1], words
        assert "Traceback" not in said, words


def test_an_edit_made_while_the_first_activation_goes_on_is_put_in_force_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, activated = tmp_path / "proposals" / "EST.yaml", list[str]()
    entry.parent.mkdir()
    entry.write_text("id: EST\n")
    naps = iter(range(3))

    def activate(_settings: object) -> bool:
        activated.append(entry.read_text())
        entry.write_text("id: EST\nname: edited meanwhile\n")
        return True

    def sleep(_seconds: float) -> None:
        if next(naps, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(kb_command, "_activate", activate)
    monkeypatch.setattr("time.sleep", sleep)
    code, _ = run("kb", "activate", str(tmp_path), "--watch")

    assert code == 0, "Ctrl-C is how it ends"
    assert activated == ["id: EST\n", "id: EST\nname: edited meanwhile\n"]


@pytest.mark.parametrize(
    "listed",
    [
        '<opml version="2.0"><body><outline xmlUrl="https://x.example/f" text="X"/></body></opml>',
        "- {id: x, name: X, url: 'https://x.example/f'}",
    ],
    ids=["OPML", "YAML"],
)
def test_another_list_of_sources_is_shown_without_being_configured(tmp_path: Path, listed: str) -> None:
    path = tmp_path / ("list.opml" if listed.startswith("<") else "list.yaml")
    path.write_text(listed)

    code, said = run("sources", "list", "--json", "--sources", str(path), data=str(tmp_path / "data"))

    assert code == 0
    assert [one["url"] for one in json.loads(said)] == ["https://x.example/f"]


def test_a_poll_may_ask_what_the_settings_allow_and_what_the_option_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def asked(*arguments: object) -> int:
        given.append(str(arguments[4]))
        return 0

    monkeypatch.setattr("connectors.sources.poll.run", asked)
    line = ["sources", "poll", "http://10.0.0.1/f", "--state", str(tmp_path), "--output", str(tmp_path / "o")]
    for option, setting in (("", ""), ("a:1", ""), ("", "b:2"), ("a:1", "b:2")):
        run(*line, "--allow", option, allow=setting)

    assert given == ["", "a:1", "b:2", "a:1,b:2"]


def test_bytes_that_are_no_text_are_tried_all_the_same() -> None:
    given = b"Russia \xff proposed a European Security Treaty to NATO."
    done = CliRunner().invoke(treatywatch.main, ["kb", "try", "-"], input=given)

    assert done.exit_code == 0, done.output
    assert "found: EST" in done.output
