from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.logic.haystack import PARTED, flat, haystack, pieces, spaced, spelt
from streams.logic.phrases import PhraseError, Phrases
from streams.logic.tag.text import sentences
from streams.logic.words import WORD, fold, parted

CONCEPTS = {"missile": ["missile*", "=ABM", "ballistic rocket*"], "limit": ["cut", "limit*"]}


def found(phrase: str, text: str) -> list[str]:
    words = WORD.findall(text)
    hits = Phrases([(phrase, None)], CONCEPTS).find(words)
    return [" ".join(words[hit.first : hit.last]) for hit in hits]


@pytest.mark.parametrize(
    ("phrase", "text", "hits"),
    [
        ("open skies", "The Open Skies treaty", ["Open Skies"]),
        ("treat*", "Treaties and a treatment", ["Treaties", "treatment"]),
        ("=INF", "INF and inf", ["INF"]),
        ("treaty|pact", "a treaty or a pact", ["treaty", "pact"]),
        ("nato ..2 expansion", "NATO will stop expansion", ["NATO will stop expansion"]),
        ("nato ..1 expansion", "NATO will stop expansion", []),
        ("limit <missile>", "limit missiles", ["limit missiles"]),
        ("limit <missile>", "limit ballistic rockets", ["limit ballistic rockets"]),
        ("<missile>", "an ABM and an abm", ["ABM"]),
        ("~6 <limit> <missile>", "missiles that they would cut", ["missiles that they would cut"]),
        ("~6 <limit> <missile>", "cut the missiles", ["cut the missiles"]),
        ("~3 <limit> <missile>", "missiles that they would cut", []),
        ("~6 <missile> <missile>", "one missile only", []),
        ("~6 <missile> <missile>", "a missile for a missile", ["missile for a missile", "missile for a missile"]),
        ("traite", "Traité", ["Traité"]),
        ("Договор* о", "ДОГОВОРЫ о мире", ["ДОГОВОРЫ о"]),
        ("все", "всё", ["всё"]),
    ],
)
def test_a_phrase_is_found_where_it_stands(phrase: str, text: str, hits: list[str]) -> None:
    assert found(phrase, text) == hits


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("", "begins and ends with a word"),
        ("nato ..2", "begins and ends with a word"),
        ("nato ..13 treaty", "a gap is"),
        ("open-skies", "is not one word"),
        ("~40 a b", "a window is"),
        ("~4 a", "two parts or more"),
        ("<nowhere> treaty", "no concept <nowhere>"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(phrase: str, says: str) -> None:
    with pytest.raises(PhraseError, match=says):
        found(phrase, "nato")


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("NATO", "nato"),
        ("Euro\u00adpean", "european"),
        ("Sécurité", "securite"),
        ("sécuritе", "securite"),  # the last letter is Cyrillic
        ("Дoговор", "договор"),  # the second letter is Latin
        ("всё", "все"),
        ("Łódź", "łodz"),
        ("и\u0306", "й"),
    ],
)
def test_words_are_compared_in_one_dress(word: str, folded: str) -> None:
    assert fold(word) == folded


@pytest.mark.parametrize(
    ("text", "part"),
    [("ROSSIÉ", "rossie"), ("дого\u00adвор", "договор"), ("Дoговор", "договор"), ("нато\u200b", "нато")],
)
def test_a_flat_text_holds_the_parts_of_its_words(text: str, part: str) -> None:
    assert spelt(part) in flat(text)


LETTERS = "aAeßéÉłŁœŒøğšнНёЁйґі9²½_ .,?!-—’“…«€\t\n\x01\x1e\u00a0\u00ad\u0301\u0306\u200b\u2003ﬁИनी\u093c👉\ud800"


@given(st.text(LETTERS) | st.text(string.printable))
def test_a_text_is_parted_into_its_words(text: str) -> None:
    assert parted(text) == WORD.findall(text)


@given(st.text("".join(map(chr, range(0x400, 0x460))), min_size=1))
def test_a_russian_word_is_folded_as_one_with_an_unseen_letter_is(word: str) -> None:
    assert fold(word) == fold(f"{word}\u00ad")


@given(st.lists(st.text(LETTERS) | st.text(max_size=9), min_size=1, max_size=4))
def test_spaced_texts_hold_the_folded_words_of_each(texts: list[str]) -> None:
    held = [line.split() for line in spaced(texts).split(PARTED.encode())]

    assert held == [[spelt(fold(word)) for word in WORD.findall(text)] for text in texts]


