"""Every page in a real Chromium: at a phone's and a desk's width, light and dark, by axe's rules, with hostile news."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, expect

from connectors.page import find
from connectors.page.archive import Arrived, connect
from connectors.page.find import Filter
from streams.contracts.records import ActorPosition, Alert, Dossier, DossierCommitment, NearMiss, Suppressed
from streams.contracts.topics import ALERTS, DEAD, DOSSIERS, NEAR, SOURCES, SUPPRESSED
from streams.contracts.wire import decode, encode
from tests.page import browser as driven
from tests.page.browser import PAGES, SCHEMES, SIZES, Served
from tests.page.serving import told
from tests.page.test_archive import named
from tests.page.world import Log, filled, health, hostile, world

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
AXE = {
    "resultTypes": ["violations"],  # else most of its time goes to telling of what is well
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with driven.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with driven.serving(filled(tmp_path_factory.mktemp("world") / "a", world(300, recent=True))) as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    with driven.serving(filled(tmp_path / "a", [])) as found:
        yield found


@dataclass
class Notes:
    """What a page asked for, and what went wrong on it."""

    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        self.asked.append(request.url)

    def fault(self, fault: object) -> None:
        self.wrong.append(str(fault))

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def dialog(self, dialog: Dialog) -> None:
        self.wrong.append("a dialogue: a script ran")
        dialog.dismiss()


class Open:
    """Opens pages and keeps notes of them."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.notes: dict[Page, Notes] = {}

    def __call__(self, address: str, **options: Any) -> Page:
        page = self.browser.new_context(**options).new_page()
        page.set_default_timeout(PATIENCE)
        notes = self.notes[page] = Notes()
        page.on("request", notes.request)
        page.on("pageerror", notes.fault)
        page.on("console", notes.console)
        page.on("dialog", notes.dialog)
        page.goto(address)
        return page

    def clean(self, page: Page, served: Served) -> None:
        """Assert that nothing went wrong and that nobody else was asked."""
        notes = self.notes[page]
        assert notes.wrong == []
        assert [url for url in notes.asked if not url.startswith(served.address)] == []


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    found = Open(browser)
    yield found
    for page in found.notes:
        page.context.close()


def violations(page: Page) -> dict[str, list[str]]:
    """What axe finds wrong with a page: rule and the first places."""
    broken = Axe().run(page, options=AXE).response["violations"]
    return {v["id"]: [n["html"][:200] for n in v["nodes"]][:3] for v in broken}


def address_of(served: Served, path: str) -> str:
    entries, _ = find.threads(connect(served.path), Filter(type=("corrected",)), 1)
    return served.address + path.replace("{corrected}", entries[0].alert.thread)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_accessible_on_a_phone_and_a_desk_light_and_dark(
    served: Served, opened: Open, name: str
) -> None:
    for width in SIZES:
        page = opened(address_of(served, PAGES[name]), viewport={"width": width, "height": 900})
        expect(page.locator("h1")).to_have_count(1)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide at {width}"
            assert violations(page) == {}, f"{name} {width} {scheme}"
        opened.clean(page, served)
        page.context.close()


def test_a_life_is_seen_whole_on_a_phone(served: Served, opened: Open) -> None:
    page = opened(address_of(served, PAGES["proposal"]), viewport={"width": 390, "height": 844})

    shown = page.locator("svg.picture:has(.stair):visible")
    expect(shown).to_have_count(1)
    box = shown.bounding_box()
    assert box is not None
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    assert 2 <= shown.locator(".step").count() <= 10


def test_every_stance_is_in_sight_on_a_phone_and_named(served: Served, opened: Open) -> None:
    page = opened(address_of(served, PAGES["proposal"]), viewport={"width": 390, "height": 844})
    stances = page.locator(".matrix td:visible")

    assert stances.count() == page.locator(".matrix td:has(details)").count() >= 5
    for stance in stances.all():
        box = stance.locator("summary").first.bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
        assert stance.get_attribute("data-position")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_speaks_german_and_needs_no_script(served: Served, opened: Open, name: str) -> None:
    page = opened(address_of(served, PAGES[name]), java_script_enabled=False, locale="de-DE")

    assert page.locator("html").get_attribute("lang") == "de"
    expect(page.locator("nav a").first).to_have_text("Jetzt")
    assert page.locator("h1").inner_text()


