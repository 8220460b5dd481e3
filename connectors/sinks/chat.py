"""Chat and the rest of the world through Apprise: one address each, our text, plain."""

from __future__ import annotations

import logging
import re
import threading
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import apprise

from connectors.sinks import declared, message, summary
from connectors.sinks.guarded import guarded, refusals
from connectors.sinks.parcel import Parcel, SinkFault
from connectors.sinks.post import words
from connectors.sinks.secret import SecretFault
from connectors.sinks.webhook import told

MOST_STORIES = 25
"""Of a digest, what a chat shows; all of it stands in a mail, a file, the page."""
_TYPES = {"info": "info", "notice": "info", "warning": "warning", "critical": "failure"}
_MARKUP = (
    (re.compile("<"), "‹"), (re.compile(">"), "›"), (re.compile(r"@(?=\w)"), "@\u200b"), (re.compile(r"\]\("), "] ("),
)  # fmt: skip
"""What calls people, or hides where a link leads, in one chat or another: a quote must do neither."""
_STATUS = re.compile(r"error[= ]?\s*(\d{3})")

logger = logging.getLogger("apprise")
for _talks in (logger, logging.getLogger("urllib3")):
    _talks.propagate = False  # their lines hold addresses; what matters of them reaches us through `_Heard`


class _Heard(logging.Handler):
    """Hears what Apprise says in one thread: all that it tells of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep warnings and worse of our thread."""
        if record.thread == self._thread and record.levelno >= logging.WARNING:
            self.said.append(record.getMessage())


def calm(text: str) -> str:
    """A text that calls nobody and links nowhere, whatever it holds."""
    for pattern, instead in _MARKUP:
        text = pattern.sub(instead, text)
    return text


def written(parcel: Parcel, zone: tzinfo) -> tuple[str, str]:
    """Title and text of a parcel for a chat."""
    made = summary.written(parcel, zone, MOST_STORIES)
    blocks = tuple(b if b.style == "link" else message.Block(b.style, calm(b.text), b.label) for b in made.blocks)
    return calm(made.title), message.as_text(message.Message(made.title, blocks))


def opened(address: str) -> Any:
    """What Apprise makes of an address; `SecretFault` when it makes nothing of it."""
    asset = apprise.AppriseAsset(
        app_id="treatywatch", app_desc="treatywatch", app_url="", image_url_mask="", image_url_logo="",
        async_mode=False, http_redirects=False, secure_logging=True, allow_templates=False,
    )  # fmt: skip
    found = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if found is None:
        scheme = address.partition("://")[0] if "://" in address else "without a scheme"
        raise SecretFault(
            f"Apprise makes nothing of this address ({words(scheme)[:20]}); https://appriseit.com lists them"
        )
    return found


class Chat:
    """One address of Apprise."""

    def __init__(self, given: declared.Chat, folder: Path, allow: frozenset[str], zone: tzinfo = UTC) -> None:
        self._given, self._folder, self._allow, self._zone = given, folder, allow, zone
        self._address = given.url.read(folder)
        self._open = opened(self._address)
        self.where = f"apprise {self._open.service_name}"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """Send it. Apprise tells nothing that a later message could refer to."""
        address = self._given.url.read(self._folder)
        if address != self._address:
            self._address, self._open = address, opened(address)
        title, text = written(parcel, self._zone)
        severity = "info" if parcel.digest else _TYPES[parcel.alerts[0].alert.severity]
        await guarded(lambda: self._send(title, text, severity), self._allow)
        return {}

    def _send(self, title: str, text: str, severity: str) -> None:
        heard = _Heard()
        logger.addHandler(heard)
        try:
            taken = self._open.notify(
                body=text, title=title, notify_type=severity, body_format=apprise.NotifyFormat.TEXT,
                overflow=apprise.OverflowMode.SPLIT,
            )  # fmt: skip
        finally:
            logger.removeHandler(heard)
        if not taken:
            said = words(" ".join([*refusals(), *heard.said])) or "Apprise says that it was not taken, not why"
            status = _STATUS.search(said)
            # A judgement of what was sent; of all else the moment or the address is the cause.
            final = status is not None and status[1] in {"400", "413", "422"}
            raise SinkFault(said, final=final, away=not final)

    def secrets(self) -> list[str]:
        """The address, now and as it was when we began."""
        return [self._address, *told(self._folder, self._given.url)]

    async def close(self) -> None:
        """Nothing is kept open."""
