"""Waiting for the worker, and a Kafka that goes away between two topics."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from streams.contracts.faults import BrokerFault
from streams.settings import Settings, load
from streams.transport import topics
from streams.transport.broker import Broker
from streams.transport.progress import patience_for, wait_through

AWAY = 15.0
"""Seconds: longer than one question to Kafka takes to see that nobody answers."""


@pytest.mark.parametrize(("standstill", "patience"), [(90, 210), (0, 120), (86400, 240)])
def test_who_waits_is_more_patient_than_a_worker_that_stands_still(standstill: int, patience: float) -> None:
    assert patience_for(load({}).but(standstill=standstill)) == patience


@pytest.mark.system
def test_a_kafka_that_goes_away_between_two_topics_is_waited_for(kafka: tuple[Broker, Settings]) -> None:
    broker, settings = kafka
    topics.ensure(settings)
    broker.kill()
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(wait_through, settings, {}, io.StringIO())
        time.sleep(AWAY)
        broker.start()

        waiting.result(240)


@pytest.mark.system
def test_one_that_stays_away_is_a_fault_that_names_it(kafka: tuple[Broker, Settings]) -> None:
    broker, settings = kafka
    broker.kill()
    try:
        with pytest.raises(BrokerFault, match=f"lost {settings.bootstrap} while waiting"):
            wait_through(settings, {}, io.StringIO(), patience=1)
    finally:
        broker.start()
