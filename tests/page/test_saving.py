from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from connectors.page import guard, keeping
from connectors.page.keeping import KeepFault
from connectors.page.views.saving import may_save
from streams import rules
from streams.ops import meters
from streams.settings import Settings, SettingsFault, load
from tests.page.serving import page, told
from tests.page.test_archive import named

TOKEN = "a token of the administrator's"
MINE = rules.read()["rejection.yaml"].replace("id: rejection", "id: mine")


@pytest.fixture
def activated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put in force; no Kafka is asked."""
    found: list[str] = []

    async def instead(_settings: Settings, kind: str) -> str:
        found.append(kind)
        return "packaged+rules 0123 is now in force"

    monkeypatch.setattr(keeping, "put_in_force", instead)
    return found


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[TestClient[Any, Any]]:
    (tmp_path / "token").write_text(TOKEN + "\n")
    given = {"rules": str(tmp_path / "rules"), "knowledge": str(tmp_path / "knowledge")}
    async with page(tmp_path, told(named(1)), web_admin_token_file=str(tmp_path / "token"), **given) as found:
        yield found


async def save(client: TestClient[Any, Any], **more: str) -> ClientResponse:
    form = {"open": "rules/mine.yaml", "content": MINE, "base": "", "token": TOKEN} | more
    return await client.post("/workbench/save", data=form, headers={"Origin": str(client.make_url("/")).rstrip("/")})


def saves(kind: str, outcome: str) -> float:
    value: float = meters.WORKBENCH_SAVES.labels(kind, outcome)._value.get()
    return value


async def test_a_rule_that_passes_its_tests_is_kept_and_put_in_force(
    client: TestClient[Any, Any], tmp_path: Path, activated: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = saves("rules", "saved")
    with caplog.at_level(logging.INFO):
        answer = await save(client)
    text = await answer.text()

    assert answer.status == 200
    assert "packaged+rules 0123 is now in force" in text
    assert (tmp_path / "rules" / "mine.yaml").read_text() == MINE
    assert [p.name for p in (tmp_path / "rules").iterdir()] == ["mine.yaml"]
    assert activated == ["rules"]
    assert saves("rules", "saved") == before + 1
    assert "saving rules/mine.yaml: saved" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "\u0000", "токен"])
async def test_another_token_saves_nothing(
    client: TestClient[Any, Any], tmp_path: Path, activated: list[str], token: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = saves("rules", "forbidden")
    answer = await save(client, token=token)

    assert answer.status == 403
    assert "id: mine" in await answer.text(), "what was written is not lost"
    assert not (tmp_path / "rules").exists()
    assert activated == []
    assert saves("rules", "forbidden") == before + 1
    assert "forbidden" in caplog.text
    assert not token.strip("\0") or token not in caplog.text


async def test_without_a_token_in_the_settings_nothing_is_saved_and_the_page_says_how(
    tmp_path: Path, activated: list[str]
) -> None:
    async with page(tmp_path, told(named(1)), rules=str(tmp_path / "rules")) as client:
        text = await (await client.get("/workbench?open=rules/rejection.yaml")).text()
        answer = await save(client, token="")

    assert "TREATYWATCH_WEB_ADMIN_TOKEN_FILE" in text
    assert '<button disabled aria-describedby="how">' in text
    assert answer.status == 403
    assert not may_save(load({}), "")
    assert activated == []


async def test_without_a_folder_the_page_says_which_setting_names_one(tmp_path: Path, activated: list[str]) -> None:
    async with page(tmp_path, told(named(1)), web_admin_token=TOKEN) as client:
        text = await (await client.get("/workbench?open=rules/rejection.yaml")).text()
        answer = await save(client)

    assert "TREATYWATCH_RULES" in text
    assert "TREATYWATCH_WEB_ADMIN_TOKEN" not in text
    assert answer.status == 503
    assert activated == []


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_another_site_cannot_have_a_reader_save(
    client: TestClient[Any, Any], tmp_path: Path, headers: dict[str, str]
) -> None:
    form = {"open": "rules/mine.yaml", "content": MINE, "base": "", "token": TOKEN}

    assert (await client.post("/workbench/save", data=form, headers=headers)).status == 403
    assert (await client.get("/workbench/save")).status == 405
    assert not (tmp_path / "rules").exists()


async def test_what_fails_its_tests_or_would_break_others_is_not_saved(
    client: TestClient[Any, Any], tmp_path: Path, activated: list[str]
) -> None:
    broken = MINE.replace('happened: rejection, fires: "yes"', 'happened: rejection, fires: "no"')
    assert broken != MINE
    for content, says in ((broken, "mine: test 1: fired"), ("when: [", "mine.yaml:1"), ("", "mine")):
        answer = await save(client, content=content)
        assert answer.status == 422, content
        assert says in await answer.text()
    entry = await save(client, open="knowledge/proposals/ZZZ.yaml", content="id: ZZZ\n")
    assert entry.status == 422

    assert not (tmp_path / "rules").exists()
    assert not (tmp_path / "knowledge").exists()
    assert activated == []


async def test_a_file_that_was_changed_meanwhile_is_not_overwritten(
    client: TestClient[Any, Any], tmp_path: Path, activated: list[str]
) -> None:
    await save(client)
    stands = keeping.mark(tmp_path / "rules", "rules", "mine.yaml")
    late = await save(client, content=MINE + "# mine\n")
    fresh = await save(client, content=MINE + "# yours\n", base=stands)

    assert (late.status, fresh.status) == (409, 200)
    assert (tmp_path / "rules" / "mine.yaml").read_text() == MINE + "# yours\n"
    assert f'name="base" value="{stands}"' not in await fresh.text(), "the page goes on from the new file"


WAYS_OUT = (
    "../mine.yaml", "..%2fmine.yaml", "/etc/mine.yaml", "a/../../mine.yaml", "proposals/../../mine.yaml",
    ".hidden.yaml", "proposals/.hidden.yaml", "mine.yaml\n", "mine.yaml\0", "mine.yml", "mine", "",
    "proposals//x.yaml", "C:\\x.yaml", "..\\mine.yaml", "weights/status.yaml", "proposals/x.yaml/..", "~/x.yaml",
    "ю.yaml", "proposals/" + "x" * 300 + ".yaml",
)  # fmt: skip


def everything(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "archive" not in path.name}


@pytest.mark.parametrize("path", WAYS_OUT)
async def test_no_name_leads_out_of_the_folder(client: TestClient[Any, Any], tmp_path: Path, path: str) -> None:
    before = everything(tmp_path)
    for kind in ("rules", "knowledge"):
        answer = await save(client, open=f"{kind}/{path}")
        assert answer.status == 400, path
        with pytest.raises(KeepFault):
            keeping.write(tmp_path / "folder", kind, path, "x")
    assert everything(tmp_path) == before


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    folder, outside = tmp_path / "knowledge", tmp_path / "outside"
    outside.mkdir()
    folder.mkdir()
    (outside / "kept.yaml").write_text("theirs")
    (folder / "proposals").symlink_to(outside)
    (folder / "acts").mkdir()
    (folder / "acts" / "kept.yaml").symlink_to(outside / "kept.yaml")

    for path in ("proposals/kept.yaml", "proposals/new.yaml", "acts/kept.yaml"):
        with pytest.raises(KeepFault):
            keeping.write(folder, "knowledge", path, "ours")
    assert [p.name for p in outside.iterdir()] == ["kept.yaml"]
    assert (outside / "kept.yaml").read_text() == "theirs"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.write(tmp_path, "rules", "mine.yaml", "first\n")
    (tmp_path / "mine.yaml").chmod(0o640)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(KeepFault, match="No space left"):
            keeping.write(tmp_path, "rules", "mine.yaml", "second\n")
    assert (tmp_path / "mine.yaml").read_text() == "first\n"
    assert [p.name for p in tmp_path.iterdir()] == ["mine.yaml"]
    keeping.write(tmp_path, "rules", "mine.yaml", "second\n")
    assert (tmp_path / "mine.yaml").read_text() == "second\n"
    assert (tmp_path / "mine.yaml").stat().st_mode & 0o777 == 0o640


async def test_what_cannot_be_put_in_force_is_kept_and_said(tmp_path: Path) -> None:
    settings = load({"TREATYWATCH_RULES": str(tmp_path), "TREATYWATCH_DATA": str(tmp_path / "data")})
    (tmp_path / "mine.yaml").write_text(MINE.replace('fires: "yes"', 'fires: "no"'))

    with pytest.raises(KeepFault, match="mine: test 1: fired"):
        await asyncio.wait_for(keeping.put_in_force(settings, "rules"), 120)


def test_an_administrator_s_token_is_long_and_not_the_readers() -> None:
    with pytest.raises(SettingsFault, match=r"\(secret\).*16 characters or more"):
        load({"TREATYWATCH_WEB_ADMIN_TOKEN": "short"})
    with pytest.raises(SettingsFault, match="must be another"):
        guard.check(load({"TREATYWATCH_WEB_ADMIN_TOKEN": TOKEN, "TREATYWATCH_WEB_TOKEN": TOKEN}))
