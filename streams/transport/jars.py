"""The jars of Apache Kafka: fetched once through `jgo`, then from the user's cache."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import jgo
from jgo.constants import default_maven_repo

from streams.contracts.faults import BrokerFault

VERSION = "4.1.0"
ENDPOINT = f"org.apache.kafka:kafka_2.13:{VERSION}"
# Kafka's own dependencies stop at the interface of its log; without these its log goes nowhere.
LOG_ENDPOINT = "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3+org.apache.logging.log4j:log4j-core:2.24.3"


def jars(cache: Path, say: Callable[[str], None]) -> list[Path]:
    """The jars of Kafka; fetched once, then offline. `BrokerFault` when they cannot be had."""
    listing = cache / f"kafka-{VERSION}-logged.classpath"
    known = _known(listing)
    if known:
        return known
    with _alone(say):
        return _known(listing) or _had(cache, listing, say)


def _known(listing: Path) -> list[Path]:
    """What an earlier fetch has listed; nothing where one of it is gone."""
    if not listing.exists():
        return []
    known = [Path(line) for line in listing.read_text().splitlines()]
    return known if all(jar.exists() for jar in known) else []


@contextlib.contextmanager
def _alone(say: Callable[[str], None]) -> Iterator[None]:
    """One process fetches at a time: jgo stumbles over a jar that another is just writing, or takes it for whole."""
    try:
        default_maven_repo().mkdir(parents=True, exist_ok=True)
        lock = (default_maven_repo() / ".treatywatch.lock").open("w")
    except OSError as fault:
        raise BrokerFault(f"could not fetch Apache Kafka {VERSION}: {fault}") from fault
    with lock:
        # A file system without locks leaves it at what it was.
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"another process fetches Apache Kafka {VERSION}; waiting for it ...")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _had(cache: Path, listing: Path, say: Callable[[str], None]) -> list[Path]:
    """The jars, fetched, and listed."""
    say(f"fetching Apache Kafka {VERSION} (54 MB, once) ...")
    cache.mkdir(parents=True, exist_ok=True)
    for noisy in ("jgo", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    found = _fetched(cache)
    # jgo writes to where a jar is to stand: a start that was ended meanwhile leaves half of one and takes it for whole.
    if broken := _broken(found):
        say(f"fetching again what an earlier start left half done: {', '.join(jar.name for jar in broken)}")
        _discard(broken, cache)
        found = _fetched(cache)
    if broken := _broken(found):
        _discard(broken, cache)
        raise BrokerFault(
            f"what was fetched of Apache Kafka {VERSION} came damaged, twice: {broken[0].name}; try again"
        )
    partial = listing.with_suffix(".part")
    partial.write_text("\n".join(map(str, found)))
    partial.rename(listing)
    return found


def _fetched(cache: Path) -> list[Path]:
    try:
        kafka = jgo.build(ENDPOINT, cache_dir=cache / "jgo")
        # Apart, since asked for together the resolver takes an older kafka-clients than the broker needs.
        logged = jgo.build(LOG_ENDPOINT, cache_dir=cache / "jgo")
    except Exception as fault:
        raise BrokerFault(
            f"could not fetch Apache Kafka {VERSION}: {fault}. It is fetched once, then no internet "
            "is needed; or give an existing Kafka with --bootstrap HOST:PORT"
        ) from fault
    # jgo tells plain jars from modules and puts them in two folders; the class path needs both.
    found = sorted(Path(jar).resolve() for jar in kafka.all_jars)
    return found + sorted(Path(jar).resolve() for jar in logged.all_jars if Path(jar).name.startswith("log4j-"))


def _broken(found: Iterable[Path]) -> list[Path]:
    return [jar for jar in found if not zipfile.is_zipfile(jar)]


def _discard(broken: Iterable[Path], cache: Path) -> None:
    """Away with these, from where they were linked, and with all that jgo made of them: so they are fetched again."""
    for jar in broken:
        for kept in default_maven_repo().rglob(jar.name):
            kept.unlink()
    shutil.rmtree(cache / "jgo")
