"""How a whole document speaks."""

from __future__ import annotations

import pytest

from streams.logic.tag.reading import Read
from streams.logic.tag.slots import manner
from streams.logic.tag.text import sentences
from tests.making import tagger


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("**Russia** proposed a treaty.", True),
        ("☀ Russia proposed a treaty.", True),
        ("\U0001f1f7 Russia proposed a treaty.", False),
        ("\U0001f680 Russia proposed a treaty.", True),
        ("Russia [proposed](https://example.org) a treaty.", True),
        ("[Russia] [proposed](https://example.org) a treaty.", True),
        ("Russia [proposed] (http://example.org) a treaty * for all.", False),
    ],
)
def test_a_channel_marks_its_texts(text: str, marked: bool) -> None:
    read = [Read(sentence, number) for number, sentence in enumerate(sentences("text", text))]

    assert bool(manner(read, None).features["some marked"]) == marked


@pytest.mark.parametrize(
    "text",
    [
        "According to unconfirmed reports, Russia has offered NATO a moratorium on missiles in Europe.",
        "По неподтверждённым данным, Россия предложила НАТО мораторий на ракеты в Европе.",
        "Nach unbestätigten Berichten hat Russland der NATO ein Moratorium für Raketen in Europa angeboten.",
    ],
)
def test_what_is_unconfirmed_is_a_rumour(text: str) -> None:
    assert tagger().tag("", text).findings[0].voice == "rumour"
