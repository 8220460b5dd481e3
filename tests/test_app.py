"""What the rooms did becomes metrics, whatever kind of record they handed on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY

from connectors import canary
from streams import app, rules
from streams.agents import canary as flown
from streams.agents.room import Taken
from streams.contracts.records import Activation, BundleRef
from streams.contracts.topics import ARTICLES, MENTIONS, Outgoing
from streams.contracts.wire import encode
from streams.logic.rules import compile_rules
from tests.connectors.alerting import made, outgoing
from tests.making import an_article, an_item, mentions_of

PUBLISHED = datetime(2008, 6, 5, 15, tzinfo=UTC)


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"treatywatch_{name}", labels) or 0.0


def test_articles_and_mentions_are_counted_and_canaries_are_not() -> None:
    article = an_article(an_item("m", "Russia proposed a European Security Treaty to NATO on Monday."))
    (mention,) = mentions_of(article)
    (sent, *_) = canary.flight(1, datetime.now(UTC))
    taken = Taken("canary", b"canary", sent.value, "news.items", 0, 0, 0.0)
    before = value("articles_total", change="new"), value("mentions_total", proposal="EST", lang="en")

    for topic, record in ((ARTICLES, article), (MENTIONS, mention)):
        onward, counts = flown.handed_on(taken, topic)
        app.counted("room", [Outgoing(topic.name, "k", encode(record)), *onward], counts)

    after = value("articles_total", change="new"), value("mentions_total", proposal="EST", lang="en")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert value("decisions_total", room="room", what="canary") >= 2


def test_the_first_alert_of_a_rule_is_a_rise_of_a_series_that_was_there() -> None:
    told = compile_rules(rules.read())
    app.told_from_the_start(told)
    for rule in told.rules:
        given = {"rule": rule.id}
        assert REGISTRY.get_sample_value("treatywatch_seen_to_alert_seconds_count", given) is not None
        assert REGISTRY.get_sample_value("treatywatch_published_to_alert_seconds_count", given) is not None
        given |= {"severity": rule.severity, "type": "raised"}
        assert REGISTRY.get_sample_value("treatywatch_alerts_total", given) is not None


def test_the_version_that_is_shown_is_the_one_that_was_activated_last() -> None:
    fresh = compile_rules({"x.yaml": "id: fresh-rule\nversion: '1'\nwhen: tabled\nseverity: info\n"})
    knowledge, watched = (BundleRef(id=name, version="1", hash=name * 8) for name in "kr")
    app.activated(Activation(knowledge=knowledge, rules=watched, at=PUBLISHED), fresh)

    assert value("knowledge_info", knowledge="k" * 8, rules="r" * 8, engine=app.ENGINE) == 1
    given = {"rule": "fresh-rule", "severity": "info", "type": "raised"}
    assert REGISTRY.get_sample_value("treatywatch_alerts_total", given) == 0


def test_an_archive_that_is_played_and_an_update_of_an_old_alert_do_not_count_as_late() -> None:
    def observed(seen: datetime, kind: str = "raised") -> float:
        alert = made(seen=seen, published=PUBLISHED, historical=False, type=kind)
        before = value("seen_to_alert_seconds_count", rule=alert.rule.id)
        app.counted("dossier", outgoing(alert), {})
        return value("seen_to_alert_seconds_count", rule=alert.rule.id) - before

    assert observed(PUBLISHED) == 0
    assert observed(PUBLISHED + timedelta(seconds=1)) == 1
    assert observed(PUBLISHED + timedelta(seconds=1), "updated") == 0
