"""Who "we" are that propose: who answers in an interview, or is quoted, and not whose such proposals mostly are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.logic.tag import Finding
from tests.making import tagger

MD, START, NRC, INF, NUKES, UA = "JOINT-MD", "START", "NRC", "INF", "NUKE-SHARE", "UA-NEUTRAL"
INTERVIEWS = [
    (
        "NATO", "en", MD, 2011,
        "Interviewer: What about the missile shield?\n\nSecretary General Anders Fogh Rasmussen: We proposed "
        "to Russia that the two missile defence systems be linked. Moscow has not answered.",
    ),
    (
        "US", "en", START, 2020,
        "Q: Where do the talks on New START stand?\n\nUS Special Envoy Marshall Billingslea: We offered to "
        "extend New START for a year if Russia freezes its warheads.",
    ),
    (
        "RU", "en", "EST", 2009,
        "Question: NATO needs no new treaties.\n\nForeign Minister Sergei Lavrov: We proposed a European "
        "security treaty because some are less safe than others.",
    ),
    (
        "US", "en", START, 2020,
        "Question: And Moscow?\n\nSecretary of State Mike Pompeo: I told Lavrov that we proposed to extend "
        "the New START treaty with Russia by a year.",
    ),
    (
        "FR", "en", INF, 2019,
        "Question: You answered Mr Putin's offer.\n\nFrench President Emmanuel Macron: We proposed that the "
        "moratorium on intermediate-range missiles in Europe be discussed with Russia and NATO.",
    ),
    (
        "RU", "en", UA, 2022,
        "Question: What do you want from Kyiv?\n\nDmitry Peskov: We have proposed that Ukraine become a "
        "neutral state outside NATO.",
    ),
    (
        "US", "ru", START, 2020,
        "Вопрос: Что с Договором о СНВ?\n\nСпецпредставитель президента США Маршалл Биллингсли: Мы "
        "предложили России продлить Договор о СНВ на год.",
    ),
    (
        "NATO", "ru", NRC, 2016,
        "Корреспондент: Что вы предлагаете Москве?\n\nЙенс Столтенберг, генсек НАТО: Мы предложили "
        "возобновить заседания Совета Россия - НАТО.",
    ),
    (
        "NATO", "de", MD, 2011,
        "Frage: Was bieten Sie an?\n\nAnders Fogh Rasmussen: Wir haben Russland vorgeschlagen, die beiden "
        "Raketenabwehrsysteme zu verbinden.",
    ),
    (
        "DE", "de", "CFE", 2016,
        "Frage: Was soll ein neuer Vertrag leisten?\n\nAußenminister Frank-Walter Steinmeier: Wir haben "
        "Russland einen Neustart der konventionellen Rüstungskontrolle in Europa vorgeschlagen.",
    ),
]  # fmt: skip
QUOTES = [
    (
        "NATO", "en", INF, 2019,
        '"We have proposed to Russia a verifiable return to the INF treaty," a NATO official said.',
    ),
    (
        "US", "en", NUKES, 2010,
        '"We have proposed that Russia and NATO reduce tactical nuclear weapons," a U.S. official said.',
    ),
    (
        "RU", "en", NUKES, 2010,
        '"We have proposed that America withdraw its tactical nuclear weapons from Europe," a Kremlin '
        "official said.",
    ),
    (
        "US", "en", MD, 2007,
        '"We proposed to Russia that it take part in the missile defence system in Europe," U.S. Defense '
        "Secretary Robert Gates said on Wednesday in Moscow.",
    ),
    (
        "RU", "en", MD, 2007,
        '"We have offered the United States joint use of our radar at Gabala," said a Kremlin official.',
    ),
    (
        "UA", "en", UA, 2022,
        'KYIV, March 29 (Reuters) - "We proposed a neutral status outside NATO, with guarantees by Russia '
        'and Western states," Ukrainian negotiator Mykhailo Podolyak said.',
    ),
    (
        "NATO", "ru", MD, 2011,
        "«Мы предложили России связать две системы ПРО», - сказал генсек НАТО Андерс Фог Расмуссен.",
    ),
    (
        "US", "de", NUKES, 2010,
        '"Wir haben Russland vorgeschlagen, die taktischen Atomwaffen zu verringern", sagte Hillary '
        "Clinton.",
    ),
    (
        "NATO", "fr", MD, 2011,
        "« Nous avons proposé à la Russie de relier les deux systèmes de défense antimissile », a déclaré "
        "Anders Fogh Rasmussen.",
    ),
    (
        "US", "uk", START, 2020,
        "«Ми запропонували Росії продовжити договір СНО-III на рік», - заявив держсекретар США Майк Помпео.",
    ),
    (
        "US", "es", START, 2020,
        '"Hemos propuesto a Rusia prorrogar un año el tratado Nuevo START", dijo Mike Pompeo.',
    ),
    (
        "US", "pl", START, 2020,
        '"Zaproponowaliśmy Rosji przedłużenie traktatu Nowy START o rok", powiedział Mike Pompeo.',
    ),
]  # fmt: skip


def found(text: str, lang: str, proposal: str, year: int, title: str = "") -> Finding:
    day = datetime(year, 5, 9, tzinfo=UTC)
    return next(one for one in tagger().tag(title, text, lang, day).findings if one.proposal == proposal)


@pytest.mark.parametrize(("who", "lang", "proposal", "year", "text"), [*INTERVIEWS, *QUOTES])
def test_what_we_proposed_is_the_proposal_of_the_side_that_speaks(
    who: str, lang: str, proposal: str, year: int, text: str
) -> None:
    its = found(text, lang, proposal, year)

    assert its.proposer == [who]
    assert its.addressee
    assert who not in its.addressee


@pytest.mark.parametrize("label", ["A:", "Answer:", ""])
def test_who_is_asked_is_named_by_the_headline(label: str) -> None:
    title = "Interview with NATO Secretary General Anders Fogh Rasmussen"
    text = (
        "Q: What do you offer Moscow?\n\n"
        f"{label} We proposed to Russia that the two missile defence systems be linked.\n\n"
        "Q: And if Putin says no?\n\n"
        f"{label} The offer stands."
    )

    assert found(text, "en", MD, 2011, title).proposer == ["NATO"]


def test_who_asks_proposes_nothing() -> None:
    text = (
        "Question: Did we, as Putin claims, reject what Russia proposed, a joint missile defence system with NATO?\n\n"
        "Secretary General Anders Fogh Rasmussen: It is on the table."
    )

    assert found(text, "en", MD, 2011).proposer == ["RU"]


def test_we_of_an_author_is_no_side() -> None:
    text = (
        "Comment. In my view the shield divides Europe, and I believe that our history holds better advice. "
        "Last year we proposed a joint missile defence system of Russia and NATO in this newspaper, and Obama smiled. "
        "Perhaps we were too early."
    )

    assert "US" not in found(text, "en", MD, 2011).proposer
