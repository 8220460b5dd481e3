"""docker-compose.yml as an operator runs it: from empty volumes, scaled, killed, stopped, started again.

One stack for the whole file; the tests go on from one another. Run by deploy/check, which finds an engine.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from connectors.ingest import publish
from streams.contracts.topics import ALERTS, ARTICLES, CANARY, ITEMS, MENTIONS
from streams.transport.progress import wait_through
from tests.deploy.outside import far_away, gateways, listening, reached_by, reaching
from tests.deploy.stack import ROOT, Stack, docker, eventually, inspect
from tests.system.running import alerts_folded, everything

pytestmark = [pytest.mark.system, pytest.mark.stack, pytest.mark.timeout(600)]

PARTS = ["connect", "worker", "web", "deliver"]
SERVICES = ["kafka", *PARTS, "prometheus", "alertmanager"]
WANTED = {"EST": "tabled", "INF": "rejected", "START": None}
"""Proposals of the three feeds, and what the alert must say where the text is plain."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    it = Stack(
        tmp_path_factory.mktemp("stack"),
        "treatywatch-check",
        "deploy/compose.notify.yml",
        "tests/deploy/compose.world.yml",
    )
    it.down()
    it.compose("build", "-q", timeout=580)
    try:
        it.up()
        yield it
    finally:
        it.down()


def _alerts(stack: Stack) -> dict[str, dict[str, Any]]:
    return {(a := json.loads(r.value))["id"]: a for r in everything(stack.settings(), ALERTS.name)}


def _ids(alerts: Any) -> set[str]:
    return {a["id"] for a in alerts}


def test_the_seed_and_three_feeds_come_out_on_the_topic_the_page_the_webhook_and_the_file(stack: Stack) -> None:
    def all_four() -> dict[str, dict[str, Any]] | None:
        found = _alerts(stack)
        news = {a["proposal"] for a in found.values() if not a["historical"]}
        return found if news >= set(WANTED) and any(a["historical"] for a in found.values()) else None

    alerts = eventually("alerts of the seed and of three feeds", all_four)
    for proposal, status in WANTED.items():
        of = [a for a in alerts.values() if a["proposal"] == proposal and not a["historical"]]
        assert status is None or status in {a["status"] for a in of}
        assert all(e["quote"] for a in of for e in a["evidence"])
    eventually("the page shows them", lambda: _ids(stack.get("WEB", "/api/alerts?limit=200")["alerts"]) >= set(alerts))

    def posted() -> list[dict[str, Any]]:
        found = stack.received("/desk")
        return found if _ids(json.loads(one["body"])["data"] for one in found) >= set(alerts) else []

    posts = eventually("the webhook has them", posted)
    assert all({"Webhook-Id", "Webhook-Signature"} <= {h.title() for h in one["headers"]} for one in posts)
    eventually("the file has them", lambda: set(_delivered(stack)) >= set(alerts))


def test_prometheus_sees_every_part_and_has_every_rule(stack: Stack) -> None:
    # A name that was asked for before its container had one has no targets until it is asked for again, 15 s later.
    def well() -> bool:
        targets = stack.get("PROMETHEUS", "/api/v1/targets")["data"]["activeTargets"]
        return sorted((t["labels"]["job"], t["health"]) for t in targets) == [(job, "up") for job in jobs]

    jobs = sorted([*PARTS, "prometheus", "alertmanager"])
    eventually("all targets up", well)
    loaded = [r for g in stack.get("PROMETHEUS", "/api/v1/rules")["data"]["groups"] for r in g["rules"]]
    wanted = [
        rule.get("alert") or rule["record"]
        for path in (ROOT / "deploy/prometheus/rules").glob("*.yml")
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
    ]
    assert sorted(r["name"] for r in loaded) == sorted(wanted)
    eventually(
        "no rule fails",
        lambda: all(
            r["health"] == "ok" for g in stack.get("PROMETHEUS", "/api/v1/rules")["data"]["groups"] for r in g["rules"]
        ),
    )
    firing = stack.get("PROMETHEUS", "/api/v1/alerts")["data"]["alerts"]
    assert {a["labels"]["alertname"] for a in firing if a["state"] == "firing"} <= {"TreatywatchWatchdog"}


