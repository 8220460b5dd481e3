"""Alerts in the terminal, as they come."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import sys
import textwrap
import threading
import time
from typing import TextIO

from confluent_kafka import Message

from connectors.reader import read
from connectors.sinks.message import change_of
from connectors.sinks.seen import blocks
from streams.contracts.faults import RecordFault
from streams.contracts.records import Alert
from streams.contracts.topics import ALERTS
from streams.contracts.wire import decode
from streams.ops import health
from streams.settings import Settings

log = logging.getLogger("treatywatch.alerts")

LAST = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_HIDDEN = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_COLOURS = {"info": "36", "notice": "32", "warning": "33", "critical": "31"}


MOST_REASONS = 5
"""Of a score's terms, how many a terminal shows."""


def plain(text: str) -> str:
    """One line without anything that would steer the terminal."""
    return _CONTROL.sub(" ", text).strip()


def block(alert: Alert, width: int, colour: bool) -> str:
    """An alert for people: what happened, in which words, from where, and why it fired."""

    def paint(text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if colour else text

    marks = [alert.severity.upper()] + (["historical"] if alert.historical else [])
    if alert.type != "raised":
        marks.append(alert.type)
    lines = [paint(f"[{' · '.join(marks)}]", _COLOURS[alert.severity]) + " " + paint(plain(alert.headline), "1")]
    who = f"{'/'.join(alert.proposer) or '?'} -> {'/'.join(alert.addressee) or '?'}"
    state = f"{alert.status_before or 'unknown'} -> {alert.status}" if alert.status else "no state"
    if alert.proposal is not None:
        lines.append(f"  {alert.proposal} ({plain(alert.proposal_name or '')}), {who}, {state}")
    for piece in alert.evidence[:2]:
        lines += textwrap.wrap(
            f"“{plain(piece.quote)}”",
            max(width - 4, 20),
            initial_indent="  ",
            subsequent_indent="   ",
        )
    if alert.article is not None:
        when = alert.article.published.date().isoformat() if alert.article.published else "undated"
        lines.append(f"  {plain(alert.article.source)}, {when}: {plain(alert.article.url)}")
    lines += [f"  changed: {plain(change_of(c))}" for c in alert.changes]
    if alert.type == "digest":
        lines += ["  " + plain(one.text) for one in blocks(alert.coverage, True) if one.style != "heading"]
    strongest = sorted(alert.why, key=lambda r: -abs(r.weight))
    reasons = ", ".join(f"{r.feature} {r.weight:+.1f}" for r in strongest[:MOST_REASONS])
    if len(strongest) > MOST_REASONS:
        reasons += f" and {len(strongest) - MOST_REASONS} more (treatywatch explain {alert.id})"
    lines.append(
        paint(
            f"  rule {alert.rule.id}; {alert.origins} origin(s), {alert.copies} copies; {reasons}",
            "2",
        )
    )
    return "\n".join(lines)


def line(raw: bytes) -> str:
    """The record as one line of the same JSON, with what would steer a terminal as escapes."""
    return _HIDDEN.sub(lambda m: f"\\u{ord(m[0]):04x}", raw.decode("utf-8", "replace"))


class _Silence:
    """What lies behind it when no alert comes: nothing happened, or Kafka is away, which is said."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap, self._asked, self._away = bootstrap, time.monotonic(), False

    def look(self) -> None:
        """Say that Kafka is away, or is back; every few seconds at most."""
        if time.monotonic() - self._asked < health.LOOK:
            return
        away = not asyncio.run(health.broker_answers(self._bootstrap))
        self._asked = time.monotonic()
        if away and not self._away:
            log.warning("Kafka on %s does not answer; alerts go on when it does", self._bootstrap)
        elif self._away and not away:
            log.warning("Kafka on %s answers again", self._bootstrap)
        self._away = away


def follow(
    settings: Settings,
    as_json: bool = False,
    stop: threading.Event | None = None,
    from_beginning: bool = False,
    out: TextIO | None = None,
) -> None:
    """Print alerts until stopped: the last few in the order of their time, then each as it comes.

    A Kafka that goes away is waited for, and that is logged.
    """
    stream = out or sys.stdout
    colour = stream.isatty() and "NO_COLOR" not in os.environ

    def show(raw: bytes) -> None:
        if as_json:
            stream.write(line(raw) + "\n")
        else:
            try:
                text = block(decode(Alert, raw), shutil.get_terminal_size().columns, colour) + "\n"
            except RecordFault as fault:
                text = f"a record that is no alert: {plain(str(fault))}"
            stream.write(text + "\n")
        stream.flush()

    caught_up, stop = threading.Event(), stop or threading.Event()
    waiting: list[Message] | None = None if from_beginning else []
    silence = _Silence(settings.bootstrap)
    try:
        for message in read(settings, [ALERTS.name], stop, None if from_beginning else LAST, caught_up):
            if waiting is not None and message is not None:
                waiting.append(message)
            elif message is not None:
                show(message.value() or b"")
            else:
                silence.look()
            if waiting is not None and caught_up.is_set():
                # Each partition gave its last ones: of them all, the last few are wanted.
                for kept in sorted(waiting, key=lambda m: int(m.timestamp()[1]))[-LAST:]:
                    show(kept.value() or b"")
                waiting = None
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        # Whoever read us has left (`| head`): nothing is wrong, and Python's flush at the end must not say so.
        if stream is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
