"""What does not work: a page for who reads pages, RFC 9457 for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page.serving import page, told
from tests.page.test_archive import named

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/proposals/NOPE", 404, "No dossier of that name"),
        ("/?since=yesterday", 400, "takes a date such as"),
        ("/no/such/page", 404, "Not Found"),
        ("/search?text=%3Cscript%3E%00", 400, "200 characters"),
    ],
)
async def test_a_browser_is_told_on_a_page_that_leads_on(tmp_path: Path, address: str, status: int, says: str) -> None:
    async with page(tmp_path, told(named(1))) as client:
        answer = await client.get(address, headers=BROWSER)
        text = await answer.text()

    assert (answer.status, answer.content_type) == (status, "text/html")
    assert says in text
    assert '<a href="/search">' in text
    assert "nonce-" in answer.headers["Content-Security-Policy"]


async def test_what_went_wrong_stands_there_as_text(tmp_path: Path) -> None:
    async with page(tmp_path, told(named(1))) as client:
        text = await (await client.get("/?since=<script>x</script>", headers=BROWSER)).text()

    assert "&lt;script&gt;x" in text
    assert "<script>x" not in text


@pytest.mark.parametrize(
    ("address", "headers"),
    [("/proposals/NOPE", {}), ("/alerts.json?since=x", {}), ("/api/alerts?limit=0", BROWSER)],
)
async def test_a_program_is_told_as_programs_are(tmp_path: Path, address: str, headers: dict[str, str]) -> None:
    async with page(tmp_path, told(named(1))) as client:
        answer = await client.get(address, headers=headers)

    assert answer.status in (400, 404)
    assert answer.content_type == "application/problem+json"
