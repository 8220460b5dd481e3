from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.sources import catalogue, poll
from connectors.sources.poll import run
from streams.settings import SettingsFault, load
from tests.connectors.served import rss, served


async def once(tmp_path: Path, server: Any, path: str, form: str = "feed") -> int:
    allow = f"{server.host}:{server.port}"
    url = str(server.make_url(path))
    return await asyncio.to_thread(run, url, form, tmp_path / "state", tmp_path / "out", allow, False)


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]


async def test_an_edit_is_an_update_of_the_same_item(tmp_path: Path) -> None:
    titles = iter(["a One", "a Two"])

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(next(titles)))

    async with served(answer) as server:
        codes = [await once(tmp_path, server, "/f") for _ in range(2)]

    found = lines(tmp_path)
    assert codes == [0, 0]
    assert [(e["kind"], e["title"]) for e in found] == [("new", "a One"), ("update", "a Two")]
    assert found[0]["id"] == found[1]["id"]


async def test_a_run_says_why_nothing_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=410 if request.path == "/gone" else 503, headers={"Retry-After": "3600"})

    async with served(answer) as server:
        for path in ("/gone", "/busy"):
            await once(tmp_path, server, path)
            capsys.readouterr()
            assert await once(tmp_path, server, path) == 0
            said = capsys.readouterr().err
            assert f"{path}: not asked: " in said
            assert ("gone, or ended" if path == "/gone" else "left alone until 20") in said


async def test_what_is_too_much_for_one_document_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(*(f"n{n} Title {n}" for n in range(1003))))

    async with served(answer) as server:
        assert await once(tmp_path, server, "/f") == 0

    assert len(lines(tmp_path)) == 1000
    assert "/f: 3 entries were left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "headers", "asked"),
    [(410, {}, 1), (429, {"Retry-After": "60"}, 1), (503, {}, 3), (404, {}, 3), (500, {}, 3)],
)
async def test_a_failing_source_is_left_alone_as_long_as_it_says(
    tmp_path: Path, status: int, headers: dict[str, str], asked: int
) -> None:
    requests = []

    async def answer(_: web.Request) -> web.StreamResponse:
        requests.append(1)
        return web.Response(status=status, headers=headers)

    async with served(answer) as server:
        codes = [await once(tmp_path, server, "/f") for _ in range(3)]

    assert len(requests) == asked
    assert codes == [3] * asked + [0] * (3 - asked)


async def test_a_ttl_holds_the_next_request_back(tmp_path: Path) -> None:
    requests = []

    async def answer(_: web.Request) -> web.StreamResponse:
        requests.append(1)
        return web.Response(body=rss("a One", head="<ttl>5</ttl>"))

    async with served(answer) as server:
        for _ in range(2):
            await once(tmp_path, server, "/f")

    assert len(requests) == 1


async def test_a_list_polls_each_of_its_feeds_and_fails_only_when_all_do(tmp_path: Path) -> None:
    def opml(server: Any, paths: Sequence[str]) -> str:
        inner = "".join(f"<outline text='x' xmlUrl='{server.make_url(p)}'/>" for p in paths)
        return f"<opml version='2.0'><body><outline text='group'>{inner}</outline></body></opml>"

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/good":
            return web.Response(body=rss("a One"))
        if request.path == "/some.opml":
            return web.Response(text=opml(server, ["/bad", "/good"]))
        if request.path == "/none.opml":
            return web.Response(text=opml(server, ["/bad"]))
        if request.path == "/broken.opml":
            return web.Response(text="<!DOCTYPE a [<!ENTITY b 'c'>]><opml><body/></opml>")
        return web.Response(status=404)

    async with served(answer) as server:
        codes = [await once(tmp_path, server, f"/{n}.opml", "opml") for n in ("some", "none", "broken")]

    assert codes == [0, 3, 3]
    assert [e["title"] for e in lines(tmp_path)] == ["a One"]


def test_an_output_that_cannot_be_written_is_the_operator_s(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="cannot write"):
        run("https://x.example", "feed", tmp_path, tmp_path / "missing" / "out", "", False)


async def test_check_tells_fresh_from_stale_and_from_what_is_no_feed(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/page":
            return web.Response(body=b"<html>hello</html>")
        if request.path == "/gone":
            return web.Response(status=410)
        dated = b"<item><title>t</title><pubDate>Mon, 28 Jul 2008 10:00:00 GMT</pubDate></item>"
        return web.Response(body=rss("a One") if request.path == "/fresh" else rss().replace(b"</ch", dated + b"</ch"))

    async with served(answer) as server:
        names = ("fresh", "stale", "gone", "page")
        outlines = "".join(f"<outline text='{n}' xmlUrl='{server.make_url('/' + n)}'/>" for n in names)
        place = tmp_path / "s.opml"
        place.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>")
        given = load().but(sources=place, allow=f"{server.host}:{server.port}", data=tmp_path)
        rows = json.loads(await catalogue.check(given, as_json=True))

    assert {r["name"]: r["outcome"] for r in rows} == {
        "fresh": "fresh", "stale": "stale", "gone": "gone", "page": "not-a-feed",
    }  # fmt: skip


def test_a_list_with_a_mistake_names_it(tmp_path: Path) -> None:
    bad = tmp_path / "s.opml"
    bad.write_text(
        "<opml xmlns:tw='urn:treatywatch:opml:1'><body>"
        "<outline text='A' xmlUrl='http://a' tw:enabled='nope'/></body></opml>"
    )

    with pytest.raises(SettingsFault, match="A: tw:enabled is true or false, not 'nope'"):
        catalogue.read(bad)


def test_deep_lists_are_read() -> None:
    depth = 5000
    raw = b"<opml><body>" + b"<outline text='x'>" * depth + b"<outline xmlUrl='http://a'/>" + b"</outline>" * depth

    assert [d.url for d in catalogue.parse(raw + b"</body></opml>")] == ["http://a"]


async def test_runs_in_one_state_folder_go_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "PATIENCE", 120.0)  # the last waits for two others, and the machine may be busy

    async def answer(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return web.Response(body=rss("a One"))

    async with served(answer) as server:
        codes = await asyncio.gather(*(once(tmp_path, server, "/f") for _ in range(3)))

    assert codes == [0, 0, 0]
    assert [e["title"] for e in lines(tmp_path)] == ["a One"]


async def test_a_state_that_cannot_be_read_is_put_aside(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=rss("a One"))

    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "poll.sqlite").write_bytes(b"no database at all" * 500)
    async with served(answer) as server:
        codes = [await once(tmp_path, server, "/f") for _ in range(2)]

    assert codes == [0, 0]
    assert [e["title"] for e in lines(tmp_path)] == ["a One"]
    assert (tmp_path / "state" / "poll.broken").exists()