def test_an_empty_system_explains_itself_and_offers_the_seed(empty: Served, opened: Open) -> None:
    page = opened(empty.address, viewport={"width": 390, "height": 900})

    expect(page.get_by_role("button", name="Play the seed")).to_be_visible()
    assert violations(page) == {}
    for path in PAGES.values():
        if "{" not in path and path != PAGES["proposal"]:
            answer = page.goto(empty.address + path)
            assert answer is not None
            assert answer.status == 200, path


def test_alerts_appear_as_they_come_and_nothing_moves_under_a_reader(tmp_path: Path, opened: Open) -> None:
    path = filled(tmp_path / "a", told(*(named(n) for n in range(12))))
    archive, log = driven.writer(path), Log()
    with driven.serving(path) as served:
        page = opened(served.address, viewport={"width": 1280, "height": 700})
        expect(page.locator("#live")).to_have_text("live")

        def write(n: int) -> None:
            one = Arrived(ALERTS.name, 0, 1000 + n, log.at + 1_000_000 + n, "EST", encode(named(n)), {})
            served.tell(archive.take([one]))

        write(20)
        expect(page.locator(".alert").first).to_contain_text("H20")
        # At once: a wheel's scrolling goes on for a while, and what is measured meanwhile moves.
        page.evaluate("scrollTo({ top: 900, behavior: 'instant' })")
        assert page.evaluate("scrollY") > 300
        before = page.locator("#t5").bounding_box()
        write(21)
        expect(page.locator("#new")).to_have_text("1 new alert")
        write(22)
        expect(page.locator("#new")).to_have_text("2 new alerts")
        assert page.locator("#t5").bounding_box() == before
        assert "H22" in page.locator("#say").inner_text()
        page.locator("#new").click()
        expect(page.locator(".alert").first).to_contain_text("H22")
        opened.clean(page, served)
    archive.close()


def test_keys_walk_open_and_search(served: Served, opened: Open) -> None:
    page = opened(served.address)

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".alert").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("o")
    expect(second.locator(".why-box p").first).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(".alert").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()
    page.keyboard.type("signed")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=signed**")
    assert page.locator(".alert").count() > 0


def test_filters_stand_in_the_address_without_a_script(served: Served, opened: Open) -> None:
    page = opened(served.address + "/search", java_script_enabled=False)

    page.get_by_label("Proposal").select_option("EST")
    page.get_by_label("State").select_option("rejected")
    with page.expect_navigation():  # until all of the answer is there
        page.get_by_role("button", name="Show").click()

    assert "proposal=EST" in page.url
    assert "status=rejected" in page.url
    assert set(page.locator(".alert .proposal").all_inner_texts()) == {"EST"}


def test_a_correction_is_shown_as_a_difference(served: Served, opened: Open) -> None:
    entries, _ = find.threads(connect(served.path), Filter(type=("corrected",)), 100)
    told = {change.field: entry.alert.thread for entry in entries for change in entry.alert.changes}

    page = opened(f"{served.address}/alerts/{told['status']}")
    assert page.locator("del").count() > 0
    assert page.locator("ins").count() > 0
    page = opened(f"{served.address}/alerts/{told['article']}")
    expect(page.locator(".changes").first).to_contain_text("another report is quoted now")


PAPER = 680
"""Width of A4 between its margins, in CSS pixels."""


@pytest.mark.parametrize("name", ["report", "proposal", "sources", "now", "calendar"])
def test_a_page_prints_with_sources_and_quotes_and_nothing_to_click_or_cut(
    served: Served, opened: Open, name: str
) -> None:
    page = opened(address_of(served, PAGES[name]), viewport={"width": PAPER, "height": 900}, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")

    for gone in ("header.top", "footer", "form", "button", ".skip"):
        assert not any(one.is_visible() for one in page.locator(gone).all()), gone
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER
    cut = page.eval_on_selector_all(
        "main *", "(all, w) => all.filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > w + 1)"
        ".map((e) => e.outerHTML.slice(0, 120))", PAPER,
    )  # fmt: skip
    assert cut == []
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)"), "dark on a screen, not on paper"
    if name in ("report", "proposal"):
        assert page.locator("blockquote:visible").count() > 3
    if name == "report":
        assert all(a.startswith("https://") for a in page.locator(".address:visible").all_inner_texts())
        assert page.locator(".address:visible").count() > 3
    elif page.locator("a[rel~=external]:visible").count():
        shown = "(e) => getComputedStyle(e, '::after').content.includes(e.getAttribute('href'))"
        assert page.locator("a[rel~=external]:visible").first.evaluate(shown)
    page.emulate_media(media="screen")
    assert page.pdf(format="A4").startswith(b"%PDF-")


