"""Opens a store that is ours to lose: one whose file cannot be read is put aside, and another begun."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path


def opened(path: Path, connect: Callable[[Path], sqlite3.Connection], log: logging.Logger) -> sqlite3.Connection:
    """What `connect` makes of the file, or of a new one in its place.

    A fault of the moment (locked, no space, no right to it) is raised: it says nothing of what the file holds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as fault:
        aside = path.with_suffix(".broken")
        log.warning("%s cannot be read (%s); it is put aside as %s", path, fault, aside.name)
        path.replace(aside)
        for more in ("-wal", "-shm"):
            path.with_name(path.name + more).unlink(missing_ok=True)
        return connect(path)
