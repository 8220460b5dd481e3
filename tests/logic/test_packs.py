"""Reports of several sentences, in packs that labelled news hardly has: the proposal stands in the middle, unnamed."""

from __future__ import annotations

import pytest

from tests.making import tagger

REPORTS = [
    (
        "hi",
        {"PEACE-UA", "UA-NEUTRAL"},
        "पुतिन ने युद्ध खत्म करने के लिए रखी शर्तें",
        "रूस के राष्ट्रपति व्लादिमीर पुतिन ने शुक्रवार को कहा कि वह यूक्रेन में युद्धविराम के लिए तैयार "
        "हैं। उन्होंने विदेश मंत्रालय में भाषण दिया। "
        "पुतिन ने कहा कि यूक्रेन को चार क्षेत्रों से अपनी सेना हटानी होगी और नाटो में शामिल होने का इरादा "
        "छोड़ना होगा। इसके बाद बातचीत शुरू हो सकती है। "
        "यूक्रेन ने इन शर्तों को खारिज कर दिया। जेलेंस्की ने इसे अल्टीमेटम बताया। नाटो महासचिव "
        "स्टोल्टेनबर्ग ने भी प्रस्ताव को ठुकरा दिया। "
        "यह बयान स्विट्जरलैंड में होने वाले शांति सम्मेलन से एक दिन पहले आया है।",
    ),
    (
        "hi",
        {"PEACE-UA", "UA-GUARANTEES"},
        "जेलेंस्की का नया प्रस्ताव",
        "यूक्रेन के राष्ट्रपति जेलेंस्की ने एक टीवी इंटरव्यू में कहा कि युद्ध का गर्म दौर खत्म हो सकता "
        "है। रूस का यूक्रेन के बड़े हिस्से पर कब्जा है। "
        "उन्होंने सुझाव दिया कि यूक्रेन के जिन इलाकों पर कीव का नियंत्रण है, उन्हें नाटो की सदस्यता दी "
        "जाए। बाकी इलाके बाद में बातचीत से वापस लिए जाएंगे। "
        "अमेरिका ने इस पर कोई टिप्पणी नहीं की। रूस पहले ही कह चुका है कि उसे यह मंजूर नहीं है।",
    ),
    (
        "hi",
        {"DEC21-NATO", "NO-ENLARGE"},
        "रूस ने नाटो से मांगी गारंटी",
        "रूस ने अमेरिका और नाटो को सुरक्षा गारंटी का मसौदा सौंपा है। रूस चाहता है कि नाटो पूर्व की ओर विस्तार न करे। "
        "विदेश मंत्री लावरोव ने कहा कि उन्हें लिखित जवाब चाहिए। अमेरिका ने कहा कि वह सहयोगियों से चर्चा करेगा। "
        "यूक्रेन की सीमा पर रूस के एक लाख सैनिक तैनात हैं।",
    ),
    (
        "pt",
        {"INF"},
        "Putin ameaça apontar mísseis",
        "O Presidente russo, Vladimir Putin, afirmou esta quarta-feira que a Rússia vai responder se os "
        "Estados Unidos instalarem novos mísseis na Europa. "
        "O discurso foi transmitido pela televisão e durou mais de uma hora. Putin falou também da economia. "
        "Washington abandonou no início do mês o tratado assinado em 1987 por Reagan e Gorbachov, que "
        "proibia mísseis com alcance entre 500 e 5.500 quilómetros. Moscovo suspendeu depois a sua "
        "participação. "
        "A NATO acusa a Rússia de ter violado o acordo.",
    ),
    (
        "pt",
        {"PEACE-UA", "UA-NEUTRAL"},
        "Rússia volta a exigir rendição",
        "As forças russas bombardearam Kharkiv durante a noite, segundo as autoridades locais. Três "
        "pessoas ficaram feridas. "
        "O porta-voz do Kremlin, Dmitri Peskov, disse que as condições não mudaram: Kiev tem de retirar "
        "as tropas e desistir da adesão à NATO. "
        "Zelensky respondeu que a Ucrânia não cederá território. O Presidente pediu mais armas aos aliados.",
    ),
    (
        "pl",
        {"START"},
        "Rosja zawiesza traktat",
        "Władimir Putin wygłosił we wtorek orędzie do parlamentu. Mówił przez niemal dwie godziny, "
        "głównie o gospodarce. "
        "Pod koniec zapowiedział, że Rosja zawiesza udział w układzie o ograniczeniu zbrojeń "
        "strategicznych Nowy START, ale z niego nie występuje. "
        "Sekretarz stanu USA Antony Blinken nazwał decyzję nieodpowiedzialną. Stoltenberg wezwał Moskwę "
        "do jej zmiany.",
    ),
    (
        "pl",
        {"DEC21-NATO", "NO-ENLARGE", "UA-NEUTRAL"},
        "Ławrow: czekamy na odpowiedź",
        "Minister spraw zagranicznych Rosji powiedział w piątek, że Moskwa oczekuje pisemnej odpowiedzi "
        "na swoje propozycje. Spotkał się w Genewie z sekretarzem stanu USA. "
        "Rosja chce, by NATO wycofało wojska z państw przyjętych po 1997 roku i nie przyjmowało Ukrainy. "
        "Zachód uważa te żądania za nie do przyjęcia. "
        "Rozmowy mają być kontynuowane w przyszłym tygodniu. Polska przewodniczy w tym roku OBWE.",
    ),
    (
        "pl",
        {"START"},
        "Biden i Putin rozmawiali",
        "Prezydenci USA i Rosji odbyli pierwszą rozmowę telefoniczną. Poinformował o tym Biały Dom. "
        "Omówili przedłużenie traktatu o redukcji zbrojeń nuklearnych o pięć lat. Biden poruszył też "
        "sprawę Aleksieja Nawalnego i Nord Stream 2. "
        "Kreml podał, że przywódcy z zadowoleniem przyjęli wymianę not w tej sprawie.",
    ),
    (
        "bg",
        {"PEACE-UA", "UA-NEUTRAL"},
        "Песков: Условията ни са същите",
        "Говорителят на Кремъл Дмитрий Песков заяви днес, че Москва не вижда готовност за преговори от "
        "страна на Киев. Той разговаря с журналисти. "
        "Условията на Русия бяха изложени през юни: изтегляне на украинските войски от четирите области и "
        "отказ на Киев от членство в НАТО. "
        "Украйна и Западът ги отхвърлиха. В Киев говорят за ултиматум.",
    ),
    (
        "bg",
        {"INF"},
        "Русия с предупреждение",
        "Русия ще разположи ракети със среден обсег, ако САЩ направят същото в Германия, каза "
        "заместник-министърът Рябков. "
        "Москва спазваше едностранен мораториум, след като Вашингтон излезе от договора през 2019 година. "
        "Сега това се преразглежда. "
        "НАТО определи думите му като безотговорни.",
    ),
    (
        "bg",
        {"UA-GUARANTEES"},
        "Макрон и Стармър",
        "Париж и Лондон обмислят да изпратят войски в Украйна след края на бойните действия, пише "
        "европейски вестник. Планът се обсъжда с Полша. "
        "Русия многократно е заявявала, че няма да приеме войски на НАТО в Украйна. Зеленски приветства идеята. "
        "Берлин е по-предпазлив.",
    ),
]


@pytest.mark.parametrize(("lang", "proposals", "title", "text"), REPORTS, ids=[f"{r[0]} {r[2]}" for r in REPORTS])
def test_a_report_of_several_sentences_is_found(lang: str, proposals: set[str], title: str, text: str) -> None:
    found = {f.proposal for f in tagger().tag(title, text, lang).findings}

    assert found & proposals