MARKUP = (
    "<script>document.title='ran'</script>", '"><img src=http://evil.example/x onerror=alert(1)>',
    "javascript:alert(1)",
    "<svg onload=alert(1)>", "{{ 7*7 }}{% for x in y %}", "</style><style>@import url(http://evil.example/x)</style>",
    "<iframe src=http://evil.example>", "data:text/html,<script>alert(1)</script>", "<base href=http://evil.example/>",
    "' onmouseover='alert(1)", "http://evil.example/\" onclick=\"alert(1)",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "\u202e\u0000\ufffe<b>\u2028\u2029", "]]><x>", "vbscript:x", "//evil.example/x", "http://[x", "<!--",
    "<form action=http://evil.example><button>",
    "<link rel=stylesheet href=http://evil.example/x.css>", "<object data=http://evil.example>",
    "<template><script>alert(1)</script>",
)  # fmt: skip


def nasty_world(records: list[Arrived]) -> list[Arrived]:
    """The attacks in all that anybody outside writes: articles, sources, dossiers, what was held back, dead letters."""
    base = [a for r in records if r.topic == ALERTS.name and (a := decode(Alert, r.value)).article]
    held = next(decode(Suppressed, r.value) for r in records if r.topic == SUPPRESSED.name)
    near = next(decode(NearMiss, r.value) for r in records if r.topic == NEAR.name)
    life = next(decode(Dossier, r.value) for r in reversed(records) if r.topic == DOSSIERS.name and r.key == "EST")
    log, found = Log(), []
    for n, attack in enumerate(MARKUP):
        alert = msgspec.structs.replace(hostile(base[n % len(base)], attack), id=f"h{n}", thread=f"h{n}", story=f"h{n}")
        found += told(alert)
        found.append(log.record(SOURCES.name, f"x{n}", encode(health(n, name=attack, url=attack, reason=attack))))
        kept = msgspec.structs.replace(held, headline=attack, reason=attack, evidence=alert.evidence)
        found.append(log.record(SUPPRESSED.name, "EST", encode(kept)))
        miss = msgspec.structs.replace(near, id=f"m{n}", article=alert.article, evidence=alert.evidence, why=alert.why)
        found.append(log.record(NEAR.name, "EST", encode(miss)))
        found.append(log.record(DEAD.name, "x", b"", {"room": attack.encode(), "reason": attack.encode()}))
    positions = [ActorPosition(actor=a, position="rejects", quote=a, article="x", at=a) for a in MARKUP]
    promises = [DossierCommitment(who=[a], what=a, due=a, state="open", article="x") for a in MARKUP]
    steps = [msgspec.structs.replace(life.transitions[0], actor=[a], at=a) for a in MARKUP]
    bad = msgspec.structs.replace(life, name=MARKUP[0], positions=positions, commitments=promises, transitions=steps)
    return [*found, log.record(DOSSIERS.name, "BAD", encode(bad))]


def test_hostile_news_runs_nothing_and_asks_nobody(tmp_path: Path, opened: Open, records: list[Arrived]) -> None:
    base = next(decode(Alert, r.value) for r in records if r.topic == ALERTS.name)
    path = filled(tmp_path / "a", [*records, *nasty_world(records)])
    with driven.serving(path) as served:
        paths = ["/", "/search?text=evil", "/report", "/proposals", "/proposals/BAD", "/sources", "/held", "/calendar",
                 *(f"/alerts/h{n}" for n in range(len(MARKUP)))]  # fmt: skip
        page = opened(served.address)
        for one in paths:
            page.goto(served.address + one)
            page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            links = page.eval_on_selector_all("a[rel~=external]", "(all) => all.map((a) => [a.href, a.rel])")
            assert all(href.startswith(("http://", "https://")) and "noopener" in rel for href, rel in links)
            assert page.title() != "ran"
        time.sleep(0.2)
        opened.clean(page, served)
        # Live updates place HTML by a script: the same must hold for them.
        page.goto(served.address)
        expect(page.locator("#live")).to_have_text("live")
        archive = driven.writer(path)
        for n, attack in enumerate(MARKUP):
            alert = msgspec.structs.replace(hostile(base, attack), id=f"l{n}", thread=f"l{n}", story=f"l{n}")
            served.tell(archive.take([Arrived(ALERTS.name, 7, 9000 + n, 1 << 42, "EST", encode(alert), {})]))
        expect(page.locator(f"#l{len(MARKUP) - 1}")).to_be_attached()
        page.locator(f"#l{len(MARKUP) - 1}").hover()
        opened.clean(page, served)
        archive.close()
