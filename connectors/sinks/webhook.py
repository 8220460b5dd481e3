"""Webhooks as Standard Webhooks has them: id, timestamp, and one HMAC signature for each key in force.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from pathlib import Path

import msgspec

from connectors.sinks import declared
from connectors.sinks.parcel import Parcel
from connectors.sinks.post import Poster, origin
from connectors.sinks.secret import Secret, SecretFault

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key's bytes; `SecretFault` unless the secret is base64 of 24 to 64 bytes behind `whsec_`."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise SecretFault("a webhook's key is whsec_ and base64 of 24 to 64 random bytes "
                          "(`echo whsec_$(openssl rand -base64 32)`)")  # fmt: skip
    return key


def signature(keys: list[bytes], identity: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one for each key, so that receivers may change theirs at leisure."""
    signed = f"{identity}.{timestamp}.".encode() + body
    found = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return " ".join(f"v1,{one}" for one in found)


def body_of(parcel: Parcel) -> bytes:
    """`{"type", "timestamp", "data"}`: the same bytes on every repeat of a parcel."""
    if not parcel.digest:
        (told,) = parcel.alerts
        head = {"type": f"treatywatch.alert.{told.alert.type}.v1", "timestamp": told.at}
        return msgspec.json.encode(head | ({"test": True} if parcel.test else {}) | {"data": msgspec.Raw(told.raw)})
    data = {"id": parcel.id, "alerts": [msgspec.Raw(told.raw) for told in parcel.alerts], "coverage": parcel.coverage}
    return msgspec.json.encode({"type": "treatywatch.digest.v1", "timestamp": parcel.due, "data": data})


class Webhook:
    """One endpoint."""

    def __init__(self, given: declared.Webhook, folder: Path, allow: frozenset[str]) -> None:
        self._given, self._folder = given, folder
        self._poster = Poster(allow, declared.span(given.timeout).total_seconds(), given.at_once)
        self.where = f"webhook {origin(self._url())}"

    def _url(self) -> str:
        return read(self._given.url, self._folder)

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """POST it; nothing is kept of the answer."""
        # Read each time: a key is changed by changing its file.
        keys = [key_of(secret.read(self._folder)) for secret in self._given.secrets]
        body, now = body_of(parcel), int(time.time())
        headers = {
            "Content-Type": "application/json", "webhook-id": parcel.id, "webhook-timestamp": str(now),
            "webhook-signature": signature(keys, parcel.id, now, body),
        }  # fmt: skip
        if self._given.authorization:
            headers["Authorization"] = self._given.authorization.read(self._folder)
        await self._poster.post(self._url(), body, headers)
        return {}

    def secrets(self) -> list[str]:
        """Keys, authorization, and the address when it is secret."""
        return told(self._folder, *self._given.secrets, self._given.authorization, self._given.url)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._poster.close()


def read(given: str | Secret, folder: Path) -> str:
    """What stands there, or where it says."""
    return given.read(folder) if isinstance(given, Secret) else given


def told(folder: Path, *given: object) -> list[str]:
    """Of what a sink declares, the secrets; those that cannot be read are in nobody's words."""
    found = []
    for one in given:
        if isinstance(one, Secret):
            try:
                found.append(one.read(folder))
            except SecretFault:
                continue
    return found
