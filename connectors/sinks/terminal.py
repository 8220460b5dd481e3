"""Alerts in the terminal, as they come."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import threading
from typing import TextIO

from connectors.reader import read
from streams.contracts.records import Alert
from streams.contracts.topics import ALERTS
from streams.contracts.wire import RecordFault, decode
from streams.settings import Settings

LAST = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_COLOURS = {"info": "36", "notice": "32", "warning": "33", "critical": "31"}


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
    lines += [f"  changed: {c.field}: {plain(str(c.before))} -> {plain(str(c.after))}" for c in alert.changes]
    reasons = ", ".join(f"{r.feature} {r.weight:+.1f}" for r in alert.why)
    lines.append(
        paint(
            f"  rule {alert.rule.id}; {alert.origins} origin(s), {alert.copies} copies; {reasons}",
            "2",
        )
    )
    return "\n".join(lines)


def follow(
    settings: Settings,
    as_json: bool = False,
    stop: threading.Event | None = None,
    from_beginning: bool = False,
    out: TextIO | None = None,
) -> None:
    """Print alerts until stopped: the last few, then each as it comes."""
    stream = out or sys.stdout
    colour = stream.isatty() and "NO_COLOR" not in os.environ
    try:
        for message in read(settings, [ALERTS.name], stop or threading.Event(), None if from_beginning else LAST):
            raw = message.value() if message is not None else None
            if raw is None:
                continue
            if as_json:
                stream.write(raw.decode("utf-8", "replace") + "\n")
            else:
                try:
                    alert = decode(Alert, raw)
                except RecordFault as fault:
                    stream.write(f"a record that is no alert: {fault}\n")
                    continue
                stream.write(block(alert, shutil.get_terminal_size().columns, colour) + "\n\n")
            stream.flush()
    except KeyboardInterrupt:
        return
