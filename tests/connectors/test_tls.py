"""Over TLS: whom we believe, and hubs and pushes that come through a front that speaks it."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer

from connectors.address import allowed
from connectors.base import SourceFault
from connectors.door import opened
from connectors.fetch import Fetcher
from connectors.sources.poll import run
from streams.settings import load
from streams.transport.broker import free_port
from tests.connectors.served import Kept, rss
from tests.connectors.test_websub import running

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")


@dataclass
class Authority:
    """A certificate authority of ours, and what it has signed."""

    place: Path

    @property
    def file(self) -> Path:
        return self.place / "ca.pem"

    def sign(self, name: str, alternatives: str) -> ssl.SSLContext:
        key, request, made = (self.place / f"{name}.{end}" for end in ("key", "csr", "pem"))
        more = self.place / f"{name}.ext"
        more.write_text(f"subjectAltName={alternatives}\n")
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.place / "ca.key", "-CAcreateserial",
                 "-out", made, "-days", "2", "-extfile", more)  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made, key)
        return context

    def believed(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls"))
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", made.place / "ca.key", "-out", made.file,
             "-days", "2", "-subj", "/CN=test authority")  # fmt: skip
    return made


@pytest.fixture(scope="module")
def ours(authority: Authority) -> ssl.SSLContext:
    return authority.sign("ours", "IP:127.0.0.1,DNS:localhost")


@asynccontextmanager
async def fed(context: ssl.SSLContext) -> AsyncIterator[TestServer]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/plain":
            return web.Response(status=301, headers={"Location": "http://127.0.0.1:9/"})
        return web.Response(body=rss("a One"))

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    try:
        yield server
    finally:
        await server.close()


async def poll(server: TestServer, tmp_path: Path, path: str = "/feed") -> tuple[int, str]:
    url, allow = str(server.make_url(path)), f"{server.host}:{server.port}"
    out = tmp_path / "out"
    code = await asyncio.to_thread(run, url, "feed", tmp_path / "state", out, allow, full_text=False)
    return code, out.read_text()


async def test_who_shows_a_certificate_of_nobody_we_know_is_not_believed(
    ours: ssl.SSLContext, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with fed(ours) as server:
        assert await poll(server, tmp_path) == (3, "")

    assert "certificate" in capsys.readouterr().err


async def test_whom_the_operator_believes_is_believed(
    authority: Authority, ours: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with fed(ours) as server:
        code, brought = await poll(server, tmp_path)

    assert code == 0
    assert "a One" in brought


async def test_a_certificate_for_another_name_is_not_believed(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with fed(authority.sign("other", "DNS:other.example")) as server:
        assert await poll(server, tmp_path) == (3, "")


@asynccontextmanager
async def front(context: ssl.SSLContext) -> AsyncIterator[str]:
    """What stands before our port and speaks TLS: the first part of a path says which port is meant."""

    async def pass_on(request: web.Request) -> web.StreamResponse:
        url = f"http://127.0.0.1:{request.match_info['port']}/{request.match_info['tail']}"
        headers = {k: v for k, v in request.headers.items() if k.lower() not in {"host", "content-length"}}
        async with (
            ClientSession() as session,
            session.request(
                request.method, url, params=request.query, data=await request.read(), headers=headers
            ) as answer,
        ):
            return web.Response(status=answer.status, body=await answer.read())

    app = web.Application()
    app.router.add_route("*", "/{port}/{tail:.*}", pass_on)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    try:
        yield str(server.make_url("/")).rstrip("/")
    finally:
        await server.close()


async def test_a_hub_that_speaks_tls_is_asked_verifies_and_brings_news(
    authority: Authority, ours: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with (
        front(ours) as place,
        running(tmp_path, ours, place) as (hub, outlet, _),
        ClientSession(connector=TCPConnector(ssl=authority.believed())) as session,
    ):
        assert hub.url.startswith("https://")
        assert hub.asked[0]["hub.callback"].startswith("https://")
        assert await hub.verify(session) == (200, "c4")
        assert await hub.bring(session, rss("b Two", "a One")) == 202
        assert await hub.bring(session, rss("c Three"), secret="another") == 202

        assert [i.title for i in outlet.items] == ["a One", "b Two"]


async def test_a_hub_that_nobody_vouches_for_is_not_told_our_secret(ours: ssl.SSLContext) -> None:
    asked = []

    async def hub(request: web.Request) -> web.StreamResponse:
        asked.append(await request.text())
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hub", hub)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=ours)
    try:
        async with Fetcher("test", allowed(f"{server.host}:{server.port}")) as fetcher:
            with pytest.raises(SourceFault, match="certificate"):
                await fetcher.post(str(server.make_url("/hub")), b"hub.secret=ours")
    finally:
        await server.close()

    assert asked == []


async def test_articles_are_pushed_through_a_front_that_speaks_tls(
    authority: Authority, ours: ssl.SSLContext, tmp_path: Path
) -> None:
    port, outlet = free_port(0), Kept()
    token = "a-token-of-enough-length"
    settings = load({}).but(data=tmp_path, push_port=port, push_token=token)

    async def nothing(source: str, body: bytes, kind: str) -> bool:
        raise AssertionError(source)

    async with (
        opened(settings, outlet, nothing),
        front(ours) as place,
        ClientSession(connector=TCPConnector(ssl=authority.believed())) as session,
        session.post(
            f"{place}/{port}/items",
            json={"url": "https://x.example/1", "title": "Pushed", "text": "Text."},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
        ) as answer,
    ):
        assert answer.status == 202

    assert [i.title for i in outlet.items] == ["Pushed"]
