"""Whether what was found is a text's matter at all: not a treaty that an inspection goes by, nor a deal in grain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.logic.knowledge import Knowledge
from streams.logic.tag.findings import Finding
from streams.logic.tag.reading import Read, payload

_SECURITY = re.compile(
    r"secur|segur|sécur|sicherheit|безопас|безпек|bezpiecz|сигурн"
    r"|nato\b|otan\b|нато\b|allian|allies|альянс|союзник|bündnis|alliiert|sojusz"
    r"|\barms\b|armament|weapon|missile|nuclear|troops|milit|defen[cs]|warhead|peace|\bwars?\b|summit"
    r"|strategic (?:stabil|arms|offens|dialog)"
    r"|вооруж|оруж|ракет|ядерн|войск|воен|войн|оборон|озбро|збро|війн|військ|саммит|саміт|\bмир(?:н|[ауе]?\b|ом\b)"
    r"|rüst|waffe|rakete|atom|truppe|militär|verteidig|krieg|frieden|gipfel"
    r"|arme[sm]|désarm|nucl|troupes|défense|guerre|paix|sommet|zbroj|broń|broni|rakiet|jądrow|wojsk|wojn|pokoj|szczyt"
    r"|guerra|paz\b|tropas|misil|míss|cumbre|cúpula|cimeira|оръж",
    re.IGNORECASE,
)
"""How words begin, or what they hold, that speak of hard security, or of who deals with it."""

_TRADE = re.compile(
    r"\b(?:contracts?\b|trader|exporter|importer|shipper|grain|wheat|tariff|storage|prices?\b|loan|banks?\b|fisher|docker"
    r"|контракт|трейдер|экспорт|импорт|поставк|поставок|зерн|пошлин|банк[аиуо]?|цен[аыу]?\b|нефт|кредит|рыбо"
    r"|постач|мит[аоу]?\b|ціни?\b|зерн"
    r"|liefer|händler|export|import|getreide|zölle|\w*banken|preise?\b|kredit"
    r"|contrats?\b|négociant|banques?\b|blé\b|céréal|pêche|douan|prix\b|prêt\b"
    r"|kontrakt|handlow|zboż|banki?\b|banków|cł[aoe]\b|ceny?\b|contrato|trigo|banco|precio|preço)",
    re.IGNORECASE,
)
"""How words begin that speak of trade."""


_HARD = re.compile(
    r"nato\b|otan\b|нато\b|osce\b|обсе\b|osze\b|\balli(?:ance|és|ed)\b|альянс|союзник|bündnis|alliiert|sojusz"
    r"|\barms\b|armament|weapon|missile|nuclear|troops|milit|warhead|\bwars?\b|вооруж|оруж|ракет|ядерн|войск|воен|войн"
    r"|озбро|збро|війн|військ|rüst|waffe|rakete|atom|truppe|militär|krieg|nucl|troupes|guerre|zbroj|broń|rakiet|wojsk|wojn",
    re.IGNORECASE,
)
"""The same, of arms and of alliances: football clubs have their security too."""

_CIVIL = re.compile(
    r"\b(?:football|soccer|hockey|clubs?\b|league|derby|stadium|steward|referee|olive|harvest|grower|farmer|vineyard"
    r"|brewer|tourist|hotel|museum|theatre|theater|school|pupil|hospital|landlord|tenant|supermarket|retail|festival"
    r"|футбол|хокке|хоке|клуб|лиг[аиеу]\b|ліг[аиу]\b|стадион|стадіон|болельщ|вболівальн|фермер|урожа|врожа|оливк|вин[оау]\b"
    r"|турист|музе|театр|школ|больниц|лікарн|супермаркет|фестивал|отел[ьяе]"
    r"|bundesliga|\w*klubs?\b|\w*fans?\b|stadien|fußball|eishockey|vereine?\b|liga\b|winzer|bauern|ernte|oliven|krankenhaus|schule|schüler|supermarkt"
    r"|ligue|stade|agriculteur|récolte|touriste|musée|théâtre|école|hôpital|supermarché"
    r"|piłka|klub|lig[aię]\b|rolni|turyst|teatr|szkoł|szpital|festiwal|fútbol|clubes|cosecha|escuela|colheita|futebol)\w*",
    re.IGNORECASE,
)
"""How words begin that speak of sport, the land and the town."""
CIVIL = 2
"""Different ones of these that make a text's matter: one may stand in any."""


def another_matter(knowledge: Knowledge, found: Finding, sentences: Sequence[Read]) -> bool:
    """Whether what was found is not what the text is about."""
    return (
        _mere_routine(knowledge, found, sentences)
        or _is_trade(knowledge, found, sentences)
        or _is_civil_life(knowledge, found, sentences)
    )


def _mere_routine(knowledge: Knowledge, found: Finding, sentences: Sequence[Read]) -> bool:
    """Whether a treaty is only named as what an inspection or a meeting goes by: nothing happens to it."""
    if found.events or not knowledge.proposals[found.proposal].treaty:
        return False
    on = [one for one in sentences if one.hits(found.proposal)]
    return all(one.cues.get("routine") for one in on)


def _is_trade(knowledge: Knowledge, found: Finding, sentences: Sequence[Read]) -> bool:
    """Whether what goes by words of every trade, an offer of talks or "the draft agreement", is told where nothing is
    about security: "talks on grain contracts broke up", "a draft agreement was handed to the banks"."""
    its = knowledge.proposals[found.proposal]
    if not (its.other or its.then):
        return False
    return not _speaks(_SECURITY, found, sentences) and _speaks(_TRADE, found, sentences)


def _is_civil_life(knowledge: Knowledge, found: Finding, sentences: Sequence[Read]) -> bool:
    """Whether a pact that nobody names is one of clubs or farmers: "eight clubs signed a security pact"."""
    loose = knowledge.proposals[found.proposal].then
    named = (hit for one in sentences for hit in one.names.get(found.proposal, ()))
    if any(payload(hit).phrase not in loose for hit in named):
        return False
    if _speaks(_HARD, found, sentences):
        return False
    return len({word.casefold() for one in sentences for word in _CIVIL.findall(one.text)}) >= CIVIL


def _speaks(what: re.Pattern[str], found: Finding, sentences: Sequence[Read]) -> bool:
    """Whether a text has such words; where they stand mostly, in the evidence, is looked first."""
    return any(what.search(one.quote) for one in found.evidence) or any(what.search(one.text) for one in sentences)
