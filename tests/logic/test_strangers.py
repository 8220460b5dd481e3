"""A beginning of a word must not catch common words that only begin so: every text is read with all phrases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from streams import knowledge
from streams.logic.compile import compile_knowledge
from streams.logic.knowledge import Knowledge
from streams.logic.phrases import Phrases
from streams.logic.strangers import strangers
from streams.logic.tag.reading import Read, payload, read_rest
from streams.logic.tag.text import sentences


@cache
def known() -> Knowledge:
    return compile_knowledge(knowledge.read())


def one(text: str) -> Read:
    (sentence,) = sentences("text", text)
    found = Read(sentence, 0)
    read_rest(known(), [found], None)
    return found


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Violence in the north grew.", "suspend"),  # French viol*
        ("El acuerdo tiene un término.", "suspend"),  # terminó without its accent
        ("The resilience of the economy.", "suspend"),  # French résili*
        ("Two firms from Boston came.", "agree"),  # Spanish firm*
        ("Einige Länder liegen im Süden.", "agree"),  # German einig*
        ("It was an urgent matter.", "demand"),  # urg*
        ("Die Verlängerung war lang.", "demand"),  # verlang*, with and without its umlaut
        ("В настоящее время тихо.", "demand"),  # настоя*
        ("Das war noch nie so.", "deny"),  # French nie
        ("Tego nie ma.", "deny"),  # likewise, in every second Polish sentence
        ("A compromise was near.", "promise"),  # Spanish compromis*
        ("It was precise and explicit.", "clarify"),  # French précis*, Spanish explic*
        ("The decline of the city.", "reject"),  # declin*
        ("The opposition held a rally.", "reject"),  # oppos*
        ("Это исключительно важно.", "reject"),  # исключ*
        ("La salud es lo primero.", "welcome"),  # French salu*
        ("The retired general wrote.", "withdraw"),  # French retir*
        ("Un approvisionnement en gaz.", "agree"),  # English approv*
        ("Вы можете подписаться на канал.", "agree"),  # Bulgarian подпис*
        ("Van a aprovechar el verano.", "agree"),  # Portuguese aprov*
        ("Он занял высокую должность.", "demand"),  # должн*
        ("Il s'appelle Paul.", "demand"),  # German appell*
        ("Резултатът е отрицателен.", "deny"),  # Russian отрица*
        ("Van a proporcionar ayuda.", "propose"),  # Portuguese propor*
        ("El propósito era otro.", "propose"),  # French propos*
        ("Он решил отказаться от чая.", "reject"),  # Bulgarian отказа*
        ("Das Haus ist dementsprechend klein.", "deny"),  # French démen*
        ("Запросы растут.", "propose"),  # Ukrainian запрос*: Russian "queries"
    ],
)
def test_an_act_is_not_found_in_a_word_that_only_begins_like_one(text: str, act: str) -> None:
    assert act not in {payload(hit).id for hit in one(text).acts}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("La Russie viole le traité.", "suspend"),
        ("Rusia dio por terminado el tratado.", "suspend"),
        ("España firmó el tratado.", "agree"),
        ("Die Seiten haben sich geeinigt.", "agree"),
        ("NATO urged restraint.", "demand"),
        ("Moskau verlangte Garantien.", "demand"),
        ("Он настоял на своем.", "demand"),
        ("Le ministre a nié.", "deny"),
        ("España asumió el compromiso.", "promise"),
        ("Le ministre a précisé sa position.", "clarify"),
        ("Moscow declined to comment.", "reject"),
        ("НАТО исключила расширение.", "reject"),
        ("Paris salue le projet.", "welcome"),
        ("España se retiró del tratado.", "withdraw"),
        ("The Senate approved the treaty.", "agree"),
        ("България подписа договора.", "agree"),
        ("O parlamento aprovou o tratado.", "agree"),
        ("НАТО должна ответить.", "demand"),
        ("Berlin appellierte an Moskau.", "demand"),
        ("Москва отрицает это.", "deny"),
        ("Portugal vai propor um tratado.", "propose"),
        ("Paris proposait un pacte.", "propose"),
        ("Русия отказа да преговаря.", "reject"),
        ("Paris a démenti.", "deny"),
        ("Київ запросив союзників.", "propose"),
    ],
)
def test_the_act_itself_is(text: str, act: str) -> None:
    assert act in {payload(hit).id for hit in one(text).acts}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("The United States and two member states.", "speech"),
        ("Международное сообщество молчит.", "speech"),
        ("Заявка на вступление в силе.", "speech"),
        ("El segundo día.", "speech"),
        ("The US and Russia.", "own"),
        ("Polska i Rosja.", "own"),
        ("The plan of the city.", "future"),
    ],
)
def test_a_cue_is_not_found_in_a_word_that_only_looks_like_one(text: str, cue: str) -> None:
    assert not one(text).cues.get(cue)


@cache
def concept(name: str) -> Phrases:
    return Phrases([(f"<{name}>", name)], known().concepts)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("integrity", "join"),  # French intégr*
        ("ces", "no"),  # Spanish ces*: "these" in every French text
        ("Haltung", "no"),  # English halt*
        ("stopniu", "no"),  # English stop*
        ("exclusive", "no"),  # French exclu*
        ("exclusivement", "renounce"),
        ("исключительно", "no"),  # исключ*
        ("изключително", "renounce"),  # изключ*
        ("aufgebaut", "renounce"),  # aufgeb*
        ("amplio", "expand"),  # ampli*
        ("учените", "exercises"),  # Russian учени*: Bulgarian "the scientists"
        ("ученики", "exercises"),
        ("régimen", "treaty"),  # English regime*
        ("propósito", "offer"),  # English propos*
        ("ultimately", "demand"),  # German ultimat*
        ("настоящее", "demand"),  # Bulgarian настоя*
        ("systématiquement", "architecture"),  # German system*
        ("éxito", "end"),  # English exit*
        ("resilience", "end"),  # French résili*
        ("said", "end"),  # Portuguese saíd*
        ("Neutralität", "renew"),  # neu*
        ("Firmen", "agree"),  # Spanish firm*
        ("подписаться", "agree"),  # Bulgarian подпис*
        ("negotiations", "refuse"),  # Spanish neg*
        ("negociações", "refuse"),
        ("Blockaden", "refuse"),  # English block*
        ("engaged", "promise"),  # French engage*
        ("уверен", "promise"),  # Bulgarian уверен*
        ("violence", "violate"),  # French violé*
        ("brachte", "violate"),  # brach*
        ("активно", "council"),  # Bulgarian акт*
        ("aktuell", "council"),  # Polish akt*
        ("съветник", "council"),  # съвет*
        ("bereits", "ready"),  # bereit*
        ("pronto", "ready"),  # Portuguese pronto*: Spanish "soon"
        ("войници", "war"),  # Russian войн*: Bulgarian "soldiers"
        ("wspólnoty", "collective"),  # wspóln*
        ("enterprise", "join"),  # enter*
        ("emplacement", "deploy"),  # English emplac*: a place, in French
        ("угодно", "treaty"),  # Ukrainian угод*: Russian "whatever"
        ("искать", "demand"),  # Bulgarian иска*
        ("поиски", "demand"),  # Bulgarian поиск*
        ("resumen", "renew"),  # English resum*
        ("extensive", "renew"),  # Portuguese extens*
        ("погоды", "agree"),  # Ukrainian погод*: Russian "weather"
        ("sharply", "cooperate"),  # shar*
        ("готовится", "ready"),  # Ukrainian готов*
    ],
)
def test_a_way_of_saying_is_not_found_in_a_word_that_only_begins_like_one(word: str, name: str) -> None:
    assert not concept(name).find([word])


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("intégrée", "join"),
        ("intégration", "join"),
        ("cesó", "no"),
        ("halted", "no"),
        ("stops", "no"),
        ("excluent", "no"),
        ("исключает", "no"),
        ("изключва", "renounce"),
        ("aufgegeben", "renounce"),
        ("ampliar", "expand"),
        ("Géorgie", "neighbours"),
        ("учениях", "exercises"),
        ("proposals", "offer"),
        ("ultimativen", "demand"),
        ("настояват", "demand"),
        ("Systeme", "architecture"),
        ("exits", "end"),
        ("résiliation", "end"),
        ("saída", "end"),
        ("neuen", "renew"),
        ("firmado", "agree"),
        ("подписаха", "agree"),
        ("negó", "refuse"),
        ("negativa a", "refuse"),
        ("nega", "refuse"),
        ("blockierte", "refuse"),
        ("s engage", "promise"),
        ("уверява", "promise"),
        ("violée", "violate"),
        ("brachen", "violate"),
        ("акта", "council"),
        ("aktem", "council"),
        ("bereit", "ready"),
        ("pronta para", "ready"),
        ("войну", "war"),
        ("wspólnej", "collective"),
        ("entering", "join"),
        ("emplaced", "deploy"),
        ("угодою", "treaty"),
        ("исканията", "demand"),
        ("поискаха", "demand"),
        ("resumption", "renew"),
        ("extensão", "renew"),
        ("погодилися", "agree"),
        ("shared", "cooperate"),
        ("готовність", "ready"),
    ],
)
def test_the_way_of_saying_itself_is(words: str, name: str) -> None:
    assert concept(name).find(words.split())


EVERYDAY = {
    "en": {"said": 2266, "exit": 40},
    "es": {"dicho": 300},
    "fr": {"ces": 1323, "cesse": 60},
    "pt": {"dito": 200},
}


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        ({"es": "[ces*]"}, ["concepts/mine.yaml:2: 'ces*' (es) begins common words of another language, "
                            "as ces (fr), cesse (fr): write its forms out, or say what is meant under fr too"]),
        ({"fr": "[cess*]", "es": "[ces*]"},
         ["concepts/mine.yaml:3: 'ces*' (es) begins common words of another language, "
          "as ces (fr): write its forms out, or say what is meant under fr too"]),
        ({"fr": "[ces, cess*]", "es": "[ces*]"}, []),
        ({"es": "[ces*]", "all": "[ces*]"}, []),
        ({"es": "[cese, cesar]"}, []),
        ({"fr": "[ces*]"}, []),
        ({"es": '["ces* de", "de|ces*"]'}, ["concepts/mine.yaml:2: 'ces*' (es) begins"]),
        ({"es": '["ces* de"]'}, []),
        ({"es": "[=ces*]"}, []),
        ({"pt": "[saíd*]", "es": "[said*]"}, ["concepts/mine.yaml:2: 'saíd*' (pt) begins"]),
        ({"all": "[ces*]"}, []),
        ({"hi": "[exit*]"}, []),
    ],
    ids=["caught", "said of one word of two", "said of both", "said of all languages", "written out",
         "its own language", "in a choice", "beside another", "in exact letters", "without its accent, told once",
         "of no language", "of a language nobody counted"],
)  # fmt: skip
def test_a_beginning_that_catches_what_others_say_every_day_is_told(ways: Mapping[str, str], told: list[str]) -> None:
    files = {"concepts/mine.yaml": "mine:\n" + "".join(f"  {lang}: {its}\n" for lang, its in ways.items())}

    found = list(strangers(files, EVERYDAY))

    assert len(found) == len(told)
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True)), found


def test_beginnings_are_looked_at_in_each_kind_of_entry_as_a_whole() -> None:
    files = {
        "proposals/A.yaml": "names:\n  es: [ces*]\nterms:\n  fr: [ces, cesse]\nhits:\n  es: [ces*]\n",
        "proposals/B.yaml": "terms:\n  es: [ces*]\nnots:\n  es: [said*]\n",
        "acts/c.yaml": "phrases:\n  pt: [said*]\n",
        "formulas/d.yaml": "names:\n  pt: [said*]\n",
        "concepts/e.yaml": "one:\n  es: [ces*]\ntwo:\n  fr: [ces, cesse]\n",
        "cues/cues.yaml": "speech: [said*, ces*]\n",
    }

    found = [line.partition(": ")[0] for line in strangers(files, EVERYDAY)]

    assert found == ["acts/c.yaml:2", "concepts/e.yaml:2", "formulas/d.yaml:2", "proposals/B.yaml:2"]
