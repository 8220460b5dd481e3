"""One sink's delivery: a place in the topic and a sink that a test holds in its hands, and a clock that it sets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks import declared
from connectors.sinks.delivery import LONGEST_WAIT, Delivery, wait_of
from connectors.sinks.parcel import Parcel, SinkFault
from connectors.sinks.store import Store
from streams.contracts.faults import BrokerFault
from streams.contracts.records import Alert, Coverage
from streams.contracts.wire import encode
from streams.ops import meters
from tests.connectors.alerting import made, outgoing, seen_of

START = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()


@dataclass
class Message:
    """A record as Kafka's client gives it."""

    place: int
    raw: bytes
    sent: tuple[tuple[str, bytes], ...]
    at: float

    def value(self) -> bytes:
        return self.raw

    def key(self) -> bytes:
        return b"EST"

    def headers(self) -> list[tuple[str, bytes]]:
        return list(self.sent)

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.place

    def timestamp(self) -> tuple[int, int]:
        return 2, int(self.at * 1000)


@dataclass
class Topic:
    """One partition and a sink's place in it."""

    clock: Clock
    log: list[Message] = field(default_factory=list)
    at: int = 0
    committed: int = 0
    assigned: frozenset[int] = frozenset([0])
    behind: bool = False
    """Whether the broker has told of more than has come."""
    takes: int = 0
    """How often the delivery has asked."""

    def add(self, *alerts: Alert) -> None:
        for alert in alerts:
            (record,) = outgoing(alert)
            self.log.append(Message(len(self.log), record.value, record.headers, self.clock.now))

    def take(self, most: int, seconds: float) -> list[Any]:
        time.sleep(0.005)
        self.takes += 1
        found = self.log[self.at : self.at + most]
        self.at += len(found)
        return found

    def caught_up(self) -> bool:
        return self.at == len(self.log) and not self.behind

    def hold(self, held: bool) -> None:
        """A test never has that many."""

    def commit(self, positions: dict[int, int], wait: bool = False) -> None:
        self.committed = positions.get(0, 0)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Clock:
    """Moves when a test says so."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Kept:
    """A sink that keeps what it gets, and refuses what a test wants refused."""

    where: str = "a test"
    given: list[Parcel] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    faults: dict[str, SinkFault] = field(default_factory=dict)
    down: SinkFault | None = None
    word: str = "opensesame"

    async def give(self, parcel: Parcel) -> dict[str, str]:
        self.tried.append(parcel.id)
        fault = self.down or self.faults.get(parcel.id)
        if fault is not None:
            raise fault
        self.given.append(parcel)
        return {told.alert.thread: f"handle of {told.alert.id}" for told in parcel.alerts}

    def secrets(self) -> list[str]:
        return [self.word]

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def ids(self) -> list[str]:
        return [told.alert.id for parcel in self.given for told in parcel.alerts]


@dataclass
class Desk:
    """A delivery with all that it hangs on."""

    clock: Clock
    topic: Topic
    sink: Kept
    delivery: Delivery
    letters: list[tuple[str, str]]

    async def until(self, true: Any) -> None:
        """Wait until it comes true; the delivery's own clock stands still meanwhile."""
        async with asyncio.timeout(60):
            while not true():  # noqa: ASYNC110 - what it waits for is no event
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        """Wait until all that was in the topic is taken and judged, and what is due was tried."""
        await self.until(lambda: self.topic.at == len(self.topic.log))
        turns = self.topic.takes + 20
        await self.until(lambda: self.topic.takes >= turns)


@asynccontextmanager
async def desk(
    folder: Path,
    sink: Kept | None = None,
    clock: Clock | None = None,
    topic: Topic | None = None,
    coverage: Coverage | list[Coverage] | None = None,
    broken: int = 0,
    **given: Any,
) -> AsyncIterator[Desk]:
    clock = clock or Clock()
    topic, sink = topic or Topic(clock), sink or Kept()
    topic.at = topic.committed
    letters: list[tuple[str, str]] = []
    left = [broken]

    def bury(_sink: str, _raw: bytes, reason: str, key: str, _place: tuple[int, int], _at: str) -> None:
        if left[0]:
            left[0] -= 1
            raise BrokerFault("Kafka did not take a dead letter")
        letters.append((key, reason))

    delivery = Delivery(
        "desk", declared.File(path="unused", **given), sink, Store(folder / "desk.sqlite"), lambda _: topic, bury,
        lambda _: coverage.pop(0) if isinstance(coverage, list) else coverage, clock, lambda: 1.0,
    )  # fmt: skip
    stop = asyncio.Event()
    running = asyncio.create_task(delivery.run(stop))
    try:
        yield Desk(clock, topic, sink, delivery, letters)
    finally:
        stop.set()
        await running


def counted(outcome: str) -> float:
    return float(meters.DELIVERIES.labels("desk", outcome)._value.get())


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


async def test_what_was_given_is_forgotten_when_the_topic_no_longer_has_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.topic.add(made("n1"))
        await at.until(lambda: at.sink.ids == ["n1"])
        assert at.delivery.store.knows("n1")
        at.clock.now += 401 * 86400
        await at.until(lambda: not at.delivery.store.knows("n1"))


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
