"""Log lines: one event a line, as text for people or JSON for machines; never a secret."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {
    "message",
    "asctime",
    "taskName",
}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in _OWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def setup(form: str, level: str, file: Path | None = None) -> None:
    """Send all logging of this process to standard error, or to a file that is rotated, in one form."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=10_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(
        _Json()
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # What Python itself would write past the log goes into it: to a machine a traceback in text is forty broken lines.
    logging.captureWarnings(True)
    sys.excepthook = _uncaught if form == "json" else sys.__excepthook__
    if form == "json":
        sys.unraisablehook, threading.excepthook = _unraisable, _in_a_thread
    root.setLevel(level.upper())
    if level != "debug":
        # Faust builds its debug records even when nobody reads them: 8-18 % of the worker's CPU.
        logging.disable(logging.DEBUG)
    # kafka-python logs each failed connection as an error; what matters of it reaches us as a fault.
    for noisy in ("kafka", "aiokafka", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(max(logging.CRITICAL if noisy == "kafka" else logging.WARNING, root.level))


def fault(text: str) -> None:
    """Say what ended this command: a log line where machines read along, else plain text for who typed it."""
    root = logging.getLogger()
    if not root.handlers and os.environ.get("TREATYWATCH_LOG_FORMAT") == "json":
        setup("json", "info")  # the settings themselves are wrong
    machines = any(isinstance(handler.formatter, _Json) for handler in root.handlers)
    if machines and not sys.stderr.isatty():
        logging.getLogger("treatywatch").critical(text)
    else:
        sys.stderr.write(f"treatywatch: {text}\n")


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("treatywatch").critical("a bug ended this process: %s", error, exc_info=(kind, error, trace))


def _unraisable(found: sys.UnraisableHookArgs) -> None:
    """What cannot be raised, in a finaliser for one: mostly while a process ends."""
    error = found.exc_value or found.exc_type()
    logging.getLogger("treatywatch").error(
        "a bug in %r was passed over: %s", found.object, error, exc_info=(type(error), error, found.exc_traceback)
    )


def _in_a_thread(found: threading.ExceptHookArgs) -> None:
    error, thread = found.exc_value or found.exc_type(), found.thread.name if found.thread else "a thread"
    if not isinstance(error, SystemExit):
        logging.getLogger("treatywatch").error(
            "a bug ended %s: %s", thread, error, exc_info=(type(error), error, found.exc_traceback)
        )
