"""Pictures of the pages with a made-up world: `python -m tests.page.shots [docs/images]`.

With a second argument `all`, every page at each width and in each scheme, to be looked at.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from connectors.page import find
from connectors.page.archive import connect
from connectors.page.find import Filter
from streams.contracts.topics import ALERTS
from tests.logic.test_rooms import REJECTED
from tests.page.browser import PAGES, SCHEMES, SIZES, chromium, serving
from tests.page.world import filled, world

SHOWN = (
    ("now", 1280, "light"), ("now", 390, "dark"), ("proposal", 1280, "light"), ("sources", 1280, "dark"),
    ("workbench", 1280, "light"),
)  # fmt: skip
"""What README and docs show."""


def take(folder: Path, wanted: tuple[tuple[str, int, str], ...]) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        # What is told of sources comes last in the made-up world, and would stand before all news.
        records = [one for one in world(300, recent=True) if one.topic != ALERTS.name or "SOURCES" not in one.key]
        path = filled(Path(place) / "archive.sqlite", records)
        corrected = find.threads(connect(path), Filter(type=("corrected",)), 1)[0][0].alert.thread
        with serving(path) as served, chromium() as browser:
            for name, width, scheme in wanted:
                context = browser.new_context(
                    viewport={"width": width, "height": 844 if width < 600 else 800}, color_scheme=scheme  # type: ignore[arg-type]  # light or dark
                )  # fmt: skip
                page = context.new_page()
                page.goto(served.address + PAGES[name].replace("{corrected}", corrected))
                if name == "now":
                    page.locator("#live.on").wait_for()
                if name == "workbench":
                    page.locator("textarea[name=text]").fill(REJECTED)
                    page.get_by_role("button", name="Read it").click()
                    page.locator("#result").scroll_into_view_if_needed()
                    page.evaluate("document.querySelector('#result').scrollIntoView()")
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
                context.close()


if __name__ == "__main__":
    everything = tuple((name, width, scheme) for name in PAGES for width in SIZES for scheme in SCHEMES)
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"), everything if "all" in sys.argv else SHOWN)
