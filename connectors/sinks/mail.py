"""Mail by SMTP, plain text and HTML. What corrects or retracts an alert answers its mail, so that they thread."""

from __future__ import annotations

import json
import logging
import smtplib
import ssl
from datetime import UTC, datetime, tzinfo
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from connectors.address import Refused
from connectors.sinks import declared, message, summary
from connectors.sinks.guarded import guarded
from connectors.sinks.parcel import Parcel, SinkFault
from connectors.sinks.post import words
from connectors.sinks.webhook import told

log = logging.getLogger("treatywatch.deliver")

REFUSED = range(500, 600)


class _Post(EmailPolicy):
    """SMTP's policy, with a subject whose words stay apart.

    The library's own folding loses blanks between encoded words, and writes empty ones, which mail programs show.
    """

    def fold(self, name: str, value: Any) -> str:
        """A header as text."""
        if name.lower() != "subject":
            return str(super().fold(name, value))
        coding = "us-ascii" if str(value).isascii() else "utf-8"
        return f"{name}: {Header(str(value), coding, header_name=name).encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as bytes."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


_POST = _Post(linesep="\r\n")


def compose(parcel: Parcel, given: declared.Mail, zone: tzinfo, now: datetime) -> EmailMessage:
    """The mail of a parcel.

    Its Message-ID is made of the parcel's id, so that a repeat is one to mail programs too. A mail that goes on in a
    thread refers to the thread's first and has its subject, by which some programs thread.
    """
    made = summary.written(parcel, zone)
    mail = EmailMessage(policy=_POST)
    first = json.loads(parcel.handles[parcel.alerts[0].alert.thread]) if _follows(parcel) else None
    mail["Subject"] = f"Re: {first['subject']}" if first else made.title[:250]
    mail["From"] = given.sender
    mail["To"] = ", ".join(given.to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(parcel.id, given.sender)
    if first:
        mail["In-Reply-To"] = first["id"]
        mail["References"] = first["id"]
    elif parcel.digest and (corrected := _corrected(parcel)):
        mail["References"] = " ".join(corrected)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Treatywatch-Id"] = parcel.id
    text = message.as_text(made)
    mail.set_content(f"{made.title}\n\n{text}" if first else text)
    mail.add_alternative(message.as_html(made), subtype="html")
    return mail


def message_id(parcel: str, sender: str) -> str:
    """The Message-ID of a parcel."""
    return f"<{parcel}.treatywatch@{sender.rpartition('@')[2]}>"


def _follows(parcel: Parcel) -> bool:
    return not parcel.digest and parcel.alerts[0].alert.thread in parcel.handles


def _corrected(parcel: Parcel) -> list[str]:
    """Message-IDs of the mails that told what this digest corrects or retracts."""
    threads = [t.alert.thread for t in parcel.alerts if t.alert.type in {"corrected", "retracted"}]
    return list(dict.fromkeys(json.loads(parcel.handles[one])["id"] for one in threads if one in parcel.handles))


class Mail:
    """One envelope to all of a sink's addresses."""

    def __init__(self, given: declared.Mail, folder: Path, allow: frozenset[str], zone: tzinfo = UTC) -> None:
        self._given, self._folder, self._allow, self._zone = given, folder, allow, zone
        self.where = f"mail by {given.host}:{given.port} to {len(given.to)} address{'es' if len(given.to) > 1 else ''}"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        """Send it; the handle is the Message-ID and the subject."""
        mail = compose(parcel, self._given, self._zone, datetime.now(UTC))
        try:
            await guarded(lambda: self._send(mail), self._allow)
        except smtplib.SMTPRecipientsRefused as fault:
            raise _refused(fault) from None
        except smtplib.SMTPResponseException as fault:
            given = fault.smtp_error
            said = words(given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given))
            # What is said before the mail itself (login, greeting, sender) is no judgement of this mail.
            final = isinstance(fault, smtplib.SMTPDataError) and fault.smtp_code in REFUSED
            raise SinkFault(f"answered {fault.smtp_code}: {said}", final=final, away=not final) from None
        except (Refused, smtplib.SMTPException, OSError, ssl.SSLError) as fault:
            raise SinkFault(f"did not work: {words(str(fault)) or type(fault).__name__}", away=True) from None
        handle = json.dumps({"id": mail["Message-ID"], "subject": str(mail["Subject"]).removeprefix("Re: ")})
        return {told.alert.thread: handle for told in parcel.alerts}

    def _send(self, mail: EmailMessage) -> None:
        given, seconds = self._given, declared.span(self._given.timeout).total_seconds()
        context = ssl.create_default_context()
        if given.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(given.host, given.port, timeout=seconds, context=context)
        else:
            server = smtplib.SMTP(given.host, given.port, timeout=seconds)
        with server:
            if given.tls == "starttls":
                server.starttls(context=context)
            if given.user and given.password:
                server.login(given.user, given.password.read(self._folder))
            refused = server.send_message(mail)
        if refused:
            # The others have it; to send it again would tell them twice.
            code, said = next(iter(refused.values()))
            log.warning("%d of %d addresses were refused: %d %s", len(refused), len(given.to), code,
                        words(said.decode("utf-8", "replace")))  # fmt: skip

    def secrets(self) -> list[str]:
        """The password."""
        return told(self._folder, self._given.password)

    async def close(self) -> None:
        """Nothing is kept open."""


def _refused(fault: smtplib.SMTPRecipientsRefused) -> SinkFault:
    """No address was taken. It is final when all were refused for good."""
    codes = [code for code, _ in fault.recipients.values()]
    code, said = next(iter(fault.recipients.values()))
    return SinkFault(
        f"no address was accepted: {code} {words(said.decode('utf-8', 'replace'))}",
        final=all(code in REFUSED for code in codes), away=not all(code in REFUSED for code in codes),
    )  # fmt: skip