def test_every_query_of_every_dashboard_returns_data(stack: Stack) -> None:
    def empty() -> list[str]:
        """Panels that show nothing; what shows failures alone may."""
        found = []
        for path in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")):
            for panel in json.loads(path.read_text())["panels"]:
                for target in panel["targets"]:
                    expr = target["expr"].replace("$__rate_interval", "1m").replace("$source", ".*")
                    answer = stack.get("PROMETHEUS", "/api/v1/query?" + urlencode({"query": expr}))
                    if not answer["data"]["result"] and not panel.get("x-empty-ok"):
                        found.append(f"{path.stem}: {panel['title']}: {expr}")
        return found

    blank = ["not asked yet"]

    def full() -> bool:
        blank[:] = empty()
        return not blank

    try:
        eventually("every panel shows something", full)
    except AssertionError:
        pytest.fail("\n".join(blank))


def test_an_operational_alert_reaches_its_receiver(stack: Stack) -> None:
    (told, *_) = eventually("the watchdog at its receiver", lambda: stack.received("/watchdog"))
    body = json.loads(told["body"])
    assert body["receiver"] == "watchdog"
    assert [a["labels"]["alertname"] for a in body["alerts"]] == ["TreatywatchWatchdog"]
    assert stack.received("/pager") == []


def test_a_broker_that_is_down_rings_and_what_it_explains_does_not(stack: Stack) -> None:
    """Said to Alertmanager as Prometheus would say it; the rules themselves are tested by their cases."""
    # Longer than is waited for what it does.
    until = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    told = {
        "TreatywatchBrokerDown": {"severity": "critical"},
        "TreatywatchPartDown": {"severity": "critical", "job": "worker"},
        "TreatywatchOffsetsStandStill": {"severity": "warning", "room": "tag", "partition": "0"},
        "TreatywatchDeadLetters": {"severity": "warning", "room": "tag", "reason": "bug"},
    }
    stack.post(
        "ALERTMANAGER",
        "/api/v2/alerts",
        [{"labels": {"alertname": name, **labels}, "endsAt": until} for name, labels in told.items()],
    )

    def rung(path: str) -> set[str]:
        posts = [json.loads(one["body"]) for one in stack.received(path)]
        return {alert["labels"]["alertname"] for post in posts for alert in post["alerts"]}

    eventually("the pager and the tickets", lambda: rung("/pager") and rung("/tickets"))
    assert rung("/pager") == {"TreatywatchBrokerDown"}
    assert rung("/tickets") == {"TreatywatchDeadLetters"}
    states = {a["labels"]["alertname"]: a["status"] for a in stack.get("ALERTMANAGER", "/api/v2/alerts")}
    quiet = {name for name in told if states[name]["inhibitedBy"]}
    assert quiet == {"TreatywatchPartDown", "TreatywatchOffsetsStandStill"}


