"""The small words that tell who is who, as words are compared: without dots and accents."""

from __future__ import annotations

import re

BY = frozenset((
    "by", "from", "von", "vom", "durch", "par", "de", "por", "przez", "przed", "от", "of", "der", "des", "du",
    "del", "da", "od",
))  # fmt: skip

# As words are compared, without dots and accents; "à" alone stands as it is, for without it French would have an "a".
TO = frozenset((
    "to", "with", "upon", "at", "for", "an", "à", "a", "con", "com", "mit", "gegenuber", "auprès", "к", "с", "для",
    "до", "do", "z", "на", "ke", "bei", "al", "aux", "au", "from",
))  # fmt: skip

AND = frozenset(["and", "und", "et", "y", "e", "и", "та", "і", "й", "i", "oraz", "&"])
"""Words that join two subjects, in the languages that have a pack."""

ARTICLES = frozenset(["the", "die", "der", "das", "les", "la", "le", "l", "los", "las", "el", "os", "as", "o"])

OBJECTS = frozenset((
    "den", "dem", "told", "tells", "give", "gives", "gave", "giving", "given", "handed", "hands", "sent", "sends",
    "informed", "informs", "notified", "notifies", "warned", "warns", "assured", "assures", "reminded", "reminds",
    "accused", "accuses", "accusing", "blamed", "blames",
))  # fmt: skip
"""Words after which nobody is the subject: "hat den USA vorgeschlagen", "told Russian leaders that he"."""

FEMININE = frozenset(["NATO", "EU", "OSCE", "UA", "TR", "US"])
"""Actors that German gives the feminine article, or the plural: with "der" they are no subject."""

HANGS = frozenset((
    "by", "von", "vom", "durch", "par", "por", "przez", "with", "about", "in", "at", "to", "for", "on", "against",
    "mit", "uber", "zu", "fur", "gegen", "an", "avec", "sur", "à", "pour", "contre", "con", "sobre", "para",
    "contra", "с", "со", "о", "об", "в", "к", "для", "на", "против", "про", "із", "з", "до", "за", "със", "com",
    "auf", "unter", "ohne", "without", "including", "без", "кроме", "sans", "trotz", "despite", "wegen",
    "im", "ins", "zum", "zur", "beim", "при", "auprès",
    "pela", "pelo", "przeciw", "wobec", "gegenuber", "towards", "toward", "envers", "перед",
))  # fmt: skip

WITH = frozenset(["with", "mit", "с", "со", "avec", "con", "із", "з", "z", "com"])

PROPOSAL_NOUNS = (
    "propos", "offer", "initiativ", "idea", "plan", "draft", "demand", "call", "concept", "предложен",
    "инициатив", "иде", "проект", "требован", "план", "пропозиц", "ініціатив", "вимог", "vorschl",
    "vorschlag", "forderung", "angebot", "entwurf", "proposition", "offre", "exigence", "projet", "propuest",
    "oferta", "iniciativa", "exigencia", "proyecto", "предложение", "идея", "искан", "propozycj", "żądani",
    "inicjatyw", "proposta", "exigência", "condition", "terms", "package", "compromis", "услови", "умов", "пакет",
    "компромис", "bedingung", "vorbedingung", "kompromis", "paket", "condicion", "warunk",
)  # fmt: skip

COMPOUNDS = (
    "plan", "plans", "vorschlag", "entwurf", "angebot", "forderung", "initiative", "bedingung", "bedingungen", "paket",
)  # fmt: skip
"""Last parts of German nouns for a proposal: "der Siegesplan des Präsidenten"."""

TREATIES = (
    "treaty", "treaties", "pact", "accord", "договор", "пакт", "соглашени", "vertrag", "abkommen", "pakt",
    "traité",
)  # fmt: skip

TREATY_COMPOUNDS = ("vertrag", "vertrags", "vertrages", "pakt", "pakts", "abkommen", "abkommens")

GERMAN_ARTICLES = frozenset(["den", "dem", "des", "ein", "einen", "einem", "eines", "a", "an"])

WARS = re.compile(r"wars?|invasion|aggression|(?:angriffs)?krieg\w*|войн\w*|вторжени\w*|агресси\w*|guerre|guerra")
"""What only bears an actor's name: "the Russian invasion"."""

TITLES = re.compile(
    r"(?:vice|deputy|prime|foreign|defen[cs]e|president|minister|chancellor|secretary|general|of|state|envoy|king|leader"
    r"|президент\w*|премьер\w*|министр\w*|канцлер\w*|генсек\w*|глав\w+|госсекретар\w*|иностранных|дел|обороны"
    r"|prasident\w*|kanzler\w*|bundeskanzler\w*|\w*minister\w*|generalsekretar\w*|staatschef\w*|kolleg\w*|ihr|sein"
    r"|their|his|her|its|counterparts?|colleagues?|ambassadors?|envoys?|leaders|ministers|presidents|negotiators"
    r"|их|его|ее|їх|його|її|колл?ег\w*|посол|посл\w+|постпред\w*|дипломати\w+|ведомств\w*|мид|мзс|ihre|seine|botschafter\w*"
    r"|стран\w*|государств\w*|союзник\w*|countries|states|members|allies|\w*staaten|lander|verbundete\w*"
    r"|policy|chief|head|европейск\w+|europaisch\w+|chef\w*|leurs?|homologues?|president|ministre\w*|ambassadeur\w*)"
)
"""What stands before a name and is no actor of its own. As words are compared: without dots."""

PEOPLE = re.compile(
    r"foreign|defen[cs]e|prime|chief|ministers?|ambassadors?|envoys?|leaders?|members?|negotiators?|diplomats?|officials?"
    r"|delegations?|delegates?|governments?|presidents?|allies|countries|states|parties|partners"
    r"|\w*minister|botschafter|unterhandler|vertreter|diplomaten|staaten|lander|mitglieder|partner"
)
"""Who of a country or an alliance acts for it, where it stands before them: "NATO foreign ministers"."""

PARTED = frozenset(["vor", "ab", "an", "aus", "zu", "ein", "auf", "zuruck"])
"""What a German verb leaves at the end of its clause."""

ANOTHER_CLAUSE = frozenset((
    "weil", "dass", "nachdem", "obwohl", "wenn", "because", "after", "while", "since", "as", "that", "потому",
    "что", "поскольку", "после", "если", "parce", "que", "porque",
))  # fmt: skip
"""Words that begin a clause of its own: who stands in it does nothing in the one before."""
