"""Copies are told from other reports, by the signatures that mentions carry. Floors are over all pairs of the set."""

from __future__ import annotations

import pytest

from benchmarks.copies import measure
from streams.logic import normalise
from streams.logic.dossier import story
from tests.golden.copies import EDITS, texts


def test_copies_are_told_from_other_reports() -> None:
    found = list(texts())
    signed = [normalise.signature(one.text) for one in found]
    told = measure(found, lambda a, b: story.same(signed[a], signed[b]))

    assert told.precision >= 0.98, told.joined
    assert told.recall >= 0.90, told.missed


@pytest.mark.parametrize("how", EDITS)
def test_what_an_editor_does_to_a_report_leaves_it_the_same_report(how: str) -> None:
    reports = {one.event: one.text for one in texts() if one.how == "verbatim"}
    copies = [(one.event, one.text) for one in texts() if one.how == how]

    told = [story.same(normalise.signature(reports[event]), normalise.signature(text)) for event, text in copies]
    assert sum(told) / len(told) >= 0.9


def test_translations_and_other_reports_are_origins_of_their_own() -> None:
    apart = [one for one in texts() if one.how in ("translation", "other", "flash, other")]
    reports = {one.event: one.text for one in texts() if one.how in ("verbatim", "flash, verbatim")}

    joined = [
        one for one in apart if story.same(normalise.signature(reports[one.event]), normalise.signature(one.text))
    ]
    assert joined == []


def test_nothing_is_no_copy_of_nothing() -> None:
    assert not story.same("", "")
    assert not story.same(normalise.signature(""), normalise.signature("NATO"))
