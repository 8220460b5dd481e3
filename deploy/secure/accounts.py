"""Accounts of the secure overlay and what each may do: `python accounts.py`, as the administrator, safe to repeat.

The table below is all that is allowed; whatever is not in it Kafka refuses. A right that was taken out of the table is
taken away at the next run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports them without saying so
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streams.contracts.topics import (
    ALERTS,
    ARTICLES,
    BUNDLES,
    DEAD,
    DOSSIERS,
    FEEDBACK,
    ITEMS,
    MENTIONS,
    NEAR,
    SOURCES,
    SUPPRESSED,
    TOPICS,
)

APP = os.environ.get("TREATYWATCH_APP_ID", "treatywatch")
NAMES = [topic.name for topic in TOPICS]

Right = tuple[str, str, bool, tuple[str, ...]]
"""Kind of resource, its name, whether names that begin so are meant, operations."""


def topic(name: str, *operations: str) -> Right:
    """Operations on one topic."""
    return "topic", name, False, operations


def group(name: str) -> Right:
    """One consumer group."""
    return "group", name, False, ("read", "describe")


def groups(name: str) -> Right:
    """Consumer groups whose names begin so."""
    return "group", name, True, ("read", "describe")


READER = group("treatywatch-reader")
"""Of who reads a topic whole, and commits nothing."""


def _coverage() -> Iterator[Right]:
    """What it takes to say how much we see: the sources, what waits before each room, the latest canaries."""
    yield topic(SOURCES.name, "read")
    yield topic(MENTIONS.name, "read")
    yield topic(ITEMS.name, "describe")
    yield topic(ARTICLES.name, "describe")
    yield "group", APP, False, ("describe",)
    yield READER


def _changes() -> Iterator[Right]:
    """What putting knowledge and rules in force takes: the bundles, and a record in each place that decides by them."""
    yield topic(BUNDLES.name, "read", "write")
    yield topic(ARTICLES.name, "write")
    yield topic(MENTIONS.name, "write")
    yield group("treatywatch-bundles")


RIGHTS: dict[str, list[Right]] = {
    "topics": [
        *(topic(name, "create", "describe", "describe_configs", "alter_configs") for name in NAMES),
        *_changes(),
    ],
    "connect": [
        *(topic(one.name, "write") for one in (ITEMS, SOURCES, MENTIONS, DEAD)),
        *_coverage(),
        # Whose entry a retraction means that names no source: connectors/lookup.py looks it up.
        *(topic(one.name, "read") for one in (ITEMS, ARTICLES)),
    ],
    "worker": [
        # Each start checks the topics' settings; making or mending them is the account `topics`'s.
        *(topic(name, "describe", "describe_configs") for name in NAMES),
        *_changes(),
        *(topic(one.name, "read") for one in (ITEMS, ARTICLES, MENTIONS)),
        *(topic(one.name, "write") for one in (DOSSIERS, NEAR, DEAD)),
        ("topic", "alerts.", True, ("write",)),
        # Its state: changelogs, named after the application.
        ("topic", f"{APP}-", True, ("create", "describe", "describe_configs", "read", "write")),
        group(APP),
    ],
    "web": [
        *(topic(one.name, "read") for one in (ALERTS, DOSSIERS, SUPPRESSED, NEAR, FEEDBACK, DEAD, BUNDLES)),
        *_coverage(),
        topic(ARTICLES.name, "read"),  # the workbench tries rules and entries on what came lately
        *(group(f"treatywatch-{name}") for name in ("workbench", "bundles", "replay")),
    ],
    "deliver": [
        topic(ALERTS.name, "read"),
        *_coverage(),
        topic(DEAD.name, "read", "write"),
        groups(f"{APP}-deliver-"),
    ],
    # Not every group: who may read alerts could move the place of a sink in them.
    "reader": [
        ("topic", "alerts.", True, ("read",)),
        topic(DOSSIERS.name, "read"),
        topic(FEEDBACK.name, "write"),
        READER,
        groups("reader"),
    ],
}  # fmt: skip


def bindings(rights: dict[str, list[Right]]) -> Iterator[Any]:
    """The table in Kafka's words; who may read or write may see, too."""
    for account, given in rights.items():
        for kind, name, begins, operations in given:
            pattern = ResourcePatternType.PREFIXED if begins and name else ResourcePatternType.LITERAL
            for operation in sorted(operations):
                yield AclBinding(
                    ResourceType[kind.upper()], name or "*", pattern, f"User:{account}", "*",
                    AclOperation[operation.upper()], AclPermissionType.ALLOW,
                )  # fmt: skip


def admin() -> Any:
    """The administrator, known by the certificate."""
    return AdminClient(
        {
            "bootstrap.servers": os.environ["ADMIN_BOOTSTRAP"],
            "security.protocol": "SSL",
            "ssl.ca.location": "/run/secrets/kafka_ca",
            "ssl.certificate.location": "/run/secrets/kafka_admin",
            "ssl.key.location": "/run/secrets/kafka_admin",
        }
    )


def done(futures: Iterable[Any]) -> None:
    """Wait for all; the first fault is raised."""
    for future in futures:
        future.result(30)


def main() -> None:
    """Make the accounts, and the cluster's rights those of the table."""
    kafka = admin()
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
    passwords = {name: Path(f"/run/secrets/kafka_{name}").read_text().strip().encode() for name in RIGHTS}
    done(
        kafka.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(name, how, word) for name, word in passwords.items()]
        ).values()
    )
    wanted = set(bindings(RIGHTS))
    every = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]
        ResourcePatternType.ANY,
        None,  # type: ignore[arg-type]  # any; the stubs know only names
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    there = set(kafka.describe_acls(every).result(30))
    done(kafka.create_acls(sorted(wanted - there)).values() if wanted - there else ())
    gone = [
        AclBindingFilter(
            a.restype, a.name, a.resource_pattern_type, a.principal, a.host, a.operation, a.permission_type
        )
        for a in there - wanted
    ]
    done(kafka.delete_acls(gone).values() if gone else ())
    print(f"{len(passwords)} accounts, {len(wanted)} rights: {len(wanted - there)} new, {len(gone)} taken away")  # noqa: T201


if __name__ == "__main__":
    main()
