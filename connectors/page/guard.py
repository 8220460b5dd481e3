"""Who may ask, and what every answer carries: before and after all handlers.

On loopback everybody on this machine reads. On another address a reader shows a token, or a reverse proxy in front
says who reads, or the operator has said that it is open. Names are checked everywhere: a page elsewhere whose name
was pointed at our address must not read ours (DNS rebinding). What changes anything must come from our own pages.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from connectors.page.find import QueryFault
from streams.contracts.faults import WorldFault
from streams.settings import Settings, SettingsFault

LOOPBACK = frozenset(["127.0.0.1", "::1", "localhost"])
SAFE = frozenset(["GET", "HEAD", "OPTIONS"])

PATIENCE = 15.0
"""Seconds that a connection may take over a request's head, over its body, or be idle between requests."""

SLOWEST_ANSWER = 4
"""How many times that a reader may take over an answer; events and exports have a pace of their own."""

FORM = "application/x-www-form-urlencoded"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def check(settings: Settings) -> None:
    """`SettingsFault` when the page, or what runs, would be open to others without anybody having said so."""
    if settings.web_admin_token and settings.web_admin_token == settings.web_token:
        raise SettingsFault("TREATYWATCH_WEB_ADMIN_TOKEN must be another than TREATYWATCH_WEB_TOKEN: readers have that")
    if settings.web_host in LOOPBACK or settings.web_open or settings.web_token or settings.web_reader_header:
        return
    raise SettingsFault(
        f"TREATYWATCH_WEB_HOST={settings.web_host} opens the page to others; set TREATYWATCH_WEB_TOKEN_FILE (a token"
        " that readers must have), TREATYWATCH_WEB_READER_HEADER (what a reverse proxy in front names its reader by),"
        " or TREATYWATCH_WEB_OPEN=true if everybody who reaches the address may read"
    )


def host_name(host: str | None) -> str:
    """The name in a Host header, without port and brackets; empty when it is none."""
    try:
        return urlsplit(f"//{host or ''}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """The checks of one server, by its settings."""

    def __init__(self, settings: Settings, patience: float = PATIENCE) -> None:
        self._settings, self._patience = settings, patience
        self._names = LOOPBACK | {n.strip().casefold() for n in settings.web_hosts.split(",") if n.strip()}
        if settings.web_url:
            self._names |= {host_name(urlsplit(settings.web_url).netloc)}
        self._local = settings.web_host in LOOPBACK

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what may not be asked; say in words what is wrong; wait for nobody for ever."""
        answer = await self._answered(request, handler)
        if isinstance(answer, web.Response):
            # Sent here and not after us, so that who does not read it is hung up on.
            try:
                async with asyncio.timeout(SLOWEST_ANSWER * self._patience):
                    await answer.prepare(request)
                    await answer.write_eof()
            except TimeoutError:
                if request.transport is not None:
                    request.transport.abort()
        return answer

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        refused = self._refused(request) or await self._read(request)
        if refused is not None:
            return refused
        try:
            return await handler(request)
        except QueryFault as fault:
            return problem(400, str(fault))
        except web.HTTPException as refusal:
            if refusal.status < 400:
                raise
            return problem(refusal.status, refusal.text or refusal.reason, dict(refusal.headers))
        except WorldFault as fault:
            return problem(503, str(fault))

    async def _read(self, request: web.Request) -> web.Response | None:
        """Read the whole body, before anybody waits for a part of it; or say why not."""
        if request.method in SAFE or not request.body_exists:
            return None
        if request.content_type != FORM:
            return problem(415, f"a body here is a form: {FORM}")
        try:
            async with asyncio.timeout(self._patience):
                await request.read()
        except TimeoutError:
            return problem(408, f"the body did not come within {self._patience:g} s", {"Connection": "close"})
        except web.HTTPRequestEntityTooLarge as refusal:
            return problem(refusal.status, refusal.text or refusal.reason, {"Connection": "close"})
        return None

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.path == "/healthz":
            return None  # says "ok" to whatever asks whether we live, and nothing else
        name = host_name(request.host)
        # A number cannot be rebound: only names are.
        if name not in self._names and (self._local or not _is_address(name)):
            return problem(421, "this name is not served here; the operator names it in TREATYWATCH_WEB_HOSTS")
        if not self._may_read(request):
            return problem(401, "a token is needed", {"WWW-Authenticate": 'Basic realm="treatywatch", charset="UTF-8"'})
        if request.method not in SAFE and not _from_here(request):
            return problem(403, "this may only be sent from our own pages")
        return None

    def _may_read(self, request: web.Request) -> bool:
        if self._settings.web_reader_header and request.headers.get(self._settings.web_reader_header):
            return True
        if self._settings.web_token:
            return hmac.compare_digest(_token(request).encode(), self._settings.web_token.encode())
        return not self._settings.web_reader_header


def _token(request: web.Request) -> str:
    """The token of a request: a bearer's, or the password of any name (what browsers and feed readers can send)."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return value.strip()
    if scheme.casefold() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _from_here(request: web.Request) -> bool:
    """Whether a request that changes something comes from our own pages, or from no browser at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def mark(_request: web.Request, answer: web.StreamResponse) -> None:
    """Give an answer, also a streamed one or a refusal, the headers that hold for all."""
    answer.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    answer.headers.setdefault("Cache-Control", "no-cache")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error as RFC 9457 has it: plain enough to be read by people too."""
    kept = {k: v for k, v in (headers or {}).items() if k.casefold() not in ("content-type", "content-length")}
    body = msgspec.json.encode({"type": "about:blank", "status": status, "detail": detail})
    return web.Response(status=status, body=body + b"\n", content_type="application/problem+json", headers=kept)


def policy(nonce: str) -> str:
    """The content security policy of a page: our one style sheet and our one script, by their nonce; nothing else."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self';"
        " img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
