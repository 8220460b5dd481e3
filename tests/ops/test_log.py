"""Log lines for machines: one JSON object a line, whatever happens; for people: words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

BUG = """
import logging, warnings
from streams.ops import log
log.setup("json", "info")
logging.getLogger("treatywatch.test").info("two\\nlines", extra={"room": "tag"})
warnings.warn("old ways", stacklevel=1)
raise RuntimeError("no such thing")
"""

PASSED_OVER = """
import threading
from streams.ops import log
log.setup("json", "info")
class Kept:
    def __del__(self):
        raise RuntimeError("at the end")
def work():
    raise RuntimeError("in a thread")
thread = threading.Thread(target=work, name="the reader")
thread.start()
thread.join()
kept = Kept()
"""


def _run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], env=os.environ | environ, capture_output=True, text=True, timeout=60, check=False
    )


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_message_a_warning_and_a_bug_are_a_line_each() -> None:
    done = _run("-c", BUG)

    said, warned, bug = _lines(done.stderr)
    assert (said["message"], said["level"], said["room"]) == ("two\nlines", "info", "tag")
    assert "old ways" in warned["message"]
    assert (bug["level"], bug["message"]) == ("critical", "a bug ended this process: no such thing")
    assert bug["exception"].endswith("RuntimeError: no such thing")
    assert done.returncode == 1


def test_what_a_thread_and_a_finaliser_raise_are_a_line_each_even_when_the_process_ends() -> None:
    done = _run("-c", PASSED_OVER)

    thread, end = _lines(done.stderr)
    assert (thread["level"], thread["message"]) == ("error", "a bug ended the reader: in a thread")
    assert thread["exception"].endswith("RuntimeError: in a thread")
    assert end["level"] == "error"
    assert end["message"].endswith("was passed over: at the end")
    assert done.returncode == 0


def test_what_ends_a_part_is_a_line_too_and_words_for_people() -> None:
    wrong = {"TREATYWATCH_PARTITIONS": "many"}
    machines = _run("-m", "treatywatch", "connect", TREATYWATCH_LOG_FORMAT="json", **wrong)
    people = _run("-m", "treatywatch", "connect", TREATYWATCH_LOG_FORMAT="text", **wrong)

    (said,) = _lines(machines.stderr)
    assert said["level"] == "critical"
    assert "partitions" in said["message"]
    assert people.stderr == f"treatywatch: {said['message']}\n"
    assert (machines.returncode, people.returncode) == (2, 2)
