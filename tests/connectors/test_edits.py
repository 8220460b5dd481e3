from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.edits import fingerprint, page_of, settled, untracked


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Text. 12 comments", "Text. 1,345 comments"),
        ("Text. Views: 12", "Text. Views: 9"),
        ("Posted 5 minutes ago.", "Posted 2 hours ago."),
        ("5 минут назад. Текст", "2 часа назад. Текст"),
        ("Комментариев: 12", "Комментариев: 15"),
        ("12 comentários", "1.015 comentários"),
        ("Odsłon: 12. 3 komentarze", "Odsłon: 14. 5 komentarzy"),
        ("Last updated: 12:30 UTC. Text", "Last updated: 12:45 UTC. Text"),
        ("Read https://x.example/a?utm_source=1 now", "Read https://x.example/a?utm_source=2 now"),
        ("Cafe\u0301  open", "Café open"),
        ("in\u200bvisible", "in visible"),
    ],
)
def test_what_changes_by_itself_is_no_edit(before: str, after: str) -> None:
    assert fingerprint("T", before) == fingerprint("T", after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Russia has 12 tanks", "Russia has 13 tanks"),
        ("He agreed.", "He disagreed."),
        ("On 12 July", "On 13 July"),
        ("see https://x.example/a", "see https://x.example/b"),
    ],
)
def test_what_the_publisher_changes_is_an_edit(before: str, after: str) -> None:
    assert fingerprint("T", before) != fingerprint("T", after)


@given(st.text())
def test_settling_twice_changes_nothing_more(text: str) -> None:
    once = settled(text)

    assert fingerprint("", once) == fingerprint("", settled(once))


def test_an_address_is_what_names_the_page() -> None:
    assert untracked("HTTPS://X.example/a?id=3&utm_source=x&fbclid=2#frag") == "https://x.example/a?id=3"
    assert untracked("https://u:p@x.example/a;jsessionid=1?b=") == "https://x.example/a?b="
    assert untracked("http://[") == "http://["


def test_a_page_is_the_same_after_a_move_to_https() -> None:
    assert page_of("http://www.x.example/a/") == page_of("https://x.example/a?utm_source=y")
    assert page_of("https://x.example/a") != page_of("https://x.example/b")
