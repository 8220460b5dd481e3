"""How a whole document speaks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.logic.tag.reading import Read, read
from streams.logic.tag.slots import manner
from streams.logic.tag.text import sentences
from streams.logic.tag.voices import is_a_statement
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
    found = [Read(sentence, number) for number, sentence in enumerate(sentences("text", text))]

    assert bool(manner(found, None).features["some marked"]) == marked


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


@pytest.mark.parametrize(
    "text",
    [
        "Column. I have seen many treaties. To my mind the European security treaty is an honest "
        "paper, and Russia deserves an answer from NATO.",
        "Kommentar. Meiner Meinung nach sollte die Nato den europäischen Sicherheitsvertrag "
        "unterschreiben. Russland meint es ernst, und ich glaube, der Westen irrt sich.",
        "Ich halte den russischen Vorschlag eines europäischen Sicherheitsvertrags für klug. Mir "
        "scheint, die Nato hat ihn zu früh abgelehnt.",
        "Авторская колонка. По-моему, Россия поторопилась с договором о европейской безопасности. "
        "НАТО его отвергнет, и будет права, я считаю.",
        "Я думаю, договор о европейской безопасности нужен России больше, чем НАТО. Мне "
        "представляется, что альянс его не подпишет.",
        "Tribune. À mon avis, l'OTAN a eu tort de rejeter le traité sur la sécurité européenne proposé par la Russie.",
        "Колонка. На мою думку, НАТО правильно відхилила договір про європейську безпеку. Мені "
        "здається, Росія й не чекала на інше.",
        "It seems to me that NATO was wrong to reject the European security treaty. I would have "
        "answered Russia line by line.",
    ],
)  # fmt: skip
def test_who_speaks_for_himself_argues(text: str) -> None:
    assert tagger().tag("", text).findings[0].voice == "opinion"


@pytest.mark.parametrize(
    "text",
    [
        "НАТО во вторник отвергла договор о европейской безопасности, предложенный Россией. «Мне "
        "кажется, он лишний», - сказал Расмуссен.",
        'NATO on Tuesday rejected Russia\'s European security treaty. "In my view we do not need it," Rasmussen said.',
    ],
)  # fmt: skip
def test_who_is_quoted_with_a_view_makes_no_opinion_piece(text: str) -> None:
    assert tagger().tag("", text).findings[0].voice != "opinion"


REST = (
    " The rouble was little changed. Oil fell by a dollar. In Kazan a bridge was opened. Snow is expected in Omsk." * 3
)


@pytest.mark.parametrize(
    ("sentence", "voice"),
    [
        ("Last week Russia also ended its moratorium on the INF treaty.", "fact"),
        ('NATO ministers signed the INF treaty with Russia "at 20" in Brussels.', "fact"),
        ("In April Putin announced a moratorium on the INF treaty.", "fact"),
        ("Kremlin spokesman Dmitry Peskov told reporters that Russia had left the INF treaty.", "quote"),
        ("Russia has left the INF treaty, Kremlin spokesman Dmitry Peskov said on Monday.", "quote"),
        ('"Russia has left the INF treaty for good," Dmitry Peskov said.', "quote"),
    ],
)
def test_a_longer_report_tells_itself_what_nobody_is_said_to_say(sentence: str, voice: str) -> None:
    text = f"MOSCOW, May 7 (Agency) - The government met on Monday to talk of the harvest. {sentence}{REST}"

    found = tagger().tag("Harvest worries ministers", text, "en", datetime(2019, 5, 7, tzinfo=UTC)).findings

    assert [one.voice for one in found if one.proposal == "INF"] == [voice]


ON_OPEN_SKIES = {
    "en": "We regret that the United States withdraws from the Open Skies treaty. Russia should not be blamed for it.",
    "ru": "Мы сожалеем о выходе США из Договора по открытому небу. Россию в этом, конечно, обвинять нельзя.",
}


@pytest.mark.parametrize(
    ("lang", "title", "quoted"),
    [
        ("en", "Statement by the Russian foreign ministry on the Open Skies treaty", True),
        ("ru", "Заявление МИД России в связи с выходом США из Договора по открытому небу", True),
        ("ru", "Договор по открытому небу: заявление МИД России", False),
    ],
)
def test_what_a_party_gives_out_is_its_own_words(lang: str, title: str, quoted: bool) -> None:
    fields = {"title": title, "text": ON_OPEN_SKIES[lang]}
    found = read(tagger().knowledge, fields, None)

    assert is_a_statement(found) is quoted
    if quoted:
        assert tagger().tag(title, ON_OPEN_SKIES[lang]).findings[0].voice == "quote"


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("Le Figaro wrote, citing a source in Paris, that Russia offers NATO a moratorium on missiles.", True),
        ("Как пишет Le Figaro со ссылкой на источник в Париже, Россия предложит НАТО мораторий на ракеты.", True),
        ("Як пише Le Figaro з посиланням на джерела в Парижі, Росія запропонує НАТО мораторій на ракети.", True),
        ("Le Figaro wrote, citing the minister, that Russia offers NATO a moratorium on missiles in Europe.", False),
    ],
)
def test_who_cites_the_unnamed_tells_a_rumour(text: str, unnamed: bool) -> None:
    assert (tagger().tag("", text).findings[0].voice == "rumour") is unnamed


def test_what_a_long_report_begins_with_is_its_topic() -> None:
    rest = " ".join(f"В городе номер {number} открыли школу и мост." for number in range(14))
    text = f"МОСКВА. Россия в пятницу предложила НАТО договор о европейской безопасности. {rest}"

    assert tagger().tag("Новости дня", text).findings[0].role == "main"
