"""Mails as a real SMTP server receives them."""

from __future__ import annotations

import asyncio
import dataclasses
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sinks import declared
from connectors.sinks.mail import Mail, compose
from connectors.sinks.parcel import SinkFault
from connectors.sinks.secret import Secret
from streams.contracts.records import Change
from streams.transport.broker import free_port
from tests.connectors.alerting import made, parcel

HOSTILE = '"><script>alert(1)</script>\x1b[31m\u202e'


class Post:
    """A mailbox for everybody; refuses whom a test wants refused."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.answer = "250 taken"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - its name
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - its name
        if self.answer.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.answer


@contextmanager
def serving(post: Post, **more: Any) -> Iterator[int]:
    """An SMTP server that gives mails to `post`; its port."""
    port = free_port(0)
    # A minute to begin, as the machine may be busy with others; the package would give up after five seconds.
    controller = Controller(post, hostname="127.0.0.1", port=port, ready_timeout=60, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def smtp() -> Iterator[tuple[Post, int]]:
    post = Post()
    with serving(post) as port:
        yield post, port


def mailer(port: int, *to: str, allow: bool = True, **more: Any) -> Mail:
    ours = declared.Mail(
        host="127.0.0.1", port=port, sender="watch@desk.example", to=list(to or ("a@desk.example",)),
        **({"tls": "none", "timeout": "60s"} | more),
    )  # fmt: skip
    return Mail(ours, Path(), frozenset([f"127.0.0.1:{port}"] if allow else []))


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def page(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


async def test_a_mail_says_what_happened_in_which_words_and_why(smtp: tuple[Post, int]) -> None:
    post, port = smtp
    await mailer(port).give(parcel(made("n1", status_before="tabled")))

    (mail,) = post.mails
    assert mail["Subject"] == "[WARNING] NATO rejects European Security Treaty: rejected"
    for words in (
        "“NATO rejected the European Security Treaty that Russia proposed.”", "Who, to whom: RU → NATO",
        "Status: tabled → rejected", "Event: NATO rejects, ", "Source: test, 2026-03-02, en; 1 independent report", "https://news.example/h",
        "Why: rule rejection",
    ):  # fmt: skip
        assert words in text(mail)
    assert '<a href="https://news.example/h"' in page(mail)
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_a_correction_and_a_retraction_stand_in_the_thread_of_their_alert(smtp: tuple[Post, int]) -> None:
    post, port = smtp
    sink = mailer(port)
    handles = await sink.give(parcel(made("n1", thread="t")))
    changes = [Change(field="status", before="rejected", after="welcomed")]
    corrected = made("n2", thread="t", type="corrected", headline="Corrected: NATO welcomes it", changes=changes)
    again = await sink.give(parcel(corrected, handles=handles))
    await sink.give(parcel(made("n3", thread="t", type="retracted", headline="Retracted: it"), handles=handles))

    first, second, third = post.mails
    assert first["Message-ID"] == "<n1.treatywatch@desk.example>"
    assert first["References"] is None
    for mail in (second, third):
        assert mail["References"] == mail["In-Reply-To"] == first["Message-ID"]
        assert mail["Subject"] == f"Re: {first['Subject']}"
    assert "CORRECTION" in text(second)
    assert "Changed: status: rejected → welcomed" in text(second)
    assert "RETRACTION" in text(third)
    assert again["t"] != handles["t"]


async def test_a_digest_refers_to_the_mail_that_told_what_it_corrects(smtp: tuple[Post, int]) -> None:
    post, port = smtp
    sink = mailer(port)
    handles = await sink.give(parcel(made("n1", thread="t"), made("n2")))
    later = parcel(made("n3", thread="t", type="retracted"), made("n4", thread="u"), handles=handles)
    await sink.give(dataclasses.replace(later, id="d2"))

    first, second = post.mails
    assert first["References"] is None
    assert second["References"] == first["Message-ID"]
    assert "retracted after it was sent to you" in text(second)


async def test_nothing_of_a_publisher_becomes_a_header_or_markup(smtp: tuple[Post, int]) -> None:
    post, port = smtp
    hostile = "NATO\r\nBcc: victim@example.org\r\n\r\n" + HOSTILE
    await mailer(port).give(parcel(made("n1", headline=hostile, source=HOSTILE, url="javascript:alert(1)")))

    (mail,) = post.mails
    assert mail["Bcc"] is None
    assert mail["To"] == "a@desk.example"
    assert "<script" not in page(mail)
    assert "javascript:" not in page(mail) + text(mail)
    assert "\x1b" not in text(mail)
    assert "\u202e" not in text(mail)


async def test_russian_words_arrive_as_they_are(smtp: tuple[Post, int]) -> None:
    post, port = smtp
    await mailer(port).give(parcel(made("n1", headline="НАТО отвергла договор", title="Договор о безопасности")))

    (mail,) = post.mails
    assert mail["Subject"] == "[WARNING] НАТО отвергла договор"
    assert "Title: Договор о безопасности" in text(mail)


@given(st.lists(st.sampled_from(["NATO", "→", "“Details”", "НАТО", "agreed", "x" * 30]), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_subject_arrives_with_its_blanks_and_without_empty_words(parts: list[str]) -> None:
    headline = " ".join(parts)
    ours = declared.Mail(host="127.0.0.1", sender="watch@desk.example", to=["a@desk.example"], tls="none")
    raw = compose(parcel(made("n1", headline=headline)), ours, UTC, datetime.now(UTC)).as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]

    assert b"?q??=" not in head
    assert b"?b??=" not in head
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert email.message_from_bytes(raw, policy=email.policy.default)["Subject"] == f"[WARNING] {headline}"[:250]


@pytest.mark.parametrize(
    ("answer", "final"),
    [("451 try again later", False), ("554 no spam here", True)],
    ids=["for now", "for good"],
)
async def test_a_refused_mail_is_tried_again_unless_it_is_refused_for_good(
    smtp: tuple[Post, int], answer: str, final: bool
) -> None:
    post, port = smtp
    post.answer = answer

    with pytest.raises(SinkFault, match=answer[4:]) as told:
        await mailer(port).give(parcel(made()))
    assert told.value.final is final


async def test_one_refused_address_does_not_cost_the_others_their_mail(
    smtp: tuple[Post, int], caplog: pytest.LogCaptureFixture
) -> None:
    post, port = smtp
    post.refused = {"gone@desk.example": "550 no such user"}
    await mailer(port, "a@desk.example", "gone@desk.example").give(parcel(made()))
    assert len(post.mails) == 1
    assert "1 of 2 addresses were refused: 550 no such user" in caplog.text

    with pytest.raises(SinkFault, match="no address was accepted: 550") as told:
        await mailer(port, "gone@desk.example").give(parcel(made()))
    assert told.value.final


async def test_a_password_is_not_sent_to_a_server_without_tls(
    smtp: tuple[Post, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    post, port = smtp
    monkeypatch.setenv("MAIL_WORD", "opensesame")
    sink = mailer(port, tls="starttls", user="desk", password=Secret(env="MAIL_WORD"))

    with pytest.raises(SinkFault, match="STARTTLS"):
        await sink.give(parcel(made()))
    assert post.mails == []


async def test_a_private_server_is_refused_unless_it_is_allowed(smtp: tuple[Post, int]) -> None:
    post, port = smtp

    with pytest.raises(SinkFault, match="not a public address"):
        await mailer(port, allow=False).give(parcel(made()))
    assert post.mails == []


async def test_a_server_that_hangs_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SinkFault, match="timed out"):
        await asyncio.wait_for(mailer(silent.getsockname()[1], timeout="1s").give(parcel(made())), 60)
