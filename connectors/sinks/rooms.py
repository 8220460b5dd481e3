"""Chats whose threads we can go on in: Slack, Telegram, Matrix, by their own APIs.

What they give back for a message is kept as the thread's handle, and what corrects or retracts an alert answers it
there.
Apprise reaches these services too, and tells nothing that a later message could answer.
"""

from __future__ import annotations

import json
from datetime import tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.sinks import declared
from connectors.sinks.chat import written
from connectors.sinks.parcel import Parcel, SinkFault
from connectors.sinks.post import Poster, origin, words
from connectors.sinks.webhook import told

MOST_TEXT = {"slack": 12_000, "telegram": 4000, "matrix": 20_000}
"""Characters of a message; each service's own limit, with room to spare."""
PASSING = frozenset(["ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"])
"""Slack's words for what is not the message's fault nor ours."""


class Room:
    """One room of one service."""

    def __init__(
        self,
        given: declared.Slack | declared.Telegram | declared.Matrix,
        folder: Path,
        allow: frozenset[str],
        zone: tzinfo,
    ) -> None:
        self._given, self._folder, self._zone = given, folder, zone
        self._poster = Poster(allow, declared.span(given.timeout).total_seconds(), given.at_once)
        self._kind = type(given).__name__.lower()
        self.where = f"{self._kind} {origin(given.api)}"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """Say it; in the alert's thread when there is one."""
        title, text = written(parcel, self._zone)
        said = f"{title}\n\n{text}"[: MOST_TEXT[self._kind]]
        thread = "" if parcel.digest else parcel.alerts[0].alert.thread
        handle = await self._say(said, parcel, parcel.handles.get(thread, ""))
        return {thread: handle} if thread and handle else {}

    async def _say(self, text: str, parcel: Parcel, before: str) -> str:
        if isinstance(self._given, declared.Slack):
            return await self._slack(self._given, text, before)
        if isinstance(self._given, declared.Telegram):
            return await self._telegram(self._given, text, before)
        return await self._matrix(self._given, text, parcel.id, before)

    async def _slack(self, given: declared.Slack, text: str, before: str) -> str:
        body = {"channel": given.channel, "text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
        body |= {"thread_ts": before, "reply_broadcast": True} if before else {}
        token = given.token.read(self._folder)
        found = await self._call(given.api.rstrip("/") + "/chat.postMessage", body, token)
        if found.get("ok") is not True:
            error = words(str(found.get("error", "no reason")))
            # A room or a token may be mended; a message that is too long stays so.
            final = error in {"msg_too_long", "no_text"}
            raise SinkFault(f"Slack says {error}", final=final, away=error not in PASSING)
        return before or str(found.get("ts", ""))

    async def _telegram(self, given: declared.Telegram, text: str, before: str) -> str:
        body: dict[str, Any] = {"chat_id": given.chat, "text": text, "link_preview_options": {"is_disabled": True}}
        if before:
            body["reply_parameters"] = {"message_id": int(before), "allow_sending_without_reply": True}
        token = given.token.read(self._folder)
        found = await self._call(f"{given.api.rstrip('/')}/bot{quote(token, safe=':')}/sendMessage", body, None)
        result = found.get("result")
        return before or str(result.get("message_id", "") if isinstance(result, dict) else "")

    async def _matrix(self, given: declared.Matrix, text: str, identity: str, before: str) -> str:
        body: dict[str, Any] = {"msgtype": "m.notice", "body": text}
        if before:
            answered = {"is_falling_back": True, "m.in_reply_to": {"event_id": before}}
            body["m.relates_to"] = {"rel_type": "m.thread", "event_id": before} | answered
        # The transaction id is the alert's: a repeat is no second message.
        path = f"/_matrix/client/v3/rooms/{quote(given.room, safe='')}/send/m.room.message/{quote(identity, safe='')}"
        found = await self._call(given.api.rstrip("/") + path, body, given.token.read(self._folder), "PUT")
        return before or str(found.get("event_id", ""))

    async def _call(self, url: str, body: dict[str, Any], token: str | None, method: str = "POST") -> dict[str, Any]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        said = await self._poster.post(url, msgspec.json.encode(body), headers, method)
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            # It was taken, as far as its status says: to say it again would tell people twice.
            return {"ok": True}
        return found

    def secrets(self) -> list[str]:
        """The token."""
        return told(self._folder, self._given.token)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._poster.close()
