"""Where sentences end."""

from __future__ import annotations

import pytest

from streams.logic.tag.text import sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("NATO met. Russia did not.", ["NATO met.", "Russia did not."]),
        ("NATO met.\nRussia did not.", ["NATO met.", "Russia did not."]),
        ("NATO\nmet Russia", ["NATO\nmet Russia"]),
        ("NATO met\n \nRussia did not", ["NATO met", "Russia did not"]),
        ("“NATO met.” Russia did not.", ["“NATO met.”", "Russia did not."]),
        ("Really?! Never... Yes.", ["Really?!", "Never...", "Yes."]),
        ("It rose 3.5 times. and fell.", ["It rose 3.5 times. and fell."]),
        ("Mr. Lavrov met Gen. Smith on Sept. 24.", ["Mr. Lavrov met Gen. Smith on Sept. 24."]),
        ("The U.S. Senate, e.g. Prof. Smith.", ["The U.S. Senate, e.g. Prof. Smith."]),
        ("В 2008 г. Россия и т. д. Но НАТО против.", ["В 2008 г. Россия и т. д. Но НАТО против."]),
        ("Mr.\n\nLavrov", ["Mr.\n\nLavrov"]),
        ("He called it a storm. No one came.", ["He called it a storm.", "No one came."]),
        ("会議。NATO", ["会議。", "NATO"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, parts: list[str]) -> None:
    assert [one.text for one in sentences("text", text)] == parts
