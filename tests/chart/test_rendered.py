"""The chart as helm renders it, for every file of values in its ci/ folder. Run by deploy/helm/check."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.helm.values_table import CHART
from streams.contracts.topics import BY_NAME as TOPIC
from streams.settings import PREFIX, load

pytestmark = [pytest.mark.system, pytest.mark.stack]

VALUES = sorted(path.name for path in (CHART / "ci").glob("*.yaml"))
OLDEST, NEWEST = "1.30", kubernetes_validate.latest_version().rpartition(".")[0]
FOREIGN = {"PodMonitor", "ServiceMonitor", "PrometheusRule", "ScaledObject"}
"""Kinds that are not Kubernetes' own: nothing here has their schema."""


def tool(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    path = Path(os.environ["TW_HELM_TOOLS"]) / name
    return subprocess.run([path, *words], capture_output=True, text=True, timeout=200, check=False)


@functools.cache
def rendered(values: str, version: str = OLDEST, *more: str) -> tuple[dict[str, Any], ...]:
    done = tool("helm", "template", "desk", str(CHART), "-n", "news", "--kube-version", f"{version}.0", "-f",
                str(CHART / "ci" / values), *more)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return tuple(found for found in yaml.safe_load_all(done.stdout) if found)


def pods(values: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, labels and specification of every pod that is made."""
    templates = [
        (one["metadata"]["name"], one["spec"]["template"])
        for one in rendered(values)
        if "template" in one.get("spec", {})
    ]
    return [(name, made["metadata"]["labels"], made["spec"]) for name, made in templates]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container["env"]}


@pytest.mark.parametrize("values", VALUES)
def test_helm_has_nothing_to_say_against_it(values: str) -> None:
    done = tool(
        "helm", "lint", "--strict", "--kube-version", f"{NEWEST}.0", str(CHART), "-f", str(CHART / "ci" / values)
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_tests_pass() -> None:
    done = tool("helm-unittest", "--strict", str(CHART))
    assert done.returncode == 0, done.stdout
    assert re.search(r"Tests: +[1-9]\d+ passed", done.stdout), done.stdout


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("values", VALUES)
def test_every_object_is_what_kubernetes_says_it_must_be(values: str, version: str) -> None:
    known = [one for one in rendered(values, version) if one["kind"] not in FOREIGN]
    for one in known:
        kubernetes_validate.validate(one, version, strict=True)
    assert {"Deployment", "StatefulSet", "Job", "Service"} <= {one["kind"] for one in known}


@pytest.mark.parametrize("values", VALUES)
def test_no_two_objects_have_one_name_and_all_are_labelled(values: str) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered(values)]
    assert len(names) == len(set(names))
    for one in rendered(values):
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "treatywatch"
        assert labels["app.kubernetes.io/instance"] == "desk"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["helm.sh/chart"].startswith("treatywatch-")


@pytest.mark.parametrize("values", VALUES)
def test_every_pod_is_hardened_and_bounded(values: str) -> None:
    assert pods(values)
    for name, _, pod in pods(values):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == 10001, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
        for container in containers(pod):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["runAsNonRoot"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name
        for volume in pod["volumes"]:
            assert "hostPath" not in volume, name
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": ""}), f"{name}: {volume}"


@pytest.mark.parametrize("values", VALUES)
def test_every_mount_has_its_volume_and_every_volume_its_mount(values: str) -> None:
    claims = {
        one["metadata"]["name"]: one["spec"].get("volumeClaimTemplates", [])
        for one in rendered(values)
        if "spec" in one
    }
    for name, _, pod in pods(values):
        there = {volume["name"] for volume in pod["volumes"]} | {claim["metadata"]["name"] for claim in claims[name]}
        mounted = {mount["name"] for container in containers(pod) for mount in container["volumeMounts"]}
        assert mounted == there, name


@pytest.mark.parametrize("values", VALUES)
def test_every_configmap_that_is_mounted_is_made_with_the_files_that_are_named(values: str) -> None:
    made = {one["metadata"]["name"]: set(one["data"]) for one in rendered(values) if one["kind"] == "ConfigMap"}
    for name, _, pod in pods(values):
        paths = {
            mount["mountPath"]: mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]
        }
        shown = {
            volume["name"]: made[volume["configMap"]["name"]] for volume in pod["volumes"] if "configMap" in volume
        }
        for volume in pod["volumes"]:
            for item in volume.get("configMap", {}).get("items", []):
                assert item["key"] in shown[volume["name"]], name
        for setting in ("KNOWLEDGE", "RULES", "SEEDS"):
            place = environment(pod["containers"][0]).get(PREFIX + setting)
            assert place is None or place in paths, f"{name}: {setting}"
        for setting in ("SOURCES", "SINKS"):
            place = environment(pod["containers"][0]).get(PREFIX + setting)
            volume = paths[str(Path(place).parent)] if place else None
            if place and volume in shown:
                assert Path(place).name in shown[volume], name


@pytest.mark.parametrize("values", VALUES)
def test_the_settings_of_every_container_are_accepted_by_the_code_that_reads_them(values: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x" * 32)
    for name, _, pod in pods(values):
        for container in containers(pod):
            given = environment(container)
            files = {key: str(secret) for key in given if key.endswith("_FILE")}
            assert load(given | files).bootstrap == given["TREATYWATCH_BOOTSTRAP"], name


@pytest.mark.parametrize("values", VALUES)
def test_parts_wait_for_topics_that_exist_by_name(values: str) -> None:
    for name, labels, pod in pods(values):
        if labels["app.kubernetes.io/component"] == "topics":
            assert "initContainers" not in pod
            continue
        (wait,) = pod["initContainers"]
        assert wait["args"][0] == "topics"
        awaited = [word for word in wait["args"][1:] if word != "--wait-for"]
        assert awaited, name
        assert set(awaited) <= set(TOPIC), name
        assert len(awaited) * 2 == len(wait["args"]) - 1, name


@pytest.mark.parametrize("values", VALUES)
def test_selectors_find_the_pods_they_are_meant_for(values: str) -> None:
    labelled = {name: labels for name, labels, _ in pods(values)}
    for one in rendered(values):
        kind, spec = one["kind"], one.get("spec", {})
        found = {"NetworkPolicy": spec.get("podSelector", {}).get("matchLabels"), "Service": spec.get("selector"),
                 "PodDisruptionBudget": spec.get("selector", {}).get("matchLabels"),
                 "Deployment": spec.get("selector", {}).get("matchLabels"),
                 "StatefulSet": spec.get("selector", {}).get("matchLabels"),
                 "PodMonitor": spec.get("selector", {}).get("matchLabels")}.get(kind)  # fmt: skip
        if found is None:
            continue
        met = [name for name, labels in labelled.items() if found.items() <= labels.items()]
        assert met, f"{kind} {one['metadata']['name']} finds nobody"
        if kind in ("Deployment", "StatefulSet"):
            assert met == [one["metadata"]["name"]]
        if kind == "Service":
            parts = {labelled[name]["app.kubernetes.io/component"] for name in met}
            assert len(parts) == 1


def test_only_who_fetches_and_who_delivers_may_reach_out() -> None:
    out = set()
    for one in rendered("minimal.yaml"):
        blocks = [
            to
            for rule in one.get("spec", {}).get("egress", [])
            for to in rule.get("to", [{}])
            if one["kind"] == "NetworkPolicy"
        ]
        if any("ipBlock" in to or not to for to in blocks):
            out.add(one["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component"))
    assert out == {"connect", "deliver"}


def test_what_the_job_does_makes_its_name_and_what_others_do_does_not() -> None:
    def name(*more: str) -> str:
        (job,) = [one for one in rendered("minimal.yaml", OLDEST, *more) if one["kind"] == "Job"]
        return str(job["metadata"]["name"])

    assert name() == name("--set", "worker.replicas=3") == name("--set", "connect.storage.size=2Gi")
    names = [
        name(),
        name("--set", "image.tag=v9"),
        name("--set", "rules.a\\.yaml=x"),
        name("--set", "kafka.partitions=4"),
    ]
    assert len(set(names)) == len(names)


def test_the_longest_names_are_names_that_kubernetes_takes() -> None:
    values = ("--set", f"fullnameOverride={'n' * 32}", "--set", "connect.shards.elevenchars=null")
    more = ("--set-string", "connect.shards.abcdefghijk.sources=<opml/>")
    for one in rendered("minimal.yaml", OLDEST, *values, *more):
        longest = 52 if one["kind"] == "StatefulSet" else 63
        assert len(one["metadata"]["name"]) <= longest, one["metadata"]["name"]


def test_the_steps_of_the_readme_name_what_is_made(tmp_path: Path) -> None:
    steps = (CHART.parents[1] / "README.md").read_text().partition("## Kubernetes")[2].partition("\n## ")[0]
    given = steps.partition("`news.yaml`:\n")[2].partition("\n   Partitions")[0]
    (tmp_path / "news.yaml").write_text(textwrap.dedent(given))
    more = tmp_path / "more.yaml"
    more.write_text(textwrap.dedent(steps[steps.index("       monitoring:\n") :].partition("\n\n")[0]))
    done = tool("helm", "template", "treatywatch", str(CHART), "-n", "news", "--kube-version", f"{OLDEST}.0", "-f",
                str(tmp_path / "news.yaml"), "-f", str(more))  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = {(one["kind"].lower(), one["metadata"]["name"]) for one in yaml.safe_load_all(done.stdout) if one}
    assert {"podmonitor", "prometheusrule"} <= {kind for kind, _ in made}
    named = re.findall(r"\b(statefulset|deploy|service)/(treatywatch-[a-z-]+)", steps)
    named += [("statefulset", name) for name in re.findall(r"exec (treatywatch-[a-z-]+)-0", steps)]
    assert len(named) > 8
    assert {({"deploy": "deployment"}.get(kind, kind), name) for kind, name in named} <= made
