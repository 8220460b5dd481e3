"""News that is written to mislead its reader: what would turn the text around it never reaches a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.page.serving import page, told
from tests.page.test_archive import named
from tests.page.world import hostile

TURNS = "NATO \u202eagrees\u2066 \x00\x1b[31m\x85to\u2069 it"


@pytest.mark.parametrize("address", ["/", "/alerts/t1", "/search?text=NATO", "/report", "/search?text=%E2%80%AEx"])
async def test_no_page_holds_what_would_turn_the_text_around_it(tmp_path: Path, address: str) -> None:
    async with page(tmp_path, told(hostile(named(1), TURNS))) as client:
        answer = await client.get(address)
        text = await answer.text()

    assert answer.status == 200
    assert not set("\u202e\u2066\u2069\x00\x1b\x85") & set(text)
    assert "NATO agrees [31mto it" in text or "%E2" in address


async def test_programs_are_given_the_words_as_they_were_written(tmp_path: Path) -> None:
    async with page(tmp_path, told(hostile(named(1), TURNS))) as client:
        (alert,) = (await (await client.get("/api/alerts")).json())["alerts"]

    assert alert["evidence"][0]["quote"] == TURNS
