"""A year and a half in the life of the European Security Treaty, as some sixty short articles that we wrote ourselves.

In English, Russian, German, French and Ukrainian, with copies, edits, retractions, denials, promises kept and missed,
contradictions, opinions, rumours, a late report, formulas, two other proposals, and noise. Names and dates follow
history loosely; words are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

PROPOSED = (
    "BERLIN, June 5 - Russian President Dmitry Medvedev on Thursday proposed a legally binding European "
    "Security Treaty that "
    "would take in NATO and all states of the continent. He spoke to politicians and business leaders in "
    "Berlin. Officials at "
    "NATO headquarters declined to comment on the speech before they had read it."
)
DISCUSSED = (
    "NATO ambassadors discussed Russia's proposed European Security Treaty on Monday in Brussels. Russia "
    "promised to give "
    "details of the European Security Treaty on September 24, envoy Dmitry Rogozin said."
)
WELCOMED = (
    "France welcomed Russia's proposal for a European Security Treaty, President Nicolas Sarkozy said in Evian. "
    "Russia promised to publish a draft of the European Security Treaty by December 1, 2008, Medvedev said."
)
TABLED = (
    "MOSCOW, Nov 29 - Russia submitted a draft European Security Treaty to NATO on Sunday, the Kremlin said. "
    "The text of "
    "fourteen articles was put on the president's web site and sent to the heads of state and to the "
    "organisations concerned."
)

# id, published, language, source, kind, title, text
ARTICLES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("n1", "2008-06-02T08:00", "en", "wire", "new", "Harvest outlook improves", "Wheat prices fell on Monday."),
    ("n2", "2008-06-03T08:00", "en", "wire", "new", "Irish voters look at Lisbon",
     "The European Union hopes that Ireland will ratify the Lisbon treaty, the Commission said in Brussels."),
    ("p1", "2008-06-05T15:00", "en", "wire", "new", "Medvedev proposes European security treaty", PROPOSED),
    ("p1c", "2008-06-05T16:00", "en", "daily", "new", "Medvedev proposes European security treaty", PROPOSED),
    ("p1d", "2008-06-05T17:00", "en", "mirror", "new", "Russia's president proposes pact",
     "(Agencies) " + PROPOSED.replace("BERLIN, June 5 - ", "").replace(" before they had read it", "")),
    ("p2", "2008-06-06T07:00", "de", "zeitung", "new", "Medwedew schlägt Sicherheitsvertrag vor",
     "Russlands Präsident Dmitri Medwedew hat der NATO einen europäischen Sicherheitsvertrag vorgeschlagen. "
     "Das sagte er bei seinem Besuch in der Hauptstadt vor Unternehmern."),
    ("p3", "2008-06-06T09:00", "ru", "gazeta", "new", "Медведев предложил договор",
     "Президент России Дмитрий Медведев предложил НАТО заключить договор о европейской безопасности. "
     "Об этом он сообщил немецким предпринимателям."),
    ("p4", "2008-06-06T11:00", "fr", "journal", "new", "Medvedev propose un traité",
     "Le président russe Dmitri Medvedev a proposé à l'OTAN un traité de sécurité européenne."),
    ("n3", "2008-06-10T09:00", "en", "wire", "new", "Football", "Spain beat Russia by four goals to one in Innsbruck."),
    ("n4", "2008-06-12T09:00", "en", "wire", "new", "Sweden and NATO",
     "Sweden took part in a NATO exercise in the Baltic Sea, the navy said."),
    ("o1", "2008-06-20T09:00", "en", "daily", "new", "Opinion: a treaty nobody needs",
     "In my opinion NATO should reject the European Security Treaty that Russia proposed. I think it is a bad idea."),
    ("n5", "2008-07-02T09:00", "de", "zeitung", "new", "Wetter", "Am Mittwoch wird es in Bayern warm und trocken."),
    ("d1", "2008-07-28T18:00", "en", "wire", "new", "NATO envoys discuss treaty", DISCUSSED),
    ("d1c", "2008-07-28T20:00", "en", "daily", "new", "NATO envoys discuss treaty", DISCUSSED),
    ("d2", "2008-07-29T08:00", "ru", "gazeta", "new", "НАТО обсудила договор",
     "Послы НАТО обсудили предложенный Россией договор о европейской безопасности."),
    ("d3", "2008-07-29T10:00", "de", "zeitung", "new", "NATO berät über Vertrag",
     "Die Botschafter der NATO haben in Brüssel über den von Russland vorgeschlagenen europäischen "
     "Sicherheitsvertrag "
     "beraten."),
    ("a1", "2008-07-30T12:00", "en", "wire", "new", "Rogozin reassures the alliance",
     "Russia denied that its proposed European Security Treaty is aimed at dismantling NATO, envoy Dmitry "
     "Rogozin said."),
    ("n6", "2008-08-03T10:00", "ru", "gazeta", "new", "Погода", "В Москве ожидаются дожди и грозы."),
    ("c0", "2008-08-19T16:00", "en", "wire", "new", "NATO suspends council with Russia",
     "NATO suspended the NATO-Russia Council on Tuesday over the war in Georgia, Secretary-General Jaap de "
     "Hoop Scheffer "
     "said."),
    ("c0d", "2008-08-20T07:00", "de", "zeitung", "new", "NATO setzt Rat aus",
     "Die NATO hat den NATO-Russland-Rat wegen des Krieges in Georgien ausgesetzt."),
    ("k1", "2008-09-24T17:00", "en", "wire", "new", "Rogozin presents details",
     "Russia clarified its proposal for a European Security Treaty at NATO headquarters, envoy Dmitry Rogozin said."),
    ("w1", "2008-10-08T16:00", "en", "wire", "new", "Sarkozy welcomes Russian plan", WELCOMED),
    ("w1c", "2008-10-08T18:00", "en", "daily", "new", "Sarkozy welcomes Russian plan", WELCOMED),
    ("w2", "2008-10-09T07:00", "fr", "journal", "new", "Sarkozy salue la proposition russe",
     "La France a salué la proposition russe de traité de sécurité européenne, a dit le président Nicolas Sarkozy."),
    ("f1", "2008-10-20T09:00", "en", "wire", "new", "Lavrov on security",
     "The European Security Treaty that Russia proposed to NATO rests on indivisible security, Foreign "
     "Minister Sergei Lavrov "
     "said."),
    ("f2", "2008-10-27T09:00", "ru", "gazeta", "new", "Лавров о безопасности",
     "Предложенный Россией договор о европейской безопасности с НАТО основан на неделимости безопасности, "
     "заявил министр "
     "иностранных дел Сергей Лавров."),
    ("n7", "2008-11-04T09:00", "en", "wire", "new", "Election day", "Americans vote for a new president on Tuesday."),
    ("o2", "2008-11-10T09:00", "de", "zeitung", "new", "Kommentar: Eine gute Idee",
     "Meiner Meinung nach sollte die NATO den europäischen Sicherheitsvertrag annehmen, den Russland "
     "vorgeschlagen hat."),
    ("x1", "2008-12-05T10:00", "en", "wire", "new", "Markets", "Stocks rose in quiet trading."),
    ("r0", "2008-12-10T10:00", "en", "daily", "new", "NATO said to plan a rejection",
     "NATO will reject the European Security Treaty that Russia proposed, according to an unnamed source."),
    ("u1", "2008-12-18T10:00", "uk", "kyiv", "new", "Україна стурбована",
     "Україна стурбована російською пропозицією щодо договору про європейську безпеку."),
    ("n8", "2009-01-07T10:00", "en", "wire", "new", "Gas stops",
     "Russia stopped gas deliveries to Europe on Wednesday."),
    ("e1", "2009-02-07T12:00", "en", "wire", "new", "Treaty discussed in Munich",
     "Russia and NATO discussed the European Security Treaty in Munich on Saturday."),
    ("e1", "2009-02-07T13:00", "en", "wire", "update", "Treaty rejected in Munich",
     "NATO rejected the European Security Treaty that Russia proposed, a spokesman said in Munich on Saturday."),
    ("e1", "2009-02-07T14:00", "en", "wire", "update", "Treaty rejected in Munich",
     "NATO rejected the European Security Treaty that Russia proposed, a spokesman said in Munich on Saturday. "
     "Snow fell in the city."),
    ("e2", "2009-02-07T18:00", "de", "zeitung", "new", "NATO lehnt Vorschlag ab",
     "Die NATO hat Russlands Vorschlag für einen europäischen Sicherheitsvertrag abgelehnt."),
    ("e3", "2009-02-08T08:00", "en", "daily", "new", "NATO says it has not decided",
     "NATO denied that it had rejected the European Security Treaty that Russia proposed, a spokesman said "
     "on Sunday."),
    ("c3", "2009-03-05T15:00", "en", "wire", "new", "NATO resumes council",
     "NATO agreed on Thursday to revive the NATO-Russia Council, U.S. Secretary of State Hillary Clinton said."),
    ("y1", "2009-04-01T09:00", "en", "daily", "new", "NATO and Russia sign treaty",
     "NATO and Russia signed the European Security Treaty, the alliance said."),
    ("y1c", "2009-04-01T10:00", "en", "mirror", "new", "NATO and Russia sign treaty",
     "NATO and Russia signed the European Security Treaty, the alliance said."),
    ("y1", "2009-04-01T12:00", "en", "daily", "retraction", "", ""),
    ("y1c", "2009-04-01T12:30", "en", "mirror", "retraction", "", ""),
    ("y1d", "2009-04-01T15:00", "en", "blog", "new", "NATO and Russia sign treaty",
     "NATO and Russia signed the European Security Treaty, the alliance said."),
    ("l1", "2009-05-11T09:00", "en", "wire", "new", "How it began",
     "Italy supported Russia's proposal for a European Security Treaty on July 30, 2008, "
     "Foreign Minister Franco Frattini said."),
    ("g1", "2009-06-28T12:00", "en", "wire", "new", "Ministers meet on Corfu",
     "OSCE foreign ministers discussed the European Security Treaty that Russia proposed on the island of "
     "Corfu on Sunday. "
     "Russia promised to publish a draft by December 10, Lavrov said."),
    ("n9", "2009-07-20T10:00", "de", "zeitung", "new", "Urlaub", "Viele Deutsche reisen in diesem Sommer nach Bayern."),
    ("n10", "2009-09-17T10:00", "en", "wire", "new", "Japan and the treaty",
     "Japan's new government will review its security treaty with the United States, the foreign minister said."),
    ("t1", "2009-11-29T15:00", "en", "wire", "new", "Russia publishes draft treaty", TABLED),
    ("t1", "2009-11-29T15:20", "en", "wire", "update", "Russia publishes draft treaty", TABLED + " (Adds detail.)"),
    ("t1c", "2009-11-29T15:30", "en", "mirror", "new", "Draft treaty published",
     TABLED.replace("MOSCOW, Nov 29 - ", "")),
    ("t2", "2009-11-29T16:00", "de", "zeitung", "new", "Moskau legt Entwurf vor",
     "Russland hat der NATO am Sonntag den Entwurf eines europäischen Sicherheitsvertrags vorgelegt."),
    ("t3", "2009-11-30T07:00", "ru", "gazeta", "new", "Россия представила проект договора",
     "Россия представила НАТО проект договора о европейской безопасности, сообщили в Кремле."),
    ("c1", "2009-12-04T10:00", "en", "wire", "new", "NATO welcomes draft",
     "NATO welcomed Russia's draft European Security Treaty, a spokesman said on Friday."),
    ("c2", "2009-12-04T11:00", "en", "daily", "new", "NATO rejects draft",
     "NATO has rejected the draft European Security Treaty submitted by Russia, diplomats told reporters on Friday."),
    ("n11", "2009-12-12T10:00", "en", "wire", "new", "Snow", "Snow closed airports across the north of England."),
    ("c1", "2009-12-12T12:00", "en", "wire", "retraction", "", ""),
    ("z1", "2009-12-17T10:00", "en", "wire", "new", "Rasmussen in Moscow",
     "NATO rejected the European Security Treaty that Russia proposed, Secretary-General Rasmussen said in Moscow."),
    ("n12", "2009-12-20T10:00", "de", "zeitung", "new", "Skispringen", "Der Österreicher gewann das Springen."),
    ("i1", "2009-12-22T10:00", "en", "wire", "new", "A forum of experts",
     "Russia offered NATO a security conference on missile defence in Europe, Foreign Minister Sergei Lavrov said."),
    ("n13", "2009-12-28T10:00", "ru", "gazeta", "new", "Праздники", "Россияне готовятся к новогодним праздникам."),
)  # fmt: skip


def name_of(url: str) -> str:
    """The id above, by the address."""
    return url.rpartition("/")[2]


def lines() -> Iterator[bytes]:
    """The archive as `treatywatch ingest` reads it."""
    for identity, published, lang, source, kind, title, text in ARTICLES:
        yield json.dumps(
            {"id": identity, "url": f"https://{source}.example/{identity}", "published": published + ":00Z",
             "lang": lang, "source": source, "kind": kind, "title": title, "text": text},
            ensure_ascii=False,
        ).encode()  # fmt: skip
