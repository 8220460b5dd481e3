from __future__ import annotations

import base64
from pathlib import Path

import pytest
from aiohttp import web

from connectors.page import guard, server
from connectors.page.views import play
from streams.settings import Settings, SettingsFault, load
from tests.page.serving import page, told
from tests.page.test_archive import named


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1:8080", 200), ("[::1]", 200), ("[::1]:8080", 200),
        ("evil.example", 421), ("1.2.3.4", 421), ("[x", 421), ("localhost.evil.example", 421), ("", 421),
    ],
)  # fmt: skip
async def test_on_loopback_only_loopback_names_are_served(tmp_path: Path, host: str, status: int) -> None:
    async with page(tmp_path, told(named(1))) as client:
        assert (await client.get("/api/alerts", headers={"Host": host})).status == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("watch.example", 200), ("10.1.2.3:8080", 200), ("localhost:8080", 200), ("news.example", 200),
        ("rebound.example", 421),
    ],
)  # fmt: skip
async def test_in_a_container_the_operator_s_names_and_numbers_are_served(
    tmp_path: Path, host: str, status: int
) -> None:
    given = {"web_host": "0.0.0.0", "web_open": "true", "web_hosts": "watch.example"}
    async with page(tmp_path, told(named(1)), web_url="https://news.example/", **given) as client:
        assert (await client.get("/", headers={"Host": host})).status == status


@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        ({}, False), ({"web_open": "true"}, True), ({"web_token": "x"}, True),
        ({"web_reader_header": "X-Forwarded-User"}, True),
    ],
)  # fmt: skip
def test_another_address_wants_a_word_of_the_operator(given: dict[str, str], accepted: bool) -> None:
    settings = load({f"TREATYWATCH_{k.upper()}": v for k, v in ({"web_host": "0.0.0.0"} | given).items()})

    if accepted:
        guard.check(settings)
    else:
        with pytest.raises(SettingsFault, match=r"WEB_TOKEN_FILE.*WEB_READER_HEADER.*WEB_OPEN"):
            guard.check(settings)
    guard.check(load({}))


async def test_a_token_is_a_bearer_s_or_anybody_s_password(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    async with page(tmp_path, told(named(1)), web_token_file=str(tmp_path / "token")) as client:
        refused = await client.get("/")
        assert refused.status == 401
        assert "Basic" in refused.headers["WWW-Authenticate"]
        assert "s3cret" not in await refused.text()
        for path in ("/", "/events", "/alerts.atom", "/api/alerts", "/export.csv"):
            assert (await client.get(path, headers={"Authorization": "Bearer wrong"})).status == 401
        assert (await client.get("/", headers={"Authorization": "Bearer s3cret"})).status == 200
        assert (await client.get("/healthz", headers={"Host": "probe.example"})).status == 200
        password = "Basic " + base64.b64encode(b"anybody:s3cret").decode()
        assert (await client.get("/alerts.atom", headers={"Authorization": password})).status == 200
        assert (await client.get("/", headers={"Authorization": "Basic !!"})).status == 401


async def test_a_proxy_s_word_is_enough_and_its_absence_is_not(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(1)), web_reader_header="X-Forwarded-User") as client:
        assert (await client.get("/")).status == 401
        assert (await client.get("/", headers={"X-Forwarded-User": "anna"})).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200), ({}, 200),
    ],
)  # fmt: skip
async def test_what_changes_anything_comes_from_our_own_pages(
    tmp_path: Path, headers: dict[str, str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Settings] = []
    monkeypatch.setattr(play, "play", played.append)
    async with page(tmp_path) as client:
        answer = await client.post("/play-seed", headers=headers)

        assert answer.status == status
        assert len(played) == (status == 200)


async def test_every_answer_is_guarded_errors_too(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(1))) as client:
        for path in (
            "/",
            "/nothing",
            "/api/alerts?limit=x",
            "/alerts.json",
            "/static/page.js",
            "/export.csv",
            "/events",
        ):
            answer = await client.get(path)
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["Referrer-Policy"] == "no-referrer", path
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
            answer.close()


async def test_nonces_are_never_used_twice(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(1))) as client:
        policies = {(await client.get("/")).headers["Content-Security-Policy"] for _ in range(5)}

    assert len(policies) == 5
    assert all("'unsafe" not in p and "script-src 'nonce-" in p for p in policies)


async def test_a_large_body_and_a_long_head_are_refused(tmp_path: Path) -> None:
    async with page(tmp_path) as client:
        assert (await client.post("/workbench/read", data={"text": "x" * 600_000})).status == 413
        assert (await client.get("/", headers={"X": "y" * 20_000})).status == 400
        assert (await client.get("/?" + "x" * 20_000)).status == 400


async def test_a_static_file_is_only_one_of_ours(tmp_path: Path) -> None:
    async with page(tmp_path) as client:
        assert (await client.get("/static/page.css")).content_type == "text/css"
        for path in ("/static/server.py", "/static/..%2fserver.py", "/static/../server.py"):
            assert (await client.get(path)).status == 404


async def test_a_port_that_is_taken_is_the_operator_s_to_change() -> None:
    first = await server.serve(web.Application(), "127.0.0.1", 0)
    port = first.addresses[0][1]
    try:
        with pytest.raises(SettingsFault, match=f"web_port {port}: cannot listen on 127.0.0.1"):
            await server.serve(web.Application(), "127.0.0.1", port)
    finally:
        await first.cleanup()
