"""The runner at work: lists and folders that change while it runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from connectors.folder import Folder
from connectors.runner import Runner
from tests.connectors.polled import settings
from tests.connectors.served import Kept, rss, served


def a_list(place: Path, *urls: str) -> Path:
    place.write_text(
        "<opml version='2.0'><body>" + "".join(f"<outline text='s' xmlUrl='{u}'/>" for u in urls) + "</body></opml>"
    )
    return place


async def test_a_new_line_in_the_list_is_polled_and_a_broken_list_changes_nothing(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=rss(request.path.strip("/")))

    async def until(wanted: set[str]) -> None:
        async with asyncio.timeout(60):
            while {i.title for i in outlet.items} != wanted:  # noqa: ASYNC110 - the outlet is no task of ours
                await asyncio.sleep(0.05)

    async with served(answer) as server:
        place = a_list(tmp_path / "s.opml", str(server.make_url("/one")))
        given = settings(tmp_path).but(allow=f"{server.host}:{server.port}", sources=place)
        outlet, stop = Kept(), asyncio.Event()
        runner = Runner(given, outlet)
        task = asyncio.create_task(runner.run(stop))
        await until({"one"})
        place.write_text("<opml><bo")
        await asyncio.sleep(2.5)
        assert not task.done()
        a_list(place, str(server.make_url("/one")), str(server.make_url("/two")))
        await until({"one", "two"})
        (told,) = (family for family in REGISTRY.collect() if family.name == "treatywatch_source_info")
        named = {sample.labels["source"]: sample.labels["name"] for sample in told.samples}
        assert len(named) == 3, "both of the list, by the ids that the other series have, and the folder"
        assert set(named.values()) == {"s", "seeds"}
        stop.set()
        await asyncio.wait_for(task, 60)
        runner.close()


async def test_offline_means_seeds_only_and_an_edited_seed_is_an_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    class Watched(Folder):
        async def look(self) -> None:
            await super().look()
            looked.set()

    monkeypatch.setattr("connectors.runner.Folder", Watched)
    given = settings(tmp_path).but(offline=True)
    article = given.seeds / "a.txt"
    outlet = Kept()
    for text in ("Head\n\nPARIS -- Text.", "Head\n\nPARIS -- Text.", "Head\n\nPARIS -- Other text."):
        article.write_text(text)
        runner, stop = Runner(given, outlet), asyncio.Event()
        task = asyncio.create_task(runner.run(stop))
        looked.clear()
        await asyncio.wait_for(looked.wait(), 60)
        stop.set()
        await asyncio.wait_for(task, 60)
        runner.close()

    assert [(i.kind, i.text) for i in outlet.items] == [
        ("new", "PARIS -- Text."),
        ("update", "PARIS -- Other text."),
    ]


async def test_the_folder_of_articles_is_watched_and_holds_pages_too(tmp_path: Path) -> None:
    given = settings(tmp_path).but(offline=True)
    (given.seeds / "a.txt").write_text("Head\n\nPARIS -- Text.")
    (given.seeds / "bad.txt").write_text("no dateline")
    outlet = Kept()
    runner, stop = Runner(given, outlet), asyncio.Event()
    task = asyncio.create_task(runner.run(stop))

    async def until(number: int) -> None:
        async with asyncio.timeout(60):
            while len(outlet.items) < number:  # noqa: ASYNC110 - the outlet is no task of ours
                await asyncio.sleep(0.05)

    await until(1)
    paragraphs = "".join(f"<p>Sentence {n} of the article about the treaty of the two sides.</p>" for n in range(20))
    (given.seeds / "b.html").write_text(f"<html><body><article><h1>A page</h1>{paragraphs}</article></body></html>")
    await until(2)
    stop.set()
    await asyncio.wait_for(task, 60)
    runner.close()

    assert [(i.title, i.url) for i in outlet.items] == [("Head", "seed:a"), ("A page", "seed:b")]
    assert "Sentence 19" in outlet.items[1].text
