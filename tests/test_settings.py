from __future__ import annotations

from pathlib import Path

import pytest

from streams.settings import SettingsFault, load


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"TREATYWATCH_BOOTSTRP": "x"}, "did you mean 'bootstrap'"),
        ({"TREATYWATCH_PARTITIONS": "many"}, "whole number from 1 to 256"),
        ({"TREATYWATCH_SECURITY": "NONE"}, "one of PLAINTEXT"),
        ({"TREATYWATCH_CONFIG": "/nowhere.toml"}, "cannot read"),
        ({"TREATYWATCH_SASL_PASSWORD_FILE": "/nowhere"}, "cannot read"),
    ],
    ids=["typo", "number", "choice", "file", "secret file"],
)
def test_a_wrong_setting_names_itself_and_what_would_be_accepted(environ: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsFault, match=says):
        load(environ)


def test_environment_stands_over_the_file_over_defaults(tmp_path: Path) -> None:
    config = tmp_path / "t.toml"
    config.write_text("batch = 7\nlinger = 0.5\noffline = true\n")

    settings = load({"TREATYWATCH_CONFIG": str(config), "TREATYWATCH_BATCH": "9"})

    assert (settings.batch, settings.linger, settings.offline, settings.web_port) == (9, 0.5, True, 8080)


def test_what_somebody_set_is_told_from_defaults(tmp_path: Path) -> None:
    config = tmp_path / "t.toml"
    config.write_text("batch = 7\n")

    settings = load({"TREATYWATCH_CONFIG": str(config), "TREATYWATCH_BOOTSTRAP": "127.0.0.1:9092"}).but(linger=0.5)

    assert settings.given == {"batch", "bootstrap", "linger"}


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "s"
    secret.write_text("word\n")

    assert load({"TREATYWATCH_SASL_PASSWORD_FILE": str(secret)}).sasl_password == "word"
