"""One sink's delivery: what is given, when it is tried again, and what becomes of what nobody takes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from connectors.sinks.delivery import LONGEST_WAIT, wait_of
from connectors.sinks.parcel import Parcel, SinkFault
from streams.contracts.wire import encode
from tests.connectors.alerting import made
from tests.connectors.desk import Kept, Message, counted, desk


async def test_an_alert_is_given_once_however_often_it_stands_in_the_topic(tmp_path: Path) -> None:
    before = counted("repeated")
    async with desk(tmp_path) as at:
        at.topic.add(made("n1"), made("n1"), made("n2"))
        await at.until(lambda: len(at.sink.given) == 2)
        at.topic.add(made("n1"))
        await at.settled()

    assert at.sink.ids == ["n1", "n2"]
    assert counted("repeated") - before == 2
    assert at.topic.committed == 4


async def test_offsets_are_committed_only_as_far_as_the_sink_has_everything(tmp_path: Path) -> None:
    async with desk(tmp_path, Kept(faults={"n2": SinkFault("not this one")})) as at:
        at.topic.add(made("n1"), made("n2"), made("n3"))
        await at.until(lambda: at.sink.ids == ["n1", "n3"])
    assert at.topic.committed == 1

    async with desk(tmp_path, topic=at.topic, clock=at.clock) as again:
        again.clock.now += 60
        await again.until(lambda: again.sink.ids == ["n2"])
    assert again.topic.committed == 3


async def test_with_its_store_lost_a_sink_misses_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, Kept(down=SinkFault("away", away=True))) as at:
        at.topic.add(made("n1"), made("n2"))
        await at.settled()
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"desk.sqlite{end}").unlink(missing_ok=True)

    async with desk(tmp_path, topic=at.topic, clock=at.clock) as again:
        await again.until(lambda: sorted(again.sink.ids) == ["n1", "n2"])


async def test_nothing_overtakes_an_earlier_alert_of_its_thread(tmp_path: Path) -> None:
    sink = Kept(faults={"n1": SinkFault("not now")})
    async with desk(tmp_path, sink, at_once=8) as at:
        at.topic.add(made("n1", thread="t"), made("n2", thread="t", type="corrected"), made("n3"))
        await at.until(lambda: at.sink.ids == ["n3"])
        await at.settled()
        assert "n2" not in sink.tried
        sink.faults.clear()
        at.clock.now += 60
        await at.until(lambda: at.sink.ids == ["n3", "n1", "n2"])

    assert sink.given[-1].handles == {"t": "handle of n1"}


async def test_a_sink_that_is_away_is_asked_with_one_alert_at_a_time_ever_more_seldom(tmp_path: Path) -> None:
    sink = Kept(down=SinkFault("away", away=True))
    async with desk(tmp_path, sink, at_once=8) as at:
        at.topic.add(*(made(f"n{n}") for n in range(20)))
        await at.settled()
        first = len(sink.tried)
        at.clock.now += 1.5
        await at.settled()
        assert len(sink.tried) <= first + 1
        at.clock.now += 1.0
        await at.settled()
        assert len(sink.tried) <= first + 1, "two seconds have not passed"
        sink.down = None
        at.clock.now += 300
        await at.until(lambda: len(at.sink.given) == 20)

    assert first <= 8
    assert sorted(at.sink.ids) == sorted(f"n{n}" for n in range(20))


async def test_retry_after_is_kept_to(tmp_path: Path) -> None:
    sink = Kept(down=SinkFault("answered 429", away=True, retry_after=120))
    async with desk(tmp_path, sink) as at:
        at.topic.add(made("n1"))
        await at.until(lambda: len(sink.tried) == 1)
        sink.down = None
        at.clock.now += 119
        await at.settled()
        assert len(sink.tried) == 1
        at.clock.now += 2
        await at.until(lambda: at.sink.ids == ["n1"])


def test_waits_double_up_to_a_bound_and_are_spread() -> None:
    assert [wait_of(n, 1.0) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert wait_of(50, 1.0) == LONGEST_WAIT
    assert wait_of(3, 0.0) == 2
    assert wait_of(1, 0.5, 30) == 30


async def test_what_a_sink_never_takes_goes_to_the_dead_letters_at_once_and_costs_no_other(tmp_path: Path) -> None:
    sink = Kept(faults={"n1": SinkFault("answered 400: opensesame is no word", final=True)})
    async with desk(tmp_path, sink, broken=1) as at:
        at.topic.add(made("n1"), made("n2"))
        await at.until(lambda: at.sink.ids == ["n2"] and at.letters)
        await at.settled()

    assert at.letters == [("n1", "answered 400: *** is no word")]
    assert sink.tried.count("n1") == 1
    assert at.topic.committed == 2


async def test_after_the_limit_all_that_waits_too_long_is_dead_with_the_reason(tmp_path: Path) -> None:
    sink = Kept(down=SinkFault("cannot be reached", away=True))
    async with desk(tmp_path, sink, give_up="1h") as at:
        at.topic.add(made("n1"), made("n2"))
        await at.settled()
        at.clock.now += 3601
        at.topic.add(made("n3"))
        await at.until(lambda: len(at.letters) == 2)
        await at.settled()

    assert sorted(at.letters) == [(n, "not taken within 3600 s: cannot be reached") for n in ("n1", "n2")]
    assert at.topic.committed == 2, "the third is still tried"


async def test_a_record_that_is_no_alert_is_set_aside(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.topic.log.append(Message(0, b"{not json", (), at.clock.now))
        at.topic.log.append(Message(1, b"{}", (("kind", b"canary"),), at.clock.now))
        at.topic.add(made("n1"))
        await at.until(lambda: at.sink.ids == ["n1"])
        await at.settled()

    ((_, reason),) = at.letters
    assert reason.startswith("not JSON")
    assert at.topic.committed == 3


async def test_what_was_given_is_forgotten_when_the_topic_no_longer_has_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.topic.add(made("n1"))
        await at.until(lambda: at.sink.ids == ["n1"])
        assert at.delivery.store.knows("n1")
        at.clock.now += 401 * 86400
        await at.until(lambda: not at.delivery.store.knows("n1"))


async def test_no_secret_is_logged_whatever_a_sink_says(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Bug(Kept):
        async def give(self, parcel: Parcel) -> dict[str, str]:
            raise RuntimeError(f"https://user:{self.word}@x.example/{self.word}")

    with caplog.at_level(logging.DEBUG):
        async with desk(tmp_path, Bug()) as at:
            at.topic.add(made("n1"))
            await at.settled()

    assert "a bug of ours" in caplog.text
    assert "opensesame" not in caplog.text


async def test_an_unreadable_store_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_bytes(b"no database at all" * 100)
    async with desk(tmp_path) as at:
        at.topic.add(made("n1"))
        await at.until(lambda: at.sink.ids == ["n1"])

    assert (tmp_path / "desk.broken").exists()
    assert encode(made("n1")) == at.sink.given[0].alerts[0].raw
