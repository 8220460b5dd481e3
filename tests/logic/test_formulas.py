"""Set phrases of the debate, and whose words they are."""

from __future__ import annotations

import pytest

from tests.making import tagger


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Russia's Sergei Lavrov told NATO that the European Security Treaty rests on indivisible security.",
         [("indivisible-security", "RU", "Lavrov")]),
        ("Russia proposed a European Security Treaty to NATO. Lavrov spoke in Moscow. The security of Europe is"
         " indivisible, he said: it needs the indivisibility of security.", [("indivisible-security", "RU", "Lavrov")]),
        ("Министр иностранных дел России Сергей Лавров заявил, что договор о европейской безопасности с НАТО"
         " основан на принципе неделимости безопасности.", [("indivisible-security", "RU", "Lavrov")]),
        ("Russlands Präsident Medwedew schlug der NATO einen europäischen Sicherheitsvertrag vor. Medwedew sprach von"
         " der Unteilbarkeit der Sicherheit.", [("indivisible-security", "RU", "Medvedev")]),
        ("Russia proposed a European Security Treaty to NATO. Security is indivisible.", []),
        ("Russia proposed a European Security Treaty to NATO. NATO said that its door remains open.",
         [("open-door", "NATO", "")]),
    ],
)  # fmt: skip
def test_a_formula_is_found_with_its_speaker(text: str, found: list[tuple[str, str, str]]) -> None:
    tagged = tagger().tag("", text, None, None)

    told = tagged.findings[0].formulas
    assert [(f.formula, f.speaker, f.by) for f in told] == found
    assert all(text[e.start : e.end] == e.quote for f in told for e in f.evidence)