def test_no_container_can_do_more_than_its_work(stack: Stack) -> None:
    for service in SERVICES:
        for container in stack.containers(service):
            status = dict(
                line.split(":\t", 1)
                for line in stack.compose("exec", "-T", service, "cat", "/proc/1/status").splitlines()
                if ":\t" in line
            )
            assert set(status["Uid"].split()) & {"0"} == set(), service
            assert {status[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}, service
            assert status["NoNewPrivs"] == "1", service
            assert status["Seccomp"] == "2", service
            host = inspect(container)["HostConfig"]
            assert host["ReadonlyRootfs"], service
            assert host["CapDrop"] == ["ALL"], service
            assert host["Init"], service
            assert host["Memory"] > 0, service
            assert host["PidsLimit"] > 0, service
            assert host["LogConfig"]["Config"] == {"max-file": "3", "max-size": "10m"}, service
            assert not host["Privileged"], service
            for bound in (host["PortBindings"] or {}).values():
                assert {b["HostIp"] for b in bound} == {"127.0.0.1"}, service
            mounts = inspect(container)["Mounts"]
            nameless = [m for m in mounts if m["Type"] == "volume" and re.fullmatch("[0-9a-f]{64}", m["Name"])]
            assert nameless == [], service


def test_only_who_fetches_and_who_delivers_reaches_the_world(stack: Stack) -> None:
    with far_away() as address:
        assert reaching(stack, address) == {"connect", "deliver", "alertmanager"}, (
            "alertmanager by compose.notify.yml alone, as test_secure.py shows"
        )


def test_who_has_no_port_does_not_even_reach_this_machine(stack: Stack) -> None:
    (worker,), (web,) = stack.containers("worker"), stack.containers("web")
    with listening("0.0.0.0") as open_, listening("127.0.0.1") as kept:
        from_worker = [f"{at}:{port}" for at in [*gateways(worker), *gateways(web)] for port in (open_, kept)]
        assert reached_by(worker, *from_worker) == set()
        ways = gateways(web)
        reached = reached_by(web, *(f"{at}:{open_}" for at in ways))
        assert len(reached) == 1, "a positive control: by the network that its port leads through, and by no other"
        assert reached_by(web, *(f"{at}:{kept}" for at in ways)) == set(), "what listens on loopback is out of reach"


def news(n: int, name: str) -> bytes:
    """An archive of `n` articles, no two alike, whose urls have `name` in them."""
    lines = [
        {
            "id": f"{name}-{i}",
            "url": f"https://x.example/{name}/{i}",
            "title": f"Report {i}",
            "text": f"Russia proposed the European Security Treaty to NATO again, round {i}, wrote {name}.",
            "published": "2026-01-01T00:00:00Z",
        }
        for i in range(n)
    ]
    return "\n".join(map(json.dumps, lines)).encode()


TAKES = 240.0
"""Seconds in which a worker takes something: one that stands still ends after 90 and starts anew, on a slow machine."""


def _through(stack: Stack, name: str, n: int = 300, meanwhile: Callable[[], object] = lambda: None) -> None:
    """`n` articles go in and everything they cause comes out; no id is lost and none differs."""
    settings = stack.settings()
    report = publish(io.BytesIO(news(n, name)), settings, io.StringIO())
    meanwhile()
    wait_through(settings, report.offsets, io.StringIO(), TAKES)
    articles = {json.loads(r.value)["url"] for r in everything(settings, ARTICLES.name) if not r.kind}
    assert {f"https://x.example/{name}/{i}" for i in range(n)} <= articles

    def folded() -> bool:
        told = {json.loads(r.value)["id"]: r.value for r in everything(settings, ALERTS.name)}
        assert told == alerts_folded(everything(settings, MENTIONS.name))
        return True

    # The clock and the feeds go on: what they caused may stand in one of the two topics and not yet in the other.
    eventually("the alerts are those of the mentions", folded)


def test_offline_no_source_is_asked_and_what_is_ingested_goes_through(stack: Stack) -> None:
    def asked() -> int:
        """How often the world was asked for a feed."""
        (world,) = stack.containers("world")
        return len(re.findall(r'"GET /(?:rss|atom|json) ', docker("logs", world, both=True)))

    def flown(since: datetime) -> bool:
        """Whether the connectors have sent canaries since, twice: they are at work, and ten seconds have gone by."""
        found = [json.loads(r.value)["sent"] for r in everything(stack.settings(), ITEMS.name) if r.kind == CANARY]
        return len({sent for sent in found if datetime.fromisoformat(sent) > since}) >= 2

    stack.environ["TW_OFFLINE"] = "true"
    stack.up("connect")
    since, before = datetime.now(UTC), asked()
    assert before, "a positive control: they were asked, every five seconds"
    eventually("two flights of canaries", lambda: flown(since))
    _through(stack, "offline", 3)
    assert asked() == before
    stack.environ["TW_OFFLINE"] = "false"
    stack.up("connect")
    eventually("the feeds are asked again", lambda: asked() > before)


def test_three_workers_one_that_dies_and_one_again_lose_nothing(stack: Stack) -> None:
    stack.up("--scale", "worker=3", "--no-recreate")
    assert len(stack.containers("worker")) == 3
    eventually(
        "Prometheus finds the workers by itself",
        lambda: (
            len(stack.get("PROMETHEUS", "/api/v1/query?query=up%7Bjob%3D%22worker%22%7D%3D%3D1")["data"]["result"]) == 3
        ),
    )
    _through(stack, "three")
    one, *others = stack.containers("worker")
    # The process, as a fault of its own would end it: a container that Docker is told to kill stays dead. Not waited
    # for: the shell may go down with its container before it can say that it is done.
    kill = ("exec", "--detach", one, "sh", "-c", "kill -9 $(cat /proc/1/task/1/children)")
    _through(stack, "dying", meanwhile=lambda: docker(*kill))
    eventually("it was started again", lambda: inspect(one)["State"]["Running"] and inspect(one)["RestartCount"] == 1)
    assert {inspect(other)["RestartCount"] for other in others} == {0}
    stack.up("--scale", "worker=1", "--no-recreate")
    assert len(stack.containers("worker")) == 1
    _through(stack, "one")


def test_kafka_is_killed_and_comes_back_and_nothing_is_lost(stack: Stack) -> None:
    before = _alerts(stack)
    stack.compose("kill", "-s", "KILL", "kafka")
    stack.up("--no-recreate")
    _through(stack, "killed")
    assert set(_alerts(stack)) >= set(before)


def test_stopped_and_started_on_its_volumes_it_goes_on_where_it_was(stack: Stack) -> None:
    before = _alerts(stack)
    assert before

    def given() -> bool:
        """Both sinks have all of them: nobody is to hear of one again, from here on."""
        posts = _ids(json.loads(one["body"])["data"] for one in stack.received("/desk"))
        return posts >= set(before) and set(_delivered(stack)) >= set(before)

    eventually("everything is delivered before the stop", given)
    stack.compose("stop")
    for service in PARTS:
        names = stack.compose("ps", "-a", "-q", service).split()
        assert {inspect(one)["State"]["ExitCode"] for one in names} == {0}, f"{service} did not end in order"
    stack.script("deploy/backup", "save", str(stack.folder / "saved"))
    stack.up("--no-recreate")
    after = _alerts(stack)
    assert {i: after[i] for i in before} == before
    _through(stack, "kept")
    eventually(
        "the page has them all again",
        lambda: set(before) <= _ids(stack.get("WEB", "/api/alerts?limit=1000")["alerts"]),
    )


def test_what_a_part_says_is_one_json_object_a_line(stack: Stack) -> None:
    for part in PARTS:
        for container in stack.containers(part):
            lines = [json.loads(line) for line in docker("logs", container, both=True).splitlines()]
            assert lines or part != "worker", "a worker has a lot to say"
            assert all({"at", "level", "logger", "message"} <= set(line) for line in lines), part


def test_a_backup_in_empty_volumes_has_everything_and_nobody_hears_an_alert_again(stack: Stack) -> None:
    """The backup is the one that was saved when the stack was stopped: what came since is lost, and comes again."""
    stack.script("deploy/backup", "restore", str(stack.folder / "saved"), fails="something runs")
    since = _ids(_alerts(stack).values())
    stack.down()
    stack.script("deploy/backup", "restore", str(stack.folder / "saved"))
    stack.script("deploy/backup", "restore", str(stack.folder / "saved"), fails="is not empty")
    stack.up()
    restored = _alerts(stack)
    had = {i for i in _delivered(stack) if i in restored}
    assert had, "the volume of deliver came back with its file"
    assert set(restored) <= since
    _through(stack, "restored")
    eventually(
        "the page has them all again",
        lambda: set(restored) <= _ids(stack.get("WEB", "/api/alerts?limit=1000")["alerts"]),
    )

    def all_given() -> list[str] | None:
        given = _delivered(stack)
        return given if set(_alerts(stack)) <= set(given) else None

    every = eventually("new alerts at the sink", all_given)
    assert len(every) == len(set(every)), "no alert stands twice in the file"
    assert not had & _ids(json.loads(p["body"])["data"] for p in stack.received("/desk")), "nor went out again"


def _delivered(stack: Stack) -> list[str]:
    lines = stack.compose("exec", "-T", "deliver", "cat", "/data/alerts.jsonl").splitlines()
    return [json.loads(line)["id"] for line in lines]
