from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connectors.door import opened
from connectors.ledger import Ledger
from connectors.push import MOST_ITEMS, Push, Refusal, read
from streams.contracts.schemas import schemas
from streams.settings import SettingsFault, load
from tests.connectors.served import Kept
from tests.making import NOW

TOKEN = "a token of enough length"
ONE = {"url": "https://x.example/1", "title": "T", "text": "Text."}


@pytest.fixture
async def pushed(tmp_path: Path) -> AsyncIterator[tuple[TestClient[web.Request, web.Application], Kept]]:
    outlet, ledger = Kept(), Ledger(tmp_path / "push.sqlite")
    app = web.Application()
    app.add_routes(Push(outlet, ledger, TOKEN).routes())
    async with TestClient(TestServer(app)) as client:
        yield client, outlet
    ledger.close()


def head(**more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in more.items()
    }


Pushed = tuple[TestClient[web.Request, web.Application], Kept]


async def test_articles_are_answered_once_kafka_has_them(pushed: Pushed) -> None:
    client, outlet = pushed
    answer = await client.post("/items", data=json.dumps([ONE, {**ONE, "id": "k"}]), headers=head())

    assert answer.status == 202
    assert (await answer.json())["ids"] == [i.id for i in outlet.items]
    assert [i.source for i in outlet.items] == ["push:default"] * 2


async def test_what_kafka_does_not_take_is_a_503_and_may_be_sent_again_with_its_key(pushed: Pushed) -> None:
    client, outlet = pushed
    outlet.broken = True
    first = await client.post("/items", data=json.dumps(ONE), headers=head(Idempotency_Key="a"))
    outlet.broken = False
    second = await client.post("/items", data=json.dumps(ONE), headers=head(Idempotency_Key="a"))

    assert (first.status, second.status) == (503, 202)
    assert first.headers["Retry-After"]
    assert len(outlet.items) == 1


async def test_the_same_key_publishes_once_also_at_the_same_time(pushed: Pushed) -> None:
    client, outlet = pushed
    answers = await asyncio.gather(
        *(client.post("/items", data=json.dumps(ONE), headers=head(Idempotency_Key="a")) for _ in range(5))
    )

    assert {a.status for a in answers} == {202}
    assert len({await a.text() for a in answers}) == 1
    assert len(outlet.items) == 1


async def test_a_key_that_was_used_for_something_else_is_refused(pushed: Pushed) -> None:
    client, outlet = pushed
    await client.post("/items", data=json.dumps(ONE), headers=head(Idempotency_Key="a"))
    answer = await client.post("/items", data=json.dumps({**ONE, "title": "U"}), headers=head(Idempotency_Key="a"))

    assert answer.status == 422
    assert len(outlet.items) == 1


@pytest.mark.parametrize(
    ("headers", "body", "status", "says"),
    [
        ({"Authorization": "Bearer wrong"}, ONE, 401, "token"),
        ({"Authorization": ""}, ONE, 401, "token"),
        ({"Content-Type": "text/plain"}, ONE, 415, "application/json"),
        ({"Idempotency-Key": "k" * 300}, ONE, 400, "200 characters"),
        ({}, [ONE] * (MOST_ITEMS + 1), 400, "between 1 and"),
        ({}, [ONE, {"title": "T"}], 400, "item 1: needs a url or an id"),
        ({}, {"url": "https://x.example/1"}, 400, "needs a title or a text"),
        ({}, {**ONE, "kind": "news"}, 400, "kind"),
        ({}, {**ONE, "tilte": "T"}, 400, "tilte"),
        ({}, {**ONE, "published": "Tuesday"}, 400, "published is an RFC 3339 time"),
        ({}, {**ONE, "url": "javascript:x"}, 400, "http or https"),
        ({}, {**ONE, "text": "x" * 5_000_000}, 413, "too many for news.items"),
        ({}, {**ONE, "text": "x" * 9_000_000}, 413, "at most"),
    ],
    ids=lambda v: str(v)[:40],
)
async def test_what_cannot_be_taken_is_said_and_nothing_of_it_is(
    pushed: Pushed, headers: dict[str, str], body: Any, status: int, says: str
) -> None:
    client, outlet = pushed
    answer = await client.post("/items", data=io.BytesIO(json.dumps(body).encode()), headers=head() | headers)

    assert answer.status == status
    assert says in (await answer.json(content_type=None))["detail"]
    assert outlet.items == []


async def test_markup_in_a_pushed_text_does_not_run(pushed: Pushed) -> None:
    client, outlet = pushed
    await client.post("/items", data=json.dumps({**ONE, "text": "a <script>x()</script> b"}), headers=head())

    assert "<script" not in outlet.items[0].text


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda j: st.lists(j) | st.dictionaries(st.text(), j)
)


@given(ANYTHING)
def test_any_json_that_is_no_article_is_refused_in_words(given_: Any) -> None:
    with pytest.raises(Refusal, match=r"\w"):
        read(json.dumps(given_).encode(), NOW)


def test_the_published_schema_agrees_with_what_is_taken() -> None:
    schema = Draft202012Validator(json.loads(schemas()["Pushed.json"]))

    assert schema.is_valid(ONE)
    assert not schema.is_valid({**ONE, "tilte": "T"})
    assert not schema.is_valid({**ONE, "kind": "news"})


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"push_port": 1}, "needs push_token"),
        ({"push_port": 1, "push_token": "short"}, "at least 16 characters"),
        ({"push_token": TOKEN}, "a port is needed"),
        ({"push_port": 1, "websub_callback": "x.example"}, "an http or https address"),
    ],
)
async def test_a_door_that_could_not_be_closed_is_not_opened(given_: dict[str, Any], says: str, tmp_path: Path) -> None:
    async def nobody(source: str, body: bytes, kind: str) -> bool:
        return False

    with pytest.raises(SettingsFault, match=says):
        async with opened(load({}).but(data=tmp_path, **given_), Kept(), nobody):
            pass
