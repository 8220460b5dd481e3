"""What else stands in the log because it changes what is decided, or tells how far that is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from streams.contracts.records.codes import Record
from streams.contracts.records.coverage import Coverage
from streams.contracts.records.mentions import BundleRef


class Tick(Record, frozen=True, kw_only=True):
    """The clock as a record, so that a replay sees the same time in the same order."""

    id: str
    at: datetime
    partition: int
    clock: str = "live"
    end: bool = False
    """The clock stops here, as an archive's play is over: what waits for a digest cannot wait any longer."""


class Activation(Record, frozen=True, kw_only=True):
    """From here on this partition is decided with these bundles: header `kind` = `activate`."""

    knowledge: BundleRef
    rules: BundleRef
    at: datetime


class Bundle(Record, frozen=True, kw_only=True):
    """A folder of YAML files as every worker used it, whole; its key is its hash."""

    kind: Literal["knowledge", "rules"]
    id: str
    version: str
    hash: str
    files: dict[str, str]
    """Text by relative path."""


class Canary(Record, frozen=True, kw_only=True):
    """A record that only goes the whole way: header `kind` = `canary`. Never shown as news."""

    sent: datetime
    partition: int
    coverage: Coverage | None = None
    """What was seen when it was sent: so each partition knows it, and a digest made there can tell."""
    unsupported: dict[str, int] = msgspec.field(default_factory=dict)
    """Articles of the last seven days in languages that are not read, in this partition; `tag` fills it in."""