@given(st.text(LETTERS) | st.text("aAéœßеЁ_ .!。—\n\x1e\u00ad\u00a0\ufb01\u0301"))
def test_an_aligned_text_holds_the_folded_words_of_its_sentences_where_they_stand(text: str) -> None:
    whole, split = haystack(text), sentences("text", text)
    if not whole.aligned:
        return

    held = whole.pieces([one.start for one in split], [one.end for one in split])

    assert [held.text[start : end - 1].split() for start, end in zip(held.starts, held.ends, strict=True)] == [
        [spelt(fold(word)) for word in one.words] for one in split
    ]
    assert all(held.text[start] == ord(" ") for start in held.starts)


def test_a_text_is_aligned_unless_a_character_is_lost_or_becomes_several() -> None:
    assert all(haystack(text).aligned for text in ("“Café” — NATO", "Ещё НАТО", "The mayor of Łódź", "Дoговор"))
    assert not any(haystack(text).aligned for text in ("Grüße", "Euro\u00adpean ﬁle", "и\u0306", "नाटो"))


@given(st.sets(st.text("aб", min_size=1, max_size=6), min_size=1), st.text("aбAБ", min_size=1, max_size=8))
def test_a_word_has_all_beginnings_that_it_begins_with(beginnings: set[str], word: str) -> None:
    phrases = Phrases([(f"{one}*", one) for one in sorted(beginnings)])

    assert {hit.payload for hit in phrases.find([word])} == {
        one for one in beginnings if fold(word).startswith(fold(one))
    }


SENTENCES = st.lists(
    st.lists(
        st.sampled_from(
            ["Missiles", "ABM", "abm", "cut", "limits", "ballistic", "rockets", "open", "skies", "the", "a", "treaty"]
        ),
        max_size=9,
    ),
    max_size=6,
)
PHRASES = ("open skies", "treat*", "limit <missile>", "~6 <limit> <missile>", "<missile>", "cut ..2 treaty", "a treaty")


@given(SENTENCES, st.sets(st.sampled_from(PHRASES)))
def test_every_sentence_that_holds_a_phrase_is_likely_to(split: list[list[str]], texts: set[str]) -> None:
    phrases = Phrases([(p, p) for p in sorted(texts)], CONCEPTS)

    likely = set(phrases.likely(pieces([", ".join(words) for words in split])))

    assert likely >= {number for number, words in enumerate(split) if phrases.find(words)}


@given(SENTENCES, st.dictionaries(st.sampled_from(["missiles", "cut", "ballistic", "the", "treaty"]), st.floats(0, 1)))
def test_how_common_words_are_changes_nothing_of_what_is_found(
    split: list[list[str]], common: dict[str, float]
) -> None:
    guessed, counted = (Phrases([(p, p) for p in PHRASES], CONCEPTS, shares) for shares in ({}, common))

    texts = [", ".join(words) for words in split]
    assert set(counted.likely(pieces(texts))) >= {number for number, words in enumerate(split) if guessed.find(words)}
    assert [counted.find(words) for words in split] == [guessed.find(words) for words in split]


LETTER_WORDS = st.lists(st.sampled_from("abcd"), max_size=9)


@given(LETTER_WORDS, st.lists(st.sampled_from("abcd"), min_size=2, max_size=4), st.integers(1, 3))
def test_words_of_a_phrase_follow_each_other_with_so_many_between_at_most(
    words: list[str], parts: list[str], gap: int
) -> None:
    def end(at: int, rest: list[str]) -> int | None:
        if not rest:
            return at
        following = next((here for here in range(at, len(words)) if words[here] == rest[0]), len(words))
        return end(following + 1, rest[1:]) if following <= min(at + gap, len(words) - 1) else None

    hits = Phrases([(f" ..{gap} ".join(parts), None)]).find(words)

    begun = [at for at, word in enumerate(words) if word == parts[0]]
    assert [(hit.first, hit.last) for hit in hits] == [
        (at, last) for at in begun if (last := end(at + 1, parts[1:])) is not None
    ]


def test_a_sentence_with_a_part_of_a_phrase_only_is_not_likely() -> None:
    phrases = Phrases([("~6 <limit> <missile>", None)], CONCEPTS)

    assert list(phrases.likely(pieces(["Missiles.", "They limit rockets.", "", "They limit ballistic rockets."]))) == [
        3
    ]
