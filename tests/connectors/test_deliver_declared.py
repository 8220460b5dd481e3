"""The sinks file: what it may say, and what is said of its mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from connectors.sinks import declared, schema
from connectors.sinks.secret import Secret, hide
from streams.settings import SettingsFault
from tests.test_command import run

DOCS = Path(__file__).parents[2] / "docs"
KEY = "whsec_" + "A" * 43 + "="


def file(folder: Path, text: str, name: str = "sinks.yaml") -> Path:
    (folder / "key").write_text(KEY)
    (folder / name).write_text(text)
    return folder / name


def test_yaml_and_toml_say_the_same(tmp_path: Path) -> None:
    first = declared.read(file(tmp_path, """
sinks:
  desk:
    kind: webhook
    url: https://desk.example.org/hook
    secrets: [{file: key}]
    filter: {severity: [warning, critical], language: en}
    group: {every: 15m}
    quiet: {from: "22:00", to: "07:00", zone: Europe/Brussels}
    at_once: 8
"""))  # fmt: skip
    second = declared.read(file(tmp_path, """
[sinks.desk]
kind = "webhook"
url = "https://desk.example.org/hook"
secrets = [{file = "key"}]
at_once = 8
filter = {severity = ["warning", "critical"], language = "en"}
group = {every = "15m"}
[sinks.desk.quiet]
from = "22:00"
to = "07:00"
zone = "Europe/Brussels"
""", "sinks.toml"))  # fmt: skip

    assert first == second
    assert first["desk"].at_once == 8


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sinks:\n  a: {kind: webhok}", ":2: a: unknown kind 'webhok'; did you mean 'webhook'?"),
        ("sinks:\n  a: {path: x}", ":2: a: kind is missing; it is one of webhook, apprise"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    megabites: 3", ":5: a: unknown key 'megabites'; did you mean 'megabytes'?"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    filter:\n      severty: info", ":6: a: unknown key 'severty'; did you mean 'severity'?"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    filter:\n      severity: bad", ":6: a: filter.severity: "),
        ("sinks:\n  a:\n    kind: file", ":2: a: path is missing"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    kind: file", ":5: the key 'kind' stands twice"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    group: {every: soon}", ":5: a: group.every takes a length of time such as"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    group: {every: 5m, daily: '08:00'}", ":5: a: group takes every or daily"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    group: {daily: '8 am'}", "a time of day such as 08:00, not '8 am'"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    quiet:\n      from: '22:00'\n      to: '07:00'\n      zone: Brussels", ":8: a: quiet.zone takes a time zone"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    from: yesterday", ":5: a: from takes now, beginning, or a time"),
        ("sinks:\n  a:\n    kind: file\n    path: x\n    at_once: 99", ":5: a: at_once takes a number from 1 to 64"),
        ("sinks:\n  A B: {kind: file, path: x}", ":2: the name of a sink"),
        ("sinkz:\n  a: {kind: file, path: x}", ":1: unknown key 'sinkz'; did you mean 'sinks'?"),
        ("sinks: {}", "it names no enabled sink"),
        ("sinks:\n  - kind: file", "sinks is a mapping of names to sinks"),
        ("sinks:\n  a: {kind: webhook, url: 'ftp://x', secrets: [{file: key}]}", ":2: a: url takes an http or https address"),
        ("sinks:\n  a: {kind: webhook, url: 'https://me:word@x.example/', secrets: [{file: key}]}", "an address without a password"),
        ("sinks:\n  a: {kind: webhook, url: 'https://x.example/', secrets: []}", "a: secrets takes one or more"),
        ("sinks:\n  a: {kind: webhook, url: 'https://x.example/', secrets: [{file: gone}]}", "no secret can be read from gone"),
        ("sinks:\n  a: {kind: webhook, url: 'https://x.example/', secrets: [{env: TREATYWATCH_KEY}]}", "give the secret another"),
        ("sinks:\n  a: {kind: webhook, url: 'https://x.example/', secrets: [{env: NO_SUCH_WORD}]}", "the environment has no NO_SUCH_WORD"),
        ("sinks:\n  a: {kind: webhook, url: 'https://x.example/', secrets: [opensesame]}", ":2: a: secrets"),
        ("sinks:\n  a: {kind: apprise, url: 'slack://opensesame'}", ":2: a: url: expected `object`, got `str`"),
        ("sinks:\n  a: {kind: mail, host: x, sender: a@x, to: [nobody]}", "a: to takes addresses such as desk@example.org"),
        ("sinks:\n  a: {kind: mail, host: x, sender: a@x, to: [b@x], user: me}", "a: password takes its user beside it"),
        ("sinks:\n  a: [", ":2: "),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_what_would_be_accepted(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsFault) as fault:
        declared.read(file(tmp_path, text))

    assert str(fault.value).startswith(str(tmp_path / "sinks.yaml"))
    assert says in str(fault.value)
    assert "opensesame" not in str(fault.value)
    assert "word@" not in str(fault.value)


def test_a_mistake_in_toml_has_its_line_too(tmp_path: Path) -> None:
    given = file(tmp_path, '[sinks.a]\nkind = "file"\npath = "x"\n\n[sinks.a.filter]\nlanguge = "en"\n', "s.toml")

    with pytest.raises(SettingsFault, match=r"s.toml:6: a: unknown key 'languge'; did you mean 'language'"):
        declared.read(given)


def test_the_schema_in_the_docs_is_the_code_s_and_takes_the_example_in_the_docs() -> None:
    kept = (DOCS / "contracts" / schema.NAME).read_text(encoding="utf-8")
    assert kept == schema.schema(), "run: make docs"

    page = (DOCS / "delivery.md").read_text(encoding="utf-8")
    examples = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    assert examples
    for example in examples:
        jsonschema.validate(yaml.safe_load(example), json.loads(kept))


def test_secrets_are_hidden_with_all_their_parts() -> None:
    address = "slack://bot@T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23room"

    said = hide("url: /services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ for #room", [address])

    assert "TIiaj" not in said
    assert "T1JJ" not in said


def test_the_host_of_a_secret_web_address_may_be_said() -> None:
    said = hide(
        "hooks.example.org answered 403 on /services/T000/XXXX", ["https://hooks.example.org/services/T000/XXXX"]
    )

    assert said == "hooks.example.org answered 403 on ***"


def test_a_secret_is_read_anew_each_time(tmp_path: Path) -> None:
    secret = Secret(file="word")
    for word in ("first", "second"):
        (tmp_path / "word").write_text(word + "\n")
        assert secret.read(tmp_path) == word


def test_the_command_names_a_mistake_before_it_runs(tmp_path: Path) -> None:
    path = file(tmp_path, "sinks:\n  a: {kind: fil, path: x}")
    code, said = run("deliver", sinks=str(path))
    assert (code, "sinks.yaml:2: a: unknown kind 'fil'; did you mean 'file'?" in said) == (2, True)
    code, said = run("deliver")
    assert (code, "TREATYWATCH_SINKS names no file" in said) == (2, True)
    path = file(tmp_path, "sinks:\n  a: {kind: file, path: x}")
    code, said = run("deliver", "--test", "b", sinks=str(path))
    assert (code, "no enabled sink 'b'; there are a" in said) == (2, True)


def test_a_sample_is_sent_and_what_happened_is_said(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "sinks:\n  a: {kind: file, path: x}\n  b: {kind: webhook, url: 'http://127.0.0.1:9/opensesame', secrets: [{file: key}]}",
    )

    code, said = run("deliver", "--test", "a", sinks=str(path))
    assert (code, said.strip()) == (0, f"a (file {tmp_path / 'x'}) can be written; a sample is not kept there")
    code, said = run("deliver", "--test", "b", sinks=str(path))
    assert code == 3
    assert (
        "b (webhook http://127.0.0.1:9) did not take the sample: refused: 127.0.0.1:9 is not a public address" in said
    )
    assert "sesame" not in said
    assert KEY not in said


def test_up_delivers_too_when_sinks_are_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[tuple[str, ...]] = []
    monkeypatch.setattr("streams.up.run", lambda *_, **more: parts.append(more["parts"]))
    path = file(tmp_path, "sinks:\n  a: {kind: file, path: x}")

    assert run("up", sinks=str(path))[0] == 0
    assert run("up")[0] == 0
    assert run("up", sinks=str(file(tmp_path, "sinks: {}", "none.yaml")))[0] == 2

    assert ["deliver" in one for one in parts] == [True, False]


INNER = {
    "webhook": "{kind: webhook, url: 'http://169.254.169.254/latest', secrets: [{env: KEY}]}",
    "apprise": "{kind: apprise, url: {env: CHAT}}",
    "apprise, written as one number": "{kind: apprise, url: {env: NUMBER}}",
    "mail": "{kind: mail, host: 169.254.169.254, tls: none, sender: a@b.example, to: [c@d.example]}",
    "slack": "{kind: slack, token: {env: KEY}, channel: C0, api: 'http://169.254.169.254'}",
    "telegram": "{kind: telegram, token: {env: KEY}, chat: '1', api: 'http://169.254.169.254'}",
    "matrix": "{kind: matrix, token: {env: KEY}, room: '!r:x.example', api: 'http://169.254.169.254'}",
    "alertmanager": "{kind: alertmanager, url: 'http://169.254.169.254:9093'}",
}
"""A cloud's metadata service, which hands out keys to whoever asks from within, as each kind of sink."""


@pytest.mark.parametrize("kind", INNER)
def test_no_kind_of_sink_reaches_a_cloud_s_metadata_and_a_test_says_so_plainly(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "whsec_" + "a" * 32)
    monkeypatch.setenv("CHAT", "json://169.254.169.254/latest/meta-data")
    monkeypatch.setenv("NUMBER", "json://2852039166/latest/meta-data")
    path = tmp_path / "sinks.yaml"
    path.write_text(f"sinks:\n  inner: {INNER[kind]}\n", encoding="utf-8")

    code, said = run("deliver", "--test", "inner", sinks=str(path))

    assert code == 3, said
    assert said.startswith("inner ("), said
    assert "did not take the sample" in said
    assert "is not a public address" in said
    assert "whsec" not in said
    assert "meta-data" not in said, "an address of Apprise is a secret as a whole"
