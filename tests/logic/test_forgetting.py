"""What is remembered for a time is bounded by it, and nothing younger is lost."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.logic import normalise
from streams.logic.forgetting import remember
from streams.logic.memory import DictMemory
from streams.logic.normalise import Known
from tests.making import NOW, an_item

DAY = date(2026, 1, 1)


def known(number: int) -> Known:
    return Known(event=str(number), revision=1, offset=number, historical=False, published=None, lang=None)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60))
def test_a_key_is_kept_as_long_as_promised_and_then_let_go_with_its_links(days: list[int]) -> None:
    memory, newest, noted = DictMemory(), 0, {}
    for number, day in enumerate(days):
        newest = max(newest, day)
        memory.put(f"a/{number}", known(number))
        remember(memory, f"a/{number}", DAY + timedelta(days=day), timedelta(days=10))
        noted[f"a/{number}"] = newest

    kept = {key for key, day in noted.items() if day >= newest - 10}
    assert {key for key in memory.raw if key.startswith("a/")} == kept
    assert {key.removeprefix("link/") for key in memory.raw if key.startswith("link/")} == kept
    assert {key for key in memory.raw if key.startswith("day/")} == {
        f"day/{DAY + timedelta(days=noted[key])}" for key in kept
    }


def test_an_article_is_forgotten_after_its_time_and_then_new_again() -> None:
    memory = DictMemory()

    def take(entry: str, day: int, offset: int) -> dict[str, int]:
        item = an_item(entry, f"Text of {entry} {day}.", seen=NOW + timedelta(days=day), published=None)
        return normalise.decide(memory, item, offset, lambda _: "en").counts

    assert take("a", 0, 1) == {"new": 1}
    assert take("a", 300, 2) == {"update": 1}
    assert take("b", 401, 3) == {"new": 1, "forgotten": 1}
    assert take("a", 402, 4) == {"new": 1}
    assert len(memory.raw) == 7, "two articles, their links, two days, the days"
