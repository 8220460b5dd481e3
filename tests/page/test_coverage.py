"""Where the page says how far silence may be trusted: a proposal, a digest, the sources."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connectors.page.desk import DESK
from connectors.progress import Progress
from streams.contracts.records import Blind, Dossier, DossierCoverage, Feedback, Heard, SourceHealth
from streams.contracts.topics import DOSSIERS, FEEDBACK, SOURCES
from streams.contracts.wire import encode
from tests.connectors.alerting import made, seen_of
from tests.page.serving import page, told
from tests.page.world import Log

NOW = datetime.now(UTC)


def health(name: str, failures: int) -> SourceHealth:
    return SourceHealth(
        id=name, name=name.title(), url=f"https://{name}.example", format="feed", enabled=True,
        outcome="failed" if failures else "ok", reason="", polled=NOW, changed=NOW, next=NOW, items=1,
        failures=failures,
    )  # fmt: skip


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace(" .", ".").replace(" ,", ",")


async def test_a_proposal_says_who_tells_of_it_and_who_of_them_is_not_seen_now(tmp_path: Path) -> None:
    log = Log()
    life = Dossier(
        proposal="EST", instance=None, name="European Security Treaty", status=None, since=None, transitions=[],
        positions=[], commitments=[], contradictions=[], last_activity=NOW, revision=1, omitted=0,
        coverage=DossierCoverage(
            sources=[Heard(source=name, reports=2, last=NOW) for name in ("wire", "daily")],
            languages={"en": 3, "ru": 1},
        ),
    )  # fmt: skip
    records = [
        log.record(DOSSIERS.name, "EST", encode(life)),
        *(log.record(SOURCES.name, n, encode(health(n, f))) for n, f in (("wire", 4), ("daily", 0), ("other", 9))),
    ]
    async with page(tmp_path, records) as client:
        said = words(await (await client.get("/proposals/EST")).text())
    assert "Told by 2 sources, in English, Russian. Not seen now, so that silence may mean nothing: Wire." in said


async def test_a_digest_says_what_was_seen_when_it_was_made(tmp_path: Path) -> None:
    seen = msgspec.structs.replace(
        seen_of(2, 3), lag={"news.items": 4},
        down=[Blind(id="wire", name="Wire", reason="timed out", since=None)],
    )  # fmt: skip
    known, unknown = made("n1", type="digest", coverage=seen), made("n2", type="digest")
    async with page(tmp_path, told(known, unknown)) as client:
        first = words(await (await client.get(f"/alerts/{known.thread}")).text())
        second = words(await (await client.get(f"/alerts/{unknown.thread}")).text())
    assert "2 of 3 sources were seen. Wire (timed out). 4 records waited to be read." in first
    assert "What was seen when this was made is not known." in second


async def test_the_sources_page_names_the_languages_that_are_not_read(tmp_path: Path) -> None:
    async with page(tmp_path, told(made())) as client:
        client.app[DESK].progress = lambda: Progress(
            waiting={"news.items": 3}, canary=80.0, unsupported={"fi": 12, "und": 1}
        )
        said = words(await (await client.get("/sources")).text())
    assert "3 records wait in news.items" in said
    assert "Not read fi 12, und 1 articles of the last seven days" in said


async def test_a_rule_is_shown_with_what_readers_called_relevant_and_how_much_that_tells(tmp_path: Path) -> None:
    log, alert = Log(), made()
    first = Feedback(alert=alert.id, thread=alert.thread, rule=alert.rule.id, by="reader 1", at=NOW, verdict="relevant")
    second, third = (msgspec.structs.replace(first, by=f"reader {n}") for n in (2, 3))
    said_of_it = [first, second, msgspec.structs.replace(third, verdict="wrong-span")]
    feedback = [log.record(FEEDBACK.name, "EST", encode(one)) for one in said_of_it]
    async with page(tmp_path, [*told(alert), *feedback]) as client:
        said = words(await (await client.get("/sources")).text())
    assert f"{alert.rule.id} 1 67% of 3 called relevant (at 95 %: 21% to 94%)" in said
