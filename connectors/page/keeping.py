"""Keeping an edited rule or entry: in the operator's own folder, whole or not at all, then in force by the commands.

Nothing here asks who may: `views.saving` does. Nothing is ever written outside the folder that the settings name.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from connectors.page.workshop import environment
from streams.settings import PREFIX, Settings

COMMANDS: Mapping[str, tuple[str, ...]] = {"rules": ("rules", "activate"), "knowledge": ("kb", "activate")}
"""What puts a folder in force: the same commands that an operator types, in a process of their own."""

NAMES: Mapping[str, re.Pattern[str]] = {
    "rules": re.compile(r"[a-z0-9][\w-]{0,99}\.yaml", re.ASCII | re.IGNORECASE),
    "knowledge": re.compile(
        r"(proposals|acts|actors|concepts|cues)(/[a-z0-9][\w-]{0,99}){1,3}\.yaml", re.ASCII | re.IGNORECASE
    ),
}
"""What may be kept: names of letters, digits, `_` and `-`, so no way leads up or to a hidden file."""

PATIENCE = 90.0
"""Seconds that putting in force may take: the command checks everything once more and writes to every partition."""

EXIT_USAGE = 2


class KeepFault(Exception):  # noqa: N818 - named as all our faults
    """It was not kept; the text says why, for the administrator."""


def folder_of(settings: Settings, kind: str) -> Path | None:
    """The operator's folder of rules or entries; `None` when the settings name none."""
    found: Path | None = settings.rules if kind == "rules" else settings.knowledge
    return found


def place(folder: Path, kind: str, path: str) -> Path:
    """Where an entry is kept: below `folder`, also when links stand in the way; else `KeepFault`."""
    if not NAMES[kind].fullmatch(path):
        raise KeepFault(f"{path} is no name that is kept: letters, digits, _ and -, ending in .yaml")
    found = folder / path
    if not found.parent.resolve().is_relative_to(folder.resolve()):
        raise KeepFault(f"{path} leads out of the folder")
    if found.is_symlink():
        raise KeepFault(f"{path} is a link there; links are not written through")
    return found


def mark(folder: Path | None, kind: str, path: str) -> str:
    """What tells a kept file from a later one; empty when there is none."""
    try:
        return hashlib.sha256(place(folder, kind, path).read_bytes()).hexdigest()[:24] if folder else ""
    except (OSError, KeepFault):
        return ""


def write(folder: Path, kind: str, path: str, content: str) -> None:
    """Put the file in its place: whoever reads sees the old text or the new one, also after a crash."""
    target = place(folder, kind, path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        # Its name does not end in .yaml: nobody takes it for an entry while it is written.
        handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _sync(target.parent)
    except OSError as fault:
        raise KeepFault(f"{path} cannot be written in {folder}: {fault.strerror}") from fault


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def put_in_force(settings: Settings, kind: str) -> str:
    """Run the command that puts the folder in force; what it said. `KeepFault` when it did not."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "treatywatch", *COMMANDS[kind], stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=kept | environment(settings),
    )  # fmt: skip
    try:
        said, complained = await asyncio.wait_for(child.communicate(), PATIENCE)
    except BaseException as fault:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        if isinstance(fault, TimeoutError):
            raise KeepFault(f"not done after {PATIENCE:g} s") from None
        raise
    told = said.decode("utf-8", "replace").strip()
    if child.returncode:
        why = told if child.returncode == EXIT_USAGE and told else complained.decode("utf-8", "replace").strip()
        raise KeepFault(why[-2000:] or f"exit code {child.returncode}")
    return told
