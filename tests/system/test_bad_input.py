"""Bad input of every kind on a real broker: each ends in the dead letters with its reason, its neighbours arrive."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import msgspec
import pytest
from confluent_kafka import Producer

from connectors.ingest import item_of, publish
from streams import app
from streams.contracts.ids import item_id
from streams.contracts.records import Alert, Item, Mention
from streams.contracts.topics import ALERTS, DEAD, ITEMS, MAX_KEPT_RECORD, MENTIONS
from streams.contracts.wire import decode, encode
from streams.settings import Settings, load
from streams.transport.broker import Broker
from streams.transport.progress import wait_through
from tests.making import an_article, an_item, mentions_of
from tests.system.running import everything, stopped, with_headers, worker

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

GOOD = "NATO rejected Russia's draft European Security Treaty, a spokesman said. ({})"


def line(number: int, **more: object) -> bytes:
    return json.dumps({"id": f"g{number}", "url": f"https://news.example/{number}", "text": GOOD.format(number),
                       "lang": "en"} | more).encode()  # fmt: skip


def dead_letters(settings: Settings) -> list[tuple[bytes, dict[str, str]]]:
    return [
        (record.value, {name: value.decode() for name, value in headers.items()})
        for record, headers in with_headers(settings, DEAD.name)
    ]


def test_every_bad_record_is_set_aside_with_its_reason_and_the_good_arrive(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = load().but(data=tmp_path_factory.mktemp("bad"))
    broker = Broker(settings)
    try:
        settings = settings.but(bootstrap=broker.start(port=0))
        app.prepare(settings)
        said = io.StringIO()
        huge = line(99, text="x" * 5_000_000)
        report = publish(
            [line(1, source="wire"), b"\xff\xfe{", b"[1]", line(2, published="soon"), huge, line(3)], settings, said
        )
        raw = Producer(settings.kafka() | {"partitioner": "murmur2", "message.max.bytes": MAX_KEPT_RECORD})
        good = item_of(line(4), datetime.now(UTC))
        faults: list[tuple[bytes | None, str]] = [
            (b"\xff\xfe\x00not text", "not JSON"),
            (b'{"id":"\xc3\x28"}', "not"),
            (b'{"id": "i1", "kind": "sale"}', "not a Item"),
            (b"[" * 200_000, "not a Item"),
            (b'{"x":' * 100_000, "not JSON"),
            (b"", "not JSON"),
            (None, "tombstone"),
        ]
        for value, _ in faults:
            raw.produce(ITEMS.name, value, good.id.encode())
        raw.produce(ITEMS.name, encode(good), good.id.encode())
        refused: list[object] = []
        raw.produce(ITEMS.name, b"x" * 4_500_000, good.id.encode(), on_delivery=lambda e, _: refused.append(e))
        # A mention that no tagger of ours makes: a date that is none makes the dossier room raise.
        poison = a_mention(when="2026-02-31")
        raw.produce(MENTIONS.name, encode(poison), poison.dossier.encode())
        raw.flush()
        with stopped(worker(settings)):
            wait_through(settings, report.offsets, io.StringIO())
            wait_through(settings, ends_of(settings), io.StringIO())
        letters = dead_letters(settings)
        told = [decode(Alert, r.value) for r in everything(settings, ALERTS.name)]
        withdrawn = publish([b'{"id": "g1", "kind": "retraction"}'], settings, said)
        items = {(record.partition, record.offset + 1): record for record in everything(settings, ITEMS.name)}
    finally:
        broker.stop()

    assert (report.sent, report.refused) == (2, 4)
    assert "line 2: not UTF-8 at byte 0" in said.getvalue()
    assert "line 4: published is a date" in said.getvalue()
    assert "line 5" in said.getvalue()
    assert refused[0] is not None, "the broker takes no record above the topic's limit"
    reasons = {(h["room"], h["reason"].split(":")[0]) for _, h in letters}
    assert ("ingest", "line 2") in reasons
    kept = [(value, letter["reason"]) for value, letter in letters if letter["room"] == "normalise"]
    for bad, reason in faults:
        assert any(v == (bad or b"") and reason in why for v, why in kept), (bad, reason)
    (poisoned,) = [h for v, h in letters if v == encode(poison)]
    assert poisoned["room"] == "dossier"
    assert poisoned["topic"] == MENTIONS.name
    assert poisoned["offset"].isdigit()
    assert (withdrawn.sent, withdrawn.refused) == (1, 0)
    (place,) = withdrawn.offsets.items()
    assert decode(Item, items[place].value).id == item_id("wire", "g1"), "among all that, a retraction finds its entry"
    assert max(a.origins + a.copies for a in told) == 3, "the three good ones are one story"


def ends_of(settings: Settings) -> dict[int, int]:
    ends: dict[int, int] = {}
    for record in everything(settings, ITEMS.name):
        ends[record.partition] = max(ends.get(record.partition, 0), record.offset + 1)
    return ends


def a_mention(**changes: object) -> Mention:
    (found,) = mentions_of(an_article(an_item("p", GOOD.format("p"))))
    return msgspec.structs.replace(found, **changes)
