from __future__ import annotations

import time

import pytest

from connectors.retraction import OPENING, retracted


@pytest.mark.parametrize(
    "words",
    [
        "RETRACTED: x",
        "RETRACTION: x",
        "Retraction notice: x",
        "Notice of retraction",
        "WITHDRAWN: x",
        "KILL: Russia-NATO",
        "KILL BULLETIN: x",
        "MANDATORY KILL: x",
        "ADVISORY: story withdrawn",
        "We have retracted this article.",
        "We have withdrawn this story after it emerged that",
        "Editor's note: We have removed this article because",
        "Editor’s Note: This article has been retracted.",
        "EDITOR'S NOTE: The Associated Press has withdrawn its story about NATO.",
        "(This story has been withdrawn)",
        "[This article has been removed at the request of]",
        "This article is retracted.",
        "This report was published in error and has been withdrawn.",
        "Please disregard this story",
        "The article has been retracted due to errors.",
        "This news item has been cancelled.",
        "Reuters withdraws the story on NATO",
        "ОТОЗВАНО: x",
        "Новость отозвана",
        "Редакция отзывает материал о НАТО",
        "Редакция приносит извинения и отзывает эту статью",
        "Материал удалён по решению редакции",
        "Статья снята с публикации",
        "Эта новость была удалена.",
        "Данная публикация отозвана редакцией.",
        "Мы отозвали эту статью",
        "АННУЛИРОВАНО: x",
        "ТАСС аннулирует сообщение",
        "ВІДКЛИКАНО: x",
        "Цю статтю видалено",
        "Цю новину видалено редакцією",
        "Редакція відкликала цю статтю",
        "Матеріал знято з публікації",
        "Ця стаття була відкликана",
        "ZURÜCKGEZOGEN: x",
        "Dieser Beitrag wurde entfernt",
        "Dieser Artikel wurde gelöscht",
        "Wir haben diesen Artikel zurückgezogen",
        "Die Redaktion hat diesen Artikel zurückgezogen",
        "Anm. d. Red.: Dieser Artikel wurde zurückgezogen",
        "Der Artikel ist zurückgezogen worden",
        "Rückzug: x",
        "RETIRÉ : x",
        "Cet article a été dépublié",
        "Nous avons retiré cet article",
        "La rédaction a retiré cet article",
        "Article retiré",
        "RÉTRACTATION : x",
        "Note de la rédaction : cet article a été supprimé",
        "Dépêche annulée",
        "RETIRADO: x",
        "RETRACTACIÓN: x",
        "Este artículo ha sido eliminado",
        "Hemos retirado este artículo",
        "La redacción ha retirado esta noticia",
        "Esta noticia ha sido retirada",
        "Nota del editor: este artículo fue retirado",
        "WYCOFANE: x",
        "WYCOFANO: x",
        "Artykuł został wycofany",
        "Artykuł wycofany",
        "Redakcja wycofała ten artykuł",
        "Ta publikacja została wycofana",
        "Ten tekst został usunięty",
        "RETRATAÇÃO: x",
        "Este artigo foi removido",
        "Esta notícia foi retirada",
        "Esta reportagem foi retirada do ar",
        "Removemos este artigo",
        "Nota da redação: este texto foi retirado",
        "ОТТЕГЛЕНО: x",
        "Статията е оттеглена",
        "Материалът е свален",
        "Тази статия беше оттеглена",
        "Редакцията оттегля статията",
        "Тази публикация е премахната",
        "Новината е изтрита",
    ],
)
def test_an_editor_s_words_withdraw(words: str) -> None:
    assert retracted("A headline", words)
    assert retracted(words, "Text of the article.")


@pytest.mark.parametrize(
    "words",
    [
        "Russia withdraws from the treaty",
        "NATO has withdrawn its offer",
        "The minister retracted the statement",
        "Removed officials return",
        "Killed in action: 3",
        "Россия отозвала своего посла",
        "Материал удалён с места аварии",
        "Статья 5 договора НАТО",
        "Статья отозвана из Думы законопроекта",
        "Предложение отозвано",
        "Россия отозвала предложение",
        "Новость дня: посол отозван",
        "Wir haben diesen Vertrag zurückgezogen",
        "Die Redaktion hat recherchiert",
        "Cet article du traité a été supprimé",
        "Este artículo del tratado fue retirado",
        "Ten artykuł traktatu został usunięty",
        "Статията от договора е оттеглена",
        "We have withdrawn our troops",
        "This article of the treaty was removed",
        "Withdrawn troops return",
        "Withdrawal of troops begins",
        "Withdrawal: what it means for NATO",
        "Kill list published",
        "Retraction of claws",
        "Russia cancels meeting",
        "This report has been released",
        "Die Bundeswehr wurde zurückgezogen",
        "The paper said that this article has been retracted elsewhere.",
        "Killed: three soldiers",
    ],
)
def test_news_of_withdrawals_withdraw_nothing(words: str) -> None:
    assert not retracted(words, words)


@pytest.mark.parametrize("piece", ["(", "the ", "Note: ", "NATO has withdrawn ", "мы отозвали ", "die redaktion hat "])
def test_no_opening_takes_long(piece: str) -> None:
    words = piece * OPENING
    retracted(words, words)
    began = time.process_time()
    for _ in range(20):
        retracted(words, words)

    assert time.process_time() - began < 1
