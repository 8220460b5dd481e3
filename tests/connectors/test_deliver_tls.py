"""Sinks over TLS, with an authority made on the spot."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.smtp import AuthResult, LoginPassword

from connectors.sinks import declared
from connectors.sinks.mail import Mail
from connectors.sinks.parcel import SinkFault
from connectors.sinks.secret import Secret
from tests.connectors.alerting import made, parcel
from tests.connectors.test_deliver_mail import Post, serving
from tests.connectors.test_deliver_webhook import hook
from tests.connectors.test_tls import Authority, authority, ours

__all__ = ["authority", "ours"]

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")


@pytest.mark.parametrize("believed", [True, False], ids=["a known authority", "an unknown one"])
async def test_a_webhook_over_tls_goes_only_to_who_is_believed(
    believed: bool, authority: Authority, ours: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response(status=204)

    if believed:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    app = web.Application()
    app.router.add_post("/", take)
    server = TestServer(app)
    await server.start_server(ssl=ours)
    sink = hook(f"https://127.0.0.1:{server.port}/", tmp_path, frozenset([f"127.0.0.1:{server.port}"]))
    try:
        if believed:
            await sink.give(parcel(made()))
        else:
            with pytest.raises(SinkFault, match="certificate verify failed"):
                await sink.give(parcel(made()))
    finally:
        await sink.close()
        await server.close()

    assert len(got) == believed


class Clerk:
    """Lets in who knows the word, and keeps what was said."""

    def __init__(self) -> None:
        self.words: list[bytes] = []

    def __call__(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, said: Any) -> AuthResult:
        assert isinstance(said, LoginPassword)
        self.words.append(said.password)
        return AuthResult(success=said.password == b"opensesame", handled=False)


@pytest.mark.parametrize(
    ("believed", "word", "says"),
    [(True, "opensesame", ""), (True, "wrongword", "answered 535"), (False, "opensesame", "certificate verify failed")],
    ids=["in", "a wrong password", "an unknown authority"],
)
async def test_mail_logs_in_over_starttls_and_tells_its_password_to_no_stranger(
    believed: bool,
    word: str,
    says: str,
    authority: Authority,
    ours: ssl.SSLContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if believed:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    (tmp_path / "word").write_text(word)
    post, clerk = Post(), Clerk()
    with serving(post, tls_context=ours, authenticator=clerk, auth_required=True) as port:
        given = declared.Mail(
            host="127.0.0.1", port=port, user="desk", password=Secret(file="word"), sender="w@desk.example",
            to=["a@desk.example"], timeout="60s",
        )  # fmt: skip
        sink = Mail(given, tmp_path, frozenset([f"127.0.0.1:{port}"]))
        if says:
            with pytest.raises(SinkFault, match=says) as fault:
                await sink.give(parcel(made()))
            assert not fault.value.final
        else:
            await sink.give(parcel(made()))

    assert len(post.mails) == (not says)
    assert bool(clerk.words) is believed
