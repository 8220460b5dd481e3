"""The state of a proposal: what the text tells, on the ground of what history tells of its year."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.knowledge import KnowledgeFault
from streams.logic.tag import slots, state
from streams.logic.tag.reading import Read, read, read_rest
from tests.making import tagger


def reading(text: str) -> list[Read]:
    known = tagger().knowledge
    found = read(known, {"title": "", "text": text}, None)
    read_rest(known, found, None)
    return found


@pytest.mark.parametrize(
    ("entry", "year", "stood"),
    [
        ("INF", 1980, None),
        ("INF", 1990, "in_force"),
        ("INF", 2019, "suspended"),
        ("ABM", 2000, "in_force"),
        ("ABM", 2002, "suspended"),
        ("DEC21-NATO", 2021, "tabled"),
        ("OTHER-ARMS", 2021, None),
    ],
)
def test_an_entry_has_its_state_by_the_year(entry: str, year: int, stood: str | None) -> None:
    assert tagger().knowledge.proposals[entry].stood(year) == stood


@pytest.mark.parametrize(("year", "status"), [(2010, "in_force"), (2021, "suspended")])
def test_where_a_text_tells_no_state_history_tells_it(year: int, status: str) -> None:
    known = tagger().knowledge
    (one,) = reading("For Russia and the United States the INF treaty is a cornerstone of security in Europe.")

    found = state.signs(known, known.proposals["INF"], one, [one], [one], date(year, 6, 1), {})

    assert "stands" in found.pointing[status]
    assert not any(sign.startswith(("news", "says")) for its in found.pointing.values() for sign in its)


def test_what_is_told_outweighs_where_a_treaty_stood() -> None:
    text = "The United States and Russia agreed in Geneva on Monday to extend the New START treaty by five years."
    day = datetime(2021, 2, 1, tzinfo=UTC)

    (found,) = tagger().tag("", text, "en", day).findings

    assert tagger().knowledge.proposals["START"].stood(2021) == "in_force"
    assert found.status == "agreed"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Russia broke the INF treaty of 1987 in 2014, NATO says.", 2014),
        ("Obama and Russia discuss the INF treaty of 1987.", 2009),
        ("NATO will answer by 2031 if Russia breaks the INF treaty of 1987. It was signed in 1988.", 1988),
        ("NATO and Russia discuss the INF treaty.", None),
    ],
)
def test_an_undated_text_speaks_from_the_latest_year_that_it_knows(text: str, year: int | None) -> None:
    assert slots.own_year(reading(text), None) == year


@pytest.mark.parametrize(
    ("course", "says"),
    [
        ('{"1990": agreed, "1980": discussing}', "the years of a course go forward"),
        ('{"1990": over}', "'over' is not one of"),
        ("{soon: agreed}", "'soon' is not a year"),
    ],
)
def test_a_broken_course_is_said_with_file_and_line(course: str, says: str) -> None:
    files = dict(knowledge.read())
    path = "proposals/INF.yaml"
    files[path] = "\n".join(
        f"course: {course}" if line.startswith("course:") else line for line in files[path].splitlines()
    )
    with pytest.raises(KnowledgeFault, match=rf"{path}:\d+: .*{says}"):
        compile_knowledge(files)
