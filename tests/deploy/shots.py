"""Pictures of a running stack, of what it tells: `python -m tests.deploy.shots [docs/images]`, `deploy/check --shots`.

From empty volumes: the seed, three feeds, an archive of sixty articles of a year and a half, a few hundred reports;
then the dashboards as `deploy.grafana.page` draws them from that stack's Prometheus, and pages of its `web`.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from connectors.ingest import publish
from connectors.play import play
from deploy.grafana.boards import BOARDS
from deploy.grafana.page import asking, page
from streams.contracts.topics import MENTIONS
from streams.transport.progress import Progress
from tests.deploy.stack import Stack, eventually
from tests.page.browser import chromium
from tests.system.history import lines

SECONDS = 300.0
"""What the charts show; so long the stack is kept busy."""

SAYS = (
    "NATO rejected Russia's draft {}.",
    "NATO and Russia signed the {}, it said.",
    "Russia proposed the {} to NATO again.",
    "Wheat prices fell on Monday, and nobody spoke of the {}.",
)
NAMES = (
    "European Security Treaty", "INF moratorium", "New START treaty", "Open Skies treaty", "CFE treaty",
    "Vienna Document", "Budapest Memorandum", "Istanbul communique",
)  # fmt: skip
"""One more is spoken of every 48 reports, so that now and then an alert is a new one."""


def _report(n: int) -> dict[str, str]:
    about = NAMES[n // 4 % min(len(NAMES), 1 + n // 48)]
    text = f"{SAYS[n % 4].format(about)} Report number {n}."
    return {"id": f"shot-{n}", "url": f"https://news.example/{n}", "lang": "en", "title": f"Report {n}", "text": text}


@contextmanager
def _busy(stack: Stack) -> Iterator[None]:
    """Reports by the dozen, now and then, each published a quarter of a minute ago; for as long as the block lasts."""
    settings, over, fault = stack.settings(), Event(), []

    def work() -> None:
        number = 0
        try:
            while not over.wait(8):
                at = datetime.fromtimestamp(time.time() - 15, UTC).isoformat()
                some = [_report(n) | {"published": at} for n in range(number, number + 12)]
                publish([json.dumps(one).encode() for one in some], settings, io.StringIO())
                number += 12
        except Exception as raised:  # noqa: BLE001 - said below, by who waits
            fault.append(raised)

    worker = Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()
    if fault:
        raise fault[0]


def take(folder: Path) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        stack = Stack(Path(place), "treatywatch-shots", "tests/deploy/compose.world.yml")
        stack.down()
        stack.compose("build", "-q", timeout=580)
        try:
            stack.up()
            way = Progress(stack.settings(), io.StringIO())
            play(lines(), stack.settings(), io.StringIO(), way.through, way.partitions(MENTIONS.name))
            way.close()
            with _busy(stack):
                time.sleep(SECONDS)
                eventually("the page has alerts", lambda: stack.get("WEB", "/api/alerts?limit=50")["alerts"])
                _pictures(stack, folder)
        finally:
            stack.down()


def _pictures(stack: Stack, folder: Path) -> None:
    ask = asking(f"http://127.0.0.1:{stack.ports['PROMETHEUS']}")
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        shown = context.new_page()
        shown.set_viewport_size({"width": 1280, "height": 200})  # a picture ends where its page does
        for name, board in BOARDS.items():
            shown.set_content(page(board, ask, SECONDS))
            shown.screenshot(path=folder / f"dashboard-{name}.png", full_page=True)
        shown.set_viewport_size({"width": 1280, "height": 800})
        web = f"http://127.0.0.1:{stack.ports['WEB']}"
        for name, path in (("live-now", "/"), ("live-sources", "/sources"), ("live-proposal", "/proposals/EST")):
            shown.goto(web + path)
            if path == "/":
                shown.locator("#live.on").wait_for()
            shown.screenshot(path=folder / f"{name}.png")
        context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
