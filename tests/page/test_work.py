from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from confluent_kafka import TopicPartition

from connectors.page import work
from connectors.page.desk import DESK
from connectors.page.workshop import TooSlow, WorkFault, Workshop
from streams import knowledge, rules
from streams.contracts.faults import BrokerFault
from streams.logic.memory import DictMemory
from streams.settings import Settings, load
from tests.logic.test_rooms import REJECTED
from tests.making import an_article, an_item
from tests.page.serving import page, told
from tests.page.test_archive import named


def test_a_text_is_read_with_spans_weights_and_every_rule() -> None:
    result = work.read(knowledge.read(), rules.read(), "", REJECTED, "", "2026-03-02")

    (found,) = result["found"]
    (judged,) = result["rules"]
    assert found["proposal"] == "EST"
    assert all(REJECTED[e["start"] : e["end"]] == e["quote"] for e in found["evidence"])
    assert found["why"]
    assert (judged["fires"], judged["rule"]) == (True, "rejection")
    each = {one["id"]: one for one in judged["each"]}
    assert each["rejection"]["fires"]
    assert not each["agreement"]["fires"]
    assert each["agreement"]["reason"].startswith("no rule fires:")
    assert len(each) == len([p for p, text in rules.read().items() if "\nwhen:" in text])


def test_a_text_of_another_matter_says_where_it_was_left() -> None:
    result = work.read(knowledge.read(), rules.read(), "", "The weather in Leeds was fine.", "", "")

    assert (result["found"], result["near"], result["gated"]) == ([], [], False)


@pytest.mark.parametrize(
    ("path", "before", "after", "says"),
    [
        ("rejection.yaml", "when: rejection", "when: never", "when takes"),
        ("rejection.yaml", 'happened: rejection, fires: "yes"', 'happened: rejection, fires: "no"',
         "rejection: test 1: fired"),
    ],
    ids=["a word that is none", "a test that fails"],
)  # fmt: skip
def test_a_rule_changed_for_the_worse_is_told_so(path: str, before: str, after: str, says: str) -> None:
    files = rules.read()
    assert before in files[path]

    told_ = work.test(load({}), "rules", files, path, files[path].replace(before, after), 0)
    fine = work.test(load({}), "rules", files, path, files[path], 0)

    assert any(says in problem for problem in told_["problems"])
    assert fine["problems"] == []


class Silent:
    """A consumer of a topic with three records, of which none comes: Kafka went away when they were counted."""

    def __init__(self, _settings: Settings) -> None:
        """Nobody is asked."""

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(topics={topic: SimpleNamespace(partitions=[0], error=None)})

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        return 0, 3

    def offsets_for_times(self, places: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        return [TopicPartition(place.topic, place.partition, 0) for place in places]

    def assign(self, places: list[TopicPartition]) -> None:
        """Gladly."""

    def poll(self, seconds: float) -> None:
        return None

    def close(self) -> None:
        """Nothing is open."""


def test_what_kafka_does_not_give_is_not_taken_for_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_consumer", Silent)
    monkeypatch.setattr(work, "COMPARE_SECONDS", 0.02)
    settings, entries = load({}).but(bootstrap="kafka:9092"), knowledge.read()
    path = next(iter(entries))

    with pytest.raises(BrokerFault, match="Kafka on kafka:9092 does not tell"):
        work.article(settings, "a1", "")
    with pytest.raises(BrokerFault, match="Kafka on kafka:9092 does not tell"):
        work.near(settings, entries, 10)
    compared = work.test(settings, "knowledge", entries, path, entries[path], 7)
    assert compared["compared"] is None
    assert "kafka:9092" in compared["why"]


@pytest.mark.parametrize(("seconds", "whole", "read_"), [(60.0, True, 2), (60.0, False, 2), (-1.0, True, 0)])
def test_near_misses_say_when_not_all_was_read(
    monkeypatch: pytest.MonkeyPatch, seconds: float, whole: bool, read_: int
) -> None:
    articles = [an_article(an_item(name, REJECTED), DictMemory(), 0) for name in "ab"]
    monkeypatch.setattr(work, "latest", lambda *_: (articles, whole))
    monkeypatch.setattr(work, "COMPARE_SECONDS", seconds)

    found = work.near(load({}), knowledge.read(), 10)

    assert (found["articles"], found["partial"]) == (read_, not whole or read_ < 2)


def test_an_entry_changed_for_the_worse_is_told_so() -> None:
    files = knowledge.read()
    text = files["proposals/EST.yaml"].replace(
        "trade treaty with Canada", "European Security Treaty of Russia with NATO"
    )

    told_ = work.test(load({}), "knowledge", files, "proposals/EST.yaml", text, 0)

    assert any("finds itself in" in problem for problem in told_["problems"])


async def test_work_that_takes_too_long_is_ended_and_the_next_is_done() -> None:
    workshop = Workshop(load({}), limit=0.01)
    given = {
        "knowledge": knowledge.read(),
        "rules": rules.read(),
        "title": "",
        "text": REJECTED,
        "lang": "",
        "published": "",
    }
    with pytest.raises(TooSlow):
        await workshop.ask("read", **given)

    workshop._limit = 600
    assert (await workshop.ask("read", **given))["found"]
    with pytest.raises(WorkFault, match="KeyError"):
        await workshop.ask("nothing that is done")
    await workshop.close()


async def test_the_workbench_shows_what_it_found_and_gives_the_file_away(tmp_path: Path) -> None:
    content = 'id: mine\nversion: "1"\nwhen: rejection\nseverity: info\n'
    async with page(tmp_path, told(named(1))) as client:
        read = await (await client.post("/workbench/read", data={"text": REJECTED})).text()
        assert client.app[DESK].workshop is not None
        form = {"open": "rules/mine.yaml", "content": content, "days": "0"}
        tested = await (await client.post("/workbench/edit", data=form | {"do": "test"})).text()
        taken = await client.post("/workbench/edit", data=form | {"do": "take"})
        file = await taken.text()
        outside = await client.post("/workbench/edit", data=form | {"open": "rules/../../etc/passwd.yaml"})

    assert "<mark>NATO rejected the European Security Treaty" in read
    assert "mine: carries no test" in tested
    assert file == content
    assert 'filename="mine.yaml"' in taken.headers["Content-Disposition"]
    assert outside.status == 400
