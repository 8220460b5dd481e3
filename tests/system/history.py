"""About a year in the life of the European Security Treaty, as thirty short articles that we wrote ourselves.

In English, Russian and German, with copies, edits, a retraction, a denial, a promise kept and one missed, a
contradiction, an opinion, a rumour, a late report, and noise. Names and dates follow history loosely; words are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

# id, published, language, source, kind, title, text
ARTICLES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("n1", "2008-06-02T08:00", "en", "wire", "new", "Harvest outlook improves", "Wheat prices fell on Monday."),
    ("p1", "2008-06-05T15:00", "en", "wire", "new", "Medvedev proposes European security treaty",
     "Russian President Dmitry Medvedev proposed a European Security Treaty to NATO on Thursday. "
     "He spoke to business leaders in Berlin."),
    ("p1c", "2008-06-05T16:00", "en", "daily", "new", "Medvedev proposes European security treaty",
     "Russian President Dmitry Medvedev proposed a European Security Treaty to NATO on Thursday. "
     "He spoke to business leaders in Berlin."),
    ("p2", "2008-06-06T07:00", "de", "zeitung", "new", "Medwedew schlägt Sicherheitsvertrag vor",
     "Russlands Präsident Dmitri Medwedew hat der NATO einen europäischen Sicherheitsvertrag vorgeschlagen. "
     "Das sagte er bei seinem Besuch in der Hauptstadt vor Unternehmern."),
    ("p3", "2008-06-06T09:00", "ru", "gazeta", "new", "Медведев предложил договор",
     "Президент России Дмитрий Медведев предложил НАТО заключить договор о европейской безопасности. "
     "Об этом он сообщил немецким предпринимателям."),
    ("n2", "2008-06-10T09:00", "en", "wire", "new", "Football", "Spain beat Russia by four goals to one in Innsbruck."),
    ("o1", "2008-06-20T09:00", "en", "daily", "new", "Opinion: a treaty nobody needs",
     "In my opinion NATO should reject the European Security Treaty that Russia proposed. I think it is a bad idea."),
    ("n3", "2008-07-02T09:00", "de", "zeitung", "new", "Wetter", "Am Mittwoch wird es in Bayern warm und trocken."),
    ("d1", "2008-07-28T18:00", "en", "wire", "new", "NATO envoys discuss treaty",
     "NATO ambassadors discussed Russia's proposed European Security Treaty on Monday in Brussels. "
     "Russia promised to give details of the European Security Treaty on September 24, envoy Dmitry Rogozin said."),
    ("d1c", "2008-07-28T20:00", "en", "daily", "new", "NATO envoys discuss treaty",
     "NATO ambassadors discussed Russia's proposed European Security Treaty on Monday in Brussels. "
     "Russia promised to give details of the European Security Treaty on September 24, envoy Dmitry Rogozin said."),
    ("d2", "2008-07-29T08:00", "ru", "gazeta", "new", "НАТО обсудила договор",
     "Послы НАТО обсудили предложенный Россией договор о европейской безопасности."),
    ("n4", "2008-08-03T10:00", "ru", "gazeta", "new", "Погода", "В Москве ожидаются дожди и грозы."),
    ("k1", "2008-09-24T17:00", "en", "wire", "new", "Rogozin presents details",
     "Russia clarified its proposal for a European Security Treaty at NATO headquarters, envoy Dmitry Rogozin said."),
    ("w1", "2008-10-08T16:00", "en", "wire", "new", "Sarkozy welcomes Russian plan",
     "France welcomed Russia's proposal for a European Security Treaty, President Nicolas Sarkozy said in Evian. "
     "Russia promised to publish a draft of the European Security Treaty by December 1, 2008, Medvedev said."),
    ("w1c", "2008-10-08T18:00", "en", "daily", "new", "Sarkozy welcomes Russian plan",
     "France welcomed Russia's proposal for a European Security Treaty, President Nicolas Sarkozy said in Evian. "
     "Russia promised to publish a draft of the European Security Treaty by December 1, 2008, Medvedev said."),
    ("n5", "2008-11-04T09:00", "en", "wire", "new", "Election day", "Americans vote for a new president on Tuesday."),
    ("x1", "2008-12-05T10:00", "en", "wire", "new", "Markets", "Stocks rose in quiet trading."),
    ("r0", "2008-12-10T10:00", "en", "daily", "new", "NATO said to plan a rejection",
     "NATO will reject the European Security Treaty that Russia proposed, according to an unnamed source."),
    ("e1", "2009-02-07T12:00", "en", "wire", "new", "Treaty discussed in Munich",
     "Russia and NATO discussed the European Security Treaty in Munich on Saturday."),
    ("e1", "2009-02-07T13:00", "en", "wire", "update", "Treaty rejected in Munich",
     "NATO rejected the European Security Treaty that Russia proposed, a spokesman said in Munich on Saturday."),
    ("e1", "2009-02-07T14:00", "en", "wire", "update", "Treaty rejected in Munich",
     "NATO rejected the European Security Treaty that Russia proposed, a spokesman said in Munich on Saturday. "
     "Snow fell in the city."),
    ("y1", "2009-04-01T09:00", "en", "daily", "new", "NATO and Russia sign treaty",
     "NATO and Russia signed the European Security Treaty, the alliance said."),
    ("y1", "2009-04-01T12:00", "en", "daily", "retraction", "", ""),
    ("l1", "2009-05-11T09:00", "en", "wire", "new", "How it began",
     "Italy supported Russia's proposal for a European Security Treaty on July 30, 2008, "
     "Foreign Minister Franco Frattini said."),
    ("t1", "2009-11-29T15:00", "en", "wire", "new", "Russia publishes draft treaty",
     "Russia submitted a draft European Security Treaty to NATO on Sunday, the Kremlin said."),
    ("t2", "2009-11-29T16:00", "de", "zeitung", "new", "Moskau legt Entwurf vor",
     "Russland hat der NATO am Sonntag den Entwurf eines europäischen Sicherheitsvertrags vorgelegt."),
    ("t3", "2009-11-30T07:00", "ru", "gazeta", "new", "Россия представила проект договора",
     "Россия представила НАТО проект договора о европейской безопасности, сообщили в Кремле."),
    ("c1", "2009-12-04T10:00", "en", "wire", "new", "NATO welcomes draft",
     "NATO welcomed Russia's draft European Security Treaty, a spokesman said on Friday."),
    ("c2", "2009-12-04T11:00", "en", "daily", "new", "NATO rejects draft",
     "NATO has rejected the draft European Security Treaty submitted by Russia, diplomats told reporters on Friday."),
    ("n6", "2009-12-20T10:00", "de", "zeitung", "new", "Skispringen", "Der Österreicher gewann das Springen."),
)  # fmt: skip


def lines() -> Iterator[bytes]:
    """The archive as `treatywatch ingest` reads it."""
    for identity, published, lang, source, kind, title, text in ARTICLES:
        yield json.dumps(
            {"id": identity, "url": f"https://{source}.example/{identity}", "published": published + ":00Z",
             "lang": lang, "source": source, "kind": kind, "title": title, "text": text},
            ensure_ascii=False,
        ).encode()  # fmt: skip
