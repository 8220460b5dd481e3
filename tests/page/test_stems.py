from __future__ import annotations

import sqlite3
from itertools import product

import pytest

from connectors.page import stems

FORMS = {
    "en": ("treaty treaties", "concern concerns concerned", "reject rejects rejected rejecting", "missile missiles",
           "proposal proposals", "security", "agreement agreements", "minister ministers"),
    "ru": ("договор договора договору договором договоре договоры договоров договорам договорами договорах",
           "безопасность безопасности безопасностью", "предложение предложения предложению предложений предложениями",
           "отвергла отверг отвергли", "гарантия гарантии гарантий гарантиями", "ракета ракеты ракету ракетой ракет",
           "европейский европейская европейской европейскую европейского европейские"),
    "uk": ("договір договору договором договорі договори договорів договорам договорами договорах",
           "безпека безпеки безпеці безпеку безпекою", "пропозиція пропозиції пропозицію пропозицією пропозицій",
           "переговори переговорів переговорам переговорами переговорах", "зустріч зустрічі зустріччю зустрічей",
           "угода угоди угоду угодою угод угодами", "рішення рішенню рішенням рішень рішеннями", "ніч ночі ночей",
           "відхилити відхилив відхилила відхилило відхилили", "рік року роки років", "гарантія гарантії гарантій",
           "європейський європейська європейської європейську європейського європейські", "Лавров Лаврова Лаврову"),
    "bg": ("договор договорът договора договори договорите", "предложение предложението предложения предложенията",
           "сигурност сигурността", "министър министърът министри министрите", "война войната войни войните",
           "споразумение споразумението споразумения споразуменията", "гаранция гаранцията гаранции гаранциите",
           "отхвърля отхвърли отхвърлиха отхвърлил отхвърлила", "ракета ракетата ракети ракетите",
           "европейски европейска европейската европейско европейските", "преговори преговорите"),
    "de": ("Vertrag Vertrags Vertrages Vertrage Verträge Verträgen", "Vorschlag Vorschlags Vorschläge Vorschlägen",
           "Verhandlung Verhandlungen", "Sicherheit Sicherheiten", "ablehnen ablehnte ablehnten",
           "europäisch europäische europäischen europäischer europäisches"),
    "fr": ("traité traités", "négociation négociations", "proposition propositions", "rejeter rejette rejetait rejeté",
           "européen européenne européens européennes", "garantie garanties"),
    "es": ("tratado tratados", "propuesta propuestas", "negociación negociaciones", "garantía garantías",
           "rechazar rechaza rechazan rechazó rechazaron", "europeo europea europeos"),
    "pl": ("traktat traktatu traktatem traktaty traktatów traktatami", "umowa umowy umowę umową umów umowami",
           "propozycja propozycji propozycję propozycje", "odrzucić odrzucił odrzuciła odrzucili",
           "gwarancja gwarancji gwarancje gwarancjami", "bezpieczeństwo bezpieczeństwa bezpieczeństwem",
           "europejski europejska europejskiej europejskiego europejskie", "układ układu układem układy układów"),
    "pt": ("tratado tratados", "proposta propostas", "negociação negociações", "garantia garantias",
           "rejeitar rejeita rejeitou rejeitaram", "europeu europeia europeias"),
}  # fmt: skip
"""Forms of one word, by language: who asks by one finds a text that has another."""


def finds(lang: str, text: str, asked: str) -> bool:
    db = sqlite3.connect(":memory:")
    db.execute('CREATE VIRTUAL TABLE words USING fts5(forms, stems, tokenize="unicode61 remove_diacritics 0")')
    db.execute("INSERT INTO words VALUES(?, ?)", stems.indexed(text, lang))
    found = db.execute("SELECT 1 FROM words WHERE words MATCH ?", (stems.query(asked),)).fetchone()
    db.close()
    return found is not None


@pytest.mark.parametrize("lang", FORMS)
def test_every_form_of_a_word_finds_every_other(lang: str) -> None:
    missed = [
        f"{asked} -> {there}"
        for forms in FORMS[lang]
        for there, asked in product(forms.split(), repeat=2)
        if not finds(lang, there, asked)
    ]

    assert missed == []


def test_a_number_has_no_forms() -> None:
    assert stems.indexed("S-400 in 2026", "en") == ("s 400 in 2026", "")


@pytest.mark.parametrize(
    ("lang", "there", "asked"),
    [("uk", "договір", "дорога"), ("uk", "рік", "річка"), ("uk", "переговори", "угода"), ("bg", "война", "воин"),
     ("bg", "договор", "говор"), ("ru", "договор", "договариваться"), ("en", "treaty", "treat"),
     ("pl", "umowa", "umysł"), ("de", "Vertrag", "Vertrauen")],
)  # fmt: skip
def test_another_word_is_not_found(lang: str, there: str, asked: str) -> None:
    assert not finds(lang, there, asked)
