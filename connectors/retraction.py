"""What an editor's retraction looks like: a mark before the headline, or a first sentence about the text itself. Pure.

News of a withdrawal is none: the words must be about this article, story, publication, and stand at the very beginning.
"""

from __future__ import annotations

import re

OPENING = 240
"""Characters of a title or text in which an editor's words must begin and end."""

_MARKS = (
    r"retract(?:ed|ion)(?: notice)?|notice of (?:retraction|withdrawal)|withdrawn|(?-i:KILL(?:ED)?)|kill (?:bulletin|notice)|"
    r"(?:mandatory|bulletin) kill|(?:advisory\W+)?(?:story|article|report) (?:removed|withdrawn|killed|deleted|retracted)|"
    r"removed|deleted|(?:please )?disregard (?:this |our )?(?:story|article|report|item)",
    r"отозван[оаы]?|удалено|аннулирован[оа]?|ретракция|снято с публикации",
    r"(?:материал|сообщение|новость|статья|публикация|заметка) (?:удал[её]н[ао]?|отозван[ао]?|снят[ао]?|аннулирован[ао]?)"
    r"(?: с (?:публикации|сайта)| редакцией| по (?:решению|требованию|просьбе) .{3,60})?",
    r"відкликан[оаи]?|видалено|анульовано|знято з публікації",
    r"(?:матеріал|новин[ау]|статт[яю]|публікаці[яю]|повідомлення) (?:видален[оаий]*|відкликан[оаий]*|знят[оаий]*)"
    r"(?: з (?:публікації|сайту)| редакцією| за (?:рішенням|вимогою) .{3,60})?",
    r"zurückgezogen|widerrufen|rückzug|(?:artikel|beitrag|meldung) (?:zurückgezogen|gelöscht|entfernt|widerrufen)",
    r"retiré[es]?|rétractée?|rétractation|(?:article|dépêche|contenu) (?:retiré|supprimé|annulé|dépublié)e?",
    r"retirad[oa]|retractad[oa]|retractación|anulad[oa]|(?:artículo|noticia|nota) (?:retirad|eliminad|anulad|retractad)[oa]",
    r"wycofan[oyae]|sprostowanie i wycofanie|(?:artykuł|tekst|depesza) (?:wycofan|usunięt|anulowan)[yaeo]",
    r"retratação|despublicad[oa]|(?:artigo|notícia|texto) (?:retirad|removid|despublicad|anulad)[oa]",
    r"оттеглен[оа]?|(?:статията|материалът|новината|публикацията) (?:оттеглен|премахнат|изтрит|свален)[аои]?",
)
_NOTE = (
    r"^\W*+(?:(?:editor['’]?s? note|note|correction|notice|update|retraction|advisory|"
    r"от редакции|примечание редакции|від редакції|примітка редакції|"
    r"anmerkung der redaktion|anm\. ?d\. ?red\.|hinweis(?: der redaktion)?|in eigener sache|note de la rédaction|ndlr|"
    r"nota (?:del editor|de la redacción|da redação|do editor)|od redakcji|бележка на редакцията|от редакцията)"
    r"\s*[:.\-–—]\s*)?\W*+(?:[A-Z]{2,8}\)\W*+)?"
)
_THING = r"(?:article|story|report|post|item|page|piece|dispatch|material|publication|news item)"
_PASSIVE = (
    rf"(?:this|the)\s+(?:\w+\s+){{0,2}}{_THING}\s+(?:was published in error and )?"
    r"(?:has been|was|is|have been|had been)\s+(?:\w+\s+)?(?:retracted|withdrawn|removed|killed|taken down|unpublished|deleted|"
    r"pulled|cancell?ed)\b",
    r"(?:эт(?:а|от|о)|данн(?:ая|ый|ое))\s+(?:статья|материал|новость|публикация|заметка|сообщение|текст)\s+(?:был[ао]?\s+)?"
    r"(?:удал[её]н|отозван|снят|аннулирован)[ао]?\b",
    r"(?:статья|материал|новость|публикация|заметка|сообщение)\s+был[ао]?\s+(?:удал[её]н|отозван|снят|аннулирован)[ао]?"
    r"(?=\s*(?:[.!,;)\]]|$|с публикации|с сайта|редакцией|по (?:решению|требованию|просьбе)|из-за|в связи))",
    r"(?:ц[яею]й?|даний|дану)\s+(?:статт[яю]|матеріал|новин[ау]|публікаці[яю]|повідомлення|текст)\s+(?:бул[оа]\s+)?"
    r"(?:видален|відкликан|знят|анульован)[оаий]*\b",
    r"(?:dieser|der|diese|die)\s+(?:artikel|beitrag|bericht|text|meldung)\s+(?:wurde|ist)\s+(?:\w+\s+)?"
    r"(?:zurückgezogen|gelöscht|entfernt|zurückgenommen|widerrufen)\b",
    r"(?:cet|l['’]|ce|cette|la)\s*(?:article|texte|reportage|contenu|dépêche)\s+(?:a été|est)\s+"
    r"(?:retiré|supprimé|dépublié|rétracté|annulé)e?\b",
    r"(?:est[ea]|el|la)\s+(?:artículo|texto|reportaje|noticia|nota|publicación)\s+(?:ha sido|fue)\s+"
    r"(?:retirad|eliminad|retractad|anulad)[oa]\b",
    r"(?:(?:ten|niniejszy|ta)\s+)?(?:artykuł|tekst|publikacja|depesza)\s+(?:został|została)\s+(?:wycofan|usunięt|anulowan)[ya]\b",
    r"(?:est[ea]|o|a)\s+(?:artigo|texto|reportagem|notícia|matéria|publicação)\s+foi\s+(?:retirad|removid|despublicad|anulad|"
    r"apagad)[oa]\b",
    r"(?:(?:тази|този|настоящ(?:ата|ият))\s+)?(?:статия(?:та)?|материал(?:ът)?|новина(?:та)?|публикация(?:та)?)\s+(?:е|беше|бе)\s+"
    r"(?:оттеглен|премахнат|изтрит|свален)[аои]?\b",
)
_ACTIVE = (
    rf"(?:\w+\s+){{0,6}}(?:retracts?|withdraws?|(?:has|have) (?:retracted|withdrawn|removed|deleted)|(?:is|are) (?:retracting|withdrawing))"
    rf"\s+(?:this|its|the|our|an earlier)\s+(?:\w+\s+){{0,2}}{_THING}\b",
    r"(?:(?:[\w-]+\s+){0,5}(?:отзывает|удалила|отозвала|сняла|аннулирует|аннулировала)|мы\s+(?:отозвали|отзываем|удалили|сняли))\s+"
    r"(?:эт[уо]т?|сво[йюе]|данн\w+)?\s*(?:статью|материал|новость|публикацию|заметку|сообщение)\b",
    r"(?:(?:[\w-]+\s+){0,5}(?:відкликає|видалила|відкликала|зняла|анулює)|ми\s+(?:відкликали|видалили|зняли))\s+"
    r"(?:ц[юей]+|св[ійоює]+)?\s*(?:статтю|матеріал|новину|публікацію|повідомлення)\b",
    r"(?:wir haben|die redaktion hat|[\w-]+ hat)\s+(?:diesen|diese|den|seinen|ihren)\s+(?:artikel|beitrag|bericht|text|meldung)\s+"
    r"(?:\w+\s+){0,2}(?:zurückgezogen|gelöscht|entfernt|widerrufen)\b",
    r"(?:nous avons|la rédaction a|[\w-]+ a)\s+(?:retiré|supprimé|dépublié|annulé)\s+(?:cet article|ce texte|cette dépêche|cet? reportage)\b",
    r"(?:hemos|la redacción ha|[\w-]+ ha)\s+(?:retirado|eliminado|anulado)\s+est[ea]\s+(?:artículo|texto|noticia|nota|reportaje)\b",
    r"(?:redakcja\s+(?:wycofała|usunęła)|wycofaliśmy|usunęliśmy)\s+(?:ten|tę|niniejszy)?\s*(?:artykuł|tekst|publikację|depeszę)\b",
    r"(?:retiramos|removemos|despublicamos|a redação (?:retirou|removeu))\s+est[ea]\s+(?:artigo|texto|notícia|reportagem|matéria)\b",
    r"(?:редакцията\s+(?:оттегля|оттегли|премахна|свали)|оттегляме|оттеглихме|премахнахме)\s+(?:тази|този)?\s*"
    r"(?:статия(?:та)?|материала?|новина(?:та)?|публикация(?:та)?)\b",
)
_RETRACTED = re.compile(
    rf"^\W*+(?:{'|'.join(_MARKS)})\b\s*(?:$|[:\]\)\-–—!.|])|{_NOTE}(?:{'|'.join((*_PASSIVE, *_ACTIVE))})", re.IGNORECASE
)


def retracted(title: str, text: str) -> bool:
    """Whether title or text open with an editor's words that the article is withdrawn."""
    return any(_RETRACTED.search(part) for part in (title[:OPENING], text[:OPENING].lstrip()) if part)
