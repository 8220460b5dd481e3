"""Kafka's jars: what an interrupted fetch left behind is fetched again, not run."""

from __future__ import annotations

import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from streams.contracts.faults import BrokerFault
from streams.transport import jars

NAMES = ("kafka-1.jar", "log4j-core-1.jar")


class Fetching:
    """As much of jgo as we use: what is not in the repository is fetched, and linked from there. A folder of links that
    stands already is taken as it is."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repository, self.cache = folder / "repository", folder / "cache"
        self.repository.mkdir()
        self.fetched: list[str] = []
        self.damaged = False
        self.said: list[str] = []
        monkeypatch.setattr(jars, "jgo", SimpleNamespace(build=self.build))
        monkeypatch.setattr(jars, "default_maven_repo", lambda: self.repository)

    def build(self, _endpoint: str, cache_dir: Path) -> SimpleNamespace:
        made = not cache_dir.exists()
        cache_dir.mkdir(parents=True, exist_ok=True)
        for name in NAMES if made else ():
            kept, linked = self.repository / name, cache_dir / name
            if not kept.exists():
                self.fetched.append(name)
                with zipfile.ZipFile(kept, "w") as jar:
                    jar.writestr("Class", "code")
                if self.damaged:
                    kept.write_bytes(kept.read_bytes()[:20])
            linked.hardlink_to(kept)
        return SimpleNamespace(all_jars=list(cache_dir.iterdir()))

    def jars(self) -> set[str]:
        return {jar.name for jar in jars.jars(self.cache, self.said.append)}


@pytest.fixture
def fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetching:
    return Fetching(tmp_path, monkeypatch)


def test_they_are_fetched_once(fetching: Fetching) -> None:
    assert fetching.jars() == fetching.jars() == set(NAMES)
    assert sorted(fetching.fetched) == sorted(NAMES)
    assert len(fetching.said) == 1


def test_of_two_that_start_at_once_one_fetches_and_the_other_waits(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, over = threading.Event(), threading.Event()

    def build(endpoint: str, cache_dir: Path) -> SimpleNamespace:
        begun.set()
        assert over.wait(120)
        return fetching.build(endpoint, cache_dir)

    monkeypatch.setattr(jars, "jgo", SimpleNamespace(build=build))
    with ThreadPoolExecutor(2) as both:
        first = both.submit(fetching.jars)
        assert begun.wait(120)
        second = both.submit(fetching.jars)
        until = time.monotonic() + 120
        while len(fetching.said) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        over.set()
        assert first.result(120) == second.result(120) == set(NAMES)

    assert sorted(fetching.fetched) == sorted(NAMES)
    assert ["fetches" in line for line in fetching.said] == [False, True]


def test_half_a_jar_of_an_earlier_start_is_fetched_again(fetching: Fetching) -> None:
    (fetching.repository / NAMES[0]).write_bytes(b"PK half of it")

    assert fetching.jars() == set(NAMES)
    assert zipfile.is_zipfile(fetching.cache / "jgo" / NAMES[0])
    assert "left half done: kafka-1.jar" in fetching.said[-1]


def test_what_comes_damaged_again_is_said_and_not_kept(fetching: Fetching) -> None:
    fetching.damaged = True
    with pytest.raises(BrokerFault, match="damaged"):
        fetching.jars()
    fetching.damaged = False

    assert fetching.jars() == set(NAMES)


def test_a_fetch_that_fails_says_what_else_can_be_done(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(jars, "jgo", SimpleNamespace(build=away))

    with pytest.raises(BrokerFault, match=r"no route.*--bootstrap"):
        fetching.jars()
