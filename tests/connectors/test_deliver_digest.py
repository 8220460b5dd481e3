"""Deliveries that wait for their hour: quiet hours and digests, by a clock that the test sets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from connectors.sinks import declared
from connectors.sinks.parcel import SinkFault
from tests.connectors.alerting import made, seen_of
from tests.connectors.desk import START, Kept, desk


async def test_quiet_hours_delay_and_drop_nothing(tmp_path: Path) -> None:
    quiet = declared.Quiet(begin="11:00", end="13:00", unless="critical")
    async with desk(tmp_path, quiet=quiet) as at:
        at.topic.add(made("n1"), made("n2", severity="critical"), made("n3"))
        await at.settled()
        assert at.sink.ids == ["n2"]
        at.clock.now += 3601
        await at.until(lambda: at.sink.ids == ["n2", "n1", "n3"])


async def test_a_retry_does_not_break_the_quiet_hours(tmp_path: Path) -> None:
    sink = Kept(down=SinkFault("away", away=True))
    async with desk(tmp_path, sink, quiet=declared.Quiet(begin="12:10", end="13:00")) as at:
        at.topic.add(made("n1"))
        await at.until(lambda: len(sink.tried) == 1)
        sink.down = None
        at.clock.now += 900
        await at.settled()
        assert len(sink.tried) == 1
        at.clock.now += 3600
        await at.until(lambda: at.sink.ids == ["n1"])


async def test_every_quarter_of_an_hour_what_came_goes_out_together(tmp_path: Path) -> None:
    async with desk(tmp_path, group=declared.Group(every="15m")) as at:
        at.topic.add(made("n1"), made("n2"))
        await at.settled()
        assert at.sink.given == []
        assert at.topic.committed == 0
        at.clock.now += 902
        await at.until(lambda: len(at.sink.given) == 1)
        at.clock.now += 900
        await at.settled()

    (parcel,) = at.sink.given
    assert (parcel.digest, [t.alert.id for t in parcel.alerts]) == (True, ["n1", "n2"])
    assert at.topic.committed == 2


async def test_a_digest_that_was_not_taken_is_repeated_under_the_same_id(tmp_path: Path) -> None:
    sink = Kept(down=SinkFault("away", away=True))
    async with desk(tmp_path, sink, group=declared.Group(every="15m")) as at:
        at.topic.add(made("n1"))
        await at.settled()
        at.clock.now += 902
        await at.until(lambda: len(sink.tried) == 1)
        at.topic.add(made("n2"))
        sink.down = None
        at.clock.now += 10
        await at.until(lambda: at.sink.ids == ["n1"])
        at.clock.now += 902
        await at.until(lambda: at.sink.ids == ["n1", "n2"])

    assert sink.tried[0] == sink.tried[1] != sink.tried[2]


async def test_a_daily_digest_comes_without_alerts_too_once_a_day_and_says_what_we_saw(tmp_path: Path) -> None:
    coverage = seen_of(2, 3)
    async with desk(tmp_path, coverage=coverage, group=declared.Group(daily="12:30")) as at:
        await at.settled()
        await asyncio.sleep(0.3)
        assert at.sink.given == [], "none for a day on which it did not watch"
        at.clock.now += 1802
        await at.until(lambda: len(at.sink.given) == 1)
        at.clock.now += 3600
        await at.settled()
        at.clock.now += 23 * 3600
        await at.until(lambda: len(at.sink.given) == 2)

    assert [parcel.alerts for parcel in at.sink.given] == [(), ()]
    assert at.sink.given[0].coverage == coverage
    assert len({parcel.id for parcel in at.sink.given}) == 2


async def test_a_digest_waits_until_the_log_is_read_and_what_comes_too_late_is_in_the_next(tmp_path: Path) -> None:
    group = declared.Group(every="15m")
    async with desk(tmp_path, Kept(down=SinkFault("away", away=True)), group=group) as at:
        at.topic.add(made("n1"))
        await at.settled()
        at.topic.behind = True
        at.clock.now += 902
        await at.settled()
        assert at.sink.tried == []
        at.topic.behind = False
        await at.until(lambda: at.sink.tried)
        late = made("n2")
        at.topic.add(late)
        at.topic.log[-1].at = START  # from before the digest's hour, and somebody may have that digest already
        await at.settled()
        at.sink.down = None
        at.clock.now += 60
        await at.until(lambda: at.sink.ids == ["n1"])
        at.clock.now += 900
        await at.until(lambda: at.sink.ids == ["n1", "n2"])

    assert [len(parcel.alerts) for parcel in at.sink.given] == [1, 1]


async def test_a_repeated_digest_says_the_same_of_the_sources(tmp_path: Path) -> None:
    said = [seen_of(n, 3) for n in (3, 2, 1)]
    sink = Kept(down=SinkFault("away", away=True))
    async with desk(tmp_path, sink, coverage=said, group=declared.Group(every="15m")) as at:
        at.topic.add(made("n1"))
        await at.settled()
        at.clock.now += 902
        await at.until(lambda: sink.tried)
        sink.down = None
        at.clock.now += 60
        await at.until(lambda: sink.given)

    assert sink.given[0].coverage == seen_of(3, 3)
    assert sink.given[0].due == datetime(2026, 3, 2, 12, 15, tzinfo=UTC)


async def test_what_came_while_we_were_away_is_in_the_digest_that_we_missed(tmp_path: Path) -> None:
    async with desk(tmp_path, group=declared.Group(daily="12:30", empty=False)) as at:
        await at.settled()
    at.topic.add(made("n1"))
    at.clock.now += 3600
    async with desk(
        tmp_path, topic=at.topic, clock=at.clock, group=declared.Group(daily="12:30", empty=False)
    ) as again:
        await again.until(lambda: again.sink.ids == ["n1"])

    assert again.sink.given[0].due == datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


async def test_a_correction_of_what_waits_comes_with_it(tmp_path: Path) -> None:
    wanted = declared.Filter(severity="warning", type="raised")
    async with desk(tmp_path, filter=wanted, group=declared.Group(every="15m")) as at:
        at.topic.add(made("n1", thread="t"), made("n2", thread="t", type="retracted"), made("n3", type="retracted"))
        await at.settled()
        at.clock.now += 902
        await at.until(lambda: at.sink.ids == ["n1", "n2"])
