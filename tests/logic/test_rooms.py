"""The three decisions after one another, as the worker runs them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import rules
from streams.contracts.records import Alert, Article, BundleRef, Dossier, Item, Mention, Withdrawn
from streams.contracts.topics import WITHDRAWN, Outgoing
from streams.contracts.wire import decode
from streams.logic import dossier, mention, normalise
from streams.logic.memory import DictMemory
from streams.logic.rules import RulesFault, compile_rules, run_tests
from tests.making import NOW, an_item, seed, tagger, watch_rules

KNOWLEDGE = BundleRef(id="k", version="1", hash="h")
FLOATED = "Russia proposed a European Security Treaty to NATO on Monday, a spokesman said."
REJECTED = "NATO rejected the European Security Treaty that Russia proposed."


class Rooms:
    """One partition of everything."""

    def __init__(self) -> None:
        self.memories = [DictMemory(), DictMemory(), DictMemory()]
        self.offsets = [0, 0, 0]
        self.counts: list[dict[str, int]] = []
        self.mentions: list[Outgoing] = []
        self.beside: list[Outgoing] = []

    def _next(self, room: int) -> int:
        self.offsets[room] += 1
        return self.offsets[room]

    def take(self, item: Item) -> list[Outgoing]:
        out: list[Outgoing] = []
        first = normalise.decide(self.memories[0], item, self._next(0), lambda _: "en")
        self.counts.append(first.counts)
        for one in first.outgoing:
            article = decode(Article, one.value)
            second = mention.decide(self.memories[1], article, self._next(1), tagger(), KNOWLEDGE, "engine")
            self.beside += second.beside
            for two in second.outgoing:
                self.mentions.append(two)
                out += self.decide(two)
        return out

    def decide(self, record: Outgoing, offset: int | None = None) -> list[Outgoing]:
        taken_back = ("kind", WITHDRAWN.encode()) in record.headers
        read = decode(Withdrawn, record.value) if taken_back else decode(Mention, record.value)
        at = self._next(2) if offset is None else offset
        found = dossier.decide(self.memories[2], read, at, watch_rules())
        self.counts.append(found.counts)
        return found.outgoing


def alerts(out: list[Outgoing]) -> list[Alert]:
    return [decode(Alert, o.value) for o in out if o.topic == "alerts.all"]


def life(out: list[Outgoing]) -> Dossier:
    return decode(Dossier, [o for o in out if o.topic == "proposals.dossiers"][-1].value)


def test_the_seed_raises_one_historical_alert_and_nowhere_else() -> None:
    out = Rooms().take(seed())

    (alert,) = alerts(out)
    assert (alert.proposal, alert.historical, alert.severity, alert.type) == ("EST", True, "info", "raised")
    assert {o.topic for o in out} == {"alerts.all", "proposals.dossiers"}
    assert life(out).status == "discussing"


def test_an_alert_carries_the_headers_of_a_cloud_event() -> None:
    out = Rooms().take(seed())

    headers = dict(next(o for o in out if o.topic == "alerts.all").headers)
    assert headers["ce_type"] == b"treatywatch.alert.raised.v1"
    assert headers["ce_id"].decode() == alerts(out)[0].id
    assert headers["ce_time"] == b"2026-03-02T12:00:00Z"
    assert headers["ce_subject"] == b"EST"


def test_a_change_of_state_alerts_and_a_copy_only_updates() -> None:
    rooms = Rooms()
    rooms.take(an_item("a", FLOATED))

    (raised,) = alerts(rooms.take(an_item("b", REJECTED)))
    (updated,) = alerts(rooms.take(an_item("c", REJECTED, source="other")))

    assert (raised.type, raised.status_before, raised.status) == ("raised", "floated", "rejected")
    assert (updated.type, updated.thread, updated.replaces) == ("updated", raised.thread, raised.id)
    assert (updated.origins, updated.copies) == (1, 1)


def test_the_same_item_again_is_a_repeat() -> None:
    rooms = Rooms()
    rooms.take(an_item("a", FLOATED))

    assert rooms.take(an_item("a", FLOATED)) == []
    assert rooms.counts[-1] == {"repeat": 1}


def test_a_b_a_is_two_edits() -> None:
    memory = DictMemory()

    revisions = [
        decode(Article, normalise.decide(memory, an_item("x", text), n, lambda _: "en").outgoing[0].value).revision
        for n, text in enumerate(["one text", "another text", "one text"])
    ]

    assert revisions == [1, 2, 3]


def test_an_edit_that_says_another_thing_corrects_the_alert() -> None:
    rooms = Rooms()
    (raised,) = alerts(rooms.take(an_item("a", REJECTED)))

    (corrected,) = alerts(rooms.take(an_item("a", FLOATED, kind="update")))

    assert (corrected.type, corrected.replaces) == ("corrected", raised.id)
    assert {"status", "evidence"} <= {c.field for c in corrected.changes}


def test_an_edit_beside_the_evidence_is_silent() -> None:
    rooms = Rooms()
    rooms.take(an_item("a", REJECTED))

    assert alerts(rooms.take(an_item("a", REJECTED + " The weather was fine.", kind="update"))) == []


def test_a_retraction_retracts_and_rolls_back() -> None:
    rooms = Rooms()
    rooms.take(an_item("a", FLOATED))
    rooms.take(an_item("b", REJECTED))

    out = rooms.take(an_item("b", "", kind="retraction", published=None))

    (alert,) = alerts(out)
    assert alert.type == "retracted"
    assert life(out).status == "floated"


def test_a_late_report_does_not_move_today_s_state() -> None:
    rooms = Rooms()
    rooms.take(an_item("b", REJECTED))

    out = rooms.take(an_item("a", FLOATED, published=NOW - timedelta(days=6)))

    assert life(out).status == "rejected"
    assert [t.status for t in life(out).transitions] == ["floated", "rejected"]
    assert alerts(out) == []


def test_old_news_after_new_shows_no_change_of_state() -> None:
    rooms = Rooms()
    rooms.take(an_item("b", REJECTED))

    (alert,) = alerts(rooms.take(seed()))

    assert (alert.status_before, alert.rule.id) == (None, "new-commitment")
    assert "->" not in alert.headline


@pytest.mark.parametrize(
    ("published", "first_poll", "historical"),
    [
        (NOW - timedelta(days=6), True, False), (NOW - timedelta(days=8), False, True),
        (None, True, True), (None, False, False),
    ],
    ids=["fresh", "old", "undated at first", "undated later"],
)  # fmt: skip
def test_what_is_old_is_decided_once(published: object, first_poll: bool, historical: bool) -> None:
    item = an_item("a", FLOATED, published=published, first_poll=first_poll)

    out = normalise.decide(DictMemory(), item, 0, lambda _: "en").outgoing

    assert decode(Article, out[0].value).historical is historical


TEXTS = [FLOATED, REJECTED, "NATO welcomed the European Security Treaty that Russia proposed.", "Nothing of note."]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([*TEXTS, ""])), max_size=8),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_a_log_decided_again_gives_the_same_bytes_and_a_redelivery_nothing(
    story: list[tuple[str, str]], data: st.DataObject
) -> None:
    rooms = Rooms()
    for entry, text in story:
        kind = "new" if text else "retraction"
        rooms.take(an_item(entry, text, kind=kind))
    log = rooms.mentions
    first, once = Rooms(), []
    for n, record in enumerate(log):
        once += first.decide(record, n)

    fresh, twice = Rooms(), []
    cut = data.draw(st.integers(0, len(log)))
    for n, record in enumerate(log):
        twice += fresh.decide(record, n)
        if n == cut - 1:
            # A crash before the acknowledgement: all so far comes once more.
            assert [o for m in range(cut) for o in fresh.decide(log[m], m)] == []

    assert twice == once


def test_the_packaged_rules_pass_their_tests() -> None:
    assert list(run_tests(rules.read())) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: a\nversion: '1'\nwhen: tabled\nseverty: info\n", "x.yaml:4: unknown key 'severty'; did you mean"),
        ("id: a\nversion: '1'\nwhen: never\nseverity: info\n", "x.yaml:3: when takes"),
        ("id: a\nversion: '1'\nwhen: tabled\nseverity: info\ntopic: all\n", "alerts.all is reserved"),
    ],
    ids=["typo", "when", "reserved"],
)  # fmt: skip
def test_a_fault_in_a_rule_names_file_line_and_cure(text: str, says: str) -> None:
    with pytest.raises(RulesFault, match=says):
        compile_rules({"x.yaml": text})
